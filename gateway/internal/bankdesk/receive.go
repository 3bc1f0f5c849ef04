package bankdesk

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/boltstore"
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
	Ref       string           `json:"ref,omitempty"`
	Credit    bool             `json:"c,omitempty"`
	Code      string           `json:"bc,omitempty"`
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

// Upload is a file on its way in.
type Upload struct {
	Principal string
	Batch     relief.BatchID // "" when it may span batches
	Profile   string         // of a CSV answer; "" for XML
	Body      io.Reader
}

// ErrProfile says that a CSV profile is not among the settings.
var ErrProfile = errors.New("there is no such profile")

// ParsedMessage is a file that was read and not yet taken.
type ParsedMessage struct {
	message Message
	entries []entry
	details bytes.Buffer
	digests []hash.Hash // of the statements
}

// SHA256 is the hash of the file.
func (p *ParsedMessage) SHA256() string { return p.message.SHA256 }

// ID is what the message will be called.
func (p *ParsedMessage) ID() string { return p.message.ID }

// Read reads a file whole and keeps nothing yet. A file that cannot be taken is a *bank.Error.
func (d *Desk) Read(u Upload) (*ParsedMessage, error) {
	p := &ParsedMessage{message: Message{
		Principal: u.Principal, Batch: u.Batch, State: Received, ReceivedAt: d.options.Now().UTC(),
	}}
	sum := sha256.New()
	body := io.TeeReader(u.Body, sum)
	options := bankfile.Options{Limits: d.options.Limits, Location: d.options.Location, Credited: d.options.Credited}
	details := json.NewEncoder(&p.details)
	visit := func(e *bankfile.Entry) error {
		p.add(e)
		last := &p.entries[len(p.entries)-1]
		last.Kind, last.Rule = d.options.Rules.classify(e)
		return details.Encode(Details{e.Number, e.EndToEndID, e.Counterparty, e.Account, e.Text, e.BankRef})
	}
	var m bankfile.Message
	var err error
	if u.Profile == "" {
		m, err = bankfile.Read(body, options, visit)
	} else {
		profile := d.profile(u.Profile)
		if profile == nil {
			return nil, ErrProfile
		}
		m, err = profile.ReadAnswer(body, "", options, visit)
	}
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, body); err != nil { // so that the hash is the whole file's
		return nil, err
	}
	p.message.SHA256 = hex.EncodeToString(sum.Sum(nil))
	p.message.ID = p.message.ReceivedAt.Format("20060102150405") + "-" + p.message.SHA256[:12]
	p.message.Kind, p.message.Version, p.message.MessageID, p.message.Original = m.Kind, m.Version, m.ID, m.Original
	p.message.Received, p.message.Page = m.Received, m.Page
	if m.Kind == bankfile.CSV {
		p.message.MessageID = p.message.SHA256[:32] // a list does not name itself: its content does
	}
	p.message.Counts.Entries = m.Entries
	for i := range m.Statements {
		p.message.Statements = append(p.message.Statements, StatementRecord{
			Statement: m.Statements[i], Digest: p.digest(i, &m.Statements[i]),
			owner: d.owner(m.Statements[i].Account),
		})
	}
	return p, nil
}

