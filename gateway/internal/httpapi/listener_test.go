package httpapi

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/httpapi/public"
)

// listenerOf says by its path who a route is for; a path that is not named here has no place yet.
func listenerOf(path string) Listener {
	switch head, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/"); head {
	case "", "notices", "lists", "contacts", "draws", "charts", "indicators", "statements", "public", "log":
		return Public
	case "v1", "desk", "work", "gateway", "session":
		return Internal
	case "docs", "assets", "problems", "openapi.yaml":
		return Public | Internal
	case "healthz", "readyz", "metrics":
		return Metrics
	}
	return 0
}

// Whatever is added: nothing of the officials' is served to the public because somebody forgot to say for whom it is.
func TestEachRouteNamesItsListeners(t *testing.T) {
	for _, r := range newBench(t).api.list {
		require.NotZero(t, r.on, r.Path)
		require.Equal(t, listenerOf(r.Path), r.on, r.Path)
	}
}

func TestAnAddressServesWhatIsItsOwn(t *testing.T) {
	b := withLog(t, public.Settings{Burst: 1})
	b.jobs["b"] = newJob("b")
	for _, on := range []Listener{Public, Internal, Metrics} {
		handler, err := b.api.Handler(on)
		require.NoError(t, err)
		for _, r := range b.api.list {
			path := pathOf(r.Path)
			here := listenerOf(r.Path)&on != 0
			for _, method := range []string{r.Method, http.MethodHead, http.MethodOptions, http.MethodDelete} {
				request := httptest.NewRequest(method, path, http.NoBody)
				request.Header.Set("Authorization", "Bearer "+testToken)
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, request)
				if here {
					require.NotContains(t, w.Body.String(), `"type":"/problems/unknown-path"`, "%s %s", method, path)
					continue
				}
				require.Equal(t, http.StatusNotFound, w.Code, "%s %s", method, path)
				require.Empty(t, w.Header().Get("Allow"), "%s %s", method, path)
				if method != http.MethodHead {
					require.Equal(t, "/problems/unknown-path", problemIn(t, w).Type, "%s %s", method, path)
				}
			}
		}
	}
}

// Nothing that needs no account can be asked without end from one address, whether it exists or not.
func TestWhatNeedsNoAccountIsLimited(t *testing.T) {
	b := withLog(t, public.Settings{Rate: 0.0001, Burst: 1, Origins: []string{"*"}})
	lines := map[string]bool{"GET /nothing": true, "DELETE /readyz": true, "OPTIONS /v1/batches": true}
	for _, r := range b.api.list {
		if !strings.HasPrefix(r.Path, "/v1/") {
			lines[r.Method+" "+pathOf(r.Path)] = true
		}
	}
	require.Greater(t, len(lines), 20)
	number := 0
	for line := range lines {
		method, path, _ := strings.Cut(line, " ")
		number++
		address := from(fmt.Sprintf("192.0.2.%d:1", number))
		status := 0
		for range openFactor + 1 {
			status = b.send(method, path, "", header("Authorization", ""), address).Code
		}
		require.Equal(t, http.StatusTooManyRequests, status, line)
		another := from(fmt.Sprintf("198.51.100.%d:1", number))
		require.NotEqual(t, http.StatusTooManyRequests, b.send(method, path, "", header("Authorization", ""), another).Code, line)
	}
	preflight := func() int {
		return b.send(http.MethodOptions, "/public/v1/verify", "", header("Origin", "https://page.example"),
			header("Access-Control-Request-Method", "POST"), from("203.0.113.1:1")).Code
	}
	require.Equal(t, http.StatusNoContent, preflight())
	require.Equal(t, http.StatusTooManyRequests, preflight())
}

func TestTokensCannotBeTriedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(d *Deps) { d.FailedTokens = 3 })
		wrong := header("Authorization", "Bearer "+strings.Repeat("x", 30))
		for range 3 {
			require.Equal(t, http.StatusUnauthorized, b.send(http.MethodGet, "/v1/me", "", wrong).Code)
		}
		for _, edit := range []func(*http.Request){wrong, header("Authorization", ""), header("X-None", "")} {
			w := b.send(http.MethodGet, "/v1/me", "", edit)
			require.Equal(t, "/problems/too-many-requests", problemIn(t, w).Type, "the right token is not looked at either")
			require.Equal(t, "20", w.Header().Get("Retry-After"))
		}
		require.Equal(t, http.StatusOK, b.send(http.MethodGet, "/v1/me", "", from("192.0.2.9:1")).Code)
		time.Sleep(20 * time.Second)
		for range 10 {
			require.Equal(t, http.StatusOK, b.send(http.MethodGet, "/v1/me", "").Code, "callers who are known cost nothing")
		}
	})
}

// A proxy that is trusted says who asks: callers behind it have limits of their own, and no caller chooses an address.
func TestCallersBehindAProxyAreToldApart(t *testing.T) {
	b := newBench(t, func(d *Deps) {
		d.FailedTokens = 1
		d.Public.Settings.TrustedProxies = []string{"10.0.0.0/8"}
	})
	ask := func(edits ...func(*http.Request)) int {
		return b.send(http.MethodGet, "/v1/me", "", append(edits, header("Authorization", ""))...).Code
	}
	proxy := from("10.0.0.1:5")
	require.Equal(t, 401, ask(proxy, header("X-Forwarded-For", "192.0.2.1")))
	require.Equal(t, 429, ask(proxy, header("X-Forwarded-For", "192.0.2.1")))
	require.Equal(t, 429, ask(proxy, header("X-Forwarded-For", "198.51.100.7, 192.0.2.1")), "the proxy's own word is the last one")
	require.Equal(t, 429, ask(proxy, func(r *http.Request) {
		r.Header["X-Forwarded-For"] = []string{"198.51.100.8", "192.0.2.1"} // two headers are one list
	}))
	require.Equal(t, 429, ask(proxy, header("X-Forwarded-For", "192.0.2.1"), header("X-Real-Ip", "198.51.100.9")))
	require.Equal(t, 401, ask(proxy, header("X-Forwarded-For", "192.0.2.2")))
	require.Equal(t, 401, ask(from("192.0.2.3:5"), header("X-Forwarded-For", "198.51.100.1")))
	require.Equal(t, 429, ask(from("192.0.2.3:5"), header("X-Forwarded-For", "198.51.100.2")))
}

func TestBrowsersAreHeldToTLS(t *testing.T) {
	b := newBench(t)
	server := httptest.NewTLSServer(b.api)
	defer server.Close()
	for _, path := range []string{"/", "/desk", "/v1/me", "/nothing"} {
		response, err := server.Client().Get(server.URL + path)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, "max-age=31536000", response.Header.Get("Strict-Transport-Security"), path)
		require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"), path)
	}
	require.Empty(t, b.send(http.MethodGet, "/desk", "").Header().Get("Strict-Transport-Security"), "browsers heed it over TLS alone")
}
