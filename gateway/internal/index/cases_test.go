package index

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/ledger"
)

// synthCases are cases in all states, in two programmes and several villages, with days that differ.
func synthCases(n int) []casework.Case {
	cases := make([]casework.Case, n)
	for i := range cases {
		c := casework.Case{Acts: applied,
			ID: relief.CaseID(fmt.Sprintf("c-%04d", i)), Programme: relief.ProgrammeID([]string{"dibao", "linshi"}[i%2]),
			Region: relief.Region(fmt.Sprintf("530181%03d", 100+i%7)), Members: []relief.SubjectRef{synthRef(uint32(i))},
			State: casework.CaseStates[i%len(casework.CaseStates)],
		}
		switch c.State {
		case casework.CaseNoticed, casework.CaseObjected:
			c.Due = relief.Day("2026-11-01").Add(i % 28)
			c.Notices = []casework.Notice{{Closes: time.Date(2026, 11, 1+i%28, 2, 0, 0, 0, time.UTC)}}
		case casework.CaseHelped:
			c.Grant = &casework.SingleGrant{PapersDue: relief.Day("2026-11-01").Add(i % 28), ConfirmDue: relief.Day("2026-11-03").Add(i % 28)}
		case casework.CaseGranted:
			c.Grant = &casework.SingleGrant{ConfirmDue: relief.Day("2026-11-03").Add(i % 28)}
			c.Notices = []casework.Notice{{Closes: time.Date(2026, 11, 1+i%28, 2, 0, 0, 0, time.UTC)}}
		case casework.CaseInForce:
			c.RecheckOn = relief.Day("2027-01-01").Add(i % 90)
		}
		if i%3 == 0 {
			c.Matches = []casework.Match{{MatchStatement: registry.MatchStatement{
				Source: "registry", Subject: c.Members[0], Adverse: i%2 == 0, QueriedAt: time.Date(2026, 11, 1+i%20, 2, 0, 0, 0, time.UTC),
			}}}
		}
		cases[i] = c
	}
	return cases
}

// Every list and filter, in pages, against the same question asked of all cases one by one.
func TestCaseLists(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 10, 1)
		all := synthCases(300)
		for _, part := range [][]casework.Case{all, all[:20]} { // the first ones twice: a later version takes the earlier one's place
			writes := make([]ledger.Write, len(part))
			for i := range part {
				value, err := json.Marshal(part[i])
				require.NoError(t, err)
				writes[i] = ledger.Write{Key: relief.CaseKey(part[i].ID).String(), Value: value}
			}
			s.add("preparer", "case:File", writes...)
		}
		ix := open(t, s)
		catchUp(t, ix)
		states, rechecks := caseViews(all)
		require.NotEmpty(t, rechecks)
		require.Equal(t, states, rowsOf(t, ix, "SELECT programme, region, state, cases, overdue FROM chart_cases"))
		require.Equal(t, rechecks, rowsOf(t, ix, "SELECT programme, region, due_in, cases FROM chart_rechecks"))
		caseChartsAre(t, ix, all)
		byDue := func(a, b casework.Case) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID)) }
		byRecheck := func(a, b casework.Case) int {
			return cmp.Or(cmp.Compare(a.RecheckOn, b.RecheckOn), cmp.Compare(a.ID, b.ID))
		}
		byFinding := func(a, b casework.Case) int {
			return cmp.Or(cmp.Compare(a.AdverseSince(), b.AdverseSince()), cmp.Compare(a.ID, b.ID))
		}
		byPapers := func(a, b casework.Case) int {
			return cmp.Or(cmp.Compare(a.PapersMissing(), b.PapersMissing()), cmp.Compare(a.ID, b.ID))
		}
		byConfirm := func(a, b casework.Case) int {
			return cmp.Or(cmp.Compare(a.Unconfirmed(), b.Unconfirmed()), cmp.Compare(a.ID, b.ID))
		}
		onNotice := func(c *casework.Case) bool { return c.PublicNotice() != nil }
		for name, c := range map[string]struct {
			q     CaseQuery
			want  func(*casework.Case) bool
			order func(a, b casework.Case) int
		}{
			"all":              {CaseQuery{}, func(*casework.Case) bool { return true }, nil},
			"a state":          {CaseQuery{State: casework.CaseApplied}, func(c *casework.Case) bool { return c.State == casework.CaseApplied }, nil},
			"a township":       {CaseQuery{Region: "530181103"}, func(c *casework.Case) bool { return c.Region == "530181103" }, nil},
			"another county":   {CaseQuery{Region: "530182"}, func(*casework.Case) bool { return false }, nil},
			"a programme":      {CaseQuery{Programme: "linshi"}, func(c *casework.Case) bool { return c.Programme == "linshi" }, nil},
			"due":              {CaseQuery{List: DueCases}, func(c *casework.Case) bool { return c.Due != "" }, byDue},
			"due by a day":     {CaseQuery{List: DueCases, Before: "2026-11-10"}, func(c *casework.Case) bool { return c.Due != "" && c.Due <= "2026-11-10" }, byDue},
			"re-checks":        {CaseQuery{List: RecheckCases, Region: "530181"}, func(c *casework.Case) bool { return c.RecheckOn != "" }, byRecheck},
			"findings":         {CaseQuery{List: FindingCases}, func(c *casework.Case) bool { return c.AdverseSince() != "" }, byFinding},
			"findings by then": {CaseQuery{List: FindingCases, Before: "2026-11-09"}, func(c *casework.Case) bool { return c.AdverseSince() != "" && c.AdverseSince() <= "2026-11-09" }, byFinding},
			"papers":           {CaseQuery{List: PapersCases}, func(c *casework.Case) bool { return c.PapersMissing() != "" }, byPapers},
			"papers overdue":   {CaseQuery{List: PapersCases, Before: "2026-11-10"}, func(c *casework.Case) bool { return c.PapersMissing() != "" && c.PapersMissing() <= "2026-11-10" }, byPapers},
			"to confirm":       {CaseQuery{List: ConfirmCases, Region: "530181"}, func(c *casework.Case) bool { return c.Unconfirmed() != "" }, byConfirm},
			"on notice":        {CaseQuery{OnNotice: "2026-11-01"}, onNotice, nil},
			"on notice later":  {CaseQuery{OnNotice: "2026-11-15"}, func(c *casework.Case) bool { return onNotice(c) && noticeUntil(c) >= "2026-11-15" }, nil},
			"on notice, place": {CaseQuery{OnNotice: "2026-11-01", Region: "530181101", Programme: "dibao"}, func(c *casework.Case) bool { return onNotice(c) && c.Region == "530181101" && c.Programme == "dibao" }, nil},
		} {
			var want []relief.CaseID
			kept := slices.DeleteFunc(slices.Clone(all), func(k casework.Case) bool { return !c.want(&k) })
			if c.order != nil {
				slices.SortFunc(kept, c.order)
			}
			for i := range kept {
				want = append(want, kept[i].ID)
			}
			require.Equal(t, want, everyCase(t, ix, c.q), name)
		}
	})
}

