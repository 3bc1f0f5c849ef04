// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// cardChanged is rollChunk of one person, whose details name another card.
func cardChanged(n int) transient {
	return transient{
		wire.TransientRoll: roll.AppendRoll(nil, []roll.Input{{
			Seq: 1, Ref: ref(n), Region: county + "001", Persons: 1, Class: 'A', Amount: 62000,
			Payee: roll.Payee{Name: payeeOf(n).Name, Account: payeeOf(n + 100).Account},
		}}),
		wire.TransientPersons: roll.AppendDetails(nil, [][]byte{person(n + 100)}),
	}
}

func (w *world) payees(segment uint32) roll.Payees {
	w.t.Helper()
	p, err := roll.ParsePayees(w.Get(relief.PayeesKey("dibao", county, segment).String()))
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// An import keeps the payee of each person beside the roll; another card for somebody on the roll is never "unchanged".
func TestTheRollHasItsPayees(t *testing.T) {
	w := county5(t)
	if p := w.payees(0); p.Len() != 4 || p.Payee(3) != payeeOf(3) || p.Version(3) != 1 {
		t.Errorf("payees: %d, %v version %d", p.Len(), p.Payee(3), p.Version(3))
	}
	r := w.chunk(w.imports(rollInput("dibao", 0), cardChanged(1)), 0, 0)
	if fmt.Sprint(r) != "[1 not-as-proposed]" {
		t.Errorf("another card for somebody on the roll: %v", r)
	}
	d := w.ask(civilPreparer, "roll:Details", obj{"programme": "dibao", "subject": ref(3).String()})
	w.want(d, payeeOf(3).Account.String(), "account_tag")
	w.want(d, payeeOf(3).Name.String(), "name_tag")
	w.want(d, "1", "version")
}

// A list with another name, another card, nine persons or another village is refused, each line with its column.
func TestAListNamesWhatTheRollHas(t *testing.T) {
	w := county5(t)
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 4, 4*62000))
	lines := make([]payment.LineInput, 4)
	for i := range lines {
		lines[i] = lineOf(first+i, i, county+"001", 62000)
		lines[i].Seq = uint32(i + 1)
	}
	lines[0].Payee = checkOf(roll.Payee{Name: payeeOf(9).Name, Account: payeeOf(0).Account})
	lines[1].Payee = checkOf(roll.Payee{Name: payeeOf(1).Name, Account: payeeOf(9).Account})
	lines[2].Persons = 9
	lines[3].Region = county + "006201"
	r := w.chunk(w.unchanged(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesOf(lines...)), 0, 0)
	if want := "[1 name-differs 2 account-differs 3 persons-differs 4 region-differs]"; fmt.Sprint(r) != want {
		t.Errorf("refused %v, want %s", r, want)
	}
}

// After both approvals one official takes a household off the roll and imports it again with another card: the import is
// refused until the bank has answered, and what was approved is paid.
func TestNobodyRedirectsAnApprovedPayment(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	id := obj{"id": "b1"}
	w.do(civilPreparer, "payment:Seal", id)
	w.do(civilApprover, "payment:Approve", id)
	w.do(financeApprover, "payment:Authorise", w.filed("b1"))
	before := w.Get(relief.PayeesKey("dibao", county, 0).String())
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(1).String(), "reason": "moved", "last_period": period})
	again := rollInput("dibao", 0)
	again["from"] = "2026-12"
	r := w.chunk(w.imports(again, cardChanged(1)), 0, 0)
	if fmt.Sprint(r) != "[1 payment-unanswered]" {
		t.Errorf("another card after the approvals: %v", r)
	}
	elsewhere := rollInput("dibao", 0)
	elsewhere["county"], elsewhere["from"] = "530129", "2026-12"
	r = w.chunk(w.imports(elsewhere, rollIn("530129001", 1)), 0, 0)
	if fmt.Sprint(r) != "[1 payment-unanswered]" {
		t.Errorf("another card by another county: %v", r)
	}
	if !slices.Equal(before, w.Get(relief.PayeesKey("dibao", county, 0).String())) {
		t.Error("the payees have changed")
	}
	w.has(1)
	w.do(financePreparer, "payment:Instruct", id)
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(settlement(first+1, 1, payment.OutcomeCredited, 62000)))
	w.chunk(w.imports(again, cardChanged(1)), 1, 0)
	if p := w.payees(0); p.Version(1) != 2 || p.Payee(1).Account != payeeOf(101).Account {
		t.Errorf("payee of version %d: %v", p.Version(1), p.Payee(1))
	}
}

