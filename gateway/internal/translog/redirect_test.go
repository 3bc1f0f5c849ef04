package translog

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/httpclient"
)

// Another agency's gateway could else have this one ask any server that only this one reaches.
func TestAPeerThatRedirectsIsRefused(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a redirect was followed")
	}))
	defer inside.Close()
	peer := httptest.NewServer(http.RedirectHandler(inside.URL+CosignaturesPath, http.StatusTemporaryRedirect))
	defer peer.Close()
	client, err := httpclient.New(httpclient.Options{})
	require.NoError(t, err)
	l := &Log{Options: Options{Client: client}}
	_, err = l.ask(t.Context(), Peer{MSPID: "FinanceMSP", URL: peer.URL})
	require.ErrorContains(t, err, "307")
}
