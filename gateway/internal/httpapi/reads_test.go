package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
)

func TestWhoCallsIsAskedFirst(t *testing.T) {
	b := newBench(t)
	for name, edit := range map[string]func(*http.Request){
		"no token":     header("Authorization", ""),
		"wrong token":  header("Authorization", "Bearer wrong-token-0123456789abcdef"),
		"other scheme": header("Authorization", "Basic "+testToken),
	} {
		for _, path := range []string{"/v1/batches", "/v1/batches/b", "/v1/jobs/j"} {
			w := b.send(http.MethodGet, path, "", edit)
			require.Equal(t, http.StatusUnauthorized, problemIn(t, w).Status, name)
			require.Contains(t, w.Header().Get("WWW-Authenticate"), "Bearer", name)
		}
		require.Equal(t, http.StatusUnauthorized, b.send(http.MethodPost, "/v1/batches", batchJSON, edit).Code, name)
	}
	require.Empty(t, b.calls)
	for _, path := range []string{"/", "/docs", "/openapi.yaml", "/healthz", "/readyz", "/metrics", "/problems/invalid", "/assets/style.css"} {
		require.Equal(t, http.StatusOK, b.send(http.MethodGet, path, "", header("Authorization", "")).Code, path)
	}
}

func TestRequestsThatNoHandlerTakes(t *testing.T) {
	big := `{"id":"` + strings.Repeat("x", 5000) + `"}`
	for name, c := range map[string]struct {
		method, path, body string
		edit               func(*http.Request)
		status             int
		slug               string
	}{
		"unknown path":       {"GET", "/v1/nothing", "", nil, 404, "unknown-path"},
		"trailing slash":     {"GET", "/v1/batches/", "", nil, 404, "unknown-path"},
		"wrong method":       {"DELETE", "/v1/batches/b", "", nil, 405, "method-not-allowed"},
		"no key":             {"POST", "/v1/batches", batchJSON, header("Idempotency-Key", ""), 400, "idempotency-key"},
		"key with a space":   {"POST", "/v1/batches", batchJSON, header("Idempotency-Key", "a b"), 400, "idempotency-key"},
		"key too long":       {"POST", "/v1/batches", batchJSON, header("Idempotency-Key", strings.Repeat("k", 129)), 400, "idempotency-key"},
		"key not ASCII":      {"POST", "/v1/batches", batchJSON, header("Idempotency-Key", "钥匙"), 400, "idempotency-key"},
		"no content type":    {"POST", "/v1/batches", batchJSON, header("Content-Type", ""), 415, "unsupported-media-type"},
		"a form":             {"POST", "/v1/batches", batchJSON, header("Content-Type", "application/x-www-form-urlencoded"), 415, "unsupported-media-type"},
		"another charset":    {"POST", "/v1/batches", batchJSON, header("Content-Type", "application/json; charset=gbk"), 415, "unsupported-media-type"},
		"compressed JSON":    {"POST", "/v1/batches", batchJSON, header("Content-Encoding", "gzip"), 415, "unsupported-media-type"},
		"body over limit":    {"POST", "/v1/batches", big, nil, 413, "too-large"},
		"body missing":       {"POST", "/v1/batches", "", header("Content-Type", "application/json"), 400, "malformed-json"},
		"unknown query":      {"POST", "/v1/batches/b/seal?force=1", "", nil, 422, "invalid"},
		"unknown filter":     {"GET", "/v1/batches?county=1", "", nil, 422, "invalid"},
		"filter twice":       {"GET", "/v1/batches?state=open&state=sealed", "", nil, 422, "invalid"},
		"page too large":     {"GET", "/v1/batches?limit=11", "", nil, 422, "invalid"},
		"page of nothing":    {"GET", "/v1/batches?limit=0", "", nil, 422, "invalid"},
		"not a cursor":       {"GET", "/v1/batches/b/lines?cursor=zzz", "", nil, 422, "invalid"},
		"format not offered": {"GET", "/v1/batches/b/lines", "", header("Accept", "image/png"), 406, "not-acceptable"},
		"malformed payment":  {"GET", "/v1/payments/x", "", nil, 422, "invalid"},
		"malformed batch":    {"POST", "/v1/batches/X%20Y/seal", "", nil, 422, "invalid"},
		"malformed subject":  {"GET", "/v1/subjects/x/trail", "", nil, 422, "invalid"},
		"unknown job":        {"GET", "/v1/jobs/none", "", nil, 404, "not-found"},
		"unknown problem":    {"GET", "/problems/none", "", nil, 404, "not-found"},
		"unknown asset":      {"GET", "/assets/none", "", nil, 404, "not-found"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			edits := []func(*http.Request){}
			if c.edit != nil {
				edits = append(edits, c.edit)
			}
			w := b.send(c.method, c.path, c.body, edits...)
			p := problemIn(t, w)
			require.Equal(t, c.status, p.Status)
			require.Equal(t, "/problems/"+c.slug, p.Type)
			require.Empty(t, b.calls)
			if c.status == 405 {
				require.Contains(t, w.Header().Get("Allow"), "GET")
			}
		})
	}
}

