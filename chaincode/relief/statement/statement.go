package statement

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// MaxEntries bounds the entries of a statement that are no payments.
const MaxEntries = 2000

const (
	maxBankID = 35  // characters, ISO 20022 Max35Text
	maxName   = 60  // characters of an entry's name and of a rule's
	maxReason = 200 // characters of a reason
	refBytes  = len(relief.BankRefHash{})
)

// Content is what the bank wrote, which no official may change: a statement with other content takes the place of this one only
// when this one was withdrawn.
type Content struct {
	BankID  string         `json:"bank_id"`
	Number  uint64         `json:"number,omitempty"`
	Day     relief.Day     `json:"day"`
	SHA256  string         `json:"sha256"` // of what the statement says, all of its pages
	Opening relief.Balance `json:"opening"`
	Closing relief.Balance `json:"closing"`
}

// Tally is a number of transfers and their sum.
type Tally struct {
	Count int        `json:"count"`
	Sum   relief.Fen `json:"sum"`
}

// Entry is an entry that is no payment's: what it changes the balance by, and what it is.
type Entry struct {
	Name     string         `json:"name"` // finance's own, by which its gateway finds the entry
	Amount   relief.Balance `json:"amount"`
	BookedOn relief.Day     `json:"booked_on,omitempty"`
	Ref      string         `json:"ref_sha256_128,omitempty"` // hash of the bank's reference
	Kind     Kind           `json:"kind,omitempty"`           // "": nobody has said what it is
	Rule     string         `json:"rule,omitempty"`           // the rule that says so, with its version
}

// Classification says what is in a statement: payments, and entries of other kinds.
type Classification struct {
	Paid     Tally   `json:"paid"`      // transfers of batches that went out
	PaidBack Tally   `json:"paid_back"` // and that came back
	Entries  []Entry `json:"entries"`
}

// Proposal is a classification that waits for another official.
type Proposal struct {
	Classification
	SHA256 string `json:"sha256"` // of content and classification; a confirmation names it
	Act    int    `json:"act"`    // its place in the record's acts
}

// Withdrawal is a proposal to withdraw the statement.
type Withdrawal struct {
	Reason string `json:"reason"`
	Act    int    `json:"act"`
}

// Refusal says what was refused, and why.
type Refusal struct {
	SHA256 string `json:"sha256"`
	Reason string `json:"reason"`
}

// WithdrawnContent is a statement that was withdrawn, and why.
type WithdrawnContent struct {
	SHA256 string `json:"sha256"`
	Reason string `json:"reason"`
}

// Statement is a bank's statement of a dedicated account (对账单).
type Statement struct {
	ID      relief.StatementID `json:"id"`
	Account string             `json:"account"`
	Region  relief.Region      `json:"region"` // of the tranche by which it was recorded
	Content
	State      State                 `json:"state"`
	Confirmed  *Classification       `json:"confirmed,omitempty"` // what counts
	Proposed   *Proposal             `json:"proposed,omitempty"`
	Withdrawal *Withdrawal           `json:"withdrawal,omitempty"`
	Refusal    *Refusal              `json:"refusal,omitempty"`   // of the last proposal
	Withdrawn  []WithdrawnContent    `json:"withdrawn,omitempty"` // statements of this place that two officials withdrew
	Acts       []relief.HistoryEntry `json:"acts"`
}

// Record records what a statement says, or classifies the entries of a recorded one in another way, for another official to
// confirm. account and region are those of a tranche of the account. existing is the record that the statement has, nil for none.
func Record(account string, region relief.Region, c Content, of Classification, existing *Statement, actor relief.Actor) (Statement, bool, error) {
	s := Statement{ID: relief.NewStatementID(account, c.BankID, c.Number, c.Day), Account: account, Region: region, Content: c, State: New}
	if err := relief.RequireRegion(actor.By, region); err != nil {
		return s, false, err
	}
	if err := c.check(); err != nil {
		return s, false, err
	}
	if err := of.Check(&c); err != nil {
		return s, false, err
	}
	p := &Proposal{Classification: of}
	var err error
	if p.SHA256, err = c.digest(&of); err != nil {
		return s, false, err
	}
	if existing != nil {
		again, err := existing.recordAgain(&s, p, actor)
		if err != nil || again {
			return *existing, false, err
		}
	}
	if s.State, err = relief.Next(Transitions, s.State, relief.ActStatementRecord); err != nil {
		return s, false, err
	}
	p.Act = len(s.Acts)
	s.Proposed, s.Refusal = p, nil
	s, err = s.act(relief.ActStatementRecord, actor)
	return s, err == nil, err
}

// recordAgain prepares the record s that takes the place of an existing one, and reports whether there is nothing to change.
func (s *Statement) recordAgain(next *Statement, p *Proposal, actor relief.Actor) (again bool, err error) {
	switch {
	case s.State == Withdrawn:
		next.Withdrawn, next.State, next.Acts = s.Withdrawn, s.State, s.Acts
		return false, nil
	case s.Content != next.Content:
		e := relief.Errorf(relief.CodeConflict, "statement %s is recorded with other content: withdraw it first", s.ID)
		e.Field = "sha256"
		return false, e
	case s.Withdrawal != nil:
		return false, relief.Errorf(relief.CodePending, "it is proposed to withdraw statement %s: confirm or refuse that first", s.ID)
	case s.Proposed != nil && s.Proposed.SHA256 == p.SHA256 && relief.SameOfficial(s.Acts[s.Proposed.Act].By, actor.By):
		return true, nil
	case s.Proposed == nil && s.Confirmed != nil && s.confirms(p):
		return true, nil
	}
	region := s.Region
	*next = *s
	next.Region = region
	return false, nil
}

