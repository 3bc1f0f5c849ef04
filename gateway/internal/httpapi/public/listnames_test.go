package public

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/seal"
)

// Of a payee's name the surname is shown, of a minor's nothing, and nothing where it is not known how old somebody is.
func TestMaskedPayees(t *testing.T) {
	for want, person := range map[string]seal.Person{
		"张*":  {Name: "张三", IDNumber: "11010519491231002X"},
		"尉迟*": {Name: "尉迟某", IDNumber: "11010519491231002X"},
		"*":   {Name: "张三"},
	} {
		require.Equal(t, want, maskPayee(person, "2026-11-30"))
	}
	minor := seal.Person{Name: "张三", IDNumber: "11010519491231002X"}
	require.Equal(t, "*", maskPayee(minor, "1967-12-30"))
	require.Equal(t, "张*", maskPayee(minor, "1967-12-31"), "eighteen years old")
	require.Equal(t, "*", maskPayee(seal.Person{IDNumber: "11010519491231002X"}, "2026-11-30"))
}
