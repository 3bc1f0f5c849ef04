// Package admin speaks to a running network: to each organisation's own peer, as one of its identities.
package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	mspclient "github.com/hyperledger/fabric-sdk-go/pkg/client/msp"
	"github.com/hyperledger/fabric-sdk-go/pkg/client/resmgmt"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/logging"
	contextapi "github.com/hyperledger/fabric-sdk-go/pkg/common/providers/context"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/fab"
	"github.com/hyperledger/fabric-sdk-go/pkg/common/providers/msp"
	sdkcontext "github.com/hyperledger/fabric-sdk-go/pkg/context"
	"github.com/hyperledger/fabric-sdk-go/pkg/core/config"
	"github.com/hyperledger/fabric-sdk-go/pkg/fab/comm"
	"github.com/hyperledger/fabric-sdk-go/pkg/fabsdk"

	"relieftrail/network/topology"
)

// Network is a connection to all organisations of a topology.
type Network struct {
	Topology *topology.Topology

	sdk *fabsdk.FabricSDK
}

// Connect prepares a connection; nothing is dialled before it is needed. The organisations must be enrolled.
func Connect(t *topology.Topology) (*Network, error) {
	profile, err := json.Marshal(profile(t))
	if err != nil {
		return nil, err
	}
	sdk, err := fabsdk.New(config.FromRaw(profile, "json"))
	if err != nil {
		return nil, fmt.Errorf("connecting to network %s: %w", t.Name, err)
	}
	return &Network{Topology: t, sdk: sdk}, nil
}

// Quiet keeps the SDK from telling its own story line by line; ours is in the errors.
func Quiet() {
	for _, module := range []string{"fabsdk", "fabsdk/client", "fabsdk/common", "fabsdk/core", "fabsdk/fab", "fabsdk/msp", "fabsdk/util"} {
		logging.SetLevel(module, logging.CRITICAL)
	}
}

// Close ends the connection.
func (n *Network) Close() { n.sdk.Close() }

// Admin manages the channel and chaincode as an organisation's administrator.
func (n *Network) Admin(o *topology.Organisation) (*resmgmt.Client, error) {
	provider, err := n.provider(o, topology.Admin)
	if err != nil {
		return nil, err
	}
	return resmgmt.New(provider)
}

// PeerKey and OrdererKey are the names that the SDK knows an organisation's nodes by.
func PeerKey(o *topology.Organisation) string { return "peer-" + o.Name }

// OrdererKey is the orderer's.
func OrdererKey(o *topology.Organisation) string { return "orderer-" + o.Name }

// provider makes the SDK's context of one of an organisation's identities.
func (n *Network) provider(o *topology.Organisation, user string) (contextapi.ClientProvider, error) {
	signer, err := n.signer(o, user)
	if err != nil {
		return nil, err
	}
	return n.sdk.Context(fabsdk.WithIdentity(signer), fabsdk.WithOrg(o.Name)), nil
}

func (n *Network) signer(o *topology.Organisation, user string) (msp.SigningIdentity, error) {
	pair := o.User(user)
	cert, err := os.ReadFile(pair.Cert)
	if err != nil {
		return nil, fmt.Errorf("identity %s of %s: %w", user, o.Name, err)
	}
	key, err := os.ReadFile(pair.Key)
	if err != nil {
		return nil, fmt.Errorf("identity %s of %s: %w", user, o.Name, err)
	}
	members, err := mspclient.New(n.sdk.Context(), mspclient.WithOrg(o.Name))
	if err != nil {
		return nil, fmt.Errorf("identity %s of %s: %w", user, o.Name, err)
	}
	signer, err := members.CreateSigningIdentity(msp.WithCert(cert), msp.WithPrivateKey(key))
	if err != nil {
		return nil, fmt.Errorf("identity %s of %s: %w", user, o.Name, err)
	}
	return signer, nil
}

// request is an SDK context for one request of an identity to some peers.
func (n *Network) request(ctx context.Context, o *topology.Organisation, user string) (contextapi.Client, context.Context, context.CancelFunc, error) {
	provider, err := n.provider(o, user)
	if err != nil {
		return nil, nil, nil, err
	}
	client, err := provider()
	if err != nil {
		return nil, nil, nil, fmt.Errorf("identity %s of %s: %w", user, o.Name, err)
	}
	timeout := requestTimeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = min(timeout, max(time.Until(deadline), time.Millisecond))
	}
	request, cancel := sdkcontext.NewRequest(client, sdkcontext.WithParent(ctx), sdkcontext.WithTimeout(timeout))
	return client, request, cancel, nil
}

const requestTimeout = 20 * time.Second

// peers are the peers of some organisations.
func peers(client contextapi.Client, organisations ...*topology.Organisation) ([]fab.ProposalProcessor, error) {
	var targets []fab.ProposalProcessor
	for _, o := range organisations {
		known, err := comm.NetworkPeerConfig(client.EndpointConfig(), PeerKey(o))
		if err != nil {
			return nil, err
		}
		peer, err := client.InfraProvider().CreatePeerFromConfig(known)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.NodeName(topology.KindPeer), err)
		}
		targets = append(targets, peer)
	}
	return targets, nil
}

// All are pointers to a topology's organisations.
func All(t *topology.Topology) []*topology.Organisation {
	all := make([]*topology.Organisation, len(t.Organisations))
	for i := range t.Organisations {
		all[i] = &t.Organisations[i]
	}
	return all
}
