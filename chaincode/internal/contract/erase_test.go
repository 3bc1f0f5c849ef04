// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

func eraseInput(n int) obj { return obj{"subject": ref(n).String(), "reason": "retention"} }

// confirmation is the argument that confirms a proposed erasure.
func confirmation(e obj) obj {
	return obj{"subject": e["subject"], "sha256": e["sha256"], "agree": true}
}

// proposed has the erasure of the nth person proposed, and gives the argument that confirms it.
func (w *world) proposed(n int) obj {
	w.t.Helper()
	return confirmation(w.do(provincePreparer, "person:ProposeErasure", eraseInput(n)))
}

// erased has the nth person erased, and gives the record.
func (w *world) erased(by *fakeIdentity, n int) obj {
	w.t.Helper()
	return w.do(by, "person:ConfirmErasure", w.proposed(n), w.pages(n))
}

// left takes a person off the roll, whose last month is over then.
func (w *world) left(n int) {
	w.t.Helper()
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(n).String(), "reason": "death", "last_period": period})
	w.over(period)
}

// over lets time pass until a month is over.
func (w *world) over(month string) {
	w.t.Helper()
	p, err := relief.ParsePeriod(month)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.Now().Before(relief.DayTime(p.DayAfter().Number())) {
		w.on(string(p.DayAfter()))
	}
}

// keptAt reports whether a peer still has a person's details, in what holds or in what went before: under the person's own key
// or on any page.
func (w *world) keptAt(org string, n int) bool {
	keys := []string{relief.RollIndexKey(ref(n), "dibao").String()}
	for _, at := range []relief.Region{county, "530129"} {
		for number := range uint32(8) {
			for generation := range uint32(8) {
				for replaced := range uint16(3) {
					id := relief.DetailPageID{County: at, First: number, Replaced: replaced}
					keys = append(keys, relief.DetailPageValueKey("dibao", id, generation).String())
				}
			}
		}
	}
	return slices.ContainsFunc(keys, func(key string) bool {
		held := bytes.Contains(w.GetPrivate(org, relief.DetailsCollection, key), person(n))
		for _, before := range w.PrivateHistory(org, relief.DetailsCollection, key) {
			held = held || bytes.Contains(before.Value, person(n))
		}
		return held
	})
}

