package rules

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// cameBackOn is a roll on which the head with number 0, who led a household until February, has come back for themselves from a month on;
// the household goes on under number 1.
func cameBackOn(t *testing.T, again relief.Period) []byte {
	t.Helper()
	month := func(n int) relief.Period { return relief.MonthPeriod(2026*12 + n - 1) }
	part := []roll.Part{{At: roll.SegmentAddr{Programme: "dibao", County: "530181", Size: 1000}}}
	for n, from := range []relief.Period{again, month(3)} {
		line := roll.Input{
			Seq: 2, Ref: relief.SubjectRef{1, byte(n + 1)}, Region: "530181001", Persons: 1, Class: 'B', Amount: 48000,
			Payee: roll.Payee{Name: relief.Tag{1, 'n'}, Account: relief.Tag{1, byte(n + 1)}},
		}
		var err error
		part, _, _, err = roll.Import(part, roll.ImportRule{From: from}, []roll.Input{line}, func(*roll.Input) (roll.Known, error) { return roll.Known{}, nil })
		require.NoError(t, err)
	}
	seg, err := part[0].Segment.WithPredecessor(1, roll.Predecessor{County: "530181", Number: 0, From: month(1), Until: month(2)})
	require.NoError(t, err)
	return seg.Bytes()
}

// A former head who comes back to the roll for themselves has the old number: from that month on the number is not the household's, and
// both are paid. For months before, both would be one household paid twice.
func TestAFormerHeadWhoCameBack(t *testing.T) {
	july := relief.MonthPeriod(2026*12 + 6)
	for name, test := range map[string]struct {
		again relief.Period
		want  int
	}{
		"back in May":      {relief.MonthPeriod(2026*12 + 4), 0},
		"back in July":     {july, 0},
		"back in August":   {july.Next(), 1},
		"not gone for all": {relief.MonthPeriod(2026 * 12), 1}, // the old number goes on from January as before
	} {
		l := newTestLedger(t)
		l.Segments[relief.RollKey("dibao", "530181", 0).String()] = cameBackOn(t, test.again)
		l.Segments[relief.LinesKey("dibao", "530181", july, 0).String()] = linesIn(t, 2, 2, "b1")
		require.Len(t, l.PaidTwice(), test.want, name)
	}
}
