// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"strings"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
)

// statesOfGrants are the states that only cases of single grants have.
var statesOfGrants = []casework.CaseState{casework.CaseHelped, casework.CaseGranted, casework.CaseRevoked}

// grantActs are the acts on a case of a single grant, by the official who usually does them, with what the table says of each.
func grantActs(id string, n int) []struct {
	by       *fakeledger.Identity
	function string
	input    obj
	row      relief.Act
} {
	evidence := visit(id)
	evidence["kind"], evidence["sha256"] = "neighbour-interview", digest("more "+id)
	return []struct {
		by       *fakeledger.Identity
		function string
		input    obj
		row      relief.Act
	}{
		{village, "case:Attach", evidence, "case.attach"},
		{village, "case:Attach", visit(id), "case.attach (the last paper)"},
		{civilPreparer, "case:Ask", obj{"case": id, "source": "civil-registry"}, "case.ask"},
		{civilPreparer, "case:Match", obj{"case": id, "statement": statement(n, "clear", caseStart.Add(time.Hour))}, "case.match"},
		{civilPreparer, "case:Notice", obj{"case": id, "class": "A", "persons": 1, "amount": "500.00"}, "case.notice"},
		{auditReader, "case:Object", obj{"case": id, "channel": "letter", "sha256": digest("no")}, "case.object"},
		{township, "case:Answer", answerOf(id, 0), "case.answer (the last one)"},
		{civilApprover, "case:Decide", granting(id, "500.00"), "case.decide (help first)"},
		{civilApprover, "case:Decide", refusalOf(id), "case.decide (refuse)"},
		{township, "case:DecideTownship", granting(id, "500.01"), "case.decide_township (help first)"},
		{secondTownship, "case:DecideTownship", refusalOf(id), "case.decide_township (refuse)"},
		{civilApprover, "case:ConfirmTownship", obj{"case": id, "agree": true}, "case.confirm_township (agreed)"},
		{civilApprover, "case:ConfirmTownship", obj{"case": id, "agree": false, "reason": "不符"}, "case.confirm_township (revoked)"},
		{township, "case:Withdraw", obj{"case": id}, "case.withdraw"},
		{civilPreparer, "case:Review", obj{"case": id, "finding": "keep"}, "case.review"},
		{civilApprover, "case:Confirm", obj{"case": id, "agree": true}, "case.confirm (keep, change)"},
		{township, "case:Appeal", obj{"case": id, "sha256": digest("appeal")}, "case.appeal"},
	}
}

// TestEveryActOnASingleGrant walks the table on cases in which help came first, in each of their states and before the decision.
func TestEveryActOnASingleGrant(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	in := emergency("county_confirms")
	in["notice_days"] = 0
	w.caseProgramme(in)
	for i, state := range append([]casework.CaseState{casework.CaseApplied}, statesOfGrants...) {
		id, n := string(state), 10*i
		w.later(0)
		w.do(township, "case:Apply", asking(id, "jinan", n, obj{"amount": "500.00"}), facts(n))
		if state != casework.CaseApplied {
			w.do(township, "case:DecideTownship", granting(id, "500.00"))
		}
		switch state {
		case casework.CaseGranted:
			w.do(village, "case:Attach", visit(id))
			w.do(auditReader, "case:Object", obj{"case": id, "channel": "hotline", "sha256": digest("o")})
		case casework.CaseRevoked:
			w.do(civilApprover, "case:ConfirmTownship", obj{"case": id, "agree": false, "reason": "不符"})
		}
		if got := w.caseState(id); got != id {
			t.Fatalf("case %s is %s", id, got)
		}
		w.later(time.Hour * 2)
		for _, a := range grantActs(id, n) {
			to, notInTable := relief.Next(casework.CaseTransitions, state, a.row)
			p, err := w.Endorse(a.by, a.function, args(a.input), nil)
			switch refused := err != nil; {
			case refused && notInTable == nil && !mayWait(state, a.row):
				t.Errorf("%s in %s: %v", a.row, state, err)
			case !refused && notInTable != nil && a.row != "case.attach (the last paper)" && !w.wroteNothing(p):
				t.Errorf("%s in %s: done, and not in the table", a.row, state)
			case !refused && notInTable == nil && !mayWait(state, a.row):
				w.want(w.object(p.Payload()), string(to), "state")
			}
		}
	}
}

// wroteNothing reports whether an act was the same act sent again.
func (w *world) wroteNothing(p *fakeProposal) bool { return len(p.Tx().Writes) == 0 }

// mayWait reports whether an act waits for something although the table has it.
func mayWait(state casework.CaseState, act relief.Act) bool {
	if state == casework.CaseApplied {
		return strings.HasPrefix(string(act), "case.notice") // for evidence
	}
	return state == casework.CaseHelped && act == "case.notice" // for papers
}
