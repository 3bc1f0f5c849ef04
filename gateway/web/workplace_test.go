package web_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/web"
)

func workplaceFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	return dir
}

func TestTheWorkplaceIsServed(t *testing.T) {
	w, err := web.LoadWorkplace(workplaceFolder(t, map[string]string{
		"index.html": "<!doctype html>", "assets/main-1a2b.js": "export {}", "assets/notes.txt": "not served", "inputs": "not served",
	}))
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		path, cache, body string
		missing           bool
	}{
		"the page":                {path: "", cache: "no-cache", body: "<!doctype html>"},
		"the page of a batch":     {path: "/batches/b-1", cache: "no-cache", body: "<!doctype html>"},
		"a file with a hash":      {path: "/assets/main-1a2b.js", cache: "public, max-age=31536000, immutable", body: "export {}"},
		"no such file":            {path: "/assets/main-0000.js", missing: true},
		"of a type not served":    {path: "/assets/notes.txt", missing: true},
		"out of the folder":       {path: "/assets/../../etc/passwd", missing: true},
		"a name that is no asset": {path: "/inputs", cache: "no-cache", body: "<!doctype html>"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := httptest.NewRecorder()
			require.Equal(t, !tc.missing, w.Serve(answer, httptest.NewRequest(http.MethodGet, "/work", nil), tc.path))
			if tc.missing {
				return
			}
			require.Equal(t, tc.cache, answer.Header().Get("Cache-Control"))
			require.Equal(t, tc.body, answer.Body.String())
			if tc.cache == "no-cache" {
				require.NotContains(t, answer.Header().Get("Content-Security-Policy"), "unsafe")
				require.NotEmpty(t, answer.Header().Get("ETag"))
			}
		})
	}
}

func TestWithoutAFolderThereIsNoWorkplace(t *testing.T) {
	w, err := web.LoadWorkplace("")
	require.NoError(t, err)
	require.False(t, w.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/work", nil), ""))
	_, err = web.LoadWorkplace(workplaceFolder(t, map[string]string{"assets/main.js": ""}))
	require.ErrorContains(t, err, "lacks index.html")
	_, err = web.LoadWorkplace(filepath.Join(t.TempDir(), "gone"))
	require.Error(t, err)
}
