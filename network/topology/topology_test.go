package topology

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/network/topology/templates"
)

func TestDevTopology(t *testing.T) {
	dev, err := Load(Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"CivilAffairsMSP", "FinanceMSP", "AuditMSP"}, dev.MSPIDs())
	require.Equal(t, 100*time.Millisecond, dev.Channel.BatchTimeout)
	require.True(t, dev.Test)
	text, err := templates.DevTopology()
	require.NoError(t, err)
	earnest, err := parse([]byte(strings.Replace(string(text), "test: true\n", "", 1)), Options{})
	require.NoError(t, err)
	require.False(t, earnest.Test, "a network is in earnest unless its topology says otherwise")
	require.True(t, filepath.IsAbs(dev.State))
	civil, err := dev.Organisation("civil-affairs")
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:7011", civil.Node(KindPeer).Address())
	require.Equal(t, "http://127.0.0.1:8401", civil.Node(KindGateway).URL())
	require.Equal(t, filepath.Join(dev.State, "orgs", "civil-affairs", "users", "civil-preparer", "cert.pem"), civil.User("civil-preparer").Cert)
	require.Contains(t, civil.Principals, Principal{Name: "civil-other-county", ID: "mz1008", Role: "preparer", Region: "530129"})
	_, err = dev.Organisation("police")
	require.ErrorContains(t, err, `no organisation "police"`)
}

func TestEnvironmentAndFlags(t *testing.T) {
	t.Setenv("RELIEFNET_PORT_OFFSET", "1000")
	t.Setenv("RELIEFNET_NODES_DIR", "/opt/fabric/bin")
	t.Setenv("RELIEFNET_GATEWAY_PACKAGE", "")
	state := t.TempDir()
	dev, err := Load(Options{State: state})
	require.NoError(t, err)
	require.Equal(t, state, dev.State)
	require.Equal(t, "/opt/fabric/bin", dev.NodeSettings.Dir)
	require.Empty(t, dev.Gateway.Package, "an empty setting is a setting")
	require.Equal(t, 8011, dev.Organisations[0].Node(KindPeer).Port)

	offset := 2000
	dev, err = Load(Options{PortOffset: &offset})
	require.NoError(t, err)
	require.Equal(t, 9011, dev.Organisations[0].Node(KindPeer).Port, "a flag wins over the environment")
}

