package public

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/gateway/internal/bilingual"
)

func TestAProgrammeHasTheNameThatItHasNow(t *testing.T) {
	version := func(n int, name string) programme.VersionRecord {
		return programme.VersionRecord{Version: programme.Version{Version: n, Name: name, NameEn: name + "-en"}}
	}
	p := programme.Programme{ID: "dibao", Versions: []programme.VersionRecord{version(1, "a"), version(2, "b"), version(3, "c")}}
	for inForce, want := range map[int]string{1: "a", 2: "b", 0: "c"} {
		p.InForce = inForce
		require.Equal(t, programmeName{"dibao", want, want + "-en"}, nameOf(&p), "in force: %d", inForce)
	}
	require.Equal(t, programmeName{ID: "none"}, nameOf(&programme.Programme{ID: "none"}))
}

func TestWordsStandBesideCodes(t *testing.T) {
	facts := []receipt.Fact{
		{Name: "programme", Value: "dibao", ValueEn: "dibao"}, {Name: "region", Value: "530181", ValueEn: "530181"},
		{Name: "amount", Value: "620.00 元", ValueEn: "CNY 620.00"},
	}
	words := receiptWords{Programme: bilingual.Text{Zh: "低保", En: "Allowance"}}
	shown := words.beside(facts)
	require.Equal(t, receipt.Fact{Name: "programme", Value: "低保（dibao）", ValueEn: "Allowance (dibao)"}, shown[0])
	require.Equal(t, facts[1:], shown[1:], "a region that is not in the register keeps its code alone")
	require.Equal(t, "dibao", facts[0].Value, "what the receipt proves stays as it is")
}
