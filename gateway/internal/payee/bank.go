package payee

import (
	"strings"
	"unicode/utf8"

	"relieftrail/chaincode/relief"
)

// MaxBankRunes is the number of characters that the name of a payee's bank may have (pain.001: Max140Text).
const MaxBankRunes = 140

var (
	bankValue   = value{"开户银行", "the bank's name", relief.LineEncoding}
	holderValue = value{"机构名称", "the institution's name", relief.LineEncoding}
)

// ParseBank trims the name of a payee's bank, which may be empty, and refuses what the payment file cannot carry. Its
// error is an *Error. The name finds no bank and is no part of a tag.
func ParseBank(field, raw string) (string, error) { return bankValue.parseText(field, raw) }

// ParseHolder does the same with the name of the institution that an account belongs to.
func ParseHolder(field, raw string) (string, error) { return holderValue.parseText(field, raw) }

func (v value) parseText(field, raw string) (string, error) {
	s := strings.Trim(raw, blank)
	if utf8.RuneCountInString(s) > MaxBankRunes {
		return "", v.tooLong(field, MaxBankRunes)
	}
	if err := v.checkHidden(field, s); err != nil {
		return "", err
	}
	return s, nil
}
