package relief

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func ref(n byte) SubjectRef { return SubjectRef{0: 1, 1: n} }

func goldenRoll() RollSegment {
	parts, _, _, _ := ImportRoll([]RollPart{{At: testPlace}}, Period{2026, 1}, []RollInput{
		{2, ref(1), "530181003214", 1, 'B', 48000}, {3, ref(2), "530181019201", 3, 'A', 186000}, {4, ref(3), "530181", 2, 'C', 66000},
	}, nobody)
	seg, _, _, _ := ExitRoll(parts[0].Segment, testPlace, 1002, "death", Period{2026, 10}, Period{2026, 11})
	return seg
}

func goldenLines() LineSegment {
	return LineSegment{
		batches: []BatchID{"b-2026-11", "b-again"},
		slots:   []lineSlot{{slotCredited, 1, 0, 48000, 2}, {}, {slotListed, 2, 1, 66000, 4}},
		answers: []lineAnswer{{20766, [4]byte{}, BankRefHash{9}, [32]byte{7}}, {}, {}},
		old:     []oldLine{{2, lineSlot{slotReturned, 1, 0, 66000, 4}, lineAnswer{20766, [4]byte{'A', 'C', '0', '4'}, BankRefHash{8}, [32]byte{}}}},
	}
}

var testPlace = RollPlace{"dibao", "530181", 1, 1000}

func nobody(SubjectRef) (*Admission, error) { return nil, nil }

// The packed values must never change under their version.
func TestGoldenSegments(t *testing.T) {
	roll, lines := goldenRoll(), goldenLines()
	unanswered := LineSegment{batches: []BatchID{"b"}, slots: []lineSlot{{slotListed, 1, 0, 33000, 2}}}
	for name, value := range map[string][]byte{"roll-v1.hex": roll.Bytes(), "lines-v4.hex": lines.Bytes(), "lines-unanswered-v4.hex": unanswered.Bytes()} {
		path := "testdata/" + name
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(hex.EncodeToString(value)+"\n"), 0o600))
		}
		golden, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(string(golden)), hex.EncodeToString(value), name)
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

func TestCorruptSegmentsAreRefused(t *testing.T) {
	roll, lines := goldenRoll(), goldenLines()
	for n := range roll.Bytes()[:len(roll.Bytes())-1] {
		if n == 0 {
			continue
		}
		_, err := ParseRollSegment(roll.Bytes()[:n])
		require.ErrorIs(t, err, &Error{Code: CodeCorrupt})
	}
	for n := 1; n < len(lines.Bytes()); n++ {
		_, err := ParseLineSegment(lines.Bytes()[:n])
		require.ErrorIs(t, err, &Error{Code: CodeCorrupt})
	}
}

