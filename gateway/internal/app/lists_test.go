package app_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

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
	w.listOfLists(of.Proposed.SHA256)
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
	w.villageWithNames(month, list)
	w.correctedList(month, list, func() { propose("propose", nil); decide() })

	propose("take-down", object{"reason": "privacy"})
	shown(list, http.StatusOK, village)
	decide()
	w.statements(8)
	shown(list, http.StatusNotFound, "未公开")
	shown("/lists", http.StatusOK, "目前没有公开中的名单")
}

// listOfLists finds the one list that is proposed, by each of its filters.
func (w *world) listOfLists(sha256 string) {
	w.t.Helper()
	for filter, count := range map[string]int{
		"": 1, "?state=proposed": 1, "?programme=dibao&region=53&period=2026-11": 1, "?region=530181": 1, "?state=shown": 0, "?period=2026-10": 0, "?region=530129": 0,
		"?programme=tekun": 0, "?cursor=dibao/530181/2026-11": 0,
	} {
		var found struct {
			Items []struct {
				County   string
				Proposed struct{ SHA256 string }
			}
		}
		w.get("audit-reader", "/v1/publications"+filter, &found)
		require.Len(w.t, found.Items, count, filter)
		if count > 0 {
			require.Equal(w.t, sha256, found.Items[0].Proposed.SHA256)
		}
	}
	file := w.must(http.StatusOK, "audit-reader", call{method: http.MethodGet, path: "/v1/publications?format=csv&headers=zh"})
	require.Contains(w.t, string(file.body), "待审定")
	require.Contains(w.t, string(file.body), sha256)
	w.must(http.StatusUnprocessableEntity, "audit-reader", call{method: http.MethodGet, path: "/v1/publications?state=gone"})
	for _, cursor := range []string{"x", "dibao/530181/2026-10"} {
		w.must(http.StatusUnprocessableEntity, "audit-reader", call{method: http.MethodGet, path: "/v1/publications?cursor=" + cursor})
	}
}

// largeVillage has five households in the demonstration's county: its rows are shown.
const largeVillage = "530181014201"

// villageWithNames looks at the rows of a village, which come from each agency's own index: the same everywhere, with masked names at civil
// affairs alone. The whole names are on the sheet that its officials print; both are recorded as readings.
func (w *world) villageWithNames(month, list string) {
	w.t.Helper()
	names := namesIn(w.t, largeVillage)
	require.Len(w.t, names, 5)
	row := regexp.MustCompile(`<tr data-leaf="([0-9a-f]{64})"`)
	var leaves [][][]byte
	for _, reader := range []string{"civil-preparer", "finance-preparer", "audit-reader"} {
		a := w.must(http.StatusOK, reader, call{method: http.MethodGet, path: list + "/" + largeVillage})
		found := row.FindAllSubmatch(a.body, -1)
		require.Len(w.t, found, len(names))
		if leaves != nil {
			require.Equal(w.t, leaves, found)
		}
		leaves = found
		require.Equal(w.t, reader == "civil-preparer", bytes.Contains(a.body, []byte(`<th scope="row">`)))
		for _, name := range names {
			require.NotContains(w.t, string(a.body), name)
		}
	}
	masked := w.must(http.StatusOK, "civil-preparer", call{method: http.MethodGet, path: list + "/" + largeVillage})
	for _, name := range names {
		require.Regexp(w.t, `<th scope="row">(`+string([]rune(name)[:1])+`)?\*</th>`, string(masked.body))
	}
	of := "publication/" + strings.TrimPrefix(list, "/lists/") + "/" + largeVillage
	require.Equal(w.t, map[string]int{"notice": 1}, w.readingsOf(of), "the masks are read once")

	sheet := month + "/list/sheet?village="
	w.must(http.StatusForbidden, "audit-reader", call{method: http.MethodGet, path: sheet + largeVillage})
	w.must(http.StatusForbidden, "civil-other-county", call{method: http.MethodGet, path: sheet + largeVillage})
	w.must(http.StatusNotFound, "civil-preparer", call{method: http.MethodGet, path: sheet + "530181999999"})
	w.must(http.StatusUnprocessableEntity, "civil-preparer", call{method: http.MethodGet, path: month + "/list/sheet"})
	require.Equal(w.t, map[string]int{"notice": 1}, w.readingsOf(of))
	a := w.do("civil-preparer", call{method: http.MethodGet, path: sheet + largeVillage})
	if a.StatusCode == http.StatusServiceUnavailable {
		require.Contains(w.t, string(a.body), "fonts-wqy-microhei")
		return
	}
	require.Equal(w.t, http.StatusOK, a.StatusCode, string(a.body))
	require.Equal(w.t, "application/pdf", a.Header.Get("Content-Type"))
	require.Equal(w.t, "no-store", a.Header.Get("Cache-Control"))
	require.Equal(w.t, map[string]int{"notice": 1, "roll-people": 1}, w.readingsOf(of))
	small := w.must(http.StatusOK, "civil-preparer", call{method: http.MethodGet, path: sheet + "530181004208"})
	for content, want := range map[*answer][]string{&a: names, &small: namesIn(w.t, "530181004208")} {
		text := pdfText(w.t, content.body)
		for _, name := range append(want, "救助资金发放名单", "不得上网") {
			require.Contains(w.t, text, name)
		}
	}
}

