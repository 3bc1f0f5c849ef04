package httpapi

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/httpapi/public"
	"relieftrail/gateway/internal/jobs"
)

// pathOf is a path of a route's template, with something for each parameter.
func pathOf(template string) string {
	return regexp.MustCompile(`[:*][a-z]+`).ReplaceAllStringFunc(template, func(p string) string {
		switch p {
		case ":ref":
			return "1-" + strings.Repeat("a", 26)
		case "*path":
			return "0/000"
		case ":slug":
			return "invalid"
		case ":name":
			if strings.HasPrefix(template, "/assets") {
				return "style.css"
			}
			return "li"
		case ":id":
			if strings.HasPrefix(template, "/v1/payments") {
				return "dibao-530181-0000298-202611-1"
			}
			return "b"
		default:
			return "x"
		}
	})
}

// paths are a path for each template of the list of routes.
func paths(a *API) []string {
	seen := map[string]bool{}
	for _, r := range a.list {
		seen[pathOf(r.Path)] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// methodsListed are the methods of a path by the list of routes, in order.
func methodsListed(a *API, path string) []string {
	seen := map[string]bool{http.MethodOptions: true}
	for _, r := range a.list {
		if !matches(strings.Split(r.Path, "/"), strings.Split(path, "/")) {
			continue
		}
		seen[r.Method] = true
		if r.Method == http.MethodGet {
			seen[http.MethodHead] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func matches(template, path []string) bool {
	for i, part := range template {
		if strings.HasPrefix(part, "*") {
			return true
		}
		if i >= len(path) || !strings.HasPrefix(part, ":") && part != path[i] {
			return false
		}
	}
	return len(template) == len(path)
}

func TestHeadIsAnsweredWhereGetIs(t *testing.T) {
	b := withLog(t, public.Settings{Burst: 1})
	b.jobs["b"] = newJob("b")
	for _, path := range paths(b.api) {
		if !slices.Contains(methodsListed(b.api, path), http.MethodGet) || path == "/metrics" { // its numbers change between the two
			continue
		}
		get := b.send(http.MethodGet, path, "")
		head := b.send(http.MethodHead, path, "")
		require.Equal(t, get.Code, head.Code, path)
		require.Empty(t, head.Body.String(), path)
		for _, name := range []string{"Content-Type", "Location", "ETag", "Cache-Control", "Content-Disposition", "Vary", "X-Robots-Tag"} {
			require.Equal(t, get.Header().Get(name), head.Header().Get(name), "%s: %s", path, name)
		}
	}
}

// A server and a client as they are: the length is that of the body that GET has.
func TestHeadSaysHowLongTheBodyIs(t *testing.T) {
	b := newBench(t)
	server := httptest.NewServer(b.api)
	defer server.Close()
	for _, path := range []string{"/docs", "/healthz", "/problems/invalid"} {
		get, err := http.Get(server.URL + path) //nolint:noctx // the test's own server
		require.NoError(t, err)
		body, err := io.ReadAll(get.Body)
		require.NoError(t, err)
		require.NoError(t, get.Body.Close())
		head, err := http.Head(server.URL + path) //nolint:noctx // the test's own server
		require.NoError(t, err)
		require.NoError(t, head.Body.Close())
		require.Equal(t, int64(len(body)), head.ContentLength, path)
	}
}

// HEAD of a long answer ends after its headers. What is opened for it is on record like any reading.
func TestHeadOfLongAnswersEndsAtOnce(t *testing.T) {
	b := newBench(t)
	b.payments = testPayments(exported)
	b.breaks = true // the second page is not asked for
	for _, mediaType := range []string{"text/csv", "application/x-ndjson"} {
		w := b.send(http.MethodHead, "/v1/batches/b/lines", "", header("Accept", mediaType))
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, mediaType+"; charset=utf-8", w.Header().Get("Content-Type"))
		require.Empty(t, w.Body.String())
	}
	b.jobs["j"] = newJob("j")
	b.watch = make(chan jobs.Job) // which says nothing
	w := b.send(http.MethodHead, "/v1/jobs/j", "", header("Accept", "text/event-stream"))
	require.Equal(t, "text/event-stream; charset=utf-8", w.Header().Get("Content-Type"))

	store, _ := folderStore(t)
	b = keepingBench(t, store)
	f := b.upload(t, "key-1")
	b.withEvidence(t, f.SHA256, "application/pdf", "CivilAffairsMSP")
	w = b.send(http.MethodHead, "/v1/cases/c1/evidence/"+f.SHA256, "")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "application/pdf", w.Header().Get("Content-Type"))
	require.Empty(t, w.Body.String())
	require.Contains(t, b.log.String(), "personal data was read")
}

func TestOptionsAndOtherMethodsNameTheMethods(t *testing.T) {
	b := withLog(t, public.Settings{Burst: 1})
	for _, path := range paths(b.api) {
		methods := methodsListed(b.api, path)
		w := b.send(http.MethodOptions, path, "", header("Authorization", ""))
		require.Equal(t, http.StatusNoContent, w.Code, path)
		require.Equal(t, strings.Join(methods, ", "), w.Header().Get("Allow"), path)
		require.Empty(t, w.Body.String(), path)
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, "BREW"} {
			if slices.Contains(methods, method) {
				continue
			}
			w := b.send(method, path, "")
			require.Equal(t, "/problems/method-not-allowed", problemIn(t, w).Type, "%s %s", method, path)
			require.Equal(t, strings.Join(methods, ", "), w.Header().Get("Allow"), path)
		}
	}
	require.Equal(t, http.StatusNotFound, b.send(http.MethodOptions, "/v1/nothing", "").Code)
}
