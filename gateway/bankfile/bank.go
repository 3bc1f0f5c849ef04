// Package bankfile writes the paying bank's payment files and reads its answers: ISO 20022 messages (pain.001 out; pain.002,
// camt.053 and camt.054 in) and configurable CSV lists. It is pure: bytes in, values out, nothing is asked or kept.
//
// Everything that is read comes from outside, so size, depth, text and number of entries are bounded (Limits), documents
// with a document type or entities are refused, and errors never repeat what a file says.
package bankfile

import (
	"fmt"
	"strings"

	"relieftrail/chaincode/relief"
)

// Payment is one line of a payment file. Name and Account are personal data: a Payment is written and never printed.
type Payment struct {
	ID      relief.PaymentID
	Amount  relief.Fen
	Name    string // the payee's
	Account string
	Bank    string // the payee's bank in words, as the roll has it; may be empty
}

// Limits bound what is read; zero values give the defaults.
type Limits struct {
	Bytes    int64 // of a file; default 256 MiB
	Text     int   // bytes between two marks of an XML file, or of a CSV line; default 8 KiB
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
	CodeForbidden = "forbidden" // a document type, entity, comment or processing instruction
	CodeTooLarge  = "too-large" // beyond a limit
	CodeMessage   = "message"   // a message or version that is not taken
	CodeContent   = "content"   // a required part is missing or cannot be read
	CodeTotals    = "totals"    // number or sum differ from what the message says of itself
)

// Error is why a file is refused as a whole. It carries nothing of the file's content.
type Error struct {
	Code   string
	Line   int // 0 when unknown
	Detail string
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s: line %d: %s", e.Code, e.Line, e.Detail)
	}
	return e.Code + ": " + e.Detail
}

func errorf(code string, line int, format string, args ...any) *Error {
	return &Error{code, line, fmt.Sprintf(format, args...)}
}

// maxEndToEnd is how long an EndToEndId may be (ISO 20022 Max35Text).
const maxEndToEnd = 35

// EndToEndID is how a payment's id travels: as it is, or, when it has 36 characters (a programme's name of ten and an
// attempt of three digits), without the hyphen before the attempt. Both forms are read back by ParseEndToEndID.
func EndToEndID(id relief.PaymentID) string {
	s := id.String()
	if len(s) > maxEndToEnd {
		at := strings.LastIndexByte(s, '-')
		s = s[:at] + s[at+1:]
	}
	return s
}

// ParseEndToEndID reads what EndToEndID wrote, in that spelling only.
func ParseEndToEndID(s string) (relief.PaymentID, error) {
	text := s
	if len(s) == maxEndToEnd && strings.Count(s, "-") == 3 {
		text = s[:len(s)-3] + "-" + s[len(s)-3:]
	}
	id, err := relief.ParsePaymentID(text)
	if err == nil && EndToEndID(id) != s {
		return relief.PaymentID{}, relief.FieldErrorf("payment", "the payment id is not in its own spelling")
	}
	return id, err
}

// ParseAmount reads a decimal of ISO 20022 (ActiveCurrencyAndAmount: digits, at most five of them behind the point) as whole
// fen, exactly. An amount with a part of a fen is an error.
func ParseAmount(s string) (relief.Fen, error) {
	whole, frac, _ := strings.Cut(s, ".")
	if len(s) > 19 || whole+frac == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return 0, errorf(CodeContent, 0, "an amount is written in digits such as 620.00")
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if frac = strings.TrimRight(frac, "0"); len(frac) > 2 {
		return 0, errorf(CodeContent, 0, "an amount has a part of a fen")
	}
	amount, err := relief.ParseFen(whole + "." + (frac + "00")[:2])
	if err != nil {
		return 0, errorf(CodeContent, 0, "an amount is too large")
	}
	return amount, nil
}

// Outcome is what an entry says of its payment.
type Outcome uint8

// The outcomes.
const (
	None     Outcome = iota // an entry that says nothing final of a payment: interim status, not booked yet
	Paid                    // the money went to the payee
	Returned                // the money came back, or never left
	Other                   // a booking of another kind, such as money coming in
)

func (o Outcome) String() string { return [...]string{"none", "paid", "returned", "other"}[o] }

