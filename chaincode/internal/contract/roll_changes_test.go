// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// both is civilPreparer with the role of an approver.
var both = fakeledger.Official(fakeledger.CivilAffairs, "civil-preparer", "approver", county)

// newCard proposes for person n the card of person n + 100.
func newCard(n int) obj {
	return obj{
		"programme": "dibao", "subject": ref(n).String(), "name_tag": payeeOf(n).Name, "account_tag": payeeOf(n + 100).Account,
		"evidence_sha256": digest("passbook"),
	}
}

// card is the transient map of new details: those of the people.
func card(people ...int) transient {
	var persons [][]byte
	for _, n := range people {
		persons = append(persons, person(n))
	}
	return transient{wire.TransientPersons: roll.AppendDetails(nil, persons)}
}

// detailsHeld are a person's details as the ledger gives them to a member of the collection.
func (w *world) detailsHeld(n int) []byte {
	w.t.Helper()
	got, err := w.Evaluate(fakeledger.Finance, financePreparer, "roll:Details", args(obj{"programme": "dibao", "subject": ref(n).String()}), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return detailsOf(got)
}

// changeKept reports whether the collection has the details of a change.
func (w *world) changeKept(change obj) bool {
	key := relief.ChangeKey(relief.ChangeID(change["id"].(string))).String()
	return w.GetPrivate(fakeledger.Finance, relief.DetailsCollection, key) != nil
}

// One official proposes another card, another confirms it: the roll then has its tag as the next version, and the details
// are the new ones. An import with the new card changes nothing, as before.
func TestAnotherCardByTwo(t *testing.T) {
	w := county5(t)
	c := w.do(civilPreparer, "roll:ChangePayee", newCard(1), card(101))
	w.want(c, fmt.Sprintf("dibao-%s-%07d-c1", county, first+1), "id")
	w.want(c, "proposed", "state")
	w.want(c, "1", "base_version")
	w.unchanged(civilPreparer, "roll:ChangePayee", newCard(1), card(101))
	w.refused(relief.CodePending, civilPreparer, "roll:ChangePayee", newCard(1), card(102))
	w.refused(relief.CodePending, civilPreparer, "roll:Exit", obj{"programme": "dibao", "subject": ref(1).String(), "reason": "moved", "last_period": period})
	if p := w.payees(0); p.Version(1) != 1 || p.Payee(1) != payeeOf(1) {
		t.Errorf("proposed, and the roll has version %d: %v", p.Version(1), p.Payee(1))
	}
	w.has(1)

	w.refused(relief.CodeForbidden, civilPreparer, "roll:ConfirmChange", agreed(c))
	w.refused(relief.CodeSamePerson, both, "roll:ConfirmChange", agreed(c))
	w.refused(relief.CodeRegion, approverAway, "roll:ConfirmChange", agreed(c))
	w.refused(relief.CodeForbidden, financeApprover, "roll:ConfirmChange", agreed(c))
	other := agreed(c)
	other["sha256"] = digest("another change")
	if e := w.refused(relief.CodeConflict, civilApprover, "roll:ConfirmChange", other); e.Field != "sha256" {
		t.Errorf("another digest: %v", e)
	}
	w.want(w.do(civilApprover, "roll:ConfirmChange", agreed(c)), "confirmed", "state")
	w.unchanged(civilApprover, "roll:ConfirmChange", agreed(c))
	w.unchanged(civilPreparer, "roll:ChangePayee", newCard(1), card(101))
	w.refused(relief.CodeWrongState, chief, "roll:ConfirmChange", agreed(c))
	w.refused(relief.CodeWrongState, civilPreparer, "roll:WithdrawChange", obj{"change": c["id"]})

	if p := w.payees(0); p.Version(1) != 2 || p.Payee(1).Account != payeeOf(101).Account || p.Payee(2) != payeeOf(2) {
		t.Errorf("payee of version %d: %v", p.Version(1), p.Payee(1))
	}
	if !bytes.Equal(w.detailsHeld(1), person(101)) {
		t.Error("the details are not the new ones")
	}
	w.has(0)
	w.has(2)
	r := w.chunk(w.imports(rollInput("dibao", 0), rollChunk(1, 1)), 0, 0)
	if fmt.Sprint(r) != "[1 not-as-proposed]" {
		t.Errorf("the old card by an import: %v", r)
	}

	second := newCard(1)
	second["account_tag"] = payeeOf(201).Account
	d := w.do(township, "roll:ChangePayee", second, card(201))
	w.want(d, fmt.Sprintf("dibao-%s-%07d-c2", county, first+1), "id")
	w.do(civilApprover, "roll:ConfirmChange", agreed(d))
	if w.changeKept(c) || !w.changeKept(d) || !bytes.Equal(w.detailsHeld(1), person(201)) {
		t.Error("the details of the first change are kept, or those of the second are not")
	}
	w.want(w.ask(auditReader, "roll:GetChange", obj{"change": c["id"]}), "confirmed", "state")
	w.want(w.ask(auditReader, "roll:ListChanges", obj{"state": "confirmed", "kind": "payee", "region": county + "001"}), "2", "items", 1, "base_version")
}

// The old number goes with no trace once the household comes back with details of its own, or is erased.
func TestDetailsOfAChangeAreErased(t *testing.T) {
	w := county5(t)
	c := w.do(civilPreparer, "roll:ChangePayee", newCard(1), card(101))
	w.confirmed(civilPreparer, c)
	w.left(1)
	d := w.do(civilPreparer, "roll:ChangePayee", newCardOf(1, 201), card(201))
	w.refused(relief.CodePending, civilPreparer, "person:ProposeErasure", eraseInput(1))
	w.do(township, "roll:WithdrawChange", obj{"change": d["id"]})
	if w.changeKept(d) {
		t.Error("a withdrawn change has left its details")
	}
	w.erased(chief, 1)
	if w.changeKept(c) || w.keptAt(fakeledger.Finance, 1) {
		t.Error("the erasure has left details")
	}
	for _, change := range []obj{c, d} {
		if left := w.ask(auditReader, "roll:GetChange", obj{"change": change["id"]}); at(left, "account_tag") != nil || at(left, "name_tag") != nil {
			t.Errorf("the erasure has left the tags of %v", change["id"])
		}
	}
	w.unchanged(provincePreparer, "person:ProposeErasure", eraseInput(1))
	e := w.refused(relief.CodeWrongState, civilPreparer, "roll:ChangePayee", newCard(1), card(101))
	if !strings.Contains(e.Detail, "erased") {
		t.Errorf("a card for somebody who was erased: %v", e)
	}

	c = w.do(civilPreparer, "roll:ChangePayee", newCard(2), card(102))
	w.confirmed(civilPreparer, c)
	w.left(2)
	back := rollInput("dibao", 0)
	back["from"] = "2027-01"
	w.chunk(w.imports(back, rollChunk(2, 1)), 1, 0)
	if w.changeKept(c) || !bytes.Equal(w.detailsHeld(2), person(2)) {
		t.Error("the details of the change are kept beside later ones")
	}
}

func newCardOf(n, other int) obj {
	c := newCard(n)
	c["account_tag"] = payeeOf(other).Account
	return c
}

// A refused or withdrawn proposal leaves the entry as it was, and nothing private.
func TestChangesThatDoNotTakeEffect(t *testing.T) {
	w := county5(t)
	c := w.do(civilPreparer, "roll:ChangePayee", newCard(1), card(101))
	refusal := obj{"change": c["id"], "sha256": c["sha256"], "agree": false}
	w.refused(relief.CodeInvalid, civilApprover, "roll:ConfirmChange", refusal)
	refusal["reason"] = "凭证不清"
	w.refused(relief.CodeSamePerson, both, "roll:ConfirmChange", refusal)
	w.want(w.do(civilApprover, "roll:ConfirmChange", refusal), "refused", "state")
	w.unchanged(civilApprover, "roll:ConfirmChange", refusal)
	d := w.do(civilPreparer, "roll:ChangePayee", newCard(1), card(101)) // again, with a better copy
	w.want(d, fmt.Sprintf("dibao-%s-%07d-c2", county, first+1), "id")
	w.want(w.do(civilPreparer, "roll:WithdrawChange", obj{"change": d["id"]}), "withdrawn", "state")
	w.unchanged(civilPreparer, "roll:WithdrawChange", obj{"change": d["id"]})
	w.refused(relief.CodeWrongState, civilApprover, "roll:ConfirmChange", agreed(d))
	for _, change := range []obj{c, d} {
		if w.changeKept(change) {
			t.Errorf("%v has left its details", change["id"])
		}
	}
	if p := w.payees(0); p.Version(1) != 1 || p.Payee(1) != payeeOf(1) {
		t.Errorf("payee of version %d: %v", p.Version(1), p.Payee(1))
	}
	w.has(1)
}

// What a payee's change needs is refused by its field.
func TestBadChanges(t *testing.T) {
	w := county5(t)
	for _, c := range []struct {
		field string
		value any
		named string
	}{
		{"evidence_sha256", "", "evidence_sha256"}, {"evidence_sha256", "ab", "evidence_sha256"}, {"name_tag", "", "name_tag"},
		{"account_tag", "", "account_tag"}, {"account_tag", "6222021234567890123", ""}, {"account_tag", payeeOf(1).Account, "account"},
		{"reason", strings.Repeat("因", 201), "reason"}, {"subject", "", "subject"}, {"kind", "payee", "kind"},
	} {
		in := newCard(1)
		in[c.field] = c.value
		if e := w.refused(relief.CodeInvalid, civilPreparer, "roll:ChangePayee", in, card(101)); e.Field != c.named {
			t.Errorf("%s %v: field %q", c.field, c.value, e.Field)
		}
	}
	w.refused(relief.CodeInvalid, civilPreparer, "roll:ChangePayee", newCard(1))
	w.refused(relief.CodeNotFound, civilPreparer, "roll:ChangePayee", newCard(99), card(101))
	w.refused(relief.CodeRegion, civilElsewhere, "roll:ChangePayee", newCard(1), card(101))
	w.refused(relief.CodeForbidden, village, "roll:ChangePayee", newCard(1), card(101))
	w.refused(relief.CodeForbidden, civilApprover, "roll:ChangePayee", newCard(1), card(101))
	w.refused(relief.CodeNotFound, civilApprover, "roll:ConfirmChange", obj{"change": "dibao-530181-0000001-c9", "sha256": digest("x"), "agree": true})
	w.refused(relief.CodeInvalid, civilApprover, "roll:ConfirmChange", obj{"change": "dibao-1-c9", "sha256": digest("x"), "agree": true})
}

// While a payment is listed, sealed, approved, authorised or instructed its payee stays; the refusal names the period.
// After the bank's answer the change is confirmed, and a returned payment is paid again to the new card.
func TestACardChangesBetweenPayments(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	c := w.do(civilPreparer, "roll:ChangePayee", newCard(1), card(101))
	id := obj{"id": "b1"}
	waits := func(state string) {
		t.Helper()
		if e := w.refused(relief.CodePending, civilApprover, "roll:ConfirmChange", agreed(c)); !strings.Contains(e.Detail, period) {
			t.Errorf("%s: %v", state, e)
		}
	}
	waits("listed")
	w.do(civilPreparer, "payment:Seal", id)
	waits("sealed")
	w.do(civilApprover, "payment:Approve", id)
	waits("approved")
	w.do(financeApprover, "payment:Authorise", w.filed("b1"))
	waits("authorised")
	w.do(financePreparer, "payment:Instruct", id)
	waits("instructed")
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(settlement(first+1, 1, payment.OutcomeReturned, 62000)))
	w.do(civilApprover, "roll:ConfirmChange", agreed(c))

	again := batchInput("b2", "dibao", "t1", 1, 62000)
	again["purpose"] = "pay_again"
	w.do(civilPreparer, "payment:Open", again)
	old, renewed := lineOf(first+1, 1, county+"001", 62000), lineOf(first+1, 1, county+"001", 62000)
	renewed.Payee = checkOf(roll.Payee{Name: payeeOf(1).Name, Account: payeeOf(101).Account})
	if r := w.chunk(w.unchanged(civilPreparer, "payment:AddLines", obj{"batch": "b2"}, linesOf(old)), 0, 0); fmt.Sprint(r) != "[1 account-differs]" {
		t.Errorf("the old card: %v", r)
	}
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "b2"}, linesOf(renewed)), 1, 0)
	d := w.do(civilPreparer, "roll:ChangePayee", newCardOf(1, 201), card(201))
	w.refused(relief.CodePending, civilApprover, "roll:ConfirmChange", agreed(d))
	w.do(civilPreparer, "payment:Cancel", obj{"id": "b2", "reason": "for a test"})
	w.do(civilApprover, "roll:ConfirmChange", agreed(d))
}

