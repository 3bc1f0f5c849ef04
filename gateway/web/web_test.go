package web_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/web"
)

const document = "openapi: 3.1.0\ninfo: {title: 网关 · Gateway, version: \"1\"}\npaths: {}\n"

// The page of the interface runs what was built for it and nothing else; without that it names the document.
func TestDocsShowsTheDocumentWithoutOtherHosts(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "docs"), 0o700))
	for name, text := range map[string]string{"docs.js": "import 'x'", "docs.css": "main{}"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "docs", name), []byte(text), 0o600))
	}
	problems := []web.Problem{{Slug: "invalid", Status: 422, Title: "无效 · Invalid", Help: "Mend it."}}
	for _, built := range []string{dir, t.TempDir(), ""} {
		pages, err := web.New([]byte(document), problems, "", built, web.Apart{})
		require.NoError(t, err)
		w := httptest.NewRecorder()
		pages.Docs(w, get())
		page := w.Body.String()
		for _, shown := range []string{"/problems/invalid", "/openapi.yaml", `<html lang="zh-CN">`} {
			require.Contains(t, page, shown)
		}
		require.Equal(t, built == dir, strings.Contains(page, "/assets/docs.js"))
		require.Equal(t, built == dir, pages.Asset(httptest.NewRecorder(), get(), "docs.js"))
		require.NotContains(t, page, "http://")
		require.NotContains(t, page, "https://")
		require.Contains(t, w.Header().Get("Content-Security-Policy"), "script-src 'self'; style-src 'self'")
		require.NotContains(t, w.Header().Get("Content-Security-Policy"), "unsafe")
	}
}

func TestProblemAndAssets(t *testing.T) {
	pages, err := web.New([]byte(document), []web.Problem{{Slug: "invalid", Status: 422, Title: "无效 · Invalid", Help: "Mend it."}}, "", "", web.Apart{})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	require.True(t, pages.Problem(w, get(), "invalid"))
	require.Contains(t, w.Body.String(), "Mend it.")
	require.False(t, pages.Problem(httptest.NewRecorder(), get(), "none"))

	w = httptest.NewRecorder()
	require.True(t, pages.Asset(w, get(), "style.css"))
	require.Equal(t, "text/css; charset=utf-8", w.Header().Get("Content-Type"))
	require.False(t, pages.Asset(httptest.NewRecorder(), get(), "../templates/docs.html"))
	w = httptest.NewRecorder()
	pages.Home(w, get())
	require.Contains(t, w.Body.String(), `href="/docs"`)
}

// A page is sent once: afterwards its hash is asked for. It may ask a device for nothing, but the one with the camera.
func TestPagesAreKeptByTheirHash(t *testing.T) {
	pages, err := web.New([]byte(document), nil, "", "", web.Apart{})
	require.NoError(t, err)
	for name, page := range map[string]http.HandlerFunc{
		"verify": pages.Verify, "home": pages.Home, "docs": pages.Docs, "desk": pages.Desk, "notices": pages.Notices, "openapi": pages.OpenAPI,
	} {
		w := httptest.NewRecorder()
		page(w, get())
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, "no-cache", w.Header().Get("Cache-Control"), name)
		again := get()
		again.Header.Set("If-None-Match", w.Header().Get("ETag"))
		second := httptest.NewRecorder()
		page(second, again)
		require.Equal(t, http.StatusNotModified, second.Code, name)
		require.Empty(t, second.Body.Bytes())
		if name == "openapi" {
			continue
		}
		require.Equal(t, "same-origin", w.Header().Get("Cross-Origin-Opener-Policy"), name)
		camera := map[bool]string{true: "camera=(self)", false: "camera=()"}[name == "verify"]
		require.Contains(t, w.Header().Get("Permissions-Policy"), camera, name)
		require.Contains(t, w.Header().Get("Permissions-Policy"), "geolocation=()", name)
	}
}

func get() *http.Request { return httptest.NewRequest(http.MethodGet, "/", http.NoBody) }
