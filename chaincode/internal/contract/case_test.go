// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// caseAct is an act that would be done if state and duty allow it.
type caseAct struct {
	function string
	input    func(id string, n int) obj
	row      relief.Act // of the transition table
	duty     relief.Act // the same, without the outcome
}

func caseActs() []caseAct {
	of := func(f func(id string) obj) func(string, int) obj { return func(id string, _ int) obj { return f(id) } }
	return []caseAct{
		{"case:Attach", of(func(id string) obj {
			v := visit(id)
			v["kind"], v["sha256"] = "neighbour-interview", digest("more")
			return v
		}), "case.attach", "case.attach"},
		{"case:Ask", of(func(id string) obj { return obj{"case": id, "source": "civil-registry"} }), "case.ask", "case.ask"},
		{"case:Match", func(id string, n int) obj {
			return obj{"case": id, "statement": statement(n, "clear", caseStart.Add(time.Hour))}
		}, "case.match", "case.match"},
		{"case:Notice", of(noticeOf), "case.notice", "case.notice"},
		{"case:Object", of(func(id string) obj { return obj{"case": id, "channel": "letter", "sha256": digest("no")} }), "case.object", "case.object"},
		{"case:Answer", of(func(id string) obj { return answerOf(id, 0) }), "case.answer (the last one)", "case.answer"},
		{"case:Decide", of(grantOf), "case.decide (grant)", "case.decide"},
		{"case:Decide", of(refusalOf), "case.decide (refuse)", "case.decide"},
		{"case:Withdraw", of(func(id string) obj { return obj{"case": id} }), "case.withdraw", "case.withdraw"},
		{"case:Review", of(func(id string) obj {
			return obj{"case": id, "finding": "change", "terms": obj{"class": "C", "persons": 1, "amount": "330.00"}}
		}), "case.review", "case.review"},
		{"case:Confirm", of(func(id string) obj { return obj{"case": id, "agree": true} }), "case.confirm (keep, change)", "case.confirm"},
		{"case:Confirm", of(func(id string) obj { return obj{"case": id, "agree": false} }), "case.confirm (sent back)", "case.confirm"},
		{"roll:Suspend", func(_ string, n int) obj {
			return obj{"programme": "dibao", "subject": ref(n).String(), "from": "2026-12", "reason": "核查"}
		}, roll.ActConfirmSuspend, "roll.suspend"},
		{"roll:Resume", func(_ string, n int) obj {
			return obj{"programme": "dibao", "subject": ref(n).String(), "from": "2026-12"}
		}, roll.ActConfirmResume, "roll.resume"},
		{"roll:SetTerms", func(_ string, n int) obj {
			return obj{"programme": "dibao", "subject": ref(n).String(), "class": "C", "persons": 1, "amount": "330.00", "from": "2026-12"}
		}, roll.ActConfirmTerms, "roll.set_terms"},
		{"roll:Exit", func(_ string, n int) obj {
			return obj{"programme": "dibao", "subject": ref(n).String(), "reason": "moved", "last_period": "2026-11"}
		}, roll.ActConfirmExit, "roll.exit"},
		{"roll:Move", func(_ string, n int) obj {
			return obj{"programme": "dibao", "subject": ref(n).String(), "region": county + "001002"}
		}, roll.ActConfirmMove, "roll.move"},
		{"roll:MoveOut", func(_ string, n int) obj {
			return obj{"programme": "dibao", "subject": ref(n).String(), "to_county": "530129", "to_programme": "dibao", "last_period": "2026-11"}
		}, roll.ActConfirmMoveOut, "roll.move_out"},
		{"case:Appeal", of(func(id string) obj { return obj{"case": id, "sha256": digest("appeal")} }), "case.appeal", "case.appeal"},
		{"case:DecideAppeal", of(func(id string) obj { return obj{"case": id, "upheld": true, "sha256": digest("r")} }), "case.decide_appeal (upheld)", "case.decide_appeal"},
		{"case:DecideAppeal", of(func(id string) obj { return obj{"case": id, "upheld": false, "sha256": digest("r")} }), "case.decide_appeal (reversed)", "case.decide_appeal"},
	}
}

