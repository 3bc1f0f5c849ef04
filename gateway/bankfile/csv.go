package bankfile

import (
	"bufio"
	"bytes"
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

// ReadAnswer reads an answer list of the bank and calls visit as Read does. id becomes the message's ID, since a list has
// none of its own.
func (p *Profile) ReadAnswer(r io.Reader, id string, o Options, visit func(*Entry) error) (Message, error) {
	limits := o.Limits.withDefaults()
	file := &boundedFile{r: r, left: limits.Bytes}
	a := &answer{
		profile: p, reading: &reading{options: o, limits: limits, visit: visit, message: Message{Kind: CSV, ID: id}},
		file: file, results: map[string]Result{},
	}
	for _, r := range p.Results {
		a.results[r.Code] = r
	}
	lines := csvfile.Options{MaxLine: limits.Text, Charset: csvfile.Charset(p.Encoding), Delimiters: p.Delimiter, Literal: true}
	if p.Header { // which shows the encoding, should the bank have changed it
		lines.Known, lines.Charset = p.hasTitle, csvfile.Undecided
	}
	text := bufio.NewReader(file)
	head, err := text.Peek(16)
	if err != nil && !errors.Is(err, io.EOF) {
		return a.message, err
	}
	if err := notText(head); err != nil {
		return a.message, err
	}
	if a.lines, err = csvfile.NewReader(text, lines); err == nil {
		err = a.read()
	}
	return a.message, err
}

func (p *Profile) hasTitle(cell string) bool { return p.Place(cell) >= 0 }

// Place is the column with a title; -1 if there is none.
func (p *Profile) Place(title string) int {
	return slices.IndexFunc(p.Columns, func(c Column) bool { return c.Title == title })
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

// day reads a date as the bank writes it, or as a spreadsheet that saved the list again does.
func (p *Profile) day(text string) (uint32, bool) {
	for _, layout := range []string{profileDates[p.Date], "2006/1/2"} {
		if day, err := time.Parse(layout, text); err == nil {
			return days(day)
		}
	}
	return 0, false
}

type answer struct {
	*reading
	profile *Profile
	file    *boundedFile
	lines   *csvfile.Reader
	results map[string]Result
	columns map[Field]int // the column of each field, from 0
}

func (a *answer) read() error {
	if err := a.header(); err != nil {
		return err
	}
	for {
		record, err := a.lines.Next()
		switch {
		case errors.Is(err, io.EOF) && a.message.Entries == 0:
			return errorf(CodeContent, 0, "the list is empty")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		e := a.entry(&record)
		if err := a.give(&e); err != nil {
			return err
		}
	}
}

// header finds the columns: by their titles, or by their order if the profile has no header.
func (a *answer) header() error {
	a.columns = map[Field]int{}
	if !a.profile.Header {
		a.lines.SetWidth(len(a.profile.Columns))
		for i, c := range a.profile.Columns {
			a.columns[c.Field] = i
		}
		return nil
	}
	titles, err := a.lines.Header()
	switch {
	case errors.Is(err, io.EOF):
		return errorf(CodeContent, 1, "the list is empty")
	case err != nil:
		return err
	}
	for i, title := range titles {
		for _, c := range a.profile.Columns {
			if c.Title == title {
				if _, twice := a.columns[c.Field]; twice {
					return errorf(CodeContent, 1, "the header names a column twice")
				}
				a.columns[c.Field] = i
			}
		}
	}
	for _, c := range a.profile.Columns {
		if _, ok := a.columns[c.Field]; !ok && c.Field != FieldIgnore {
			return errorf(CodeContent, 1, "the header lacks the column %s", c.Title)
		}
	}
	return nil
}

func cleaned(cell []byte) (string, bool) {
	return string(csvfile.Trim(cell)), utf8.Valid(cell) && !bytes.ContainsRune(cell, utf8.RuneError)
}

// entry reads one line.
func (a *answer) entry(record *csvfile.Record) Entry {
	e := Entry{Statement: -1}
	value := map[Field]string{}
	if record.Fault != csvfile.NoFault {
		e.fault(BadLine)
	}
	for field, i := range a.columns {
		if i < len(record.Cells) && field != FieldIgnore {
			text, ok := cleaned(record.Cells[i])
			if value[field] = text; !ok {
				e.fault(BadLine)
			}
		}
	}
	if record.Fault != csvfile.NoFault { // its cells may be under the wrong titles: whoever looks into it sees them all
		e.EndToEndID, e.Outcome = value[FieldPayment], Other
		e.Text = strings.ToValidUTF8(string(bytes.Join(record.Cells, []byte(" | "))), "\ufffd")
		return e
	}
	e.EndToEndID, e.BankRef = value[FieldPayment], value[FieldReference]
	e.Counterparty, e.Account, e.Text = value[FieldName], value[FieldAccount], value[FieldText]
	e.Outcome = Other
	if e.Problem != NoProblem {
		return e
	}
	result, ok := a.results[value[FieldResult]]
	switch {
	case !ok:
		e.fault(UnknownResult)
		return e
	case result.Outcome == "none":
		e.Outcome = None
		return e
	case result.Outcome == "paid":
		e.Outcome = Paid
	default:
		e.Outcome = Returned
		reason := value[FieldReason]
		if result.Reason != "" {
			reason = result.Reason
		}
		e.reason(reason)
	}
	e.amount(value[FieldAmount], "CNY")
	if e.Day, ok = a.profile.day(value[FieldDate]); !ok {
		e.fault(BadDate)
	}
	return e
}
