package intake_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/intake"
)

// A list may pay a person for several periods, each once.
func TestAPersonIsListedOnceAPeriod(t *testing.T) {
	earlier := strings.Replace(payLine, "2026-11", "2026-10", 1)
	file := payHeader + payLine + "\n" + earlier + "\n" + payLine + "\n"
	lines, refusals := readAll(t, []byte(file), intake.Options{Kind: intake.KindLines})
	require.Len(t, lines, 2)
	require.Equal(t, "2026-11 2026-10", lines[0].Period.String()+" "+lines[1].Period.String())
	require.Len(t, refusals, 1)
	require.Equal(t, relief.LineDuplicateOf(2), refusals[0].Code)
}
