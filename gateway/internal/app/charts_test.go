package app_test

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"
)

// charts asks for every chart there is, as JSON and as a file, of November, of which all but one payment was credited in time. Who reads
// elsewhere sees none of it.
func (w *world) charts(count int) {
	w.t.Helper()
	var catalogue struct {
		Region     string
		Programmes []struct{ Programme, Newest, Closed string }
		Charts     []struct {
			Code, Form string
			Reading    struct{ Zh, En string }
			Columns    []struct{ Name string }
		}
	}
	w.get("civil-preparer", "/v1/charts", &catalogue)
	require.Equal(w.t, "530181", catalogue.Region)
	require.Equal(w.t, "2026-11", catalogue.Programmes[0].Closed)
	require.Len(w.t, catalogue.Charts, 10)
	rows := map[string][]map[string]any{}
	for _, c := range catalogue.Charts {
		require.NotEmpty(w.t, c.Reading.Zh+c.Reading.En)
		path := "/v1/charts/" + c.Code + "?programme=dibao&period=2026-11"
		var of struct {
			Block uint64
			Of    struct{ Region string }
			Rows  []map[string]any
		}
		w.get("civil-preparer", path, &of)
		require.Equal(w.t, "530181", of.Of.Region)
		require.LessOrEqual(w.t, of.Block, w.height()-1)
		rows[c.Code] = of.Rows
		file := w.must(http.StatusOK, "civil-preparer", call{method: http.MethodGet, path: path + "&format=csv&bom=false"})
		require.Equal(w.t, len(of.Rows)+1, strings.Count(string(file.body), "\n"), c.Code)
		require.Contains(w.t, file.Header.Get("Content-Disposition"), "chart-"+c.Code+"-dibao-530181-2026-11.csv")

		w.get("civil-other-county", path, &of)
		require.NotEqual(w.t, "530181", of.Of.Region)
		for _, row := range of.Rows {
			text, err := json.Marshal(row)
			require.NoError(w.t, err)
			require.NotContains(w.t, string(text), "530181")
		}
	}
	stood := map[string]any{}
	for _, row := range rows["progress"] {
		stood[row["stands"].(string)] = row["people"]
	}
	require.Equal(w.t, map[string]any{"credited": float64(count - 1), "returned": float64(1)}, stood)
	require.Equal(w.t, map[string]any{"days_late": "0", "people": float64(count - 1)}, rows["lateness"][0])
	require.InDelta(w.t, float64(1), rows["months"][0]["unpaid"], 0)
	require.Equal(w.t, "0.00", rows["money"][0]["difference"])

	for _, wrong := range []string{"progress?period=2026-11", "months?programme=dibao", "months?programme=dibao&period=2026-11&region=530181001", "places?programme=dibao&period=2026"} {
		a := w.must(http.StatusUnprocessableEntity, "civil-preparer", call{method: http.MethodGet, path: "/v1/charts/" + wrong})
		require.Regexp(w.t, `\p{Han}.* · .*[a-z]`, string(a.body), wrong)
	}
	w.must(http.StatusNotFound, "civil-preparer", call{method: http.MethodGet, path: "/v1/charts/weather"})
	w.chartsForAnybody(count)
}

// chartsForAnybody: the page needs no account, and has the charts without officials and cases.
func (w *world) chartsForAnybody(count int) {
	w.t.Helper()
	page := func(query string) (int, string) {
		a := w.do("audit-reader", call{method: http.MethodGet, path: "/charts" + query})
		return a.StatusCode, string(a.body)
	}
	status, body := page("")
	require.Equal(w.t, http.StatusOK, status)
	require.Contains(w.t, body, `href="/charts?programme=dibao&amp;region=530181&amp;period=2026-11"`)
	status, body = page("?programme=dibao&region=530181&period=2026-11")
	require.Equal(w.t, http.StatusOK, status)
	require.Less(w.t, len(body), 60_000)
	require.Equal(w.t, 6, strings.Count(body, "<section>"))
	require.Contains(w.t, body, "<th scope=\"row\">按时 <small lang=\"en\">in time</small></th>")
	require.Contains(w.t, body, "<td class=\"n\">"+jsonOf(count-1)+"</td>")
	for _, official := range []string{"preparer", "所处环节", "待复核", "<script"} {
		require.NotContains(w.t, body, official)
	}
	for _, wrong := range []string{"?programme=dibao&region=530181001&period=2026-11", "?programme=dibao&region=530181&period=2026", "?programme=dibao&region=x&period=2026-11", "?code=cases"} {
		status, _ = page(wrong)
		require.Equal(w.t, http.StatusUnprocessableEntity, status, wrong)
	}
}
