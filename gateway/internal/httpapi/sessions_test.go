package httpapi

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/httpclient"
	"relieftrail/gateway/internal/provider"
	"relieftrail/gateway/internal/session"
	"relieftrail/gateway/internal/standing"
)

// signedIn is a bench with a session, its cookie and what the gateway said of it.
type signedIn struct {
	*bench
	store  *session.Store
	cookie *http.Cookie
	shown  shownSession
	ended  error // why the official may not act any more
}

type shownSession struct {
	Official, Agency, Name, Role, CSRF string
	Duties, Regions                    []string
	Ends                               time.Time
}

func newSignedIn(t *testing.T, edits ...func(*Deps)) *signedIn {
	t.Helper()
	s := &signedIn{}
	s.bench = newBench(t, append(edits, func(d *Deps) {
		var err error
		s.store, err = session.Open(filepath.Join(t.TempDir(), "sessions.db"), session.Options{
			Terms: session.Terms{Idle: 30 * time.Minute, Absolute: 12 * time.Hour}, Log: slog.New(slog.DiscardHandler),
			Holds: func(of *session.Session) error {
				if s.ended != nil {
					return s.ended
				}
				return d.Auth.Still(of.Principal, of.Token)
			},
		})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.store.Close()) })
		d.SignIn.Sessions = s.store
	})...)
	w := s.signIn(testToken)
	require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &s.shown))
	s.cookie = w.Result().Cookies()[0]
	return s
}

func (s *signedIn) signIn(token string, edits ...func(*http.Request)) *httptest.ResponseRecorder {
	body, _ := json.Marshal(map[string]string{"token": token})
	return s.send(http.MethodPost, "/session", string(body), append([]func(*http.Request){header("Authorization", "")}, edits...)...)
}

// ask asks with the cookie alone.
func (s *signedIn) ask(method, path, body string, edits ...func(*http.Request)) *httptest.ResponseRecorder {
	withCookie := func(r *http.Request) { r.AddCookie(s.cookie) }
	return s.send(method, path, body, append([]func(*http.Request){header("Authorization", ""), withCookie}, edits...)...)
}

func TestAnOfficialSignsInAndOut(t *testing.T) {
	s := newSignedIn(t)
	require.Equal(t, "session-CivilAffairsMSP", s.cookie.Name)
	require.True(t, s.cookie.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, s.cookie.SameSite)
	require.Equal(t, "/", s.cookie.Path)
	require.Zero(t, s.cookie.MaxAge, "it ends with the browser")
	require.False(t, s.cookie.Secure, "plain HTTP on a loopback address")
	require.Equal(t, "civil-preparer", s.shown.Official)
	require.Equal(t, "CivilAffairsMSP", s.shown.Agency)
	require.Equal(t, "civil-preparer", s.shown.Name)
	require.Equal(t, "preparer", s.shown.Role)
	require.Equal(t, []string{"530181"}, s.shown.Regions)
	require.NotNil(t, s.shown.Duties)
	require.WithinDuration(t, time.Now().Add(30*time.Minute), s.shown.Ends, time.Minute)
	require.NotContains(t, s.log.String(), s.cookie.Value)
	require.NotContains(t, s.log.String(), s.shown.CSRF)
	require.Contains(t, s.log.String(), "an official has signed in")

	w := s.ask(http.MethodGet, "/session", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	var shown shownSession
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &shown))
	require.Equal(t, s.shown.CSRF, shown.CSRF)
	require.NotContains(t, w.Body.String(), s.cookie.Value)
	require.Equal(t, http.StatusOK, s.ask(http.MethodGet, "/v1/me", "").Code)

	csrf := header("X-CSRF-Token", s.shown.CSRF)
	require.Equal(t, "/problems/cross-site", problemIn(t, s.ask(http.MethodDelete, "/session", "")).Type)
	w = s.ask(http.MethodDelete, "/session", "", csrf)
	require.Equal(t, http.StatusNoContent, w.Code)
	require.Equal(t, -1, w.Result().Cookies()[0].MaxAge)
	require.Equal(t, http.StatusUnauthorized, s.ask(http.MethodGet, "/session", "").Code)
	require.Equal(t, http.StatusUnauthorized, s.ask(http.MethodGet, "/v1/me", "").Code)
	require.Equal(t, http.StatusNoContent, s.ask(http.MethodDelete, "/session", "").Code, "there is nothing to end")
	require.Equal(t, http.StatusOK, s.send(http.MethodGet, "/v1/me", "").Code, "tokens go on working for systems")
}

