// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"strings"
	"testing"

	"relieftrail/chaincode/relief"
)

// visitInput is what was found at a unit, together with another official.
func visitInput(plan string, unit int, with *fakeIdentity, more obj) obj {
	in := obj{
		"plan": plan, "place": unit, "made_on": "2026-12-02", "with": obj{"agency": with.MSPID(), "name": with.Name()}, "replaced": []obj{}, "result": "met",
		"received": "all", "situation": "as_recorded", "pictures": []obj{{"sha256": strings.Repeat("ab", 32), "media_type": "image/jpeg"}},
	}
	for name, v := range more {
		in[name] = v
	}
	return in
}

// Two of the inspectors visit each unit, a reserve stands in for the one that was not met, and audit finishes the draw.
func TestVisitsOnTheLedger(t *testing.T) {
	w := plantedCounty(t)
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	for n := range 101 {
		w.do(civilPreparer, "case:Adopt", onRoll(n))
	}
	w.do(auditApprover, "oversight:Plan", planInput("visits", period, obj{"inspectors": []obj{
		{"agency": "AuditMSP", "name": "audit-preparer"}, {"agency": "FinanceMSP", "name": "finance-preparer"},
		{"agency": "CivilAffairsMSP", "name": "civil-preparer"}, {"agency": "AuditMSP", "name": "audit-approver"},
	}}))
	for _, by := range nonceHolders() {
		w.commits("visits", by)
	}
	w.on("2026-12-02")
	w.do(auditApprover, "oversight:Frame", obj{"plan": "visits"})
	for _, by := range nonceHolders() {
		w.reveals("visits", by)
	}
	w.refused(relief.CodeWrongState, auditPreparer, "oversight:Visit", visitInput("visits", 0, financePreparer, nil))
	w.do(auditApprover, "oversight:Draw", obj{"plan": "visits"})
	units := at(w.ask(auditReader, "oversight:Drawn", obj{"plan": "visits"}), "units").([]any)
	by := map[string]*fakeIdentity{"audit-preparer": auditPreparer, "finance-preparer": financePreparer, "audit-approver": auditApprover}
	visitors := func(unit int) (*fakeIdentity, *fakeIdentity) {
		of := at(units[unit], "inspectors").([]any)
		return by[fmt.Sprint(at(of[0], "name"))], by[fmt.Sprint(at(of[1], "name"))]
	}
	visit := func(unit int, more obj) {
		t.Helper()
		one, other := visitors(unit)
		v := w.do(one, "oversight:Visit", visitInput("visits", unit, other, more))
		w.refused(relief.CodeSamePerson, one, "oversight:ConfirmVisit", obj{"plan": "visits", "place": unit, "sha256": at(v, "sha256"), "agree": true})
		w.want(w.do(other, "oversight:ConfirmVisit", obj{"plan": "visits", "place": unit, "sha256": at(v, "sha256"), "agree": true}), "confirmed", "state")
	}
	one, other := visitors(0)
	w.refused(relief.CodeInvalid, one, "oversight:Visit", visitInput("visits", len(units), other, nil)) // it was not drawn
	w.refused(relief.CodeInvalid, one, "oversight:Visit", visitInput("visits", -1, other, nil))
	w.refused(relief.CodePending, one, "oversight:Visit", visitInput("visits", 5, other, nil))             // a reserve before its turn
	w.refused(relief.CodeForbidden, civilPreparer, "oversight:Visit", visitInput("visits", 0, other, nil)) // acted in the case
	w.refused(relief.CodeForbidden, one, "oversight:Visit", visitInput("visits", 0, civilPreparer, nil))
	w.refused(relief.CodeForbidden, auditReader, "oversight:Visit", visitInput("visits", 0, other, nil)) // without the duty
	w.refused(relief.CodeSamePerson, one, "oversight:Visit", visitInput("visits", 0, one, nil))
	w.refused(relief.CodeInvalid, one, "oversight:Visit", obj{"plan": "visits", "place": 0, "made_on": "2026-12-02", "with": obj{"agency": "AuditMSP", "name": "nobody"}, "replaced": []obj{}, "result": "met", "pictures": []obj{}})
	w.refused(relief.CodeNotFound, other, "oversight:ConfirmVisit", obj{"plan": "visits", "place": 0, "sha256": digest("visit"), "agree": true})
	w.refused(relief.CodeNotFound, auditReader, "oversight:GetVisit", obj{"plan": "visits", "place": 0})
	missed := obj{"result": "absent", "received": "", "situation": "", "pictures": []obj{}}
	visit(0, missed)
	w.refused(relief.CodePending, auditApprover, "oversight:Finish", obj{"plan": "visits"})
	for unit := range units {
		if unit > 0 && fmt.Sprint(at(units[unit], "reserve")) == "false" {
			visit(unit, nil)
		}
	}
	w.refused(relief.CodePending, auditApprover, "oversight:Finish", obj{"plan": "visits"}) // the reserve is left
	w.refused(relief.CodePending, one, "oversight:Visit", visitInput("visits", 8, other, nil))
	visit(5, nil)
	w.want(w.ask(auditReader, "oversight:GetVisit", obj{"plan": "visits", "place": 5}), "met", "result")
	w.refused(relief.CodeForbidden, civilApprover, "oversight:Finish", obj{"plan": "visits"})
	done := w.do(auditApprover, "oversight:Finish", obj{"plan": "visits"})
	w.want(done, "finished", "state")
	for name, n := range map[string]string{"met": "7", "absent": "1", "reserves": "1", "unfilled": "0"} {
		w.want(done, n, "visited", name)
	}
	w.refused(relief.CodeWrongState, one, "oversight:Visit", visitInput("visits", 5, other, nil))
}
