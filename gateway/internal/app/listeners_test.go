package app_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/app"
	"relieftrail/gateway/internal/httpapi"
)

// The public, the officials and the operator's monitoring at three addresses: none answers what is another's, and all stop
// together.
func TestThreeAddresses(t *testing.T) {
	w, cfg := one(t)
	cfg.Public.Listen, cfg.Metrics.Listen, cfg.Public.Burst = "127.0.0.1:0", "127.0.0.1:0", 1
	certFile, keyFile, roots := selfSigned(t)
	cfg.Public.TLS.CertFile, cfg.Public.TLS.KeyFile, cfg.Public.TLS.MinVersion = certFile, keyFile, "1.3"
	a, err := app.Open(cfg, w.network.Gateway(cfg.Organisation), app.NewLogger(w.log, cfg.Log), "test")
	require.NoError(t, err)
	stop := run(t, a)
	trusting := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: trusting, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	addresses := map[httpapi.Listener]string{}
	for _, on := range []httpapi.Listener{httpapi.Public, httpapi.Internal, httpapi.Metrics} {
		addresses[on] = a.URLOf(on)
	}
	require.Equal(t, a.URL(), addresses[httpapi.Internal])
	for path, on := range map[string]httpapi.Listener{
		"/": httpapi.Public, "/notices": httpapi.Public, "/public/v1/names": httpapi.Public, "/log/checkpoint": httpapi.Public,
		"/desk": httpapi.Internal, "/gateway": httpapi.Internal, "/v1/me": httpapi.Internal,
		"/healthz": httpapi.Metrics, "/readyz": httpapi.Metrics, "/metrics": httpapi.Metrics,
		"/openapi.yaml": httpapi.Public | httpapi.Internal,
	} {
		for listener, address := range addresses {
			status, problem := ask(t, client, address+path)
			if listener&on == 0 {
				require.Equal(t, http.StatusNotFound, status, address+path)
				require.Equal(t, "/problems/unknown-path", problem, address+path)
				continue
			}
			require.NotEqual(t, "/problems/unknown-path", problem, address+path)
		}
	}
	t.Run("the public's address speaks the newest TLS alone, and says so to browsers", func(t *testing.T) {
		dialer := &tls.Dialer{Config: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}}
		_, err := dialer.DialContext(t.Context(), "tcp", addresses[httpapi.Public][len("https://"):])
		require.ErrorContains(t, err, "protocol version")
		response, err := client.Get(addresses[httpapi.Public])
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.NotEmpty(t, response.Header.Get("Strict-Transport-Security"))
	})
	stop()
	for _, address := range addresses {
		_, err := client.Get(address)
		require.Error(t, err, address)
	}
}

// ask is the status of an answer, and the type of its problem if it is one.
func ask(t *testing.T, client *http.Client, url string) (status int, problem string) {
	t.Helper()
	response, err := client.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	a := answer{Response: response}
	a.body, err = io.ReadAll(response.Body)
	require.NoError(t, err)
	if response.Header.Get("Content-Type") == "application/problem+json" {
		var document struct{ Type string }
		a.into(t, &document)
		problem = document.Type
	}
	return response.StatusCode, problem
}

// One address that is taken stops the start, and leaves none of the others open.
func TestAnAddressThatIsTakenStopsTheStart(t *testing.T) {
	w, cfg := one(t)
	var listen net.ListenConfig
	taken, err := listen.Listen(context.Background(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	cfg.Public.Burst, cfg.Metrics.Listen = 1, taken.Addr().String()
	_, err = app.Open(cfg, w.network.Gateway(cfg.Organisation), app.NewLogger(w.log, cfg.Log), "test")
	require.ErrorContains(t, err, "metrics.listen")
}
