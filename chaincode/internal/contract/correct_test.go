// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

var civilDeputy = fakeledger.Official(fakeledger.CivilAffairs, "civil-deputy", "preparer", county)

// TestABatchIsCorrected: the preparer of an open batch is away, one line of it is wrong and the control totals are off by
// one. It is handed over, the line is replaced, the totals are corrected, and it is sealed under the same id.
func TestABatchIsCorrected(t *testing.T) {
	w := county5(t)
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 6, 6*62000))
	add := obj{"batch": "b1"}
	w.chunk(w.do(civilPreparer, "payment:AddLines", add, linesChunk(first, 0, 4, 62000)), 4, 0)
	hand := obj{"id": "b1", "to": "civil-deputy"}
	w.refused(relief.CodeForbidden, civilDeputy, "payment:Seal", obj{"id": "b1"})
	w.want(w.do(civilApprover, "payment:HandOver", hand), "civil-deputy", "preparers", 1, "name")
	w.unchanged(civilApprover, "payment:HandOver", hand)
	w.refused(relief.CodeForbidden, civilPreparer, "payment:AddLines", add, linesChunk(first+4, 4, 1, 62000))

	remove := obj{"batch": "b1", "subjects": []string{ref(1).String(), ref(99).String(), ref(4).String(), ref(3).String()}}
	removed := w.do(civilDeputy, "payment:RemoveLines", remove)
	w.want(removed, "2", "removed")
	w.want(removed, fmt.Sprint([]string{ref(99).String(), ref(4).String()}), "unknown")
	w.want(w.unchanged(civilDeputy, "payment:RemoveLines", remove), "0", "removed")
	w.want(w.ask(auditReader, "payment:Lines", obj{"batch": "b1", "segment": 0}), ref(2).String(), "lines", 1, "subject")
	w.chunk(w.do(civilDeputy, "payment:AddLines", add, linesChunk(first, 0, 4, 62000)), 2, 2)
	w.chunk(w.do(civilDeputy, "payment:AddLines", add, linesChunk(first+4, 4, 1, 62000)), 1, 0)
	w.refused(relief.CodeTotals, civilDeputy, "payment:Seal", obj{"id": "b1"})
	control := obj{"id": "b1", "count": 5, "sum": "3100.00"}
	w.want(w.do(civilDeputy, "payment:SetControl", control), "5", "control", "count")
	w.unchanged(civilDeputy, "payment:SetControl", control)
	w.want(w.do(civilDeputy, "payment:Seal", obj{"id": "b1"}), "sealed", "state")
	for _, name := range []string{"civil-preparer", "civil-deputy"} {
		w.refused(relief.CodeSamePerson, fakeledger.Official(fakeledger.CivilAffairs, name, "approver", county), "payment:Approve", obj{"id": "b1"})
	}
	w.do(civilApprover, "payment:Approve", obj{"id": "b1"})
	w.wantBalances("t1", "issued 10000.00, reserved 3100.00, available 6900.00")
}

