package registry

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// merged are regions of which township 003 went into 002 at the end of 2026, county 530102 into 530103 and 530111 in 2028, and 530103
// into 530112 in 2030.
func merged() []RegionEntry {
	entry := func(code, last string, successors ...relief.Region) RegionEntry {
		return RegionEntry{Code: relief.Region(code), Name: code, ValidFrom: "1995-10-13", ValidTo: last, Successors: successors}
	}
	return []RegionEntry{
		entry("53", ""), entry("530181", ""), entry("530181003", "2026-12-31", "530181002"), entry("530102", "2028-06-30", "530103", "530111"),
		entry("530103", "2030-12-31", "530112"), entry("530111", ""), entry("530112", ""),
	}
}

func TestSuccessorsInherit(t *testing.T) {
	r := Registry{Regions: merged()}
	require.NoError(t, r.checkRegions())
	for _, c := range []struct {
		region relief.Region
		day    relief.Day
		want   []relief.Region
	}{
		{"530181002", "2026-12-31", nil},
		{"530181002", "2027-01-01", []relief.Region{"530181003"}},
		{"530181", "2027-01-01", nil}, // it covers the township anyway
		{"530181002201", "2027-01-01", nil},
		{"530103", "2028-07-01", []relief.Region{"530102"}},
		{"530111", "2028-07-01", []relief.Region{"530102"}},
		{"530112", "2028-07-01", nil},
		{"530112", "2031-01-01", []relief.Region{"530102", "530103"}},
		{"5301", "2031-01-01", nil},
	} {
		require.Equal(t, c.want, r.Inherited(c.region, c.day), "%s on %s", c.region, c.day)
	}
	var none *Endings
	require.Empty(t, none.InheritedOn("2031-01-01"))
}

func TestNothingBeginsInAnEndedRegion(t *testing.T) {
	at := func(day string) time.Time {
		d, err := time.Parse(time.DateOnly, day)
		require.NoError(t, err)
		return d
	}
	regions := merged()
	require.NoError(t, RegionValid(regions, "530181003201", at("2026-12-31")))
	require.ErrorContains(t, RegionValid(regions, "530181003201", at("2027-01-01")), "its successors are 530181002")
	require.NoError(t, RegionBegun(regions, "530181003201", at("2027-01-01")), "what was owed is paid")
	require.NoError(t, RegionValid(regions, "530181002201", at("2027-01-01")))
	require.Error(t, RegionBegun(regions, "530181002201", at("1990-01-01")))
	require.Error(t, RegionBegun(regions, "44", at("2027-01-01")))

	for _, e := range EndingsOf(regions) {
		if e.Region != "530181" {
			continue
		}
		require.Nil(t, e.EndedBefore("530181003201", month(t, "2026-12")))
		require.NotNil(t, e.EndedBefore("530181003201", month(t, "2027-01")))
		require.Nil(t, e.EndedBefore("530181002201", month(t, "2027-01")))
		require.Error(t, e.RequireBegin("530181003", month(t, "2027-01")))
		return
	}
	t.Fatal("the county knows of no ending")
}

func month(t *testing.T, text string) relief.Period {
	p, err := relief.ParsePeriod(text)
	require.NoError(t, err)
	return p
}

func TestBadSuccessors(t *testing.T) {
	for name, spoil := range map[string]func(*RegionEntry){
		"without a last day":      func(e *RegionEntry) { e.ValidTo = "" },
		"itself":                  func(e *RegionEntry) { e.Successors = []relief.Region{e.Code} },
		"another level":           func(e *RegionEntry) { e.Successors = []relief.Region{"530181"} },
		"nowhere registered":      func(e *RegionEntry) { e.Successors = []relief.Region{"440106001"} },
		"named twice":             func(e *RegionEntry) { e.Successors = []relief.Region{"530181002", "530181002"} },
		"ended before":            func(e *RegionEntry) { e.Successors = []relief.Region{"530102001"}; e.ValidTo = "2028-12-31" },
		"too many":                func(e *RegionEntry) { e.Successors = make([]relief.Region, MaxSuccessors+1) },
		"a last day that is none": func(e *RegionEntry) { e.ValidTo = "2026" },
	} {
		r := Registry{Regions: merged()}
		spoil(&r.Regions[2])
		require.Error(t, r.checkRegions(), name)
	}
}
