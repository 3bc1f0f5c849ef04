package bankdesk

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/boltstore"
)

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
	options := bankfile.Options{Limits: d.options.Limits, Location: d.options.Location, Credited: d.options.Credited, ReturnedWords: d.options.ReturnedWords}
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
		m, err = d.readAnswer(body, profile, options, visit)
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
	if m.ID == "" {
		p.message.MessageID = p.message.SHA256[:32] // a list or an MT940 does not name itself: its content does
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
		Amount: e.Amount, NoAmount: e.NoAmount, Day: e.Day, Booked: e.Booked, Ref: e.BankRef, Credit: e.Credit, Code: e.Code, File: e.File,
	}
	if e.Reason != [4]byte{} {
		k.Reason = string(e.Reason[:])
	}
	p.entries = append(p.entries, k)
	if e.Statement >= 0 {
		for len(p.digests) <= e.Statement {
			p.digests = append(p.digests, sha256.New())
		}
		k.N, k.Statement, k.File, k.Booked = 0, 0, "", 0 // the same statement may come in another message
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
	if m.Kind.Statement() {
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