// TestSentBackByFinance opens an authorised batch again; its money is free, and its second round needs all approvals anew.
func TestSentBackByFinance(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	id, back := obj{"id": "b1"}, obj{"id": "b1", "reason": "一人重复"}
	w.do(civilPreparer, "payment:Seal", id)
	w.do(civilApprover, "payment:Approve", id)
	w.do(financeApprover, "payment:Authorise", w.filed("b1"))
	w.refused(relief.CodeForbidden, civilApprover, "payment:SendBack", back)
	w.refused(relief.CodeForbidden, financePreparer, "payment:SendBack", back)
	b := w.do(financeApprover, "payment:SendBack", back)
	w.want(b, "open", "state")
	w.want(b, "一人重复", "sent_back", 0, "reason")
	w.want(b, "5", "sent_back", 0, "act")
	w.want(b, fileHash, "taken_back", 0, "sha256")
	w.want(b, "<nil>", "file")
	w.want(b, "0", "totals", "listed")
	w.unchanged(financeApprover, "payment:SendBack", back)
	w.wantBalances("t1", "issued 10000.00, available 10000.00")
	w.refused(relief.CodeWrongState, financePreparer, "payment:Instruct", id)

	w.do(civilPreparer, "payment:RemoveLines", obj{"batch": "b1", "subjects": []string{ref(4).String()}})
	w.do(civilPreparer, "payment:SetControl", obj{"id": "b1", "count": 4, "sum": "2480.00"})
	w.do(civilPreparer, "payment:Seal", id)
	w.wantBalances("t1", "issued 10000.00, reserved 2480.00, available 7520.00")
	w.refused(relief.CodeWrongState, financeApprover, "payment:Authorise", obj{"id": "b1", "file_sha256": fileHash})
	w.do(civilApprover, "payment:Approve", id)
	w.refused(relief.CodePending, financeApprover, "payment:Authorise", obj{"id": "b1", "file_sha256": fileHash})
	again := fileInput("b1", 4, "2480.00")
	w.refused(relief.CodeInvalid, financePreparer, "payment:MakeFile", again)
	again["message_id"] = "RT-b1-2"
	w.do(financePreparer, "payment:MakeFile", again)
	w.do(financeApprover, "payment:Authorise", obj{"id": "b1", "file_sha256": fileHash})
	w.do(financePreparer, "payment:Instruct", id)
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(settlement(first+3, 1, payment.OutcomeCredited, 62000))), 1, 0)
	w.refused(relief.CodeNotFound, auditReader, "payment:Payment", obj{"id": fmt.Sprintf("dibao-530181-%07d-202611-1", first+4)})
}

// TestTakingOutLosesAgainstASeal: a line that is taken out while the batch is sealed is refused, or the seal is.
func TestTakingOutLosesAgainstASeal(t *testing.T) {
	for _, sealFirst := range []bool{true, false} {
		w := county5(t)
		w.listed("b1")
		seal, err := w.Endorse(civilPreparer, "payment:Seal", args(obj{"id": "b1"}), nil)
		if err != nil {
			t.Fatal(err)
		}
		remove, err := w.Endorse(civilPreparer, "payment:RemoveLines", args(obj{"batch": "b1", "subjects": []string{ref(0).String()}}), nil)
		if err != nil {
			t.Fatal(err)
		}
		both := []*fakeProposal{remove, seal}
		if sealFirst {
			both = []*fakeProposal{seal, remove}
		}
		results := w.Commit(both...)
		if results[0].Err() != nil || !conflict(results[1].Err()) {
			t.Errorf("seal first %t: %v, %v", sealFirst, results[0].Err(), results[1].Err())
		}
	}
}

func TestWhatCorrectionsMayBe(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	many := make([]string, 501)
	for i := range many {
		many[i] = ref(i).String()
	}
	for field, c := range map[string]struct {
		function string
		input    obj
	}{
		"subjects, none":  {"payment:RemoveLines", obj{"batch": "b1", "subjects": []string{}}},
		"subjects, many":  {"payment:RemoveLines", obj{"batch": "b1", "subjects": many}},
		"subjects, twice": {"payment:RemoveLines", obj{"batch": "b1", "subjects": []string{ref(0).String(), ref(0).String()}}},
		"count":           {"payment:SetControl", obj{"id": "b1", "count": 0, "sum": "1.00"}},
		"sum":             {"payment:SetControl", obj{"id": "b1", "count": 1, "sum": "0.00"}},
		"to":              {"payment:HandOver", obj{"id": "b1", "to": "civil-preparer"}},
	} {
		if e := w.refused(relief.CodeInvalid, civilPreparer, c.function, c.input); len(field) < len(e.Field) || field[:len(e.Field)] != e.Field || e.Field == "" {
			t.Errorf("%s names the field %s", field, e.Field)
		}
	}
	w.want(w.do(civilPreparer, "payment:RemoveLines", obj{"batch": "b1", "subjects": many[:500]}), "5", "removed")
}