func TestTopologyFile(t *testing.T) {
	_, err := Load(Options{File: filepath.Join(t.TempDir(), "none.yaml")})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestBadTopologies(t *testing.T) {
	text, err := templates.DevTopology()
	require.NoError(t, err)
	good := string(text)
	for name, bad := range map[string]struct{ from, to, want string }{
		"unknown key":          {"name: dev\n", "name: dev\nnames: dev\n", "names"},
		"unknown nested key":   {"peer: {port: 7011,", "peer: {port: 7011, prot: 1,", "prot"},
		"port of another kind": {"ca: {port: 7010,", "ca: {port: 7010, admin_port: 1,", "admin_port"},
		"test a word":          {"test: true", "test: perhaps", "test"},
		"not YAML":             {"name: dev\n", "name: [dev\n", "yaml"},
		"no name":              {"name: dev\n", "name: \"\"\n", "name"},
		"bad organisation":     {"name: finance\n", "name: ../finance\n", "name"},
		"port twice":           {"ca: {port: 7020", "ca: {port: 7010", "port 127.0.0.1:7010 is used twice"},
		"port of two kinds":    {"gateway: {port: 8402}", "gateway: {port: 7021}", "is used twice"},
		"no port":              {"chaincode: {port: 7017}", "chaincode: {port: 0}", "chaincode.port"},
		"port too high":        {"port_offset: 0", "port_offset: 60000", "is not a port"},
		"port a word":          {"gateway: {port: 8402}", "gateway: {port: high}", "port"},
		"msp twice":            {"msp_id: AuditMSP", "msp_id: FinanceMSP", "msp_id FinanceMSP is used twice"},
		"organisation twice":   {"name: audit\n", "name: finance\n", "organisation finance is used twice"},
		"principal twice":      {"name: audit-reader", "name: finance-preparer", "principal finance-preparer is used twice"},
		"principal reserved":   {"name: audit-reader", "name: admin", "own identities"},
		"role in capitals":     {"role: reader", "role: Reader", "role"},
		"region no code":       {`region: "530181"`, `region: Anning`, "region"},
		"no staff number":      {"id: sj3002, ", "", "audit-reader: id"},
		"staff number":         {"id: sj3002", "id: SJ 3002", "audit-reader: id"},
		"registrar unknown":    {"registrar: audit-registrar", "registrar: nobody", "registrar"},
		"batch without wait":   {"batch_timeout: 100ms", "batch_timeout: 0s", "batch_timeout"},
		"batch time a word":    {"batch_timeout: 100ms", "batch_timeout: soon", "batch_timeout"},
		"block too big":        {"absolute_bytes: 8388608", "absolute_bytes: 16777216", "absolute_bytes"},
		"preferred too big":    {"preferred_bytes: 8388608", "preferred_bytes: 8388609", "preferred_bytes"},
		"no messages":          {"max_messages: 500", "max_messages: 0", "max_messages"},
		"no policy":            {"endorsement: AND('CivilAffairsMSP.peer','FinanceMSP.peer','AuditMSP.peer')", `endorsement: ""`, "chaincode.endorsement"},
		"time zone":            {"timezone: Asia/Shanghai", "timezone: Asia/Kunming", "timezone"},
		"memory of a printer":  {"    peer: 512MiB", "    printer: 192MiB", "printer"},
		"memory without unit":  {"    peer: 512MiB", "    peer: 192", "nodes.memory.peer"},
		"gogc":                 {"    peer: 200", "    peer: 1", "nodes.gogc.peer"},
		"gogc of a printer":    {"    peer: 200", "    printer: 50", "printer"},
		"no organisations":     {good[strings.Index(good, "organisations:"):], "organisations: []\n", "organisations"},
		"cache and dir empty":  {"cache: .relieftrail/bin", `cache: ""`, "nodes.cache"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, good, bad.from)
			_, err := parse([]byte(strings.ReplaceAll(good, bad.from, bad.to)), Options{})
			require.ErrorContains(t, err, bad.want)
			require.NotContains(t, err.Error(), "\n", "one line")
		})
	}
}

func TestNodes(t *testing.T) {
	dev, err := Load(Options{})
	require.NoError(t, err)
	require.Len(t, dev.NodesOf(Kinds...), 18)
	require.Equal(t, []string{"civil-affairs/orderer", "civil-affairs/peer", "finance/orderer", "finance/peer", "audit/orderer", "audit/peer"},
		Names(dev.NodesOf(KindPeer, KindOrderer)), "organisation by organisation, in the order of Kinds")
	orderer, err := dev.Node("finance/orderer")
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:7024", orderer.Address())
	require.Equal(t, "127.0.0.1:7025", orderer.AdminAddress())
	require.Equal(t, "127.0.0.1:7026", orderer.OperationsAddress())
	require.Equal(t, "FinanceMSP", orderer.Organisation.MSPID)
	require.Same(t, orderer, orderer.Organisation.Node(KindOrderer))
	require.Equal(t, filepath.Join(dev.State, "orgs", "finance", "orderer", "tls", "cert.pem"), orderer.TLS().Cert)
	require.Equal(t, filepath.Join(dev.State, "orgs", "finance", "logs", "orderer.log"), orderer.LogFile())
	_, err = dev.Node("finance/printer")
	require.ErrorContains(t, err, "there are civil-affairs/ca, ")

	t.Setenv("RELIEFNET_GATEWAY_PACKAGE", "")
	bare, err := Load(Options{})
	require.NoError(t, err)
	require.Empty(t, bare.NodesOf(KindGateway), "no gateway runs in a network without gateways")
	require.Nil(t, bare.Organisations[0].Node(KindGateway))
}

func TestProfilesAreServedOnTheLoopbackAddressWhenAskedFor(t *testing.T) {
	dev, err := Load(Options{})
	require.NoError(t, err)
	peer := dev.Organisations[0].Node(KindPeer)
	require.Empty(t, dev.ProfileAddress(peer))
	t.Setenv("RELIEFNET_NODES_PROFILE_OFFSET", "1000")
	profiled, err := Load(Options{})
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:8011", profiled.ProfileAddress(peer))
}