// correctedList has the payment that came back paid again and the list corrected: the older version leads to the later one, and is not there any more once
// the list is taken down.
func (w *world) correctedList(month, list string, publish func()) {
	w.t.Helper()
	w.network.Ledger.SetTime(time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC))
	all := w.payments("b-11")
	back := all[slices.IndexFunc(all, func(p payment) bool { return p.State == "returned" })]
	w.post(201, "civil-preparer", "/v1/batches", object{
		"id": "b-back", "programme": "dibao", "region": "530181", "period": "2026-11", "tranche": "t-q4", "purpose": "pay_again", "count": 1, "sum": back.Amount,
	})
	j := w.upload("civil-preparer", http.MethodPut, "/v1/batches/b-back/lines", read(w.t, "payments-2026-11.csv"))
	require.Equal(w.t, 1, j.Result.Accepted, "%+v", j)
	w.post(200, "civil-preparer", "/v1/batches/b-back/seal", object{})
	w.post(200, "civil-approver", "/v1/batches/b-back/approve", object{})
	w.tellBank("b-back")
	again := fmt.Sprintf("支付编号,金额,结果,原因代码,日期,银行流水号\n%s,%s,credited,,2026-12-01,again-1\n", w.payments("b-back")[0].ID, back.Amount)
	require.Equal(w.t, 1, w.upload("finance-preparer", http.MethodPost, "/v1/batches/b-back/settlements", []byte(again)).Result.Accepted)
	w.get("civil-preparer", fmt.Sprintf("/v1/batches/b-back?at_least_block=%d", w.height()-1), &struct{}{})
	w.must(http.StatusOK, "civil-preparer", call{method: http.MethodPost, path: month + "/close"})
	publish()
	w.statements(6)
	for _, reader := range []string{"civil-preparer", "audit-reader"} {
		now := string(w.must(http.StatusOK, reader, call{method: http.MethodGet, path: list}).body)
		require.Contains(w.t, now, "第 2 版，2026-11-30 公开，2026-12-01 更正，公开至 2027-02-27")
		require.Contains(w.t, now, `<a href="`+list+`?version=1">1</a>`)
		require.Contains(w.t, now, `<a href="`+list+"/"+largeVillage+`">`)
		before := string(w.must(http.StatusOK, reader, call{method: http.MethodGet, path: list + "?version=1"}).body)
		require.Contains(w.t, before, "第 1 版，2026-11-30 公开，公开至")
		require.Contains(w.t, before, `这一版已被第 2 版代替。<a href="`+list+`">`)
		require.NotContains(w.t, before, `<a href="`+list+"/")
		w.must(http.StatusNotFound, reader, call{method: http.MethodGet, path: list + "?version=3"})
		w.must(http.StatusUnprocessableEntity, reader, call{method: http.MethodGet, path: list + "?version=x"})
	}
}

// namesIn are the names of the demonstration's people of a village.
func namesIn(t *testing.T, village string) (names []string) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(read(t, "roll.csv"))).ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		if row[1] == village {
			names = append(names, row[2])
		}
	}
	return names
}

// readingsOf counts the readings of a record at civil affairs, by purpose.
func (w *world) readingsOf(record string) map[string]int {
	w.t.Helper()
	var page struct {
		Items []struct{ Purpose, Record string }
	}
	w.get("civil-approver", "/v1/readings?limit=500", &page)
	counts := map[string]int{}
	for _, r := range page.Items {
		if r.Record == record {
			counts[r.Purpose]++
		}
	}
	return counts
}

// pdfText is the text of a PDF, where pdftotext is installed.
func pdfText(t *testing.T, content []byte) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed: Debian's package poppler-utils has it")
	}
	file := filepath.Join(t.TempDir(), "sheet.pdf")
	require.NoError(t, os.WriteFile(file, content, 0o600))
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", file, "-").Output()
	require.NoError(t, err)
	return string(text)
}
