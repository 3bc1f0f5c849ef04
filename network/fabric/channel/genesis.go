package channel

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's generation of Fabric's messages needs it
	"github.com/hyperledger/fabric-config/configtx"
	"github.com/hyperledger/fabric-config/configtx/membership"
	"github.com/hyperledger/fabric-config/configtx/orderer"
	"github.com/hyperledger/fabric-protos-go/common"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// Genesis reads the first block of the channel, and makes it when there is none. It is made once: every node that
// joins must start from the same bytes.
func Genesis(t *topology.Topology) (*common.Block, []byte, error) {
	text, err := os.ReadFile(t.Genesis())
	if errors.Is(err, fs.ErrNotExist) {
		return makeGenesis(t)
	}
	if err != nil {
		return nil, nil, err
	}
	block := &common.Block{}
	if err := proto.Unmarshal(text, block); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", t.Genesis(), err)
	}
	return block, text, nil
}

func makeGenesis(t *topology.Topology) (*common.Block, []byte, error) {
	fail := func(err error) (*common.Block, []byte, error) {
		return nil, nil, fmt.Errorf("the first block of channel %s: %w", t.Channel.Name, err)
	}
	settings, err := settings(t)
	if err != nil {
		return fail(err)
	}
	block, err := configtx.NewApplicationChannelGenesisBlock(settings, t.Channel.Name)
	if err != nil {
		return fail(err)
	}
	if err := addAnchors(t, block); err != nil {
		return fail(err)
	}
	text, err := proto.Marshal(block)
	if err != nil {
		return fail(err)
	}
	if err := process.WriteFile(t.Genesis(), text); err != nil {
		return fail(err)
	}
	return block, text, nil
}

// settings is the whole configuration of the channel.
func settings(t *topology.Topology) (configtx.Channel, error) {
	var members, ordering []configtx.Organization
	var consenters []orderer.Consenter
	for _, o := range t.Organisations {
		member, err := organisation(o)
		if err != nil {
			return configtx.Channel{}, fmt.Errorf("%s: %w", o.Name, err)
		}
		members = append(members, member)
		ordering = append(ordering, orderingOrganisation(member, o))
	}
	for _, n := range t.NodesOf(topology.KindOrderer) {
		cert, err := certificate(n.TLS().Cert)
		if err != nil {
			return configtx.Channel{}, fmt.Errorf("%s: %w", n.Name, err)
		}
		consenters = append(consenters, orderer.Consenter{
			Address:       orderer.EtcdAddress{Host: n.Host, Port: n.Port},
			ClientTLSCert: cert, ServerTLSCert: cert,
		})
	}
	return configtx.Channel{
		// What the organisations share changes only when every one of them signs.
		Policies:     policies("ALL Admins"),
		Capabilities: []string{"V3_0"},
		Application: configtx.Application{
			Organizations: members,
			ACLs:          forClients(),
			Capabilities:  []string{"V2_5"},
			Policies: with(policies("ALL Admins"), map[string]configtx.Policy{
				configtx.EndorsementPolicyKey: implicit("ALL Endorsement"),
				// New chaincode, or another endorsement policy, needs every organisation too.
				configtx.LifecycleEndorsementPolicyKey: implicit("ALL Endorsement"),
			}),
		},
		Orderer: configtx.Orderer{
			OrdererType:  orderer.ConsensusTypeEtcdRaft,
			BatchTimeout: t.Channel.BatchTimeout,
			BatchSize: orderer.BatchSize{
				MaxMessageCount: t.Channel.MaxMessages, AbsoluteMaxBytes: t.Channel.AbsoluteBytes,
				PreferredMaxBytes: t.Channel.PreferredBytes,
			},
			EtcdRaft:      raft(consenters),
			Organizations: ordering,
			Capabilities:  []string{"V2_0"},
			State:         orderer.ConsensusStateNormal,
			// Two agencies cannot change how the third's transactions are ordered: that needs all, too. A block is valid when an
			// orderer signed it, and nobody else.
			Policies: with(policies("ALL Admins"), map[string]configtx.Policy{
				configtx.BlockValidationPolicyKey: blockValidation(t),
			}),
		},
	}, nil
}

func raft(consenters []orderer.Consenter) orderer.EtcdRaft {
	return orderer.EtcdRaft{
		Consenters: consenters,
		Options: orderer.EtcdRaftOptions{
			// A leader that is gone is replaced after 1 to 2 seconds.
			TickInterval: "100ms", ElectionTick: 10, HeartbeatTick: 1,
			// What was ordered since the last snapshot stays in an orderer's memory.
			MaxInflightBlocks: 5, SnapshotIntervalSize: 16 << 20,
		},
	}
}

