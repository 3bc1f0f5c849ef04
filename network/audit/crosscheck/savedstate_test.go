package crosscheck

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/audit/rules"
)

// A later run knows everything that the rules go by: a field that is not saved would switch rules off without a word.
func TestAllThatRulesGoByIsSaved(t *testing.T) {
	state := reflect.TypeFor[rules.State]()
	for i := range state.NumField() {
		f := state.Field(i)
		if !f.IsExported() {
			continue // follows from the others
		}
		_, kept := reflect.TypeFor[savedState]().FieldByName(f.Name)
		_, listed := reflect.TypeFor[records]().FieldByName(f.Name)
		require.True(t, kept || listed, f.Name)
	}
}