func TestReadsAskTheContractInTheCallersName(t *testing.T) {
	b := newBench(t)
	b.evaluate = func(call ledger.Call) ([]byte, error) { return []byte(`{"asked":"` + call.Function + `"}`), nil }
	ref := "1-" + strings.Repeat("a", 26)
	for path, want := range map[string]ledger.Call{
		"/v1/programmes/dibao":                    {Function: "programme:Get", Argument: []byte(`{"id":"dibao"}`)},
		"/v1/programmes":                          {Function: "programme:List", Argument: []byte(`{"limit":10}`)},
		"/v1/tranches/t":                          {Function: "fund:Get", Argument: []byte(`{"id":"t"}`)},
		"/v1/batches/b":                           {Function: "payment:Get", Argument: []byte(`{"id":"b"}`)},
		"/v1/registry":                            {Function: "registry:Get"},
		"/v1/subjects/" + ref:                     {Function: "case:Subject", Argument: []byte(`{"subject":"` + ref + `"}`)},
		"/v1/subjects/" + ref + "/trail":          {Function: "case:Subject", Argument: []byte(`{"subject":"` + ref + `"}`)},
		"/v1/batches?state=open&limit=3&cursor=c": {Function: "payment:List", Argument: []byte(`{"cursor":"c","limit":3,"state":"open"}`)},
		"/v1/payments/dibao-530181-0000298-202611-1": {
			Function: "payment:Payment", Argument: []byte(`{"id":"dibao-530181-0000298-202611-1"}`)},
	} {
		b.calls = nil
		w := b.send(http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, w.Code, path)
		require.Len(t, b.calls, 1, path)
		require.Equal(t, want.Function, b.calls[0].Function, path)
		require.Equal(t, string(want.Argument), string(b.calls[0].Argument), path)
	}
	b.evaluate = func(ledger.Call) ([]byte, error) { return nil, relief.Errorf(relief.CodeNotFound, "no") }
	require.Equal(t, http.StatusNotFound, b.send(http.MethodGet, "/v1/payments/dibao-530181-0000298-202611-1/trail", "").Code)
	b.evaluate = func(ledger.Call) ([]byte, error) { return nil, errors.New("connection secret") }
	w := b.send(http.MethodGet, "/v1/batches/b", "")
	require.Equal(t, "/problems/ledger-unavailable", problemIn(t, w).Type)
	require.NotContains(t, w.Body.String(), "secret")
}

// segments answers for a batch of n payments in segments of size s; with sealed the batch names its segments.
func segments(n, size int, sealed bool) func(ledger.Call) ([]byte, error) {
	return func(call ledger.Call) ([]byte, error) {
		count := (n + size - 1) / size
		var numbers, roll []string
		for i := range count {
			numbers = append(numbers, fmt.Sprint(i+1))
			roll = append(roll, fmt.Sprintf(`{"segment":%d,"count":1}`, i+1))
		}
		switch call.Function {
		case "payment:Get":
			if sealed {
				return []byte(`{"id":"b","segments":[` + strings.Join(numbers, ",") + `]}`), nil
			}
			return []byte(`{"id":"b","programme":"dibao","region":"530181"}`), nil
		case "case:RollStatus":
			return []byte(`{"segments":[` + strings.Join(roll, ",") + `]}`), nil
		default:
			var arg struct{ Segment int }
			_ = json.Unmarshal(call.Argument, &arg)
			var lines []string
			for i := (arg.Segment - 1) * size; i < min(n, arg.Segment*size); i++ {
				lines = append(lines, fmt.Sprintf(`{"id":"p%d","amount":"1.00","number":%d,"state":"listed"}`, i, i))
			}
			return []byte(`{"lines":[` + strings.Join(lines, ",") + `]}`), nil
		}
	}
}

