package csvfile_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/bankfile/csvfile"
)

func TestTitles(t *testing.T) {
	for cell, title := range map[string]string{
		"户主姓名": "户主姓名", " 户 主　姓\n名 ": "户主姓名", "\ufeff户主姓名\u200b": "户主姓名", "金额（元）": "金额(元)", "": "", "Payment ID": "PaymentID",
	} {
		require.Equal(t, title, csvfile.Title(cell), cell)
	}
}

func TestCodes(t *testing.T) {
	for cell, code := range map[string]string{
		"E001": "E001", "'E001": "E001", "`0000": "0000", "\t0000 ": "0000", "０００1": "0001", "\ufeff1": "1", "成功": "成功", "'": "'", "": "", "''1": "'1",
	} {
		require.Equal(t, code, csvfile.Code(cell), cell)
	}
}

func TestAmounts(t *testing.T) {
	for code, amount := range map[string]string{
		"620.00": "620.00", "1,620.00": "1620.00", "¥620": "620", "CNY 620.00": "620.00", "620.00元": "620.00", "12,345,678.90": "12345678.90",
		"1,62.00": "1,62.00", "1,6200": "1,6200", ",620": ",620", "620,00": "620,00", "-1,620.00": "-1,620.00", "": "",
	} {
		require.Equal(t, amount, csvfile.Amount(code), code)
	}
}

func TestDays(t *testing.T) {
	for code, day := range map[string]string{
		"2026-11-09": "2026-11-09", "20261109": "2026-11-09", "2026/11/9": "2026-11-09", "2026.11.09": "2026-11-09", "2026年1月9日": "2026-01-09",
		"20261109103000": "2026-11-09", "2026-11-09 10:30": "2026-11-09", "2026-11-09T10:30:00.5": "2026-11-09", "20261109 10:30:00": "2026-11-09",
		"09.11.2026": "", "11/09/2026": "", "2026-02-30": "", "2026-13-01": "", "202611": "", "2026-11": "", "46335": "", "": "", "2026-11-09x": "", "261109": "",
	} {
		got, ok := csvfile.Day(code)
		require.Equal(t, day != "", ok, code)
		if ok {
			require.Equal(t, day, got.Format(time.DateOnly), code)
		}
	}
}