func TestSigningInAgainEndsTheEarlierSession(t *testing.T) {
	s := newSignedIn(t)
	w := s.signIn(testToken, func(r *http.Request) { r.AddCookie(s.cookie) })
	require.Equal(t, http.StatusCreated, w.Code)
	require.Equal(t, http.StatusUnauthorized, s.ask(http.MethodGet, "/session", "").Code)
}

// A page of another site can have the browser send the cookie; it can do and read nothing with it.
func TestOtherSitesActInNobodysName(t *testing.T) {
	s := newSignedIn(t)
	csrf := header("X-CSRF-Token", s.shown.CSRF)
	act := func(edits ...func(*http.Request)) *httptest.ResponseRecorder {
		return s.ask(http.MethodPost, "/v1/batches/b/approve", "{}", edits...)
	}
	require.Equal(t, http.StatusOK, act(csrf).Code)
	require.Equal(t, http.StatusOK, act(csrf, header("Sec-Fetch-Site", "same-origin"), header("Origin", "http://example.com")).Code)
	for name, edits := range map[string][]func(*http.Request){
		"no token":                {},
		"another token":           {header("X-CSRF-Token", "x")},
		"another site":            {csrf, header("Sec-Fetch-Site", "cross-site")},
		"another port":            {csrf, header("Sec-Fetch-Site", "same-site")},
		"another origin":          {csrf, header("Origin", "https://evil.example")},
		"an origin that is hid":   {csrf, header("Origin", "null")},
		"the secret as the token": {header("X-CSRF-Token", s.cookie.Value)},
	} {
		w := act(edits...)
		require.Equal(t, http.StatusForbidden, w.Code, name)
		require.Equal(t, "/problems/cross-site", problemIn(t, w).Type, name)
	}
	for _, site := range []string{"cross-site", "same-site"} {
		for _, path := range []string{"/v1/me", "/session", "/v1/payments"} {
			require.Equal(t, http.StatusForbidden, s.ask(http.MethodGet, path, "", header("Sec-Fetch-Site", site)).Code, "%s %s", path, site)
		}
		require.Equal(t, http.StatusForbidden, s.signIn(testToken, header("Sec-Fetch-Site", site)).Code, "nobody is signed in as somebody else")
	}
	for _, site := range []string{"same-origin", "none"} {
		require.Equal(t, http.StatusOK, s.ask(http.MethodGet, "/v1/me", "", header("Sec-Fetch-Site", site)).Code)
	}
}

// A request with a token is its token's, and needs no token of pages: systems have no cookies.
func TestATokenComesBeforeACookie(t *testing.T) {
	s := newSignedIn(t)
	require.Equal(t, http.StatusOK, s.ask(http.MethodPost, "/v1/batches/b/approve", "{}", header("Authorization", "Bearer "+testToken)).Code)
	require.Equal(t, http.StatusUnauthorized, s.ask(http.MethodGet, "/v1/me", "", header("Authorization", "Bearer x")).Code)
}

func TestCookiesThatAreNobodys(t *testing.T) {
	s := newSignedIn(t)
	for name, value := range map[string]string{
		"empty": "", "short": "x", "long": strings.Repeat("A", 4000), "another's": strings.Repeat("A", 43), "cut": s.cookie.Value[:42],
	} {
		w := s.send(http.MethodGet, "/v1/me", "", header("Authorization", ""), header("Cookie", s.cookie.Name+"="+value))
		require.Equal(t, http.StatusUnauthorized, w.Code, name)
		require.Equal(t, "/problems/unauthenticated", problemIn(t, w).Type, name)
	}
	twice := s.cookie.Name + "=" + s.cookie.Value
	w := s.send(http.MethodGet, "/v1/me", "", header("Authorization", ""), header("Cookie", twice+"; "+twice))
	require.Equal(t, http.StatusUnauthorized, w.Code, "two cookies")
}

