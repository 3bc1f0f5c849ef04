package index

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/gateway/internal/chart"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

// drawn are the rows of a chart as text: the cells of a row with bars between them.
func drawn(t *testing.T, ix *Index, code chart.Code, q ChartQuery) (out []string) {
	t.Helper()
	f, err := ix.Chart(t.Context(), code, q)
	require.NoError(t, err, code)
	require.Empty(t, f.Unreadable)
	for _, r := range f.Rows {
		require.Len(t, r.Cells, len(chart.Of(code).Columns), code)
		texts := make([]string, len(r.Cells))
		for i := range r.Cells {
			switch texts[i] = r.Cells[i].Text; r.Columns[i].Kind {
			case chart.Integer:
				texts[i] = fmt.Sprint(r.Cells[i].Number)
			case chart.Amount:
				texts[i] = relief.Balance(r.Cells[i].Number).String()
			}
		}
		out = append(out, strings.Join(texts, "|"))
	}
	return out
}

func spanOf(t *testing.T, text string) indicator.Span {
	t.Helper()
	s, err := indicator.ParseSpan(text)
	require.NoError(t, err)
	return s
}

// The figures of the county whose every figure was reckoned by hand, in both databases, before and after the index was built again.
func TestChartsOfThePlantedCounty(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		network := ledgertest.New(t)
		p := &planter{t, network, network.Gateway(fakeledger.Audit)}
		p.plant()
		ix := open(t, p.ledger)
		catchUp(t, ix)
		plantedCharts(t, ix)
		require.Equal(t, []string{"2026-11|0|0|0|0|1"}, drawn(t, ix, chart.Lists, ChartQuery{Span: spanOf(t, "2026-11"), Today: "2026-11-30"}), "nobody has proposed the list")
		p.publish()
		catchUp(t, ix)
		checked(t, ix)
		require.NoError(t, ix.Rebuild(t.Context(), quietly))
		plantedCharts(t, ix)
		require.Equal(t, []string{"2026-11|1|0|0|0|0"}, drawn(t, ix, chart.Lists, ChartQuery{Region: "53", Span: spanOf(t, "2027-10"), Today: "2026-12-06"}))
		require.Empty(t, drawn(t, ix, chart.Lists, ChartQuery{Region: "53", Span: spanOf(t, "2027-11"), Today: "2026-12-06"}), "twelve months end the year after")

		periods, err := ix.ChartPeriods(t.Context(), "530181001")
		require.NoError(t, err)
		november := relief.MonthPeriod(2026*12 + 10)
		require.Equal(t, []ChartPeriods{{"dibao", november, november}}, periods)
		periods, err = ix.ChartPeriods(t.Context(), "5302")
		require.NoError(t, err)
		require.Empty(t, periods)
	})
}

func plantedCharts(t *testing.T, ix *Index) {
	t.Helper()
	county := ChartQuery{Programme: "dibao", Region: "530181", Span: spanOf(t, "2026-11"), Today: "2026-11-30"}
	of := func(code chart.Code, region relief.Region) []string {
		q := county
		q.Region = region
		return drawn(t, ix, code, q)
	}
	for _, region := range []relief.Region{"530181", "5301", "53", ""} {
		require.Equal(t, []string{"instructed|3|1860.00", "credited|96|59520.00", "returned|1|620.00"}, of(chart.Progress, region))
		require.Equal(t, []string{"0|90", "1-5|4", "6-10|0", "11-30|2", "31+|0"}, of(chart.Lateness, region))
		// All that came back stays in return until the account's statement says that it is there: 1,860.00, two of which were paid again.
		require.Equal(t, []string{"530181|dibao|100000.00|0.00|0.00|1860.00|59520.00|1860.00|0.00|0.00|0.00|36760.00|0.00"}, of(chart.Money, region))
		require.Equal(t, []string{"2026-11|101|90|6|5|62620.00"}, of(chart.Months, region))
		require.Equal(t, []string{"AC04|3|2|1"}, of(chart.Returns, region))
	}
	require.Equal(t, []string{"530181001|80|80|150|49600.00|330.66", "530181002|16|16|30|9920.00|330.66"}, of(chart.Places, "530181"))
	require.Equal(t, []string{"530181|96|96|180|59520.00|330.66"}, of(chart.Places, "53"))
	require.Equal(t, []string{"530181001001|60|60|110|37200.00|338.18", "530181001002|20|20|40|12400.00|310.00"}, of(chart.Places, "530181001"))
	require.Equal(t, []string{"credited|80|49600.00"}, of(chart.Progress, "530181001"))
	require.Equal(t, []string{"instructed|3|1860.00", "credited|16|9920.00", "returned|1|620.00"}, of(chart.Progress, "530181002001"))
	require.Equal(t, []string{"AC04|3|2|1"}, of(chart.Returns, "530181002"))
	require.Empty(t, of(chart.Returns, "530181001"))
	for _, code := range []chart.Code{chart.Progress, chart.Lateness, chart.Months, chart.Money, chart.Returns, chart.Places} {
		require.Empty(t, of(code, "530182"), code)
	}
	require.Contains(t, of(chart.Indicators, "530181"), "timeliness|90|101|89.11 %|≥ 98.00 %|false|chaincode")
	require.Contains(t, of(chart.Indicators, "530181"), "satisfaction|0|0|–|≥ 98.00 %||sampled")
	for _, code := range []chart.Code{chart.Progress, chart.Lateness, chart.Places, chart.Returns} {
		_, err := ix.Chart(t.Context(), code, ChartQuery{Programme: "dibao", Span: spanOf(t, "2026")})
		requireField(t, err, "period")
	}
	_, err := ix.Chart(t.Context(), "weather", county)
	require.ErrorContains(t, err, string(relief.CodeNotFound))
}

