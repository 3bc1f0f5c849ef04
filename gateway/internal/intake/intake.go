package intake

import (
	"errors"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/seal"
)

// Kind is what a file lists.
type Kind string

// The kinds.
const (
	KindRoll        Kind = "roll"
	KindLines       Kind = "lines" // payments of a batch
	KindSettlements Kind = "settlements"
)

// Codes of FileError.
const (
	CodeEmptyFile        = "empty-file"
	CodeNoLines          = "no-lines"
	CodeUnknownColumns   = "unknown-columns"
	CodeMissingColumns   = "missing-columns"
	CodeDuplicateColumns = "duplicate-columns"
	CodeEncoding         = "encoding"
	CodeTooLarge         = "too-large"
	CodeMediaType        = "media-type"
	CodeCut              = "cut" // gzip that ends early or is damaged
	CodeWorkbook         = "workbook"
)

// FileError is a file that is refused as a whole. It never repeats what the file says: a file without a header has a
// person in its first line.
type FileError struct {
	Code   string
	Field  string // a known column, or the place of an unknown one
	Detail bilingual.Text
}

func (e *FileError) Error() string { return e.Code + ": " + e.Detail.String() }

func fileErrorf(code, field, zh, en string, args ...any) *FileError {
	return &FileError{code, field, bilingual.Textf(zh, en, args...)}
}

func emptyFile() *FileError {
	return fileErrorf(CodeEmptyFile, "", "文件为空。", "the file is empty")
}

// Refusal is one refused line. It carries no personal data.
type Refusal struct {
	FileLine int // the file's first line is 1
	Serial   string
	Field    string // the English name of the column, such as amount
	Code     relief.LineCode
	Note     string // in both languages, or the id of a record
}

// Line is one line that is right in itself. Which fields are set depends on the kind of the file.
type Line struct {
	FileLine int
	Serial   string // 序号 of a payment, the payment's id of a settlement: never personal

	Ref    relief.SubjectRef // roll, lines
	Region relief.Region     // roll, lines
	Amount relief.Fen
	Period relief.Period // lines

	Name    payee.Name    // roll, lines
	Account payee.Account // roll, lines

	Persons uint8       // roll; lines, 0 without a number
	Class   byte        // roll
	Person  seal.Person // roll

	PaidThrough relief.Period       // roll: the last period that was paid before this record began; zero when not told
	PaidSum     relief.Fen          // roll: what was paid until then; 0 when not told
	Residence   relief.Residence    // roll: where the household lives; "" when the file does not say it
	Members     []relief.SubjectRef // roll: of the household beside its head, where they are known

	Payment relief.PaymentID   // settlements
	Outcome payment.Outcome    // settlements
	Reason  [4]byte            // settlements, zero when credited
	Day     uint32             // settlements, days since 1970-01-01
	BankRef relief.BankRefHash // settlements; zero without one
}

// Refuse is a refusal of the line: it names the column and the code.
func (l *Line) Refuse(field string, code relief.LineCode) *Refusal {
	return &Refusal{FileLine: l.FileLine, Serial: l.Serial, Field: field, Code: code}
}

// RefuseValue is a refusal of the line for a value that package payee refuses: the note says what is wrong with the
// value. err is an *payee.Error.
func (l *Line) RefuseValue(err error) *Refusal {
	var refused *payee.Error
	if !errors.As(err, &refused) {
		return l.Refuse("", relief.LineColumns) // does not happen: payee has no other errors
	}
	r := l.Refuse(refused.Field, refused.LineCode())
	r.Note = refused.Detail()
	return r
}
