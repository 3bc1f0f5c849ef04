package relief

import (
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