// confirms reports whether what a proposal says is confirmed already.
func (s *Statement) confirms(p *Proposal) bool {
	digest, err := s.digest(s.Confirmed)
	return err == nil && digest == p.SHA256
}

func (c *Content) check() error {
	switch {
	case c.Day == "":
		return relief.FieldErrorf("day", "the statement's day is missing")
	case !form.IsSHA256(c.SHA256):
		return relief.FieldErrorf("sha256", "sha256 is the SHA-256 of the statement in 64 hexadecimal digits in small letters")
	case !bounded(c.Opening) || !bounded(c.Closing):
		return relief.FieldErrorf("closing", "a balance has at most 13 digits before the point")
	}
	return relief.CheckText("bank_id", c.BankID, 1, maxBankID)
}

func bounded(b relief.Balance) bool {
	return b <= relief.Balance(relief.MaxFen) && b >= -relief.Balance(relief.MaxFen)
}

// Check holds a classification against the statement: payments and entries lead from its opening to its closing balance.
func (k *Classification) Check(c *Content) error {
	if len(k.Entries) > MaxEntries {
		return relief.FieldErrorf("entries", "a statement has at most %d entries that are no payments", MaxEntries)
	}
	if k.Paid.Count < 0 || k.PaidBack.Count < 0 || k.Paid.Count == 0 && k.Paid.Sum != 0 || k.PaidBack.Count == 0 && k.PaidBack.Sum != 0 {
		return relief.FieldErrorf("paid", "what is paid has a number of transfers and their sum")
	}
	balance, err := relief.Fen(c.Opening).Sub(k.Paid.Sum)
	if err == nil {
		balance, err = balance.Add(k.PaidBack.Sum)
	}
	names := make([]string, 0, len(k.Entries))
	for i := range k.Entries {
		e := &k.Entries[i]
		if err := e.check(); err != nil {
			return err
		}
		names = append(names, e.Name)
		if err == nil {
			balance, err = balance.Add(relief.Fen(e.Amount))
		}
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(k.Entries) {
		return relief.FieldErrorf("entries", "an entry is named twice")
	}
	if err != nil || relief.Balance(balance) != c.Closing {
		return relief.FieldErrorf("entries", "payments and entries lead to %s and not to the closing balance %s", balance, c.Closing)
	}
	return nil
}

func (e *Entry) check() error {
	if err := relief.CheckText("name", e.Name, 1, maxName); err != nil {
		return err
	}
	if err := relief.CheckText("rule", e.Rule, 0, maxName); err != nil {
		return err
	}
	ref, err := hex.DecodeString(e.Ref)
	switch {
	case e.Amount == 0 || !bounded(e.Amount):
		return relief.FieldErrorf("amount", "an entry's amount is not 0.00")
	case e.Ref != "" && (err != nil || len(ref) != refBytes || hex.EncodeToString(ref) != e.Ref):
		return relief.FieldErrorf("ref_sha256_128", "the hash of the bank's reference is 32 hexadecimal digits in small letters")
	case e.Kind != "" && !slices.Contains(Kinds, e.Kind):
		return relief.FieldErrorf("kind", "the kind must be one of %s", kindNames)
	case e.Kind == "" && e.Rule != "":
		return relief.FieldErrorf("rule", "a rule says of what kind an entry is")
	case e.Kind == Recovery && (e.Ref == "" || e.Amount < 0):
		return relief.FieldErrorf("kind", "a recovery is money that came in, with the bank's reference")
	}
	return nil
}

var kindNames = strings.Join(func() (names []string) {
	for _, k := range Kinds {
		names = append(names, string(k))
	}
	return names
}(), ", ")

// digest is the SHA-256 of what is confirmed: the statement, and what its entries are.
func (c *Content) digest(of *Classification) (string, error) {
	b, err := json.Marshal(struct {
		*Content
		*Classification
	}{c, of})
	if err != nil {
		return "", relief.Errorf(relief.CodeInvalid, "the statement cannot be written")
	}
	sum := sha256.Sum256(append([]byte("relieftrail/statement/v1\n"), b...))
	return hex.EncodeToString(sum[:]), nil
}

// Entry is a copy of the entry with a name, as it is classified last; false when the statement has none, was refused or withdrawn.
func (s *Statement) Entry(name string) (Entry, bool) {
	of := s.Confirmed
	if s.Proposed != nil {
		of = &s.Proposed.Classification
	}
	if of == nil {
		return Entry{}, false
	}
	at := slices.IndexFunc(of.Entries, func(e Entry) bool { return e.Name == name })
	if at < 0 {
		return Entry{}, false
	}
	return of.Entries[at], true
}

func (s Statement) act(act relief.Act, actor relief.Actor) (Statement, error) {
	if err := actor.Follows(s.Acts); err != nil {
		return s, err
	}
	s.Acts = append(slices.Clip(s.Acts), actor.Entry(act))
	return s, nil
}
