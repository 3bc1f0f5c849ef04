package receipts

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/receipt"
	"relieftrail/gateway/internal/bilingual"
)

func TestWordsStandBesideCodes(t *testing.T) {
	facts := []receipt.Fact{
		{Name: "programme", Value: "dibao", ValueEn: "dibao"}, {Name: "region", Value: "530181", ValueEn: "530181"},
		{Name: "amount", Value: "620.00 元", ValueEn: "CNY 620.00"},
	}
	words := Words{Programme: bilingual.Text{Zh: "低保", En: "Allowance"}}
	shown := words.Beside(facts)
	require.Equal(t, receipt.Fact{Name: "programme", Value: "低保（dibao）", ValueEn: "Allowance (dibao)"}, shown[0])
	require.Equal(t, facts[1:], shown[1:], "a region that is not in the register keeps its code alone")
	require.Equal(t, "dibao", facts[0].Value, "what the receipt proves stays as it is")
}