func TestLinesComeInPagesThatMissNothing(t *testing.T) {
	for _, c := range []struct{ n, size, limit int }{{0, 3, 5}, {7, 3, 2}, {7, 3, 3}, {7, 3, 10}, {9, 3, 4}, {5, 1, 2}, {130, 1, 10}} {
		for _, sealed := range []bool{true, false} {
			b := newBench(t)
			b.evaluate = segments(c.n, c.size, sealed)
			var got []string
			cursor := ""
			for pages := 0; pages == 0 || cursor != ""; pages++ {
				require.Less(t, pages, 200)
				w := b.send(http.MethodGet, fmt.Sprintf("/v1/batches/b/lines?limit=%d&cursor=%s", c.limit, cursor), "")
				require.Equal(t, http.StatusOK, w.Code, w.Body.String())
				var page struct {
					Items []struct{ ID string }
					Next  string
				}
				require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
				require.LessOrEqual(t, len(page.Items), c.limit)
				for _, item := range page.Items {
					got = append(got, item.ID)
				}
				cursor = page.Next
			}
			require.Len(t, got, c.n)
			for i, id := range got {
				require.Equal(t, fmt.Sprintf("p%d", i), id)
			}
		}
	}
}

func TestLinesAsFiles(t *testing.T) {
	b := newBench(t)
	b.evaluate = segments(3, 2, true)
	w := b.send(http.MethodGet, "/v1/batches/b/lines", "", header("Accept", "text/csv"))
	require.Equal(t, "text/csv; charset=utf-8", w.Header().Get("Content-Type"))
	rows := strings.Split(strings.TrimSpace(w.Body.String()), "\r\n")
	require.Len(t, rows, 4)
	require.True(t, strings.HasPrefix(rows[0], "id,subject,"))
	require.Equal(t, "p2,,,,2,,,1.00,,,listed,,,,", rows[3])

	w = b.send(http.MethodGet, "/v1/batches/b/lines", "", header("Accept", "application/x-ndjson"))
	require.Len(t, strings.Split(strings.TrimSpace(w.Body.String()), "\n"), 3)

	good := b.evaluate
	b.evaluate = func(call ledger.Call) ([]byte, error) {
		if call.Function == "payment:Lines" && strings.Contains(string(call.Argument), `"segment":2`) {
			return nil, errors.New("gone")
		}
		return good(call)
	}
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		b.send(http.MethodGet, "/v1/batches/b/lines", "", header("Accept", "text/csv"))
	}, "a part is never given for the whole")
}

func TestSubjectLookupKeepsTheNumberToItself(t *testing.T) {
	b := newBench(t)
	const number = "11010519491231002X"
	w := b.send(http.MethodPost, "/v1/subjects/lookup", `{"id_number":"`+number+`"}`, header("Idempotency-Key", ""))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	id, _ := relief.ParseIDNumber(number)
	require.JSONEq(t, `{"subject":"`+relief.NewSubjectRef(1, b.api.SubjectKey, id).String()+`"}`, w.Body.String())
	w = b.send(http.MethodPost, "/v1/subjects/lookup", `{"id_number":"110105194912310021"}`)
	require.Equal(t, "id_number", problemIn(t, w).Field)
	require.NotContains(t, w.Body.String()+b.log.String(), "1101051949")
}

func TestReadinessSaysWhatIsMissing(t *testing.T) {
	b := newBench(t)
	w := b.send(http.MethodGet, "/readyz", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `"height":7`)
	b.height = 100
	w = b.send(http.MethodGet, "/readyz", "")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), "7 of 100 blocks indexed")
	b.down = errors.New("dial secret")
	w = b.send(http.MethodGet, "/readyz", "")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.NotContains(t, w.Body.String(), "secret")
}

func TestLogsAndMetricsHaveTemplatesAndNoIds(t *testing.T) {
	b := newBench(t)
	ref := "1-" + strings.Repeat("a", 26)
	b.send(http.MethodGet, "/v1/subjects/"+ref, "")
	b.send(http.MethodGet, "/v1/batches?cursor=530181196401209708", "")
	b.send(http.MethodGet, "/v1/530181196401209708", "")
	b.send("BREW", "/v1/batches", "")
	page := b.send(http.MethodGet, "/metrics", "").Body.String()
	for _, secret := range []string{ref, "530181196401209708", testToken, "BREW"} {
		require.NotContains(t, b.log.String(), secret)
		require.NotContains(t, page, secret)
	}
	require.Contains(t, page, `route="/v1/subjects/:ref"`)
	require.Contains(t, page, `relieftrail_ledger_height 7`)
	require.Contains(t, b.log.String(), `"route":"unmatched"`)
}