// owner tells the account of a statement from others without its number, by a keyed hash: a list of account numbers cannot be
// tried against the desk's file.
func (d *Desk) owner(account string) string {
	m := hmac.New(sha256.New, d.options.Key)
	m.Write([]byte("relieftrail/account/v2\x00" + account))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

func (d *Desk) profile(name string) *bankfile.Profile {
	for i := range d.options.Answers {
		if d.options.Answers[i].Name == name {
			return &d.options.Answers[i]
		}
	}
	return nil
}

func (p *ParsedMessage) add(e *bankfile.Entry) {
	k := entry{
		N: e.Number, Statement: e.Statement, Outcome: e.Outcome, Problem: e.Problem, ID: e.Payment.String(),
		Amount: e.Amount, NoAmount: e.NoAmount, Day: e.Day, Ref: e.BankRef, Credit: e.Credit, Code: e.Code,
	}
	if e.Reason != [4]byte{} {
		k.Reason = string(e.Reason[:])
	}
	p.entries = append(p.entries, k)
	if e.Statement >= 0 {
		for len(p.digests) <= e.Statement {
			p.digests = append(p.digests, sha256.New())
		}
		k.N, k.Statement = 0, 0 // the same statement may come in another message
		b, _ := json.Marshal(k)
		_, _ = p.digests[e.Statement].Write(append(b, e.EndToEndID...)) // a hash takes all
	}
}

// digest is the hash of what a statement says, in whichever message.
func (p *ParsedMessage) digest(i int, s *bankfile.Statement) string {
	h := sha256.New()
	if i < len(p.digests) {
		h = p.digests[i]
	}
	b, _ := json.Marshal(s)
	h.Write(b)
	return hex.EncodeToString(h.Sum(nil))
}

// Conflict says that a message's id came before, with other content.
type Conflict struct{ Exception string }

func (e *Conflict) Error() string {
	return "a message with this id came before, with other content: see exception " + e.Exception
}

// Take keeps a message and sets it going. One that came before is answered as it was, marked as a duplicate; one
// whose id came with other content is a *Conflict, put on the list and not worked through.
func (d *Desk) Take(ctx context.Context, p *ParsedMessage) (Message, error) {
	m := &p.message
	if err := d.mask(ctx, m); err != nil {
		return Message{}, err
	}
	if m.Kind == bankfile.Camt053 {
		for _, account := range accountsOf(m) {
			if err := d.takeWithdrawals(ctx, m.Principal, account); err != nil {
				return Message{}, err
			}
		}
	}
	if known, ok, err := d.known(p); err != nil || ok {
		return known, err
	}
	// The first line makes the object this message's own: it is deleted with the last exception.
	first := strings.NewReader(`{"n":0,"text":"` + m.ID + "\"}\n")
	info, err := d.options.Objects.Put(ctx, io.MultiReader(first, &p.details), nil)
	if err != nil {
		return Message{}, err
	}
	m.Details = info.Hash
	err = d.store.Update(func(tx *boltstore.Tx) error {
		if _, ok, err := bucketKnown.Get(tx, messageKey(m)); ok || err != nil {
			return errors.Join(err, errDuplicateMessage) // another upload was quicker
		}
		for i := range m.Statements {
			if err := d.number(tx, m, i); err != nil {
				return err
			}
		}
		return errors.Join(bucketKnown.Put(tx, messageKey(m), dedupRecord{Message: m.ID, Digest: m.SHA256}),
			putMessage(tx, m), bucketEntries.Put(tx, m.ID, p.entries))
	})
	if errors.Is(err, errDuplicateMessage) {
		known, _, err := d.known(p)
		return known, err
	}
	if err != nil {
		return Message{}, err
	}
	d.wakeUp()
	return *m, nil
}

// accountsOf are the accounts of a message's statements that are the agency's.
func accountsOf(m *Message) (accounts []string) {
	for i := range m.Statements {
		if s := &m.Statements[i]; s.Aside == NotAside && !slices.Contains(accounts, s.Account) {
			accounts = append(accounts, s.Account)
		}
	}
	return accounts
}

// dedupRecord is which message has a name, and the hash of what it says.
type dedupRecord struct {
	Message string `json:"message"`
	Digest  string `json:"digest"`
	Place   int    `json:"place,omitempty"` // of a statement in its message, from 1
}

var errDuplicateMessage = errors.New("the message's id is taken")

func messageKey(m *Message) string {
	key := "m\x00" + string(m.Kind) + "\x00" + m.MessageID
	if m.Page > 0 {
		key += fmt.Sprintf("\x00%d", m.Page)
	}
	return key
}

// known finds the message that came before under the same id.
func (d *Desk) known(p *ParsedMessage) (found Message, ok bool, err error) {
	m := &p.message
	var conflict *Conflict
	err = d.store.Update(func(tx *boltstore.Tx) error {
		k, has, err := bucketKnown.Get(tx, messageKey(m))
		if err != nil || !has {
			return err
		}
		if found, ok, err = bucketMessages.Get(tx, k.Message); err != nil || !ok {
			return err
		}
		if k.Digest == m.SHA256 && corrects(tx, &found, m) {
			ok = false
			return bucketKnown.Delete(tx, messageKey(m))
		}
		if k.Digest != m.SHA256 {
			x := Exception{
				ID: exceptionID(m.ID, 0), Message: k.Message, Reason: MessageConflict, Batch: m.Batch,
				State: StateOpen, RaisedAt: m.ReceivedAt,
			}
			conflict = &Conflict{x.ID}
			return putException(tx, &x)
		}
		if found.State == Failed {
			found.State, found.Error = Received, ""
			return putMessage(tx, &found)
		}
		found.Duplicate = true
		return nil
	})
	switch {
	case err != nil:
		return Message{}, false, err
	case conflict != nil:
		return Message{}, true, conflict
	case ok:
		d.wakeUp()
	}
	return found, ok, nil
}

// corrects reports whether a message, which comes again, has a statement that was not taken because of another one, which was
// withdrawn since.
func corrects(tx *boltstore.Tx, before, again *Message) bool {
	for i := range before.Statements {
		s := &before.Statements[i]
		if !s.Conflict || i >= len(again.Statements) {
			continue
		}
		k, known, err := bucketKnown.Get(tx, numberKey(before, again.Statements[i].owner, s))
		if err == nil && known && withdrawnStatement(tx, k.Message, k.Place) {
			return true
		}
	}
	return false
}

// number looks whether a statement came before, by its account, id, day, number and page: numbers, and ids of some banks,
// begin again each year.
func (d *Desk) number(tx *boltstore.Tx, m *Message, i int) error {
	s := &m.Statements[i]
	if s.Aside != NotAside {
		return nil
	}
	key := numberKey(m, s.owner, s)
	k, ok, err := bucketKnown.Get(tx, key)
	switch {
	case err != nil:
		return err
	case !ok, withdrawnStatement(tx, k.Message, k.Place):
		return bucketKnown.Put(tx, key, dedupRecord{m.ID, s.Digest, i + 1})
	case k.Message == m.ID: // twice in one message
		s.Repeated = true
	default:
		s.Repeated, s.Conflict = k.Digest == s.Digest, k.Digest != s.Digest
	}
	if s.Conflict {
		x := Exception{
			ID: exceptionID(m.ID, -1-i), Message: m.ID, Reason: StatementConflict, Batch: m.Batch, Statement: s.ID,
			State: StateOpen, RaisedAt: m.ReceivedAt,
		}
		m.Counts.Exceptions++
		return putException(tx, &x)
	}
	return nil
}

// numberKey names a statement, or a page of one, as the bank does.
func numberKey(m *Message, owner string, s *StatementRecord) string {
	return fmt.Sprintf("s\x00%s\x00%s\x00%s\x00%s\x00%d\x00%d", m.Kind, owner, s.ID, s.Day, s.Sequence, s.Page)
}

// mask keeps the accounts of tranches, which are the agency's, and the last four characters of any other: it may be a
// person's.
func (d *Desk) mask(ctx context.Context, m *Message) error {
	if len(m.Statements) == 0 {
		return nil
	}
	accounts, err := d.accounts(ctx, m.Principal)
	if err != nil {
		return err
	}
	for i := range m.Statements {
		s := &m.Statements[i]
		own := accounts[accountKey(s.Account)]
		switch {
		case own == "":
			s.Account, s.Aside = masked(s.Account), OtherAccount
		case s.Currency != "":
			s.Account, s.Known, s.Aside = own, true, OtherCurrency
		default:
			s.Account, s.Known = own, true
		}
	}
	return nil
}

func masked(account string) string { return "****" + account[max(0, len(account)-4):] }

// accountKey is an account without the spaces and hyphens that banks write between groups.
func accountKey(account string) string { return strings.NewReplacer(" ", "", "-", "").Replace(account) }

// accounts are the dedicated accounts of all tranches, and the debtor's of the settings, by their keys.
func (d *Desk) accounts(ctx context.Context, signer string) (map[string]string, error) {
	accounts := map[string]string{}
	if d.options.DebtorAccount != "" {
		accounts[accountKey(d.options.DebtorAccount)] = d.options.DebtorAccount
	}
	err := d.eachTranche(ctx, signer, func(t *fund.Tranche) { accounts[accountKey(t.Account)] = t.Account })
	return accounts, err
}

// eachTranche visits the tranches that the signer may see.
func (d *Desk) eachTranche(ctx context.Context, signer string, visit func(*fund.Tranche)) error {
	for next := (api.PageInput{Limit: pageLimit}); ; {
		page, err := ask(ctx, d, signer, api.FundList, next)
		if err != nil {
			return err
		}
		for i := range page.Items {
			visit(&page.Items[i])
		}
		if next.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

// pageLimit is how many records of a list are read from the ledger at a time.
const pageLimit = 500
