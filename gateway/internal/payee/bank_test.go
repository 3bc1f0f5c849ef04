package payee_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/payee"
)

func TestNamesOfBanks(t *testing.T) {
	for raw, want := range map[string]string{
		"": "", " \u3000": "", "\t农村信用社 ": "农村信用社", "ICBC (Kunming) No. 3": "ICBC (Kunming) No. 3",
		strings.Repeat("行", 140): strings.Repeat("行", 140),
	} {
		bank, err := payee.ParseBank("bank", raw)
		require.NoError(t, err, raw)
		require.Equal(t, want, bank)
	}
	for raw, code := range map[string]payee.Code{
		strings.Repeat("行", 141): payee.CodeTooLong, "信用\u200b社": payee.CodeCharacter, "信用\ufffe社": payee.CodeCharacter,
		"信用\x00社": payee.CodeCharacter, "\xff": payee.CodeEncoding,
	} {
		_, err := payee.ParseBank("bank", raw)
		var refused *payee.Error
		require.ErrorAs(t, err, &refused, raw)
		require.Equal(t, code, refused.Code, refused.En)
		require.Equal(t, "bank", refused.Field)
	}
}

// The name of an institution is held against the same rules as a bank's.
func TestParseHolder(t *testing.T) {
	s, err := payee.ParseHolder("holder", " 安宁市某敬老院（二部） ")
	require.NoError(t, err)
	require.Equal(t, "安宁市某敬老院（二部）", s)
	_, err = payee.ParseHolder("holder", "某敬老\u200b院")
	require.ErrorContains(t, err, "机构名称")
}
