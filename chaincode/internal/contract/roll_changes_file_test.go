// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
)

// Two proposals for one entry at a time: the ledger takes one.
func TestTwoProposalsAtOnce(t *testing.T) {
	w := county5(t)
	exit := obj{"programme": "dibao", "subject": ref(1).String(), "reason": "moved", "last_period": period}
	a, err := w.Endorse(civilPreparer, "roll:Exit", args(exit), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := w.Endorse(township, "roll:ChangePayee", args(newCard(1)), card(101))
	if err != nil {
		t.Fatal(err)
	}
	results := w.Commit(a, b)
	if results[0].Err() != nil || !conflict(results[1].Err()) {
		t.Errorf("%v, %v", results[0].Err(), results[1].Err())
	}
}

// A file of 500 exits is proposed by one official and confirmed by another.
func TestAFileOfExits(t *testing.T) {
	const people = 500
	w := newWorld(t, fakeledger.Endorsers(1))
	w.programme("dibao", people)
	w.tranche("t1", "dibao", "1000000.00")
	w.imports(rollInput("dibao", 0), rollChunk(0, people))
	var exits, confirmations []obj
	for n := range people {
		exits = append(exits, obj{"programme": "dibao", "subject": ref(n).String(), "reason": "moved", "last_period": period})
	}
	r := w.do(civilPreparer, "case:File", obj{"act": "roll.exit", "items": exits})
	w.want(r, "500", "accepted")
	w.unchanged(civilPreparer, "case:File", obj{"act": "roll.exit", "items": exits})
	for cursor, more := any(""), true; more; {
		page := w.ask(auditReader, "roll:ListChanges", obj{"state": "proposed", "limit": 200, "cursor": cursor})
		for _, c := range page["items"].([]any) {
			confirmations = append(confirmations, agreed(c.(obj)))
		}
		cursor, more = page["next"].(string)
		more = more && cursor != ""
	}
	w.refused(relief.CodeForbidden, civilPreparer, "case:File", obj{"act": "roll.confirm_change", "items": confirmations})
	r = w.do(both, "case:File", obj{"act": "roll.confirm_change", "items": confirmations[:2]})
	w.want(r, "SAME_PERSON", "refused", 1, "code")
	r = w.do(civilApprover, "case:File", obj{"act": "roll.confirm_change", "items": confirmations})
	w.want(r, "500", "accepted")
	w.want(r, "[]", "refused")
	seg := w.ask(auditReader, "roll:Segment", obj{"programme": "dibao", "county": county, "segment": 0})
	for n := range people {
		w.want(seg, "exited", "entries", n, "state")
	}
}
