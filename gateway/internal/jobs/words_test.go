package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/bilingual/bilingualtest"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
)

func TestEveryFailureOfAJobIsInBothLanguages(t *testing.T) {
	require.GreaterOrEqual(t, bilingualtest.Refusals(t, "."), 5)
	_, headless := intake.NewReader(strings.NewReader("a,b\n"), intake.Options{Kind: KindLines})
	for name, c := range map[string]struct {
		err  error
		code string
	}{
		"a refusal of the contract": {fmt.Errorf("x: %w", relief.FieldErrorf("amount", "too much")), "INVALID[amount]: "},
		"a refusal of the gateway":  {relief.Errorf(relief.CodeForbidden, "没有密钥 · no key"), "FORBIDDEN: "},
		"a file":                    {headless, "unknown-columns: "},
		"an invalid transaction":    {&ledger.CommittedInvalid{Commit: ledger.Commit{Code: "MVCC_READ_CONFLICT"}}, ""},
		"a file that is gone":       {errFileGone, ""},
		"any other":                 {errors.New("secret"), ""},
	} {
		text := failureText(c.err)
		require.True(t, bilingual.Complete(text), "%s: %s", name, text)
		require.True(t, strings.HasPrefix(text, c.code), "%s: %s", name, text)
		require.NotContains(t, text, "secret")
	}
}

func TestEveryRefusedActIsInBothLanguages(t *testing.T) {
	refusal, err := actRefusal(7, relief.FieldErrorf("case", "no such case"))
	require.NoError(t, err)
	require.Equal(t, "案卷（case）：不符合规则。 · no such case", refusal.Note)
	require.Equal(t, relief.LineCode("invalid"), refusal.Code)

	chunk := &actsChunk{acts: laneLines[filedAct]{lines: []filedAct{{line: 3}}}}
	result, err := json.Marshal(api.FileResult{
		Refused: []api.FileRefusal{{Code: relief.CodeNotFound, Detail: "there is no such case"}},
	})
	require.NoError(t, err)
	_, refused, err := chunk.read(result)
	require.NoError(t, err)
	require.Equal(t, "没有该记录，请核对编号。 · there is no such case", refused[0].Note)
	require.Equal(t, 3, refused[0].FileLine)
}
