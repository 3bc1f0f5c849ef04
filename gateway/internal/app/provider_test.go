package app_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/gateway/internal/config"
	"relieftrail/network/testbed/signin"
)

// accounts are those that the provider has.
var accounts = []string{"civil-preparer", "Civil-Approver", "civil-other-county", "finance-approver", "nobody", "li-wei"}

// withProvider is civil affairs' gateway with a real provider.
func withProvider(t *testing.T, change ...func(*config.Config)) (w *world, cfg *config.Config, issuer string) {
	t.Helper()
	w, cfg = one(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	cfg.Listen = listener.Addr().String()
	require.NoError(t, listener.Close())
	cfg.Sessions.URL = "http://" + cfg.Listen
	issuer = signin.Start(t, "../../..", cfg.Sessions.URL, accounts...)
	secret := filepath.Join(t.TempDir(), "client.secret")
	require.NoError(t, os.WriteFile(secret, []byte(signin.Secret+"\n"), 0o600))
	cfg.OIDC = config.OIDC{
		Issuer: issuer, ClientID: signin.Client, ClientSecretFile: secret, Scopes: []string{"openid", "profile"}, Algorithms: []string{"RS256"},
		Leeway: 30 * time.Second, OfficialClaim: "preferred_username", NameClaim: "name", Audience: signin.Audience,
		Systems: []config.OIDCSystem{{Subject: signin.System, Principal: "civil-preparer"}},
	}
	for _, c := range change {
		c(cfg)
	}
	stop := w.start(cfg)
	t.Cleanup(func() { require.NoError(t, stop()) })
	require.Eventually(t, func() bool { return strings.Contains(w.log.String(), "the provider answers") }, waitLong, waitTick)
	return w, cfg, issuer
}

func TestOfficialsSignInWithARealProvider(t *testing.T) {
	w, cfg, issuer := withProvider(t)
	gateway := cfg.Sessions.URL

	b := signin.NewBrowser(t, gateway)
	page := b.SignIn("civil-preparer", signin.Password("civil-preparer"))
	require.Equal(t, http.StatusOK, page.StatusCode, "%s %s", page.Request.URL.Path, w.log.String())
	require.Equal(t, gateway+"/gateway", page.Request.URL.String(), w.log)
	s, status := b.Session()
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "civil-preparer", s.Official)
	require.Equal(t, "敏 王", s.Name)
	require.Equal(t, http.StatusOK, b.Open(gateway+"/v1/me").StatusCode)

	t.Run("what came back counts once, and in one browser", func(t *testing.T) {
		callback := ""
		for _, address := range b.Visited {
			if strings.HasPrefix(address, gateway+"/session/callback") {
				callback = address
			}
		}
		require.NotEmpty(t, callback)
		for _, again := range []*signin.Browser{b, signin.NewBrowser(t, gateway)} {
			require.Equal(t, "/problems/sign-in-refused", again.Open(callback).Request.URL.Path)
		}
	})
	t.Run("a wrong password comes to no session", func(t *testing.T) {
		b := signin.NewBrowser(t, gateway)
		b.SignIn("civil-preparer", "x")
		_, status := b.Session()
		require.Equal(t, http.StatusUnauthorized, status)
	})
	t.Run("a name has one spelling, and who is nobody here does not come in", func(t *testing.T) {
		b := signin.NewBrowser(t, gateway)
		b.SignIn("Civil-Approver", signin.Password("Civil-Approver"))
		s, _ := b.Session()
		require.Equal(t, "civil-approver", s.Official)
		for _, name := range []string{"nobody", "finance-approver"} {
			b := signin.NewBrowser(t, gateway)
			require.Equal(t, "/problems/forbidden", b.SignIn(name, signin.Password(name)).Request.URL.Path)
			_, status := b.Session()
			require.Equal(t, http.StatusUnauthorized, status, name)
		}
	})
	t.Run("the provider's keys turn", func(t *testing.T) {
		system := systemToken(t, issuer)
		ask := func() int {
			return w.do("civil-preparer", call{method: http.MethodGet, path: "/v1/me", header: map[string]string{"Authorization": "Bearer " + system}}).StatusCode
		}
		require.Equal(t, http.StatusOK, ask(), "a system shows the provider's token")
		response, err := http.PostForm(issuer+"/control/turn", url.Values{"withdraw": {"yes"}})
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Eventually(t, func() bool {
			b := signin.NewBrowser(t, gateway)
			b.SignIn("civil-preparer", signin.Password("civil-preparer"))
			_, status := b.Session()
			return status == http.StatusOK
		}, waitLong, 500*time.Millisecond, "the new key counts")
		require.Equal(t, http.StatusUnauthorized, ask(), "the withdrawn one does not")
		system = systemToken(t, issuer)
		require.Equal(t, http.StatusOK, ask())
	})
	t.Run("a retired official's session ends at once", func(t *testing.T) {
		b := signin.NewBrowser(t, gateway)
		b.SignIn("civil-other-county", signin.Password("civil-other-county"))
		_, status := b.Session()
		require.Equal(t, http.StatusOK, status)
		_, _, err := w.network.Ledger.Submit(fakeledger.Registrar(fakeledger.CivilAffairs), "official:Retire",
			[]string{`{"agency":"CivilAffairsMSP","name":"civil-other-county","reason":"moved"}`}, nil)
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			_, status := b.Session()
			return status == http.StatusUnauthorized
		}, waitLong, waitTick)
		require.Equal(t, "/problems/access-ended", signin.NewBrowser(t, gateway).SignIn("civil-other-county", signin.Password("civil-other-county")).Request.URL.Path)
	})
	require.NotContains(t, w.log.String(), "王", "who is called how is in no log")
	require.NotContains(t, w.log.String(), signin.Secret)
}

// systemToken is an access token that the provider gives a system in its own name (RFC 6749, 4.4).
func systemToken(t *testing.T, issuer string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, issuer+"/oauth/token",
		strings.NewReader(url.Values{"grant_type": {"client_credentials"}, "scope": {"openid"}}.Encode()))
	require.NoError(t, err)
	r.SetBasicAuth(signin.System, signin.Secret)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&answer))
	require.Equal(t, 2, strings.Count(answer.Token, "."), "it can be read")
	return answer.Token
}
