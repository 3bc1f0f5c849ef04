package payee

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Account is the number of a bank account that ParseAccount has accepted: digits. It does not print; Reveal gives them.
type Account struct{ private }

// Bounds of an account number. CNAPS2 carries 32 characters (Max32Text), fewer than pain.001 (34). Numbers of passbooks
// have 8 at least.
const (
	MinAccountDigits = 8
	MaxAccountDigits = 32
)

// exactDigits is how many digits a spreadsheet keeps of a number (IEEE 754 binary64). It writes zeros for the others.
const exactDigits = 15

// minLostDigits is how many zeros from the sixteenth digit on refuse a card number whose check digit is wrong. One
// or two would refuse too many numbers that are right.
const minLostDigits = 3

// exponent is what a spreadsheet shows of a long number, fraction what a program writes that took it for one.
var (
	exponent = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]*)?[eE][+-]?[0-9]+$`)
	fraction = regexp.MustCompile(`^[+-]?[0-9]+\.[0-9]*$`)
)

// ParseAccount brings the number of a bank account to digits alone and checks it: full-width digits become half-width,
// spaces and hyphens between digits go. Its error is an *Error. Numbers of cards and of other accounts are accepted
// alike; Doubt tells of an accepted number what the person who confirms it should look at.
func ParseAccount(field, raw string) (Account, error) {
	digits := raw
	if raw == "" || !isDigits(raw) {
		var err error
		if digits, err = accountDigits(field, raw); err != nil {
			return Account{}, err
		}
	}
	a := Account{private{digits}}
	switch {
	case len(digits) < MinAccountDigits || len(digits) > MaxAccountDigits:
		return Account{}, accountValue.refuse(field, CodeForm,
			fmt.Sprintf("须为%d至%d位数字", MinAccountDigits, MaxAccountDigits),
			fmt.Sprintf("must have %d to %d digits", MinAccountDigits, MaxAccountDigits))
	case strings.Trim(digits, "0") == "":
		return Account{}, accountValue.refuse(field, CodeForm, "全为零", "has zeros only")
	case a.isCard() && !luhn(digits) && a.lostDigits() >= minLostDigits:
		return Account{}, lostDigits(field)
	}
	return a, nil
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// accountDigits finds the digits in what somebody typed or pasted.
func accountDigits(field, raw string) (string, error) {
	s := strings.Trim(raw, blank)
	switch {
	case s == "":
		return "", accountValue.missing(field)
	case len(s) > maxRaw:
		return "", accountValue.tooLong(field, MaxAccountDigits)
	}
	if err := accountValue.checkHidden(field, s); err != nil {
		return "", err
	}
	folded := strings.ReplaceAll(foldText(s), " ", "")
	if exponent.MatchString(folded) || fraction.MatchString(folded) {
		return "", lostDigits(field)
	}
	digits, in := make([]byte, 0, len(s)), []rune(s)
	for i, r := range in {
		switch c := foldMark(r); {
		case c >= '0' && c <= '9':
			digits = append(digits, byte(c))
		case c == ' ', c == '-' && i > 0 && i < len(in)-1:
		default:
			return "", notDigit(field, i+1, r)
		}
	}
	return string(digits), nil
}

// notDigit refuses a character that can be seen. A letter is not named: the text may be a person's name.
func notDigit(field string, n int, r rune) *Error {
	k := *visible(r)
	k.doZh, k.doEn = "账号只能有数字", "an account number has digits only"
	if !unicode.IsLetter(r) && !isHan(r) {
		return accountValue.character(field, n, r, &k)
	}
	return accountValue.refuse(field, CodeCharacter, fmt.Sprintf("第%d个字符是文字，%s", n, k.doZh),
		fmt.Sprintf("has a letter as character %d: %s", n, k.doEn))
}

func lostDigits(field string) *Error {
	return accountValue.refuse(field, CodeLostDigits, "的末几位已被电子表格舍入，请将该列设为文本后按原件重新录入",
		"was rounded by a spreadsheet, its last digits are lost: make the column text and enter the original number")
}

// Doubt is what may be wrong with an accepted account. It is shown and refuses nothing: accounts of passbooks have no
// check digit and may end in zeros.
type Doubt string

// The doubts.
const (
	NoDoubt         Doubt = ""
	DoubtCheckDigit Doubt = "check-digit" // it looks like a card, and its check digit is wrong
	DoubtRounded    Doubt = "rounded"     // it has only zeros from the sixteenth digit on
)

// Texts are the doubt in words; empty for NoDoubt.
func (d Doubt) Texts() (zh, en string) {
	switch d {
	case DoubtCheckDigit:
		return "像银行卡号但校验位不符，请与原件核对", "looks like a card number with a wrong check digit: compare it with the original"
	case DoubtRounded:
		return "第16位起全为零，可能已被电子表格舍入，请与原件核对",
			"has only zeros after 15 digits, as rounding leaves it: compare it with the original"
	}
	return "", ""
}

// Doubt says what may be wrong with the account.
func (a Account) Doubt() Doubt {
	switch {
	case a.lostDigits() >= minLostDigits:
		return DoubtRounded
	case a.isCard() && !luhn(a.text):
		return DoubtCheckDigit
	}
	return NoDoubt
}

// Masked is the account with its last four digits alone, for those who must recognise it and not use it.
func (a Account) Masked() string { return "****" + a.text[max(0, len(a.text)-4):] }

// isCard reports whether the number has the form of a debit card: 16 to 19 digits that begin with 62 (UnionPay) or
// 4, or 16 that begin with 51 to 55, the numbers of cards that Chinese banks issued for two networks. Relief goes
// to no others.
func (a Account) isCard() bool {
	n := len(a.text)
	if n < 16 || n > 19 {
		return false
	}
	first, second := a.text[0], a.text[1]
	return first == '6' && second == '2' || first == '4' || n == 16 && first == '5' && second >= '1' && second <= '5'
}

// lostDigits is the number of digits after the fifteenth if all of them are zero, else 0.
func (a Account) lostDigits() int {
	if len(a.text) <= exactDigits || strings.Trim(a.text[exactDigits:], "0") != "" {
		return 0
	}
	return len(a.text) - exactDigits
}

// luhn reports whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B).
func luhn(digits string) bool {
	sum, double := 0, false
	for i := len(digits) - 1; i >= 0; i-- {
		d := int(digits[i] - '0')
		if double {
			d *= 2
		}
		sum += d/10 + d%10
		double = !double
	}
	return sum%10 == 0
}
