package matching

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/bilingual/bilingualtest"
)

func TestEveryReasonIsInBothLanguages(t *testing.T) {
	require.Greater(t, bilingualtest.Pairs(t, ".", "answerErrorf", 0), 8)
	require.GreaterOrEqual(t, bilingualtest.Pairs(t, ".", "fileErrorf", 0), 4)
	require.GreaterOrEqual(t, bilingualtest.Refusals(t, "."), 4)
	for _, text := range []string{
		silent.String(), notNamed.String(), lineFault(relief.FieldErrorf("code", "x")), lineFault(answerErrorf("无", "none")),
		refusalText(&api.FileRefusal{Code: relief.CodeMatch, Detail: "x"}),
	} {
		require.True(t, bilingual.Complete(text), text)
	}
}
