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

	// sdks are by organisation: each calls with a TLS certificate of its own.
	sdks map[string]*fabsdk.FabricSDK
}

// Connect prepares a connection; nothing is dialled before it is needed. The organisations must be enrolled.
func Connect(t *topology.Topology) (*Network, error) {
	n := &Network{Topology: t, sdks: map[string]*fabsdk.FabricSDK{}}
	for _, o := range t.Organisations {
		profile, err := json.Marshal(profile(t, o))
		if err != nil {
			n.Close()
			return nil, err
		}
		sdk, err := fabsdk.New(config.FromRaw(profile, "json"))
		if err != nil {
			n.Close()
			return nil, fmt.Errorf("connecting to network %s as %s: %w", t.Name, o.Name, err)
		}
		n.sdks[o.Name] = sdk
	}
	return n, nil
}

// Quiet turns the SDK's log off: what went wrong is in the errors.
func Quiet() {
	for _, module := range []string{
		"fabsdk", "fabsdk/client", "fabsdk/common", "fabsdk/core", "fabsdk/fab", "fabsdk/msp", "fabsdk/util",
	} {
		logging.SetLevel(module, logging.CRITICAL)
	}
}

// Close ends the connection.
func (n *Network) Close() {
	for _, sdk := range n.sdks {
		sdk.Close()
	}
}

// Admin manages the channel and chaincode as an organisation's administrator.
func (n *Network) Admin(o *topology.Organisation) (*resmgmt.Client, error) {
	provider, err := n.provider(o, topology.Admin)
	if err != nil {
		return nil, err
	}
	return resmgmt.New(provider)
}

// Key is the name of a peer or orderer in the SDK.
func Key(n *topology.Node) string { return n.ID + "-" + n.Organisation.Name }

// Keys are the names of peers or orderers in the SDK.
func Keys(nodes []*topology.Node) []string {
	keys := make([]string, len(nodes))
	for i, n := range nodes {
		keys[i] = Key(n)
	}
	return keys
}

// provider makes the SDK's context of one of an organisation's identities.
func (n *Network) provider(o *topology.Organisation, user string) (contextapi.ClientProvider, error) {
	signer, err := n.signer(o, user)
	if err != nil {
		return nil, err
	}
	return n.sdks[o.Name].Context(fabsdk.WithIdentity(signer), fabsdk.WithOrg(o.Name)), nil
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
	members, err := mspclient.New(n.sdks[o.Name].Context(), mspclient.WithOrg(o.Name))
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
func (n *Network) request(
	ctx context.Context, o *topology.Organisation, user string,
) (contextapi.Client, context.Context, context.CancelFunc, error) {
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

// processors are peers in the SDK's form.
func processors(client contextapi.Client, peers ...*topology.Node) ([]fab.ProposalProcessor, error) {
	var targets []fab.ProposalProcessor
	for _, n := range peers {
		known, err := comm.NetworkPeerConfig(client.EndpointConfig(), Key(n))
		if err != nil {
			return nil, err
		}
		peer, err := client.InfraProvider().CreatePeerFromConfig(known)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n.Name, err)
		}
		targets = append(targets, peer)
	}
	return targets, nil
}