// samePayee proposes other details of person n, whose name and account stay.
func samePayee(n int, corrects ...string) obj {
	c, which := newCardOf(n, n), obj{}
	for _, field := range corrects {
		which[field] = true
	}
	c["corrects"] = which
	return c
}

// What is kept of a person beside name and account is corrected by two. A payment on its way keeps another bank waiting, and no
// telephone or household number.
func TestDetailsAreCorrectedAlone(t *testing.T) {
	w := county5(t)
	w.refused(relief.CodeInvalid, civilPreparer, "roll:ChangePayee", samePayee(1), card(101))
	w.listed("b1")
	w.do(civilPreparer, "payment:Seal", obj{"id": "b1"})
	c := w.do(civilPreparer, "roll:ChangePayee", samePayee(1, "phone", "household_no"), card(101))
	w.unchanged(civilPreparer, "roll:ChangePayee", samePayee(1, "phone", "household_no"), card(101))
	w.want(c, "true", "corrects", "phone")
	w.refused(relief.CodeSamePerson, both, "roll:ConfirmChange", agreed(c))
	w.do(civilApprover, "roll:ConfirmChange", agreed(c))
	w.unchanged(civilPreparer, "roll:ChangePayee", samePayee(1), card(101)) // once more, and nothing differs any more
	if p := w.payees(0); p.Version(1) != 2 || p.Payee(1) != payeeOf(1) || !bytes.Equal(w.detailsHeld(1), person(101)) {
		t.Errorf("payee of version %d: %v", p.Version(1), p.Payee(1))
	}
	w.do(civilApprover, "payment:Approve", obj{"id": "b1"}) // the list goes where it went

	d := w.do(township, "roll:ChangePayee", samePayee(1, "bank"), card(201))
	w.refused(relief.CodePending, civilApprover, "roll:ConfirmChange", agreed(d))
	d = w.do(township, "roll:ChangePayee", samePayee(2, "phone"), card(2))
	other := newCardOf(2, 202)
	other["corrects"] = obj{"phone": true}
	w.do(township, "roll:WithdrawChange", obj{"change": d["id"]})
	e := w.do(township, "roll:ChangePayee", other, card(202))
	w.refused(relief.CodePending, civilApprover, "roll:ConfirmChange", agreed(e)) // another account in the guise of a telephone
}

