// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"testing"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// openDue opens a batch of the programme dibao that may hold payments of earlier periods.
func (w *world) openDue(id, month, earlier, purpose string, count int, sum relief.Fen) {
	w.t.Helper()
	in := batchInput(id, "dibao", "t1", count, sum)
	in["period"], in["earlier_from"], in["purpose"] = month, earlier, purpose
	w.do(civilPreparer, "payment:Open", in)
}

// due lists what is owed to the people of a segment, and checks how many payments of which sum were listed.
func (w *world) due(batch string, listed int, sum relief.Fen) obj {
	w.t.Helper()
	o := w.do(civilPreparer, "payment:AddDue", obj{"batch": batch, "segments": []int{0}})
	w.want(o, fmt.Sprint(listed), "listed")
	w.want(o, sum.String(), "sum")
	return o
}

// transfer is the bank's answer for the transfer of a number with some payments.
func transfer(number, payments int, outcome payment.Outcome, sum relief.Fen) payment.AnswerInput {
	in := settlement(number, 0, outcome, sum)
	for i := 1; i < payments && outcome == payment.OutcomeCredited; i++ {
		in.More = append(in.More, [16]byte{byte(number), byte(i), 3})
	}
	return in
}

// Somebody is granted in March with effect from February: one transfer in April for February, March and April.
func TestGrantedWithEffectFromBefore(t *testing.T) {
	w := newWorld(t)
	w.programme("dibao", 4)
	w.tranche("t1", "dibao", "10000.00")
	in := rollInput("dibao", 0)
	in["from"] = "2026-02"
	w.chunk(w.imports(in, rollChunk(0, 1)), 1, 0)
	w.openDue("april", "2026-04", "2026-01", "", 3, 186000)
	w.want(w.due("april", 3, 186000), "2", "arrears")
	w.want(w.unchanged(civilPreparer, "payment:AddDue", obj{"batch": "april", "segments": []int{0}}), "3", "unchanged")
	if n := len(at(w.ask(financePreparer, "payment:Lines", obj{"batch": "april", "segment": 0}), "lines").([]any)); n != 3 {
		t.Errorf("the open batch shows %d payments", n)
	}
	w.instructed("april")
	b := w.ask(financePreparer, "payment:Get", obj{"id": "april"})
	w.want(b, "1", "file", "count")
	w.want(b, "2", "totals", "joined")
	w.want(b, "1860.00", "file", "sum")

	settle := obj{"batch": "april"}
	o := w.unchanged(financePreparer, "payment:Settle", settle, settlements(transfer(0, 3, payment.OutcomeCredited, 62000)))
	if refused := at(o, "refused").([]any); at(refused[0], "code") != "transfer-differs" || at(refused[0], "note") != "1860.00" {
		t.Errorf("the sum of one payment: %v", o)
	}
	w.chunk(w.do(financePreparer, "payment:Settle", settle, settlements(transfer(0, 3, payment.OutcomeCredited, 186000))), 1, 0)
	w.chunk(w.unchanged(financePreparer, "payment:Settle", settle, settlements(transfer(0, 3, payment.OutcomeCredited, 186000))), 0, 1)
	w.want(w.do(financePreparer, "payment:Tally", obj{"id": "april"}), "3", "totals", "credited")
	w.wantBalances("t1", "issued 10000.00, paid 1860.00, available 8140.00")
	for month, kind := range map[string]string{"202602": "arrears", "202603": "arrears", "202604": "regular"} {
		p := w.ask(auditReader, "payment:Payment", obj{"id": "dibao-530181-0000000-" + month + "-1"})
		w.want(p, kind, "kind")
		w.want(p, "credited", "state")
		w.want(p, "620.00", "amount")
	}
	slots := at(w.ask(auditReader, "payment:Slots", obj{"programme": "dibao", "county": county, "period": "2026-02", "segment": 0}), "slots")
	w.want(slots.([]any)[0].(obj), "arrears", "kind")
}

// A payment comes back, the card is changed by two: it is paid again to the new card, once. A late credit of the old transfer
// changes nothing.
func TestPaidAgainToTheNewCard(t *testing.T) {
	w := county5(t)
	w.openDue("may", "2026-05", "", "", 4, 4*62000)
	w.due("may", 4, 4*62000)
	w.instructed("may")
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "may"}, settlements(settlement(1, 1, payment.OutcomeReturned, 62000))), 1, 0)

	c := w.do(civilPreparer, "roll:ChangePayee", newCard(1), card(101))
	w.do(civilApprover, "roll:ConfirmChange", agreed(c))
	w.openDue("again", "2026-10", "2026-05", "pay_again", 1, 62000)
	o := w.do(civilPreparer, "payment:AddLines", obj{"batch": "again"}, linesChunk(1, 1, 1, 62000))
	if r := w.chunk(o, 0, 0); fmt.Sprint(r) != "[1 period]" && fmt.Sprint(r) != "[1 account-differs]" {
		t.Errorf("the old card: %v", r)
	}
	w.due("again", 1, 62000)
	w.instructed("again")
	w.openDue("twice", "2026-10", "2026-05", "pay_again", 1, 62000)
	w.want(w.unchanged(civilPreparer, "payment:AddDue", obj{"batch": "twice", "segments": []int{0}}), "0", "listed")
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "again"}, settlements(transfer(1, 1, payment.OutcomeCredited, 62000))), 1, 0)
	r := w.chunk(w.unchanged(financePreparer, "payment:Settle", obj{"batch": "may"}, settlements(settlement(1, 1, payment.OutcomeCredited, 62000))), 0, 0)
	if fmt.Sprint(r) != "[2 reversal-by-two]" {
		t.Errorf("a late credit of the old transfer: %v", r)
	}
}

// What is owed is listed for segments of the county's roll alone, in ascending order, in an open batch.
func TestWhatIsOwedIsListedBySegments(t *testing.T) {
	w := county5(t)
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 5, 5*62000))
	for name, segments := range map[string][]int{"none": {}, "twice": {0, 0}, "descending": {1, 0}, "too many": {0, 1, 2, 3, 4}, "no such": {9_999_999}} {
		if e := w.refused(relief.CodeInvalid, civilPreparer, "payment:AddDue", obj{"batch": "b1", "segments": segments}); e == nil {
			t.Error(name)
		}
	}
	o := w.do(civilPreparer, "payment:AddDue", obj{"batch": "b1", "segments": []int{0, 1, 7}})
	w.want(o, "5", "listed")
	w.instructed("b1")
	w.refused(relief.CodeWrongState, civilPreparer, "payment:AddDue", obj{"batch": "b1", "segments": []int{0}})
	bad := batchInput("b2", "dibao", "t1", 1, 62000)
	for _, from := range []string{"2026-11", "2026-12", "2023-10", "2026-Q3"} {
		bad["earlier_from"] = from
		if e := w.refused(relief.CodeInvalid, civilPreparer, "payment:Open", bad); e.Field != "earlier_from" {
			t.Errorf("%s: %v", from, e)
		}
	}
}