func everyCase(t *testing.T, ix *Index, q CaseQuery) (ids []relief.CaseID) {
	t.Helper()
	for cursor := ""; ; {
		page, err := ix.Cases(t.Context(), q, cursor, 7)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Items), 7)
		for _, document := range page.Items {
			var c casework.Case
			require.NoError(t, json.Unmarshal(document, &c))
			ids = append(ids, c.ID)
		}
		if cursor = page.Next; cursor == "" {
			return ids
		}
	}
}

// A county finds the cases of others that claim its people, by what it has answered, while they are live.
func TestClaimsAreFoundByTheCountyTheyConcern(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 10, 1)
		claiming := func(id string, state casework.CaseState, county relief.Region, answers ...casework.ClaimAnswer) {
			c := casework.Case{
				ID: relief.CaseID(id), Programme: "dibao", Region: "530129001", Members: []relief.SubjectRef{synthRef(1), synthRef(2)}, State: state,
				Overlaps: []casework.Overlap{{Subject: synthRef(2), Programme: "dibao", County: county, State: casework.ClaimPending}}, Answers: answers, Acts: applied,
			}
			value, err := json.Marshal(c)
			require.NoError(t, err)
			s.add("preparer", "case:Apply", ledger.Write{Key: relief.CaseKey(c.ID).String(), Value: value})
		}
		answer := func(state casework.ClaimState) casework.ClaimAnswer {
			return casework.ClaimAnswer{Subject: synthRef(2), County: "530181", State: state}
		}
		claiming("c1", casework.CaseApplied, "530181")
		claiming("c2", casework.CaseApplied, "530181")
		claiming("c2", casework.CaseApplied, "530181", answer(casework.ClaimContested))
		claiming("c3", casework.CaseApplied, "530181", answer(casework.ClaimContested), answer(casework.ClaimConfirmed))
		claiming("c4", casework.CaseApplied, "530182")
		claiming("c5", casework.CaseApplied, "530181")
		claiming("c5", casework.CaseWithdrawn, "530181")
		ix := open(t, s)
		catchUp(t, ix)
		for _, q := range []struct {
			ClaimQuery
			want string
		}{
			{ClaimQuery{}, "[c1 c2 c3 c4]"},
			{ClaimQuery{Region: "530181"}, "[c1 c2 c3]"},
			{ClaimQuery{Region: "530181001001", State: casework.ClaimPending}, "[c1]"},
			{ClaimQuery{Region: "53", State: casework.ClaimContested}, "[c2]"},
			{ClaimQuery{State: casework.ClaimConfirmed}, "[c3]"},
		} {
			var ids []relief.CaseID
			for cursor := ""; ; {
				page, err := ix.ClaimCases(t.Context(), q.ClaimQuery, cursor, 2)
				require.NoError(t, err)
				for _, document := range page.Items {
					var c casework.Case
					require.NoError(t, json.Unmarshal(document, &c))
					ids = append(ids, c.ID)
				}
				if cursor = page.Next; cursor == "" {
					break
				}
			}
			require.Equal(t, q.want, fmt.Sprint(ids), "%+v", q.ClaimQuery)
		}
		counts, err := ix.ClaimCounts(t.Context())
		require.NoError(t, err)
		require.Equal(t, map[casework.ClaimState]int{casework.ClaimPending: 2, casework.ClaimContested: 1, casework.ClaimConfirmed: 1}, counts)
	})
}