// A change that was proposed of an entry as it was before is not confirmed of the entry as it is now.
func TestAnOldProposalIsNotConfirmed(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseInForce)
	of := obj{"programme": "dibao", "subject": ref(1).String(), "reason": "income", "last_period": "2026-12"}
	exit := w.do(township, "roll:Exit", of)
	w.do(civilPreparer, "case:Review", obj{"case": "c1", "finding": "change", "terms": obj{"class": "C", "persons": 1, "amount": "330.00"}})
	w.do(civilApprover, "case:Confirm", obj{"case": "c1", "agree": true})
	w.refused(relief.CodeConflict, civilApprover, "roll:ConfirmChange", agreed(exit))
	w.do(civilApprover, "roll:ConfirmChange", obj{"change": exit["id"], "sha256": exit["sha256"], "agree": false, "reason": "待遇已调整"})

	payee := w.do(township, "roll:ChangePayee", newCard(1), card(101))
	w.do(civilPreparer, "case:Review", obj{"case": "c1", "finding": "exit", "reason": "income"})
	w.do(civilApprover, "case:Confirm", obj{"case": "c1", "agree": true})
	w.do(civilApprover, "roll:ConfirmChange", agreed(payee)) // the payee is as it was
	if p := w.payees(0); p.Version(0) != 2 || !bytes.Equal(w.detailsHeld(1), person(101)) {
		t.Errorf("payee of version %d", p.Version(0))
	}
	w.do(township, "case:Appeal", obj{"case": "c1", "sha256": digest("a")})
	w.do(chief, "case:DecideAppeal", obj{"case": "c1", "upheld": false, "sha256": digest("r")})
	if !bytes.Equal(w.detailsHeld(1), person(101)) {
		t.Error("an appeal has brought the old card back")
	}
}

