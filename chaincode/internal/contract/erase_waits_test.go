// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

func holdInput(n int) obj {
	return obj{"subject": ref(n).String(), "reason": "audit", "evidence_sha256": digest("order of audit")}
}

// mistaken proposes the erasure of the nth person for a reason that does not wait for the retention.
func mistaken(n int) obj {
	return obj{"subject": ref(n).String(), "reason": "mistake", "evidence_sha256": digest("letter")}
}

// keptFactsAndDetails reports whether a case still has facts and its head's details.
func (w *world) keptFactsAndDetails(id relief.CaseID) bool {
	return w.GetPrivate(fakeledger.Finance, relief.DetailsCollection, relief.FactsKey(id, 0).String()) != nil &&
		w.GetPrivate(fakeledger.Finance, relief.DetailsCollection, relief.CaseDetailsKey(id).String()) != nil
}

// Nobody erases what an appeal is decided on: neither while it can be lodged nor while it is open, for whatever reason, at the
// proposal and at the confirmation.
func TestErasureWaitsForAppeals(t *testing.T) {
	for _, state := range casework.CaseStates {
		t.Run(string(state), func(t *testing.T) {
			w := newCaseWorld(t)
			w.bringCase("c1", 1, state)
			over := state == casework.CaseWithdrawn || state == casework.CaseClosed
			for _, in := range []obj{eraseInput(1), mistaken(1), eraseInput(1001), mistaken(1001)} {
				p, err := w.Endorse(provincePreparer, "person:ProposeErasure", args(in), nil)
				if over != (err == nil) || err != nil && relief.ParseError(err.Error()).Code != relief.CodePending {
					t.Errorf("%v: %v, %v", in, p, err)
				}
			}
			if !w.keptFactsAndDetails("c1") {
				t.Error("the facts are gone")
			}
		})
	}
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseRefused)
	w.later(60 * day) // the last day of the appeal
	w.refused(relief.CodePending, provincePreparer, "person:ProposeErasure", eraseInput(1))
	w.later(68 * day)
	w.do(chief, "person:ConfirmErasure", w.proposed(1), w.pages(1))
	if w.keptFactsAndDetails("c1") {
		t.Error("the facts of a refused applicant are kept")
	}
	w.refused(relief.CodeNotFound, provincePreparer, "person:ProposeErasure", eraseInput(1001))
}

// Nobody erases a single grant before the county has confirmed the township's decision, while the public may object, and before an
// objection is answered.
func TestErasureWaitsForWhatFollowsAGrant(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.caseProgramme(emergency("county_confirms"))
	w.on("2026-10-20")
	waits := func(what string) {
		t.Helper()
		if e := w.refused(relief.CodePending, provincePreparer, "person:ProposeErasure", mistaken(1)); !strings.Contains(e.Detail, what) {
			t.Errorf("waits for %q, want %q", e.Detail, what)
		}
	}
	w.do(township, "case:Apply", asking("e1", "jinan", 1, obj{"amount": "1800.00"}), facts(1))
	w.do(township, "case:DecideTownship", obj{"case": "e1", "outcome": "granted", "segment": 0})
	waits("not at its end")
	w.do(village, "case:Attach", visit("e1"))
	w.want(w.do(civilPreparer, "case:Notice", obj{"case": "e1", "class": "A", "persons": 1, "amount": "1800.00"}), "granted", "state")
	waits("has not confirmed")
	w.do(civilApprover, "case:ConfirmTownship", obj{"case": "e1", "agree": true})
	waits("public notice")
	w.do(civilPreparer, "case:Object", obj{"case": "e1", "channel": "letter", "sha256": digest("no")})
	w.on("2026-11-05")
	waits("objection")
	w.do(civilPreparer, "case:Answer", answerOf("e1", 0))
	waits("on its way") // the money
}

// What has changed since the proposal stops the confirmation, too.
func TestErasureWaitsAtTheConfirmation(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseWithdrawn)
	in := w.proposed(1)
	w.do(township, "case:Apply", household("c2", 1), facts(2))
	w.refused(relief.CodePending, chief, "person:ConfirmErasure", in)
	w.do(township, "case:Withdraw", obj{"case": "c2"})
	if e := w.refused(relief.CodeConflict, chief, "person:ConfirmErasure", in); !strings.Contains(e.Detail, "more is kept") {
		t.Errorf("more than was proposed: %v", e)
	}
	w.do(auditPreparer, "person:Hold", obj{"case": "c1", "reason": "complaint", "evidence_sha256": digest("complaint")})
	w.do(provincePreparer, "person:WithdrawErasure", obj{"subject": ref(1).String()})
	w.unchanged(provincePreparer, "person:WithdrawErasure", obj{"subject": ref(1).String()})
	w.refused(relief.CodePending, provincePreparer, "person:ProposeErasure", mistaken(1))
	w.do(auditApprover, "person:LiftHold", obj{"id": "case-c1"})
	again := w.proposed(1)
	if again["sha256"] == in["sha256"] {
		t.Error("two proposals have one digest")
	}
	w.refused(relief.CodeConflict, chief, "person:ConfirmErasure", in)
	refusal := obj{"subject": in["subject"], "sha256": again["sha256"], "agree": false, "reason": "仍需保存"}
	w.do(chief, "person:ConfirmErasure", refusal)
	w.unchanged(chief, "person:ConfirmErasure", refusal)
	w.refused(relief.CodeWrongState, chief, "person:ConfirmErasure", again)
	if !w.keptFactsAndDetails("c1") || !w.keptFactsAndDetails("c2") {
		t.Error("something was erased")
	}
}

