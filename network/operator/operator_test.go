package operator

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"relieftrail/network/fabric/ca"
	"relieftrail/network/host/process"
	"relieftrail/network/topology"
	"relieftrail/network/topology/templates"
)

// operator is one of a development network in a folder whose name needs quoting.
func operator(t *testing.T) *Operator {
	t.Helper()
	dev, err := topology.Load(topology.Options{State: filepath.Join(t.TempDir(), `a "state": folder`)})
	require.NoError(t, err)
	return New(dev, io.Discard)
}

func parsed(t *testing.T, path string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var values map[string]any
	require.NoError(t, yaml.Unmarshal(text, &values), path)
	return values
}

func TestGatewayConfiguration(t *testing.T) {
	o := operator(t)
	finance, err := o.Topology.Organisation("finance")
	require.NoError(t, err)
	gateway := finance.Node(topology.KindGateway)
	process, err := o.gateway(gateway)
	require.NoError(t, err)
	require.Equal(t, []string{"--config", gateway.Config("gateway.yaml")}, process.Args)
	c := parsed(t, gateway.Config("gateway.yaml"))
	require.Equal(t, "FinanceMSP", c["organisation"])
	require.Equal(t, "127.0.0.1:8402", c["listen"])
	require.Equal(t, map[string]any{
		"channel": "relief", "chaincode": "relief", "endpoint": "127.0.0.1:7021", "tls_ca_file": finance.TLSRoot(),
		"tls_cert_file": gateway.TLS().Cert, "tls_key_file": gateway.TLS().Key,
		"server_name": "", "endorsing_organisations": []any{"CivilAffairsMSP", "FinanceMSP", "AuditMSP"},
	}, c["ledger"])
	require.Equal(t, map[string]any{
		"origin": "relieftrail/dev/relief", "log_key_file": finance.LogKey(), "cosigning_key_file": finance.CosigningKey(),
		"peers": []any{
			map[string]any{"agency": "CivilAffairsMSP", "url": "http://127.0.0.1:8401"},
			map[string]any{"agency": "AuditMSP", "url": "http://127.0.0.1:8403"},
		},
	}, c["transparency"])
	var names []any
	for _, p := range c["principals"].([]any) {
		names = append(names, p.(map[string]any)["name"])
		require.Len(t, p, 5)
	}
	require.Equal(t, []any{"finance-registrar", "finance-preparer", "finance-approver"}, names)
}

func TestNodeConfigurationIsYAML(t *testing.T) {
	o := operator(t)
	authority := o.Topology.Organisations[0].Node(topology.KindCA)
	_, err := ca.Process("fabric-ca-server", authority)
	require.NoError(t, err)
	tls := parsed(t, filepath.Join(authority.Dir(), "tls", "fabric-ca-server-config.yaml"))
	require.Equal(t, []any{
		filepath.Join(authority.Dir(), "identity", "fabric-ca-server-config.yaml"),
		filepath.Join(authority.Dir(), "operations", "fabric-ca-server-config.yaml"),
	}, tls["cafiles"])
	require.Equal(t, "127.0.0.1:7018", at(tls, "operations", "listenAddress"))
	require.Nil(t, at(tls, "operations", "tls"), "nobody has issued a certificate yet")
	require.NoError(t, process.WriteFile(authority.TLS().Cert, []byte("a certificate")))
	_, err = ca.Process("fabric-ca-server", authority)
	require.NoError(t, err)
	tls = parsed(t, filepath.Join(authority.Dir(), "tls", "fabric-ca-server-config.yaml"))
	require.Equal(t, true, at(tls, "operations", "tls", "clientCertRequired"))
	require.Equal(t, []any{authority.Organisation.OperationsRoot()}, at(tls, "operations", "tls", "clientCACertFiles"))
	for _, n := range o.Topology.NodesOf(topology.KindPeer, topology.KindOrderer) {
		for _, name := range []string{"core.yaml", "orderer.yaml"} {
			text, err := templates.Render(name, o.values(n))
			require.NoError(t, err)
			require.NoError(t, yaml.Unmarshal(text, &map[string]any{}), name)
		}
	}
}

