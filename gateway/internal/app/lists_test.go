package app_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

// publishedList publishes the list of a month by two, as a reader sees it at each agency, and takes it down by two.
func (w *world) publishedList(month, village string) {
	w.t.Helper()
	list := strings.Replace(month, "/v1/months", "/lists", 1)
	ask := func(path string) []answer {
		var all []answer
		for _, name := range []string{"civil-preparer", "finance-preparer", "audit-reader"} {
			all = append(all, w.do(name, call{method: http.MethodGet, path: path}))
		}
		return all
	}
	shown := func(path string, status int, text string) {
		w.t.Helper()
		for _, a := range ask(path) {
			require.Equal(w.t, status, a.StatusCode, string(a.body))
			require.Less(w.t, len(a.body), 60_000)
			require.Contains(w.t, string(a.body), text)
		}
	}
	var of struct {
		State    string
		Proposed struct{ SHA256 string }
	}
	propose := func(act string, body any) {
		w.must(http.StatusOK, "civil-preparer", call{method: http.MethodPost, path: month + "/list/" + act, body: body})
		for _, reader := range []string{"finance-preparer", "audit-reader", "civil-approver"} { // each gateway has it now
			w.get(reader, fmt.Sprintf("%s/list?at_least_block=%d", month, w.height()-1), &of)
		}
	}
	decide := func() {
		w.must(http.StatusOK, "civil-approver", call{method: http.MethodPost, path: month + "/list/decide", body: object{"sha256": of.Proposed.SHA256, "agree": true}})
		for _, reader := range []string{"finance-preparer", "audit-reader"} {
			w.get(reader, fmt.Sprintf("%s/list?at_least_block=%d", month, w.height()-1), &struct{}{})
		}
	}
	w.must(http.StatusNotFound, "audit-reader", call{method: http.MethodGet, path: month + "/list"})
	w.must(http.StatusForbidden, "audit-reader", call{method: http.MethodPost, path: month + "/list/propose"})
	propose("propose", nil)
	shown(list, http.StatusNotFound, "未公开")
	w.must(http.StatusForbidden, "civil-preparer", call{method: http.MethodPost, path: month + "/list/decide", body: object{"sha256": of.Proposed.SHA256, "agree": true}})
	decide()
	require.Len(w.t, w.statements(3), 3)
	shown("/lists", http.StatusOK, list)
	shown("/lists?region=530129", http.StatusOK, "目前没有公开中的名单")
	shown(list, http.StatusOK, list+"/"+village)
	shown(list+"/"+village, http.StatusOK, "户数少") // as all villages of the demonstration's county
	shown(list+"/530181999999", http.StatusNotFound, "没有这个村")
	shown("/lists/dibao/530181/2026-13", http.StatusUnprocessableEntity, "period")
	shown("/lists?cursor=x", http.StatusUnprocessableEntity, "cursor")

	propose("take-down", object{"reason": "privacy"})
	shown(list, http.StatusOK, village)
	decide()
	w.statements(5)
	shown(list, http.StatusNotFound, "未公开")
	shown("/lists", http.StatusOK, "目前没有公开中的名单")
}
