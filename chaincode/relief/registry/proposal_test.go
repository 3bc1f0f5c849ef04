package registry

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// A proposal rests on every section that it replaces: another content of that section is another base. A new section of the
// registry is not forgotten.
func TestABaseHasEverySection(t *testing.T) {
	full := Change{
		Agencies: []Agency{{MSPID: "A"}}, Regions: []RegionEntry{{Code: "53"}}, Duties: []relief.Duty{{Agency: "A"}},
		CosigningKeys: []CosigningKey{{Key: "k"}}, Thresholds: map[string]int64{"x": 1}, Sources: []Department{{ID: "d"}},
		Calendar: &relief.Calendar{Holidays: []relief.Day{"2026-01-01"}}, Parameters: &programme.Parameters{MinNoticeDays: 7},
		ReferenceKey: &ReferenceKey{Epoch: 2}, Contacts: []Contact{{Name: "c"}}, Officials: []OfficialTerms{{Agency: "A", Name: "a", ID: "1"}}, Repair: []Repair{{Kind: relief.KindRoll}},
	}
	sections := reflect.TypeFor[Change]()
	before := full.Apply(nil)
	for i := range sections.NumField() {
		name := sections.Field(i).Name
		require.False(t, reflect.ValueOf(full).Field(i).IsZero(), name)
		if name == "Parameters" || name == "Officials" || name == "Repair" {
			continue // the founding's alone, which replaces nothing; a repair names the hash of what it replaces itself
		}
		var change Change
		reflect.ValueOf(&change).Elem().Field(i).Set(reflect.ValueOf(full).Field(i))
		base, err := change.base(&before)
		require.NoError(t, err)
		other := before
		reflect.ValueOf(&other).Elem().FieldByName(name).SetZero()
		changed, err := change.base(&other)
		require.NoError(t, err)
		require.NotEqual(t, base, changed, name)
		require.Len(t, change.Sections(), 1, name)
		again := before
		again.Revisions = Revisions(nil).After("p2", &change)
		revised, err := change.base(&again)
		require.NoError(t, err)
		require.NotEqual(t, base, revised, "%s has its old content back", name)
		again.Revisions = again.Revisions.After("p3", &change)
		later, err := change.base(&again)
		require.NoError(t, err)
		require.NotEqual(t, revised, later, name)
	}
}
