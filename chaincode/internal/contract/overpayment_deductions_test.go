// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"testing"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// deducted has person 0 paid 780.00 for August, of which 480.00 is owed by terms that were corrected afterwards: 300.00 too much, of
// which 100.00 is deducted each month from September on.
func deducted(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	w.programme("dibao", 4)
	w.tranche("t1", "dibao", "10000.00")
	w.tranche("t2", "dibao", "10000.00")
	chunk := transient{
		wire.TransientRoll: roll.AppendRoll(nil, []roll.Input{
			{Seq: 1, Ref: ref(0), Region: county + "001", Persons: 1, Class: 'B', Amount: 78000, Payee: payeeOf(0)},
		}),
		wire.TransientPersons: roll.AppendDetails(nil, [][]byte{person(0)}),
	}
	w.chunk(w.imports(rollInput("dibao", 0), chunk), 1, 0)
	w.paid("b08", "2026-08", obj{"tranche": "t1"}, []payment.LineInput{lineOf(0, 0, county+"001", 78000)})
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:SetTerms", obj{
		"programme": "dibao", "subject": ref(0).String(), "class": "B", "persons": 1, "amount": "480.00", "from": "2026-08", "reason": "correction",
		"document": "安民〔2026〕8号",
	}))
	o := w.do(civilPreparer, "overpayment:Deduct", obj{"id": firstOverpayment, "amount": "100.00", "from": "2026-09"})
	w.wantStanding(o, "open", "300.00", "0.00", "300.00")
	w.do(civilApprover, "overpayment:ConfirmDeduction", decided(o, 1))
	return w
}

// listedFor opens a batch of a month whose control sum is what is transferred, lists the person, and seals it.
func (w *world) listedFor(batch, month string, amount, transferred relief.Fen) obj {
	w.t.Helper()
	w.openFor(month, batchInput(batch, "dibao", "t2", 1, transferred))
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": batch}, linesOf(lineOf(0, 0, county+"001", amount))), 1, 0)
	return w.ask(auditReader, "payment:Payment", obj{"id": fmt.Sprintf("dibao-530181-0000000-%s-1", month[:4]+month[5:])})
}

// 300.00 overpaid is taken back by three deductions of 100.00 of 480.00: the bank pays 380.00 three times, and the tranche paid
// 1,140.00.
func TestAnOverpaymentIsDeductedInThreeMonths(t *testing.T) {
	w := deducted(t)
	w.SetTime(time.Date(2026, 12, 1, 2, 0, 0, 0, time.UTC))
	for i, month := range []string{"2026-09", "2026-10", "2026-11"} {
		batch := "b" + month[5:]
		p := w.listedFor(batch, month, 48000, 38000)
		w.want(p, "480.00", "amount")
		w.want(p, "100.00", "deducted")
		w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": batch}, linesOf(lineOf(0, 0, county+"001", 48000))), 0, 1)
		w.instructed(batch)
		w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": batch}, settlements(settlement(0, 1, payment.OutcomeCredited, 38000))), 1, 0)
		w.do(financePreparer, "payment:Tally", obj{"id": batch})
		w.do(financePreparer, "payment:Close", obj{"id": batch})
		o := w.ask(auditReader, "overpayment:Get", obj{"id": firstOverpayment})
		w.want(o, relief.Fen((i+1)*10000).String(), "deducted")
		w.want(o, relief.Fen(30000-(i+1)*10000).String(), "outstanding")
	}
	w.want(w.ask(auditReader, "overpayment:Get", obj{"id": firstOverpayment}), "settled", "state")
	w.wantBalances("t2", "issued 10000.00, paid 1140.00, available 8860.00")
	w.wantBalances("t1", "issued 10000.00, paid 780.00, available 9220.00")
	w.want(w.listedFor("b12", "2026-12", 48000, 48000), "480.00", "amount") // nothing more is deducted
}

// A deduction counts while its payment is listed, is free again with the line and with a cancelled batch, and stays when the
// transfer comes back.
func TestWhichDeductionsStand(t *testing.T) {
	w := deducted(t)
	outstanding := func(want string) {
		t.Helper()
		w.want(w.ask(auditReader, "overpayment:Get", obj{"id": firstOverpayment}), want, "outstanding")
	}
	w.listedFor("b09", "2026-09", 48000, 38000)
	outstanding("200.00")
	w.do(civilPreparer, "payment:RemoveLines", obj{"batch": "b09", "subjects": []string{ref(0).String()}})
	outstanding("300.00")
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "b09"}, linesOf(lineOf(0, 0, county+"001", 48000))), 1, 0)
	outstanding("200.00")
	w.do(civilPreparer, "payment:Cancel", obj{"id": "b09", "reason": "for a test"})
	outstanding("300.00")
	w.listedFor("b09-2", "2026-09", 48000, 38000)
	w.instructed("b09-2")
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "b09-2"}, settlements(settlement(0, 1, payment.OutcomeReturned, 38000))), 1, 0)
	outstanding("200.00")
	w.recovers(firstOverpayment, 1, "150.00")
	outstanding("50.00")
	w.listedFor("b10", "2026-10", 48000, 43000)
	outstanding("0.00")
}
