package payment

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

func wireLines(t testing.TB) []LineInput {
	others := []roll.PayeeCheck{{9}, {10}}
	return []LineInput{
		{1, 1, relief.SubjectRef{1, 1}, "530181003214", 0, 48000, roll.PayeeCheck{1}, relief.Period{}, nil}, // follows nothing
		{2, 2, relief.SubjectRef{1, 2}, "530181003214", 3, 48000, roll.PayeeCheck{2}, period(t, "2026-05"), nil},
		{7, 3, relief.SubjectRef{1, 3}, "530181003215", 0, 1, roll.PayeeCheck{3}, relief.Period{}, others},
		{8, 900, relief.SubjectRef{1, 4}, "530181003215", 1, relief.MaxFen, roll.PayeeCheck{4}, period(t, "2026-Q1"), nil},
		{8, 900, relief.SubjectRef{1, 4}, "530181003214", 1, 5, roll.PayeeCheck{4}, relief.Period{}, nil},
	}
}

func wireAnswers() []AnswerInput {
	reason := [4]byte{'A', 'C', '0', '4'}
	return []AnswerInput{
		{1, 1, 1, OutcomeCredited, 48000, [4]byte{}, 20000, relief.BankRefHash{1}, [16]byte{3}, nil},
		{2, 2, 1, OutcomeCredited, 48000, [4]byte{}, 20000, relief.BankRefHash{2}, [16]byte{4}, nil},
		{3, 900, 2, OutcomeCredited, 48000, [4]byte{}, 20001, relief.BankRefHash{3}, [16]byte{5}, nil},
		{4, 901, 1, OutcomeReturned, 48000, reason, 20001, relief.BankRefHash{4}, [16]byte{}, nil},
		{9, 902, 0, OutcomeCredited, 96000, [4]byte{}, 20001, relief.BankRefHash{5}, [16]byte{6}, [][16]byte{{7}, {8}}},
		{10, 903, 1, OutcomeCredited, 5, reason, 0, relief.BankRefHash{6}, [16]byte{9}, nil}, // which no act takes
	}
}

func TestChunksAreReadAsTheyWereWritten(t *testing.T) {
	lines, err := DecodeLines(AppendLines(nil, wireLines(t)))
	require.NoError(t, err)
	require.Equal(t, wireLines(t), lines)
	answers, err := DecodeAnswers(AppendAnswers(nil, wireAnswers()))
	require.NoError(t, err)
	require.Equal(t, wireAnswers(), answers)
}

// A gateway of the version before may send its chunks, and a file of answers that it has kept is carried to its end.
func TestChunksOfTheVersionBeforeAreRead(t *testing.T) {
	b := []byte{wire.KindLines, 5}
	for _, l := range wireLines(t) {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(l.Seq)), uint64(l.Number))
		b = binary.AppendUvarint(append(b, l.Ref[:]...), l.Region.Code())
		b = binary.AppendUvarint(append(b, l.Persons), uint64(l.Amount))
		b = binary.BigEndian.AppendUint16(append(b, l.Payee[:]...), l.Period.Code())
		b = append(b, byte(len(l.Others)))
		for k := range l.Others {
			b = append(b, l.Others[k][:]...)
		}
	}
	lines, err := DecodeLines(b)
	require.NoError(t, err)
	require.Equal(t, wireLines(t), lines)

	b = []byte{wire.KindAnswers, 3}
	for _, a := range wireAnswers() {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(a.Seq)), uint64(a.Number))
		b = binary.AppendUvarint(append(b, a.Attempt, byte(a.Outcome)), uint64(a.Amount))
		b = binary.AppendUvarint(append(b, a.Reason[:]...), uint64(a.Day))
		b = append(append(b, a.BankRef[:]...), a.Salt[:]...)
		if a.Attempt == 0 {
			b = binary.AppendUvarint(b, uint64(len(a.More)))
			for k := range a.More {
				b = append(b, a.More[k][:]...)
			}
		}
	}
	answers, err := DecodeAnswers(b)
	require.NoError(t, err)
	require.Equal(t, wireAnswers(), answers)
}

// What neighbours have in common is not sent again: the lines of a county go to three peers and three chaincodes.
func TestNeighboursAreShort(t *testing.T) {
	lines, answers := make([]LineInput, 1000), make([]AnswerInput, 1000)
	for i := range lines {
		lines[i] = LineInput{
			Seq: uint32(i + 2), Number: uint32(i), Ref: relief.SubjectRef{1}, Region: "530181003214", Persons: 2, Amount: 62000,
		}
		answers[i] = AnswerInput{Seq: uint32(i + 2), Number: uint32(i), Attempt: 1, Outcome: OutcomeCredited, Amount: 62000, Day: 20000}
	}
	require.Less(t, len(AppendLines(nil, lines)), 1000*31)
	require.Less(t, len(AppendAnswers(nil, answers)), 1000*37)
}

func TestMalformedChunksAreRefused(t *testing.T) {
	lines, answers := AppendLines(nil, wireLines(t)[:1]), AppendAnswers(nil, wireAnswers()[:1])
	change := func(b []byte, at int, to byte) []byte {
		b = append([]byte(nil), b...)
		b[at] = to
		return b
	}
	for name, chunk := range map[string][]byte{
		"an older version":                     change(lines, 1, 4),
		"a later version":                      change(lines, 1, 7),
		"a flag that is not known":             change(lines, 2, 64),
		"the region of no line before":         change(lines, 2, lines[2]|lineSameRegion),
		"cut short":                            lines[:len(lines)-1],
		"answers":                              answers,
		"a byte too many, which begins a line": append(append([]byte(nil), lines...), 0),
	} {
		_, err := DecodeLines(chunk)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid}, name)
	}
	for name, chunk := range map[string][]byte{
		"an older version":         change(answers, 1, 2),
		"a later version":          change(answers, 1, 5),
		"a flag that is not known": change(answers, 2, 16),
		"cut short":                answers[:len(answers)-1],
		"lines":                    lines,
	} {
		_, err := DecodeAnswers(chunk)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid}, name)
	}
}
