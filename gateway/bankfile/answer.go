package bankfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"relieftrail/gateway/bankfile/csvfile"
)

// otherDelimiters are those that a spreadsheet writes, whatever the profile says.
const otherDelimiters = ",\t;|"

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
		a.results[csvfile.Code(r.Code)] = r
	}
	lines := csvfile.Options{MaxLine: limits.Text, Charset: csvfile.Charset(p.Encoding), Delimiters: p.Delimiter, Literal: true}
	if p.Header { // which shows encoding and delimiter, should the bank or a spreadsheet have changed them
		lines.Known, lines.Charset = func(title string) bool { return p.Place(title) >= 0 }, csvfile.Undecided
		lines.Delimiters += otherDelimiters
	}
	text := bufio.NewReader(file)
	head, err := text.Peek(mtHead)
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
			if csvfile.Title(c.Title) == title {
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

// personal are the fields that hold words of people; the others hold numbers and codes.
var personal = []Field{FieldName, FieldText}

// cleaned is a cell's text; ok is false when its bytes are no text.
func cleaned(field Field, cell []byte) (text string, ok bool) {
	ok = utf8.Valid(cell) && !bytes.ContainsRune(cell, utf8.RuneError)
	if text = string(csvfile.Trim(cell)); ok && !slices.Contains(personal, field) {
		text = csvfile.Code(text)
	}
	return text, ok
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
			text, ok := cleaned(field, record.Cells[i])
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
	e.amount(csvfile.Amount(value[FieldAmount]), "CNY")
	day, dated := csvfile.Day(value[FieldDate])
	if dated {
		e.Day, dated = days(day)
	}
	if !dated {
		e.fault(BadDate)
	}
	return e
}
