package registry

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// A village says whether it is urban or rural; where it does not, the township or county around it does.
func TestResidenceOfARegion(t *testing.T) {
	r := Registry{Regions: []RegionEntry{
		{Code: "530181", Residence: relief.Rural}, {Code: "530181001", Residence: relief.Urban}, {Code: "530181002"}, {Code: "530129"},
	}}
	for region, want := range map[relief.Region]relief.Residence{
		"530181001201": relief.Urban, "530181001": relief.Urban, "530181002": relief.Rural, "530181003": relief.Rural, "530129001": "",
	} {
		require.Equal(t, want, r.ResidenceOf(region), "%s", region)
	}
}
