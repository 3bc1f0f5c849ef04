package bankdesk

import (
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/bankfile"
)

// State says how far a message is worked through.
type State string

// The states. A failed message is worked through again when it is sent again.
const (
	Received State = "received"
	Done     State = "done"
	Failed   State = "failed"
)

// Message is a bank's file as callers see it. It carries no personal data.
type Message struct {
	ID         string            `json:"id"`
	Kind       bankfile.Kind     `json:"kind"`
	Version    string            `json:"version,omitempty"`
	MessageID  string            `json:"message_id,omitempty"` // the bank's
	Page       int               `json:"page,omitempty"`       // of a message that comes in several files
	Original   string            `json:"original_message_id,omitempty"`
	Received   bankfile.Received `json:"received,omitzero"` // what the bank says that it got of the payment file
	Batch      relief.BatchID    `json:"batch,omitempty"`   // set when it may speak of this batch only
	Principal  string            `json:"principal"`
	SHA256     string            `json:"sha256"`
	State      State             `json:"state"`
	Error      string            `json:"error,omitempty"` // in both languages
	ReceivedAt time.Time         `json:"received_at"`
	FinishedAt time.Time         `json:"finished_at,omitzero"`
	Counts     Counts            `json:"counts"`
	Statements []StatementRecord `json:"statements,omitempty"`
	Jobs       []string          `json:"jobs,omitempty"` // the settlement jobs it made
	Duplicate  bool              `json:"duplicate,omitempty"`
	// Details is the encrypted object with what entries say of people, kept while an exception is open.
	Details string `json:"details,omitempty"`
}

// Counts says what became of a message's entries.
type Counts struct {
	Entries    int `json:"entries"`
	Settled    int `json:"settled"`    // recorded on the ledger because of this message
	Confirmed  int `json:"confirmed"`  // the ledger knew already
	Interim    int `json:"interim"`    // not final: pending bookings, statuses on the way
	Exceptions int `json:"exceptions"` // on the list for finance
	Classified int `json:"classified"` // no payments, of which a rule says what they are
	Skipped    int `json:"skipped"`    // in statements that were here before, or differ from one that was
	Aside      int `json:"aside"`      // in statements of other accounts or currencies
}

// StatementRecord is an account statement of a message.
type StatementRecord struct {
	bankfile.Statement
	Known    bool  `json:"known_account"` // the account is a tranche's; others are masked
	Aside    Aside `json:"aside,omitempty"`
	Repeated bool  `json:"repeated,omitempty"`
	// Withdrawn says that two officials withdrew the statement: nothing that it says counts.
	Withdrawn bool   `json:"withdrawn,omitempty"`
	Conflict  bool   `json:"conflict,omitempty"` // another statement had its number, with other content
	Digest    string `json:"digest"`
	owner     string // distinguishes accounts when they are masked
}

// Aside says why a statement is nobody's here and was left aside: the message speaks of others too.
type Aside string

// The reasons.
const (
	NotAside      Aside = ""
	OtherAccount  Aside = "other-account"
	OtherCurrency Aside = "other-currency"
)

// entry is what is kept of an entry: nothing personal.
type entry struct {
	N         int              `json:"n"`
	Statement int              `json:"s"`
	Outcome   bankfile.Outcome `json:"o"`
	Problem   bankfile.Problem `json:"p,omitempty"`
	ID        string           `json:"id,omitempty"` // of the payment that it names
	Amount    relief.Fen       `json:"a"`
	NoAmount  bool             `json:"na,omitempty"`
	Reason    string           `json:"r,omitempty"`
	Day       uint32           `json:"d"`
	Booked    uint32           `json:"bd,omitempty"`
	Ref       string           `json:"ref,omitempty"`
	Credit    bool             `json:"c,omitempty"`
	Code      string           `json:"bc,omitempty"`
	File      string           `json:"f,omitempty"`
	Kind      statement.Kind   `json:"k,omitempty"`  // by a rule
	Rule      string           `json:"ru,omitempty"` // with its version
}

// Details is what an entry says of people and in words: shown for one exception at a time, kept encrypted.
type Details struct {
	N            int    `json:"n"`
	EndToEndID   string `json:"end_to_end_id,omitempty"`
	Counterparty string `json:"counterparty,omitempty"`
	Account      string `json:"account,omitempty"`
	Text         string `json:"text,omitempty"`
	BankRef      string `json:"bank_reference,omitempty"`
}