func TestASessionOverTLSIsForTLSAlone(t *testing.T) {
	s := newSignedIn(t)
	overTLS := func(r *http.Request) { r.TLS = &tls.ConnectionState{} }
	cookie := s.signIn(testToken, overTLS).Result().Cookies()[0]
	require.Equal(t, "__Host-session-CivilAffairsMSP", cookie.Name)
	require.True(t, cookie.Secure)
	bare := *cookie
	bare.Name = s.cookie.Name
	s.cookie = cookie
	require.Equal(t, http.StatusOK, s.ask(http.MethodGet, "/v1/me", "", overTLS).Code)
	require.Equal(t, http.StatusUnauthorized, s.ask(http.MethodGet, "/v1/me", "").Code, "the name over TLS counts over TLS")
	s.cookie = &bare
	require.Equal(t, http.StatusUnauthorized, s.ask(http.MethodGet, "/v1/me", "", overTLS).Code, "without the prefix another host may have set it")

	// A proxy ends TLS: the setting says so, and names the host that browsers know.
	s = newSignedIn(t, func(d *Deps) { d.SignIn.URL = "https://relief.example.cn" })
	require.True(t, s.cookie.Secure)
	require.Equal(t, "__Host-session-CivilAffairsMSP", s.cookie.Name)
	own := header("Origin", "https://relief.example.cn")
	require.Equal(t, http.StatusOK, s.ask(http.MethodPost, "/v1/batches/b/approve", "{}", own, header("X-CSRF-Token", s.shown.CSRF)).Code)
}

func TestASessionEndsWithItsOfficial(t *testing.T) {
	for want, ended := range map[string]error{
		"retired": standing.ErrRetired, "revoked": standing.ErrRevoked, "certificate has expired": standing.ErrExpired,
	} {
		s := newSignedIn(t)
		s.ended = ended
		p := problemIn(t, s.ask(http.MethodGet, "/v1/me", ""))
		require.Equal(t, "/problems/access-ended", p.Type)
		require.Contains(t, p.Detail, want)
		require.Equal(t, "/problems/unauthenticated", problemIn(t, s.ask(http.MethodGet, "/v1/me", "")).Type, "it has ended")
	}
	s := newSignedIn(t)
	s.retired = true
	require.Equal(t, http.StatusForbidden, s.signIn(testToken).Code, "no session for somebody whom the ledger does not know")
}

// A stream that is open ends with the session, too.
func TestAStreamEndsWithTheSession(t *testing.T) {
	s := newSignedIn(t)
	s.moved = make(chan struct{})
	server := httptest.NewServer(s.api)
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/feed", http.NoBody)
	require.NoError(t, err)
	r.AddCookie(s.cookie)
	r.Header.Set("Accept", "text/event-stream")
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	lines := bufio.NewScanner(response.Body)
	require.True(t, lines.Scan())
	s.store.End(s.cookie.Value)
	for lines.Scan() {
	}
	require.NoError(t, lines.Err())
}

// What a page asks by itself does not draw a session out.
func TestOnlyPeopleDrawASessionOut(t *testing.T) {
	s := newSignedIn(t)
	used := func() time.Time {
		t.Helper()
		found, _, err := s.store.Find(s.cookie.Value, false)
		require.NoError(t, err)
		return found.Used
	}
	began := used()
	s.ask(http.MethodGet, "/session", "")
	s.ask(http.MethodGet, "/v1/me", "", header("X-Unattended", "true"))
	s.ask(http.MethodHead, "/v1/feed", "", header("Accept", "text/event-stream"))
	require.Equal(t, began, used())
	s.ask(http.MethodGet, "/v1/me", "")
	require.True(t, used().After(began))
}

func TestSigningInIsLimited(t *testing.T) {
	s := newSignedIn(t, func(d *Deps) { d.FailedTokens = 3 })
	for range 3 {
		require.Equal(t, http.StatusUnauthorized, s.signIn(strings.Repeat("x", 30)).Code)
	}
	w := s.signIn(testToken)
	require.Equal(t, "/problems/too-many-requests", problemIn(t, w).Type, "the right token is not looked at either")
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	require.Equal(t, http.StatusOK, s.ask(http.MethodGet, "/v1/me", "").Code, "who has signed in works on")
	s.cookie.Value = strings.Repeat("A", 43)
	for range 10 {
		require.Equal(t, http.StatusUnauthorized, s.ask(http.MethodGet, "/v1/me", "", from("192.0.2.7:1")).Code)
	}
	require.Equal(t, http.StatusCreated, s.signIn(testToken, from("192.0.2.7:1")).Code, "a page that was left open locks nobody out")
}

