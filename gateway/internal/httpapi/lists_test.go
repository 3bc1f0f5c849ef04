package httpapi

import (
	"encoding/csv"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"relieftrail/gateway/internal/table"
)

// The same list in each format, by the header or by the query.
func TestAListInEachFormat(t *testing.T) {
	b := newBench(t)
	b.payments = testPayments(exported)
	for _, format := range []table.Format{table.CSV, table.NDJSON, table.Workbook} {
		byQuery := b.send(http.MethodGet, "/v1/payments?format="+string(format), "", header("Accept", "image/png"))
		require.Equal(t, http.StatusOK, byQuery.Code, byQuery.Body.String())
		require.Equal(t, `attachment; filename="payments.`+string(format)+`"`, byQuery.Header().Get("Content-Disposition"))
		byHeader := b.send(http.MethodGet, "/v1/payments", "", header("Accept", format.MediaType()))
		require.Equal(t, format.ContentType(), byHeader.Header().Get("Content-Type"))
		require.Equal(t, fmt.Sprint(exported), byHeader.Result().Trailer.Get("X-Rows"))
		switch format {
		case table.CSV:
			rows, err := csv.NewReader(byQuery.Body).ReadAll()
			require.NoError(t, err)
			require.Len(t, rows, exported+1)
		case table.NDJSON:
			require.Equal(t, exported, strings.Count(byQuery.Body.String(), "\n"))
		case table.Workbook:
			book, err := excelize.OpenReader(byQuery.Body)
			require.NoError(t, err)
			rows, err := book.GetRows("Sheet1")
			require.NoError(t, err)
			require.Len(t, rows, exported+1)
			require.NoError(t, book.Close())
		}
	}
	require.Contains(t, b.send(http.MethodGet, "/v1/payments?format=json", "", header("Accept", "text/csv")).Body.String(), `"items":[`)
	require.Contains(t, b.send(http.MethodGet, "/v1/payments?format=csv&headers=zh&bom=false", "").Body.String(), "编号,对象编号,项目,")
}

func TestAFormatThatIsNotThere(t *testing.T) {
	b := newBench(t)
	b.jobs["j"] = newJob("j")
	for path, words := range map[string]string{
		"/v1/payments?format=pdf":          "json, csv, ndjson, xlsx",
		"/v1/batches/b/trail?format=xml":   "json, csv, ndjson, xlsx",
		"/v1/jobs/j/refusals?format=json":  "csv, ndjson, xlsx",
		"/v1/officials/A/li/acts?format=a": "json, csv, ndjson, xlsx",
	} {
		p := problemIn(t, b.send(http.MethodGet, path, ""))
		require.Equal(t, http.StatusNotAcceptable, p.Status, path)
		require.Contains(t, p.Detail, words, path)
	}
	p := problemIn(t, b.send(http.MethodGet, "/v1/payments", "", header("Accept", "text/html")))
	require.Equal(t, http.StatusNotAcceptable, p.Status)
	require.Contains(t, p.Detail, table.TypeWorkbook)
	require.Equal(t, http.StatusUnprocessableEntity, b.send(http.MethodGet, "/v1/payments?bom=maybe", "").Code)
	require.Equal(t, http.StatusUnprocessableEntity, b.send(http.MethodGet, "/v1/batches/b?format=csv", "").Code, "a record is no list")
}

// A file that breaks off is never one that looks whole: a workbook was not begun yet, other files lose their connection.
func TestAFileThatBreaksOff(t *testing.T) {
	b := newBench(t)
	b.payments = testPayments(exported)
	b.breaks = true
	w := b.send(http.MethodGet, "/v1/payments?format=xlsx", "")
	require.Equal(t, http.StatusInternalServerError, problemIn(t, w).Status)
	require.Empty(t, w.Header().Get("Content-Disposition"))
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { b.send(http.MethodGet, "/v1/payments?format=csv", "") })
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { b.send(http.MethodGet, "/v1/payments?format=ndjson", "") })
}

// The document names the columns of every list, and every list is offered in every format.
func TestTheDocumentNamesTheColumns(t *testing.T) {
	a := newBench(t).api
	_, model := loadOpenAPI(t)
	for _, r := range a.list {
		if r.Columns == nil {
			continue
		}
		path := ginParameter.ReplaceAllString(r.Path, "{$1}")
		content := contentOf(t, model, path)
		names := make([]string, len(r.Columns))
		for i := range r.Columns {
			names[i] = r.Columns[i].Name
		}
		for _, format := range []table.Format{table.CSV, table.NDJSON, table.Workbook} {
			require.Contains(t, content, format.MediaType(), path)
		}
		assert.Equal(t, strings.Join(names, ", "), content[table.TypeCSV], path)
	}
	for _, r := range a.list {
		page := r.Method == http.MethodGet && strings.HasPrefix(r.Path, "/v1/") && declares(r, "cursor")
		require.True(t, !page || r.Columns != nil, "%s has pages and no file", r.Path)
	}
}

func declares(r *route, name string) bool {
	for _, p := range r.Query {
		if p.Name() == name {
			return true
		}
	}
	return false
}

// contentOf are the media types of a GET's answer, with the descriptions of their schemas.
func contentOf(t *testing.T, model *v3.Document, path string) map[string]string {
	t.Helper()
	item, there := model.Paths.PathItems.Get(path)
	require.True(t, there, path)
	answer, there := item.Get.Responses.Codes.Get("200")
	require.True(t, there, path)
	out := map[string]string{}
	for name, mediaType := range answer.Content.FromOldest() {
		out[name] = mediaType.Schema.Schema().Description
	}
	return out
}

var update = flag.Bool("update", false, "write docs/lists.md")

const (
	listsPage  = "../../../docs/lists.md"
	listsBegin = "<!-- The lists: go test ./gateway/internal/httpapi -run ListsPage -update -->\n"
)

// The page of the formats ends with the columns of every list; lists with the same columns are together.
func TestListsPage(t *testing.T) {
	var order []string
	paths := map[string][]string{}
	for _, r := range newBench(t).api.list {
		if r.Columns == nil {
			continue
		}
		var b strings.Builder
		for _, h := range r.Columns {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", h.Name, h.Zh, h.Kind)
		}
		if paths[b.String()] == nil {
			order = append(order, b.String())
		}
		paths[b.String()] = append(paths[b.String()], "`"+ginParameter.ReplaceAllString(r.Path, "{$1}")+"`")
	}
	page, err := os.ReadFile(listsPage)
	require.NoError(t, err)
	text, _, there := strings.Cut(string(page), listsBegin)
	require.True(t, there)
	var want strings.Builder
	want.WriteString(text + listsBegin)
	for _, columns := range order {
		fmt.Fprintf(&want, "\n%s\n\n| column | 中文 | kind |\n|---|---|---|\n%s", strings.Join(paths[columns], ", "), columns)
	}
	if *update {
		require.NoError(t, os.WriteFile(listsPage, []byte(want.String()), 0o644))
		return
	}
	require.True(t, want.String() == string(page), "go test ./gateway/internal/httpapi -run ListsPage -update") //nolint:testifylint // no difference of 800 lines
}
