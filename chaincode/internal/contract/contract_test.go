// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// first is the first number of a roll.
const first = 0

// county5 has a programme, a tranche of 10,000.00 and a roll of five people in segments of four.
func county5(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	w.programme("dibao", 4)
	w.tranche("t1", "dibao", "10000.00")
	if r := w.chunk(w.imports(rollInput("dibao", 0), rollChunk(0, 4)), 4, 0); len(r) > 0 {
		t.Fatalf("refused: %v", r)
	}
	w.chunk(w.imports(rollInput("dibao", 1), rollChunk(4, 1)), 1, 0)
	return w
}

// listed opens a batch and lists the five people of county5 in it.
func (w *world) listed(batch string) {
	w.t.Helper()
	w.do(civilPreparer, "payment:Open", batchInput(batch, "dibao", "t1", 5, 5*62000))
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": batch}, linesChunk(first, 0, 4, 62000)), 4, 0)
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": batch}, linesChunk(first+4, 4, 1, 62000)), 1, 0)
}

// instructed takes a batch from listed to instructed.
func (w *world) instructed(batch string) {
	w.t.Helper()
	id := obj{"id": batch}
	w.do(civilPreparer, "payment:Seal", id)
	w.do(civilApprover, "payment:Approve", id)
	w.do(financeApprover, "payment:Authorise", w.filed(batch))
	w.do(financePreparer, "payment:Instruct", id)
}

// fileHash is the SHA-256 of the payment files of the tests, which nobody opens.
var fileHash = strings.Repeat("ab", 32)

// fileInput is the argument for the payment file of a batch, for a working day that no clock of the tests comes to.
func fileInput(batch string, count, sum any) obj {
	return obj{
		"id": batch, "file_sha256": fileHash, "message_id": "RT-" + batch, "created_at": "2026-10-20T10:00:00+08:00",
		"execute_on": "2099-12-31", "count": count, "sum": sum,
	}
}

// filed makes the payment file of an approved batch, and gives the argument of its authorisation.
func (w *world) filed(batch string) obj {
	w.t.Helper()
	b := w.ask(financePreparer, "payment:Get", obj{"id": batch})
	transfers := at(b, "totals", "listed").(float64)
	for _, without := range []string{"joined", "netted"} {
		if n, ok := at(b, "totals", without).(float64); ok {
			transfers -= n
		}
	}
	w.do(financePreparer, "payment:MakeFile", fileInput(batch, transfers, at(b, "control", "sum")))
	return obj{"id": batch, "file_sha256": fileHash}
}

// TestMonth is the story of one month, with a payment that comes back and is paid again.
func TestMonth(t *testing.T) {
	w := county5(t)
	w.wantBalances("t1", "issued 10000.00, available 10000.00")
	w.listed("b1")
	w.wantBalances("t1", "issued 10000.00, available 10000.00")

	b := w.do(civilPreparer, "payment:Seal", obj{"id": "b1"})
	w.want(b, "sealed", "state")
	w.want(b, "5", "totals", "listed")
	w.want(b, "3100.00", "totals", "listed_sum")
	w.want(b, "[0 1]", "segments")
	w.wantBalances("t1", "issued 10000.00, reserved 3100.00, available 6900.00")
	w.want(w.do(civilApprover, "payment:Approve", obj{"id": "b1"}), "approved", "state")
	w.want(w.do(financeApprover, "payment:Authorise", w.filed("b1")), "authorised", "state")
	b = w.do(financePreparer, "payment:Instruct", obj{"id": "b1"})
	w.want(b, "instructed", "state")
	w.want(b, fileHash, "file_sha256")
	w.want(b, "2026-10-20T02:00:00Z", "file", "created_at")
	w.want(b, "3100.00", "file", "sum")

	w.refused(relief.CodePending, financePreparer, "payment:Close", obj{"id": "b1"})
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(
		settlement(first, 1, payment.OutcomeCredited, 62000), settlement(first+1, 1, payment.OutcomeReturned, 62000),
		settlement(first+2, 1, payment.OutcomeCredited, 62000), settlement(first+3, 1, payment.OutcomeCredited, 62000),
	)), 4, 0)
	w.want(w.do(financePreparer, "payment:Tally", obj{"id": "b1"}), "1", "totals", "pending")
	w.wantBalances("t1", "issued 10000.00, reserved 620.00, paid 1860.00, in_return 620.00, available 6900.00")
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(
		settlement(first+4, 1, payment.OutcomeCredited, 62000))), 1, 0)
	b = w.do(financePreparer, "payment:Tally", obj{"id": "b1"})
	w.want(b, "4", "totals", "credited")
	w.want(b, "620.00", "totals", "returned_sum")
	w.want(b, "0", "totals", "pending")
	w.want(w.do(financePreparer, "payment:Close", obj{"id": "b1"}), "closed", "state")

	w.payAgain()
	pays := fmt.Sprintf("dibao-530181-%07d-202611-", first+1)
	w.want(w.ask(auditReader, "payment:Payment", obj{"id": pays + "1"}), "returned", "state")
	p := w.ask(auditReader, "payment:Payment", obj{"id": pays + "2"})
	w.want(p, "credited", "state")
	w.want(p, "b2", "batch")
	w.want(p, ref(1).String(), "subject")
	w.wantBalances("t1", "issued 10000.00, paid 3100.00, available 6900.00")
	w.want(w.closesTranche("t1"), "closed", "state")
	w.wantBalances("t1", "issued 10000.00, paid 3100.00, refunded 6900.00")
}

