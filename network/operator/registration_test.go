package operator

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/network/fabric/ca"
	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// withoutRA takes the registration authorities out of a network.
func withoutRA(o *Operator) {
	for _, org := range o.Topology.Organisations {
		org.Nodes = slices.DeleteFunc(org.Nodes, func(n *topology.Node) bool { return n.Kind == topology.KindRA })
	}
}

// TestTheAuthoritiesPortTakesTwoClients: the operator, and the registration authority where there is one.
func TestTheAuthoritiesPortTakesTwoClients(t *testing.T) {
	trusted := func(o *Operator) any {
		n := o.Topology.Organisations[0].Node(topology.KindCA)
		_, err := ca.Process("fabric-ca-server", n)
		require.NoError(t, err)
		return at(parsed(t, filepath.Join(n.Dir(), "tls", "fabric-ca-server-config.yaml")), "tls", "clientauth", "certfiles")
	}
	o := operator(t)
	org := o.Topology.Organisations[0]
	require.Equal(t, []any{org.CAOperator().Cert, org.RAClient().Cert}, trusted(o))
	for _, pair := range []topology.KeyPair{org.CAOperator(), org.RAClient()} {
		cert, err := ca.ReadCertificate(pair.Cert)
		require.NoError(t, err)
		require.NoError(t, cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature), "it is its own root")
		require.False(t, cert.IsCA, "nothing is under it")
	}
	o = operator(t)
	withoutRA(o)
	require.Equal(t, []any{o.Topology.Organisations[0].CAOperator().Cert}, trusted(o))
}

// TestOfficialsEnrolWhereThereIsAProvider: a gateway's settings name the door when its agency has a provider, too.
func TestOfficialsEnrolWhereThereIsAProvider(t *testing.T) {
	settings := func(o *Operator) map[string]any {
		require.NoError(t, o.secrets())
		n := o.Topology.Organisations[0].Node(topology.KindGateway)
		_, err := o.gateway(n)
		require.NoError(t, err)
		return parsed(t, n.Config("gateway.yaml"))
	}
	o := operator(t)
	require.NotContains(t, settings(o), "enrolment")
	org := o.Topology.Organisations[0]
	org.OIDC = map[string]any{"issuer": "https://id.example.cn"}
	got := settings(o)
	require.Equal(t, map[string]any{"url": "https://127.0.0.1:7019", "key_file": org.OfficialsKey()}, got["enrolment"])
	require.Equal(t, "https://id.example.cn", at(got, "oidc", "issuer"))
	withoutRA(o)
	require.NotContains(t, settings(o), "enrolment")
}

func TestWhoIsNotInvited(t *testing.T) {
	o := operator(t)
	org := o.Topology.Organisations[0]
	liWei := topology.Principal{Name: "li-wei", Role: "preparer", Region: "530181"}
	invite := func(p topology.Principal) error { return o.Invite(t.Context(), org.Name, p, time.Now().Add(time.Hour)) }
	require.ErrorContains(t, invite(topology.Principal{Name: "admin", Role: "preparer", Region: "53"}), "own identities")
	require.ErrorContains(t, invite(topology.Principal{Name: "ra", Role: "preparer", Region: "53"}), "own identities")
	require.ErrorContains(t, invite(topology.Principal{Name: "../li-wei", Role: "preparer", Region: "53"}), "name")
	require.ErrorContains(t, invite(liWei), "not up")
	require.NoError(t, process.WriteFile(org.User("civil-preparer").Cert, []byte("a certificate")))
	require.ErrorContains(t, invite(topology.Principal{Name: "civil-preparer", Role: "preparer", Region: "53"}), "whose key the operator made")
	require.ErrorContains(t, o.Invite(t.Context(), "nobody", liWei, time.Now()), "no organisation")
	withoutRA(o)
	require.ErrorContains(t, invite(liWei), "no registration authority")
}
