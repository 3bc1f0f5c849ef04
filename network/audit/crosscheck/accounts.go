package crosscheck

import (
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// account checks the declaration of a shared account: its acts are in the name of the transaction's signer, and nobody confirms
// what they proposed.
func (e *txChanges) account(r record) {
	a, ok := unpack[roll.SharedAccount](e, r)
	if !ok {
		return
	}
	name := "shared account " + string(a.ID)
	if relief.AccountKey(a.ID).String() != r.name || len(a.Acts) == 0 {
		e.report(BadRecord, "%s is not what its key says", keyName(r.name))
		return
	}
	var before roll.SharedAccount
	if b := e.Segments[r.name]; b != nil {
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
	e.Segments[r.name] = r.value
}

// declared keeps which accounts are declared. Each names a declaration in force, which the same transaction wrote.
func (e *txChanges) declared(r record) {
	if r.value == nil {
		delete(e.Segments, r.name)
		return
	}
	d, ok := unpack[roll.DeclaredAccount](e, r)
	if !ok {
		return
	}
	var a roll.SharedAccount
	err := json.Unmarshal(e.Segments[relief.AccountKey(d.ID).String()], &a)
	if in := a.Declared(); err != nil || in == nil || *in != *d || relief.DeclaredKey(d.Account).String() != r.name {
		e.report(BadRecord, "%s is declared by no declaration in force", keyName(r.name))
	}
	e.Segments[r.name] = r.value
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
