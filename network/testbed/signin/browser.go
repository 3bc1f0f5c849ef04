package signin

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Browser goes where it is sent, with its cookies, as a person's does.
type Browser struct {
	t *testing.T
	*http.Client
	gateway string
	Visited []string // the addresses to which it was sent, in their order
}

// NewBrowser is one at a gateway.
func NewBrowser(t *testing.T, gateway string) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b := &Browser{t: t, gateway: gateway}
	b.Client = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		b.Visited = append(b.Visited, r.URL.String())
		return nil
	}}
	t.Cleanup(b.CloseIdleConnections)
	return b
}

// Open goes to an address.
func (b *Browser) Open(address string) *http.Response {
	b.t.Helper()
	return b.send(http.MethodGet, address, nil, "")
}

func (b *Browser) send(method, address string, body io.Reader, form string) *http.Response {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, address, body)
	require.NoError(b.t, err)
	r.Header.Set("Accept", "text/html,*/*")
	if form != "" {
		r.Header.Set("Content-Type", form)
	}
	response, err := b.Do(r)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// SignIn signs a person in at the provider's form, and gives the page to which they come.
func (b *Browser) SignIn(name, password string) *http.Response {
	b.t.Helper()
	form := b.Open(b.gateway + "/session/start?to=/gateway")
	require.Equal(b.t, http.StatusOK, form.StatusCode)
	id := form.Request.URL.Query().Get("authRequestID")
	require.NotEmpty(b.t, id, form.Request.URL)
	return b.send(http.MethodPost, form.Request.URL.Scheme+"://"+form.Request.URL.Host+"/login/username",
		strings.NewReader(url.Values{"id": {id}, "username": {name}, "password": {password}}.Encode()), "application/x-www-form-urlencoded")
}

// Session is what a gateway says of an open session.
type Session struct{ Official, Name, Role, CSRF string }

// Session asks who has signed in.
func (b *Browser) Session() (s Session, status int) {
	b.t.Helper()
	response := b.Open(b.gateway + "/session")
	_ = json.NewDecoder(response.Body).Decode(&s)
	return s, response.StatusCode
}

// Post does an act as a page of the gateway does.
func (b *Browser) Post(path, key string, body any) (status int, answer []byte) {
	b.t.Helper()
	s, status := b.Session()
	if status != http.StatusOK {
		return status, nil
	}
	text, err := json.Marshal(body)
	require.NoError(b.t, err)
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.gateway+path, strings.NewReader(string(text)))
	require.NoError(b.t, err)
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Idempotency-Key": key, "X-CSRF-Token": s.CSRF, "Sec-Fetch-Site": "same-origin",
	} {
		r.Header.Set(name, value)
	}
	response, err := b.Do(r)
	require.NoError(b.t, err)
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	require.NoError(b.t, err)
	return response.StatusCode, answer
}