// pages reads the pages that a person is on, for the person's erasure.
func (w *world) pages(n int) transient {
	w.t.Helper()
	payload, err := w.Evaluate(fakeledger.CivilAffairs, provinceApprover, "roll:DetailPages", args(obj{"subject": ref(n).String()}), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	var held struct{ Pages [][]byte }
	if err := json.Unmarshal(payload, &held); err != nil {
		w.t.Fatal(err)
	}
	return transient{wire.TransientPages: roll.AppendDetails(nil, held.Pages)}
}

// erase erases a person, and looks that nobody has anything of them any more and that the others' details are as before.
func (w *world) erase(n int, others ...int) obj {
	w.t.Helper()
	e := w.erased(provinceApprover, n)
	for _, org := range []string{fakeledger.CivilAffairs, fakeledger.Finance} {
		if w.keptAt(org, n) {
			w.t.Errorf("%s still has the details of person %d", org, n)
		}
	}
	for _, other := range others {
		w.has(other)
	}
	return e
}

// has looks that both members still give a person's details.
func (w *world) has(n int) {
	w.t.Helper()
	for _, by := range []*fakeledger.Identity{civilPreparer, financePreparer} {
		got, err := w.Evaluate(by.MSPID(), by, "roll:Details", args(obj{"programme": "dibao", "subject": ref(n).String()}), nil)
		if err != nil || !bytes.Equal(detailsOf(got), person(n)) {
			w.t.Errorf("person %d at %s: %s, %v", n, by.MSPID(), got, err)
		}
	}
}

func TestErase(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	w.refused(relief.CodePending, civilPreparer, "person:ProposeErasure", eraseInput(2)) // still on the roll
	w.left(2)
	w.refused(relief.CodePending, civilPreparer, "person:ProposeErasure", eraseInput(2)) // listed, and not cancelled
	w.do(civilPreparer, "payment:Cancel", obj{"id": "b1", "reason": "for a test"})
	before := w.ask(auditReader, "roll:Entry", obj{"programme": "dibao", "subject": ref(2).String()})

	e := w.erased(chief, 2)
	w.want(e, "[dibao]", "programmes")
	w.want(e, "retention", "reason")
	w.want(e, "person.propose_erasure", "acts", 0, "act")
	w.want(e, "person.confirm_erasure", "acts", 1, "act")
	w.want(e, "civil-chief", "acts", 1, "by", "name")
	for _, org := range []string{fakeledger.CivilAffairs, fakeledger.Finance} {
		if w.keptAt(org, 2) {
			t.Errorf("%s still has the details", org)
		}
		if !w.keptAt(org, 1) {
			t.Errorf("%s has lost somebody else's", org)
		}
	}
	w.unchanged(provincePreparer, "person:ProposeErasure", eraseInput(2))
	w.unchanged(chief, "person:ConfirmErasure", confirmation(e))
	again := eraseInput(2)
	again["reason"] = "request"
	w.refused(relief.CodeNotFound, provincePreparer, "person:ProposeErasure", again)
	_, err := w.Evaluate(fakeledger.CivilAffairs, civilPreparer, "roll:Details", args(obj{"programme": "dibao", "subject": ref(2).String()}), nil)
	if err == nil || !strings.Contains(err.Error(), "NOT_FOUND") || !strings.Contains(err.Error(), "erased on 2026-12-01 (retention)") {
		t.Errorf("reading the erased: %v", err)
	}
	after := w.ask(auditReader, "roll:Entry", obj{"programme": "dibao", "subject": ref(2).String()})
	w.want(after, before["state"].(string), "state")

	w.refused(relief.CodeNotFound, civilPreparer, "person:ProposeErasure", eraseInput(99))
	bad := eraseInput(2)
	bad["reason"] = "whim"
	w.refused(relief.CodeInvalid, civilPreparer, "person:ProposeErasure", bad)
	w.refused(relief.CodeForbidden, civilApprover, "person:ProposeErasure", eraseInput(2))
	w.refused(relief.CodeForbidden, financePreparer, "person:ProposeErasure", eraseInput(2))
	w.refused(relief.CodeRegion, civilElsewhere, "person:ProposeErasure", eraseInput(2))
}

// A payment that the bank has not answered, or sent back and nobody has closed, needs the details.
func TestEraseWaitsForMoney(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	w.instructed("b1")
	w.left(1)
	w.left(2)
	w.refused(relief.CodePending, civilPreparer, "person:ProposeErasure", eraseInput(1))
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(
		settlement(first+1, 1, payment.OutcomeCredited, 62000), settlement(first+2, 1, payment.OutcomeReturned, 62000)))
	w.erased(chief, 1)
	w.refused(relief.CodePending, civilPreparer, "person:ProposeErasure", eraseInput(2))
}

// Who comes back brings their details back by an import, and may be erased again.
func TestEraseAfterComingBack(t *testing.T) {
	w := county5(t)
	w.left(4)
	w.erased(chief, 4)
	in := rollInput("dibao", 1)
	in["from"] = "2027-01"
	w.imports(in, rollChunk(4, 1))
	if !w.keptAt(fakeledger.Finance, 4) {
		t.Error("the details are not back")
	}
	w.refused(relief.CodePending, civilPreparer, "person:ProposeErasure", eraseInput(4))
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(4).String(), "reason": "moved", "last_period": "2027-02"})
	w.over("2027-02")
	e := w.erased(chief, 4)
	if acts, ok := e["acts"].([]any); !ok || len(acts) != 4 {
		t.Errorf("acts: %v", e["acts"])
	}
}
