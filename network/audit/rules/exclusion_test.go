package rules

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// Nobody is owed the same twice in a month with which the other entry begins, after all that an act has changed.
func TestAMonthThatBeginsWithTheOtherEntry(t *testing.T) {
	entry := func(id relief.ProgrammeID, from relief.Period) roll.Segment {
		line := roll.Input{
			Seq: 2, Ref: relief.SubjectRef{1, 7}, Region: "530181001", Persons: 1, Class: 'B', Amount: 48000,
			Payee: roll.Payee{Name: relief.Tag{1, 'n'}, Account: relief.Tag{1, 'a'}},
		}
		parts, _, _, err := roll.Import([]roll.Part{{At: roll.SegmentAddr{Programme: id, County: "530181", Size: 1000}}}, roll.ImportRule{From: from},
			[]roll.Input{line}, func(*roll.Input) (roll.Known, error) { return roll.Known{}, nil })
		require.NoError(t, err)
		return parts[0].Segment
	}
	l := newTestLedger(t)
	l.Excluded["dibao"] = []relief.ProgrammeID{"tekun"}
	l.Excluded["tekun"] = []relief.ProgrammeID{"dibao"}
	may := relief.MonthPeriod(2026*12 + 4)
	other, own := entry("tekun", relief.MonthPeriod(2026*12+8)), entry("dibao", may)
	l.Segments[relief.RollKey("tekun", "530181", 0).String()] = other.Bytes()
	l.Segments[relief.RollKey("dibao", "530181", 0).String()] = own.Bytes()
	e := &txChanges{State: l.State}
	e.entitledTwice(&changedEntry{at: roll.SegmentAddr{Programme: "dibao", County: "530181", Size: 1000}, after: own})
	require.Len(t, e.found, 1)
	require.Contains(t, e.found[0].Detail, "2026-09")
}
