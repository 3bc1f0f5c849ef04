// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// importedHousehold is a chunk with one household of class B: its head is the first person, the others are its members.
func importedHousehold(people ...int) transient {
	in := roll.Input{Seq: 1, Ref: ref(people[0]), Region: homeRegion, Persons: 2, Class: 'B', Amount: 96000, Payee: payeeOf(people[0])}
	for _, n := range people[1:] {
		in.Members = append(in.Members, ref(n))
	}
	return transient{
		wire.TransientRoll:    roll.AppendRoll(nil, []roll.Input{in}),
		wire.TransientPersons: roll.AppendDetails(nil, [][]byte{person(people[0])}),
	}
}

// adoptedWorld has a household of the people 1 and 2 on the roll of dibao by an import, under number 0.
func adoptedWorld(t *testing.T, options ...fakeledger.Option) *world {
	t.Helper()
	w := newCaseWorld(t, options...)
	w.imports(rollInput("dibao", 0), importedHousehold(1, 2))
	return w
}

func onRoll(n int) obj { return obj{"programme": "dibao", "subject": ref(n).String()} }

// rollCase is the id of the case of the household.
const rollCase = "dibao-530181-0000000-2026-01"

func (w *world) memberRecord(n int) (m casework.MemberRecord) {
	w.t.Helper()
	if b := w.Get(relief.MemberKey(ref(n)).String()); b != nil {
		if err := json.Unmarshal(b, &m); err != nil {
			w.t.Fatal(err)
		}
	}
	return m
}

// claimedBy fails the test unless each of the people has exactly the claim of the case, "" for none.
func (w *world) claimedBy(id relief.CaseID, people ...int) {
	w.t.Helper()
	for _, n := range people {
		claims := w.memberRecord(n).Claims
		if id == "" && len(claims) == 0 || len(claims) == 1 && claims[0].Case == id {
			continue
		}
		w.t.Errorf("person %d is claimed by %+v, want case %q", n, claims, id)
	}
}

// The case of an imported household says what the roll says, and everything that can be done with a case can be done with it.
func TestAnImportedHouseholdIsACase(t *testing.T) {
	w := adoptedWorld(t)
	w.refused(relief.CodeNotFound, township, "case:Adopt", onRoll(3))
	w.refused(relief.CodeRegion, civilElsewhere, "case:Adopt", onRoll(1))
	w.refused(relief.CodeForbidden, village, "case:Adopt", onRoll(1))
	c := w.do(township, "case:Adopt", onRoll(1))
	for _, want := range []struct {
		value string
		path  []any
	}{
		{rollCase, []any{"id"}}, {"in_force", []any{"state"}}, {homeRegion, []any{"region"}}, {"0", []any{"roll", "number"}},
		{"960.00", []any{"terms", "amount"}}, {"B", []any{"terms", "class"}}, {"2", []any{"terms", "persons"}},
		{fmt.Sprint([]any{ref(1).String(), ref(2).String()}), []any{"members"}}, {"2026-01", []any{"adopted", "from"}},
		{"<nil>", []any{"facts_sha256"}}, {"case.adopt", []any{"acts", 0, "act"}},
	} {
		w.want(c, want.value, want.path...)
	}
	w.unchanged(township, "case:Adopt", onRoll(1))
	w.unchanged(civilPreparer, "case:Adopt", onRoll(1))
	w.claimedBy(rollCase, 1, 2)
	w.has(1) // the details are still where the import put them
	w.imports(rollInput("dibao", 0), transient(seen(roll.SeenSame, importedHousehold(1, 2))))
	w.refused(relief.CodeDuplicate, township, "case:Apply", household("c2", 2), facts(2))
	w.refused(relief.CodeInvalid, township, "case:Apply", household("dibao-530181-0000007-2026-01", 7), facts(7))

	in, sealed := reviewWith(rollCase, payeeOf(1), 1)
	in["finding"], in["terms"] = "change", obj{"class": "A", "persons": 2, "amount": "1240.00"}
	w.do(civilPreparer, "case:Attach", visit(rollCase))
	for _, n := range []int{1, 2} {
		w.do(civilPreparer, "case:Match", obj{"case": rollCase, "statement": statement(n, "clear", caseStart)})
	}
	w.do(civilPreparer, "case:Review", in, sealed)
	w.refused(relief.CodeSamePerson, fakeledger.Official(fakeledger.CivilAffairs, "civil-preparer", "approver", county), "case:Confirm",
		obj{"case": rollCase, "agree": true})
	c = w.do(civilApprover, "case:Confirm", obj{"case": rollCase, "agree": true})
	w.want(c, "1240.00", "terms", "amount")
	w.want(w.ask(auditReader, "roll:Entry", onRoll(1)), "1240.00", "amount")
	if kept := w.memberRecord(2).Kept; len(kept) != 1 || kept[0] != rollCase {
		t.Errorf("cases that keep facts of person 2: %v", kept)
	}
}

