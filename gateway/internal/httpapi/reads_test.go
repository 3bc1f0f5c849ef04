package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/casework"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/matching"
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

func TestReadsAnswerFromTheIndex(t *testing.T) {
	b := newBench(t)
	ref := "1-" + strings.Repeat("a", 26)
	for path, want := range map[string]string{
		"/v1/programmes/dibao":                              `{"record":"programme/dibao","region":"530181"}`,
		"/v1/programmes?limit=3&cursor=c":                   `{"items":["programme c 3 false"]}`,
		"/v1/tranches/t":                                    `{"record":"tranche/t","region":"530181"}`,
		"/v1/tranches?programme=dibao":                      `{"items":["{dibao   0   [530181]}10"]}`,
		"/v1/batches/b":                                     `{"record":"batch/b","region":"530181"}`,
		"/v1/batches?state=open&tranche=t&region=530181001": `{"items":["{dibao  open 530181001 t}10"]}`,
		"/v1/subjects/" + ref:                               `{"entries":[]}`,
		"/v1/subjects/" + ref + "/trail":                    `{"steps":[]}`,
		"/v1/officials/FinanceMSP/li/acts":                  `{"items":[]}`,
	} {
		w := b.send(http.MethodGet, path, "")
		require.Equal(t, http.StatusOK, w.Code, path)
		if !strings.Contains(path, "state=open") {
			require.JSONEq(t, want, w.Body.String(), path)
		}
	}
	require.Equal(t, relief.Official{Agency: "FinanceMSP", Name: "li"}, b.askedTx.By)
	for _, path := range []string{
		"/v1/batches/none", "/v1/batches/none/lines", "/v1/payments/dibao-530181-0000298-202611-1/trail", "/v1/batches/b/trail", "/v1/tranches/t/trail",
	} {
		require.Equal(t, http.StatusNotFound, problemIn(t, b.send(http.MethodGet, path, "")).Status, path)
	}
	b.broken = errors.New("disk secret")
	w := b.send(http.MethodGet, "/v1/batches/b", "")
	require.Equal(t, http.StatusInternalServerError, problemIn(t, w).Status)
	require.NotContains(t, w.Body.String(), "secret")
	require.Empty(t, b.calls, "the peer is not asked for a read")
}

// Who may read is the duties' matter, as the ledger has them.
func TestReadsNeedTheDuty(t *testing.T) {
	b := newBench(t)
	for role, status := range map[string]int{"preparer": 200, "approver": 403, "": 403} {
		b.role = role
		require.Equal(t, status, b.send(http.MethodGet, "/v1/batches/b", "").Code, role)
		require.Equal(t, status, b.send(http.MethodGet, "/v1/payments", "").Code, role)
		require.Equal(t, http.StatusOK, b.send(http.MethodGet, "/v1/registry", "").Code, role)
	}
	b.role = "approver"
	id := strings.Repeat("ab", 32)
	b.transactions = map[string]index.Transaction{id: {Transaction: id, State: "committed", Block: 3, Code: "VALID", By: ledger.Identity{MSPID: "CivilAffairsMSP", Name: "li", Region: "530181001"}, Records: []string{"batch/b"}}}
	w := b.send(http.MethodGet, "/v1/transactions/"+id, "")
	require.JSONEq(t, `{"transaction":"`+id+`","state":"committed","block":3,"code":"VALID"}`, w.Body.String(), "its end, and no more")
	b.role = "preparer"
	require.Contains(t, b.send(http.MethodGet, "/v1/transactions/"+id, "").Body.String(), "batch/b")
	other := strings.Repeat("cd", 32)
	require.Contains(t, b.send(http.MethodGet, "/v1/transactions/"+other, "").Body.String(), "pending")
	b.find[other] = ledger.Commit{TxID: other, Block: 9, Code: "MVCC_READ_CONFLICT"}
	require.Contains(t, b.send(http.MethodGet, "/v1/transactions/"+other, "").Body.String(), `"invalid"`)
}

func TestReadsWaitForWhatTheCallerWrote(t *testing.T) {
	b := newBench(t)
	require.Equal(t, http.StatusOK, b.send(http.MethodGet, "/v1/batches/b", "").Code)
	require.Empty(t, b.waited)
	b.seen = 4
	require.Equal(t, http.StatusOK, b.send(http.MethodGet, "/v1/batches/b", "").Code)
	require.Equal(t, http.StatusOK, b.send(http.MethodGet, "/v1/batches/b?at_least_block=6", "").Code)
	require.Equal(t, http.StatusOK, b.send(http.MethodGet, "/v1/batches/b?at_least_block=2", "").Code)
	require.Equal(t, []uint64{4, 6, 4}, b.waited)
	w := b.send(http.MethodGet, "/v1/batches/b?at_least_block=7", "")
	p := problemIn(t, w)
	require.Equal(t, "/problems/index-behind", p.Type)
	require.Equal(t, http.StatusServiceUnavailable, p.Status)
	require.NotEmpty(t, w.Header().Get("Retry-After"))
}

