package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

func TestMedianAndFit(t *testing.T) {
	require.Zero(t, median(nil))
	require.InDelta(t, 2.0, median([]float64{3, 1, 2}), 0)
	require.InDelta(t, 2.5, median([]float64{4, 1, 2, 3}), 0)
	a, m := fit([]point{{1, 5.01}, {500, 10}, {1000, 15}})
	require.InDelta(t, 5, a, 0.001)
	require.InDelta(t, 0.01, m, 0.00001)
	a, m = fit([]point{{1, 1}})
	require.Zero(t, a+m)
}

func TestPartsAreChosenByName(t *testing.T) {
	all, err := choose("")
	require.NoError(t, err)
	require.Len(t, all, len(parts))
	seen := map[string]bool{}
	for _, p := range parts {
		require.False(t, seen[p.name], p.name)
		seen[p.name] = true
	}
	some, err := choose("floors, county")
	require.NoError(t, err)
	require.Len(t, some, 2)
	_, err = choose("county,cuonty")
	require.ErrorContains(t, err, "cuonty")
}

func TestControlTotals(t *testing.T) {
	for name, c := range map[string]struct {
		list  string
		count int
		sum   relief.Fen
		bad   bool
	}{
		"two":            {"h,h,h,h,h,h,h,h,h,h\n1,a,b,c,d,e,1,620.00,2026-11,\n2,a,b,c,d,e,1,0.50,2026-11,\n", 2, 62050, false},
		"no line":        {"header\n", 0, 0, false},
		"short line":     {"header\n1,2\n", 0, 0, true},
		"not an amount":  {"header\n1,2,3,4,5,6,7,8\n", 0, 0, true},
		"last line open": {"header\n1,a,b,c,d,e,1,1.00,2026-11,", 1, 100, false},
	} {
		count, sum, err := controlTotals([]byte(c.list))
		require.Equal(t, c.bad, err != nil, name)
		if err == nil {
			require.Equal(t, c.count, count, name)
			require.Equal(t, c.sum, sum, name)
		}
	}
}

func TestReportTable(t *testing.T) {
	var r report
	r.describe(false, 3)
	b := bench{part: "county"}
	b.report = r
	b.record(figure{Name: "list", Unit: "s", Runs: []float64{0.9, 0.7, 0.8}, Target: "2 s"})
	var out bytes.Buffer
	b.report.table(&out)
	require.Contains(t, out.String(), "| county | list | 0.80 | s | 0.70 – 0.90 | 2 s |")
	require.NotZero(t, b.report.Machine.Cores)
}