// TestEveryActInEveryStateByEveryRole walks the table of a case's life cycle on the contracts: an act is done if the table
// has it and the official holds its duty, and refused otherwise with the code that says which.
func TestEveryActInEveryStateByEveryRole(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	people := []*fakeledger.Identity{
		civilPreparer, chief, civilReader, civilRegistrar, township, village, civilElsewhere, approverAway,
		financePreparer, financeApprover, auditReader, auditApprover,
	}
	for i, state := range casework.CaseStates {
		if slices.Contains(statesOfGrants, state) { // TestEveryActOnASingleGrant has them
			continue
		}
		id := strings.ReplaceAll(string(state), "_", "-")
		w.bringCase(id, 10*i, state)
		if got := w.caseState(id); got != string(state) {
			t.Fatalf("case %s is %s", id, got)
		}
		w.later(noticeOver)
		for _, a := range caseActs() {
			to, notInTable := relief.Next(casework.CaseTransitions, state, a.row)
			for _, by := range people {
				p, err := w.Endorse(by, a.function, args(a.input(id, 10*i)), nil)
				checkWalk(t, a, state, by, notInTable == nil, err)
				if err == nil && notInTable == nil && !strings.HasPrefix(a.function, "roll:") { // which proposes only
					w.want(w.object(p.Payload()), string(to), "state")
				}
			}
		}
	}
}

func checkWalk(t *testing.T, a caseAct, state casework.CaseState, by *fakeledger.Identity, inTable bool, err error) {
	t.Helper()
	var code relief.Code
	if err != nil {
		e := relief.ParseError(err.Error())
		if e == nil || e.Code == relief.CodeCorrupt {
			t.Errorf("%s in %s by %s: %v", a.row, state, by.Name(), err)
			return
		}
		code = e.Code
	}
	away := by == civilElsewhere || by == approverAway
	switch may := holds(by, a.duty); {
	case !may && code != relief.CodeForbidden:
		t.Errorf("%s in %s by %s without the duty: %v", a.row, state, by.Name(), err)
	case may && away && code != relief.CodeRegion && (inTable || code != relief.CodeNotFound):
		t.Errorf("%s in %s by %s of another county: %v", a.row, state, by.Name(), err)
	case may && !away && inTable && err != nil:
		t.Errorf("%s in %s by %s: %v", a.row, state, by.Name(), err)
	case may && !away && !inTable && err == nil && !repeats(a, state):
		t.Errorf("%s in %s by %s: done, and not in the table", a.row, state, by.Name())
	}
}

// repeats are acts that were sent again, which is no error and writes nothing.
func repeats(a caseAct, state casework.CaseState) bool {
	return slices.Contains([]string{
		"case.notice noticed", "case.withdraw withdrawn", "case.answer (the last one) answered",
	}, fmt.Sprint(a.row, " ", state))
}

// holds tells who has a duty by the registry of the dev network.
func holds(by *fakeledger.Identity, act relief.Act) bool {
	if by.MSPID() == fakeledger.Audit {
		return act == relief.ActCaseObject && by == auditReader
	}
	if by.MSPID() != fakeledger.CivilAffairs {
		return false
	}
	prepares := []*fakeledger.Identity{civilPreparer, civilElsewhere, township}
	approves := []*fakeledger.Identity{chief, approverAway}
	switch act {
	case relief.ActCaseDecide, relief.ActCaseConfirm, relief.ActCaseDecideAppeal:
		return slices.Contains(approves, by)
	case relief.ActCaseAttach:
		return by == village || slices.Contains(prepares, by)
	case relief.ActCaseObject:
		return by == village || slices.Contains(append(prepares, approves...), by)
	case relief.ActCaseAppeal:
		return slices.Contains(append(prepares, approves...), by)
	default:
		return slices.Contains(prepares, by)
	}
}

// A case that an earlier version of the program wrote as a document goes on, and is packed from its next act on.
func TestCasesThatAreDocumentsGoOn(t *testing.T) {
	w := newCaseWorld(t)
	w.later(0)
	w.noticed("c1", 1)
	before, key := w.record("c1"), relief.CaseKey("c1")
	document, err := stored.Document(relief.KindCase, w.Get(key.String()))
	if err != nil || len(w.Get(key.String())) >= len(document)/2 {
		t.Fatalf("the case takes %d bytes, as a document %d: %v", len(w.Get(key.String())), len(document), err)
	}
	w.Plant(fakeledger.Write{Key: key.String(), Value: document})
	w.later(noticeOver)
	w.do(civilApprover, "case:File", obj{"act": "case.decide", "items": []obj{grantOf("c1")}})
	after := w.record("c1")
	if n := len(before.Acts); after.State != casework.CaseInForce || !slices.Equal(after.Acts[:n], before.Acts) || w.Get(key.String())[0] == '{' {
		t.Errorf("%+v", after)
	}
}
