package bankfile

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"relieftrail/gateway/bankfile/csvfile"
	"relieftrail/gateway/bankfile/gb18030"
)

// Field says what a column of a bank's list holds.
type Field string

// The fields. A list to the bank (代发清单) may have the first seven. An answer list (回盘) must have payment_id, amount, result
// and date. A column with the field ignore is not read.
const (
	FieldSerial    Field = "serial" // 1, 2, …
	FieldPayment   Field = "payment_id"
	FieldName      Field = "name"
	FieldAccount   Field = "account"
	FieldBank      Field = "bank"
	FieldAmount    Field = "amount"
	FieldText      Field = "text"
	FieldResult    Field = "result"
	FieldReason    Field = "reason"
	FieldDate      Field = "date"
	FieldReference Field = "bank_reference"
	FieldIgnore    Field = "ignore"
)

var (
	listFields   = []Field{FieldSerial, FieldPayment, FieldName, FieldAccount, FieldBank, FieldAmount, FieldText}
	answerFields = []Field{
		FieldPayment, FieldAmount, FieldResult, FieldReason, FieldDate, FieldReference,
		FieldName, FieldAccount, FieldText, FieldSerial, FieldIgnore,
	}
)

// Column is one column of a list.
type Column struct {
	Title string // in the header line
	Field Field
}

// Result says what a bank's result code means.
type Result struct {
	Code    string
	Outcome string // paid, returned, or none while the payment is under way
	Reason  string // ISO 20022 return reason of this code, when the list has no column for it
}

// outcomes are the values of Result.Outcome.
var outcomes = []string{"paid", "returned", "none"}

// Profile says how a bank writes its lists.
type Profile struct {
	Name      string
	Encoding  string // utf-8, gb18030
	Delimiter string // one character
	Header    bool   // the first line names the columns; of an answer their order is then free
	Columns   []Column
	Date      string // YYYY-MM-DD or YYYYMMDD
	Results   []Result
}

var profileDates = map[string]string{"": time.DateOnly, "YYYY-MM-DD": time.DateOnly, "YYYYMMDD": "20060102", "YYYY/MM/DD": "2006/01/02"}

// CheckList reports every fault of a profile for lists to the bank.
func (p *Profile) CheckList() error {
	return p.check(listFields, FieldPayment, FieldName, FieldAccount, FieldAmount)
}

// CheckAnswer reports every fault of a profile for answer lists.
func (p *Profile) CheckAnswer() error {
	faults := []error{p.check(answerFields, FieldPayment, FieldAmount, FieldResult, FieldDate)}
	if len(p.Results) == 0 {
		faults = append(faults, errors.New("results: must say what each of the bank's result codes means"))
	}
	codes := map[string]bool{}
	for i, r := range p.Results {
		at := fmt.Sprintf("results[%d]", i)
		if codes[r.Code] {
			faults = append(faults, fmt.Errorf("%s.code: %q is used twice", at, r.Code))
		}
		codes[r.Code] = true
		if !slices.Contains(outcomes, r.Outcome) {
			faults = append(faults, fmt.Errorf("%s.outcome: must be one of %v, not %q", at, outcomes, r.Outcome))
		}
		if r.Reason != "" && !IsReason(r.Reason) {
			faults = append(faults, fmt.Errorf("%s.reason: must be a return reason of four characters such as AC04, not %q", at, r.Reason))
		}
	}
	return errors.Join(faults...)
}

