package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/app"
	"relieftrail/gateway/internal/config"
)

func TestCheckNamesBankSettingsThatTheFilesDoNotAllow(t *testing.T) {
	for want, change := range map[string]func(*config.Bank){
		`bank.message: must be one of ["" "csv" "pain.001.001.09" "pain.001.001.10"], not "pain.001.001.03"`: func(b *config.Bank) {
			b.Message = "pain.001.001.03"
		},
		`bank.list: name: must be`:                                      func(b *config.Bank) { b.Message = "csv" },
		`bank.answers[0]: encoding: must be utf-8 or gb18030, not "l1"`: func(b *config.Bank) { b.Answers[0].Encoding = "l1" },
	} {
		cfg := testConfig(t, "FinanceMSP", principals["FinanceMSP"])
		require.NotContains(t, app.Check(cfg).Error(), "bank.", "only files are missing")
		change(&cfg.Bank)
		require.ErrorContains(t, app.Check(cfg), want)
	}
}
