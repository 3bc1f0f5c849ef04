package e2e

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief/registry"
	"relieftrail/network/fabric/admin"
	"relieftrail/network/fabric/ca"
	"relieftrail/network/testbed/restclient"
	"relieftrail/network/topology"
)

// robbed is the official whose key is stolen, and thief the name under which the test keeps the copy.
const (
	robbed = "civil-second-preparer"
	thief  = "thief"
)

// testStolenKey: somebody has copied an official's key, certificate and token. The agency ends them alone; the official goes on.
func testStolenKey(t *testing.T) {
	p := straight(t)
	d := p.newDepartment("stolen-registry")
	org := p.agency(robbed)
	stolen := steal(t, org)
	act := func(id string) obj { return caseProgramme(id, 1, 0, d) }
	_, err := p.Endorse(t.Context(), org, thief, "programme:Draft", argument(t, act("stolen1")))
	require.NoError(t, err, "until somebody notices, the copy is as good as the original")
	require.NoError(t, stolen.Get(t.Context(), "/v1/registry", &struct{}{}))

	t.Run("the thief gets no certificate of their own", func(t *testing.T) { officialAtTheAuthority(t, org, thief) })
	t.Run("the contracts and the gateway refuse what the ledger says is revoked", func(t *testing.T) {
		p := p.on(t)
		cert, err := ca.ReadCertificate(org.User(thief).Cert)
		require.NoError(t, err)
		p.do("civil-registrar", "official:Revoke", obj{
			"agency": org.MSPID, "name": robbed, "serials": []string{ca.Serial(cert)}, "reason": "笔记本电脑被盗",
		})
		_, err = p.Endorse(t.Context(), org, thief, "programme:Draft", argument(t, act("stolen2")))
		require.True(t, admin.Refused(err, "FORBIDDEN"), "%v", err)
		requireEnded(t, stolen)
	})
	t.Run("every peer refuses, the token is gone", func(t *testing.T) {
		p := p.on(t)
		for range 2 { // the second time nothing is left to do
			out, err := reliefnet("revoke", robbed, "--org", org.Name, "--reason", "笔记本电脑被盗")
			require.NoError(t, err, out)
			t.Log("\n" + out)
		}
		require.Eventually(t, func() bool { return unauthenticated(stolen) }, time.Second, 10*time.Millisecond)
		p.together()
		for _, at := range p.Topology.NodesOf(topology.KindPeer) {
			_, err := p.EvaluateAt(t.Context(), admin.Member{Organisation: org, User: thief}, at, "registry:Ping")
			require.ErrorContains(t, err, "access denied", at.Name)
		}
		require.True(t, ca.Revoked(org, robbed))
		require.NoFileExists(t, p.Topology.Token(robbed))
		out, err := reliefnet("up")
		require.NoError(t, err, out)
		require.NoFileExists(t, p.Topology.Token(robbed), "a start brings nothing back")
	})
	t.Run("the official goes on with a new certificate and token", func(t *testing.T) {
		p := p.on(t)
		out, err := reliefnet("renew", robbed, "--org", org.Name)
		require.NoError(t, err, out)
		honest := as(t, robbed)
		require.Eventually(t, func() bool {
			return honest.Get(t.Context(), "/v1/registry", &struct{}{}) == nil
		}, 5*time.Second, 20*time.Millisecond, "the gateway takes both over while it runs")
		_, err = honest.Post(t.Context(), "/v1/programmes", "stolen3", act("stolen3"), nil)
		require.NoError(t, err)
		p.do(robbed, "programme:Draft", act("stolen4"))
		_, err = p.Endorse(t.Context(), org, thief, "programme:Draft", argument(t, act("stolen5")))
		require.ErrorContains(t, err, "access denied")
		require.True(t, unauthenticated(stolen))
		require.Equal(t, registry.OfficialActive, p.official(robbed).State)
	})
	t.Run("an official who leaves", func(t *testing.T) { testLeaver(t, p.on(t), act) })
}

// steal copies an official's key, certificate and token, and gives a client that has the token.
func steal(t *testing.T, org *topology.Organisation) *restclient.Client {
	t.Helper()
	from, to := org.User(robbed), org.User(thief)
	require.NoError(t, os.MkdirAll(filepath.Dir(to.Key), 0o700))
	require.NoError(t, os.WriteFile(to.Key, must(os.ReadFile(from.Key)), 0o600))
	require.NoError(t, os.WriteFile(to.Cert, must(os.ReadFile(from.Cert)), 0o600))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(filepath.Dir(to.Key))) })
	return as(t, robbed)
}

func argument(t *testing.T, input obj) string {
	t.Helper()
	text, err := json.Marshal(input)
	require.NoError(t, err)
	return string(text)
}

// officialAtTheAuthority: the authority's port answers the operator only, so that no official's key certifies another.
func officialAtTheAuthority(t *testing.T, org *topology.Organisation, name string) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(org.User(name).Cert, org.User(name).Key)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}, // who answers does not matter here
	}}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		"https://"+org.Node(topology.KindCA).Address()+"/api/v1/reenroll", strings.NewReader("{}"))
	require.NoError(t, err)
	response, err := client.Do(request)
	if err == nil {
		_ = response.Body.Close()
	}
	require.ErrorContains(t, err, "certificate")
}

// requireEnded requires that the gateway refuses a token within a second, and says why.
func requireEnded(t *testing.T, c *restclient.Client) {
	t.Helper()
	require.Eventually(t, func() bool {
		var ended *restclient.Problem
		err := c.Get(t.Context(), "/v1/registry", &struct{}{})
		return errors.As(err, &ended) && ended.Status == http.StatusUnauthorized && strings.HasSuffix(ended.Type, "access-ended")
	}, time.Second, 10*time.Millisecond)
}

func unauthenticated(c *restclient.Client) bool {
	var refused *restclient.Problem
	err := c.Get(context.Background(), "/v1/registry", &struct{}{})
	return errors.As(err, &refused) && refused.Status == http.StatusUnauthorized
}

func (p peers) official(name string) registry.OfficialEntry {
	p.t.Helper()
	b, err := p.Evaluate(p.t.Context(), p.agency(name), "civil-registrar", "official:Get",
		argument(p.t, obj{"agency": p.agency(name).MSPID, "name": name}))
	require.NoError(p.t, err)
	var e registry.OfficialEntry
	require.NoError(p.t, json.Unmarshal(b, &e))
	return e
}

// testLeaver: an official who leaves is retired, and neither the authority nor the contracts know the name any more.
func testLeaver(t *testing.T, p peers, act func(string) obj) {
	const leaver = "civil-leaver"
	org := p.agency(leaver)
	out, err := reliefnet("enrol", "--org", org.Name, "--name", leaver, "--role", "preparer", "--region", "530181")
	require.NoError(t, err, out)
	p.do("civil-registrar", "official:Register", obj{"agency": org.MSPID, "name": leaver, "id": "mz5001"})
	p.do(leaver, "programme:Draft", act("leaver1"))
	out, err = reliefnet("revoke", leaver, "--org", org.Name, "--reason", "离职", "--retire")
	require.NoError(t, err, out)
	require.Equal(t, registry.OfficialRetired, p.official(leaver).State)
	_, err = p.Endorse(t.Context(), org, leaver, "programme:Draft", argument(t, act("leaver2")))
	require.ErrorContains(t, err, "access denied")
	out, err = reliefnet("renew", leaver, "--org", org.Name)
	require.Error(t, err)
	require.Contains(t, out, "retired")
}
