package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"relieftrail/chaincode/relief/registry"
	"relieftrail/network/fabric/ca"
	"relieftrail/network/testbed/signin"
	"relieftrail/network/topology"
	"relieftrail/network/topology/templates"
)

// reception is civil affairs' gateway with a real provider, and who comes to it for the first time.
type reception struct {
	*testing.T
	*budget
	peers
	org      *topology.Organisation
	gateway  string
	newcomer string
	network  string // the topology with the provider
}

// testFirstSignIn: an official whom the operator has invited and the registrar has registered signs in, without a restart and without an
// edited file, and approves a list. Whoever lacks one of the three does not come in.
func testFirstSignIn(t *testing.T) {
	b := newBudget(t, "enrolment", nil)
	people := homes(21500, 2)
	b.enrol("2026-01", people...)
	b.list("enrolment-10", "2026-10", listOf("2026-10", people...), nil)
	b.post("civil-preparer", "/v1/batches/enrolment-10/seal", obj{}, nil)
	p := straight(t)
	r := &reception{T: t, budget: b, peers: p, org: p.agency("civil"), gateway: gatewayURL("civil"), newcomer: "civil-new-" + time.Now().Format("150405")}
	r.openProvider()
	before := r.gatewayPID()

	require.Equal(t, "/problems/forbidden", r.comes(r.newcomer), "nobody knows them")
	registered := func(name, id string) {
		_, err := as(t, "civil-registrar").Post(t.Context(), "/v1/officials", "register-"+name, obj{"agency": r.org.MSPID, "name": name, "id": id}, nil)
		require.NoError(t, err)
	}
	r.run("invite", "--org", r.org.Name, "--name", r.newcomer, "--role", "approver", "--region", monthCounty)
	require.Equal(t, "/problems/forbidden", r.comes(r.newcomer), "the operator alone lets nobody in")
	invitation := filepath.Join(r.org.Invitations(), r.newcomer, "invitation.json")
	require.FileExists(t, invitation, "and the invitation is not used up")
	registered("civil-uninvited", "uninvited")
	require.Eventually(t, func() bool { return r.detail("civil-uninvited") }, 10*time.Second, 200*time.Millisecond, "the registrar alone lets nobody in")

	registered(r.newcomer, "new-"+r.newcomer)
	browser := signin.NewBrowser(t, r.gateway)
	require.Eventually(t, func() bool {
		return browser.SignIn(r.newcomer, signin.Password(r.newcomer)).Request.URL.Path == "/gateway"
	}, 20*time.Second, 200*time.Millisecond)
	session, _ := browser.Session()
	require.Equal(t, r.newcomer, session.Official)
	require.Equal(t, "approver", session.Role)
	require.NoFileExists(t, invitation)
	status, answer := browser.Post("/v1/batches/enrolment-10/approve", "enrolment-approve", obj{})
	require.Equal(t, http.StatusOK, status, string(answer))
	require.Equal(t, before, r.gatewayPID(), "nothing was restarted")

	first := r.certificate()
	t.Run("the key is kept sealed", func(t *testing.T) {
		text := string(must(os.ReadFile(filepath.Join(state, "orgs", r.org.Name, "gateway", "data", "officials.db"))))
		require.Contains(t, text, r.newcomer)
		require.NotContains(t, text, "PRIVATE KEY")
		require.NoFileExists(t, r.org.User(r.newcomer).Key)
		require.NoFileExists(t, p.Topology.Token(r.newcomer))
	})
	t.Run("the next sign-in needs no authority, nor does one after a crash", func(t *testing.T) {
		r := r.on(t)
		stopNode(t, r.org.Name+"/ra")
		require.Equal(t, "/gateway", r.comes(r.newcomer))
		stopNode(t, r.org.Name+"/gateway")
		r.run("up", "--topology", r.network)
		r.ready()
		_, status := browser.Session()
		require.Equal(t, http.StatusOK, status, "the session is there still")
		require.Equal(t, "/gateway", r.comes(r.newcomer))
		require.Equal(t, first, r.certificate())
	})
	t.Run("revoked, and invited again", func(t *testing.T) {
		r := r.on(t)
		r.run("revoke", r.newcomer, "--org", r.org.Name, "--reason", "电脑被盗")
		require.Eventually(t, func() bool { _, status := browser.Session(); return status == http.StatusUnauthorized }, 10*time.Second, 50*time.Millisecond)
		require.Equal(t, "/problems/access-ended", r.comes(r.newcomer))
		r.run("renew", r.newcomer, "--org", r.org.Name)
		require.Equal(t, "/gateway", r.comes(r.newcomer))
		require.NotEqual(t, first, r.certificate())
		require.Equal(t, registry.OfficialActive, r.official(r.newcomer).State)
	})
	t.Run("retired", func(t *testing.T) {
		r := r.on(t)
		r.run("renew", r.newcomer, "--org", r.org.Name) // an invitation that has not been used
		r.run("revoke", r.newcomer, "--org", r.org.Name, "--reason", "离职", "--retire")
		require.Eventually(t, func() bool { return r.comes(r.newcomer) == "/problems/access-ended" }, 10*time.Second, 100*time.Millisecond)
		require.NoFileExists(t, invitation)
		log := filepath.Join(state, "orgs", r.org.Name, "logs", "gateway.log")
		require.Eventually(t, func() bool {
			return strings.Contains(string(must(os.ReadFile(log))), "the key of a retired official was deleted")
		}, 10*time.Second, 100*time.Millisecond)
		out, err := reliefnet("invite", "--org", r.org.Name, "--name", r.newcomer, "--role", "approver", "--region", monthCounty)
		require.Error(t, err)
		require.Contains(t, out, "is retired")
	})
}

