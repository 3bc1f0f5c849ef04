package index

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/randomacts"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

// The columns of closed months are those of the records, of every version, also after the index was built again; a list has the last
// version of each, page by page, in the order of its name, and nothing that was not asked for.
func TestMonths(t *testing.T) {
	total, err := randomacts.Count(600)
	require.NoError(t, err)
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		network := ledgertest.New(t)
		acts, err := fakeledger.RandomActsOn(network.Ledger, 3)
		require.NoError(t, err)
		for range total {
			require.NoError(t, acts.Step())
		}
		ix := open(t, network.Gateway(fakeledger.Audit))
		catchUp(t, ix)
		monthsAreThoseOfTheRecords(t, ix)
		viewsAreTheRecords(t, ix)
		progressIsOfThePayments(t, ix)
		checked(t, ix)
		require.NoError(t, ix.Rebuild(t.Context(), quietly))
		monthsAreThoseOfTheRecords(t, ix)
	})
}

func monthsAreThoseOfTheRecords(t *testing.T, ix *Index) {
	t.Helper()
	ctx := t.Context()
	var last []oversight.Month
	versions, villages := 0, 0
	records, err := ix.Records(ctx, relief.KindMonth, "", MaxPage, nil)
	require.NoError(t, err)
	for _, document := range records.Items {
		var m oversight.Month
		require.NoError(t, json.Unmarshal(document, &m))
		last = append(last, m)
		all, err := ix.MonthVersions(ctx, m.Programme, m.County, m.Period)
		require.NoError(t, err)
		require.Len(t, all, m.Version)
		require.Equal(t, m, all[len(all)-1])
		for i := range all {
			require.Equal(t, i+1, all[i].Version)
			villages += len(all[i].Villages)
		}
		versions += len(all)
	}
	require.NotEmpty(t, last, "the acts close no month")
	require.Equal(t, versions, ix.count(t, "months"))
	require.Equal(t, villages, ix.count(t, "month_villages"))
	statementsAreThoseOfTheVersions(t, ix, versions)

	var listed []MonthSummary
	for cursor := ""; ; {
		page, err := ix.Months(ctx, MonthQuery{}, cursor, 2)
		require.NoError(t, err)
		listed = append(listed, page.Items...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	require.Len(t, listed, len(last))
	for i := range last {
		require.Equal(t, SummaryOf(&last[i]), listed[i])
	}
	for _, q := range []MonthQuery{
		{Programme: last[0].Programme}, {Region: "530129"}, {Period: last[0].Period}, {Meets: []relief.Region{"530129001"}}, {Meets: []relief.Region{"53"}},
	} {
		want := 0
		for i := range last {
			m := &last[i]
			met := len(q.Meets) == 0 || q.Meets[0].Covers(m.County) || m.County.Covers(q.Meets[0])
			if met && (q.Programme == "" || q.Programme == m.Programme) && strings.HasPrefix(string(m.County), string(q.Region)) &&
				(q.Period.IsZero() || q.Period == m.Period) {
				want++
			}
		}
		page, err := ix.Months(ctx, q, "", MaxPage)
		require.NoError(t, err)
		require.Len(t, page.Items, want, "%+v", q)
	}
	_, err = ix.Months(ctx, MonthQuery{}, "dibao/530181/1999-01", 1)
	require.Error(t, err)
	_, err = ix.MonthVersions(ctx, "dibao", "530181", relief.MonthPeriod(2199*12))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeNotFound})
}

// Each version of a month, a published list and a draw has one statement, in ledger order, whose hash is that of its content.
func statementsAreThoseOfTheVersions(t *testing.T, ix *Index, versions int) {
	t.Helper()
	hashes, err := ix.StatementHashes(t.Context(), 0, MaxLeaves)
	require.NoError(t, err)
	changes := listsAreThoseOfTheMonths(t, ix) + actsOfDraws(t, ix)
	require.Len(t, hashes, versions+changes)
	var all []Statement
	for len(all) < versions+changes {
		more, err := ix.Statements(t.Context(), int64(len(all)), 2)
		require.NoError(t, err)
		require.NotEmpty(t, more)
		all = append(all, more...)
	}
	for i := range all {
		var kind struct{ Kind string }
		require.NoError(t, json.Unmarshal(all[i].Content, &kind))
		if kind.Kind != relief.KindMonth {
			continue
		}
		var m oversight.MonthStatement
		require.NoError(t, json.Unmarshal(all[i].Content, &m))
		require.Equal(t, LeafHash{all[i].Hash, all[i].Block}, hashes[i])
		require.Equal(t, leafHash(all[i].Content), all[i].Hash)
		require.EqualValues(t, i, all[i].N)
		require.True(t, i == 0 || all[i-1].Block <= all[i].Block)
		of, err := ix.MonthVersions(t.Context(), m.Programme, m.County, m.Period)
		require.NoError(t, err)
		content, err := of[m.Version-1].Statement()
		require.NoError(t, err)
		require.Equal(t, string(content), string(all[i].Content))
	}
	none, err := ix.Statements(t.Context(), int64(versions+changes), 5)
	require.NoError(t, err)
	require.Empty(t, none)
}

// actsOfDraws counts what was done on the draws.
func actsOfDraws(t *testing.T, ix *Index) (acts int) {
	t.Helper()
	records, err := ix.Records(t.Context(), relief.KindPlan, "", MaxPage, nil)
	require.NoError(t, err)
	for _, document := range records.Items {
		var plan draw.Plan
		require.NoError(t, json.Unmarshal(document, &plan))
		acts += len(plan.Acts)
	}
	return acts
}

// The rows of a list that is shown are those of the villages of the month's version; of one that is not shown there are none.
func listsAreThoseOfTheMonths(t *testing.T, ix *Index) (changes int) {
	t.Helper()
	records, err := ix.Records(t.Context(), relief.KindPublication, "", MaxPage, nil)
	require.NoError(t, err)
	for _, document := range records.Items {
		var p oversight.Publication
		require.NoError(t, json.Unmarshal(document, &p))
		changes += len(p.Acts)
		versions, err := ix.MonthVersions(t.Context(), p.Programme, p.County, p.Period)
		require.NoError(t, err)
		m := versions[len(versions)-1]
		if p.Shown != nil {
			m = versions[p.Shown.Month-1]
		}
		for i := range m.Villages {
			rows, err := ix.ListRows(t.Context(), p.Programme, p.County, p.Period, m.Villages[i].Code)
			require.NoError(t, err)
			if p.Shown == nil {
				require.Empty(t, rows.Rows)
				continue
			}
			require.NoError(t, m.Villages[i].Is(rows.Rows))
		}
	}
	return changes
}
