package payee

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Name is a person's name that ParseName has accepted, in the one form in which it is kept, compared, tagged and
// sent to the bank. It does not print; Reveal gives the text.
type Name struct{ private }

// MaxNameRunes is the number of characters that a name may have. CNAPS2 carries 60 (Max60Text), fewer than
// pain.001 with 140. In UTF-8 such a name has 240 bytes at most.
const MaxNameRunes = 60

// maxRaw bounds what is looked at, in bytes, before spaces go and marks join their letters.
const maxRaw = 1024

// middleDot stands between the parts of a name that is transcribed, as GB/T 15834-2011 has it. What input methods and
// older systems write in its place is brought to it.
const middleDot = '\u00b7'

// ParseName brings a name to its one form and checks it. Its error is an *Error.
//
// The form: NFC; half-width letters and marks; U+00B7 for any of the middle dots, and for a full stop between Chinese
// characters; ASCII apostrophe and hyphen; a Kangxi radical, which text from a PDF has, as its character; no spaces
// round the name, beside a middle dot or between Chinese characters (two-character names are often padded), else single
// ones. Letters keep their case.
func ParseName(field, raw string) (Name, error) {
	if isPlainHan(raw) {
		return Name{private{raw}}, nil
	}
	if len(raw) > maxRaw {
		return Name{}, nameValue.tooLong(field, MaxNameRunes)
	}
	trimmed := strings.Trim(raw, blank)
	if trimmed == "" {
		return Name{}, nameValue.missing(field)
	}
	if err := nameValue.checkHidden(field, trimmed); err != nil {
		return Name{}, err
	}
	text := norm.NFC.String(strings.Map(foldName, norm.NFC.String(trimmed)))
	if err := checkAlphabet(field, trimmed, text); err != nil {
		return Name{}, err
	}
	if text = joinParts(text); text == "" {
		return Name{}, nameValue.missing(field)
	}
	if err := checkParts(field, text); err != nil {
		return Name{}, err
	}
	if utf8.RuneCountInString(text) > MaxNameRunes {
		return Name{}, nameValue.tooLong(field, MaxNameRunes)
	}
	return Name{private{text}}, nil
}

// isPlainHan reports whether a text is a name of everyday characters, as nearly all are, and needs no work.
func isPlainHan(s string) bool {
	if s == "" || len(s) > 3*MaxNameRunes {
		return false
	}
	for _, r := range s {
		if r < 0x4e00 || r > 0x9fff {
			return false
		}
	}
	return true
}

// foldName gives the form of a character that names use.
func foldName(r rune) rune {
	switch r = foldMark(r); r {
	case '\u2022', '\u2027', '\u30fb', '\uff65', '\u16eb', '\u2219', '\u22c5', '\u2e31', '\u2e33', '\u0387':
		return middleDot
	case '\u2018', '\u2019', '\u201b', '\u02bb', '\u02bc', '\u00b4', '`':
		return '\''
	case '\u2024', '\ufe52':
		return '.'
	case 0x2e9f, 0x2ef3: // the two of the supplement that Unicode says are the same as characters
		return foldRadical(r)
	}
	if r >= 0x2f00 && r <= 0x2fd5 {
		return foldRadical(r)
	}
	return r
}

// foldRadical is the character of a radical, by its compatibility decomposition.
func foldRadical(r rune) rune {
	folded, _ := utf8.DecodeRuneInString(norm.NFKC.String(string(r)))
	return folded
}

// checkAlphabet refuses the first character of a folded text that is none of a name's, and names it as it was sent.
func checkAlphabet(field, sent, folded string) error {
	for at, r := range []rune(folded) {
		if isLetter(r) || strings.ContainsRune("·-'. ", r) {
			continue
		}
		for i, original := range []rune(sent) {
			if foldName(original) == r {
				at, r = i, original
				break
			}
		}
		return nameValue.character(field, at+1, r, visible(r))
	}
	return nil
}

// joinParts takes needless spaces away and settles what a full stop means.
func joinParts(s string) string {
	in := []rune(strings.Join(strings.Fields(s), " "))
	for i, r := range in {
		if r == '.' && isHan(beside(in, i, -1)) && isHan(beside(in, i, 1)) {
			in[i] = middleDot
		}
	}
	out := make([]rune, 0, len(in))
	for i, r := range in {
		if r == ' ' { // never the first or the last
			before, after := in[i-1], in[i+1]
			if before == middleDot || after == middleDot || isHan(before) && isHan(after) {
				continue
			}
		}
		out = append(out, r)
	}
	return string(out)
}

// beside is the next character in a direction that is no space; 0 at the end.
func beside(s []rune, i, step int) rune {
	for i += step; i >= 0 && i < len(s); i += step {
		if s[i] != ' ' {
			return s[i]
		}
	}
	return 0
}

// checkParts refuses marks that join nothing.
func checkParts(field, s string) error {
	in := []rune(s)
	for i, r := range in {
		before, after := rune(0), rune(0)
		if i > 0 {
			before = in[i-1]
		}
		if i+1 < len(in) {
			after = in[i+1]
		}
		switch {
		case r == '.' && !unicode.Is(latin, before):
			return nameValue.loose(field, r, "只能在拉丁字母之后或汉字之间",
				"must follow a Latin letter or stand between Chinese characters")
		case (r == middleDot || r == '-' || r == '\'') && (!isLetter(before) || !isLetter(after)):
			return nameValue.loose(field, r, "前后都须有文字", "must have a letter on both sides")
		}
	}
	return nil
}

func (v value) loose(field string, r rune, zh, en string) *Error {
	return v.refuse(field, CodeForm, fmt.Sprintf("中的 U+%04X %s，%s", r, zh, cardZh),
		fmt.Sprintf("is not in order: U+%04X %s; %s", r, en, cardEn))
}