func organisation(o *topology.Organisation) (configtx.Organization, error) {
	root, err := certificate(o.CARoot())
	if err != nil {
		return configtx.Organization{}, err
	}
	tlsRoot, err := certificate(o.TLSRoot())
	if err != nil {
		return configtx.Organization{}, err
	}
	unit := func(name string) membership.OUIdentifier {
		return membership.OUIdentifier{Certificate: root, OrganizationalUnitIdentifier: name}
	}
	return configtx.Organization{
		Name: o.MSPID,
		MSP: configtx.MSP{
			Name:         o.MSPID,
			RootCerts:    []*x509.Certificate{root},
			TLSRootCerts: []*x509.Certificate{tlsRoot},
			CryptoConfig: membership.CryptoConfig{SignatureHashFamily: "SHA2", IdentityIdentifierHashFunction: "SHA256"},
			NodeOUs: membership.NodeOUs{
				Enable:             true,
				ClientOUIdentifier: unit("client"), PeerOUIdentifier: unit("peer"),
				AdminOUIdentifier: unit("admin"), OrdererOUIdentifier: unit("orderer"),
			},
		},
		OrdererEndpoints: []string{o.Node(topology.KindOrderer).Address()},
		Policies: map[string]configtx.Policy{
			// Readers are those who take blocks from orderers and meet in gossip; clients ask their peer (forClients).
			configtx.ReadersPolicyKey:     signature("OR('%[1]s.peer', '%[1]s.admin')", o),
			configtx.WritersPolicyKey:     signature("OR('%[1]s.client', '%[1]s.admin')", o),
			configtx.AdminsPolicyKey:      signature("OR('%[1]s.admin')", o),
			configtx.EndorsementPolicyKey: signature("OR('%[1]s.peer')", o),
		},
	}, nil
}

// forClients are the resources of a peer that clients read by: whoever may propose may read what was committed. Fabric asks
// Readers for them, which would let every client into gossip and to the orderers' blocks.
func forClients() map[string]string {
	const writers = "/Channel/Application/Writers"
	acls := map[string]string{}
	for _, resource := range []string{
		"cscc/GetChannelConfig", "cscc/GetConfigBlock", "event/Block", "event/FilteredBlock", "gateway/CommitStatus",
		"qscc/GetBlockByHash", "qscc/GetBlockByNumber", "qscc/GetBlockByTxID", "qscc/GetChainInfo", "qscc/GetTransactionByID",
	} {
		acls[resource] = writers
	}
	return acls
}

// orderingOrganisation is an organisation in its part as keeper of an orderer. An orderer signs the configuration that it makes
// of an update that administrators signed; an administrator writes there in maintenance mode.
func orderingOrganisation(member configtx.Organization, o *topology.Organisation) configtx.Organization {
	member.Policies = map[string]configtx.Policy{
		configtx.ReadersPolicyKey: signature("OR('%[1]s.orderer', '%[1]s.admin')", o),
		configtx.WritersPolicyKey: signature("OR('%[1]s.orderer', '%[1]s.admin')", o),
		configtx.AdminsPolicyKey:  signature("OR('%[1]s.admin')", o),
	}
	return member
}

// blockValidation asks for the signature of one orderer, of any organisation. Under Raft an orderer alone signs a block.
func blockValidation(t *topology.Topology) configtx.Policy {
	orderers := make([]string, len(t.Organisations))
	for i, o := range t.Organisations {
		orderers[i] = "'" + o.MSPID + ".orderer'"
	}
	return configtx.Policy{Type: configtx.SignaturePolicyType, Rule: "OR(" + strings.Join(orderers, ", ") + ")"}
}

// addAnchors names each organisation's peer to the others in a first block. configtx (v0.0.5) takes anchor peers for a
// new channel and leaves them out of the block; without them peers of different organisations never meet.
func addAnchors(t *topology.Topology, block *common.Block) error {
	envelope, payload, wrapped := &common.Envelope{}, &common.Payload{}, &common.ConfigEnvelope{}
	if err := errors.Join(
		proto.Unmarshal(block.Data.Data[0], envelope),
		proto.Unmarshal(envelope.Payload, payload),
		proto.Unmarshal(payload.Data, wrapped),
	); err != nil {
		return err
	}
	change := configtx.New(wrapped.Config)
	for _, n := range t.NodesOf(topology.KindPeer) {
		anchor := configtx.Address{Host: n.Host, Port: n.Port}
		if err := change.Application().Organization(n.Organisation.MSPID).AddAnchorPeer(anchor); err != nil {
			return err
		}
	}
	wrapped.Config = change.UpdatedConfig()
	var err error
	if payload.Data, err = proto.Marshal(wrapped); err != nil {
		return err
	}
	if envelope.Payload, err = proto.Marshal(payload); err != nil {
		return err
	}
	if block.Data.Data[0], err = proto.Marshal(envelope); err != nil {
		return err
	}
	sum := sha256.Sum256(block.Data.Data[0])
	block.Header.DataHash = sum[:]
	return nil
}

// policies are those that every level of the configuration has.
func policies(admins string) map[string]configtx.Policy {
	return map[string]configtx.Policy{
		configtx.ReadersPolicyKey: implicit("ANY Readers"),
		configtx.WritersPolicyKey: implicit("ANY Writers"),
		configtx.AdminsPolicyKey:  implicit(admins),
	}
}

func with(base, more map[string]configtx.Policy) map[string]configtx.Policy {
	for name, policy := range more {
		base[name] = policy
	}
	return base
}

func implicit(rule string) configtx.Policy {
	return configtx.Policy{Type: configtx.ImplicitMetaPolicyType, Rule: rule}
}

func signature(form string, o *topology.Organisation) configtx.Policy {
	return configtx.Policy{Type: configtx.SignaturePolicyType, Rule: fmt.Sprintf(form, o.MSPID)}
}

func certificate(path string) (*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s: is not PEM", path)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return cert, nil
}