// Every port of a node asks for a certificate: its own ports for one of the TLS authority, those of its operator for one of
// the authority for operations.
func TestNoPortOfANodeTakesCallersWithoutACertificate(t *testing.T) {
	o := operator(t)
	for _, n := range o.Topology.NodesOf(topology.KindPeer, topology.KindOrderer) {
		name, required, roots := "core.yaml", "clientAuthRequired", "clientRootCAs"
		ports := map[string][]string{"own": {"peer", "tls"}, "operations": {"operations", "tls"}}
		if n.Kind == topology.KindOrderer {
			name, required, roots = "orderer.yaml", "ClientAuthRequired", "ClientRootCAs"
			ports = map[string][]string{"own": {"General", "TLS"}, "operations": {"Operations", "TLS"}, "administration": {"Admin", "TLS"}}
		}
		text, err := templates.Render(name, o.values(n))
		require.NoError(t, err)
		var values map[string]any
		require.NoError(t, yaml.Unmarshal(text, &values))
		for port, path := range ports {
			root := n.Organisation.OperationsRoot()
			if port == "own" {
				root = n.Organisation.TLSRoot()
			}
			section := at(values, path...).(map[string]any)
			require.Equal(t, true, section[required], "%s %s", n.Name, port)
			trusted := section[roots]
			if files, ok := trusted.(map[string]any); ok {
				trusted = files["files"]
			}
			require.Equal(t, []any{root}, trusted, "%s %s", n.Name, port)
		}
	}
	chaincode := o.Topology.Organisations[0].Node(topology.KindChaincode)
	peer := chaincode.Organisation.Node(topology.KindPeer)
	require.Contains(t, o.chaincode(chaincode, "relief:1").Env, "CHAINCODE_TLS_CLIENT_CERT_FILE="+peer.TLS().Cert, "its own peer, nobody else")
}

// at is the value at a path of keys in a document.
func at(values map[string]any, path ...string) any {
	for _, key := range path[:len(path)-1] {
		values, _ = values[key].(map[string]any)
	}
	return values[path[len(path)-1]]
}

func TestSecretsAreMadeOnce(t *testing.T) {
	o := operator(t)
	require.NoError(t, o.secrets())
	first, err := os.ReadFile(o.Topology.Token("civil-preparer"))
	require.NoError(t, err)
	require.Len(t, strings.TrimSpace(string(first)), 64)
	require.NoError(t, o.secrets())
	second, err := os.ReadFile(o.Topology.Token("civil-preparer"))
	require.NoError(t, err)
	require.Equal(t, first, second)
	key, err := os.ReadFile(o.Topology.SubjectKey())
	require.NoError(t, err)
	require.NotEqual(t, first, key)
}

// A folder of the network may hold more than the network: programs, another network.
func TestResetDeletesOnlyWhatTheNetworkWrote(t *testing.T) {
	o := operator(t)
	var said bytes.Buffer
	o.Out = &said
	require.NoError(t, o.Reset(true))
	require.Contains(t, said.String(), "nothing to delete")

	require.NoError(t, o.secrets())
	other := filepath.Join(o.Topology.State, "bin", "peer")
	require.NoError(t, process.WriteFile(other, []byte("a program")))
	require.ErrorContains(t, o.Reset(false), "--yes")
	require.FileExists(t, o.Topology.SubjectKey())
	require.NoError(t, o.Reset(true))
	require.NoFileExists(t, o.Topology.SubjectKey())
	require.FileExists(t, other)
}

func TestStatusBeforeTheFirstUp(t *testing.T) {
	o := operator(t)
	status, err := o.Status(t.Context())
	require.NoError(t, err)
	require.Len(t, status.Nodes, 18)
	require.False(t, status.Up())
	for _, n := range status.Nodes {
		require.Equal(t, Stopped, n.State, n.Node)
		require.NotZero(t, n.Port)
	}
	text, err := json.Marshal(status)
	require.NoError(t, err)
	require.Contains(t, string(text), `"node":"audit/gateway"`)
	stopped, err := o.Down()
	require.NoError(t, err)
	require.Zero(t, stopped)
}

func TestEnrolRefusesBeforeAskingAnAuthority(t *testing.T) {
	o := operator(t)
	for want, c := range map[string]struct {
		org string
		p   topology.Principal
	}{
		"no organisation": {"police", topology.Principal{Name: "a", Role: "reader", Region: "53"}},
		"own identities":  {"audit", topology.Principal{Name: "gateway", Role: "reader", Region: "53"}},
		"region":          {"audit", topology.Principal{Name: "a", Role: "reader", Region: "Yunnan"}},
		"not up":          {"audit", topology.Principal{Name: "a", Role: "reader", Region: "53"}},
	} {
		_, err := o.Enrol(t.Context(), c.org, c.p)
		require.ErrorContains(t, err, want)
	}
}

func TestCosigningKeysAreMadeOnceAndForTheirOwnerOnly(t *testing.T) {
	o := operator(t)
	keys, err := o.cosigningKeys()
	require.NoError(t, err)
	require.Len(t, keys, 6)
	again, err := o.cosigningKeys()
	require.NoError(t, err)
	require.Equal(t, keys, again)
	seen := map[string]bool{}
	for _, k := range keys {
		require.False(t, seen[k.Key])
		seen[k.Key] = true
	}
	finance, err := o.Topology.Organisation("finance")
	require.NoError(t, err)
	for _, path := range []string{finance.CosigningKey(), finance.LogKey()} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
	require.NoError(t, os.WriteFile(finance.LogKey(), []byte("no key"), 0o600))
	_, err = o.cosigningKeys()
	require.ErrorContains(t, err, "finance")
	require.NotContains(t, err.Error(), "no key\n")
}
