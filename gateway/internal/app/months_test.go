package app_test

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// closedMonth closes November, in which all but one were credited in time, and looks at it as a reader does.
func (w *world) closedMonth(count int) {
	w.t.Helper()
	const path = "/v1/months/dibao/530181/2026-11"
	w.must(http.StatusNotFound, "audit-reader", call{method: http.MethodGet, path: path})
	w.network.Ledger.SetTime(time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC))
	w.must(http.StatusForbidden, "civil-approver", call{method: http.MethodPost, path: path + "/close"})
	w.must(http.StatusUnprocessableEntity, "civil-preparer", call{method: http.MethodPost, path: "/v1/months/dibao/530181/2026-13/close"})
	w.must(http.StatusOK, "civil-preparer", call{method: http.MethodPost, path: path + "/close"})
	refused := w.must(http.StatusConflict, "civil-preparer", call{method: http.MethodPost, path: path + "/close", body: object{}})
	require.Contains(w.t, string(refused.body), "没有变化")

	var of struct {
		Month struct {
			Version, Due, Unpaid, Returned, Rows int
			OnTime                               int `json:"on_time"`
			Villages                             []struct {
				Code, Root string
				Rows       int
			}
		}
		Versions []struct{ Version int }
	}
	w.get("audit-reader", path, &of)
	require.Equal(w.t, 1, of.Month.Version)
	require.Equal(w.t, count, of.Month.Due)
	require.Equal(w.t, count-1, of.Month.OnTime)
	require.Equal(w.t, 1, of.Month.Unpaid)
	require.Equal(w.t, 1, of.Month.Returned)
	require.Len(w.t, of.Versions, 1)
	w.must(http.StatusNotFound, "audit-reader", call{method: http.MethodGet, path: path + "?version=2"})
	w.must(http.StatusUnprocessableEntity, "audit-reader", call{method: http.MethodGet, path: path + "?version=0"})
	w.must(http.StatusUnprocessableEntity, "audit-reader", call{method: http.MethodGet, path: path + "/rows"})

	var list struct {
		Items []struct {
			Period         string
			Rows, Villages int
		}
	}
	w.get("audit-reader", "/v1/months?programme=dibao&region=530181&period=2026-11", &list)
	require.Len(w.t, list.Items, 1)
	require.Equal(w.t, count-1, list.Items[0].Rows)
	require.Equal(w.t, len(of.Month.Villages), list.Items[0].Villages)
	w.get("audit-reader", "/v1/months?period=2026-12", &list)
	require.Empty(w.t, list.Items)

	rows := 0
	for _, v := range of.Month.Villages {
		rows += w.provenRows(path+"/rows?village="+v.Code, v.Root)
	}
	require.Equal(w.t, count-1, rows)
	w.indicators(count)
	w.charts(count)
	stated := w.statements(1)
	require.Contains(w.t, stated[0], `"kind":"month"`)
	require.NotContains(w.t, stated[0], "preparer")
	w.publishedList(path, of.Month.Villages[0].Code)
	w.drawing(count) // the correction of the list has closed the month with the last payment
}

// provenRows holds each row of a village to the village's root, by the path that comes with it.
func (w *world) provenRows(path, root string) int {
	w.t.Helper()
	var of struct {
		Rows []struct {
			Row  json.RawMessage
			Hash string
			Path []string
		}
	}
	w.get("audit-reader", path, &of)
	want, err := hex.DecodeString(root)
	require.NoError(w.t, err)
	for i, r := range of.Rows {
		var members map[string]any
		require.NoError(w.t, json.Unmarshal(r.Row, &members))
		canonical, err := json.Marshal(members)
		require.NoError(w.t, err)
		hash := rfc6962.DefaultHasher.HashLeaf(canonical)
		require.Equal(w.t, hex.EncodeToString(hash), r.Hash)
		var nodes [][]byte
		for _, node := range r.Path {
			b, err := hex.DecodeString(node)
			require.NoError(w.t, err)
			nodes = append(nodes, b)
		}
		require.NoError(w.t, proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(i), uint64(len(of.Rows)), hash, nodes, want))
	}
	return len(of.Rows)
}