// Two people erase: the proposer does not confirm, nor does who decided about the person.
func TestErasureByTwo(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseClosed) // refused by civil-approver; the appeal was decided by civil-chief
	in := w.proposed(1)
	both := fakeledger.Official(fakeledger.CivilAffairs, provincePreparer.Name(), "approver", "53")
	for _, by := range []*fakeIdentity{both, civilApprover, chief} {
		w.refused(relief.CodeSamePerson, by, "person:ConfirmErasure", in)
	}
	in["sha256"] = digest("another")
	w.refused(relief.CodeConflict, provinceApprover, "person:ConfirmErasure", in)
	w.refused(relief.CodeForbidden, auditApprover, "person:ConfirmErasure", in)
	w.do(provinceApprover, "person:ConfirmErasure", w.naming(in, relief.ErasureKey(ref(1)), "sha256"))
	if w.keptFactsAndDetails("c1") {
		t.Error("nothing was erased")
	}
	w.want(w.ask(auditReader, "case:Get", obj{"case": "c1"}), "2026-10-20", "facts_erased")
	w.refused(relief.CodeWrongState, civilPreparer, "case:Appeal", obj{"case": "c1", "sha256": digest("late")})
}

// A hold by audit on a person, on a case, or on another member of the household stops every erasure, also of a proposal that
// was there before; the official who placed it does not lift it.
func TestLegalHold(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseWithdrawn)
	in := w.proposed(1)
	of := func(what string) obj {
		return map[string]obj{
			"subject": holdInput(1), "member": holdInput(1001),
			"case": {"case": "c1", "reason": "investigation", "evidence_sha256": digest("order")},
		}[what]
	}
	for _, what := range []string{"subject", "member", "case"} {
		held := w.do(auditApprover, "person:Hold", of(what))
		w.unchanged(auditApprover, "person:Hold", of(what))
		w.refused(relief.CodeConflict, auditPreparer, "person:Hold", of(what))
		w.refused(relief.CodePending, chief, "person:ConfirmErasure", in)
		w.refused(relief.CodePending, provincePreparer, "person:ProposeErasure", mistaken(1001))
		w.refused(relief.CodeSamePerson, auditApprover, "person:LiftHold", obj{"id": held["id"]})
		other := fakeledger.Official(fakeledger.Audit, "audit-second", "approver", "53")
		w.want(w.do(other, "person:LiftHold", obj{"id": held["id"]}), "lifted", "state")
		w.unchanged(other, "person:LiftHold", obj{"id": held["id"]})
	}
	w.want(w.do(auditPreparer, "person:Hold", of("case")), "held", "state")
	w.do(auditApprover, "person:LiftHold", obj{"id": "case-c1"})
	for _, bad := range []obj{
		{"reason": "audit", "evidence_sha256": digest("x")},
		{"subject": ref(1).String(), "case": "c1", "reason": "audit", "evidence_sha256": digest("x")},
		{"subject": ref(1).String(), "reason": "whim", "evidence_sha256": digest("x")},
		{"subject": ref(1).String(), "reason": "audit"},
	} {
		w.refused(relief.CodeInvalid, auditPreparer, "person:Hold", bad)
	}
	w.refused(relief.CodeNotFound, auditPreparer, "person:Hold", holdInput(99))
	w.do(chief, "person:ConfirmErasure", in)
}

