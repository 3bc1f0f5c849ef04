package bankdesk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/boltstore"
)

// RecordStatement names a statement of a message that is to be recorded on the ledger.
type RecordStatement struct {
	Message   string
	Statement int              // its place in the message, from 1
	Tranche   relief.TrancheID // one of the account; "" is the first that nobody allocated from another of the account
	Rest      statement.Kind   // what is in no entry, such as charges that the bank took with payments
}

// restName is the entry of what no entry of the statement explains.
const restName = "rest"

// ToRecord is what the ledger records of a statement: all of its pages, the payments in it, and every other entry with what it
// was classified as.
func (d *Desk) ToRecord(ctx context.Context, signer string, of RecordStatement) (in api.RecordStatementInput, err error) {
	m, err := d.Message(of.Message)
	if err != nil {
		return in, err
	}
	if !m.Kind.Statement() || m.State != Done || of.Statement < 1 || of.Statement > len(m.Statements) {
		return in, relief.FieldErrorf("statement", "该文件没有已处理的这份对账单 · the file has no such statement that is worked through")
	}
	s := &m.Statements[of.Statement-1]
	if s.Aside != NotAside || s.Repeated || s.Conflict || s.Withdrawn {
		return in, relief.FieldErrorf("statement", "该对账单不属于本账户、重复、冲突或已撤销 · "+
			"the statement is another account's, came before, differs from one that did, or was withdrawn")
	}
	if in.Tranche = of.Tranche; in.Tranche == "" {
		if in.Tranche, err = d.trancheOf(ctx, signer, s.Account); err != nil {
			return in, err
		}
	}
	return in, d.store.View(func(tx *boltstore.Tx) error { return fillStatement(tx, &in, of, s) })
}

// trancheOf is the first tranche of an account that was not allocated from another one of it.
func (d *Desk) trancheOf(ctx context.Context, signer, account string) (relief.TrancheID, error) {
	parents := map[relief.TrancheID]relief.TrancheID{}
	var ids []relief.TrancheID
	err := d.eachTranche(ctx, signer, func(t *fund.Tranche) {
		if t.Account == account {
			parents[t.ID] = t.Parent
			ids = append(ids, t.ID)
		}
	})
	if err != nil {
		return "", err
	}
	for _, id := range ids {
		if _, inside := parents[parents[id]]; !inside {
			return id, nil
		}
	}
	return "", relief.Errorf(relief.CodeNotFound, "没有使用该账户的资金 · no tranche has the account")
}

// fillStatement fills in what the desk keeps of a statement.
func fillStatement(tx *boltstore.Tx, in *api.RecordStatementInput, of RecordStatement, s *StatementRecord) error {
	lines, err := statementsOf(tx, s.Account)
	if err != nil {
		return err
	}
	whole := pageOf(lines, of.Message, of.Statement)
	switch {
	case whole == nil || !whole.whole():
		return relief.FieldErrorf("statement", "对账单缺页 · a page of the statement is missing")
	case whole.all.Opening == nil || whole.all.Closing == nil:
		return relief.FieldErrorf("statement", "对账单没有期初或期末余额 · the statement has no opening or closing balance")
	}
	in.Content = whole.content()
	in.Entries = []statement.Entry{}
	rest := in.Closing - in.Opening
	for i := range whole.pages {
		p := &whole.pages[i]
		totals, _, err := bucketStatements.Get(tx, statementTotalsKey(p.Message, p.place))
		if err != nil {
			return err
		}
		in.Paid.Count += totals.Paid.Count
		in.Paid.Sum += totals.Paid.Sum
		in.PaidBack.Count += totals.Returned.Count
		in.PaidBack.Sum += totals.Returned.Sum
		if err := addEntries(tx, &in.Classification, p); err != nil {
			return err
		}
	}
	rest += bankfile.Balance(in.Paid.Sum) - bankfile.Balance(in.PaidBack.Sum)
	for i := range in.Entries {
		rest -= in.Entries[i].Amount
	}
	if rest != 0 {
		in.Entries = append(in.Entries, statement.Entry{Name: restName, Amount: rest, Kind: of.Rest})
	}
	return nil
}

// pageOf is the statement that a page belongs to.
func pageOf(lines []StatementLine, message string, place int) *bankStatement {
	for _, s := range pagesTogether(lines) {
		if slices.ContainsFunc(s.pages, func(p StatementLine) bool { return p.Message == message && p.place == place }) {
			return &s
		}
	}
	return nil
}

// content is what the ledger has of a statement. The hash of one in pages is that of their hashes.
func (s *bankStatement) content() statement.Content {
	c := statement.Content{BankID: s.all.ID, Number: s.all.Sequence, Day: relief.Day(s.all.Day), SHA256: s.pages[0].digest}
	if s.all.Opening != nil && s.all.Closing != nil {
		c.Opening, c.Closing = *s.all.Opening, *s.all.Closing
	}
	if len(s.pages) > 1 {
		h := sha256.New()
		for i := range s.pages {
			h.Write([]byte(s.pages[i].digest + "\n"))
		}
		c.SHA256 = hex.EncodeToString(h.Sum(nil))
	}
	return c
}

// addEntries adds the entries of a page that were recorded as no payment's result.
func addEntries(tx *boltstore.Tx, of *statement.Classification, page *StatementLine) error {
	for c := bucketExceptions.Prefix(tx, page.Message+"-"); c.Next(); {
		x, err := c.Value()
		if err != nil {
			return err
		}
		if x.Place != page.place || x.Booked == nil || *x.Booked == 0 || x.Resolution != nil && x.Resolution.Job != "" {
			continue
		}
		e := statement.Entry{Name: x.ID, Amount: *x.Booked, BookedOn: relief.Day(x.Date), Ref: x.Ref}
		if r := x.Resolution; r != nil && r.Action == ActionClassify {
			e.Kind, e.Rule = statement.Kind(r.As), r.Rule
		} else if r != nil && r.Action == ActionReverse {
			e.Kind = statement.Payment
		}
		of.Entries = append(of.Entries, e)
	}
	return nil
}

// statementsOf are the statements of an account that the desk has, as they came.
func statementsOf(tx *boltstore.Tx, account string) (lines []StatementLine, err error) {
	for c := bucketMessages.All(tx); c.Next(); {
		m, err := c.Value()
		if err != nil {
			return nil, err
		}
		for i := range m.Statements {
			s := &m.Statements[i]
			if m.Kind.Statement() && m.State == Done && s.Account == account && s.counts() {
				ties, _ := s.TiesOut()
				lines = append(lines, StatementLine{Message: m.ID, Statement: s.Statement, TiesOut: ties, place: i + 1, digest: s.Digest})
			}
		}
	}
	return lines, nil
}

// counts reports whether a statement is one of the account's: not of another, no repetition, and not withdrawn.
func (s *StatementRecord) counts() bool {
	return s.Aside == NotAside && !s.Repeated && !s.Conflict && !s.Withdrawn
}