// A payment that comes back is paid again to the card that the roll has then, and to no other.
func TestAReturnedPaymentGoesToTheNewCard(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	w.instructed("b1")
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(settlement(first+1, 1, payment.OutcomeReturned, 62000)))
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(1).String(), "reason": "moved", "last_period": "2026-10"})
	again := rollInput("dibao", 0)
	again["from"] = "2026-12"
	w.chunk(w.imports(again, cardChanged(1)), 1, 0)
	w.openFor("2026-12", batchInput("b2", "dibao", "t1", 1, 62000))
	old, renewed := lineOf(first+1, 1, county+"001", 62000), lineOf(first+1, 1, county+"001", 62000)
	renewed.Payee = checkOf(roll.Payee{Name: payeeOf(1).Name, Account: payeeOf(101).Account})
	if r := w.chunk(w.unchanged(civilPreparer, "payment:AddLines", obj{"batch": "b2"}, linesOf(old)), 0, 0); fmt.Sprint(r) != "[1 account-differs]" {
		t.Errorf("the old card: %v", r)
	}
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "b2"}, linesOf(renewed)), 1, 0)
}

// Tags go with an erasure.
func TestTagsAreErased(t *testing.T) {
	w := county5(t)
	w.left(2)
	w.erased(chief, 2)
	p := w.payees(0)
	if p.Payee(2) != (roll.Payee{}) || p.Version(2) != 1 || p.Payee(1) != payeeOf(1) {
		t.Errorf("after the erasure: %v version %d; beside it %v", p.Payee(2), p.Version(2), p.Payee(1))
	}
}

// An application, by whomever and wherever, changes neither the details nor the payee of a roll number: only a decision
// does.
func TestAnApplicationRedirectsNobody(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	id := obj{"id": "b1"}
	w.do(civilPreparer, "payment:Seal", id)
	w.do(civilApprover, "payment:Approve", id)
	w.do(financeApprover, "payment:Authorise", w.filed("b1"))
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(1).String(), "reason": "moved", "last_period": period})
	h := household("other-county", 1)
	h["region"], h["members"] = "530129001001", []string{ref(1).String()}
	h["name_tag"], h["account_tag"] = payeeOf(101).Name, payeeOf(101).Account
	w.do(civilElsewhere, "case:Apply", h, facts(101))
	w.has(1)
	if p := w.payees(0); p.Version(1) != 1 || p.Payee(1) != payeeOf(1) {
		t.Errorf("payee of version %d: %v", p.Version(1), p.Payee(1))
	}
	w.do(financePreparer, "payment:Instruct", id)
}

// A grant has the head paid by the details of the case, and the roll's payee is the application's.
func TestAGrantBringsItsPayee(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseInForce)
	if p := w.payees(0); p.Version(0) != 1 || p.Payee(0) != payeeOf(1) {
		t.Errorf("payee of version %d: %v", p.Version(0), p.Payee(0))
	}
	w.has(1)
}

// Another application of the same household leaves the facts of the first as they are. An erasure finds both.
func TestEachCaseKeepsItsOwn(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseWithdrawn)
	w.do(township, "case:Apply", household("c2", 1), facts(2))
	w.do(township, "case:Withdraw", obj{"case": "c2"})
	for id, n := range map[string]int{"c1": 1, "c2": 2} {
		got, err := w.Evaluate(fakeledger.CivilAffairs, civilPreparer, "case:Facts", args(obj{"case": id}), nil)
		if err != nil || !bytes.Contains(got, []byte(base64.StdEncoding.EncodeToString(sealedFactsOf(n)))) {
			t.Errorf("facts of %s: %s, %v", id, got, err)
		}
	}
	w.erased(provinceApprover, 1)
	for _, id := range []relief.CaseID{"c1", "c2"} {
		for _, key := range []relief.Key{relief.FactsKey(id, 0), relief.CaseDetailsKey(id)} {
			if w.GetPrivate(fakeledger.Finance, relief.DetailsCollection, key.String()) != nil {
				t.Errorf("%v is still there", key)
			}
		}
		c := w.ask(auditReader, "case:Get", obj{"case": string(id)})
		if at(c, "account_tag") != nil || at(c, "name_tag") != nil {
			t.Errorf("the tags of %s are still there", id)
		}
	}
	w.unchanged(provincePreparer, "person:ProposeErasure", eraseInput(1))
}
