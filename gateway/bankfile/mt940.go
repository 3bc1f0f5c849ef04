package bankfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"relieftrail/gateway/bankfile/gb18030"
)

// mtHead is how much of a file tells whether it is a message of SWIFT's MT forms.
const mtHead = 512

var (
	mtBegin   = regexp.MustCompile(`(?:^|[\r\n]):20:`)
	mtTag     = regexp.MustCompile(`^:(13D?|2[01]|25P?|28C?|34F|60[FM]?|61|62[FM]?|6[45]|86|90[CD]|940|NS):`) // other colons are text, such as a time's
	mtType    = regexp.MustCompile(`\{2:[IO]([0-9]{3})`)
	mtNumber  = regexp.MustCompile(`^([0-9]{1,10})(?:/([0-9]{1,5}))?(?:/[0-9]{1,5})?$`)
	mtBalance = regexp.MustCompile(`^([CD])([0-9]{6})([A-Z]{3})([0-9]+(?:[,.][0-9]*)?)$`)
)

// isMT reports whether a file begins as an MT940 does: with the blocks of the network, or with the first field, behind a few lines of a
// header of the bank's own.
func isMT(head []byte) bool {
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		head = bytes.TrimPrefix(head, []byte(mark))
	}
	head = bytes.TrimSpace(bytes.ReplaceAll(head, []byte{0}, nil)) // one in UTF-16 is refused in its own words
	return bytes.HasPrefix(head, []byte("{1:")) || bytes.HasPrefix(head, []byte(":940:")) || !bytes.HasPrefix(head, []byte("<")) && mtBegin.Match(head)
}

// mtReport reads MT940, the customer statement of SWIFT (Standards MT, category 9): statements of fields, each of which begins a line with its
// tag between colons.
type mtReport struct {
	*reading
	line      int
	preamble  int // lines before the first field
	tag       string
	text      []string // lines of the open field
	size      int      // their bytes
	statement *mtStatement
}

// mtStatement is the open statement.
type mtStatement struct {
	Statement
	currency string // of the opening balance
	inPages  bool   // a balance is that of a page
	entry    *mtEntry
}

// mtEntry is the open entry: fields 61 and 86.
type mtEntry struct{ line, info string }

// readMT940 reads a file of MT940 messages. A statement that cannot be read whole refuses the file; an entry that cannot be read is one
// with a problem.
func readMT940(r io.Reader, o Options, visit func(*Entry) error) (Message, error) {
	limits := o.Limits.withDefaults()
	m := &mtReport{reading: &reading{options: o, limits: limits, visit: visit, message: Message{Kind: MT940, Version: "MT940"}}}
	lines := bufio.NewScanner(&boundedFile{r: r, left: limits.Bytes})
	lines.Buffer(nil, limits.Text)
	lines.Split(mtLine)
	for lines.Scan() {
		m.line++
		if err := m.take(lines.Bytes()); err != nil {
			return Message{}, m.at(err)
		}
	}
	err := lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = errorf(CodeTooLarge, m.line+1, "a line has more than %d bytes", limits.Text)
	}
	if err == nil {
		err = m.at(m.endMessage())
	}
	if err == nil && len(m.message.Statements) == 0 {
		err = errorf(CodeContent, 0, "the file has no statement")
	}
	if err != nil {
		return Message{}, err
	}
	return m.message, nil
}

// at adds the line to an error that has none.
func (m *mtReport) at(err error) error {
	var own *Error
	if errors.As(err, &own) && own.Line == 0 {
		return own.onLine(m.line)
	}
	return err
}

// mtLine splits at each of the line ends that are in use.
func mtLine(data []byte, atEOF bool) (advance int, token []byte, err error) {
	at := bytes.IndexAny(data, "\r\n")
	switch {
	case at < 0 && atEOF && len(data) > 0:
		return len(data), data, nil
	case at < 0, data[at] == '\r' && at+1 == len(data) && !atEOF: // the other half of the line end may follow
		return 0, nil, nil
	case bytes.HasPrefix(data[at:], []byte("\r\n")):
		return at + 2, data[:at], nil
	}
	return at + 1, data[:at], nil
}

// maxPreamble is how many lines of a bank's own may be before the first field.
const maxPreamble = 20

