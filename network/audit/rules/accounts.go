package rules

import (
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// account checks the declaration of a shared account: its acts are in the name of the transaction's signer, and nobody confirms
// what they proposed.
func (e *txChanges) account(r Record) {
	a, ok := unpack[roll.SharedAccount](e, r)
	if !ok {
		return
	}
	name := "shared account " + string(a.ID)
	if relief.AccountKey(a.ID).String() != r.Name || len(a.Acts) == 0 {
		e.report(BadRecord, "%s is not what its key says", KeyName(r.Name))
		return
	}
	var before roll.SharedAccount
	if b := e.Segments[r.Name]; b != nil {
		if err := json.Unmarshal(b, &before); err != nil {
			return // reported when it was written
		}
		if before.AccountTerms != a.AccountTerms || before.SHA256 != a.SHA256 {
			e.report(BadRecord, "%s has other terms than when it was proposed", name)
		}
	}
	e.newActs(name, before.Acts, a.Acts)
	for _, act := range a.Acts[1:] {
		if act.Act == relief.ActRollConfirmAccount && relief.SameOfficial(act.By, a.Acts[0].By) {
			e.report(BadRecord, "%s: %s of %s confirms what the same official proposed", name, act.By.Name, act.By.Agency)
		}
	}
	e.Segments[r.Name] = r.Value
}

// declared keeps which accounts are declared. Each names a declaration in force, which the same transaction wrote.
func (e *txChanges) declared(r Record) {
	if r.Value == nil {
		delete(e.Segments, r.Name)
		return
	}
	d, ok := unpack[roll.DeclaredAccount](e, r)
	if !ok {
		return
	}
	var a roll.SharedAccount
	err := json.Unmarshal(e.Segments[relief.AccountKey(d.ID).String()], &a)
	if in := a.Declared(); err != nil || in == nil || *in != *d || relief.DeclaredKey(d.Account).String() != r.Name {
		e.report(BadRecord, "%s is declared by no declaration in force", KeyName(r.Name))
	}
	e.Segments[r.Name] = r.Value
}

// sharedAccounts checks that a batch that is sealed pays several people to declared accounts only.
func (e *txChanges) sharedAccounts(name string, b *payment.Batch, act relief.Act) {
	if act != relief.ActPaymentSeal {
		return
	}
	var accounts payment.Accounts
	values, ok := e.heldBy(b)
	if !ok {
		return
	}
	for i := range values {
		v := &values[i]
		payees, err := roll.ParsePayees(e.Segments[relief.PayeesKey(b.Programme, b.Region.County(), v.Segment).String()])
		if err != nil {
			return // reported when it was written
		}
		accounts.Add(b, v.ValueAddr, v.Payments, payees)
	}
	shared := accounts.Shared()
	declared := make([]*roll.DeclaredAccount, len(shared))
	for i := range shared {
		value := e.Segments[relief.DeclaredKey(shared[i].Account).String()]
		if value == nil {
			continue
		}
		declared[i] = &roll.DeclaredAccount{}
		if err := json.Unmarshal(value, declared[i]); err != nil {
			return // reported when it was written
		}
	}
	if err := payment.RequireDeclared(b, shared, declared); err != nil {
		e.report(BadRecord, "%s: %v", name, err)
	}
}
