package rules

import (
	"maps"
	"reflect"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// yearEnd checks the list of a year's end that an agency signs: its digest is that of the list, its tranches are those of the blocks, each
// with its balances, and every signature is an act of its agency.
func (e *txChanges) yearEnd(r Record) {
	y, ok := unpack[fund.YearEnd](e, r)
	if !ok {
		return
	}
	name := "year's end " + string(y.ID)
	if relief.YearEndKey(y.ID).String() != r.Name || len(y.Acts) == 0 {
		e.report(BadRecord, "%s is not what its key says", KeyName(r.Name))
		return
	}
	before := e.YearEnds[y.ID]
	var acts []relief.HistoryEntry
	if before != nil {
		acts = before.Acts
	}
	e.newActs(name, acts, y.Acts)
	e.YearEnds[y.ID] = y
	if sum, err := y.Digest(); err != nil || sum != y.SHA256 {
		e.report(BadRecord, "%s has another digest than its list", name)
	}
	e.yearEndList(name, y)
	for _, s := range y.Signatures {
		if s.Act >= len(y.Acts) || y.Acts[s.Act].By.Agency != s.Agency {
			e.report(BadRecord, "%s has a signature of %s that is none of its acts", name, s.Agency)
		}
	}
}

// yearEndList checks that a year's end lists the tranches of the blocks with their balances.
func (e *txChanges) yearEndList(name string, y *fund.YearEnd) {
	want := fund.NewYearEndList(y.ID)
	for _, id := range slices.Sorted(maps.Keys(e.Tranches)) {
		want.Add(e.Tranches[id])
	}
	if y.FiscalYear != want.FiscalYear || y.County != want.County || !reflect.DeepEqual(y.Tranches, want.Tranches) ||
		y.Reserved != want.Reserved || y.InReturn != want.InReturn || y.Available != want.Available {
		e.report(Money, "%s lists other tranches or balances than the blocks", name)
	}
}
