package roll

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"

	"github.com/stretchr/testify/require"
)

func ref(n byte) relief.SubjectRef { return relief.SubjectRef{0: 1, 1: n} }

// payeeOf is the payee of person n.
func payeeOf(n byte) Payee {
	return Payee{Name: relief.Tag{1, n, 'n'}, Account: relief.Tag{1, n, 'a'}}
}

// payeesOf are the payees of a segment of the tests' people.
func payeesOf(t testing.TB, seg Segment) (p Payees) {
	t.Helper()
	for i := range seg.Len() {
		require.True(t, p.set(i, payeeOf(seg.Ref(i)[1])))
	}
	return p
}

func goldenRoll() Segment {
	parts, _, _, _ := Import([]Part{{At: testPlace}}, ImportRule{From: monthOf(2026, 1)}, []Input{
		line(2, ref(1), "530181003214", 1, 'B', 48000, payeeOf(1)), line(3, ref(2), "530181019201", 3, 'A', 186000, payeeOf(2)), line(4, ref(3), "530181", 2, 'C', 66000, payeeOf(3)),
	}, nobody)
	seg, _, _, _ := Exit(parts[0].Segment, testPlace, 1002, Leaving{Reason: "death", Last: monthOf(2026, 10), PaidTill: monthOf(2026, 11)})
	return seg
}

var testPlace = SegmentAddr{"dibao", "530181", 1, 1000}

func nobody(*Input) (Known, error) { return Known{}, nil }

