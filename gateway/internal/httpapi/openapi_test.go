package httpapi

import (
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/httpapi/rest"
)

func loadOpenAPI(t *testing.T) (libopenapi.Document, *v3.Document) {
	t.Helper()
	doc, err := libopenapi.NewDocument(openAPI)
	require.NoError(t, err)
	model, err := doc.BuildV3Model()
	require.NoError(t, err)
	return doc, &model.Model
}

func TestOpenAPIIsValid(t *testing.T) {
	doc, model := loadOpenAPI(t)
	require.True(t, strings.HasPrefix(model.Version, "3.1"))
	v, errs := validator.NewValidator(doc)
	require.Empty(t, errs)
	defer v.Release()
	valid, faults := v.ValidateDocument()
	for _, f := range faults {
		t.Logf("%s: %s", f.Message, f.Reason)
	}
	require.True(t, valid)
}

var ginParameter = regexp.MustCompile(`[:*]([a-z]+)`)

// TestOpenAPIAndRoutesAgree fails when a route is not in the document, or the document names a route that is not there.
func TestOpenAPIAndRoutesAgree(t *testing.T) {
	a, err := New(Deps{Core: &rest.Core{Log: slog.New(slog.DiscardHandler)}, InFlight: 1})
	require.NoError(t, err)
	var served []string
	for _, r := range a.engine.Routes() {
		if r.Method == http.MethodHead { // answered where GET is, and not in the document
			continue
		}
		served = append(served, r.Method+" "+ginParameter.ReplaceAllString(r.Path, "{$1}"))
	}
	_, model := loadOpenAPI(t)
	var documented []string
	for path, item := range model.Paths.PathItems.FromOldest() {
		for method, op := range item.GetOperations().FromOldest() {
			name := strings.ToUpper(method) + " " + path
			documented = append(documented, name)
			requireParameters(t, name, path, op)
		}
	}
	slices.Sort(served)
	slices.Sort(documented)
	require.Equal(t, documented, served)
}

var braces = regexp.MustCompile(`\{([a-z]+)\}`)

// requireParameters checks that path parameters are declared, and that acts declare their Idempotency-Key.
func requireParameters(t *testing.T, name, path string, op *v3.Operation) {
	t.Helper()
	var inPath, declared []string
	for _, m := range braces.FindAllStringSubmatch(path, -1) {
		inPath = append(inPath, m[1])
	}
	key := false
	for _, p := range op.Parameters {
		if p.In == "path" {
			declared = append(declared, p.Name)
		}
		key = key || p.Name == "Idempotency-Key"
	}
	require.Equal(t, inPath, declared, name)
	writes := !strings.HasPrefix(name, "GET") && name != "POST /v1/subjects/lookup" && name != "POST /public/v1/verify"
	require.Equal(t, writes, key, name)
	require.NotEmpty(t, op.OperationId, name)
	require.Contains(t, op.Summary, " · ", name)
}