// payAgain pays the returned payment of TestMonth in a batch of its own.
func (w *world) payAgain() {
	w.t.Helper()
	in := batchInput("b2", "dibao", "t1", 1, 62000)
	in["purpose"] = "pay_again"
	w.do(civilPreparer, "payment:Open", in)
	add := obj{"batch": "b2"}
	if r := w.chunk(w.do(civilPreparer, "payment:AddLines", add, linesChunk(first, 0, 2, 62000)), 1, 0); len(r) != 1 {
		w.t.Errorf("paying again what was credited: %v", r)
	}
	w.instructed("b2")
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "b2"}, settlements(
		settlement(first+1, 2, payment.OutcomeCredited, 62000))), 1, 0)
	w.do(financePreparer, "payment:Tally", obj{"id": "b2"})
	w.do(financePreparer, "payment:Close", obj{"id": "b2"})
}

func TestChunkAgain(t *testing.T) {
	w := county5(t)
	w.chunk(w.imports(rollInput("dibao", 0), seen(roll.SeenSame, rollChunk(0, 4))), 0, 4)
	w.listed("b1")
	add := obj{"batch": "b1"}
	w.chunk(w.unchanged(civilPreparer, "payment:AddLines", add, linesChunk(first, 0, 4, 62000)), 0, 4)
	w.instructed("b1")
	done := settlements(settlement(first, 1, payment.OutcomeCredited, 62000), settlement(first+1, 1, payment.OutcomeReturned, 62000))
	w.chunk(w.do(financePreparer, "payment:Settle", add, done), 2, 0)
	w.chunk(w.unchanged(financePreparer, "payment:Settle", add, done), 0, 2)
	r := w.chunk(w.unchanged(financePreparer, "payment:Settle", add, settlements(
		settlement(first+1, 1, payment.OutcomeCredited, 62000), settlement(first+2, 1, payment.OutcomeCredited, 61999),
		settlement(first+3, 2, payment.OutcomeCredited, 62000))), 0, 0)
	if want := "[2 reversal-by-two 3 amount-differs 4 not-in-batch]"; fmt.Sprint(r) != want {
		t.Errorf("another answer: %v, want %s", r, want)
	}
}