// A wrong exit of an imported household is undone by an appeal, as that of a granted one.
func TestAnImportedHouseholdAppealsItsExit(t *testing.T) {
	w := adoptedWorld(t)
	exit := w.do(civilPreparer, "roll:Exit", obj{"programme": "dibao", "subject": ref(1).String(), "reason": "income", "last_period": period})
	if b := w.Get(relief.CaseKey(rollCase).String()); b != nil {
		t.Fatalf("a proposal has made a case: %s", b)
	}
	w.confirmed(civilPreparer, exit)
	w.want(w.ask(auditReader, "case:Get", obj{"case": rollCase}), "exited", "state")
	w.claimedBy("", 1, 2)
	w.refused(relief.CodeWrongState, township, "case:Review", obj{"case": rollCase, "finding": "keep"})
	w.do(township, "case:Appeal", obj{"case": rollCase, "sha256": digest("appeal")})
	w.refused(relief.CodePending, provincePreparer, "person:ProposeErasure", eraseInput(1))
	reversed := obj{"case": rollCase, "upheld": false, "sha256": digest("reasons")}
	w.refused(relief.CodeSamePerson, civilApprover, "case:DecideAppeal", reversed)
	w.do(chief, "case:DecideAppeal", reversed)
	e := w.ask(auditReader, "roll:Entry", onRoll(1))
	w.want(e, "in_force", "state")
	w.want(e, "<nil>", "until")
	w.claimedBy(rollCase, 1, 2)
	w.has(1)
	w.imports(rollInput("dibao", 0), transient(seen(roll.SeenSame, importedHousehold(1, 2))))
}

// A suspension makes the case, too; whoever comes back by an import after an exit gets another case.
func TestSuspendedAndImportedAgain(t *testing.T) {
	w := adoptedWorld(t)
	of := func(more obj) obj {
		more["programme"], more["subject"] = "dibao", ref(1).String()
		return more
	}
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Suspend", of(obj{"from": period, "reason": "核查"})))
	w.want(w.ask(auditReader, "case:Get", obj{"case": rollCase}), "suspended", "state")
	w.want(w.unchanged(township, "case:Adopt", onRoll(1)), "suspended", "state")
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Exit", of(obj{"reason": "moved", "last_period": period})))
	w.refused(relief.CodeWrongState, township, "case:Review", obj{"case": rollCase, "finding": "keep"})
	again := rollInput("dibao", 0)
	again["from"] = "2027-01"
	w.imports(again, importedHousehold(1, 2))
	w.want(w.do(township, "case:Adopt", onRoll(1)), "dibao-530181-0000000-2027-01", "id")
	w.claimedBy("dibao-530181-0000000-2027-01", 1, 2)
	w.do(township, "case:Appeal", obj{"case": rollCase, "sha256": digest("appeal")})
	w.refused(relief.CodeDuplicate, chief, "case:DecideAppeal", obj{"case": rollCase, "upheld": false, "sha256": digest("reasons")})
	w.claimedBy("dibao-530181-0000000-2027-01", 1, 2)
}

// A household whose members nobody knows is reviewed with as many persons as the roll says; the first facts name them.
func TestMembersOfAnImportedHousehold(t *testing.T) {
	w := newCaseWorld(t)
	w.imports(rollInput("dibao", 0), importedHousehold(1))
	w.do(township, "case:Adopt", onRoll(1))
	change := obj{"case": rollCase, "finding": "change", "terms": obj{"class": "C", "persons": 3, "amount": "990.00"}}
	w.refused(relief.CodeInvalid, civilPreparer, "case:Review", change)
	change["terms"] = obj{"class": "C", "persons": 2, "amount": "660.00"}
	w.do(civilPreparer, "case:Review", change)
	change["members"], change["terms"] = []string{ref(1).String(), ref(2).String(), ref(3).String()}, obj{"class": "C", "persons": 3, "amount": "990.00"}
	w.do(civilPreparer, "case:Review", change)
	for _, n := range []int{1, 2, 3} {
		w.do(civilPreparer, "case:Match", obj{"case": rollCase, "statement": statement(n, "clear", caseStart)})
	}
	w.do(civilApprover, "case:Confirm", obj{"case": rollCase, "agree": true})
	w.claimedBy(rollCase, 1, 2, 3)
	if got := w.object(w.Get(relief.HouseholdKey("dibao", ref(1)).String())); len(got["members"].([]any)) != 2 {
		t.Errorf("the household's record has %v", got)
	}
}
