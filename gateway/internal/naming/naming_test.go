package naming

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
)

func TestAProgrammeHasTheNameThatItHasNow(t *testing.T) {
	version := func(n int, name string) programme.VersionRecord {
		return programme.VersionRecord{Version: programme.Version{Version: n, Name: name, NameEn: name + "-en"}}
	}
	p := programme.Programme{ID: "dibao", Versions: []programme.VersionRecord{version(1, "a"), version(2, "b"), version(3, "c")}}
	for inForce, want := range map[int]string{1: "a", 2: "b", 0: "c"} {
		p.InForce = inForce
		require.Equal(t, Programme{"dibao", want, want + "-en"}, Of(&p), "in force: %d", inForce)
	}
	require.Equal(t, Programme{ID: "none"}, Of(&programme.Programme{ID: "none"}))
}

func TestAPlaceIsNamedFromALevelDown(t *testing.T) {
	regions := []registry.RegionEntry{{Code: "53", Name: "省"}, {Code: "530181", Name: "某市"}, {Code: "530181001", Name: "某镇"}, {Code: "530181001001", Name: "某村"}}
	require.Equal(t, "某市某镇某村", Place(regions, "530181001001", County))
	require.Equal(t, "省某市某镇某村", Place(regions, "530181001001", Province))
	require.Equal(t, "某市", Place(regions, "530181", County))
	require.Empty(t, Place(nil, "530181", Province))
}