// TestChunkOfSegments lists and settles people of two segments in one transaction, in whichever order; only the segment that changes
// is written.
func TestChunkOfSegments(t *testing.T) {
	w := county5(t)
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 5, 5*62000))
	add := obj{"batch": "b1"}
	w.chunk(w.do(civilPreparer, "payment:AddLines", add, linesChunk(first, 0, 3, 62000)), 3, 0)
	w.chunk(w.do(civilPreparer, "payment:AddLines", add, linesChunk(first, 0, 5, 62000)), 2, 3)
	w.instructed("b1")
	answer := func(i int) payment.AnswerInput { return settlement(first+i, 1, payment.OutcomeCredited, 62000) }
	refused := settlement(first+3, 1, payment.OutcomeCredited, 61999)
	refused.Seq = 9
	r := w.chunk(w.do(financePreparer, "payment:Settle", add, settlements(answer(4), refused, answer(2), answer(0))), 3, 0)
	if want := "[9 amount-differs]"; fmt.Sprint(r) != want {
		t.Errorf("refused: %v, want %s", r, want)
	}
	p, err := w.Endorse(financePreparer, "payment:Settle", args(add), settlements(answer(4), answer(1)))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.Tx().Writes); n != 1 {
		t.Errorf("%d keys are written, want that of the segment that changed", n)
	}
	w.chunk(w.do(financePreparer, "payment:Settle", add, settlements(answer(4), answer(3), answer(1))), 2, 1)
	w.do(financePreparer, "payment:Tally", obj{"id": "b1"})
	w.do(financePreparer, "payment:Close", obj{"id": "b1"})
}

// TestTwice lists people who are listed or paid already.
func TestTwice(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	w.do(civilPreparer, "payment:Open", batchInput("b2", "dibao", "t1", 4, 4*62000))
	again := obj{"batch": "b2"}
	all := func(code relief.LineCode) {
		t.Helper()
		r := w.chunk(w.unchanged(civilPreparer, "payment:AddLines", again, linesChunk(first, 0, 4, 62000)), 0, 0)
		want := fmt.Sprintf("[1 %[1]s 2 %[1]s 3 %[1]s 4 %[1]s]", code)
		if fmt.Sprint(r) != want {
			t.Errorf("listed in two batches: %v, want %s", r, want)
		}
	}
	all(relief.LineAlreadyListed)
	w.instructed("b1")
	var s []payment.AnswerInput
	for i := range 4 {
		s = append(s, settlement(first+i, 1, payment.OutcomeCredited, 62000))
	}
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(s...))
	all(relief.LineAlreadyPaid)
	w.wantBalances("t1", "issued 10000.00, reserved 3100.00, available 6900.00")
}

// TestRace lets two batches go for the same slots in one block.
func TestRace(t *testing.T) {
	w := county5(t)
	for _, b := range []string{"b1", "b2"} {
		w.do(civilPreparer, "payment:Open", batchInput(b, "dibao", "t1", 4, 4*62000))
	}
	var proposals []*fakeProposal
	for _, b := range []string{"b1", "b2"} {
		p, err := w.Endorse(civilPreparer, "payment:AddLines", args(obj{"batch": b}), linesChunk(first, 0, 4, 62000))
		if err != nil {
			t.Fatal(err)
		}
		proposals = append(proposals, p)
	}
	results := w.Commit(proposals...)
	if results[0].Err() != nil || !conflict(results[1].Err()) {
		t.Errorf("two batches for one slot: %v, %v", results[0].Err(), results[1].Err())
	}
	r := w.chunk(w.unchanged(civilPreparer, "payment:AddLines", obj{"batch": "b2"}, linesChunk(first, 0, 4, 62000)), 0, 0)
	if len(r) != 4 || !strings.HasSuffix(r[0], string(relief.LineAlreadyListed)) {
		t.Errorf("the loser tries again: %v", r)
	}
}

// TestSealIsExact lets lines come into a batch while it is sealed: they or the seal win, never both.
func TestSealIsExact(t *testing.T) {
	for _, sealFirst := range []bool{true, false} {
		w := county5(t)
		w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 4, 4*62000))
		w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(first, 0, 4, 62000))
		seal, err := w.Endorse(civilPreparer, "payment:Seal", args(obj{"id": "b1"}), nil)
		if err != nil {
			t.Fatal(err)
		}
		add, err := w.Endorse(civilPreparer, "payment:AddLines", args(obj{"batch": "b1"}), linesChunk(first+4, 4, 1, 62000))
		if err != nil {
			t.Fatal(err)
		}
		both := []*fakeProposal{seal, add}
		if !sealFirst {
			slices.Reverse(both)
		}
		results := w.Commit(both...)
		if results[0].Err() != nil || !conflict(results[1].Err()) {
			t.Errorf("seal first %t: %v, %v", sealFirst, results[0].Err(), results[1].Err())
		}
	}
}

