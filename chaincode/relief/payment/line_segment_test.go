package payment

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"

	"github.com/stretchr/testify/require"
)

func goldenLines() LineSegment {
	return LineSegment{
		batches: []relief.BatchID{"b-2026-11", "b-again"},
		slots: []lineSlot{
			{slotCredited, 1, 0, relief.PaymentArrears, 2, 48000, 10000}, {}, {state: slotListed, attempt: 2, batch: 1, seq: 4, amount: 66000},
		},
		answers: []lineAnswer{{20766, [4]byte{}, relief.BankRefHash{9}, [32]byte{7}}, {}, {}},
		old:     []oldLine{{2, lineSlot{state: slotReturned, attempt: 1, seq: 4, amount: 66000}, lineAnswer{20766, [4]byte{'A', 'C', '0', '4'}, relief.BankRefHash{8}, [32]byte{}}}},
	}
}

// The packed value must never change under its version.
func TestGoldenLines(t *testing.T) {
	lines := goldenLines()
	unanswered := LineSegment{batches: []relief.BatchID{"b"}, slots: []lineSlot{{state: slotListed, attempt: 1, seq: 2, amount: 33000}}}
	for name, value := range map[string][]byte{"lines-v5.hex": lines.Bytes(), "lines-unanswered-v5.hex": unanswered.Bytes()} {
		require.Equal(t, hex.EncodeToString(goldenHex(t, name)), hex.EncodeToString(value), name)
	}
	back, err := ParseLineSegment(lines.Bytes())
	require.NoError(t, err)
	require.Equal(t, lines, back)
}

func goldenHex(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	b, err := hex.DecodeString(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	return b
}

func TestCorruptLinesAreRefused(t *testing.T) {
	lines := goldenLines()
	for n := 1; n < len(lines.Bytes()); n++ {
		_, err := ParseLineSegment(lines.Bytes()[:n])
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt})
	}
}

func FuzzLines(f *testing.F) {
	lines := goldenLines()
	f.Add(lines.Bytes())
	f.Add(goldenHex(f, "lines-unanswered-v5.hex"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseLineSegment(b)
		slots, errCheck := CheckLines(b)
		require.Equal(t, err, errCheck)
		require.Equal(t, s.Len(), slots)
		if err == nil && len(b) > 0 {
			require.True(t, bytes.Equal(b, s.Bytes()))
			empty, err := roll.ParseSegment(nil)
			require.NoError(t, err)
			batch := Batch{ID: "b", Programme: "dibao", Region: "530181", Period: period(t, "2026-11"), SegmentSize: 1000}
			_ = PaymentsOf(&batch, []Value{{ValueAddr: ownLines(&batch, 0), Payments: &s}}, empty)
		}
	})
}

