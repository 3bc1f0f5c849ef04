// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"maps"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// listOf names the list of a period, and more.
func listOf(period string, more obj) obj {
	in := closing(period)
	maps.Copy(in, more)
	return in
}

// A list is shown when another official agrees with what one has proposed, bound by its hash; corrected by the month's next version
// without being shown for longer; and taken down by two.
func TestAPublishedList(t *testing.T) {
	w := plantedCounty(t)
	w.refused(relief.CodeNotFound, civilPreparer, "oversight:ProposeList", closing(period))
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	w.refused(relief.CodeNotFound, civilApprover, "oversight:DecideList", listOf(period, obj{"sha256": digest("list"), "agree": true}))
	w.refused(relief.CodeForbidden, auditReader, "oversight:ProposeList", closing(period))

	proposed := w.do(civilPreparer, "oversight:ProposeList", closing(period))
	w.want(proposed, "proposed", "state")
	w.want(proposed, "2026-12-08", "due") // 20 working days after 10 November
	w.want(w.do(civilPreparer, "oversight:ProposeList", closing(period)), "1", "proposed", "month")
	agree := func(p obj) obj { return listOf(period, obj{"sha256": at(p, "proposed", "sha256"), "agree": true}) }
	w.refused(relief.CodeConflict, civilApprover, "oversight:DecideList", listOf(period, obj{"sha256": digest("list"), "agree": true}))
	w.refused(relief.CodeForbidden, civilPreparer, "oversight:DecideList", agree(proposed))
	shown := w.do(civilApprover, "oversight:DecideList", agree(proposed))
	for name, want := range map[string]string{"month": "1", "version": "1", "published_on": "2026-11-30", "online_until": "2027-02-27"} {
		w.want(shown, want, "shown", name)
	}
	w.refused(relief.CodeWrongState, civilApprover, "oversight:DecideList", agree(proposed))
	w.refused(relief.CodeConflict, civilPreparer, "oversight:ProposeList", closing(period))

	// An answer that came late: neither the old version nor one that is not closed yet can be published.
	w.on("2026-12-14")
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(answered(97, 1, payment.OutcomeCredited, "2026-12-14")))
	w.refused(relief.CodeConflict, civilPreparer, "oversight:ProposeList", closing(period))
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	second := w.do(civilPreparer, "oversight:ProposeList", closing(period))
	w.want(second, "changing", "state")
	w.want(second, "1", "shown", "month")
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(answered(99, 1, payment.OutcomeCredited, "2026-12-14")))
	w.refused(relief.CodeConflict, civilApprover, "oversight:DecideList", agree(second))
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	w.refused(relief.CodeConflict, civilApprover, "oversight:DecideList", agree(second))
	third := w.do(civilPreparer, "oversight:ProposeList", closing(period))
	corrected := w.do(civilApprover, "oversight:DecideList", agree(third))
	for name, want := range map[string]string{"month": "3", "version": "2", "published_on": "2026-11-30", "online_until": "2027-02-27"} {
		w.want(corrected, want, "shown", name)
	}

	w.refused(relief.CodeInvalid, civilPreparer, "oversight:TakeDownList", listOf(period, obj{"reason": "because"}))
	down := w.do(civilApprover, "oversight:TakeDownList", listOf(period, obj{"reason": "privacy"}))
	w.refused(relief.CodeSamePerson, civilApprover, "oversight:DecideList", agree(down))
	refused := w.do(civilSecondApprover(), "oversight:DecideList", listOf(period, obj{"sha256": at(down, "proposed", "sha256"), "agree": false}))
	w.want(refused, "shown", "state")
	again := w.do(civilPreparer, "oversight:TakeDownList", listOf(period, obj{"reason": "privacy"}))
	w.want(w.do(civilApprover, "oversight:DecideList", agree(again)), "down", "state")
	w.want(w.do(civilPreparer, "oversight:ProposeList", closing(period)), "proposed", "state")
	w.want(w.ask(auditReader, "oversight:Publication", closing(period)), "proposed", "state")
}

func civilSecondApprover() *fakeledger.Identity {
	return fakeledger.Official(fakeledger.CivilAffairs, "civil-second-approver", "approver", county)
}
