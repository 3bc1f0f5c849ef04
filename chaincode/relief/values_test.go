package relief

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseFen(t *testing.T) {
	for text, want := range map[string]any{
		"620.00": Fen(62000), "0.01": Fen(1), "0.00": Fen(0), "1000000000000.00": MaxFen,
		"1e5": LineAmountSyntax, "": LineAmountSyntax, ".50": LineAmountSyntax, "1,000.00": LineAmountSyntax, "+1.00": LineAmountSyntax,
		"007.00": LineAmountSyntax, " 1.00": LineAmountSyntax, "１.00": LineAmountSyntax, "--1.00": LineAmountSyntax, "1.0x": LineAmountSyntax,
		"330": LineAmountDecimals, "330.005": LineAmountDecimals, "330.5": LineAmountDecimals, "330.": LineAmountSyntax,
		"-480.00": LineAmountNegative, "1000000000000.01": LineAmountOverBound, "99999999999999999999.00": LineAmountOverBound,
	} {
		got, err := ParseFen(text)
		if kind, bad := want.(LineCode); bad {
			var e *AmountError
			require.ErrorAs(t, err, &e, text)
			require.Equal(t, kind, e.Kind, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		require.Equal(t, text, got.String())
	}
	require.Equal(t, "-92233720368547758.08", Fen(math.MinInt64).String())
	var f Fen
	require.Error(t, json.Unmarshal([]byte("480.00"), &f), "a JSON number is no amount")
}

func TestCheckedArithmetic(t *testing.T) {
	_, err := Fen(math.MaxInt64).Add(1)
	require.ErrorIs(t, err, ErrOverflow)
	_, err = Fen(math.MinInt64).Sub(1)
	require.ErrorIs(t, err, ErrOverflow)
	_, err = Fen(0).Sub(math.MinInt64)
	require.ErrorIs(t, err, ErrOverflow)
	sum, err := Fen(3).Add(-5)
	require.NoError(t, err)
	require.Equal(t, Fen(-2), sum)
}

func TestPeriods(t *testing.T) {
	for _, ok := range []string{"2026-01", "2026-12", "2026-Q1", "2026-Q4", "2000-01", "2199-Q4"} {
		p, err := ParsePeriod(ok)
		require.NoError(t, err, ok)
		require.Equal(t, ok, p.String())
		q, err := PeriodFromCode(p.Code())
		require.NoError(t, err)
		require.Equal(t, p, q)
	}
	for _, bad := range []string{"", "2026-13", "2026-00", "2026-Q5", "2026-Q0", "26-01", "2026/01", "1999-01", "2200-01", "2026-1", "2026-011", "２026-1"} {
		_, err := ParsePeriod(bad)
		require.Error(t, err, bad)
	}
	a, b, q := period(t, "2026-11"), period(t, "2026-12"), period(t, "2026-Q4")
	require.True(t, a.Before(b))
	require.False(t, b.Before(q))
	require.False(t, q.Before(a))
	require.True(t, period(t, "2026-09").Before(q))
}

func period(t testing.TB, s string) Period {
	t.Helper()
	p, err := ParsePeriod(s)
	require.NoError(t, err)
	return p
}

func TestRegions(t *testing.T) {
	for text, want := range map[string]Region{"530181": "530181", "530000": "53", "530100": "5301", "53": "53", "530181003": "530181003", "530181003214": "530181003214"} {
		r, err := ParseRegion(text)
		require.NoError(t, err)
		require.Equal(t, want, r)
		back, err := RegionFromCode(r.Code())
		require.NoError(t, err)
		require.Equal(t, r, back)
	}
	for _, bad := range []string{"", "5", "53018", "0301", "53018a", "5301810032145"} {
		_, err := ParseRegion(bad)
		require.Error(t, err, bad)
	}
	require.True(t, Region("53").Covers("530181003214"))
	require.False(t, Region("530181").Covers("5301"))
	require.False(t, Region("").Covers("53"))
}

// The numbers are regulation.md's examples of GB 11643.
func TestIdentityNumbers(t *testing.T) {
	for _, good := range []string{"11010519491231002X", "11010519491231002x", "440524188001010014", "34052419800101001X"} {
		id, code := ParseIDNumber(good)
		require.Empty(t, code)
		require.Equal(t, strings.ToUpper(good), string(id))
	}
	for bad, want := range map[string]LineCode{
		"": LineIDSyntax, "1101051949123100": LineIDSyntax, "11010519491231002Y": LineIDSyntax, "1101051949123100２X": LineIDSyntax,
		"110105194912310021": LineIDChecksum, "110105199002310020": LineIDDate, "110105194913310020": LineIDDate,
	} {
		_, code := ParseIDNumber(bad)
		require.Equal(t, want, code)
	}
}

func TestSubjectRefs(t *testing.T) {
	id, _ := ParseIDNumber("11010519491231002X")
	a, b := NewSubjectRef(1, []byte("key"), id), NewSubjectRef(1, []byte("other"), id)
	require.NotEqual(t, a, b)
	back, err := ParseSubjectRef(a.String())
	require.NoError(t, err)
	require.Equal(t, a, back)
	require.Regexp(t, `^1-[a-z2-7]{26}$`, a.String())
	for _, bad := range []string{"", "1", "0-" + a.String()[2:], "01" + a.String()[1:], strings.ToUpper(a.String()), a.String() + "a", "256" + a.String()[1:]} {
		_, err := ParseSubjectRef(bad)
		require.Error(t, err, bad)
	}
}

func TestSubjectRefsAreOrderedAsTheirTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		a := SubjectRef{byte(1 + random.IntN(120))}
		for i := 1; i < len(a); i++ {
			a[i] = byte(random.Uint32())
		}
		b := a
		at := random.IntN(len(b))
		b[at] = byte(1 + random.IntN(255))
		require.Equal(t, strings.Compare(a.String(), b.String()), a.Compare(b))
		require.Equal(t, strings.Compare(RollIndexKey(a, "dibao").String(), RollIndexKey(b, "dibao").String()), a.Compare(b))
	}
}

