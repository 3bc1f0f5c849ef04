package channel

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // of fabric-protos-go
	"github.com/hyperledger/fabric-config/configtx"
	"github.com/hyperledger/fabric-config/configtx/orderer"
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/stretchr/testify/require"

	"relieftrail/network/fabric/fabrictest"
	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// configuration is what a first block makes the channel's configuration.
func configuration(t *testing.T, block *common.Block) configtx.ConfigTx {
	t.Helper()
	envelope, payload, config := &common.Envelope{}, &common.Payload{}, &common.ConfigEnvelope{}
	require.NoError(t, proto.Unmarshal(block.Data.Data[0], envelope))
	require.NoError(t, proto.Unmarshal(envelope.Payload, payload))
	require.NoError(t, proto.Unmarshal(payload.Data, config))
	return configtx.New(config.Config)
}

func TestGenesis(t *testing.T) {
	top := fabrictest.Topology(t)
	block, text, err := Genesis(top)
	require.NoError(t, err)
	require.Zero(t, block.Header.Number)
	sum := sha256.Sum256(block.Data.Data[0])
	require.Equal(t, sum[:], block.Header.DataHash, "adding the anchor peers changed the data")
	c := configuration(t, block)

	t.Run("blocks are cut as the topology says", func(t *testing.T) {
		settings, err := c.Orderer().Configuration()
		require.NoError(t, err)
		require.Equal(t, 100*time.Millisecond, settings.BatchTimeout)
		size := orderer.BatchSize{MaxMessageCount: 500, AbsoluteMaxBytes: 8 << 20, PreferredMaxBytes: 8 << 20}
		require.Equal(t, size, settings.BatchSize)
	})
	t.Run("every orderer is a consenter, with its own certificate", func(t *testing.T) {
		settings, err := c.Orderer().Configuration()
		require.NoError(t, err)
		require.Equal(t, orderer.ConsensusTypeEtcdRaft, settings.OrdererType)
		nodes := top.NodesOf(topology.KindOrderer)
		require.Len(t, settings.EtcdRaft.Consenters, len(nodes))
		for i, n := range nodes {
			consenter := settings.EtcdRaft.Consenters[i]
			require.Equal(t, orderer.EtcdAddress{Host: n.Host, Port: n.Port}, consenter.Address)
			want, err := certificate(n.TLS().Cert)
			require.NoError(t, err)
			require.True(t, want.Equal(consenter.ServerTLSCert))
			require.True(t, want.Equal(consenter.ClientTLSCert))
		}
	})
	t.Run("every organisation is a member, with its roots, its orderer and its anchor peer", func(t *testing.T) {
		for _, o := range top.Organisations {
			member, err := c.Application().Organization(o.MSPID).Configuration()
			require.NoError(t, err)
			root, err := certificate(o.CARoot())
			require.NoError(t, err)
			require.Len(t, member.MSP.RootCerts, 1)
			require.True(t, root.Equal(member.MSP.RootCerts[0]))
			require.True(t, member.MSP.NodeOUs.Enable, "peers are told from clients")
			anchors, err := c.Application().Organization(o.MSPID).AnchorPeers()
			require.NoError(t, err)
			peer := o.Node(topology.KindPeer)
			require.Equal(t, []configtx.Address{{Host: peer.Host, Port: peer.Port}}, anchors)
			orders, err := c.Orderer().Organization(o.MSPID).Configuration()
			require.NoError(t, err)
			require.Equal(t, []string{o.Node(topology.KindOrderer).Address()}, orders.OrdererEndpoints)
		}
	})
	t.Run("what is shared changes only when all agree", func(t *testing.T) {
		channel, err := c.Channel().Policies()
		require.NoError(t, err)
		require.Equal(t, "ALL Admins", channel[configtx.AdminsPolicyKey].Rule)
		application, err := c.Application().Policies()
		require.NoError(t, err)
		for policy, rule := range map[string]string{
			configtx.AdminsPolicyKey: "ALL Admins", configtx.EndorsementPolicyKey: "ALL Endorsement",
			configtx.LifecycleEndorsementPolicyKey: "ALL Endorsement", configtx.ReadersPolicyKey: "ANY Readers",
		} {
			require.Equal(t, rule, application[policy].Rule, policy)
		}
	})
	t.Run("only nodes that order sign blocks, and only all agencies change how", func(t *testing.T) {
		policies, err := c.Orderer().Policies()
		require.NoError(t, err)
		require.Equal(t, "ALL Admins", policies[configtx.AdminsPolicyKey].Rule)
		require.Equal(t, configtx.SignaturePolicyType, policies[configtx.BlockValidationPolicyKey].Type)
		require.Equal(t, "OR('CivilAffairsMSP.orderer', 'FinanceMSP.orderer', 'AuditMSP.orderer')", blockValidation(top).Rule)
		for _, o := range top.Organisations {
			member, err := c.Orderer().Organization(o.MSPID).Policies()
			require.NoError(t, err)
			for policy, by := range map[string][]string{
				configtx.ReadersPolicyKey: {".orderer", ".admin"}, configtx.WritersPolicyKey: {".orderer", ".admin"},
				configtx.AdminsPolicyKey: {".admin"},
			} {
				for _, unit := range []string{".member", ".client", ".peer", ".orderer", ".admin"} {
					require.Equal(t, slices.Contains(by, unit), strings.Contains(member[policy].Rule, o.MSPID+unit), "%s %s", policy, unit)
				}
			}
		}
	})
	t.Run("it is made once", func(t *testing.T) {
		again, same, err := Genesis(top)
		require.NoError(t, err)
		require.Equal(t, text, same, "every node must start from the same bytes")
		require.True(t, proto.Equal(block, again))
	})
}

func TestGenesisRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		damaged func(top *topology.Topology) (path string)
		want    string
	}{
		"an organisation without a root": {
			func(top *topology.Topology) string { return top.Organisations[1].CARoot() }, "finance: ",
		},
		"an orderer without a certificate": {
			func(top *topology.Topology) string { return top.NodesOf(topology.KindOrderer)[2].TLS().Cert }, "audit/orderer: ",
		},
		"a block that cannot be read": {(*topology.Topology).Genesis, "relief.block: "},
	} {
		t.Run(name, func(t *testing.T) {
			top := fabrictest.Topology(t)
			require.NoError(t, process.WriteFile(c.damaged(top), []byte("not what belongs here")))
			_, _, err := Genesis(top)
			require.ErrorContains(t, err, c.want)
		})
	}
}
