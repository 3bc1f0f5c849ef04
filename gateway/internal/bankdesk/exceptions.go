package bankdesk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/reading"
)

// ExceptionState says whether finance has resolved an exception.
type ExceptionState string

// The states of an exception.
const (
	StateOpen     ExceptionState = "open"
	StateResolved ExceptionState = "resolved"
)

// Exception is an entry that finance has to look at. It carries nothing personal.
type Exception struct {
	ID           string         `json:"id"`
	Message      string         `json:"message"` // the file that it came in, /v1/statements/{id}
	Entry        int            `json:"entry,omitempty"`
	Statement    string         `json:"statement,omitempty"` // the bank's id of the statement
	Reason       Reason         `json:"reason"`
	Text         string         `json:"text,omitempty"` // the reason in both languages; made when it is read
	Outcome      string         `json:"outcome,omitempty"`
	ReturnReason string         `json:"return_reason,omitempty"`
	Payment      string         `json:"payment,omitempty"`
	Batch        relief.BatchID `json:"batch,omitempty"`
	// Place is that of the statement in the message, from 1. Booked is what the entry changes the account's balance by, and Code
	// the bank's transaction code.
	Place  int               `json:"place,omitempty"`
	Booked *bankfile.Balance `json:"booked,omitempty"`
	Code   string            `json:"code,omitempty"`
	Ref    string            `json:"ref_sha256_128,omitempty"` // hash of the bank's reference
	Amount *relief.Fen       `json:"amount,omitempty"`
	Date   string            `json:"date,omitempty"`
	// Reverses is what the payment becomes, credited or returned, when two officials of finance confirm the reversal of the recorded
	// answer by this entry of a statement. Reversal is the one that was proposed.
	Reverses   payment.LineState `json:"reverses,omitempty"`
	Reversal   relief.ReversalID `json:"reversal,omitempty"`
	Recoveries []RecoveredPart   `json:"recoveries,omitempty"` // of which the entry is money that came back
	State      ExceptionState    `json:"state"`
	RaisedAt   time.Time         `json:"raised_at"`
	Resolution *Resolution       `json:"resolution,omitempty"`
	// Details is what the bank wrote of people; only with one exception, never in a list, never on disk in the clear.
	Details *Details `json:"details,omitempty"`
}

