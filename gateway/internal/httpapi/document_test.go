package httpapi

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/reference"
)

// part is a part of the document as it was read from YAML.
type part = map[string]any

func readDocument(t *testing.T) part {
	t.Helper()
	var doc part
	require.NoError(t, yaml.Unmarshal(openAPI, &doc))
	return doc
}

// at follows names into a part.
func at(t *testing.T, p part, names ...string) part {
	t.Helper()
	for _, name := range names {
		next, ok := p[name].(part)
		require.True(t, ok, "%v has no %s", names, name)
		p = next
	}
	return p
}

// resolved follows references.
func resolved(t *testing.T, doc, p part) part {
	t.Helper()
	for {
		ref, ok := p["$ref"].(string)
		if !ok {
			return p
		}
		p = at(t, doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
}

// eachPart calls f with every part below one; examples are not looked into.
func eachPart(p any, path string, f func(path string, p part)) {
	switch v := p.(type) {
	case part:
		f(path, v)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if name != "example" && name != "examples" {
				eachPart(v[name], path+"/"+name, f)
			}
		}
	case []any:
		for i := range v {
			eachPart(v[i], fmt.Sprintf("%s/%d", path, i), f)
		}
	}
}

// Everything in the document says what is in it: an object its members, an array its items; and names only what is there.
func TestEverySchemaHasMembers(t *testing.T) {
	doc := readDocument(t)
	used := map[string]bool{}
	eachPart(doc, "", func(path string, p part) {
		if ref, ok := p["$ref"].(string); ok {
			used[ref] = true
			resolved(t, doc, p)
		}
		switch p["type"] {
		case "object":
			_, members := p["properties"]
			_, free := p["additionalProperties"]
			assert.True(t, members || free, "%s is an object without members", path)
		case "array":
			assert.Contains(t, p, "items", "%s is an array of nothing", path)
		}
		properties, ok := p["properties"].(part)
		required, _ := p["required"].([]any)
		for _, name := range required {
			assert.True(t, !ok || properties[name.(string)] != nil, "%s requires %s and does not describe it", path, name)
		}
	})
	for kind, components := range at(t, doc, "components") {
		for name := range components.(part) {
			assert.True(t, used["#/components/"+kind+"/"+name] || kind == "securitySchemes", "%s %s is not used", kind, name)
		}
	}
}

// No two components have one name, whatever their kind: generators make a type of each.
func TestNoTwoComponentsHaveOneName(t *testing.T) {
	components := at(t, readDocument(t), "components")
	seen := map[string]string{}
	for _, kind := range []string{"schemas", "responses", "parameters", "requestBodies"} {
		for name := range at(t, components, kind) {
			folded := strings.ToLower(name)
			require.Empty(t, seen[folded], "%s is in %s, too", name, kind)
			seen[folded] = kind
		}
	}
}

// Each operation has an answer for what is not foreseen, a problem; and an answer says which block it rests on or is in.
func TestEveryAnswerIsDescribed(t *testing.T) {
	doc := readDocument(t)
	ids := map[any]string{}
	for path, item := range at(t, doc, "paths") {
		for method, operation := range item.(part) {
			id := operation.(part)["operationId"]
			require.Empty(t, ids[id], "%s %s: %v is the id of another operation", method, path, id)
			ids[id] = path
			answers := at(t, operation.(part), "responses")
			require.Equal(t, part{"$ref": "#/components/responses/ProblemAnswer"}, answers["default"], "%s %s", method, path)
			if !strings.HasPrefix(path, "/v1/") || slices.Contains(withoutBlock, path) {
				continue
			}
			for status, answer := range answers {
				if status != "200" && status != "201" {
					continue
				}
				headers, _ := resolved(t, doc, answer.(part))["headers"].(part)
				assert.Contains(t, headers, "X-Block", "%s %s %s", method, path, status)
				if method != "get" {
					assert.Contains(t, headers, "X-Transaction-Id", "%s %s %s", method, path, status)
					assert.Contains(t, headers, "Idempotency-Replayed", "%s %s %s", method, path, status)
				}
			}
		}
	}
}

// withoutBlock are the paths whose answers do not come from the index.
var withoutBlock = []string{
	"/v1/subjects/lookup", "/v1/readings", "/v1/cases/{id}/evidence/files", "/v1/cases/{id}/evidence/{hash}", "/v1/unreadable",
	"/v1/exports", "/v1/exports/{id}", "/v1/exports/{id}/archive", "/v1/jobs/{id}/receipts", "/v1/plans/{id}/foresee",
}

// The document says what a gateway takes: one item more than it says is refused.
func TestTheDocumentHasTheTrueLimit(t *testing.T) {
	b := newBench(t)
	w := b.send(http.MethodGet, "/openapi.yaml", "")
	var doc part
	require.NoError(t, yaml.Unmarshal(w.Body.Bytes(), &doc))
	most := at(t, doc, "components", "parameters", "Limit", "schema")["maximum"]
	require.Equal(t, b.api.core.Limits.PageSize, most)
	require.Equal(t, http.StatusOK, b.send(http.MethodGet, fmt.Sprintf("/v1/batches?limit=%d", most), "").Code)
	require.Equal(t, http.StatusUnprocessableEntity, b.send(http.MethodGet, fmt.Sprintf("/v1/batches?limit=%d", most.(int)+1), "").Code)
}

// The members of a line, and the columns of a file, are those that are read.
func TestTheDocumentNamesTheColumnsOfFiles(t *testing.T) {
	doc := readDocument(t)
	for kind, name := range map[intake.Kind]string{
		intake.KindRoll: "RollLine", intake.KindLines: "PaymentLine", intake.KindSettlements: "AnswerLine",
	} {
		schema := at(t, doc, "components", "schemas", name)
		properties := at(t, schema, "properties")
		var required []any
		columns := intake.Columns(kind)
		require.Len(t, properties, len(columns), name)
		for _, c := range columns {
			member := at(t, properties, c.Name)
			require.Contains(t, member["description"], c.What.En, c.Name)
			if c.Required && !c.MayBeEmpty {
				required = append(required, c.Name)
			}
			if c.Values != nil {
				var values []any
				for _, v := range c.Values {
					values = append(values, v)
				}
				require.Equal(t, values, member["enum"])
			}
		}
		require.Equal(t, required, schema["required"], name)
	}
}

// A template is taken as it is, in each format and in both languages.
func TestTemplatesAreTaken(t *testing.T) {
	b := newBench(t)
	for _, kind := range intake.Kinds {
		for _, query := range []string{"format=csv", "format=csv&headers=zh", "format=csv&bom=false", "format=ndjson", "format=xlsx", "format=xlsx&headers=zh"} {
			w := b.send(http.MethodGet, "/v1/templates/"+string(kind)+"?"+query, "")
			require.Equal(t, http.StatusOK, w.Code, w.Body.String())
			requireOneLine(t, kind, w)
		}
		require.Contains(t, b.send(http.MethodGet, "/v1/templates/"+string(kind), "").Body.String(), `"may_be_empty"`)
	}
	require.Equal(t, http.StatusNotFound, b.send(http.MethodGet, "/v1/templates/cases", "").Code)
}

func requireOneLine(t *testing.T, kind intake.Kind, w *httptest.ResponseRecorder) {
	t.Helper()
	s := &intake.Spooler{Dir: t.TempDir(), MaxBytes: 1 << 20, MaxExpandedBytes: 1 << 20}
	spooled, err := s.Spool(t.Context(), w.Body, w.Header().Get("Content-Type"), "", kind)
	require.NoError(t, err)
	defer spooled.Remove()
	file, err := os.Open(spooled.File)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	references := reference.New(nil, reference.Key{Epoch: 1, Secret: make([]byte, 32)}).Maker(t.Context())
	r, err := intake.NewReader(file, intake.Options{Kind: kind, ContentType: spooled.ContentType, Today: "2026-11-20", References: references})
	require.NoError(t, err)
	_, refusal, err := r.Next()
	require.NoError(t, err)
	require.Nil(t, refusal)
}
