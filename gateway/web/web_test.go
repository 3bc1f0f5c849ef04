package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/web"
)

const document = `
openapi: 3.1.0
info: {title: 网关 · Gateway, version: "1", description: "<script>alert(1)</script>"}
tags: [{name: 批次 · Batches, description: Lists}]
paths:
  /v1/batches/{id}:
    parameters: [{$ref: "#/components/parameters/Id"}]
    put:
      operationId: change
      tags: [批次 · Batches]
      summary: 更改 · Change
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Batch"}
            example: {id: b, control: {count: 1}}
      responses:
        "200": &ok
          description: Changed
          content: {application/json: {schema: {$ref: "#/components/schemas/Batch"}}}
        "201": *ok
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: string, examples: [b-1]}}
  schemas:
    Batch:
      type: object
      required: [id]
      properties:
        id: {type: string, description: The id}
        state: {type: string, enum: [open, sealed]}
        control: {type: object, properties: {count: {type: integer}}}
        lines: {type: array, items: {type: object, properties: {amount: {type: string}}}}
`

func TestDocsShowsTheDocumentWithoutOtherHosts(t *testing.T) {
	pages, err := web.New([]byte(document), []web.Problem{{Slug: "invalid", Status: 422, Title: "无效 · Invalid", Help: "Mend it."}}, "", web.Apart{})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	pages.Docs(w, get())
	page := w.Body.String()
	for _, shown := range []string{
		"网关", "更改", "Change", "/v1/batches/{id}", "PUT", "open | sealed", "control.count", "lines[].amount", "string, b-1",
		"&#34;count&#34;: 1", "/problems/invalid", `<html lang="zh-CN">`,
	} {
		require.Contains(t, page, shown)
	}
	require.NotContains(t, page, "<script")
	require.NotContains(t, strings.ReplaceAll(page, "http://www.w3.org", ""), "http://")
	require.NotContains(t, page, "https://")
	require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
}

func TestProblemAndAssets(t *testing.T) {
	pages, err := web.New([]byte(document), []web.Problem{{Slug: "invalid", Status: 422, Title: "无效 · Invalid", Help: "Mend it."}}, "", web.Apart{})
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
	pages, err := web.New([]byte(document), nil, "", web.Apart{})
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

func TestNewRefusesADocumentThatItCannotShow(t *testing.T) {
	for name, text := range map[string]string{
		"empty":       "",
		"not YAML":    "a: [",
		"unknown tag": "tags: []\npaths: {/x: {get: {tags: [none]}}}",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := web.New([]byte(text), nil, "", web.Apart{})
			require.Error(t, err)
		})
	}
}

func get() *http.Request { return httptest.NewRequest(http.MethodGet, "/", http.NoBody) }
