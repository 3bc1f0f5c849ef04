// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/statement"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// statementContract holds the bank's statements of the dedicated accounts.
type statementContract struct{ contractapi.Contract }

// Record records a statement, or classifies its entries in another way.
func (*statementContract) Record(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.StatementRecord, recordStatement)
}

func recordStatement(w *work, in api.RecordStatementInput) (statement.Statement, error) {
	t, err := uow.Get[fund.Tranche](w.Work, relief.TrancheKey(in.Tranche))
	if err != nil {
		return statement.Statement{}, err
	}
	key := relief.StatementKey(relief.NewStatementID(t.Account, in.BankID, in.Number, in.Day))
	existing, err := uow.Find[statement.Statement](w.Work, key)
	if err != nil {
		return statement.Statement{}, err
	}
	out, changed, err := statement.Record(t.Account, t.Region, in.Content, in.Classification, existing, w.Actor)
	if err != nil {
		return out, err
	}
	return putIf(w, changed, key, out)
}

// Confirm confirms or refuses what a statement's entries are.
func (*statementContract) Confirm(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.StatementConfirm, func(w *work, in api.DecideStatementInput) (statement.Statement, error) {
		s, err := w.bankStatement(in.ID)
		if err != nil {
			return s, err
		}
		out, changed, err := statement.Confirm(s, in.Decision, w.Actor)
		if err != nil {
			return out, err
		}
		return putIf(w, changed, relief.StatementKey(in.ID), out)
	})
}

// Withdraw proposes to withdraw a statement.
func (*statementContract) Withdraw(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.StatementWithdraw, func(w *work, in api.WithdrawStatementInput) (statement.Statement, error) {
		s, err := w.bankStatement(in.ID)
		if err != nil {
			return s, err
		}
		out, changed, err := statement.Withdraw(s, in.Reason, w.Actor)
		if err != nil {
			return out, err
		}
		return putIf(w, changed, relief.StatementKey(in.ID), out)
	})
}

// ConfirmWithdrawal withdraws a statement, or refuses to.
func (*statementContract) ConfirmWithdrawal(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.StatementConfirmWithdrawal, func(w *work, in api.DecideStatementInput) (statement.Statement, error) {
		s, err := w.bankStatement(in.ID)
		if err != nil {
			return s, err
		}
		out, changed, err := statement.ConfirmWithdrawal(s, in.Decision, w.Actor)
		if err != nil {
			return out, err
		}
		return putIf(w, changed, relief.StatementKey(in.ID), out)
	})
}

// Get gives a statement.
func (*statementContract) Get(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.StatementGet, func(w *work, in api.StatementInput) (statement.Statement, error) {
		return w.bankStatement(in.ID)
	})
}

// List gives a page of statements.
func (*statementContract) List(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.StatementList, func(w *work, in api.PageInput) (api.Page[statement.Statement], error) {
		return uow.List(w.Work, relief.KindStatement, in, relief.ParseStatementID, all[statement.Statement])
	})
}

// Account reconciles the account of a tranche.
func (*statementContract) Account(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.StatementAccount, reconcileAccount)
}

func reconcileAccount(w *work, in api.TrancheInput) (api.AccountBalance, error) {
	t, err := uow.Get[fund.Tranche](w.Work, relief.TrancheKey(in.ID))
	if err != nil {
		return api.AccountBalance{}, err
	}
	tranches, err := listAll(w, relief.KindTranche, relief.ParseTrancheID, func(o *fund.Tranche) bool { return o.Account == t.Account })
	if err != nil {
		return api.AccountBalance{}, err
	}
	statements, err := listAll(w, relief.KindStatement, relief.ParseStatementID, func(s *statement.Statement) bool { return s.Account == t.Account })
	if err != nil {
		return api.AccountBalance{}, err
	}
	recovered, err := w.recoveredBy(statements)
	if err != nil {
		return api.AccountBalance{}, err
	}
	of := statement.Reckon(t.Account, tranches, statements, func(ref string) relief.Fen { return recovered[ref] })
	return api.AccountBalance{Account: of, Region: t.Region}, nil
}

// listAll lists all records of a kind that are kept. What cannot be read is an error: a sum without it would be wrong.
func listAll[T any, ID ~string](w *work, kind string, parse func(string) (ID, error), keep func(*T) bool) ([]T, error) {
	var found []T
	for next := (api.PageInput{Limit: api.MaxPage}); ; {
		page, err := uow.List(w.Work, kind, next, parse, keep)
		if err != nil {
			return nil, err
		}
		if len(page.Unreadable) > 0 {
			return nil, relief.Errorf(relief.CodeCorrupt, "record %s cannot be read", page.Unreadable[0])
		}
		found = append(found, page.Items...)
		if next.Cursor = page.Next; page.Next == "" {
			return found, nil
		}
	}
}

// recoveredBy is how much overpayments have recovered by the confirmed recoveries of statements, by the reference's hash.
func (w *work) recoveredBy(statements []statement.Statement) (map[string]relief.Fen, error) {
	sums := map[string]relief.Fen{}
	for i := range statements {
		of := statements[i].Confirmed
		if of == nil {
			continue
		}
		for k := range of.Entries {
			e := &of.Entries[k]
			if e.Kind != statement.Recovery {
				continue
			}
			taken, err := uow.Find[overpayment.RecoveredEntry](w.Work, relief.RecoveredKey(e.Ref))
			if err != nil {
				return nil, err
			}
			sums[e.Ref] = taken.Sum()
		}
	}
	return sums, nil
}

func (w *work) bankStatement(id relief.StatementID) (statement.Statement, error) {
	return uow.Get[statement.Statement](w.Work, relief.StatementKey(id))
}