// There is one way to write a segment: each of these is another.
func TestLinesSegmentsThatCannotBe(t *testing.T) {
	batch := "\x01b"
	head := func(batches, slots, old, terms byte) string {
		return string([]byte{'l', linesVersion, batches, 0, slots, 0, old, 0, terms})
	}
	terms := func(state, attempt, batch, leaf byte) string {
		return string([]byte{state, attempt, batch, leaf}) + "\x00\x00\x00\x00\x00\x00\x00\x00"
	}
	listed, credited := terms(slotListed, 1, 0, 0), terms(slotCredited, 1, 0, 1)
	ref, hash := strings.Repeat("r", 16), strings.Repeat("h", 32)
	good := head(1, 2, 0, 1) + batch + listed + "\x01\x05\x04\x00"
	s, err := ParseLineSegment([]byte(good))
	require.NoError(t, err)
	require.Equal(t, []lineSlot{{slotListed, 1, 0, 5, 2}, {}}, s.slots)
	_, err = ParseLineSegment([]byte(head(1, 1, 0, 1) + batch + credited + "\x01\x05\x04" + ref + hash))
	require.NoError(t, err)
	for name, value := range map[string]string{
		"another kind":                   "r" + good[1:],
		"another version":                "l\x03" + good[2:],
		"a byte too many":                good + "\x00",
		"more slots than a segment has":  "l\x04\x01\x04\x00\x00\x00\x00\x00" + batch + strings.Repeat("\x00", 1024),
		"slots that are not there":       "l\x04\x01\x03\xe8\x00\x00\x00\x00" + batch,
		"attempts that are not there":    "l\x04\x01\x00\x00\xff\xff\x00\x00" + batch,
		"terms that are not there":       "l\x04\x01\x00\x00\x00\x00\xff\xff" + batch,
		"a batch without an id":          head(1, 0, 0, 0) + "\x00",
		"a batch that is not there":      head(1, 1, 0, 1) + batch + terms(slotListed, 1, 1, 0) + "\x01\x05\x04",
		"terms of nobody":                head(1, 1, 0, 1) + batch + listed + "\x00",
		"terms not in order of use":      head(1, 2, 0, 2) + batch + listed + terms(slotListed, 2, 0, 0) + "\x02\x05\x04\x01\x05\x00",
		"terms twice":                    head(1, 2, 0, 2) + batch + listed + listed + "\x01\x05\x04\x02\x05\x00",
		"terms beyond the last":          head(1, 1, 0, 1) + batch + listed + "\x02\x05\x04",
		"terms of a free slot":           head(1, 1, 0, 1) + batch + terms(slotFree, 1, 0, 0) + "\x01\x05\x04",
		"a state that is not":            head(1, 1, 0, 1) + batch + terms(5, 1, 0, 0) + "\x01\x05\x04",
		"attempt 0":                      head(1, 1, 0, 1) + batch + terms(slotListed, 0, 0, 0) + "\x01\x05\x04",
		"a leaf before the answer":       head(1, 1, 0, 1) + batch + terms(slotListed, 1, 0, 1) + "\x01\x05\x04" + hash,
		"a day before the answer":        head(1, 1, 0, 1) + batch + listed[:7] + "\x01" + listed[8:] + "\x01\x05\x04",
		"a reason before the answer":     head(1, 1, 0, 1) + batch + listed[:8] + "AC04" + "\x01\x05\x04",
		"a mark that is neither":         head(1, 1, 0, 1) + batch + terms(slotCredited, 1, 0, 2) + "\x01\x05\x04" + ref + hash,
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
		require.ErrorIs(t, err, &Error{Code: CodeCorrupt}, name)
	}
}