// searches counts what departments are asked.
type searches struct {
	casework.Matching
	count int
}

func (s *searches) Collector() prometheus.Collector {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: "searches"})
}

func (s *searches) Search(context.Context, matching.Search) (matching.Report, error) {
	s.count++
	return matching.Report{}, nil
}

// Who is in a case that the caller has just filed is not searched for as somebody in none: the index is waited for.
func TestQueriesWaitForWhatTheCallerWrote(t *testing.T) {
	asked := &searches{}
	b := newBench(t, func(d *Deps) { d.Cases.Matching, d.Cases.MatchingTime = asked, time.Minute })
	search := func() *httptest.ResponseRecorder {
		return b.send(http.MethodPost, "/v1/needs/queries", `{"id_number":"11010519491231002X","region":"530181001"}`)
	}
	b.seen = 7
	require.Equal(t, "/problems/index-behind", problemIn(t, search()).Type)
	require.Zero(t, asked.count)
	b.seen = 4
	require.Equal(t, http.StatusOK, search().Code)
	require.Equal(t, 1, asked.count)
	require.Equal(t, []uint64{7, 4}, b.waited)
}

func TestPaymentQueries(t *testing.T) {
	b := newBench(t)
	ref := relief.SubjectRef{1, 2}
	w := b.send(http.MethodGet, "/v1/payments?subject="+ref.String()+"&batch=b&programme=dibao&region=530181&period=2026-11&state=returned"+
		"&min_amount=1.00&max_amount=620.00&approver=FinanceMSP/li&return_reason=AC04", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	period, _ := relief.ParsePeriod("2026-11")
	require.Equal(t, index.PaymentQuery{
		Subject: ref, Batch: "b", Programme: "dibao", Region: "530181", Period: period, State: "returned", Min: 100, Max: 62000,
		Approver: relief.Official{Agency: "FinanceMSP", Name: "li"}, Reason: "AC04",
	}, b.asked)
	for query, field := range map[string]string{
		"subject=x": "subject", "batch=X": "batch", "programme=9": "programme", "region=1": "region", "period=2026-13": "period",
		"state=paid": "state", "min_amount=1": "min_amount", "max_amount=-1.00": "max_amount", "min_amount=2.00&max_amount=1.00": "max_amount",
		"approver=li": "approver", "return_reason=AC044": "return_reason", "at_least_block=-1": "at_least_block", "order=1": "order",
		"batch=b'%20OR%201=1": "batch",
	} {
		p := problemIn(t, b.send(http.MethodGet, "/v1/payments?"+query, ""))
		require.Equal(t, http.StatusUnprocessableEntity, p.Status, query)
		require.Equal(t, field, p.Field, query)
	}
	for path, field := range map[string]string{
		"/v1/transactions?valid=maybe": "valid", "/v1/transactions?by=li": "by", "/v1/transactions?act=x": "act",
		"/v1/batches?state=paid": "state", "/v1/batches?cursor=%27": "cursor", "/v1/tranches?state=open": "state",
	} {
		b.steps = []index.Step{{}}
		p := problemIn(t, b.send(http.MethodGet, path, ""))
		require.Equal(t, http.StatusUnprocessableEntity, p.Status, path)
		require.Equal(t, field, p.Field, path)
	}
	b.steps = []index.Step{{}}
	require.Equal(t, http.StatusNotAcceptable, problemIn(t, b.send(http.MethodGet, "/v1/batches/b/trail?format=xml", "")).Status)
}

// Acts are asked for as trails write them.
func TestTransactionsOfAnAct(t *testing.T) {
	b := newBench(t)
	for _, act := range []string{"payment.approve", "roll.declare_account"} {
		require.Equal(t, http.StatusOK, b.send(http.MethodGet, "/v1/transactions?act="+act, "").Code, act)
		require.Equal(t, act, b.askedTx.Act)
	}
}

func TestTrailsInThreeFormats(t *testing.T) {
	b := newBench(t)
	b.steps = []index.Step{{Act: "payment.open", Title: "a · b", Record: "batch/b", Transaction: "t1", Detail: map[string]string{"sum": "1.00", "count": "2"}}}
	require.Contains(t, b.send(http.MethodGet, "/v1/batches/b/trail", "").Body.String(), `"steps":[{"act":"payment.open"`)
	w := b.send(http.MethodGet, "/v1/batches/b/trail?format=csv", "")
	require.Equal(t, "text/csv; charset=utf-8", w.Header().Get("Content-Type"))
	require.Contains(t, w.Body.String(), "count=2 sum=1.00\r\n")
	require.Equal(t, `attachment; filename="batch-b.csv"`, w.Header().Get("Content-Disposition"))
	w = b.send(http.MethodGet, "/v1/batches/b/trail", "", header("Accept", "application/provenance+json"))
	require.Equal(t, "application/provenance+json", w.Header().Get("Content-Type"))
	require.True(t, json.Valid(w.Body.Bytes()))
	require.Equal(t, http.StatusNotAcceptable, b.send(http.MethodGet, "/v1/batches/b/trail", "", header("Accept", "image/png")).Code)
}

func testPayments(n int) []payment.Payment {
	payments := make([]payment.Payment, n)
	for i := range payments {
		period, _ := relief.ParsePeriod("2026-11")
		payments[i] = payment.Payment{
			ID: relief.PaymentID{Programme: "dibao", County: "530181", Number: uint32(i), Period: period, Attempt: 1}, Subject: relief.SubjectRef{1},
			Programme: "dibao", County: "530181", Number: uint32(i), Period: period, Attempt: 1, Batch: "b", Amount: 100, State: "listed",
		}
	}
	return payments
}

func TestLinesComeInPagesThatMissNothing(t *testing.T) {
	for _, c := range []struct{ n, limit int }{{0, 5}, {7, 2}, {7, 7}, {7, 10}, {9, 4}} {
		b := newBench(t)
		b.payments = testPayments(c.n)
		var got []payment.Payment
		cursor := ""
		for pages := 0; pages == 0 || cursor != ""; pages++ {
			require.Less(t, pages, 20)
			w := b.send(http.MethodGet, fmt.Sprintf("/v1/batches/b/lines?limit=%d&cursor=%s", c.limit, cursor), "")
			require.Equal(t, http.StatusOK, w.Code, w.Body.String())
			var page index.Page[payment.Payment]
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
			require.LessOrEqual(t, len(page.Items), c.limit)
			got = append(got, page.Items...)
			cursor = page.Next
		}
		require.Len(t, got, c.n)
		require.Equal(t, relief.BatchID("b"), b.asked.Batch)
	}
}

// exported is more than one page of an export.
const exported = 1002

func TestLinesAsFiles(t *testing.T) {
	b := newBench(t)
	b.payments = testPayments(exported)
	w := b.send(http.MethodGet, "/v1/batches/b/lines", "", header("Accept", "text/csv"))
	require.Equal(t, "text/csv; charset=utf-8", w.Header().Get("Content-Type"))
	rows := strings.Split(strings.TrimSpace(w.Body.String()), "\r\n")
	require.Len(t, rows, exported+1)
	require.True(t, strings.HasPrefix(rows[0], "\ufeffid,subject,"))
	require.True(t, strings.HasPrefix(rows[3], "dibao-530181-0000002-202611-1,1-aaaaaaaaaaaaaaaaaaaaaaaaaa,"), rows[3])

	w = b.send(http.MethodGet, "/v1/batches/b/lines", "", header("Accept", "application/x-ndjson"))
	require.Len(t, strings.Split(strings.TrimSpace(w.Body.String()), "\n"), exported)

	b.breaks = true
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		b.send(http.MethodGet, "/v1/batches/b/lines", "", header("Accept", "text/csv"))
	}, "a part is never given for the whole")
}

func TestReadinessSaysWhatIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		w := b.send(http.MethodGet, "/readyz", "")
		require.Equal(t, http.StatusOK, w.Code)
		require.Contains(t, w.Body.String(), `"height":7`)
		time.Sleep(probeEvery)
		b.height = 100
		w = b.send(http.MethodGet, "/readyz", "")
		require.Equal(t, http.StatusServiceUnavailable, w.Code)
		require.Contains(t, w.Body.String(), `"detail":"已索引 7 个区块，共 100 个。 · 7 of 100 blocks indexed."`)
		time.Sleep(probeEvery)
		b.height, b.foreign = 7, index.ErrForeign
		require.Contains(t, b.send(http.MethodGet, "/readyz", "").Body.String(), "gateway index rebuild")
		require.Equal(t, "/problems/index-behind", problemIn(t, b.send(http.MethodGet, "/v1/batches/b", "")).Type)
		time.Sleep(probeEvery)
		b.down = errors.New("dial secret")
		w = b.send(http.MethodGet, "/readyz", "")
		require.Equal(t, http.StatusServiceUnavailable, w.Code)
		require.NotContains(t, w.Body.String(), "secret")
	})
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