// Problem says why an entry cannot be taken for a payment, whatever the ledger says; "" when it can.
type Problem string

// The problems.
const (
	NoProblem     Problem = ""
	MissingID     Problem = "missing-id"     // no EndToEndId, or NOTPROVIDED
	UnknownID     Problem = "unknown-id"     // an EndToEndId that is no payment's
	BadCurrency   Problem = "currency"       // not CNY
	BadAmount     Problem = "amount"         // missing, unreadable, or with a part of a fen
	BadDate       Problem = "date"           // missing or unreadable
	BadReason     Problem = "reason-code"    // a return without a reason of four characters
	UnknownResult Problem = "result"         // a status or result code that is not known
	OtherBooking  Problem = "other-booking"  // money that moved for something else than a payment
	EntryTotal    Problem = "entry-total"    // the transactions of a batch booking do not add up to it
	GroupRejected Problem = "group-rejected" // the bank refused a file or a part of it as a whole
	StatementSums Problem = "statement-sums" // a statement's entries differ from its own summary
	BadLine       Problem = "line"           // a CSV line that cannot be read
)

// Entry is one booking, status or line, in the message's order. Counterparty and the texts are personal data.
type Entry struct {
	Number    int // in the message, from 1
	Statement int // index into Message.Statements; -1 when there is none
	Outcome   Outcome
	Problem   Problem
	Payment   relief.PaymentID // when EndToEndID is one
	Amount    relief.Fen       // 0 when the message does not say (pain.002 may leave it out)
	NoAmount  bool
	Reason    [4]byte // of a return
	Day       uint32  // days since 1970-01-01
	BankRef   string  // the bank's own reference
	Status    string  // of pain.002 or a booking: four characters, "" when not of that form

	EndToEndID   string // as the bank wrote it: may be anything
	Counterparty string
	Account      string
	Text         string // remittance information, or what else the bank says
}

// Kind is a kind of message.
type Kind string

// The kinds.
const (
	Pain002 Kind = "pain.002"
	Camt053 Kind = "camt.053"
	Camt054 Kind = "camt.054"
	CSV     Kind = "csv"
)

// Message is what a file says of itself.
type Message struct {
	Kind       Kind
	Version    string // such as camt.053.001.08; "" for CSV
	ID         string // GrpHdr/MsgId; for CSV what the caller gives
	Original   string // pain.002: the message id of the payment file that it answers
	Entries    int
	Statements []Statement
}

// Statement is one account statement or notification of a message.
type Statement struct {
	ID       string `json:"id"`
	Sequence uint64 `json:"sequence,omitempty"` // ElctrncSeqNb
	Page     int    `json:"page,omitempty"`     // StmtPgntn/PgNb
	Last     bool   `json:"last_page,omitempty"`
	Account  string `json:"account"`
	From     string `json:"from,omitempty"` // as the bank writes it
	To       string `json:"to,omitempty"`
	// Opening and Closing are the booked balances (OPBD or PRCD, CLBD); nil when the message has none.
	Opening *Balance   `json:"opening,omitempty"`
	Closing *Balance   `json:"closing,omitempty"`
	Entries int        `json:"entries"` // booked ones
	Debits  relief.Fen `json:"debits"`  // booked entries, by their own amounts
	Credits relief.Fen `json:"credits"`
}

// Balance is what lies on an account, in fen; an overdrawn one is negative.
type Balance relief.Fen

// String writes the balance in yuan with two places.
func (b Balance) String() string { return relief.Fen(b).String() }

// MarshalText writes the decimal string.
func (b Balance) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads the decimal string.
func (b *Balance) UnmarshalText(text []byte) error {
	digits, negative := strings.CutPrefix(string(text), "-")
	amount, err := relief.ParseFen(digits)
	if *b = Balance(amount); negative {
		*b = -*b
	}
	return err
}

// TiesOut reports whether the entries lead from the opening to the closing balance; ok is false when a balance is missing.
func (s *Statement) TiesOut() (ties, ok bool) {
	if s.Opening == nil || s.Closing == nil {
		return false, false
	}
	return *s.Opening+Balance(s.Credits)-Balance(s.Debits) == *s.Closing, true
}