// A re-check takes no card, a change does: for granted households as for imported ones (the trail keeps both versions).
func TestAGrantedHouseholdsCard(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseInForce)
	other, sealed := reviewWith("c1", payeeOf(101), 101)
	w.refused(relief.CodeInvalid, civilPreparer, "case:Review", other, sealed)
	in, sealed := reviewWith("c1", payeeOf(1), 101)
	w.do(civilPreparer, "case:Review", in, sealed)
	w.do(civilApprover, "case:Confirm", obj{"case": "c1", "agree": true})
	if p := w.payees(0); p.Version(0) != 1 || p.Payee(0) != payeeOf(1) {
		t.Errorf("a re-check has changed the payee: version %d", p.Version(0))
	}
	w.has(1)
	w.confirmed(township, w.do(township, "roll:ChangePayee", newCard(1), card(101)))
	if p := w.payees(0); p.Version(0) != 2 || p.Payee(0).Account != payeeOf(101).Account || !bytes.Equal(w.detailsHeld(1), person(101)) {
		t.Errorf("payee of version %d: %v", p.Version(0), p.Payee(0))
	}
}

// An imported household is suspended and resumed like a granted one; the day of a death is kept of it, too.
func TestImportedHouseholds(t *testing.T) {
	w := county5(t)
	of := obj{"programme": "dibao", "subject": ref(1).String()}
	with := func(more obj) obj {
		for k, v := range of {
			more[k] = v
		}
		return more
	}
	w.refused(relief.CodeWrongState, civilPreparer, "roll:Resume", with(obj{"from": period}))
	w.refused(relief.CodeInvalid, civilPreparer, "roll:Suspend", with(obj{"from": "2026-09", "reason": "核查"}))
	c := w.do(civilPreparer, "roll:Suspend", with(obj{"from": period, "reason": "核查"}))
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 1, 62000))
	list := func() any {
		p, err := w.Endorse(civilPreparer, "payment:AddLines", args(obj{"batch": "b1"}), linesChunk(first+1, 1, 1, 62000))
		if err != nil {
			t.Fatal(err)
		}
		return at(w.object(p.Payload()), "refused", 0, "code")
	}
	if code := list(); code != nil {
		t.Errorf("proposed, and nothing is paid: %v", code)
	}
	w.confirmed(civilPreparer, c)
	if code := list(); code != "suspended" {
		t.Errorf("suspended: %v", code)
	}
	w.refused(relief.CodeWrongState, civilPreparer, "roll:Suspend", with(obj{"from": "2027-01", "reason": "再次核查"}))
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Resume", with(obj{"from": period})))
	if code := list(); code != nil {
		t.Errorf("resumed: %v", code)
	}
	c = w.do(township, "roll:Exit", with(obj{"reason": "death", "died_on": "2026-10-02"}))
	w.want(c, "2026-10", "last_period")
	w.unchanged(township, "roll:Exit", with(obj{"reason": "death", "died_on": "2026-10-02"}))
	w.confirmed(township, c)
	w.want(w.ask(auditReader, "roll:GetChange", obj{"change": c["id"]}), "2026-10-02", "died_on")
	w.want(w.ask(auditReader, "roll:Entry", of), "2026-10", "until")
	w.refused(relief.CodeWrongState, civilPreparer, "roll:Exit", with(obj{"reason": "moved", "last_period": period}))
}

