package bankfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
)

// Transfer is one transfer of a payment file: all payments of one person in a batch. Name and Account are personal data: a
// Transfer is written to the bank's file and never printed.
type Transfer struct {
	ID      relief.PaymentID // of its first payment
	Amount  relief.Fen       // what the payee gets: of all payments, less what is deducted
	Name    string           // of the payee
	Account string           // of the payee
	Bank    string           // the name of the payee's bank, as on the roll; may be empty
	Text    string           // the remittance information, which says what the transfer carries; at most 140 characters
}

// Limits bound what is read. Zero values mean the defaults.
type Limits struct {
	Bytes    int64 // of the file; default 256 MiB
	Text     int   // bytes of one text or tag of XML, or of one CSV line; default 8 KiB
	Depth    int   // nested elements; default 24
	Elements int   // default 50 million
	Entries  int   // default 1 million
}

func (l Limits) withDefaults() Limits {
	for _, d := range []struct {
		n *int
		v int
	}{{&l.Text, 8 << 10}, {&l.Depth, 24}, {&l.Elements, 50_000_000}, {&l.Entries, 1_000_000}} {
		if *d.n == 0 {
			*d.n = d.v
		}
	}
	if l.Bytes == 0 {
		l.Bytes = 256 << 20
	}
	return l
}

// Codes of Error.
const (
	CodeSyntax    = "syntax"    // not well-formed
	CodeForbidden = "forbidden" // a document type or an entity
	CodeEncoding  = "encoding"  // bytes that are not in the stated encoding, or an encoding that is not known
	CodeTooLarge  = "too-large" // exceeds one of the Limits
	CodeMessage   = "message"   // a message or version that is not supported
	CodeContent   = "content"   // a required part is missing or cannot be read
	CodeTotals    = "totals"    // the payments do not give the number or sum that the message states
)

// Error says why a file is refused as a whole. It holds nothing of the file's content.
type Error struct {
	Code   string
	Line   int // 0 if unknown
	Detail string
	Zh     string // the detail in Chinese
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s: line %d: %s", e.Code, e.Line, e.Detail)
	}
	return e.Code + ": " + e.Detail
}

// onLine is the same refusal with a line.
func (e *Error) onLine(line int) *Error { return &Error{e.Code, line, e.Detail, e.Zh} }

func errorf(code string, line int, format string, args ...any) *Error {
	return &Error{code, line, fmt.Sprintf(format, args...), inChinese(format, args)}
}

// maxEndToEnd is the greatest length of an EndToEndId (ISO 20022 Max35Text).
const maxEndToEnd = 35

// EndToEndID is a payment's id in the bank's files. An id of 36 characters (a programme id of ten characters and an attempt
// of three digits) is written without the hyphen before the attempt. ParseEndToEndID reads both forms.
func EndToEndID(id relief.PaymentID) string {
	s := id.String()
	if len(s) > maxEndToEnd {
		at := strings.LastIndexByte(s, '-')
		s = s[:at] + s[at+1:]
	}
	return s
}

// ParseEndToEndID reads a payment's id as EndToEndID writes it. Other spellings are errors.
func ParseEndToEndID(s string) (relief.PaymentID, error) {
	text := s
	if len(s) == maxEndToEnd && strings.Count(s, "-") == 3 {
		text = s[:len(s)-3] + "-" + s[len(s)-3:]
	}
	id, err := relief.ParsePaymentID(text)
	if err == nil && EndToEndID(id) != s {
		return relief.PaymentID{}, relief.FieldErrorf("payment", "the payment id is not spelt as this program writes it")
	}
	return id, err
}

// readEndToEndID reads a payment's id as banks give it back: systems of some write capital letters alone.
func readEndToEndID(s string) (relief.PaymentID, error) {
	id, err := ParseEndToEndID(s)
	if err != nil {
		return ParseEndToEndID(strings.ToLower(s))
	}
	return id, nil
}

// noReference reports whether a reference says that there is none.
func noReference(s string) bool { return s == "" || s == "NOTPROVIDED" || s == "NONREF" }

