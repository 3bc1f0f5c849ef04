package bankfile

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile/csvfile"
)

// Options say how to read a bank's files.
type Options struct {
	Limits   Limits
	Location *time.Location // in which a time is turned into a date; nil: UTC
	// Credited are the statuses of pain.002 that mean that the payee has the money. nil means ACCC alone: ACSC says only that
	// the payer's account was debited, and the payee's bank may still send the money back.
	Credited []string
	// ReturnedWords are the words of a bank with which it says that a credit is a payment that came back. nil means ReturnedWords;
	// without any, only codes and marks say so.
	ReturnedWords []string
}

// ReturnedWords are the words of Chinese banks for a payment that came back. 退回 is none of them: people write it who send money back
// themselves.
var ReturnedWords = []string{"退汇", "退票"}

// message is a supported message: its readers understand the versions from first to last, whose parts of interest differ in
// a few names only.
type message struct {
	kind        Kind
	first, last int
	reader      func(*reading) visitor
}

var messages = []message{
	{Pain002, 3, 14, func(r *reading) visitor { return &statusReport{reading: r} }},
	{Camt053, 2, 13, func(r *reading) visitor {
		return &accountReport{reading: r, base: "BkToCstmrStmt/", unit: "BkToCstmrStmt/Stmt"}
	}},
	{Camt054, 2, 13, func(r *reading) visitor {
		return &accountReport{reading: r, base: "BkToCstmrDbtCdtNtfctn/", unit: "BkToCstmrDbtCdtNtfctn/Ntfctn"}
	}},
}

// messageOf finds the message of a version such as camt.053.001.08.
func messageOf(version string) (message, bool) {
	for _, m := range messages {
		number, ok := strings.CutPrefix(version, string(m.kind)+".001.")
		if n, err := strconv.Atoi(number); ok && len(number) == 2 && err == nil && n >= m.first && n <= m.last {
			return m, true
		}
	}
	return message{}, false
}

// IsMessage reports whether a file is one that Read reads, by its beginning: XML, or one of SWIFT's messages.
func IsMessage(head []byte) bool {
	if _, foreign := csvfile.Foreign(head); foreign != "" {
		return false
	}
	text := bytes.TrimPrefix(bytes.TrimPrefix(head, []byte("\xff\xfe")), []byte("\xfe\xff"))
	return isMT(head) || bytes.HasPrefix(csvfile.Trim(bytes.ReplaceAll(text, []byte{0}, nil)), []byte("<"))
}

// Read reads a bank's message, XML or MT940, and calls visit with each entry, in order. The entry is valid only during the call. A
// file that is refused as a whole gives an *Error; an entry that cannot be used has a Problem.
func Read(r io.Reader, o Options, visit func(*Entry) error) (Message, error) {
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Credited == nil {
		o.Credited = []string{"ACCC"}
	}
	if o.ReturnedWords == nil {
		o.ReturnedWords = ReturnedWords
	}
	file := bufio.NewReaderSize(r, 64<<10)
	if head, _ := file.Peek(mtHead); isMT(head) { // an error comes again
		return readMT940(file, o, visit)
	}
	w, version, err := newWalker(file, o.Limits)
	if err != nil {
		return Message{}, err
	}
	found, ok := messageOf(version)
	if strings.HasPrefix(version, "camt.052.") {
		return Message{}, errorf(CodeMessage, w.line(),
			"the message is camt.052, a report within the day that may still change: send the day's statement, camt.053")
	}
	if !ok {
		return Message{}, errorf(CodeMessage, w.line(),
			"the message must be pain.002 (001.03 to 001.14), or camt.053 or camt.054 (001.02 to 001.13)")
	}
	m := &reading{options: o, limits: w.limits, visit: visit, message: Message{Kind: found.kind, Version: version}}
	if err := w.walk(found.reader(m)); err != nil {
		return Message{}, err
	}
	if m.message.ID == "" {
		return Message{}, errorf(CodeContent, 0, "the message has no GrpHdr/MsgId")
	}
	return m.message, nil
}

// reading is the state that the readers of all messages share.
type reading struct {
	options Options
	limits  Limits
	visit   func(*Entry) error
	message Message
}

