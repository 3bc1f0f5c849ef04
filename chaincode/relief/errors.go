package relief

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what kind of rule refused an act. Codes are stable: clients may branch on them.
type Code string

// The codes of refused acts.
const (
	CodeInvalid    Code = "INVALID"     // the input breaks a rule of form or bounds
	CodeNotFound   Code = "NOT_FOUND"   // no record has this id
	CodeConflict   Code = "CONFLICT"    // the id is taken by a record with other content
	CodeWrongState Code = "WRONG_STATE" // the record's state does not allow this act
	CodeForbidden  Code = "FORBIDDEN"   // the caller has no duty for this act (R43, R46)
	CodeRegion     Code = "REGION"      // the record lies outside the caller's or the parent's region
	CodeSamePerson Code = "SAME_PERSON" // the preparer may not approve (separation of duties)
	CodeFunds      Code = "FUNDS"       // the tranche has less than the act needs
	CodeTotals     Code = "TOTALS"      // count or sum differ from the control totals
	CodePending    Code = "PENDING"     // another act must come first
	CodeDuplicate  Code = "DUPLICATE"   // a member of the household receives relief, or has applied, elsewhere (R9)
	CodeNotice     Code = "NOTICE"      // the public notice is not over (R16)
	CodeEvidence   Code = "EVIDENCE"    // evidence that the programme requires is missing (R14, R15)
	CodeMatch      Code = "MATCH"       // a required match is missing, or an adverse statement is not cleared (R8, R10)
	CodeLate       Code = "LATE"        // the deadline for this act has passed
	CodeCorrupt    Code = "CORRUPT"     // a stored value cannot be read; this never happens on a sound ledger
)

// CodeSharedAccount refuses a batch that pays several people to one account, when no declaration in force allows it.
const CodeSharedAccount Code = "SHARED_ACCOUNT"

// OfLine is the code as a file of acts reports it for one line: small letters with hyphens.
func (c Code) OfLine() LineCode {
	return LineCode(strings.ReplaceAll(strings.ToLower(string(c)), "_", "-"))
}

// Error is a refused act. It never carries personal data.
type Error struct {
	Code   Code
	Field  string // the input field that breaks the rule; may be empty
	Detail string
}

// Errorf makes an Error without a field.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// FieldErrorf makes an INVALID error of one input field.
func FieldErrorf(field, format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Field: field, Detail: fmt.Sprintf(format, args...)}
}

// Error writes "CODE: detail" or "CODE[field]: detail", the form in which a refusal crosses the ledger's API.
func (e *Error) Error() string {
	if e.Field == "" {
		return string(e.Code) + ": " + e.Detail
	}
	return string(e.Code) + "[" + e.Field + "]: " + e.Detail
}

// Is makes errors.Is(err, &Error{Code: c}) compare the codes only.
func (e *Error) Is(target error) bool {
	var other *Error
	return errors.As(target, &other) && other.Code == e.Code && other.Detail == ""
}

var knownCodes = map[Code]bool{
	CodeInvalid: true, CodeNotFound: true, CodeConflict: true, CodeWrongState: true, CodeForbidden: true,
	CodeRegion: true, CodeSamePerson: true, CodeFunds: true, CodeTotals: true, CodePending: true, CodeCorrupt: true,
	CodeDuplicate: true, CodeNotice: true, CodeEvidence: true, CodeMatch: true, CodeLate: true,
	CodeSharedAccount: true,
}

// ParseError finds a refusal of the domain in the text of an error that crossed the ledger's API. Other words may
// precede the refusal. ParseError returns nil when the text has none.
func ParseError(text string) *Error {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < 'A' || c > 'Z' || (i > 0 && isCodeByte(text[i-1])) {
			continue
		}
		j := i
		for j < len(text) && isCodeByte(text[j]) {
			j++
		}
		if e := parseErrorAt(Code(text[i:j]), text[j:]); e != nil {
			return e
		}
		i = j
	}
	return nil
}

func isCodeByte(c byte) bool { return c >= 'A' && c <= 'Z' || c == '_' }

func parseErrorAt(code Code, rest string) *Error {
	if !knownCodes[code] {
		return nil
	}
	field := ""
	if strings.HasPrefix(rest, "[") {
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return nil
		}
		field, rest = rest[1:end], rest[end+1:]
	}
	detail, ok := strings.CutPrefix(rest, ": ")
	if !ok {
		return nil
	}
	return &Error{Code: code, Field: field, Detail: detail}
}

// CheckText refuses, with INVALID, free text of fewer than least or more than most characters, or with control
// characters.
func CheckText(field, s string, least, most int) error {
	n := len([]rune(s))
	if n < least || n > most || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' }) {
		return FieldErrorf(field, "%s has %d to %d characters and no control characters", field, least, most)
	}
	return nil
}
