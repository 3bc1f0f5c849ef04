package index

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"relieftrail/chaincode/relief/casework"
)

// caseTotal is the key of a row of the table case_totals. Who writes a case counts it there in the same transaction of the database, so
// that a chart never goes through the cases of a province.
type caseTotal struct{ programme, region, state, recheck string }

func (t caseTotal) compare(o caseTotal) int {
	return cmp.Or(cmp.Compare(t.programme, o.programme), cmp.Compare(t.region, o.region), cmp.Compare(t.state, o.state), cmp.Compare(t.recheck, o.recheck))
}

// monthLength is how much of a day as text is its month.
const monthLength = len("2006-01")

// addCase counts a case where it is now, and no longer where the index has it.
func (w *writer) addCase(ctx context.Context, n int64, c *casework.Case) error {
	s, err := w.statement(ctx, "SELECT programme, region, state, substr(recheck, 1, 7) FROM cases WHERE n = $1")
	if err != nil {
		return err
	}
	var before caseTotal
	if err := noRows(s.QueryRowContext(ctx, n).Scan(&before.programme, &before.region, &before.state, &before.recheck)); err != nil {
		return err
	}
	if before != (caseTotal{}) {
		w.cases[before]--
	}
	recheck := string(c.RecheckOn)
	w.cases[caseTotal{string(c.Programme), string(c.Region), string(c.State), recheck[:min(len(recheck), monthLength)]}]++
	return nil
}

// writeCaseTotals writes how the totals of cases have changed, in the order of keys. Rows that no case is left in go.
func (w *writer) writeCaseTotals(ctx context.Context) error {
	for _, t := range slices.SortedFunc(maps.Keys(w.cases), caseTotal.compare) {
		n := w.cases[t]
		if n == 0 {
			continue
		}
		if err := w.exec(ctx, "INSERT INTO case_totals (programme, region, state, recheck, cases) VALUES ($1, $2, $3, $4, $5) "+
			"ON CONFLICT (programme, region, state, recheck) DO UPDATE SET cases = case_totals.cases + excluded.cases", t.programme, t.region, t.state, t.recheck, n); err != nil {
			return err
		}
		if n < 0 {
			if err := w.exec(ctx, "DELETE FROM case_totals WHERE programme = $1 AND region = $2 AND state = $3 AND recheck = $4 AND cases = 0",
				t.programme, t.region, t.state, t.recheck); err != nil {
				return err
			}
		}
	}
	clear(w.cases)
	return nil
}