// word is a run of the characters of which ids are made.
var word = regexp.MustCompile(`[A-Za-z0-9-]+`)

// mentions are the payments that a text names, each once.
type mentions []string

// add looks for ids that stand whole in a text.
func (m *mentions) add(text string) {
	if strings.Count(text, "-") < minHyphens || len(*m) > 1 {
		return
	}
	for _, w := range word.FindAllString(text, -1) {
		id, err := readEndToEndID(w)
		if name := EndToEndID(id); err == nil && !slices.Contains(*m, name) {
			*m = append(*m, name)
		}
	}
}

// minHyphens is how many an id has at least.
const minHyphens = 3

// only is the one payment that is named; "" for none and for several, of which nobody can say which is meant.
func (m mentions) only() string {
	if len(m) != 1 {
		return ""
	}
	return m[0]
}

// ParseAmount reads a decimal number of ISO 20022 (xs:decimal of ActiveCurrencyAndAmount: digits, at most five of them after the
// point; a plus sign and further zeros change nothing) as whole fen. An amount with a fraction of a fen is an error.
func ParseAmount(s string) (relief.Fen, error) {
	whole, frac, _ := strings.Cut(strings.TrimPrefix(s, "+"), ".")
	if whole+frac == "" || len(s) > maxAmountText || strings.Trim(whole+frac, "0123456789") != "" {
		return 0, errorf(CodeContent, 0, "an amount must be written in digits such as 620.00")
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if len(whole) > 18 {
		return 0, errorf(CodeContent, 0, "an amount is too large")
	}
	if frac = strings.TrimRight(frac, "0"); len(frac) > 2 {
		return 0, errorf(CodeContent, 0, "an amount has a fraction of a fen")
	}
	amount, err := relief.ParseFen(whole + "." + (frac + "00")[:2])
	if err != nil {
		return 0, errorf(CodeContent, 0, "an amount is too large")
	}
	return amount, nil
}

// currencyCode is a currency's code in ISO 4217: systems of Chinese banks write RMB too.
func currencyCode(code string) string {
	if code == "RMB" {
		return "CNY"
	}
	return code
}

// maxAmountText bounds an amount with all of its zeros.
const maxAmountText = 60

// Outcome is what an entry says about its payment.
type Outcome uint8

// The outcomes.
const (
	None     Outcome = iota // nothing final: an interim status, or a booking that is still pending
	Paid                    // the money was sent to the payee
	Returned                // the money came back, or was never sent
	Other                   // a booking of another kind, such as money coming in
)

func (o Outcome) String() string { return [...]string{"none", "paid", "returned", "other"}[o] }

// Problem says why an entry cannot belong to a payment, whatever the ledger says; "" if there is no problem.
type Problem string

// The problems.
const (
	NoProblem     Problem = ""
	MissingID     Problem = "missing-id"     // no EndToEndId, or NOTPROVIDED
	UnknownID     Problem = "unknown-id"     // an EndToEndId that is not the id of a payment
	BadCurrency   Problem = "currency"       // not CNY
	BadAmount     Problem = "amount"         // missing, unreadable, or with a fraction of a fen
	BadDate       Problem = "date"           // missing or unreadable
	BadReason     Problem = "reason-code"    // a return whose reason code has not four characters
	UnknownResult Problem = "result"         // a status or result code that is not known
	Blocked       Problem = "blocked"        // the bank keeps the money: the payee does not get it, and it does not come back
	OtherBooking  Problem = "other-booking"  // money that moved for another purpose than a payment
	EntryTotal    Problem = "entry-total"    // the transactions of a batch booking do not add up to it
	NotListed     Problem = "not-listed"     // a status of payments that the bank counts and does not name
	GroupRejected Problem = "group-rejected" // the bank refused a payment file, or a part of it, as a whole
	StatementSums Problem = "statement-sums" // a statement's entries do not give the sums that it states
	BadLine       Problem = "line"           // a CSV line, or an entry, that cannot be read
)

// Entry is one booking, status or line of a message. Counterparty, Account and Text are personal data.
type Entry struct {
	Number    int // its position in the message, from 1
	Statement int // index into Message.Statements; -1 if the message has no statements
	Outcome   Outcome
	Problem   Problem
	Payment   relief.PaymentID // set if EndToEndID is the id of a payment
	Amount    relief.Fen
	NoAmount  bool    // the message does not state the amount, which pain.002 may leave out
	Reason    [4]byte // of a return (ISO 20022)
	Day       uint32  // days since 1970-01-01: the value date, or else the day of the booking
	Booked    uint32  // the day of the booking where it is another one; 0 where it is not
	BankRef   string  // the bank's reference of the booking
	Status    string  // of pain.002 or of a booking: four characters, otherwise ""
	Credit    bool    // a booking that came in
	Code      string  // a booking's transaction code: DOMAIN/FAMILY/SUBFAMILY, and the bank's own one
	File      string  // the message id of the payment file that a booking is of, where the bank says it

	EndToEndID   string // as the bank wrote it; may be any text
	Counterparty string
	Account      string
	Text         string // remittance information or the bank's remark
}

// Kind is a kind of message.
type Kind string

// The kinds.
const (
	Pain002 Kind = "pain.002"
	Camt053 Kind = "camt.053"
	Camt054 Kind = "camt.054"
	MT940   Kind = "mt940"
	CSV     Kind = "csv"
)

// Statement reports whether a message of the kind is the statement of an account, with its balances: the one source of what was booked.
func (k Kind) Statement() bool { return k == Camt053 || k == MT940 }

// Message describes a file that has been read.
type Message struct {
	Kind       Kind
	Version    string // such as camt.053.001.08; "" for CSV
	ID         string // GrpHdr/MsgId; for CSV the name given by the caller; "" for MT940
	Original   string // pain.002: the message id of the payment file that it reports on
	Received   Received
	Page       int // GrpHdr/MsgPgntn/PgNb; 0 if the message has no pages
	Entries    int
	Statements []Statement
}

// Received is what a bank acknowledges of a payment file in pain.002; a zero value is not stated.
type Received struct {
	Status string     `json:"status,omitempty"` // GrpSts, such as ACTC or RJCT
	Count  int        `json:"count,omitempty"`  // OrgnlNbOfTxs
	Sum    relief.Fen `json:"sum,omitzero"`     // OrgnlCtrlSum
}

// Statement is one account statement or notification of a message.
type Statement struct {
	ID       string `json:"id"`
	Sequence uint64 `json:"sequence,omitempty"` // ElctrncSeqNb
	Page     int    `json:"page,omitempty"`     // StmtPgntn/PgNb, or else MsgPgntn/PgNb
	Last     bool   `json:"last_page,omitempty"`
	Part     bool   `json:"part,omitempty"` // the page is the message's: the statement may be whole in it, or go on in the next message
	Account  string `json:"account"`
	// Currency is that of a statement in another currency than CNY, which is nobody's here; XXX, no currency in ISO 4217, if it has no form of one.
	Currency string `json:"currency,omitempty"`
	Day      string `json:"day,omitempty"`  // of the closing balance, or else the last day, or else when it was made
	From     string `json:"from,omitempty"` // as the bank wrote it
	To       string `json:"to,omitempty"`
	// Opening and Closing are the booked balances (OPBD or PRCD, CLBD); nil if the message has none.
	Opening *Balance   `json:"opening,omitempty"`
	Closing *Balance   `json:"closing,omitempty"`
	Entries int        `json:"entries"` // how many are booked
	Debits  relief.Fen `json:"debits"`  // the sum of the booked debits
	Credits relief.Fen `json:"credits"`
}

// Balance is the balance of an account in fen. It is negative if the account is overdrawn.
type Balance = relief.Balance

// TiesOut reports whether the opening balance and the entries give the closing balance. ok is false if a balance is
// missing.
func (s *Statement) TiesOut() (ties, ok bool) {
	if s.Opening == nil || s.Closing == nil {
		return false, false
	}
	return *s.Opening+Balance(s.Credits)-Balance(s.Debits) == *s.Closing, true
}
