// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// reviewWith is a review of the household of the first person that brings the nth facts, and its transient map.
func reviewWith(id string, whom roll.Payee, n int) (obj, transient) {
	return obj{"case": id, "finding": "keep", "name_tag": whom.Name, "account_tag": whom.Account},
		transient{wire.TransientFacts: roll.AppendDetails(nil, [][]byte{sealedFactsOf(n)})}
}

// factsOf asks for facts of a case: those in force, or those that an act brought.
func (w *world) factsOf(by *fakeledger.Identity, id string, act ...int) ([]byte, error) {
	w.t.Helper()
	in := obj{"case": id}
	if len(act) > 0 {
		in["act"] = act[0]
	}
	answer, err := w.Evaluate(by.MSPID(), by, "case:Facts", args(in), nil)
	if err != nil {
		return nil, err
	}
	facts, err := base64.StdEncoding.DecodeString(fmt.Sprint(at(w.object(answer), "facts")))
	if err != nil {
		w.t.Fatal(err)
	}
	return facts, nil
}

func (w *world) wantFacts(n int, by *fakeledger.Identity, id string, act ...int) {
	w.t.Helper()
	if got, err := w.factsOf(by, id, act...); err != nil || !bytes.Equal(got, sealedFactsOf(n)) {
		w.t.Errorf("facts of %s, act %v: %q, %v, want the facts %d", id, act, got, err, n)
	}
}

// lastAct is the place of a case's last act.
func (w *world) lastAct(id string) int {
	w.t.Helper()
	acts, _ := at(w.ask(auditReader, "case:Get", obj{"case": id}), "acts").([]any)
	return len(acts) - 1
}

func (w *world) keptFacts(id string, act int) bool {
	key := relief.FactsKey(relief.CaseID(id), act).String()
	return w.GetPrivate(fakeledger.Finance, relief.DetailsCollection, key) != nil
}

// A review's facts are in force with its confirmation. What a decision rested on stays, and an erasure finds all of it.
func TestFactsOfAReviewWaitForItsConfirmation(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseInForce)
	in, sealed := reviewWith("c1", payeeOf(1), 2)
	w.do(civilPreparer, "case:Review", in, sealed)
	w.unchanged(civilPreparer, "case:Review", in, sealed)
	review := w.lastAct("c1")
	w.wantFacts(1, civilPreparer, "c1")
	w.wantFacts(1, civilPreparer, "c1", 0)
	w.wantFacts(2, civilApprover, "c1", review)
	for _, by := range []*fakeledger.Identity{civilPreparer, financePreparer} {
		if _, err := w.factsOf(by, "c1", review); err == nil || !strings.Contains(err.Error(), string(relief.CodeForbidden)) {
			t.Errorf("%s reads the facts that wait: %v", by.Name(), err)
		}
	}
	w.do(civilApprover, "case:Confirm", obj{"case": "c1", "agree": true})
	w.wantFacts(2, civilPreparer, "c1")
	w.wantFacts(2, civilPreparer, "c1", review)
	w.wantFacts(1, civilPreparer, "c1", 0)
	w.want(w.ask(auditReader, "case:Get", obj{"case": "c1"}), "0", "earlier_facts", 0, "act")
	if _, err := w.factsOf(civilPreparer, "c1", 1); err == nil || !strings.Contains(err.Error(), string(relief.CodeNotFound)) {
		t.Errorf("facts of an act that brought none: %v", err)
	}
	in, sealed = reviewWith("c1", payeeOf(1), 3)
	w.do(civilPreparer, "case:Review", in, sealed)
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(1).String(), "reason": "income", "last_period": "2026-12"})
	if w.keptFacts("c1", review+2) {
		t.Error("the facts of a review that an exit overtook are kept")
	}
	w.do(civilPreparer, "case:Appeal", obj{"case": "c1", "sha256": digest("appeal")})
	w.wantFacts(2, chief, "c1")
	w.wantFacts(1, chief, "c1", 0)
	w.do(chief, "case:DecideAppeal", obj{"case": "c1", "upheld": true, "sha256": digest("reasons")})
	w.over("2026-12")
	w.erased(provinceApprover, 1)
	for _, act := range []int{0, review} {
		if w.keptFacts("c1", act) {
			t.Errorf("the facts of act %d outlive the erasure", act)
		}
	}
}

// The facts of a review that is sent back or replaced are purged; those in force stay.
func TestFactsOfAReviewThatIsNotConfirmed(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseInForce)
	in, sealed := reviewWith("c1", payeeOf(1), 2)
	w.do(civilPreparer, "case:Review", in, sealed)
	first := w.lastAct("c1")
	in, sealed = reviewWith("c1", payeeOf(1), 3)
	w.do(civilPreparer, "case:Review", in, sealed)
	second := w.lastAct("c1")
	if w.keptFacts("c1", first) || !w.keptFacts("c1", second) {
		t.Errorf("kept of the replaced review: %v, of the other: %v", w.keptFacts("c1", first), w.keptFacts("c1", second))
	}
	w.do(civilApprover, "case:Confirm", obj{"case": "c1", "agree": false})
	if w.keptFacts("c1", second) {
		t.Error("the facts of a review that was sent back are kept")
	}
	w.wantFacts(1, civilPreparer, "c1")
	in, sealed = reviewWith("c1", payeeOf(1), 4)
	w.do(civilPreparer, "case:Review", in, sealed)
	third := w.lastAct("c1")
	w.do(civilPreparer, "case:Review", obj{"case": "c1", "finding": "keep"})
	if w.keptFacts("c1", third) {
		t.Error("the facts of a review that brings none any more are kept")
	}
}

// A review names the payee who is on the roll, or it is refused with the column that differs.
func TestAReviewDoesNotChangeThePayee(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseInForce)
	other := payeeOf(9)
	for field, whom := range map[string]roll.Payee{
		"account_tag": {Name: payeeOf(1).Name, Account: other.Account}, "name_tag": {Name: other.Name, Account: payeeOf(1).Account},
	} {
		in, sealed := reviewWith("c1", whom, 2)
		if e := w.refused(relief.CodeInvalid, civilPreparer, "case:Review", in, sealed); e.Field != field || !strings.Contains(e.Detail, " · ") {
			t.Errorf("another %s: %v", field, e)
		}
	}
	in, sealed := reviewWith("c1", roll.Payee{}, 2)
	delete(in, "name_tag")
	delete(in, "account_tag")
	if e := w.refused(relief.CodeInvalid, civilPreparer, "case:Review", in, sealed); e.Field != "name_tag" {
		t.Errorf("facts without tags: %v", e)
	}
	in, _ = reviewWith("c1", payeeOf(1), 2)
	if e := w.refused(relief.CodeInvalid, civilPreparer, "case:Review", in); e.Field != "facts" {
		t.Errorf("tags without facts: %v", e)
	}
	w.wantFacts(1, civilPreparer, "c1")
}
