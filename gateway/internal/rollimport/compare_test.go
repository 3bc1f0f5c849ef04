package rollimport

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/payee"
)

var from = func() relief.Period {
	p, err := relief.ParsePeriod("2026-11")
	if err != nil {
		panic(err)
	}
	return p
}()

func line(seq uint32, person, name, account byte) Line {
	return Line{Input: roll.Input{
		Seq: seq, Ref: relief.SubjectRef{1, person}, Region: "530181001001", Persons: 1, Class: 'B', Amount: 48000,
		Payee: roll.Payee{Name: relief.Tag{1, name}, Account: relief.Tag{1, account}},
	}}
}

// onRoll is a roll that has some lines.
func onRoll(t *testing.T, lines ...Line) *Roll {
	t.Helper()
	inputs := make([]roll.Input, len(lines))
	for i := range lines {
		inputs[i] = lines[i].Input
	}
	at := roll.SegmentAddr{Programme: "dibao", County: "530181", Size: 1000}
	parts, _, result, err := roll.Import([]roll.Part{{At: at}}, roll.ImportRule{From: from}, inputs,
		func(*roll.Input) (roll.Known, error) { return roll.Known{}, nil })
	require.NoError(t, err)
	require.Len(t, lines, result.Accepted)
	on := &Roll{Size: 1000, Next: uint32(len(lines)), Counts: map[uint32]int{}}
	on.Add(&parts[0], nil)
	return on
}

func refused(c *Comparison) (lines []int) {
	for _, r := range c.rows(KindRefused) {
		lines = append(lines, r.Line)
	}
	return lines
}

func TestTwoPeopleMayExchangeTheirAccounts(t *testing.T) {
	on := onRoll(t, line(2, 1, 1, 1), line(3, 2, 2, 2))
	c := Compare([]Line{line(2, 1, 1, 2), line(3, 2, 2, 1)}, nil, on, from, nil)
	require.Empty(t, refused(c))
	require.Equal(t, 2, c.Changed.Count)
}

// A line that is refused leaves its person's account on the roll, so a line that has that account is refused too.
func TestAnAccountThatStaysOnTheRollIsNobodyElses(t *testing.T) {
	on := onRoll(t, line(2, 1, 1, 1), line(3, 2, 2, 2), line(4, 3, 3, 3))
	moves := line(2, 1, 1, 9)
	moves.Region = "530181001002" // a move is no import
	c := Compare([]Line{moves, line(3, 2, 2, 1), line(4, 3, 3, 2)}, nil, on, from, nil)
	require.Equal(t, []int{2, 3, 4}, refused(c))
	require.Equal(t, relief.LineSharedAccount, c.lines[1].Code)
	require.Equal(t, []Doubt{{Code: DoubtShared, Numbers: []uint32{1}}}, c.doubts[2])
}

// A line that says another residence is changed, by that alone. One that says none changes nothing.
func TestAResidenceIsADifference(t *testing.T) {
	urban, rural := line(2, 1, 1, 1), line(2, 1, 1, 1)
	urban.Residence, rural.Residence = relief.Urban, relief.Rural
	on := onRoll(t, urban, line(3, 2, 2, 2))
	said := line(3, 2, 2, 2)
	said.Residence = relief.Rural
	c := Compare([]Line{rural, said}, nil, on, from, nil)
	rows := c.rows(KindChanged)
	require.Len(t, rows, 2)
	require.Equal(t, []Change{{ColumnResidence, "urban", "rural"}}, rows[0].Changes)
	require.Equal(t, []Change{{ColumnResidence, "", "rural"}}, rows[1].Changes)
	require.Equal(t, relief.Rural, rows[0].Residence)
	require.Equal(t, relief.Urban, c.lines[0].Was.Residence)

	c = Compare([]Line{line(2, 1, 1, 1), line(3, 2, 2, 2)}, nil, on, from, nil)
	require.Equal(t, 2, c.Unchanged.Count)
}

func TestDeclaredAccountsAreShared(t *testing.T) {
	on := onRoll(t, line(2, 1, 1, 7))
	lines := []Line{line(2, 2, 2, 7), line(3, 3, 3, 7), line(4, 4, 4, 8)}
	require.Equal(t, []relief.Tag{{1, 7}}, SharedAccounts(lines, on))
	c := Compare(lines, nil, on, from, map[relief.Tag]bool{{1, 7}: true})
	require.Empty(t, refused(c))
	require.Empty(t, c.doubts)
	require.Equal(t, 1, c.Missing.Count)
}

func TestDoubtsOfAccounts(t *testing.T) {
	card := line(2, 1, 1, 1)
	card.Doubt = payee.DoubtRounded
	c := Compare([]Line{card}, nil, onRoll(t), from, nil)
	require.Equal(t, []DoubtCount{{DoubtRounded, 1}}, c.Doubts)
	for code := range doubtTexts {
		require.NotEmpty(t, code.Text().Zh)
		require.NotEmpty(t, code.Text().En)
	}
}

func TestPlacing(t *testing.T) {
	p := NewPlacing(10, 7, map[uint32]int{0: 7})
	require.Equal(t, 33, p.room(), "the rest of the segment and three others")
	require.Equal(t, []uint32{0, 1, 2, 3}, p.Take(33))
	require.Equal(t, []uint32{4, 5}, p.Take(12))
	require.Equal(t, []uint32{5, 6}, p.Take(18))
	// Others have put people there since a chunk of forty was planned: it takes four empty segments.
	p = NewPlacing(10, 3, map[uint32]int{0: 3})
	require.Equal(t, []uint32{1, 2, 3, 4}, p.Take(40))
}
