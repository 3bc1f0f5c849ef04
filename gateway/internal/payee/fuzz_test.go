package payee_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/payee"
)

func FuzzName(f *testing.F) {
	for _, s := range []string{
		"张三", "张　三", "买买提 ． 阿卜杜", "Ａ\u0308nne", "KIM  YONG", "O’Neil", "\ue863三", "\u2f45一", "\xed\xa0\x80", "王\U0002ebf0", "A\u0301\u0327", ". . A",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		n, err := payee.ParseName("name", raw)
		if err != nil {
			requireRefused(t, err, n.IsZero())
			return
		}
		again, err := payee.ParseName("name", n.Reveal())
		require.NoError(t, err)
		require.Equal(t, n.Reveal(), again.Reveal())
		count := utf8.RuneCountInString(n.Reveal())
		require.True(t, count >= 1 && count <= payee.MaxNameRunes)
		require.Equal(t, strings.TrimSpace(n.Reveal()), n.Reveal())
		requireCarried(t, n.Reveal())
	})
}

func FuzzAccount(f *testing.F) {
	for _, s := range []string{"6230599083016613184", "６２３０ 5990-83016613184", "6.23E+18", "6217900000000000000", "农行 6228", "12345678", "6230\u200b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		a, err := payee.ParseAccount("account", raw)
		if err != nil {
			requireRefused(t, err, a.IsZero())
			return
		}
		digits := a.Reveal()
		again, err := payee.ParseAccount("account", digits)
		require.NoError(t, err)
		require.Equal(t, digits, again.Reveal())
		require.Empty(t, strings.Trim(digits, "0123456789"))
		require.True(t, len(digits) >= payee.MinAccountDigits && len(digits) <= payee.MaxAccountDigits)
	})
}

func FuzzDay(f *testing.F) {
	for _, s := range []string{"2026-11-10", "２０２６－１１－１０", "1962-11-05", "2026-02-30", "2026-Q4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		b := payee.BirthDays(today)
		day, err := payee.ParseDay("day", raw, b)
		if err != nil {
			requireRefused(t, err, day == "")
		} else {
			require.True(t, day >= b.First && day <= b.Last)
			again, err := payee.ParseDay("day", string(day), b)
			require.NoError(t, err)
			require.Equal(t, day, again)
		}
		if p, err := payee.ParsePeriod("period", raw, payee.Periods(today)); err != nil {
			requireRefused(t, err, p.IsZero())
		}
	})
}

func requireRefused(t *testing.T, err error, zero bool) {
	t.Helper()
	var refused *payee.Error
	require.True(t, errors.As(err, &refused) && refused.Zh != "" && refused.En != "" && refused.LineCode() != "", "a refusal without its texts: %v", err)
	require.True(t, zero)
}
