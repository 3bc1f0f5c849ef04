package payee_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/payee"
)

func TestAccountsAreDigits(t *testing.T) {
	for _, c := range []struct {
		what, raw, want string
		doubt           payee.Doubt
	}{
		{"UnionPay, 19 digits", "6230599083016613184", "6230599083016613184", payee.NoDoubt},
		{"UnionPay, wrong check digit", "6230599083016613185", "6230599083016613185", payee.DoubtCheckDigit},
		{"UnionPay, 16 digits", "6222021234567894", "6222021234567894", payee.NoDoubt},
		{"UnionPay, 16 digits, one zero and a wrong check digit", "6222021234567890", "6222021234567890", payee.DoubtCheckDigit},
		{"old card that begins with 4", "4367421234567890129", "4367421234567890129", payee.NoDoubt},
		{"card of two networks", "5264101234567890", "5264101234567890", payee.DoubtCheckDigit},
		{"card with zeros in its middle", "6217900000000070008", "6217900000000070008", payee.NoDoubt},
		{"zeros from the sixteenth digit on, check digit right by chance", "6217900000000050000", "6217900000000050000", payee.DoubtRounded},
		{"passbook, no check digit", "0200021519200800263", "0200021519200800263", payee.NoDoubt},
		{"settlement account", "5301810100000088", "5301810100000088", payee.DoubtCheckDigit},
		{"settlement account, 22 digits", "5301810100000088000012", "5301810100000088000012", payee.NoDoubt},
		{"passbook with zeros", "0200021519200800000", "0200021519200800000", payee.DoubtRounded},
		{"shortest", "12345678", "12345678", payee.NoDoubt},
		{"longest", strings.Repeat("12345678", 4), strings.Repeat("12345678", 4), payee.NoDoubt},
		{"in groups", "6230 5990 8301 6613 184", "6230599083016613184", payee.NoDoubt},
		{"with hyphens", "6230-5990-8301–6613-184", "6230599083016613184", payee.NoDoubt},
		{"full-width", "６２３０５９９０８３０１６６１３１８４", "6230599083016613184", payee.NoDoubt},
		{"pasted with a tab", "6230599083016613184\t", "6230599083016613184", payee.NoDoubt},
		{"no-break and ideographic spaces", "\u00a06230　5990\u00a083016613184\u3000", "6230599083016613184", payee.NoDoubt},
	} {
		a, err := payee.ParseAccount("account", c.raw)
		require.NoError(t, err, c.what)
		require.Equal(t, c.want, a.Reveal(), c.what)
		require.Equal(t, c.doubt, a.Doubt(), c.what)
		zh, en := a.Doubt().Texts()
		require.Equal(t, c.doubt == payee.NoDoubt, zh == "" && en == "", c.what)
		require.Equal(t, "****"+c.want[len(c.want)-4:], a.Masked(), c.what)
	}
}

