package relief

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReach(t *testing.T) {
	duties := []Duty{{ActReadAll, "AuditMSP", []string{"reader"}}}
	county := ReachOf(duties, Official{Agency: "CivilAffairsMSP", Role: "reader", Region: "530181"})
	auditor := ReachOf(duties, Official{Agency: "AuditMSP", Role: "reader", Region: "5301"})
	nowhere := Reach{}
	for _, c := range []struct {
		region        Region
		covers, meets bool
	}{
		{"530181", true, true}, {"530181001001", true, true}, {"5301", false, true}, {"53", false, true},
		{"530129", false, false}, {"54", false, false}, {"", false, false},
	} {
		require.Equal(t, c.covers, county.Covers(c.region), c.region)
		require.Equal(t, c.covers, county.RequireCovers(c.region) == nil, c.region)
		require.Equal(t, c.meets, county.Meets(c.region), c.region)
		require.Equal(t, c.meets, county.RequireMeets(c.region) == nil, c.region)
		require.True(t, auditor.Covers(c.region))
		require.True(t, auditor.Meets(c.region))
		require.False(t, nowhere.Meets(c.region))
	}
}

func TestNarrow(t *testing.T) {
	for _, c := range []struct {
		reach       Reach
		asked, want Region
		refused     bool
	}{
		{Reach{Region: "530181"}, "", "530181", false},
		{Reach{Region: "530181"}, "530181001", "530181001", false},
		{Reach{Region: "530181"}, "53", "", true},
		{Reach{Region: "530181"}, "530129", "", true},
		{Reach{Region: "5301", Everywhere: true}, "", "", false},
		{Reach{Region: "5301", Everywhere: true}, "44", "44", false},
		{Reach{}, "", "", true},
		{Reach{}, "53", "", true},
	} {
		got, err := c.reach.Narrow(c.asked)
		if c.refused {
			require.ErrorIs(t, err, &Error{Code: CodeRegion})
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}
