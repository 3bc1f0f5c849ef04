package webget

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGetTakesOneAnswerFromOneServer(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/small", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("note")) })
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(strings.Repeat("x", maxAnswer+1))) })
	mux.Handle("/elsewhere", http.RedirectHandler("/small", http.StatusFound))
	server := httptest.NewServer(mux)
	defer server.Close()
	text, err := Get(t.Context(), server.URL+"/small")
	require.NoError(t, err)
	require.Equal(t, "note", string(text))
	for path, want := range map[string]string{"/large": "at most", "/elsewhere": "302", "/none": "404"} {
		_, err = Get(t.Context(), server.URL+path)
		require.ErrorContains(t, err, want)
	}
}