func TestRefusedAccounts(t *testing.T) {
	for _, c := range []struct {
		what, raw string
		code      payee.Code
		line      relief.LineCode
		en        string
	}{
		{"empty", "", payee.CodeMissing, relief.LineMissing, "missing"},
		{"blank", " \t", payee.CodeMissing, relief.LineMissing, "missing"},
		{"free text", "农行 6228 4800 1234", payee.CodeCharacter, relief.LineAccount, "has a letter as character 1: an account number has digits only"},
		{"letters", "NRA6230599083016", payee.CodeCharacter, relief.LineAccount, "has a letter as character 1"},
		{"full-width letter", "６２３０Ｘ９９０８３", payee.CodeCharacter, relief.LineAccount, "has a letter as character 5"},
		{"a name", "6230 张三", payee.CodeCharacter, relief.LineAccount, "has a letter as character 6"},
		{"two cards in one", strings.Repeat("6230596611111111111", 2), payee.CodeForm, relief.LineAccount, "8 to 32 digits"},
		{"two cards with a comma", "6230599083016613184，6230599083016613184", payee.CodeCharacter, relief.LineAccount, "U+FF0C"},
		{"short", "1234567", payee.CodeForm, relief.LineAccount, "8 to 32 digits"},
		{"zeros", "0000000000000000000", payee.CodeForm, relief.LineAccount, "zeros only"},
		{"rounded card", "6217900000000000000", payee.CodeLostDigits, relief.LineLostDigits, "rounded by a spreadsheet"},
		{"rounded card, 15 digits kept", "6230599083016610000", payee.CodeLostDigits, relief.LineLostDigits, "rounded by a spreadsheet"},
		{"rounded card of 18 digits", "623059908301661000", payee.CodeLostDigits, relief.LineLostDigits, "rounded by a spreadsheet"},
		{"exponent", "6.23E+18", payee.CodeLostDigits, relief.LineLostDigits, "rounded by a spreadsheet"},
		{"exponent, small letter", "6.23059908301661e18", payee.CodeLostDigits, relief.LineLostDigits, "rounded by a spreadsheet"},
		{"exponent, full-width", "６．２３Ｅ＋１８", payee.CodeLostDigits, relief.LineLostDigits, "rounded by a spreadsheet"},
		{"fraction", "6230599083016613000.0", payee.CodeLostDigits, relief.LineLostDigits, "rounded by a spreadsheet"},
		{"a spreadsheet's text mark", "'6230599083016613184", payee.CodeCharacter, relief.LineAccount, "U+0027"},
		{"thousands", "6,230,599,083,016,613,184", payee.CodeCharacter, relief.LineAccount, "U+002C"},
		{"negative", "-6230599083016613184", payee.CodeCharacter, relief.LineAccount, "U+002D"},
		{"hyphen at the end", "6230599083016613184-", payee.CodeCharacter, relief.LineAccount, "U+002D"},
		{"masked", "6230****3184", payee.CodeCharacter, relief.LineAccount, "U+002A"},
		{"digits of another script", "٦٢٣٠٥٩٩٠٨٣", payee.CodeCharacter, relief.LineAccount, "U+0666, is a digit"},
		{"zero-width space", "6230599083\u200b016613184", payee.CodeCharacter, relief.LineAccount, "character 11 of the account number, U+200B, is an invisible"},
		{"left-to-right mark of a copy", "\u202d6230599083016613184\u202c", payee.CodeCharacter, relief.LineAccount, "U+202D, is a bidirectional"},
		{"bytes", "6230\xff", payee.CodeEncoding, relief.LineEncoding, "not valid UTF-8"},
		{"a page", strings.Repeat("1 ", 600), payee.CodeTooLong, relief.LineTooLong, "at most 32"},
	} {
		a, err := payee.ParseAccount("account", c.raw)
		var refused *payee.Error
		require.ErrorAs(t, err, &refused, c.what)
		require.True(t, a.IsZero(), c.what)
		require.Equal(t, c.code, refused.Code, "%s: %s", c.what, refused.En)
		require.Equal(t, c.line, refused.LineCode(), c.what)
		require.Contains(t, refused.En, c.en, c.what)
		require.Contains(t, refused.Zh, "银行账号", c.what)
		require.NotContains(t, refused.Error(), "6230", c.what)
		require.NotContains(t, refused.Error(), "U+519C", "no part of a free text")
		require.NotContains(t, refused.Error(), "U+5F20", "no part of a name")
	}
}

// A county's files are invented, and right.
func TestARollOfATownIsAccepted(t *testing.T) {
	f, err := os.Open(filepath.Join("..", "intake", "testdata", "roll.csv"))
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 301)
	for _, row := range rows[1:] {
		n, err := payee.ParseName("name", row[2])
		require.NoError(t, err)
		require.Equal(t, row[2], n.Reveal())
		a, err := payee.ParseAccount("account", row[4])
		require.NoError(t, err)
		require.Equal(t, row[4], a.Reveal())
		require.Equal(t, payee.NoDoubt, a.Doubt())
	}
}