func TestSealTotals(t *testing.T) {
	for name, c := range map[string]struct {
		count int
		sum   relief.Fen
	}{"count": {6, 5 * 62000}, "sum": {5, 5*62000 + 1}} {
		t.Run(name, func(t *testing.T) {
			w := county5(t)
			w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", c.count, c.sum))
			w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(first, 0, 4, 62000))
			w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(first+4, 4, 1, 62000))
			w.refused(relief.CodeTotals, civilPreparer, "payment:Seal", obj{"id": "b1"})
			w.wantBalances("t1", "issued 10000.00, available 10000.00")
		})
	}
	t.Run("funds", func(t *testing.T) {
		w := county5(t)
		w.tranche("t2", "dibao", "3100.00")
		in := batchInput("b1", "dibao", "t2", 5, 5*62000)
		w.do(civilPreparer, "payment:Open", in)
		w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(first, 0, 4, 62000))
		w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(first+4, 4, 1, 62000))
		w.refunds("t2", "0.01")
		w.refused(relief.CodeFunds, civilPreparer, "payment:Seal", obj{"id": "b1"})
		in["id"] = "b2"
		w.refused(relief.CodeFunds, civilPreparer, "payment:Open", in)
		w.unchanged(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t2", 5, 5*62000))
	})
}

// TestCancel frees the reservation and the slots.
func TestCancel(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	w.do(civilPreparer, "payment:Seal", obj{"id": "b1"})
	w.wantBalances("t1", "issued 10000.00, reserved 3100.00, available 6900.00")
	cancel := obj{"id": "b1", "reason": "a wrong list"}
	w.want(w.do(civilApprover, "payment:Cancel", cancel), "cancelled", "state")
	w.wantBalances("t1", "issued 10000.00, available 10000.00")
	w.unchanged(civilApprover, "payment:Cancel", cancel)
	w.refused(relief.CodeWrongState, civilApprover, "payment:Approve", obj{"id": "b1"})
	w.listed("b2")
	w.instructed("b2")
	w.refused(relief.CodeWrongState, civilApprover, "payment:Cancel", obj{"id": "b2", "reason": "too late"})
	p := w.ask(auditReader, "payment:Payment", obj{"id": fmt.Sprintf("dibao-530181-%07d-202611-1", first)})
	w.want(p, "instructed", "state")
	w.want(p, "b2", "batch")
}

// TestLateReturn has the bank take back a credit after the tranche was closed, with its batch closed or still open.
func TestLateReturn(t *testing.T) {
	for _, closedFirst := range []bool{true, false} {
		w := county5(t)
		w.listed("b1")
		w.instructed("b1")
		var s []payment.AnswerInput
		for i := range 4 {
			s = append(s, settlement(first+i, 1, payment.OutcomeCredited, 62000))
		}
		w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(s...))
		last := settlement(first+4, 1, payment.OutcomeCredited, 62000)
		w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(last))
		w.do(financePreparer, "payment:Tally", obj{"id": "b1"})
		if closedFirst {
			w.do(financePreparer, "payment:Close", obj{"id": "b1"})
		}
		w.closesTranche("t1")
		w.reverses("b1", "t1", "returned", fmt.Sprintf("dibao-530181-%07d-202611-1", first+4), "620.00")
		if !closedFirst {
			w.want(w.do(financePreparer, "payment:Close", obj{"id": "b1"}), "closed", "state")
		}
		w.wantBalances("t1", "issued 10000.00, paid 2480.00, refunded 7520.00")
		p := w.ask(auditReader, "payment:Payment", obj{"id": fmt.Sprintf("dibao-530181-%07d-202611-1", first+4)})
		w.want(p, "reversed", "state")
	}
}

