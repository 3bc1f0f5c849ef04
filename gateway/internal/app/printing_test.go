package app_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReceiptsOfAVillage: a village's receipts are ordered as a job, made as a page each, given to who ordered them alone, and recorded.
func TestReceiptsOfAVillage(t *testing.T) {
	w := newWorld(t)
	payments := w.settled("b-11")
	w.cosigned(len(payments) - 1)
	const path = "/v1/batches/b-11/receipts"
	var paid struct{ Region string }
	w.get("finance-preparer", "/v1/payments/"+payments[7].ID, &paid)
	village := paid.Region
	var of struct{ Total struct{ Count int } }
	w.get("finance-preparer", "/v1/totals?batch=b-11&state=credited&region="+village, &of)
	credited := of.Total.Count
	require.Greater(t, credited, 1)

	for _, c := range []struct {
		status    int
		principal string
		body      object
		says      string
	}{
		{403, "audit-reader", object{}, "forbidden"},
		{403, "civil-preparer", object{}, "not-this-gateway"},
		{422, "finance-preparer", object{"region": "5301x"}, "region"},
		{422, "finance-preparer", object{"region": "530129001001"}, "region"},
		{422, "finance-preparer", object{"print": "huge"}, "print"},
		{422, "finance-preparer", object{"pages": 3}, "pages"},
		{409, "finance-preparer", object{"region": "530181999"}, "wrong-state"},
	} {
		a := w.do(c.principal, call{method: http.MethodPost, path: path, body: c.body})
		require.Equal(t, c.status, a.StatusCode, "%s %v: %s", c.principal, c.body, a.body)
		require.Contains(t, string(a.body), c.says)
	}

	order := call{method: http.MethodPost, path: path, body: object{"region": village, "print": "large"}, header: map[string]string{"Idempotency-Key": "pages-1"}}
	began := w.must(http.StatusAccepted, "finance-preparer", order)
	pages := began.Header.Get("Location") + "/receipts"
	if !w.printed(began) {
		return
	}
	again := w.must(http.StatusAccepted, "finance-preparer", order)
	require.Equal(t, began.Header.Get("Location"), again.Header.Get("Location"), "the same order is the same job")

	file := w.must(200, "finance-preparer", call{method: http.MethodGet, path: pages})
	require.Equal(t, "application/pdf", file.Header.Get("Content-Type"))
	require.Contains(t, file.Header.Get("Content-Disposition"), "b-11-"+village+"-receipts.pdf")
	require.Equal(t, credited, bytes.Count(file.body, []byte("/Type /Page\n")))
	w.must(404, "finance-approver", call{method: http.MethodGet, path: pages})
	w.must(404, "finance-preparer", call{method: http.MethodGet, path: "/v1/jobs/none/receipts"})

	var read struct {
		Items []struct {
			Purpose, Record string
			Count           int
		}
	}
	w.get("finance-approver", "/v1/readings?purpose=receipt", &read)
	require.NotEmpty(t, read.Items)
	last := read.Items[len(read.Items)-1]
	require.Equal(t, "batch/b-11", last.Record)
	require.Equal(t, credited, last.Count)
}

// printed follows the job of pages. It reports false where no Chinese font is installed.
func (w *world) printed(began answer) bool {
	w.t.Helper()
	path := began.Header.Get("Location")
	w.must(200, "finance-preparer", call{method: http.MethodGet, path: path, header: map[string]string{"Accept": "text/event-stream"}})
	var j job
	w.get("finance-preparer", path, &j)
	if strings.Contains(j.Error, "Chinese font") {
		w.must(409, "finance-preparer", call{method: http.MethodGet, path: path + "/receipts"})
		w.t.Log("no Chinese font is installed: the pages were not made")
		return false
	}
	require.Equal(w.t, "done", j.State, j.Error)
	return true
}
