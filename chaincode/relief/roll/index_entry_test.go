package roll

import (
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"relieftrail/chaincode/relief"

	"github.com/stretchr/testify/require"
)

// indexEntries has one entry of each form; the first is as an import writes it.
func indexEntries(t testing.TB) map[string]IndexEntry {
	return map[string]IndexEntry{
		"an import":                                 {County: "530181", Number: 12371, Page: relief.DetailPageID{County: "530181", First: 12350}},
		"a decision":                                {County: "530181", Number: 26600, Case: "case-2026-000017"},
		"the page of another county":                {County: "530181", Number: 3, Page: relief.DetailPageID{County: "530129", First: 0}, Own: true},
		"a page that begins after":                  {County: "530181", Number: 3, Page: relief.DetailPageID{County: "530181", First: 50}},
		"a page too far before":                     {County: "530181", Number: 303, Page: relief.DetailPageID{County: "530181", First: 3}},
		"an exit":                                   {County: "530129", Number: 7, Exited: true, Until: period(t, "2026-06")},
		"an exit after a later payment":             {County: "530129", Number: relief.MaxRollNumber, Exited: true, Until: period(t, "2026-Q2"), PaidTill: period(t, "2026-Q3")},
		"erased, put there by a decision":           {County: "530181", Number: 0, Case: "c"},
		"the details of a change":                   {County: "530181", Number: 12371, Page: relief.DetailPageID{County: "530181", First: 12350}, Change: 3},
		"everything that a record can say":          {"530181", 1, true, period(t, "2026-06"), period(t, "2026-08"), "0123456789012345678901234567890123456789", relief.DetailPageID{County: "530129", First: 1 << 20}, []relief.DetailPageID{{County: "530181", First: 2}}, true, 7, EarlierDetails{}, false, false, false},
		"the details of a change of another number": {County: "530181", Number: 5, Earlier: EarlierDetails{Change: "dibao-530181-0000298-c3"}},
		"the page of a later import":                {County: "530181", Number: 12371, Page: relief.DetailPageID{County: "530181", First: 12350, Replaced: 1}},
		"a page of each of three imports": {
			County: "530181", Number: 12371, Page: relief.DetailPageID{County: "530181", First: 12370, Replaced: math.MaxUint16 - 1},
			EarlierPages: []relief.DetailPageID{{County: "530129", First: 7}, {County: "530181", First: 12350, Replaced: 1}},
		},
		"the details of a link": {County: "530181", Number: 5, Case: "c1", Earlier: EarlierDetails{Link: relief.SubjectRef{1, 2, 16: 3}}},
	}
}

func TestIndexEntryRoundTrip(t *testing.T) {
	for name, r := range indexEntries(t) {
		b, err := r.MarshalBinary()
		require.NoError(t, err, name)
		var back IndexEntry
		require.NoError(t, back.UnmarshalBinary(b), name)
		require.Equal(t, r, back, name)
		for n := range b {
			require.ErrorIs(t, back.UnmarshalBinary(b[:n]), &relief.Error{Code: relief.CodeCorrupt}, "%s, cut to %d", name, n)
		}
		require.ErrorIs(t, back.UnmarshalBinary(append(b, 0)), &relief.Error{Code: relief.CodeCorrupt}, name)
	}
	b, err := indexEntries(t)["an import"].MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, "61024085ae20d36015", hex.EncodeToString(b))
}

func TestCorruptIndexEntriesAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"another kind":                       "70014085ae20d36015",
		"another version":                    "61014085ae20d36015",
		"a change that is none":              "6102c085ae20d3601500",
		"a page both here and elsewhere":     "61026085ae2003050101",
		"a page that begins before the roll": "61024085ae200315",
		"a page here, written as elsewhere":  "61022085ae20d36085ae20be60",
		"a county that none can be":          "61024005d36015",
		"a longer spelling of a number":      "61024085ae20d3e00015",
		"no pages":                           "61026085ae20d36000",
		"one page, written as several":       "61026085ae20d3600185ae20be6000",
		"a page replaced too often":          "61026085ae20d3600185ae20be60ffff04",
		"pages cut off":                      "61026085ae20d3600285ae20be6001",
		"too many pages":                     "61026085ae20d36041" + strings.Repeat("85ae20be6001", 65),
		"no such period":                     "610205c19720071fff",
		"a period that is none":              "610205c19720070000",
		"a case without an id":               "61021085ae200300",
	} {
		b, err := hex.DecodeString(text)
		require.NoError(t, err, name)
		var r IndexEntry
		require.ErrorIs(t, r.UnmarshalBinary(b), &relief.Error{Code: relief.CodeCorrupt}, name)
		require.Zero(t, r, name)
	}
}

func FuzzIndexEntry(f *testing.F) {
	for _, r := range indexEntries(f) {
		b, err := r.MarshalBinary()
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var r IndexEntry
		if r.UnmarshalBinary(b) != nil {
			return
		}
		again, err := r.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, b, again)
	})
}