// The one who confirms reads both cards, and who else is paid to the new one.
func TestWhoReadsThePayeesOfAChange(t *testing.T) {
	w := county5(t)
	c := w.do(civilPreparer, "roll:ChangePayee", newCardOf(1, 3), card(3))
	in := obj{"change": c["id"]}
	d := w.ask(civilApprover, "roll:ChangeDetails", in)
	w.want(d, fmt.Sprintf("[%d]", first+3), "same_account")
	w.want(d, "1", "old", "version")
	for _, by := range []struct {
		org  string
		id   *fakeledger.Identity
		code string
	}{
		{fakeledger.CivilAffairs, civilReader, "FORBIDDEN"}, {fakeledger.Audit, auditReader, "FORBIDDEN"},
		{fakeledger.Finance, civilApprover, "FORBIDDEN"}, {fakeledger.CivilAffairs, approverAway, "REGION"},
	} {
		if _, err := w.Evaluate(by.org, by.id, "roll:ChangeDetails", args(in), nil); err == nil || !strings.Contains(err.Error(), by.code) {
			t.Errorf("%s at %s: %v", by.id.Name(), by.org, err)
		}
	}
	w.confirmed(civilPreparer, c)
	d = w.ask(civilApprover, "roll:ChangeDetails", in)
	if at(d, "old") != nil || at(d, "new") == nil {
		t.Errorf("after the confirmation: %v", d)
	}
	exit := w.do(civilPreparer, "roll:Exit", obj{"programme": "dibao", "subject": ref(2).String(), "reason": "moved", "last_period": period})
	if _, err := w.Evaluate(fakeledger.CivilAffairs, civilApprover, "roll:ChangeDetails", args(obj{"change": exit["id"]}), nil); err == nil || !strings.Contains(err.Error(), "NOT_FOUND") {
		t.Errorf("the payees of an exit: %v", err)
	}
}
