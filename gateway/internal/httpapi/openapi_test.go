package httpapi

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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

// operation is what the document and the list of routes must both say about a method of a path.
type operation struct {
	Query     []string
	Responses []string
}

// TestOpenAPIAndRoutesAgree fails when a route is not in the document or the document names one that is not there, and when
// they differ in the query or in the statuses of the answers.
func TestOpenAPIAndRoutesAgree(t *testing.T) {
	a := newBench(t).api
	served := map[string]operation{}
	for _, r := range a.list {
		served[r.Method+" "+ginParameter.ReplaceAllString(r.Path, "{$1}")] = declared(r)
	}
	engine, err := a.engine(Everywhere)
	require.NoError(t, err)
	require.Len(t, engine.Routes(), len(a.list)+countGets(a.list), "nothing is served that is not on the list")
	_, model := loadOpenAPI(t)
	documented := map[string]operation{}
	for path, item := range model.Paths.PathItems.FromOldest() {
		for method, op := range item.GetOperations().FromOldest() {
			name := strings.ToUpper(method) + " " + path
			documented[name] = described(op)
			requireParameters(t, name, path, op)
		}
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(documented)), slices.Collect(maps.Keys(served)))
	for name, op := range documented {
		assert.Equal(t, op, served[name], name)
	}
}

func countGets(list []*route) int {
	n := 0
	for _, r := range list {
		if r.Method == http.MethodGet {
			n++
		}
	}
	return n
}

func declared(r *route) operation {
	query, statuses := map[string]bool{}, map[string]bool{}
	for _, p := range r.Query {
		query[p.Name()] = true
	}
	for _, status := range r.Statuses {
		statuses[strconv.Itoa(status)] = true
	}
	for _, k := range r.Problems {
		statuses[strconv.Itoa(k.Status)] = true
	}
	return operation{slices.Sorted(maps.Keys(query)), slices.Sorted(maps.Keys(statuses))}
}

func described(op *v3.Operation) operation {
	query, statuses := map[string]bool{}, map[string]bool{}
	for _, p := range op.Parameters {
		if p.In == "query" {
			query[p.Name] = true
		}
	}
	for status := range op.Responses.Codes.KeysFromOldest() {
		statuses[status] = true
	}
	delete(statuses, "default")
	return operation{slices.Sorted(maps.Keys(query)), slices.Sorted(maps.Keys(statuses))}
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
	writes := !strings.HasPrefix(name, "GET") && name != "POST /v1/subjects/lookup" && name != "POST /v1/plans/{id}/foresee" && name != "POST /public/v1/verify" &&
		!strings.HasSuffix(name, " /session")
	require.Equal(t, writes, key, name)
	require.NotEmpty(t, op.OperationId, name)
	require.Contains(t, op.Summary, " · ", name)
}
