package relief

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzParseText(f *testing.F) {
	for _, s := range []string{"620.00", "-1.00", "2026-11", "2026-Q4", "530181003214", "dibao-530181-0000298-202611-1", "11010519491231002X", "FUNDS[x]: y", "1-abcdefghijklmnopqrstuvwxyz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := ParseFen(s); err == nil {
			require.Equal(t, s, v.String())
		}
		if v, err := ParsePeriod(s); err == nil {
			require.Equal(t, s, v.String())
		}
		if v, err := ParsePaymentID(s); err == nil {
			require.Equal(t, s, v.String())
			require.LessOrEqual(t, len(s), 36)
		}
		if v, err := ParseSubjectRef(s); err == nil {
			require.Equal(t, s, v.String())
		}
		if r, err := ParseRegion(s); err == nil {
			again, err := RegionFromCode(r.Code())
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
		_, _ = ParseIDNumber(s)
		_ = ParseError(s)
	})
}

func FuzzChunks(f *testing.F) {
	f.Add(AppendLines(nil, []LineInput{{2, 7, SubjectRef{1}, "530181003214", 48000}}))
	f.Add(AppendRoll(nil, []RollInput{{2, SubjectRef{1}, "530181", 3, 'B', 48000}}))
	f.Add(AppendSettlements(nil, []SettlementInput{{2, 7, 1, OutcomeReturned, 48000, [4]byte{'A', 'C', '0', '4'}, 20000, BankRefHash{1}, [16]byte{3}}}))
	f.Add(AppendPersons(nil, [][]byte{[]byte("{}"), nil}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if v, err := DecodeLines(b); err == nil {
			again, err := DecodeLines(AppendLines(nil, v))
			require.NoError(t, err)
			require.Equal(t, v, again)
		}
		if v, err := DecodeRoll(b); err == nil {
			again, err := DecodeRoll(AppendRoll(nil, v))
			require.NoError(t, err)
			require.Equal(t, v, again)
		}
		if v, err := DecodeSettlements(b); err == nil {
			again, err := DecodeSettlements(AppendSettlements(nil, v))
			require.NoError(t, err)
			require.Equal(t, v, again)
		}
		if v, err := DecodePersons(b); err == nil {
			again, err := DecodePersons(AppendPersons(nil, v))
			require.NoError(t, err)
			require.Len(t, again, len(v))
		}
	})
}

func FuzzSegments(f *testing.F) {
	roll, lines := goldenRoll(), goldenLines()
	f.Add(roll.Bytes())
	f.Add(lines.Bytes())
	f.Add(goldenHex(f, "lines-unanswered-v4.hex"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := ParseRollSegment(b); err == nil && len(b) > 0 {
			require.True(t, bytes.Equal(b, s.Bytes()))
			for i := range s.Len() {
				_ = s.Entry(i, RollPlace{"dibao", "530181", 0, 1000})
			}
		}
		if s, err := ParseLineSegment(b); err == nil && len(b) > 0 {
			require.True(t, bytes.Equal(b, s.Bytes()))
			batch := Batch{ID: "b", Programme: "dibao", Region: "530181", Period: Period{2026, 11}, SegmentSize: 1000}
			_ = s.Payments(&batch, 0, RollSegment{[]byte{rollKind, rollVersion, 0, 0}})
		}
	})
}

func FuzzPage(f *testing.F) {
	f.Add(AppendPage(nil, []PageEntry{{SubjectRef{1}, []byte("{}")}, {SubjectRef{2}, []byte("{}")}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		people, err := ParsePage(b)
		if err != nil {
			return
		}
		page := AppendPage(nil, people)
		again, err := ParsePage(page)
		require.NoError(t, err)
		require.Equal(t, people, again)
		for i := range people {
			rest, err := WithoutPerson(b, people[i].Ref)
			require.NoError(t, err)
			if rest == nil {
				require.Len(t, people, 1)
				continue
			}
			left, err := ParsePage(rest)
			require.NoError(t, err)
			require.Len(t, left, len(people)-1)
			_, err = WithoutPerson(rest, people[i].Ref)
			require.Error(t, err)
		}
	})
}
