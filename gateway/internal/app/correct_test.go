package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// overview is what an approver looks at.
type overview struct {
	Batch  struct{ State string }
	Listed struct{ Count int }
	New    struct {
		Count int
		Items []struct{ Subject string }
		Next  string
	}
	Sources []struct{ Tranche, Available, Reserved string }
	Uploads []struct {
		Refused  int
		Refusals string
	}
	Townships []struct{ Region string }
}

// TestABatchIsCorrectedOverREST: an approver sends a batch back; its preparer takes a line out, replaces it, corrects the control
// totals, and hands the batch over.
func TestABatchIsCorrectedOverREST(t *testing.T) {
	w := newWorld(t)
	list := read(t, "payments-2026-11.csv")
	w.programmeAndTranche()
	w.importRoll()
	w.open("b-11", "2026-11", list)
	wrong := []byte(strings.Replace(string(list), ",孟华,", ",孟花,", 1))
	require.Equal(t, 299, w.upload("civil-preparer", http.MethodPut, "/v1/batches/b-11/lines", wrong).Result.Accepted)
	w.post(409, "civil-preparer", "/v1/batches/b-11/seal", object{})
	w.post(200, "civil-preparer", "/v1/batches/b-11/control", object{"count": 299, "sum": "346830.00"})
	w.post(200, "civil-preparer", "/v1/batches/b-11/seal", object{})

	var o overview
	w.get("civil-approver", "/v1/batches/b-11/overview?limit=2", &o)
	require.Equal(t, []any{"sealed", 299, 299, 2}, []any{o.Batch.State, o.Listed.Count, o.New.Count, len(o.New.Items)})
	require.Equal(t, "346830.00", o.Sources[0].Reserved)
	require.Equal(t, 1, o.Uploads[0].Refused)
	w.must(http.StatusOK, "civil-approver", call{method: http.MethodGet, path: o.Uploads[0].Refusals})
	require.Greater(t, len(o.Townships), 1)
	var page struct {
		Items []struct{ Subject string }
	}
	w.get("finance-approver", "/v1/batches/b-11/overview/new?limit=1000&cursor="+o.New.Next, &page)
	require.Len(t, page.Items, 297)
	csv := w.must(http.StatusOK, "audit-reader", call{
		method: http.MethodGet, path: "/v1/batches/b-11/overview/new", header: map[string]string{"Accept": "text/csv"},
	})
	require.Equal(t, 300, strings.Count(string(csv.body), "\r\n"))
	w.get("audit-reader", "/v1/batches/b-11/overview", &o)
	w.must(http.StatusNotFound, "audit-reader", call{method: http.MethodGet, path: "/v1/batches/b-11/overview/others"})

	w.post(403, "finance-approver", "/v1/batches/b-11/send-back", object{"reason": "缺一户"})
	w.post(403, "civil-preparer", "/v1/batches/b-11/send-back", object{"reason": "缺一户"})
	w.post(200, "civil-approver", "/v1/batches/b-11/send-back", object{"reason": "缺一户"})
	var removal struct {
		Removed int
		Unknown []string
	}
	w.post(200, "civil-preparer", "/v1/batches/b-11/lines/remove", object{"subjects": []string{page.Items[0].Subject, nobody}}).into(t, &removal)
	require.Equal(t, 1, removal.Removed)
	require.Equal(t, []string{nobody}, removal.Unknown)
	require.Equal(t, 2, w.upload("civil-preparer", http.MethodPut, "/v1/batches/b-11/lines", list).Result.Accepted)
	w.post(200, "civil-preparer", "/v1/batches/b-11/control", object{"count": 300, "sum": "347310.00"})
	w.post(422, "civil-preparer", "/v1/batches/b-11/hand-over", object{"to": ""})
	w.post(200, "civil-preparer", "/v1/batches/b-11/hand-over", object{"to": "civil-deputy"})
	w.post(403, "civil-preparer", "/v1/batches/b-11/seal", object{})
	w.nothingPersonal(list)
}

const nobody = "1-aaaaaaaaaaaaaaaaaaaaaaaaaa"