// decide sets the outcome of a booking that is complete, by its marks and codes, or else by the words of the bank for a credit, which then
// stay beside it.
func (r *reading) decide(b *booking) {
	for _, line := range strings.Split(b.says, "\n") {
		if b.credit != "CRDT" || b.returned || !slices.ContainsFunc(r.options.ReturnedWords, func(word string) bool { return strings.Contains(line, word) }) {
			continue
		}
		e := &b.entry
		b.returned, e.Text = true, line
		if e.Reason == [4]byte{} && e.Problem == NoProblem {
			copy(e.Reason[:], narrative)
		}
	}
	b.decide()
}

// give completes an entry and calls visit with it.
func (r *reading) give(e *Entry) error {
	if r.message.Entries++; r.message.Entries > r.limits.Entries {
		return errorf(CodeTooLarge, 0, "the message has more than %d entries", r.limits.Entries)
	}
	e.Number = r.message.Entries
	if problem := e.identify(); e.Outcome != None {
		e.fault(problem)
	}
	return r.visit(e)
}

// identify finds out which payment an entry is about.
func (e *Entry) identify() Problem {
	if noReference(e.EndToEndID) {
		return MissingID
	}
	id, err := readEndToEndID(e.EndToEndID)
	if err != nil {
		return UnknownID
	}
	e.Payment = id
	return NoProblem
}

// amount sets the amount of an entry.
func (e *Entry) amount(text, currency string) {
	e.NoAmount = false
	switch amount, err := ParseAmount(text); {
	case currency != "CNY":
		e.fault(BadCurrency)
	case err != nil:
		e.fault(BadAmount)
	default:
		e.Amount = amount
	}
}

// fault sets the problem, unless the entry has one already.
func (e *Entry) fault(p Problem) {
	if e.Problem == NoProblem {
		e.Problem = p
	}
}

// reason sets the reason of a return.
func (e *Entry) reason(code string) {
	if !IsReason(code) {
		e.fault(BadReason)
		return
	}
	copy(e.Reason[:], code)
}

// unspecified is the reason of a return for which the bank gives none, and narrative that of one for which it gives a code or
// words of its own (ISO 20022, ExternalStatusReason1Code).
const (
	unspecified = "MS03"
	narrative   = "NARR"
)

// ownReason sets a reason in the bank's own words, which stay beside the entry. A code of ISO 20022 that the bank gives too is
// better.
func (e *Entry) ownReason(words string) {
	switch {
	case e.Reason != [4]byte{}:
	case IsReason(words):
		copy(e.Reason[:], words)
	default:
		copy(e.Reason[:], narrative)
	}
	if e.Text == "" {
		e.Text = words
	}
}

// IsReason reports whether a text has the form of an ISO 20022 reason code: four capital letters or digits.
func IsReason(code string) bool {
	return len(code) == 4 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// statusText returns a code of four characters, and "" for any other text: that could be anything.
func statusText(code string) string {
	if IsReason(code) {
		return code
	}
	return ""
}

// Forms of xs:date and xs:dateTime; either may have a time zone.
var (
	dateForms = []string{time.DateOnly, "2006-01-02Z07:00"}
	timeForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"}
)

// day reads a date, or the date of a time in Location, as days since 1970-01-01. A date is a calendar day, whatever its
// zone.
func (r *reading) day(text string) (uint32, bool) {
	for _, form := range dateForms {
		if t, err := time.Parse(form, text); err == nil {
			y, m, d := t.Date()
			return days(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
		}
	}
	midnight := strings.Replace(text, "T24:00:00", "T00:00:00", 1) // the end of the day (xs:dateTime)
	for _, form := range timeForms {
		if t, err := time.ParseInLocation(form, midnight, r.options.Location); err == nil {
			if midnight != text {
				t = t.AddDate(0, 0, 1)
			}
			y, m, d := t.In(r.options.Location).Date()
			return days(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
		}
	}
	return 0, false
}

func days(t time.Time) (uint32, bool) {
	n := t.Unix() / 86400
	return uint32(n), n >= 0 && n < 1<<32 && t.Year() < 10000 //nolint:gosec // checked
}

// bounded reports whether a text is a valid id of a message (ISO 20022 Max35Text).
func bounded(s string) bool { return s != "" && len(s) <= 35*4 && len([]rune(s)) <= 35 }

func sum(a, b relief.Fen) (relief.Fen, error) {
	s, err := a.Add(b)
	if err != nil {
		return 0, errorf(CodeTotals, 0, "the sum of the message's amounts is too large")
	}
	return s, nil
}
