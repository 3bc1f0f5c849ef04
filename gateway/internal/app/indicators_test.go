package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
)

// indicators asks all three gateways for November's indicators, of which all but one were credited in time: the same bytes, for officials
// and for anybody, as JSON, CSV and a page. The gateways compare them among each other.
func (w *world) indicators(count int) {
	w.t.Helper()
	const question = "?programme=dibao&region=530181&period=2026-11"
	block := w.height() - 1
	asOf := question + "&block=" + jsonOf(block)
	type value struct {
		Code                   string
		Numerator, Denominator int
		Target                 string
		Met                    bool
	}
	var of struct {
		Stand, SHA256 string
		Indicators    []value
	}
	first := ""
	for _, name := range []string{"civil-preparer", "finance-preparer", "audit-reader"} {
		w.caughtUp(name)
		a := w.must(http.StatusOK, name, call{method: http.MethodGet, path: "/v1/indicators" + asOf})
		if first == "" {
			first = string(a.body)
		}
		require.Equal(w.t, first, string(a.body), name)
		stranger := w.do(name, call{method: http.MethodGet, path: "/public/v1/indicators" + asOf})
		require.Equal(w.t, http.StatusOK, stranger.StatusCode)
		require.JSONEq(w.t, first, string(stranger.body))
	}
	require.NoError(w.t, json.Unmarshal([]byte(first), &of))
	require.Equal(w.t, "provisional", of.Stand)
	i := 0
	for of.Indicators[i].Code != "timeliness" {
		i++
	}
	require.Equal(w.t, value{"timeliness", count - 1, count, "100.00", false}, of.Indicators[i])

	csv := w.must(http.StatusOK, "audit-reader", call{method: http.MethodGet, path: "/v1/indicators" + asOf + "&format=csv"})
	require.Contains(w.t, string(csv.body), jsonOf(count-1)+","+jsonOf(count)+",")
	for _, wrong := range []string{"", "?programme=dibao&region=530181001&period=2026-11", "?programme=dibao&region=530181&period=2026-13", question + "&block=-1", question + "&block=999999"} {
		w.must(http.StatusUnprocessableEntity, "audit-reader", call{method: http.MethodGet, path: "/v1/indicators" + wrong})
	}
	stranger := w.do("audit-reader", call{method: http.MethodGet, path: "/public/v1/indicators?programme=dibao&region=53&period=2026&block=1"})
	require.Equal(w.t, http.StatusUnprocessableEntity, stranger.StatusCode)
	page := w.do("audit-reader", call{method: http.MethodGet, path: "/indicators" + asOf})
	require.Equal(w.t, http.StatusOK, page.StatusCode)
	require.Less(w.t, len(page.body), 30_000)
	require.Contains(w.t, string(page.body), of.SHA256)
	require.Contains(w.t, string(page.body), "未达到")
	page = w.do("audit-reader", call{method: http.MethodGet, path: "/indicators"})
	require.Contains(w.t, string(page.body), "/indicators?programme=dibao&amp;region=530181&amp;period=2026-11")
	w.agreed(of.SHA256)
}

// agreed waits until a gateway has compared its indicators with both others.
func (w *world) agreed(sha256 string) {
	w.t.Helper()
	digests := w.do("audit-reader", call{method: http.MethodGet, path: "/public/v1/indicators/digests"})
	require.Equal(w.t, http.StatusOK, digests.StatusCode)
	require.Contains(w.t, string(digests.body), sha256)
	require.Eventually(w.t, func() bool {
		ready := w.do("audit-reader", call{method: http.MethodGet, path: "/readyz"})
		return strings.Contains(string(ready.body), "of 2 other agencies 2 were compared; 0 differ") &&
			strings.Contains(string(ready.body), "Screening: 1 counties were screened as of the months that were closed last; 0 differ")
	}, 20*time.Second, 20*time.Millisecond)
}