func requireField(t *testing.T, err error, field string) {
	t.Helper()
	var refusal *relief.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, field, refusal.Field)
}

// Every chart has a drawing, and reads no payment but those that came back.
func TestEveryChartIsDrawn(t *testing.T) {
	require.Len(t, drawings, len(chart.All))
	for i := range chart.All {
		_, there := drawings[chart.All[i].Code]
		require.True(t, there, chart.All[i].Code)
	}
	row := chart.Row{Columns: chart.Of(chart.Progress).Columns, Cells: []chart.Cell{words("credited"), number(96), number(59_520_00)}}
	text, err := json.Marshal(row)
	require.NoError(t, err)
	require.JSONEq(t, `{"stands":"credited","people":96,"sum":"59520.00"}`, string(text))
}

// caseChartsAre holds the charts of cases against all cases, counted one by one, on days before, between and after theirs.
func caseChartsAre(t *testing.T, ix *Index, all []casework.Case) {
	t.Helper()
	require.Equal(t, rowsOf(t, ix, "SELECT programme, region, state, substr(recheck, 1, 7), count(*) FROM cases GROUP BY 1, 2, 3, 4"),
		rowsOf(t, ix, "SELECT programme, region, state, recheck, cases FROM case_totals"))
	for _, q := range []ChartQuery{
		{Today: "2026-11-01"}, {Today: "2026-11-30", Region: "5301"}, {Today: "2026-12-01", Programme: "dibao", Region: "530181101"},
		{Today: "2027-02-15", Programme: "linshi", Region: "530181"}, {Today: "2028-01-01"}, {Today: "2026-11-20", Region: "5302"},
	} {
		count, past := map[casework.CaseState]int{}, map[casework.CaseState]int{}
		due, any := map[string]int{}, false
		for i := range all {
			c := &all[i]
			if q.Programme != "" && c.Programme != q.Programme || !strings.HasPrefix(string(c.Region), string(q.Region)) {
				continue
			}
			if count[c.State]++; c.Due != "" && c.Due < q.Today {
				past[c.State]++
			}
			switch {
			case c.RecheckOn == "" || c.RecheckOn.Month() > q.Today.Month()+3:
				continue
			case c.RecheckOn < q.Today:
				due["overdue"]++
			default:
				due[string(c.RecheckOn[:7])]++
			}
			any = true
		}
		var states, rechecks []string
		for _, s := range casework.CaseStates {
			if count[s] > 0 {
				states = append(states, fmt.Sprintf("%s|%d|%d|%d", s, count[s], count[s]-past[s], past[s]))
			}
		}
		if any {
			rechecks = append(rechecks, fmt.Sprintf("overdue|%d", due["overdue"]))
			for m := range 4 {
				month := relief.MonthPeriod(q.Today.Month() + m).String()
				rechecks = append(rechecks, fmt.Sprintf("%s|%d", month, due[month]))
			}
		}
		require.Equal(t, states, drawn(t, ix, chart.Cases, q), q)
		require.Equal(t, rechecks, drawn(t, ix, chart.Rechecks, q), q)
	}
}

// progressIsOfThePayments counts everybody's latest payment from the payments themselves, of each period of each roll.
func progressIsOfThePayments(t *testing.T, ix *Index) {
	t.Helper()
	spans := rowsOf(t, ix, "SELECT o.programme, o.county, s.period, s.low FROM spans s JOIN rolls o ON o.n = s.roll")
	require.NotEmpty(t, spans)
	people := 0
	for _, of := range spans {
		parts := strings.Split(of, "|")
		code, err := strconv.ParseUint(parts[2], 10, 16)
		require.NoError(t, err)
		period, err := relief.PeriodFromCode(uint16(code))
		require.NoError(t, err)
		rows := drawn(t, ix, chart.Progress, ChartQuery{Programme: relief.ProgrammeID(parts[0]), Region: relief.Region(parts[1]), Span: spanOf(t, period.String())})
		people += len(rows)
		slices.Sort(rows)
		require.Equal(t, rowsOf(t, ix, "SELECT "+strings.ReplaceAll(sqlStateOfTotal, "t.state", "p.state")+", count(*), CAST(sum(p.amount) AS BIGINT) FROM payments p JOIN batches b ON b.n = p.batch "+
			"WHERE p.n BETWEEN "+parts[3]+" AND "+parts[3]+" + 4294967295 AND p.kind <> 2 AND b.state <> 'cancelled' AND NOT EXISTS (SELECT 1 FROM payments q JOIN batches c ON c.n = q.batch "+
			"WHERE q.n > p.n AND q.n < (p.n / 256 + 1) * 256 AND q.kind <> 2 AND c.state <> 'cancelled') GROUP BY 1"), inFen(t, rows), of)
	}
	require.Positive(t, people)
}

// inFen writes the amount at the end of each row in fen.
func inFen(t *testing.T, rows []string) (out []string) {
	t.Helper()
	for _, r := range rows {
		at := strings.LastIndexByte(r, '|') + 1
		amount, err := relief.ParseFen(r[at:])
		require.NoError(t, err)
		out = append(out, r[:at]+strconv.FormatInt(int64(amount), 10))
	}
	return out
}
