package bankdesk

import (
	"context"
	"errors"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/internal/boltstore"
)

// takeWithdrawals learns from the ledger which statements of an account two officials withdrew. What such a statement said does
// not count any more, its open exceptions are resolved, and its place is free for the corrected one.
func (d *Desk) takeWithdrawals(ctx context.Context, signer, account string) error {
	var lines []StatementLine
	err := d.store.View(func(tx *boltstore.Tx) (err error) {
		lines, err = statementsOf(tx, account)
		return err
	})
	if err != nil {
		return err
	}
	for _, s := range pagesTogether(lines) {
		c := s.content()
		id := relief.NewStatementID(account, c.BankID, c.Number, c.Day)
		on, err := ask(ctx, d, signer, api.StatementGet, api.StatementInput{ID: id})
		if errors.Is(err, &relief.Error{Code: relief.CodeNotFound}) {
			continue
		}
		if err != nil {
			return err
		}
		if !slices.Contains(on.Withdrawn, c.SHA256) && (on.State != statement.Withdrawn || on.SHA256 != c.SHA256) {
			continue
		}
		if err := d.withdraw(&s); err != nil {
			return err
		}
	}
	return nil
}

// withdraw marks the pages of a statement as withdrawn.
func (d *Desk) withdraw(s *bankStatement) error {
	return d.store.Update(func(tx *boltstore.Tx) error {
		for i := range s.pages {
			p := &s.pages[i]
			m, found, err := bucketMessages.Get(tx, p.Message)
			if err != nil || !found {
				return errors.Join(err, ErrNotFound)
			}
			m.Statements[p.place-1].Withdrawn = true
			if err := errors.Join(putMessage(tx, &m), bucketWithdrawn.Put(tx, statementTotalsKey(m.ID, p.place), []byte{1})); err != nil {
				return err
			}
			if err := d.resolveWithdrawn(tx, p); err != nil {
				return err
			}
		}
		return nil
	})
}

// resolveWithdrawn resolves the exceptions of a page that are open.
func (d *Desk) resolveWithdrawn(tx *boltstore.Tx, page *StatementLine) error {
	var open []Exception
	for c := bucketExceptions.Prefix(tx, page.Message+"-"); c.Next(); {
		x, err := c.Value()
		if err != nil {
			return err
		}
		if x.State == StateOpen && x.Place == page.place {
			open = append(open, x)
		}
	}
	for i := range open {
		open[i].State, open[i].Resolution = StateResolved, &Resolution{Action: ActionWithdrawn, At: d.options.Now().UTC()}
		if err := putException(tx, &open[i]); err != nil {
			return err
		}
	}
	return nil
}

// withdrawnStatement reports whether the statement at a place of a message was withdrawn.
func withdrawnStatement(tx *boltstore.Tx, message string, place int) bool {
	return bucketWithdrawn.Has(tx, statementTotalsKey(message, place))
}