// Resolution is how finance ended an exception.
type Resolution struct {
	Action  string    `json:"action"`            // accept, assign, write_off, classify, reverse, withdrawn
	As      string    `json:"as,omitempty"`      // credited, returned: what was recorded on the ledger; a kind of entries: classify
	Rule    string    `json:"rule,omitempty"`    // that classified the entry, with its version
	Payment string    `json:"payment,omitempty"` // of which payment
	Note    string    `json:"note,omitempty"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Job     string    `json:"job,omitempty"`
}

func exceptionID(message string, n int) string {
	if n < 0 {
		return fmt.Sprintf("%s-s%06d", message, -n)
	}
	return fmt.Sprintf("%s-%07d", message, n)
}

func exceptionOf(m *Message, v *decision, now time.Time) Exception {
	e := v.entry
	x := Exception{
		ID: exceptionID(m.ID, e.N), Message: m.ID, Entry: e.N,
		Reason: v.reason, Outcome: e.Outcome.String(), ReturnReason: e.Reason,
		Payment: e.ID, Batch: v.batch, State: StateOpen, RaisedAt: now, Reverses: v.reverses,
	}
	if x.Batch == "" {
		x.Batch = m.Batch
	}
	if !e.NoAmount && e.Problem != bankfile.BadAmount && e.Problem != bankfile.BadCurrency {
		x.Amount = &e.Amount
	}
	if e.Day > 0 {
		x.Date = dateOf(e.Day)
	}
	if e.Statement >= 0 && e.Statement < len(m.Statements) {
		x.Statement, x.Place = m.Statements[e.Statement].ID, e.Statement+1
	}
	if m.Kind.Statement() && x.Amount != nil && x.Place > 0 && e.Amount > 0 {
		x.book(e)
	}
	if e.Kind != "" {
		x.State = StateResolved
		x.Resolution = &Resolution{Action: ActionClassify, As: string(e.Kind), Rule: e.Rule, By: m.Principal, At: now}
	}
	return x
}

// book notes what an entry changes the account's balance by.
func (x *Exception) book(e *entry) {
	booked := bankfile.Balance(e.Amount)
	if !e.Credit {
		booked = -booked
	}
	x.Booked, x.Code = &booked, e.Code
	if ref := strings.TrimSpace(e.Ref); ref != "" {
		x.Ref = relief.HashBankRef([]byte(ref)).String()
	}
}

// words are the reason in both languages, and what can be done about a contradiction.
func (x *Exception) words() string {
	words := x.Reason.Words()
	if x.Reverses == "" || x.State != StateOpen {
		return words.String()
	}
	return bilingual.Text{
		Zh: words.Zh + "：与已登记的结果相反，可凭对账单分录提请冲正，由两人办理",
		En: words.En + ": it is the opposite of the recorded answer; propose a reversal by the statement's entry, which another official confirms",
	}.String()
}

// Filter selects exceptions; empty fields select all.
type Filter struct {
	State  ExceptionState
	Reason Reason
	Batch  relief.BatchID
	File   string // the message's id
	Code   string // the bank's transaction code, or how it begins
	Side   Side
}

func (f *Filter) keeps(x *Exception) bool {
	return (f.State == "" || f.State == x.State) && (f.Reason == "" || f.Reason == x.Reason) &&
		(f.Batch == "" || f.Batch == x.Batch) && (f.File == "" || f.File == x.Message) &&
		strings.HasPrefix(x.Code, f.Code) && (f.Side == EitherSide || x.Booked != nil && f.Side.keeps(*x.Booked > 0))
}

// maxScan bounds what one page looks at: a page may be short, and even empty, and have a next.
const maxScan = 20_000

// Exceptions is a page of exceptions in order of their messages' arrival. next is "" at the end.
func (d *Desk) Exceptions(f Filter, cursor string, limit int) (page []Exception, next string, err error) {
	page = []Exception{}
	err = d.store.View(func(tx *boltstore.Tx) error {
		c := bucketExceptions.After(tx, cursor)
		for n, last := 0, cursor; c.Next(); n++ {
			if n >= maxScan || len(page) >= limit {
				next = last
				return nil
			}
			x, err := c.Value()
			if err != nil {
				return err
			}
			if f.keeps(&x) {
				x.Text = x.words()
				page = append(page, x)
			}
			last = c.Key()
		}
		return nil
	})
	return page, next, err
}

// ErrNotFound is returned for an exception or message that is not there.
var ErrNotFound = errors.New("there is no such record")

// Find is an exception without what the bank wrote of people.
func (d *Desk) Find(id string) (Exception, error) {
	x, _, err := d.exception(id)
	return x, err
}

// Exception is one exception with what the bank wrote of people, once it is on record that somebody reads it.
func (d *Desk) Exception(ctx context.Context, a reading.Access, id string) (Exception, error) {
	x, m, err := d.exception(id)
	if err != nil || m == nil || m.Details == "" || x.Entry == 0 {
		return x, err
	}
	a.Record, a.Count = "exception/"+id, 1
	if _, err := d.options.Readings.Read(a); err != nil {
		return x, err
	}
	return d.withDetails(ctx, id)
}

// withDetails is an exception with what the bank wrote of people.
func (d *Desk) withDetails(ctx context.Context, id string) (Exception, error) {
	x, m, err := d.exception(id)
	if err != nil || m == nil || m.Details == "" || x.Entry == 0 {
		return x, err
	}
	r, err := d.options.Objects.Get(ctx, m.Details)
	if err != nil {
		return x, err
	}
	defer func() { _ = r.Close() }()
	for decoder := json.NewDecoder(r); ; {
		var details Details
		if err := decoder.Decode(&details); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return x, err
		}
		if details.N == x.Entry {
			x.Details = &details
			return x, nil
		}
	}
}

func (d *Desk) exception(id string) (x Exception, m *Message, err error) {
	err = d.store.View(func(tx *boltstore.Tx) error {
		var ok bool
		if x, ok, err = bucketExceptions.Get(tx, id); err != nil {
			return err
		}
		if !ok {
			return ErrNotFound
		}
		x.Text = x.words()
		of, ok, err := bucketMessages.Get(tx, x.Message)
		if ok {
			m = &of
		}
		return err
	})
	return x, m, err
}

// Message is one of the bank's files.
func (d *Desk) Message(id string) (m Message, err error) {
	err = d.store.View(func(tx *boltstore.Tx) error {
		var found bool
		if m, found, err = bucketMessages.Get(tx, id); err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		return nil
	})
	return m, err
}

// Messages is a page of messages in order of arrival. next is "" at the end.
func (d *Desk) Messages(cursor string, limit int) (page []Message, next string, err error) {
	page = []Message{}
	err = d.store.View(func(tx *boltstore.Tx) error {
		c := bucketMessages.After(tx, cursor)
		for last := cursor; c.Next(); last = c.Key() {
			if len(page) >= limit {
				next = last
				return nil
			}
			m, err := c.Value()
			if err != nil {
				return err
			}
			page = append(page, m)
		}
		return nil
	})
	return page, next, err
}