// The retention of the programme's version in force holds for all that is kept; a mistake and a court's order do not wait for it,
// a person's request does.
func TestErasureWaitsForTheRetention(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseWithdrawn)
	later := caseProgrammeInput("dibao")
	later["version"], later["retention_months"] = 2, 24
	w.do(provincePreparer, "programme:Draft", later)
	due := func() obj {
		return w.ask(auditReader, "person:Due", obj{"subjects": []string{ref(1).String(), ref(99).String()}})
	}
	w.want(due(), "<nil>", "items", 0, "due")
	w.do(provinceFinance, "programme:Enact", obj{"id": "dibao", "version": 2})
	request := eraseInput(1)
	request["reason"] = "request"
	for _, in := range []obj{eraseInput(1), request} {
		if e := w.refused(relief.CodePending, provincePreparer, "person:ProposeErasure", in); !strings.Contains(e.Detail, "2028-10-20") {
			t.Errorf("the retention: %v", e)
		}
	}
	bare := eraseInput(1)
	bare["reason"] = "court"
	if e := w.refused(relief.CodeInvalid, provincePreparer, "person:ProposeErasure", bare); e.Field != "evidence_sha256" {
		t.Errorf("without the order: %v", e)
	}
	w.want(due(), "2028-10-20", "items", 0, "due")
	w.want(due(), homeRegion, "items", 0, "region")
	w.want(due(), "<nil>", "items", 1, "due")
	if got := fmt.Sprint(at(due(), "items", 0, "wait")); !strings.Contains(got, "2028-10-20") {
		t.Errorf("waits for %s", got)
	}
	if _, err := w.Endorse(provincePreparer, "person:ProposeErasure", args(mistaken(1)), nil); err != nil {
		t.Errorf("a mistake: %v", err)
	}
	w.SetTime(time.Date(2028, 10, 20, 2, 0, 0, 0, time.UTC))
	w.want(due(), "<nil>", "items", 0, "wait")
	w.do(chief, "person:ConfirmErasure", w.proposed(1))
	w.want(due(), "<nil>", "items", 0, "due")
}

// Retention counts from the end of the last period of somebody on a roll, or from the act by which they left.
func TestRetentionOfAnEntry(t *testing.T) {
	w := county5(t)
	w.left(1) // last period 2026-11
	later := programmeInput("dibao", 2, 4)
	later["retention_months"] = 12
	w.do(provincePreparer, "programme:Draft", later)
	w.do(provinceFinance, "programme:Enact", obj{"id": "dibao", "version": 2})
	w.want(w.ask(auditReader, "person:Due", obj{"subjects": []string{ref(1).String()}}), "2027-12-01", "items", 0, "due")
	w.ends("dibao")
	w.want(w.ask(auditReader, "person:Due", obj{"subjects": []string{ref(1).String()}}), "2027-12-01", "items", 0, "due")
	w.refused(relief.CodePending, provincePreparer, "person:ProposeErasure", eraseInput(1))
}

// A member who is no head is erased with the facts of the household; the head's own details and tags stay until the head is
// erased.
func TestEraseAMember(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseWithdrawn)
	w.want(w.erased(chief, 1001), "[c1]", "erases", "cases")
	if w.keptFacts("c1", 0) {
		t.Error("the facts are kept")
	}
	c := w.ask(auditReader, "case:Get", obj{"case": "c1"})
	w.want(c, "2026-10-20", "facts_erased")
	w.want(c, payeeOf(1).Account.String(), "account_tag")
	w.want(w.erased(chief, 1), "[c1]", "erases", "cases")
	w.want(w.ask(auditReader, "case:Get", obj{"case": "c1"}), "<nil>", "account_tag")
	if w.GetPrivate(fakeledger.Finance, relief.DetailsCollection, relief.CaseDetailsKey("c1").String()) != nil {
		t.Error("the head's details are kept")
	}
}

// The erasures of a head and of a member are proposed together: with the first confirmation the facts are gone, and the second
// has less to erase.
func TestEraseAHousehold(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseWithdrawn)
	head, member := w.proposed(1), w.proposed(1001)
	w.do(chief, "person:ConfirmErasure", head)
	w.want(w.do(chief, "person:ConfirmErasure", member), "erased", "state")
}

// Many erasures are proposed and confirmed in files: people of one page in one transaction, and one whose erasure waits keeps
// nobody else back.
func TestErasureInFiles(t *testing.T) {
	w := county5(t)
	var proposals, confirmations []any
	for _, n := range []int{0, 1, 2, 3} {
		if n != 2 {
			w.left(n)
		}
		proposals = append(proposals, eraseInput(n))
	}
	r := w.do(provincePreparer, "case:File", obj{"act": "person.propose_erasure", "items": proposals})
	w.want(r, "3", "accepted")
	w.want(r, "PENDING", "refused", 0, "code")
	for _, n := range []int{0, 1, 3} {
		confirmations = append(confirmations, w.naming(obj{"subject": ref(n).String(), "agree": true}, relief.ErasureKey(ref(n)), "sha256"))
	}
	pages := w.pages(0)
	w.want(w.do(chief, "case:File", obj{"act": "person.confirm_erasure", "items": confirmations[:2]}, pages), "2", "accepted")
	for _, org := range []string{fakeledger.CivilAffairs, fakeledger.Finance} {
		if w.keptAt(org, 0) || w.keptAt(org, 1) || !w.keptAt(org, 3) {
			t.Errorf("%s: kept of 0, 1 and 3: %v %v %v", org, w.keptAt(org, 0), w.keptAt(org, 1), w.keptAt(org, 3))
		}
	}
	w.has(2)
	stale := w.do(chief, "case:File", obj{"act": "person.confirm_erasure", "items": confirmations[2:]}, pages)
	w.want(stale, "pages", "refused", 0, "field")
	w.do(chief, "person:ConfirmErasure", confirmations[2], w.pages(3))
	w.has(2)
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(2).String(), "reason": "moved", "last_period": period})
	w.erase(2, 4)
}

