package httpclient_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/httpclient"
)

func TestARedirectIsNotFollowed(t *testing.T) {
	var asked atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer inside.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		outside := httptest.NewServer(http.RedirectHandler(inside.URL, status))
		client, err := httpclient.New(httpclient.Options{})
		require.NoError(t, err)
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			request, err := http.NewRequestWithContext(t.Context(), method, outside.URL, strings.NewReader("secret"))
			require.NoError(t, err)
			response, err := client.Do(request)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			require.Equal(t, status, response.StatusCode)
		}
		outside.Close()
	}
	require.Zero(t, asked.Load())
}

func TestALongAnswerIsRefused(t *testing.T) {
	b, err := httpclient.ReadAll(strings.NewReader("1234"), 4)
	require.NoError(t, err)
	require.Equal(t, "1234", string(b))
	_, err = httpclient.ReadAll(strings.NewReader("12345"), 4)
	var tooLarge *httpclient.TooLargeError
	require.ErrorAs(t, err, &tooLarge)
}

func TestFilesThatCannotBeUsedAreNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	_, err := httpclient.New(httpclient.Options{CAFile: file})
	require.ErrorContains(t, err, "ca_file")
	require.NoError(t, os.WriteFile(file, []byte("no certificate"), 0o600))
	_, err = httpclient.New(httpclient.Options{CAFile: file})
	require.ErrorContains(t, err, file+" must hold a certificate in PEM")
	_, err = httpclient.New(httpclient.Options{CertFile: file, KeyFile: file})
	require.ErrorContains(t, err, "cert_file, key_file")
}