func TestPaymentIDs(t *testing.T) {
	id := PaymentID{"abcdefghij", "530181", MaxRollNumber, period(t, "2026-Q4"), 99}
	require.Len(t, id.String(), 35, "EndToEndId has room for 35")
	for _, text := range []string{id.String(), "dibao-530181-0000298-202611-1"} {
		got, err := ParsePaymentID(text)
		require.NoError(t, err)
		require.Equal(t, text, got.String())
	}
	for _, bad := range []string{"", "dibao-530181-298-202611-1", "dibao-530181-0000298-202613-1", "dibao-530181-0000298-202611-0", "dibao-530181-0000298-202611-01", "Dibao-530181-0000298-202611-1", "dibao-53018-0000298-202611-1"} {
		_, err := ParsePaymentID(bad)
		require.Error(t, err, bad)
	}
}

func TestErrorsCrossTheLedgersAPI(t *testing.T) {
	for _, e := range []*Error{Errorf(CodeFunds, "tranche t has 1.00"), FieldErrorf("region", "wrong: really"), {CodeRegion, "region", "outside"}} {
		for _, wrap := range []string{"%", "chaincode response 500, %", "rpc error: code = Aborted desc = ABC_D failed: %"} {
			got := ParseError(strings.Replace(wrap, "%", e.Error(), 1))
			require.Equal(t, e, got)
		}
	}
	for _, none := range []string{"", "connection refused", "FUNDSX: no", "X_FUNDS: no", "FUNDS[: no", "funds: no"} {
		require.Nil(t, ParseError(none), none)
	}
}

func TestKeys(t *testing.T) {
	k := LinesKey("dibao", "530181", period(t, "2026-11"), 7)
	back, ok := ParseKey(k.String())
	require.True(t, ok)
	require.Equal(t, k, back)
	n, err := ParseSegment(back.Attrs[3])
	require.NoError(t, err)
	require.EqualValues(t, 7, n)
	_, ok = ParseKey("plain")
	require.False(t, ok)
}

func TestChangeIDs(t *testing.T) {
	id := NewChangeID("dibao", "530181", 298, 12)
	require.Equal(t, ChangeID("dibao-530181-0000298-c12"), id)
	require.Equal(t, uint32(12), id.Serial())
	require.Equal(t, "dibao-530181-0000298", id.Entry())
	got, err := ParseChangeID(string(id))
	require.NoError(t, err)
	require.Equal(t, id, got)
	for _, bad := range []string{
		"", "dibao-530181-0000298", "dibao-530181-0000298-12", "dibao-530181-0000298-c0", "dibao-530181-0000298-c", "dibao-530181-0000298-c012",
		"dibao-530181-298-c1", "Dibao-530181-0000298-c1", "dibao-5301-0000298-c1", "dibao-530181-10000000-c1", "dibao-530181-0000298-c1-",
		"dibao-530181-0000298-c4294967296", "dibao-530181-0000298-c+1",
	} {
		_, err := ParseChangeID(bad)
		require.Error(t, err, bad)
	}
}