// TestAllocate gives money down and uses it.
func TestAllocate(t *testing.T) {
	w := county5(t)
	in := obj{
		"parent": "t1", "id": "t2", "region": county + "001", "amount": "4000.00", "account": "5301000000000002",
		"targets": trancheInput("", "", "", "")["targets"],
	}
	c := w.do(financeApprover, "fund:Allocate", in)
	w.want(c, "t1", "parent")
	w.want(c, "central", "source")
	w.wantBalances("t1", "issued 10000.00, allocated 4000.00, available 6000.00")
	w.wantBalances("t2", "issued 4000.00, available 4000.00")
	w.unchanged(financeApprover, "fund:Allocate", in)
	in["id"], in["amount"] = "t3", "6000.01"
	w.refused(relief.CodeFunds, financeApprover, "fund:Allocate", in)
	in["amount"], in["region"] = "1.00", "530129"
	w.refused(relief.CodeRegion, financeApprover, "fund:Allocate", in)
	open := batchInput("b1", "dibao", "t2", 1, 62000)
	w.refused(relief.CodeRegion, civilPreparer, "payment:Open", open)
}

// TestRegister refuses regions that the register does not have.
func TestRegister(t *testing.T) {
	w := county5(t)
	nowhere := trancheInput("t5", "dibao", "530199", "1.00")
	if e := w.refused(relief.CodeInvalid, financeApprover, "fund:Issue", nowhere); e.Field != "region" {
		t.Errorf("refusal %v names no region", e)
	}
	in := rollInput("dibao", 0)
	in["county"] = "530199"
	w.importRefused(relief.CodeInvalid, in, rollChunk(20, 1))
	batch := batchInput("b5", "dibao", "t1", 1, 1)
	batch["region"] = "530199"
	w.refused(relief.CodeInvalid, provincePreparer, "payment:Open", batch)
	draft := programmeInput("tekun", 1, 4)
	draft["region"] = "5302"
	w.refused(relief.CodeInvalid, provincePreparer, "programme:Draft", draft)
}

// TestSegments refuses segments whose numbers would run over.
func TestSegments(t *testing.T) {
	w := county5(t)
	w.importRefused(relief.CodeInvalid, rollInput("dibao", 1<<30), rollChunk(9, 1))
	w.importRefused(relief.CodeInvalid, rollInput("dibao", 2_500_001), rollChunk(9, 1))
	w.listed("b1")
	w.refused(relief.CodeInvalid, civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(relief.MaxRollNumber+1, 0, 1, 62000))
	w.refused(relief.CodeInvalid, civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(first, 0, 4*wire.MaxChunkSegments+1, 62000))
	w.refused(relief.CodeInvalid, civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(first, 0, 0, 62000))
	w.refused(relief.CodeInvalid, civilApprover, "roll:Import", obj{"import": "i1", "segments": []int{1}}, rollChunk(9, wire.MaxChunkLines+1))
	for _, segments := range [][]int{{}, {0, 1, 0}, {0, 1, 2, 3, 4}} {
		if e := w.importRefused(relief.CodeInvalid, rollInput("dibao", segments...), rollChunk(9, 1)); e.Field != "segments" {
			t.Errorf("refusal %v names no segments", e)
		}
	}
	quarter := rollInput("dibao", 1)
	quarter["from"] = "2026-Q1"
	w.importRefused(relief.CodeInvalid, quarter, rollChunk(9, 1))
}

// TestPages walks lists page by page.
func TestPages(t *testing.T) {
	w := county5(t)
	for i := range 7 {
		in := batchInput(fmt.Sprintf("b%d", i), "dibao", "t1", 1, 62000)
		if i%2 == 1 {
			in["period"] = "2026-10"
		}
		w.do(civilPreparer, "payment:Open", in)
	}
	walk := func(in obj) (ids []string, pages int) {
		for {
			pages++
			p := w.ask(auditReader, "payment:List", in)
			for _, b := range at(p, "items").([]any) {
				ids = append(ids, fmt.Sprint(at(b, "id")))
			}
			if in["cursor"] = at(p, "next"); in["cursor"] == "" {
				return ids, pages
			}
		}
	}
	if ids, pages := walk(obj{"limit": 3}); fmt.Sprint(ids) != "[b0 b1 b2 b3 b4 b5 b6]" || pages != 3 {
		t.Errorf("%v in %d pages", ids, pages)
	}
	if ids, _ := walk(obj{"limit": 2, "period": "2026-10", "state": "open"}); fmt.Sprint(ids) != "[b1 b3 b5]" {
		t.Errorf("of October: %v", ids)
	}
	if ids, _ := walk(obj{"programme": "tekun"}); len(ids) != 0 {
		t.Errorf("of no programme: %v", ids)
	}
	w.want(w.ask(auditReader, "programme:List", obj{}), "dibao", "items", 0, "id")
	w.want(w.ask(auditReader, "fund:List", obj{}), "t1", "items", 0, "id")
	lines := w.ask(auditReader, "payment:Lines", obj{"batch": "b0", "segment": 0})
	w.want(lines, "[]", "lines")
}