// A whole page is erased in one file.
func TestEraseAPageInOneFile(t *testing.T) {
	w := county5(t)
	var items []any
	for n := range 4 {
		w.left(n)
		items = append(items, w.proposed(n))
	}
	w.want(w.do(chief, "case:File", obj{"act": "person.confirm_erasure", "items": items}, w.pages(0)), "4", "accepted")
	for n := range 4 {
		if w.keptAt(fakeledger.Finance, n) {
			t.Errorf("person %d is kept", n)
		}
	}
	w.has(4)
}

// A later application leaves the facts of the case that is under appeal as they are, and so does its own erasure.
func TestFactsOfAnAppealedCaseStay(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseRefusalAppealed)
	w.do(township, "case:Apply", household("c2", 1), facts(2))
	w.wantFacts(1, civilApprover, "c1")
	w.do(township, "case:Withdraw", obj{"case": "c2"})
	w.refused(relief.CodePending, provincePreparer, "person:ProposeErasure", mistaken(1))
	w.wantFacts(1, civilApprover, "c1")
	w.wantFacts(2, civilApprover, "c2")
	sealed := transient{wire.TransientFacts: roll.AppendDetails(nil, [][]byte{sealedFactsOf(3)})}
	w.refused(relief.CodeWrongState, civilPreparer, "case:Review", obj{"case": "c1", "finding": "keep"}, sealed)
}

// Who has left is owed what is due until their last month: nothing of theirs is erased before it is over, for whatever reason, and
// the retention counts from its end.
func TestErasureWaitsForTheLastMonth(t *testing.T) {
	for _, c := range []struct {
		last, on    string
		months      int
		waits, over string // "" for a proposal that is taken; the day from which the retention is over
	}{
		{"2026-09", "2026-10-20", 0, "", ""},
		{"2026-10", "2026-10-31", 0, "until 2026-10", ""},
		{"2026-10", "2026-11-01", 0, "", ""},
		{"2027-02", "2027-02-28", 0, "until 2027-02", ""},
		{"2027-02", "2027-03-01", 0, "", ""},
		{"2027-02", "2027-03-01", 12, "over on 2028-03-01", "2028-03-01"},
		{"2027-02", "2028-03-01", 12, "", "2028-03-01"},
		{"2199-12", "2026-10-20", 12, "until 2199-12", "2199-12-31"},
		{"2199-12", "2027-12-31", 0, "until 2199-12", ""},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			w := newWorld(t)
			p := programmeInput("dibao", 1, 4)
			if c.months > 0 {
				p["retention_months"] = c.months
			}
			w.do(provincePreparer, "programme:Draft", p)
			w.do(provinceFinance, "programme:Enact", obj{"id": "dibao", "version": 1})
			in := rollInput("dibao", 0)
			in["from"] = "2026-09"
			w.chunk(w.imports(in, rollChunk(0, 4)), 4, 0)
			w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(1).String(), "reason": "moved", "last_period": c.last})
			w.on(c.on)
			_, err := w.Endorse(provincePreparer, "person:ProposeErasure", args(eraseInput(1)), nil)
			if c.waits == "" && err != nil || c.waits != "" && (err == nil || relief.ParseError(err.Error()).Code != relief.CodePending || !strings.Contains(err.Error(), c.waits)) {
				t.Errorf("%v, want %q", err, c.waits)
			}
			_, err = w.Endorse(provincePreparer, "person:ProposeErasure", args(mistaken(1)), nil)
			if entitled := strings.HasPrefix(c.waits, "until"); entitled != (err != nil) {
				t.Errorf("a mistake: %v", err)
			}
			due := fmt.Sprint(at(w.ask(auditReader, "person:Due", obj{"subjects": []string{ref(1).String()}}), "items", 0, "due"))
			if due != c.over && (c.over != "" || due != "<nil>") {
				t.Errorf("due on %s, want %q", due, c.over)
			}
		})
	}
}