// take takes the next line.
func (m *mtReport) take(line []byte) error {
	if m.line == 1 {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	if bytes.IndexByte(line, 0) >= 0 {
		return errorf(CodeEncoding, 0, "the file has zero bytes: it is in UTF-16, or is no text")
	}
	if !utf8.Valid(line) {
		line = gb18030.NewDecoder().Bytes(line)
	}
	text := strings.TrimRight(string(line), " \t\x1a")
	switch {
	case strings.HasPrefix(text, "{1:"), strings.HasPrefix(text, "{") && m.tag == "":
		return m.block(text)
	case text == "-" || strings.HasPrefix(text, "-}"):
		if err := m.endMessage(); err != nil {
			return err
		}
		if at := strings.Index(text, "{1:"); at >= 0 { // the next message on the same line
			return m.block(text[at:])
		}
		return nil
	}
	return m.field(text)
}

// block takes a line of the network's blocks.
func (m *mtReport) block(text string) error {
	if found := mtType.FindStringSubmatch(text); found != nil && found[1] != "940" {
		return otherMT(found[1])
	}
	if strings.HasPrefix(text, "{1:") {
		if err := m.endMessage(); err != nil {
			return err
		}
	}
	if _, first, ok := strings.Cut(text, "{4:"); ok && first != "" {
		return m.field(first)
	}
	return nil
}

// otherMT refuses another message of the same form.
func otherMT(number string) error {
	if number == "942" {
		return errorf(CodeMessage, 0, "the message is MT942, a report within the day that may still change: send the day's statement, MT940")
	}
	return errorf(CodeMessage, 0, "the message is not MT940, the statement of an account")
}

// field takes a line that begins a field or goes on with one.
func (m *mtReport) field(text string) error {
	found := mtTag.FindStringSubmatch(text)
	if found == nil {
		if m.tag == "" {
			if text == "942" {
				return otherMT(text)
			}
			if m.preamble++; text != "" && m.preamble > maxPreamble {
				return errorf(CodeContent, 0, "the file has text outside of the fields of MT940")
			}
			return nil
		}
		return m.append(text)
	}
	if err := m.endField(); err != nil {
		return err
	}
	m.tag, m.text, m.size = found[1], m.text[:0], 0
	return m.append(text[len(found[0]):])
}

func (m *mtReport) append(text string) error {
	if m.size += len(text) + 1; m.size > m.limits.Text {
		return errorf(CodeTooLarge, 0, "a field has more than %d bytes", m.limits.Text)
	}
	m.text = append(m.text, text)
	return nil
}

// endField reads the open field.
func (m *mtReport) endField() error {
	tag := m.tag
	if m.tag = ""; tag == "" {
		return nil
	}
	first := strings.TrimSpace(m.text[0])
	if tag == "20" {
		return m.begin(first)
	}
	s := m.statement
	switch {
	case s == nil && (tag == "940" || tag == "86"): // a header of some banks; words behind a statement that has ended
		return nil
	case s == nil:
		return errorf(CodeContent, 0, "a field stands before :20:, with which a statement begins")
	case tag == "86":
		if s.entry != nil { // some banks write several
			s.entry.info = strings.TrimPrefix(s.entry.info+"\n"+strings.Join(m.text, "\n"), "\n")
		}
		return nil
	}
	if err := m.endEntry(); err != nil {
		return err
	}
	return s.field(tag, first, m.text)
}

// field reads a field of an open statement. Other fields than these, such as further balances, say nothing that is needed.
func (s *mtStatement) field(tag, first string, lines []string) error {
	switch tag {
	case "25", "25P":
		s.Account = mtAccount(first)
	case "28", "28C":
		return s.number(first)
	case "60F", "60M":
		return s.opening(first, tag == "60M")
	case "61":
		if s.Opening == nil || s.Closing != nil {
			return errorf(CodeContent, 0, "an entry stands outside of the opening and the closing balance (:60F:, :62F:)")
		}
		s.entry = &mtEntry{line: strings.Join(lines, "\n")}
	case "62F", "62M":
		return s.closing(first, tag == "62M")
	case "34F":
		if s.Opening == nil {
			return otherMT("942")
		}
	}
	return nil
}

// begin begins a statement. The one before must have ended: what was cut off is not taken for whole.
func (m *mtReport) begin(name string) error {
	if err := m.endStatement(); err != nil {
		return err
	}
	if !bounded(name) {
		return errorf(CodeContent, 0, "a statement lacks its reference (:20:), of at most 35 characters")
	}
	m.statement = &mtStatement{Statement: Statement{ID: name}}
	return nil
}

// mtAccount is the account of field 25: behind a bank's code and a slash, without the currency that some banks write behind it, and without
// the spaces that some put between its digits.
func mtAccount(text string) string {
	account := strings.TrimSpace(text[strings.LastIndexByte(text, '/')+1:])
	digits := strings.ReplaceAll(strings.TrimSuffix(strings.TrimSuffix(account, "CNY"), "RMB"), " ", "")
	if strings.Trim(digits, "0123456789") == "" {
		return digits
	}
	return account
}

// number reads field 28C: the statement's number, and behind a slash its page.
func (s *mtStatement) number(text string) error {
	found := mtNumber.FindStringSubmatch(text)
	if found == nil {
		return errorf(CodeContent, 0, "a statement's number (:28C:) cannot be read")
	}
	s.Sequence, _ = strconv.ParseUint(found[1], 10, 64) // five digits, and ten at some banks
	s.Page, _ = strconv.Atoi(found[2])
	return nil
}

func (s *mtStatement) opening(text string, page bool) error {
	value, currency, day, err := mtBooked(text)
	if err != nil {
		return err
	}
	if s.Opening != nil {
		return errorf(CodeContent, 0, "a statement has two opening balances")
	}
	s.Opening, s.currency, s.From, s.inPages = &value, currency, day, page
	if currency != "CNY" {
		s.Currency = currency
	}
	return nil
}

func (s *mtStatement) closing(text string, page bool) error {
	value, currency, day, err := mtBooked(text)
	switch {
	case err != nil:
		return err
	case s.Opening == nil:
		return errorf(CodeContent, 0, "a closing balance (:62F:) stands before the opening balance (:60F:)")
	case s.Closing != nil:
		return errorf(CodeContent, 0, "a statement has two closing balances")
	case currency != s.currency:
		return errorf(CodeContent, 0, "a statement's balances are in two currencies")
	}
	s.Closing, s.Day, s.To, s.Last = &value, day, day, !page
	s.inPages = s.inPages || page
	return nil
}

// mtBooked reads a booked balance: C or D, the day, the currency, the amount with a comma.
func mtBooked(text string) (value Balance, currency, day string, err error) {
	found := mtBalance.FindStringSubmatch(text)
	if found == nil {
		return 0, "", "", errorf(CodeContent, 0, "a balance (:60F:, :62F:) cannot be read: C or D, the day as YYMMDD, the currency, the amount with a comma")
	}
	n, ok := mtDay(found[2])
	if !ok {
		return 0, "", "", errorf(CodeContent, 0, "a balance's day is none")
	}
	currency = currencyCode(found[3])
	if currency == "CNY" { // nobody asks for those in other currencies
		amount, err := ParseAmount(strings.Replace(found[4], ",", ".", 1))
		if err != nil {
			return 0, "", "", err
		}
		value = Balance(amount)
	}
	if found[1] == "D" {
		value = -value
	}
	return value, currency, time.Unix(int64(n)*86400, 0).UTC().Format(time.DateOnly), nil
}

// mtDay reads a day of six digits, of 1980 to 2079.
func mtDay(text string) (uint32, bool) {
	century := "20"
	if text >= "80" {
		century = "19"
	}
	t, err := time.Parse("20060102", century+text)
	if err != nil {
		return 0, false
	}
	return days(t)
}

// endMessage ends a message, which holds one statement or several.
func (m *mtReport) endMessage() error { return errors.Join(m.endField(), m.endStatement()) }

// endStatement gives the statement that is open.
func (m *mtReport) endStatement() error {
	if m.statement == nil {
		return nil
	}
	if err := m.endEntry(); err != nil {
		return err
	}
	s := m.statement
	m.statement = nil
	if s.Account == "" || len(s.Account) > 35*4 || s.Opening == nil || s.Closing == nil {
		return errorf(CodeContent, 0, "a statement lacks its account (:25:) or a balance (:60F:, :62F:), or the file is cut off")
	}
	if !s.inPages && s.Page <= 1 {
		s.Page, s.Last = 0, false
	}
	m.message.Statements = append(m.message.Statements, s.Statement)
	return nil
}

// endEntry gives the entry that is open.
func (m *mtReport) endEntry() (err error) {
	s := m.statement
	if s.entry == nil {
		return nil
	}
	b, ok := mtBooking(s.entry.line, s.entry.info, s.currency)
	s.entry = nil
	m.decide(&b)
	e := &b.entry
	if e.Outcome != Returned {
		e.Reason = [4]byte{}
	}
	e.Statement = len(m.message.Statements)
	if !ok {
		e.Outcome, e.Problem = Other, BadLine
		return m.give(e)
	}
	switch {
	case slices.Contains(notYetBooked, b.status):
	case b.credit == "CRDT":
		s.Entries++
		s.Credits, err = sum(s.Credits, e.Amount)
	default:
		s.Entries++
		s.Debits, err = sum(s.Debits, e.Amount)
	}
	if err != nil {
		return err
	}
	return m.give(e)
}
