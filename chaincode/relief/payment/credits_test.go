package payment

import (
	"strings"
	"testing"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"

	"github.com/stretchr/testify/require"
)

// The leaf of each credit is computed when it is recorded; it can be made again from the slot, the transaction and the
// salt.
func TestCreditsMakeLeaves(t *testing.T) {
	m := newMonth(t, 3)
	m.open("b", "", 3, 144000)
	m.add(everything, line(2, 0, 48000), line(3, 1, 48000), line(4, 2, 48000))
	m.sealToInstruct()
	before := m.lines
	m.settle(credited(0, 1), returned(1, 1))
	fresh := NewCredits(&m.lines, &before, m.b.SegmentAddr(0), m.b.Period, m.roll)
	require.Len(t, fresh, 1, "what was returned has no leaf")
	leaf := fresh[0].Leaf
	require.Equal(t, "dibao-530181-0000000-202611-1", leaf.Payment.String())
	require.Equal(t, relief.Region("530181003214"), leaf.Region)
	leaf.Tx, _ = relief.ParseTx(testTx)
	leaf.Salt = credited(0, 1).Salt
	require.Equal(t, leaf.Hash(), fresh[0].Hash)

	t.Run("sent again in another transaction", func(t *testing.T) {
		lines, result, err := RecordAnswers(&m.b, m.roll, m.lines, 0, []AnswerInput{credited(0, 1)}, strings.Repeat("0", 64))
		require.NoError(t, err)
		require.Equal(t, wire.ChunkResult{Accepted: 0, Unchanged: 1, Refused: []wire.Refusal{}}, told(t, result))
		require.Equal(t, m.lines.Bytes(), lines.Bytes())
	})
	t.Run("a return after the credit keeps the leaf", func(t *testing.T) {
		before := m.lines
		require.NoError(t, m.reverse(returned(0, 1)))
		all := Credits(&m.lines, m.b.SegmentAddr(0), m.b.Period, m.roll)
		require.Len(t, all, 1)
		require.True(t, all[0].Reversed)
		require.Equal(t, fresh[0].Hash, all[0].Hash)
		require.Empty(t, NewCredits(&m.lines, &before, m.b.SegmentAddr(0), m.b.Period, m.roll))
	})
	t.Run("paid again has a leaf of its own", func(t *testing.T) {
		m.open("again", PurposePayAgain, 2, 96000)
		m.add(everything, line(2, 0, 48000), line(3, 1, 48000))
		m.sealToInstruct()
		before := m.lines
		m.settle(credited(0, 2), credited(1, 2))
		all := Credits(&m.lines, m.b.SegmentAddr(0), m.b.Period, m.roll)
		require.Len(t, all, 3)
		require.Equal(t, []uint8{1, 2, 2}, []uint8{all[0].Leaf.Payment.Attempt, all[1].Leaf.Payment.Attempt, all[2].Leaf.Payment.Attempt})
		require.Equal(t, all[1:], NewCredits(&m.lines, &before, m.b.SegmentAddr(0), m.b.Period, m.roll))
	})
}

func TestPaymentsWithoutALeafAreNoCredits(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	m.add(everything, line(2, 0, 48000))
	m.sealToInstruct()
	unsalted, late := credited(0, 1), credited(0, 1)
	unsalted.Salt, late.Day = [16]byte{}, relief.MaxDay+1
	require.Equal(t, []wire.Refusal{{Seq: 0, Code: relief.LineSalt, Note: ""}, {Seq: 0, Code: relief.LineDate, Note: ""}}, m.settle(unsalted, late).Refused)
	require.Equal(t, 1, m.settle(returned(0, 1)).Accepted)
	require.Empty(t, Credits(&m.lines, m.b.SegmentAddr(0), m.b.Period, m.roll), "what was returned has no leaf")
	_, _, err := RecordAnswers(&m.b, m.roll, m.lines, 0, nil, "not a transaction")
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
}

// BenchmarkSettle settles a chunk of 1,000 lines, packed segments in and out as in the contract.
func BenchmarkSettle(b *testing.B) {
	m := newMonth(b, 1000)
	m.tr[0].Balances = fund.Balances{Issued: 1000 * 48000, Available: 1000 * 48000}
	m.open("b", "", 1000, 1000*48000)
	var lines []LineInput
	var answers []AnswerInput
	for i := range 1000 {
		lines = append(lines, line(i+2, i, 48000))
		answers = append(answers, credited(i, 1))
	}
	m.add(everything, lines...)
	m.sealToInstruct()
	rollBytes, packed := m.roll.Bytes(), m.lines.Bytes()
	for b.Loop() {
		r, _ := roll.ParseSegment(rollBytes)
		s, _ := ParseLineSegment(packed)
		s, result, err := RecordAnswers(&m.b, r, s, 0, answers, testTx)
		if err != nil || result.Accepted != 1000 {
			b.Fatal(err, result.Accepted)
		}
		_ = s.Bytes()
	}
}
