// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// DeclareAccount proposes that several people may be paid to one account.
func (*rollContract) DeclareAccount(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollDeclareAccount, declareAccount)
}

func declareAccount(w *work, in roll.AccountTerms) (roll.SharedAccount, error) {
	var none roll.SharedAccount
	if err := w.registered(in.County); err != nil {
		return none, err
	}
	existing, err := uow.Find[roll.SharedAccount](w.Work, relief.AccountKey(in.ID))
	if err != nil {
		return none, err
	}
	declared, err := w.declared(in.Account)
	if err != nil {
		return none, err
	}
	out, changed, err := roll.DeclareAccount(in, existing, declared[0], w.Actor)
	if err != nil {
		return none, err
	}
	return putIf(w, changed, relief.AccountKey(in.ID), out)
}

// ConfirmAccount puts a declaration in force, or refuses it.
func (*rollContract) ConfirmAccount(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollConfirmAccount, confirmAccount)
}

func confirmAccount(w *work, in roll.AccountDecision) (roll.SharedAccount, error) {
	a, err := uow.Get[roll.SharedAccount](w.Work, relief.AccountKey(in.ID))
	if err != nil {
		return a, err
	}
	declared, err := w.declared(a.Account)
	if err != nil {
		return a, err
	}
	out, changed, err := roll.ConfirmAccount(a, in, declared[0], w.Actor)
	if err != nil {
		return a, err
	}
	if _, err := putIf(w, changed && out.Declared() != nil, relief.DeclaredKey(a.Account), out.Declared()); err != nil {
		return a, err
	}
	return putIf(w, changed, relief.AccountKey(in.ID), out)
}

// EndAccount ends a declaration.
func (*rollContract) EndAccount(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollEndAccount, endAccount)
}

func endAccount(w *work, in api.EndAccountInput) (roll.SharedAccount, error) {
	a, err := uow.Get[roll.SharedAccount](w.Work, relief.AccountKey(in.ID))
	if err != nil {
		return a, err
	}
	out, changed, err := roll.EndAccount(a, in.Reason, w.Actor)
	if err != nil || !changed {
		return a, err
	}
	if err := w.Delete(relief.DeclaredKey(a.Account)); err != nil {
		return a, err
	}
	return putIf(w, true, relief.AccountKey(in.ID), out)
}

// SharedAccounts says which of some accounts are declared.
func (*rollContract) SharedAccounts(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollSharedAccounts, sharedAccounts)
}

func sharedAccounts(w *work, in api.TagsInput) (api.DeclaredAccounts, error) {
	out := api.DeclaredAccounts{Accounts: []roll.DeclaredAccount{}}
	if len(in.Tags) < 1 || len(in.Tags) > api.MaxTags {
		return out, relief.FieldErrorf("tags", "there are 1 to %d tags", api.MaxTags)
	}
	declared, err := w.declared(in.Tags...)
	if err != nil {
		return out, err
	}
	for _, d := range declared {
		if d != nil {
			out.Accounts = append(out.Accounts, *d)
		}
	}
	return out, nil
}

// declared reads the declarations in force of accounts, in one message to the peer; nil for an account without one.
func (w *work) declared(accounts ...relief.Tag) ([]*roll.DeclaredAccount, error) {
	keys := make([]relief.Key, len(accounts))
	for i, tag := range accounts {
		keys[i] = relief.DeclaredKey(tag)
	}
	values, err := w.Values(keys...)
	if err != nil {
		return nil, err
	}
	out := make([]*roll.DeclaredAccount, len(accounts))
	for i, b := range values {
		if b == nil {
			continue
		}
		if out[i], err = uow.Parse[roll.DeclaredAccount](relief.KindDeclared, b); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// requireDeclared refuses, with SHARED_ACCOUNT, a batch that pays several people to an account that is not declared for them. It
// reads the declarations of shared accounts and no others.
func (w *work) requireDeclared(b *payment.Batch) error {
	values, err := w.readValues(b, b.Values())
	if err != nil {
		return err
	}
	payees, err := w.payeesIn(b, values)
	if err != nil {
		return err
	}
	var accounts payment.Accounts
	for i := range values {
		accounts.Add(b, values[i].ValueAddr, values[i].Payments, payees[values[i].Segment])
	}
	shared := accounts.Shared()
	tags := make([]relief.Tag, len(shared))
	for i := range shared {
		tags[i] = shared[i].Account
	}
	declared, err := w.declared(tags...)
	if err != nil {
		return err
	}
	return payment.RequireDeclared(b, shared, declared)
}
