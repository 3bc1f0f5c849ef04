package statement

import (
	"cmp"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// Account says what balance a dedicated account should have by the ledger, and what the bank's statements say.
type Account struct {
	Account  string             `json:"account"`
	Tranches []relief.TrancheID `json:"tranches"` // that have the account, those allocated to children with the same one among them
	// Available, Reserved and InReturn are the tranches' sums: money that is on the account.
	Available  relief.Fen     `json:"available"`
	Reserved   relief.Fen     `json:"reserved"`
	InReturn   relief.Fen     `json:"in_return"`
	Classified []KindSum      `json:"classified"` // of confirmed entries, by kind
	Expected   relief.Balance `json:"expected"`
	// Closing is the last statement's balance, Difference what it has above Expected. Both are left out without a statement.
	Closing    *relief.Balance `json:"closing,omitempty"`
	Difference *relief.Balance `json:"difference,omitempty"`
	TiesOut    bool            `json:"ties_out"`     // no difference, by a statement that is confirmed
	Explained  []Explanation   `json:"explained_by"` // what could explain a difference
	Statements []Line          `json:"statements"`   // in the order of their days
}

// KindSum is the sum of the entries of a kind. Counted is what of it the account's expected balance has beside the tranches'
// sums.
type KindSum struct {
	Kind    Kind           `json:"kind"`
	Count   int            `json:"count"`
	Sum     relief.Balance `json:"sum"`
	Counted relief.Balance `json:"counted"`
}

// Explanation is something that would explain a part of a difference.
type Explanation struct {
	Code   string         `json:"code"`
	Count  int            `json:"count"`
	Amount relief.Balance `json:"amount"`
}

// The explanations.
const (
	Unclassified = "unclassified" // entries of which nobody has said what they are
	Unconfirmed  = "unconfirmed"  // entries that are classified, which nobody has confirmed
	InTransit    = "in-transit"   // what statements have of the treasury above what tranches were issued
)

// Line is a statement of an account. Difference is what its closing balance had above the expected balance of that time, by what
// is known now.
type Line struct {
	ID relief.StatementID `json:"id"`
	Content
	State      State          `json:"state"`
	Unclear    relief.Balance `json:"unclear"` // of its entries: not classified, or not confirmed
	Difference relief.Balance `json:"difference"`
}

// Reckon works out the balance that an account should have. tranches are those with the account, statements those of it, in any
// order; recovered says how much overpayments have recovered by the entry with a reference's hash.
func Reckon(account string, tranches []fund.Tranche, statements []Statement, recovered func(ref string) relief.Fen) Account {
	a := Account{Account: account, Tranches: []relief.TrancheID{}, Classified: []KindSum{}, Explained: []Explanation{}, Statements: []Line{}}
	var issued relief.Balance
	for i := range tranches {
		t := &tranches[i]
		a.Tranches = append(a.Tranches, t.ID)
		a.Available += t.Balances.Available
		a.Reserved += t.Balances.Reserved
		a.InReturn += t.Balances.InReturn
		issued += fromOutside(&t.Balances)
	}
	a.Expected = relief.Balance(a.Available + a.Reserved + a.InReturn)
	statements = slices.DeleteFunc(slices.Clone(statements), func(s Statement) bool { return s.State == Withdrawn })
	slices.SortFunc(statements, inOrder)
	taken := map[string]relief.Fen{} // of what was recovered, by entries with the same reference
	left := func(e *Entry) relief.Balance {
		part := min(relief.Fen(e.Amount), recovered(e.Ref)-taken[e.Ref])
		taken[e.Ref] += part
		return e.Amount - relief.Balance(part)
	}
	for i := range statements {
		a.add(&statements[i], left)
	}
	for i := range a.Classified {
		a.Expected += a.Classified[i].Counted
	}
	a.hold()
	a.transit(issued)
	return a
}

func inOrder(a, b Statement) int {
	return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Number, b.Number), cmp.Compare(a.BankID, b.BankID))
}

// fromOutside is what a tranche has from elsewhere, less what left it. Over the tranches of an account it is what came into the
// account and stayed: what they have from each other cancels out.
func fromOutside(b *fund.Balances) relief.Balance {
	return relief.Balance(b.Issued + b.ToppedUp - b.Allocated - b.Refunded - b.TakenBack - b.CarriedOver)
}

// add adds a statement and its entries. left is what of a recovery no overpayment has recovered.
func (a *Account) add(s *Statement, left func(*Entry) relief.Balance) {
	line := Line{ID: s.ID, Content: s.Content, State: s.State}
	entries := []Entry{}
	if s.Confirmed != nil {
		entries = s.Confirmed.Entries
	} else if s.Proposed != nil {
		entries = s.Proposed.Entries
	}
	for i := range entries {
		e := &entries[i]
		if s.Confirmed != nil && e.Kind != "" {
			a.classify(e, left)
			continue
		}
		line.Unclear += e.Amount
		if proposes(s.Proposed, e.Name) {
			a.explain(Unconfirmed, 1, e.Amount)
		} else {
			a.explain(Unclassified, 1, e.Amount)
		}
	}
	a.Statements = append(a.Statements, line)
	closing := s.Closing
	a.Closing = &closing
}

// proposes reports whether a proposal says what an entry is.
func proposes(p *Proposal, name string) bool {
	return p != nil && slices.ContainsFunc(p.Entries, func(e Entry) bool { return e.Name == name && e.Kind != "" })
}

// classify adds a confirmed entry to the sum of its kind.
func (a *Account) classify(e *Entry, left func(*Entry) relief.Balance) {
	at := slices.IndexFunc(a.Classified, func(k KindSum) bool { return k.Kind == e.Kind })
	if at < 0 {
		at = len(a.Classified)
		a.Classified = append(a.Classified, KindSum{Kind: e.Kind})
	}
	k := &a.Classified[at]
	k.Count++
	k.Sum += e.Amount
	switch e.Kind {
	case Treasury, Payment: // the tranches have it
	case Recovery:
		k.Counted += left(e)
	default:
		k.Counted += e.Amount
	}
}

func (a *Account) explain(code string, count int, amount relief.Balance) {
	at := slices.IndexFunc(a.Explained, func(x Explanation) bool { return x.Code == code })
	if at < 0 {
		at = len(a.Explained)
		a.Explained = append(a.Explained, Explanation{Code: code})
	}
	a.Explained[at].Count += count
	a.Explained[at].Amount += amount
}

// hold holds the statements' balances against the expected one, from the last back: a statement before another has a difference
// that is smaller by what the later one leaves unclear.
func (a *Account) hold() {
	if a.Closing == nil {
		return
	}
	difference := *a.Closing - a.Expected
	a.Difference, a.TiesOut = &difference, difference == 0 && a.Statements[len(a.Statements)-1].State == Confirmed
	of := difference
	for i := len(a.Statements) - 1; i >= 0; i-- {
		a.Statements[i].Difference = of
		of -= a.Statements[i].Unclear
	}
}

// transit says how far what statements have of the treasury is from what the tranches have from it.
func (a *Account) transit(issued relief.Balance) {
	for i := range a.Classified {
		k := &a.Classified[i]
		if k.Kind == Treasury && k.Sum != issued {
			a.explain(InTransit, k.Count, k.Sum-issued)
		}
	}
}
