package registry

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

func TestARecordOfReadingsOnlyGrows(t *testing.T) {
	by := relief.Actor{By: relief.Official{Agency: "FinanceMSP", Name: "li"}, At: time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC), Tx: "t"}
	head, other := strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	first, changed, err := AnchorReadings(ReadingHead{"2026-11-29", 7, head}, nil, by)
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, "FinanceMSP", first.Agency)
	same, changed, err := AnchorReadings(first.ReadingHead, &first, by)
	require.NoError(t, err)
	require.False(t, changed)
	require.Equal(t, first, same)
	for name, c := range map[string]struct {
		head ReadingHead
		code relief.Code
	}{
		"fewer":        {ReadingHead{"2026-11-30", 6, other}, relief.CodeConflict},
		"another head": {ReadingHead{"2026-11-29", 7, other}, relief.CodeConflict},
		"an old day":   {ReadingHead{"2026-11-28", 8, other}, relief.CodeConflict},
		"none":         {ReadingHead{"2026-11-30", 0, other}, relief.CodeInvalid},
		"too many":     {ReadingHead{"2026-11-30", 1<<53 + 1, other}, relief.CodeInvalid},
		"no hash":      {ReadingHead{"2026-11-30", 9, "x"}, relief.CodeInvalid},
		"no day":       {ReadingHead{"30.11.2026", 9, other}, relief.CodeInvalid},
	} {
		_, _, err := AnchorReadings(c.head, &first, by)
		require.ErrorIs(t, err, &relief.Error{Code: c.code}, name)
	}
	next, changed, err := AnchorReadings(ReadingHead{"2026-11-30", 9, other}, &first, by)
	require.NoError(t, err)
	require.True(t, changed)
	require.Len(t, next.Acts, 1)
}
