package payee

import (
	"errors"
	"fmt"

	"relieftrail/chaincode/relief"
)

// Code says which kind of rule a value breaks. Codes are stable.
type Code string

// The codes.
const (
	CodeMissing    Code = "missing"     // there is no value
	CodeTooLong    Code = "too-long"    // a later step cannot carry so many characters
	CodeEncoding   Code = "encoding"    // the bytes were read in the wrong encoding
	CodeCharacter  Code = "character"   // a character that the value may not have
	CodeForm       Code = "form"        // good characters in the wrong order or number
	CodeLostDigits Code = "lost-digits" // a spreadsheet has rounded an account number
	CodeBounds     Code = "bounds"      // a day or a period that exists but cannot be meant
)

// Error is a refused value. It carries no personal data: of the value it names at most one character, by its code
// point, and only a character that no name or account can have. For a private-use character it gives the standard
// one.
type Error struct {
	Field  string // the input field or the file's column, as the caller calls it
	Code   Code
	Zh, En string // what is wrong and what to do, for officials
	line   relief.LineCode
}

// Error gives the field, the code and both texts.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s: %s", e.Field, e.Code, e.Detail())
}

// Detail is the text in both languages, written as the reasons of refused lines are.
func (e *Error) Detail() string { return e.Zh + " · " + e.En }

// LineCode is the code with which a file's line is refused.
func (e *Error) LineCode() relief.LineCode {
	switch e.Code {
	case CodeMissing:
		return relief.LineMissing
	case CodeTooLong:
		return relief.LineTooLong
	case CodeEncoding:
		return relief.LineEncoding
	case CodeLostDigits:
		return relief.LineLostDigits
	case CodeBounds:
		if e.line == relief.LineDate {
			return relief.LineDateBounds
		}
		return e.line
	default:
		return e.line
	}
}

// Refusal is the error as the domain reports it: INVALID, with the field.
func (e *Error) Refusal() *relief.Error {
	return relief.FieldErrorf(e.Field, "%s", e.Detail())
}

// AsRefusal is an error of this package as the domain reports it; any other error stays as it is.
func AsRefusal(err error) error {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Refusal()
	}
	return err
}

// value names a value in both languages, and the code of a line in which it is wrong.
type value struct {
	zh, en string
	line   relief.LineCode
}

var (
	nameValue    = value{"姓名", "the name", relief.LineName}
	accountValue = value{"银行账号", "the account number", relief.LineAccount}
)

func (v value) refuse(field string, code Code, zh, en string) *Error {
	return &Error{Field: field, Code: code, Zh: v.zh + zh, En: v.en + " " + en, line: v.line}
}

func (v value) missing(field string) *Error {
	return v.refuse(field, CodeMissing, "为空", "is missing")
}

func (v value) tooLong(field string, most int) *Error {
	return v.refuse(field, CodeTooLong, fmt.Sprintf("过长，最多%d个字符", most),
		fmt.Sprintf("is too long: at most %d characters", most))
}

// character refuses the nth character, counted from 1.
func (v value) character(field string, n int, r rune, k *kind) *Error {
	zh := fmt.Sprintf("%s第%d个字符 U+%04X 是%s，%s", v.zh, n, r, k.zh, k.doZh)
	en := fmt.Sprintf("character %d of %s, U+%04X, is %s: %s", n, v.en, r, k.en, k.doEn)
	code := CodeCharacter
	if k == &replacement {
		code = CodeEncoding
	}
	return &Error{Field: field, Code: code, Zh: zh, En: en, line: v.line}
}