func (p *Profile) check(allowed []Field, required ...Field) error {
	var faults []error
	if p.Name == "" || len(p.Name) > 40 || strings.Trim(p.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		faults = append(faults, fmt.Errorf("name: must be 1 to 40 of a–z, 0–9 and hyphen, not %q", p.Name))
	}
	if p.Encoding != "utf-8" && p.Encoding != "gb18030" {
		faults = append(faults, fmt.Errorf("encoding: must be utf-8 or gb18030, not %q", p.Encoding))
	}
	d, size := utf8.DecodeRuneInString(p.Delimiter)
	if size == 0 || size != len(p.Delimiter) || strings.ContainsRune("\"\r\n\ufffd", d) || d > 0x7f {
		faults = append(faults, fmt.Errorf("delimiter: must be one ASCII character, not %q", p.Delimiter))
	}
	if _, ok := profileDates[p.Date]; !ok {
		faults = append(faults, fmt.Errorf("date: must be YYYY-MM-DD, YYYY/MM/DD or YYYYMMDD, not %q", p.Date))
	}
	return errors.Join(append(faults, p.checkColumns(allowed, required))...)
}

func (p *Profile) checkColumns(allowed, required []Field) error {
	var faults []error
	seen := map[Field]bool{}
	for i, c := range p.Columns {
		if !slices.Contains(allowed, c.Field) {
			faults = append(faults, fmt.Errorf("columns[%d].field: must be one of %v, not %q", i, allowed, c.Field))
		}
		if seen[c.Field] && c.Field != FieldIgnore {
			faults = append(faults, fmt.Errorf("columns[%d].field: %q is used twice", i, c.Field))
		}
		if p.Header && c.Title == "" {
			faults = append(faults, fmt.Errorf("columns[%d].title: is required, since the list has a header", i))
		}
		seen[c.Field] = true
	}
	for _, f := range required {
		if !seen[f] {
			faults = append(faults, fmt.Errorf("columns: must have a column with the field %s", f))
		}
	}
	return errors.Join(faults...)
}

func (p *Profile) delimiter() rune {
	d, _ := utf8.DecodeRuneInString(p.Delimiter)
	return d
}

// WriteList writes a list of transfers for the bank. The same transfers give the same bytes.
func (p *Profile) WriteList(w io.Writer, transfers []Transfer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	var encoded io.Writer = out
	var encoder io.Closer
	if p.Encoding == "gb18030" {
		w := gb18030.NewWriter(out)
		encoded, encoder = w, w
	}
	c := csv.NewWriter(encoded)
	c.Comma, c.UseCRLF = p.delimiter(), true
	row := make([]string, len(p.Columns))
	if p.Header {
		for i := range p.Columns {
			row[i] = p.Columns[i].Title
		}
		_ = c.Write(row) // c.Error reports it below
	}
	for n := range transfers {
		for i := range p.Columns {
			row[i] = transfers[n].field(p.Columns[i].Field, n+1)
		}
		_ = c.Write(row) // c.Error reports it below
	}
	c.Flush()
	err := c.Error()
	if err == nil && encoder != nil {
		err = encoder.Close()
	}
	if err != nil {
		return errorf(CodeContent, 0, "the list cannot be written in the encoding of the bank's profile")
	}
	return out.Flush()
}

// field is the text of one cell, of the transfer with the serial number n.
func (t *Transfer) field(f Field, n int) string {
	switch f {
	case FieldSerial:
		return strconv.Itoa(n)
	case FieldPayment:
		return EndToEndID(t.ID)
	case FieldName:
		return t.Name
	case FieldAccount:
		return t.Account
	case FieldBank:
		return t.Bank
	case FieldAmount:
		return t.Amount.String()
	default:
		return t.Text
	}
}

// Place is the column with a title, as csvfile.Title gives it; -1 if there is none.
func (p *Profile) Place(title string) int {
	return slices.IndexFunc(p.Columns, func(c Column) bool { return csvfile.Title(c.Title) == title })
}

// SheetValue is a workbook's cell of a column as the list has it in CSV.
func (p *Profile) SheetValue(column int, cell string, system csvfile.DateSystem) string {
	if column >= len(p.Columns) {
		return cell
	}
	switch p.Columns[column].Field {
	case FieldAmount:
		return csvfile.SheetAmount(cell)
	case FieldDate:
		return csvfile.SheetDay(cell, profileDates[p.Date], system)
	}
	return cell
}