func (r *reception) on(t *testing.T) *reception {
	here := *r
	here.T, here.peers = t, r.peers.on(t)
	return &here
}

func (r *reception) run(args ...string) {
	r.Helper()
	out, err := reliefnet(args...)
	require.NoError(r, err, out)
}

// openProvider gives civil affairs' gateway a provider that knows the newcomer.
func (r *reception) openProvider() {
	r.Helper()
	issuer := signin.Start(r.T, root, r.gateway, r.newcomer, "civil-uninvited")
	secret := filepath.Join(r.TempDir(), "client.secret")
	require.NoError(r, os.WriteFile(secret, []byte(signin.Secret+"\n"), 0o600))
	var network obj
	require.NoError(r, yaml.Unmarshal(must(templates.DevTopology()), &network))
	civil := network["organisations"].([]any)[0].(obj)
	civil["oidc"] = obj{"issuer": issuer, "client_id": signin.Client, "client_secret_file": secret}
	civil["sessions"] = obj{"url": r.gateway}
	r.network = filepath.Join(r.TempDir(), "network.yaml")
	require.NoError(r, os.WriteFile(r.network, must(yaml.Marshal(network)), 0o600))
	r.run("up", "--topology", r.network)
	r.Cleanup(func() { _, _ = reliefnet("up") })
	r.ready()
}

// ready waits until the gateway knows its provider.
func (r *reception) ready() {
	r.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	require.Eventually(r, func() bool {
		answer, err := client.Get(r.gateway + "/session/start")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusSeeOther
	}, 20*time.Second, 50*time.Millisecond)
}

// comes signs somebody in with a new browser, and gives the page to which they come.
func (r *reception) comes(name string) string {
	r.Helper()
	return signin.NewBrowser(r.T, r.gateway).SignIn(name, signin.Password(name)).Request.URL.Path
}

// detail reports whether somebody is told that an invitation is missing.
func (r *reception) detail(name string) bool {
	r.Helper()
	log := filepath.Join(state, "orgs", r.org.Name, "logs", "gateway.log")
	return r.comes(name) == "/problems/forbidden" && strings.Contains(string(must(os.ReadFile(log))), "the official is not invited")
}

func (r *reception) gatewayPID() int {
	r.Helper()
	for _, n := range status(r.T) {
		if n.Node == r.org.Name+"/gateway" {
			return n.PID
		}
	}
	r.Fatal("the gateway does not run")
	return 0
}

// certificate is the serial number of the newcomer's newest certificate.
func (r *reception) certificate() string {
	r.Helper()
	cert, err := ca.ReadCertificate(ca.OfficialCert(r.org, r.newcomer))
	require.NoError(r, err)
	return ca.Serial(cert)
}