// TestEnded opens no batch under a programme that has ended.
func TestEnded(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	w.ends("dibao")
	w.refused(relief.CodeWrongState, civilPreparer, "payment:Open", batchInput("b2", "dibao", "t1", 1, 1))
	w.importRefused(relief.CodeWrongState, rollInput("dibao", 1), rollChunk(9, 1))
	w.instructed("b1")
}

// provinceChief is another approver of the province than provinceApprover.
var provinceChief = fakeledger.Official(fakeledger.CivilAffairs, chief.Name(), "approver", "53")

// ends has two officials end a programme.
func (w *world) ends(id string) {
	w.t.Helper()
	w.want(w.do(provinceApprover, "programme:End", obj{"id": id}), "in_force", "state")
	w.want(w.do(provinceChief, "programme:End", obj{"id": id}), "ended", "state")
}

// Nobody alone ends a programme, which would stop the payments of all its households: not with an old proposal, or with one from before the programme changed.
func TestNobodyEndsAProgrammeAlone(t *testing.T) {
	w := county5(t)
	id := obj{"id": "dibao"}
	w.want(w.do(provinceApprover, "programme:End", id), "in_force", "state")
	w.unchanged(provinceApprover, "programme:End", id)
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 1, 1))
	w.later(91 * day)
	w.want(w.do(provinceChief, "programme:End", id), "in_force", "state") // a proposal of its own
	w.do(provincePreparer, "programme:Draft", programmeInput("dibao", 2, 4))
	w.want(w.do(provinceApprover, "programme:End", id), "in_force", "state")
	w.want(w.do(provinceChief, "programme:End", id), "ended", "state")
	w.unchanged(provinceChief, "programme:End", id)
	w.refused(relief.CodeWrongState, provinceApprover, "programme:End", id)
}

// TestIdempotence sends every act of the story twice: the answer is the same and nothing is written.
func TestIdempotence(t *testing.T) {
	w := newWorld(t)
	twice := func(by *fakeIdentity, function string, input any) {
		t.Helper()
		first := w.do(by, function, input)
		if again := w.unchanged(by, function, input); fmt.Sprint(again) != fmt.Sprint(first) {
			t.Errorf("%s again: %v, was %v", function, again, first)
		}
	}
	twice(provincePreparer, "programme:Draft", programmeInput("dibao", 1, 4))
	twice(provinceFinance, "programme:Enact", obj{"id": "dibao", "version": 1})
	twice(financeApprover, "fund:Issue", trancheInput("t1", "dibao", county, "10000.00"))
	w.imports(rollInput("dibao", 0), rollChunk(0, 4))
	twice(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 4, 4*62000))
	w.refused(relief.CodeConflict, civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 4, 4*62000+1))
	w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(first, 0, 4, 62000))
	id := obj{"id": "b1"}
	twice(civilPreparer, "payment:Seal", id)
	twice(civilApprover, "payment:Approve", id)
	twice(financePreparer, "payment:MakeFile", fileInput("b1", 4, "2480.00"))
	twice(financeApprover, "payment:Authorise", obj{"id": "b1", "file_sha256": fileHash})
	twice(financePreparer, "payment:Instruct", id)
	var s []payment.AnswerInput
	for i := range 4 {
		s = append(s, settlement(first+i, 1, payment.OutcomeCredited, 62000))
	}
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(s...))
	twice(financePreparer, "payment:Tally", id)
	twice(financePreparer, "payment:Close", id)
	twice(provinceApprover, "programme:End", obj{"id": "dibao"})
	twice(provinceChief, "programme:End", obj{"id": "dibao"})
	w.refunds("t1", w.balances("t1")["available"].String())
	twice(financeApprover, "fund:Close", obj{"id": "t1"})
}