func FuzzLineChunks(f *testing.F) {
	f.Add(AppendLines(nil, []LineInput{{2, 7, relief.SubjectRef{1}, "530181003214", 3, 48000, checkOf(payeeOf(7)), period(f, "2026-05")}}))
	f.Add(AppendAnswers(nil, []AnswerInput{{2, 7, 1, OutcomeReturned, 48000, [4]byte{'A', 'C', '0', '4'}, 20000, relief.BankRefHash{1}, [16]byte{3}, nil}}))
	f.Add(AppendAnswers(nil, []AnswerInput{{2, 7, 0, OutcomeCredited, 48000, [4]byte{}, 20000, relief.BankRefHash{1}, [16]byte{3}, [][16]byte{{4}, {5}}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := DecodeLines(b); err == nil {
			again, err := DecodeLines(AppendLines(nil, v))
			require.NoError(t, err)
			require.Equal(t, v, again)
		}
		if v, err := DecodeAnswers(b); err == nil {
			again, err := DecodeAnswers(AppendAnswers(nil, v))
			require.NoError(t, err)
			require.Equal(t, v, again)
		}
	})
}

// There is one way to write a segment: each of these is another.
func TestImpossibleLineSegmentsAreRefused(t *testing.T) {
	batch := "\x01b"
	head := func(batches, slots, old, terms byte) string {
		return string([]byte{'l', linesVersion, batches, 0, slots, 0, old, 0, terms})
	}
	terms := func(state, attempt, batch, flags byte) string {
		return string([]byte{state, attempt, batch, flags}) + "\x00\x00\x00\x00\x00\x00\x00\x00"
	}
	answered := func(terms, day, reason string) string { return terms[:4] + day + reason }
	const day, none = "\x00\x00\x50\x00", "\x00\x00\x00\x00"
	listed, credited := terms(slotListed, 1, 0, 0), answered(terms(slotCredited, 1, 0, 1), day, none)
	ref, hash := strings.Repeat("r", 16), strings.Repeat("h", 32)
	good := head(1, 2, 0, 1) + batch + listed + "\x01\x05\x04\x00"
	s, err := ParseLineSegment([]byte(good))
	require.NoError(t, err)
	require.Equal(t, []lineSlot{{state: slotListed, attempt: 1, seq: 2, amount: 5}, {}}, s.slots)
	_, err = ParseLineSegment([]byte(head(1, 1, 0, 1) + batch + credited + "\x01\x05\x04" + ref + hash))
	require.NoError(t, err)
	for name, value := range map[string]string{
		"another kind":                   "r" + good[1:],
		"another version":                "l\x04" + good[2:],
		"a byte too many":                good + "\x00",
		"more slots than a segment has":  "l\x05\x01\x04\x00\x00\x00\x00\x00" + batch + strings.Repeat("\x00", 1024),
		"slots that are not there":       "l\x05\x01\x03\xe8\x00\x00\x00\x00" + batch,
		"attempts that are not there":    "l\x05\x01\x00\x00\xff\xff\x00\x00" + batch,
		"terms that are not there":       "l\x05\x01\x00\x00\x00\x00\xff\xff" + batch,
		"a batch without an id":          head(1, 0, 0, 0) + "\x00",
		"a batch that is not there":      head(1, 1, 0, 1) + batch + terms(slotListed, 1, 1, 0) + "\x01\x05\x04",
		"terms of nobody":                head(1, 1, 0, 1) + batch + listed + "\x00",
		"terms not in order of use":      head(1, 2, 0, 2) + batch + listed + terms(slotListed, 2, 0, 0) + "\x02\x05\x04\x01\x05\x00",
		"terms twice":                    head(1, 2, 0, 2) + batch + listed + listed + "\x01\x05\x04\x02\x05\x00",
		"terms beyond the last":          head(1, 1, 0, 1) + batch + listed + "\x02\x05\x04",
		"terms of a free slot":           head(1, 1, 0, 1) + batch + terms(slotFree, 1, 0, 0) + "\x01\x05\x04",
		"a state that is not":            head(1, 1, 0, 1) + batch + terms(6, 1, 0, 0) + "\x01\x05\x04",
		"attempt 0":                      head(1, 1, 0, 1) + batch + terms(slotListed, 0, 0, 0) + "\x01\x05\x04",
		"a leaf before the answer":       head(1, 1, 0, 1) + batch + terms(slotListed, 1, 0, 1) + "\x01\x05\x04" + hash,
		"a day before the answer":        head(1, 1, 0, 1) + batch + listed[:7] + "\x01" + listed[8:] + "\x01\x05\x04",
		"a reason before the answer":     head(1, 1, 0, 1) + batch + listed[:8] + "AC04" + "\x01\x05\x04",
		"a flag that is not known":       head(1, 1, 0, 1) + batch + answered(terms(slotCredited, 1, 0, 33), day, none) + "\x01\x05\x04" + ref + hash,
		"a top-up among the lines":       head(1, 1, 0, 1) + batch + terms(slotListed, 1, 0, 8) + "\x01\x05\x04",
		"a line that pays again":         head(1, 1, 0, 1) + batch + terms(slotListed, 1, 0, 16) + "\x01\x05\x04",
		"a grant among the lines":        head(0, 1, 0, 1) + terms(slotGranted, 1, 0, 12) + "\x01\x05\x04",
		"a deduction of nothing":         head(1, 1, 0, 1) + batch + terms(slotListed, 1, 0, 2) + "\x01\x05\x04\x00",
		"a deduction above the amount":   head(1, 1, 0, 1) + batch + terms(slotListed, 1, 0, 2) + "\x01\x05\x04\x06",
		"an answer without a day":        head(1, 1, 0, 1) + batch + terms(slotCredited, 1, 0, 1) + "\x01\x05\x04" + ref + hash,
		"a day that has no date":         head(1, 1, 0, 1) + batch + answered(credited, "\xff\xff\xff\xff", none) + "\x01\x05\x04" + ref + hash,
		"a credit with a reason":         head(1, 1, 0, 1) + batch + answered(credited, day, "AC04") + "\x01\x05\x04" + ref + hash,
		"a return without a reason":      head(1, 1, 0, 1) + batch + answered(terms(slotReturned, 1, 0, 0), day, none) + "\x01\x05\x04" + ref,
		"a reason that is none":          head(1, 1, 0, 1) + batch + answered(terms(slotReturned, 1, 0, 0), day, "a\x00\xff ") + "\x01\x05\x04" + ref,
		"a leaf of zeros":                head(1, 1, 0, 1) + batch + credited + "\x01\x05\x04" + ref + strings.Repeat("\x00", 32),
		"a hash cut short":               head(1, 1, 0, 1) + batch + credited + "\x01\x05\x04" + ref + hash[1:],
		"a long way to write a number":   head(1, 1, 0, 1) + batch + listed + "\x01\x85\x00\x04",
		"a number without an end":        head(1, 1, 0, 1) + batch + listed + "\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"more fen than there can be":     head(1, 1, 0, 1) + batch + listed + "\x01\xff\xff\xff\xff\xff\xff\xff\x7f\x04",
		"a line before the first":        head(1, 1, 0, 1) + batch + listed + "\x01\x05\x03",
		"a line beyond 32 bits":          head(1, 1, 0, 1) + batch + listed + "\x01\x05\x80\x80\x80\x80\x20",
		"an old attempt at no slot":      head(1, 1, 1, 1) + batch + listed + "\x01\x05\x04" + "\x00\x01\x01\x05\x00",
		"an old attempt that is nothing": head(1, 1, 1, 1) + batch + listed + "\x01\x05\x04" + "\x00\x00\x00\x00\x00",
	} {
		_, err := ParseLineSegment([]byte(value))
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt}, name)
	}
}