func TestBadFormsOfSigningIn(t *testing.T) {
	s := newSignedIn(t)
	for body, status := range map[string]int{
		`{"token":""}`: 401, `{}`: 401, `{"token":7}`: 422, `{"token":"` + strings.Repeat("x", 4090) + `"}`: 413, `{"token":"x","y":1}`: 422,
		`[]`: 422, `{"token":"x"`: 400, `{"token":"x"}{}`: 400, `{"token":"x","token":"y"}`: 400,
	} {
		w := s.send(http.MethodPost, "/session", body, header("Authorization", ""))
		require.Equal(t, status, w.Code, body)
		require.Empty(t, w.Result().Cookies(), body)
	}
	w := s.send(http.MethodPost, "/session", "token="+testToken, header("Content-Type", "application/x-www-form-urlencoded"))
	require.Equal(t, http.StatusUnsupportedMediaType, w.Code, "a form of another site's page")
}

// A browser sends the cookie by itself.
func TestABrowserKeepsTheCookie(t *testing.T) {
	s := newSignedIn(t)
	server := httptest.NewTLSServer(s.api)
	defer server.Close()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := server.Client()
	client.Jar = jar
	response, err := client.Post(server.URL+"/session", "application/json", strings.NewReader(`{"token":"`+testToken+`"}`))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusCreated, response.StatusCode)
	response, err = client.Get(server.URL + "/v1/me")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
}

// Where somebody comes after signing in is a page of this gateway.
func TestWhereSigningInLeads(t *testing.T) {
	client, err := httpclient.New(httpclient.Options{})
	require.NoError(t, err)
	away := provider.New(provider.Options{Issuer: "http://127.0.0.1:1", ClientID: "gateway", Client: client, Log: slog.New(slog.DiscardHandler)})
	s := newSignedIn(t, func(d *Deps) { d.SignIn.Provider = away })
	for to, status := range map[string]int{
		"/desk": 503, "/work/cases/c-1": 503, "": 503, // the provider is away: the address was taken
		"//evil.example": 422, "/\\evil.example": 422, "https://evil.example": 422, "/../evil": 422, "/a//b": 422, "desk": 422,
		"/desk?next=1": 422, "/desk%0a": 422, "/a/b/c/d/e/f/g/h/i": 422, "/" + strings.Repeat("a", 101): 422, "javascript:alert(1)": 422,
	} {
		w := s.send(http.MethodGet, "/session/start?to="+url.QueryEscape(to), "", header("Authorization", ""))
		require.Equal(t, status, w.Code, to)
		require.Empty(t, w.Result().Cookies(), to)
	}
	w := s.send(http.MethodGet, "/session/callback?code=c&state=s", "", header("Authorization", ""))
	require.Equal(t, "/problems/sign-in-refused", problemIn(t, w).Type, "nobody began an attempt")
	w = s.send(http.MethodGet, "/session/callback?error=access_denied", "", header("Authorization", ""), header("Accept", "text/html"))
	require.Equal(t, http.StatusSeeOther, w.Code)
	require.Equal(t, "/problems/sign-in-refused", w.Header().Get("Location"), "a browser is shown a page")
	require.Contains(t, s.send(http.MethodGet, "/session/ways", "").Body.String(), `{"token":true,"provider":"/session/start"}`)
	require.Equal(t, http.StatusNotFound, newSignedIn(t).send(http.MethodGet, "/session/start", "").Code, "a gateway without a provider")
}

func TestAGatewayWithoutTokensForPeople(t *testing.T) {
	s := newSignedIn(t)
	s.api, _ = New(func() Deps { d := s.api.deps; d.SignIn.NoTokens = true; return d }())
	require.Equal(t, "/problems/sign-in-refused", problemIn(t, s.signIn(testToken)).Type)
	require.Contains(t, s.send(http.MethodGet, "/session/ways", "").Body.String(), `{"token":false}`)
	require.Equal(t, http.StatusOK, s.send(http.MethodGet, "/v1/me", "").Code, "systems show theirs as before")
}

func TestTheStaffNumberHasToBeTheLedgers(t *testing.T) {
	s := newSignedIn(t)
	for number, status := range map[string]int{"1024": 200, "": 200, "1025": 403} {
		secret, _, err := s.store.Begin(session.Session{Principal: "civil-preparer", Number: number, Token: s.tokenHash(t)})
		require.NoError(t, err)
		s.cookie.Value = secret
		require.Equal(t, status, s.ask(http.MethodGet, "/session", "").Code, number)
	}
}

func (s *signedIn) tokenHash(t *testing.T) []byte {
	t.Helper()
	_, hash, err := s.api.deps.Auth.Token(testToken)
	require.NoError(t, err)
	return hash
}