func TestImportRoll(t *testing.T) {
	entries := []RollInput{
		{2, ref(1), "530181003214", 1, 'B', 48000}, {3, ref(1), "530181003214", 1, 'B', 48000}, {4, ref(1), "530181003214", 2, 'B', 96000},
		{5, ref(2), "530129003214", 1, 'B', 48000}, {6, ref(3), "530181", 0, 'B', 48000}, {7, ref(4), "530181", 1, 'b', 48000}, {8, ref(5), "530181", 1, 'C', 33000},
	}
	parts, enrolled, result, err := ImportRoll([]RollPart{{At: testPlace}}, period(t, "2026-01"), entries, nobody)
	require.NoError(t, err)
	seg := parts[0].Segment
	require.Equal(t, ChunkResult{2, 1, []Refusal{{4, LineAlreadyOnRoll, "530181"}, {5, LineRegionOutside, ""}, {6, LinePersons, ""}, {7, LineClass, ""}}}, result)
	require.Equal(t, []uint32{1000, 1001}, []uint32{enrolled[0].Record.Number, enrolled[1].Record.Number})
	require.Equal(t, 2, seg.Len())
	require.Equal(t, ref(5), seg.Entry(1, testPlace).Subject)

	t.Run("the same again is unchanged", func(t *testing.T) {
		again, _, result, err := ImportRoll(parts, period(t, "2026-01"), entries[:1], func(SubjectRef) (*Admission, error) {
			return &Admission{County: "530181", Number: 1000}, nil
		})
		require.NoError(t, err)
		require.Equal(t, ChunkResult{0, 1, []Refusal{}}, result)
		require.Equal(t, seg.Bytes(), again[0].Segment.Bytes())
	})
	t.Run("a person of another county", func(t *testing.T) {
		for from, want := range map[string]LineCode{"2026-06": LineOverlap, "2026-08": LineOverlap, "2026-09": ""} {
			_, _, result, err := ImportRoll(parts, period(t, from), []RollInput{{9, ref(9), "530181", 1, 'A', 62000}}, func(SubjectRef) (*Admission, error) {
				return &Admission{County: "530129", Number: 7, Exited: true, Until: period(t, "2026-06"), PaidTill: period(t, "2026-08")}, nil
			})
			require.NoError(t, err)
			if want == "" {
				require.Equal(t, 1, result.Accepted)
			} else {
				require.Equal(t, want, result.Refused[0].Code)
			}
		}
	})
	t.Run("a full segment", func(t *testing.T) {
		one := RollPlace{"dibao", "530181", 3, 1}
		_, enrolled, result, err := ImportRoll([]RollPart{{At: one}}, period(t, "2026-01"), []RollInput{{2, ref(1), "530181", 1, 'A', 1}, {3, ref(2), "530181", 1, 'A', 1}}, nobody)
		require.NoError(t, err)
		require.EqualValues(t, 3, enrolled[0].Record.Number)
		require.Equal(t, LineWrongSegment, result.Refused[0].Code)
	})
	t.Run("several segments", func(t *testing.T) {
		small := func(segment uint32) RollPlace { return RollPlace{"dibao", "530181", segment, 2} }
		in := func(n byte) RollInput { return RollInput{uint32(n), ref(n), "530181", 1, 'A', Fen(n)} }
		begun, _, _, err := ImportRoll([]RollPart{{At: small(7)}}, period(t, "2026-01"), []RollInput{in(1)}, nobody)
		require.NoError(t, err)
		gone := map[SubjectRef]*Admission{
			ref(1): {County: "530181", Number: 14},                                           // here, in force
			ref(8): {County: "530181", Number: 2, Exited: true, Until: period(t, "2025-12")}, // in a segment that is not among these
			ref(9): {County: "530129", Number: 14, Exited: true, Until: period(t, "2025-12")},
		}
		after, enrolled, result, err := ImportRoll([]RollPart{begun[0], {At: small(3)}}, period(t, "2026-01"),
			[]RollInput{in(8), in(2), in(9), in(1), in(4), in(5)}, func(ref SubjectRef) (*Admission, error) { return gone[ref], nil })
		require.NoError(t, err)
		require.Equal(t, ChunkResult{3, 1, []Refusal{{8, LineWrongSegment, ""}, {5, LineWrongSegment, ""}}}, result)
		var numbers []uint32
		for _, e := range enrolled {
			numbers = append(numbers, e.Record.Number)
		}
		require.Equal(t, []uint32{15, 6, 7}, numbers, "new people fill the segments in the order in which they are named")
		require.Equal(t, ref(2), after[0].Segment.Ref(1))
		require.Equal(t, ref(9), after[1].Segment.Ref(0))
		require.Equal(t, 1, begun[0].Segment.Len(), "what came in is as it was")
	})
}

func TestExitAndReturn(t *testing.T) {
	seg := goldenRoll()
	e := seg.Entry(2, testPlace)
	require.Equal(t, RollExited, e.State)
	require.Equal(t, ExitReason("death"), e.ExitReason)
	require.Equal(t, "2026-10", e.Until.String())
	_, _, changed, err := ExitRoll(seg, testPlace, 1002, "death", period(t, "2026-10"), Period{})
	require.NoError(t, err)
	require.False(t, changed)
	_, _, _, err = ExitRoll(seg, testPlace, 1002, "moved", period(t, "2026-10"), Period{})
	require.ErrorIs(t, err, &Error{Code: CodeWrongState})
	_, _, _, err = ExitRoll(seg, testPlace, 1000, "bored", period(t, "2026-10"), Period{})
	require.ErrorIs(t, err, &Error{Code: CodeInvalid})
	_, _, _, err = ExitRoll(seg, testPlace, 1000, "moved", period(t, "2026-Q3"), Period{})
	require.ErrorIs(t, err, &Error{Code: CodeInvalid})

	back, enrolled, result, err := ImportRoll([]RollPart{{testPlace, seg}}, period(t, "2027-01"), []RollInput{{4, ref(3), "530181", 2, 'C', 66000}}, func(SubjectRef) (*Admission, error) {
		return &Admission{County: "530181", Number: 1002, Exited: true, Until: period(t, "2026-10"), PaidTill: period(t, "2026-11")}, nil
	})
	require.NoError(t, err)
	require.Equal(t, 1, result.Accepted)
	require.EqualValues(t, 1002, enrolled[0].Record.Number, "who comes back has the same number, so no period is paid twice")
	require.Equal(t, RollInForce, back[0].Segment.Entry(2, testPlace).State)
}