func TestImportRoll(t *testing.T) {
	entries := []Input{
		line(2, ref(1), "530181003214", 1, 'B', 48000, payeeOf(1)), line(3, ref(1), "530181003214", 1, 'B', 48000, payeeOf(1)), line(4, ref(1), "530181003214", 2, 'B', 96000, payeeOf(1)),
		line(5, ref(2), "530129003214", 1, 'B', 48000, payeeOf(2)), line(6, ref(3), "530181", 0, 'B', 48000, payeeOf(3)), line(7, ref(4), "530181", 1, 'b', 48000, payeeOf(4)), line(8, ref(5), "530181", 1, 'C', 33000, payeeOf(5)),
	}
	parts, enrolled, result, err := Import([]Part{{At: testPlace}}, ImportRule{From: period(t, "2026-01")}, entries, nobody)
	require.NoError(t, err)
	seg := parts[0].Segment
	require.Equal(t, wire.ChunkResult{Accepted: 2, Refused: []wire.Refusal{{Seq: 3, Code: relief.LineDuplicateOf(2)}, {Seq: 4, Code: relief.LineDuplicateOf(2)}, {Seq: 5, Code: relief.LineRegionOutside, Note: ""}, {Seq: 6, Code: relief.LinePersons, Note: ""}, {Seq: 7, Code: relief.LineClass, Note: ""}}}, result)
	require.Equal(t, []uint32{1000, 1001}, []uint32{enrolled[0].Record.Number, enrolled[1].Record.Number})
	require.Equal(t, 2, seg.Len())
	require.Equal(t, ref(5), seg.Entry(1, testPlace).Subject)

	t.Run("the same again is unchanged", func(t *testing.T) {
		same := entries[0]
		same.Seen = SeenSame
		again, _, result, err := Import(parts, ImportRule{From: period(t, "2026-01")}, []Input{same}, inForceAs(1000))
		require.NoError(t, err)
		require.Equal(t, wire.ChunkResult{Accepted: 0, Unchanged: 1, Refused: []wire.Refusal{}}, result)
		require.Equal(t, seg.Bytes(), again[0].Segment.Bytes())
	})
	t.Run("a person of another county", func(t *testing.T) {
		for from, want := range map[string]relief.LineCode{"2026-06": relief.LineOverlap, "2026-08": relief.LineOverlap, "2026-09": ""} {
			_, _, result, err := Import(parts, ImportRule{From: period(t, from)}, []Input{line(9, ref(9), "530181", 1, 'A', 62000, payeeOf(9))}, func(*Input) (Known, error) {
				return Known{Index: &IndexEntry{County: "530129", Number: 7, Exited: true, Until: period(t, "2026-06"), PaidTill: period(t, "2026-08")}}, nil
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
		one := SegmentAddr{"dibao", "530181", 3, 1}
		_, enrolled, result, err := Import([]Part{{At: one}}, ImportRule{From: period(t, "2026-01")}, []Input{line(2, ref(1), "530181", 1, 'A', 1, payeeOf(1)), line(3, ref(2), "530181", 1, 'A', 1, payeeOf(2))}, nobody)
		require.NoError(t, err)
		require.EqualValues(t, 3, enrolled[0].Record.Number)
		require.Equal(t, relief.LineWrongSegment, result.Refused[0].Code)
	})
	t.Run("several segments", func(t *testing.T) {
		small := func(segment uint32) SegmentAddr { return SegmentAddr{"dibao", "530181", segment, 2} }
		in := func(n byte) Input { return line(uint32(n), ref(n), "530181", 1, 'A', relief.Fen(n), payeeOf(n)) }
		begun, _, _, err := Import([]Part{{At: small(7)}}, ImportRule{From: period(t, "2026-01")}, []Input{in(1)}, nobody)
		require.NoError(t, err)
		gone := map[relief.SubjectRef]*IndexEntry{
			ref(1): {County: "530181", Number: 14},                                           // here, in force
			ref(8): {County: "530181", Number: 2, Exited: true, Until: period(t, "2025-12")}, // in a segment that is not among these
			ref(9): {County: "530129", Number: 14, Exited: true, Until: period(t, "2025-12")},
		}
		same := in(1)
		same.Seen = SeenSame
		after, enrolled, result, err := Import([]Part{begun[0], {At: small(3)}}, ImportRule{From: period(t, "2026-01")},
			[]Input{in(8), in(2), in(9), same, in(4), in(5)}, func(e *Input) (Known, error) { return Known{Index: gone[e.Ref]}, nil })
		require.NoError(t, err)
		require.Equal(t, wire.ChunkResult{Accepted: 3, Unchanged: 1, Refused: []wire.Refusal{{Seq: 8, Code: relief.LineWrongSegment, Note: ""}, {Seq: 5, Code: relief.LineWrongSegment, Note: ""}}}, result)
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
	require.Equal(t, Exited, e.State)
	require.Equal(t, ExitReason("death"), e.ExitReason)
	require.Equal(t, "2026-10", e.Until.String())
	_, _, changed, err := Exit(seg, testPlace, 1002, Leaving{Reason: "death", Last: period(t, "2026-10")})
	require.NoError(t, err)
	require.False(t, changed)
	_, _, _, err = Exit(seg, testPlace, 1002, Leaving{Reason: "moved", Last: period(t, "2026-10")})
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
	_, _, _, err = Exit(seg, testPlace, 1000, Leaving{Reason: "bored", Last: period(t, "2026-10")})
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
	_, _, _, err = Exit(seg, testPlace, 1000, Leaving{Reason: "moved", Last: period(t, "2026-Q3")})
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})

	back, enrolled, result, err := Import([]Part{{At: testPlace, Segment: seg, Payees: payeesOf(t, seg)}}, ImportRule{From: period(t, "2027-01")}, []Input{line(4, ref(3), "530181", 2, 'C', 66000, payeeOf(3))}, func(*Input) (Known, error) {
		return Known{Index: &IndexEntry{County: "530181", Number: 1002, Exited: true, Until: period(t, "2026-10"), PaidTill: period(t, "2026-11")}}, nil
	})
	require.NoError(t, err)
	require.Equal(t, 1, result.Accepted)
	require.EqualValues(t, 1002, enrolled[0].Record.Number, "who comes back has the same number, so no period is paid twice")
	require.Equal(t, InForce, back[0].Segment.Entry(2, testPlace).State)
	require.Equal(t, uint16(2), back[0].Payees.Version(2), "details that were given again have the next version")
}

func rollHex(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/roll-v3.hex")
	require.NoError(t, err)
	b, err := hex.DecodeString(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	return b
}

// The packed value must never change under its version.
func TestGoldenRoll(t *testing.T) {
	require.Equal(t, hex.EncodeToString(rollHex(t)), hex.EncodeToString(goldenRoll().Bytes()))
}

func TestCorruptRollsAreRefused(t *testing.T) {
	packed := goldenRoll().Bytes()
	for n := 1; n < len(packed)-1; n++ {
		_, err := ParseSegment(packed[:n])
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt})
	}
}

func FuzzRoll(f *testing.F) {
	f.Add(goldenRoll().Bytes())
	f.Add(goldenSpans(f).Bytes())
	f.Add(goldenResidences(f).Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := ParseSegment(b); err == nil && len(b) > 0 {
			require.True(t, bytes.Equal(b, s.Bytes()))
			for i := range s.Len() {
				e := s.Entry(i, SegmentAddr{"dibao", "530181", 0, 1000})
				again, err := UnpackEntry(s.Packed(i), "dibao", "530181", e.Number)
				require.NoError(t, err)
				require.Equal(t, e, again)
			}
			if s.Len() > 0 {
				require.Equal(t, b, s.edit(0).segment().Bytes(), "there is one way to write a segment")
			}
		}
	})
}

func FuzzRollChunks(f *testing.F) {
	f.Add(AppendRoll(nil, []Input{line(2, relief.SubjectRef{1}, "530181", 3, 'B', 48000, payeeOf(1))}))
	told := line(3, relief.SubjectRef{2}, "530181", 1, 'A', 1, payeeOf(1))
	told.Seen, told.Was = SeenChanged, Was{Version: 7, Persons: 2, Class: 'C', Amount: 900}
	told.Told, told.Members = Told{monthOf(2026, 6), 5400}, []relief.SubjectRef{{1, 5}, {1, 6}}
	f.Add(AppendRoll(nil, []Input{told}))
	f.Add(AppendRoll(nil, []Input{livingIn(one(), relief.Rural), line(3, relief.SubjectRef{2}, "530181", 1, 'A', 1, payeeOf(1))}))
	f.Add(AppendDetails(nil, [][]byte{[]byte("{}"), nil}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := DecodeRoll(b); err == nil {
			again, err := DecodeRoll(AppendRoll(nil, v))
			require.NoError(t, err)
			require.Equal(t, v, again)
		}
		if v, err := DecodeDetails(b); err == nil {
			again, err := DecodeDetails(AppendDetails(nil, v))
			require.NoError(t, err)
			require.Len(t, again, len(v))
		}
	})
}

// The packed form holds the years 2000 to 2199: an exit that it cannot hold is refused, and the segment stays as it
// was.
func TestExitOutsidePackableYearsIsRefused(t *testing.T) {
	seg := goldenRoll()
	before := hex.EncodeToString(seg.Bytes())
	for _, last := range []relief.Period{monthOf(1999, 12), monthOf(1962, 11), monthOf(2200, 1)} {
		_, _, changed, err := Exit(seg, testPlace, 1000, Leaving{Reason: ExitDeath, Last: last})
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid}, "%s", last)
		require.False(t, changed)
		require.Equal(t, before, hex.EncodeToString(seg.Bytes()))
	}
}
