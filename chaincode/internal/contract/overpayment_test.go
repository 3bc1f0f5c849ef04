// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"testing"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// paid opens a batch of a month for people of one segment, and has the bank credit it. drawn are its tranche or its sources.
func (w *world) paid(batch, month string, drawn obj, lines []payment.LineInput, returned ...int) {
	w.t.Helper()
	w.instructedFor(batch, month, drawn, lines)
	var answers []payment.AnswerInput
	for _, l := range lines {
		outcome := payment.OutcomeCredited
		for _, number := range returned {
			if number == int(l.Number) {
				outcome = payment.OutcomeReturned
			}
		}
		answers = append(answers, settlement(int(l.Number), 1, outcome, l.Amount))
	}
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": batch}, settlements(answers...)), len(lines), 0)
	w.do(financePreparer, "payment:Tally", obj{"id": batch})
	w.do(financePreparer, "payment:Close", obj{"id": batch})
}

// instructedFor opens a batch of a month and takes it to the bank.
func (w *world) instructedFor(batch, month string, drawn obj, lines []payment.LineInput) {
	w.t.Helper()
	var sum relief.Fen
	for i := range lines {
		lines[i].Seq = uint32(i + 1)
		sum += lines[i].Amount
	}
	in := batchInput(batch, "dibao", "", len(lines), sum)
	delete(in, "tranche")
	for k, v := range drawn {
		in[k] = v
	}
	w.openFor(month, in)
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": batch}, linesOf(lines...)), len(lines), 0)
	w.instructed(batch)
}

// entry is an entry of a bank's statement by which money came back.
func entry(n int, amount string) obj {
	return obj{"ref_sha256_128": fmt.Sprintf("%032x", n), "amount": amount, "booked_on": "2026-10-20"}
}

func decided(o obj, measure int) obj {
	return obj{"id": o["id"], "measure": measure, "sha256": at(o, "measures", measure-1, "sha256"), "agree": true}
}

// recovers has two officials of finance recover an amount by an entry of its own.
func (w *world) recovers(id string, n int, amount string) obj {
	w.t.Helper()
	o := w.do(financePreparer, "overpayment:Recover", obj{"id": id, "amount": amount, "entry": entry(n, amount)})
	return w.do(financeApprover, "overpayment:ConfirmRecovery", decided(o, len(at(o, "measures").([]any))))
}

func (w *world) wantStanding(o obj, state, excess, recovered, outstanding string) {
	w.t.Helper()
	w.want(o, state, "state")
	w.want(o, excess, "excess")
	w.want(o, recovered, "recovered")
	w.want(o, outstanding, "outstanding")
}

const firstOverpayment = "dibao-530181-0000000"

// A death on 2026-07-14 is recorded on 2026-11-03. The household of one was paid 620.00 for August to October: 1,860.00, which come
// back as 1,000.00 and 860.00. The tranche has them again.
func TestWhatWasPaidAfterADeathComesBackInTwoSums(t *testing.T) {
	for _, of := range []struct {
		name     string
		returned bool
		excess   string
		sums     [2]string
	}{{"all credited", false, "1860.00", [2]string{"1000.00", "860.00"}}, {"October returned", true, "1240.00", [2]string{"1000.00", "240.00"}}} {
		t.Run(of.name, func(t *testing.T) {
			w := county5(t)
			for _, month := range []string{"2026-07", "2026-08", "2026-09", "2026-10"} {
				var returned []int
				if of.returned && month == "2026-10" {
					returned = []int{0}
				}
				w.paid("b"+month, month, obj{"tranche": "t1"}, []payment.LineInput{lineOf(0, 0, county+"001", 62000)}, returned...)
			}
			w.SetTime(time.Date(2026, 11, 3, 2, 0, 0, 0, time.UTC))
			w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(0).String(), "reason": "death", "died_on": "2026-07-14"})
			o := w.ask(auditReader, "overpayment:Get", obj{"id": firstOverpayment})
			w.wantStanding(o, "open", of.excess, "0.00", of.excess)
			w.want(o, ref(0).String(), "subject")
			w.want(o, "roll.confirm_change", "acts", 0, "act")

			before := w.balances("t1")
			w.wantStanding(w.recovers(firstOverpayment, 1, of.sums[0]), "open", of.excess, "1000.00", of.sums[1])
			o = w.recovers(firstOverpayment, 2, of.sums[1])
			w.wantStanding(o, "settled", of.excess, of.excess, "0.00")
			w.want(o, "[map[amount:620.00 attempt:1 period:2026-08 tranche:t1] map[amount:380.00 attempt:1 period:2026-09 tranche:t1]]",
				"measures", 0, "parts")
			after := w.balances("t1")
			if got := after["recovered"].String(); got != of.excess || after["available"]-before["available"] != after["recovered"] {
				t.Errorf("the tranche has %v again, want %s", after, of.excess)
			}
			w.refused(relief.CodeWrongState, financePreparer, "overpayment:Recover", obj{"id": firstOverpayment, "amount": "0.01", "entry": entry(3, "0.01")})
		})
	}
}

// A payment that comes back after the overpayment was opened lowers it by itself.
func TestAReturnLowersAnOverpayment(t *testing.T) {
	w := county5(t)
	line := []payment.LineInput{lineOf(0, 0, county+"001", 62000)}
	w.paid("b09", "2026-09", obj{"tranche": "t1"}, line)
	w.instructedFor("b10", "2026-10", obj{"tranche": "t1"}, line)
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(0).String(), "reason": "death", "died_on": "2026-08-31"})
	get := func() obj { return w.ask(auditReader, "overpayment:Get", obj{"id": firstOverpayment}) }
	w.wantStanding(get(), "open", "620.00", "0.00", "620.00")
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "b10"}, settlements(settlement(0, 1, payment.OutcomeCredited, 62000))), 1, 0)
	w.wantStanding(get(), "open", "1240.00", "0.00", "1240.00")
	w.recovers(firstOverpayment, 1, "700.00")
	w.reverses("b10", "t1", "returned", "dibao-530181-0000000-202610-1", "620.00")
	w.wantStanding(get(), "settled", "620.00", "700.00", "0.00")
}

// What comes back of a payment from several sources is divided as the payment was, whatever the parts in which it comes.
func TestARecoveryIsDividedAmongTheSources(t *testing.T) {
	w := county5(t)
	w.tranche("t2", "dibao", "10000.00")
	w.tranche("t3", "dibao", "10000.00")
	drawn := obj{"sources": []obj{{"tranche": "t1", "weight": 60}, {"tranche": "t2", "weight": 25}, {"tranche": "t3", "weight": 15}}}
	w.paid("b10", "2026-10", drawn, []payment.LineInput{lineOf(0, 0, county+"001", 62000)})
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(0).String(), "reason": "moved", "last_period": "2026-09"})
	for i, amount := range []string{"0.01", "0.01", "0.03", "100.00", "519.95"} {
		w.recovers(firstOverpayment, i+1, amount)
	}
	for id, want := range map[string]string{"t1": "372.00", "t2": "155.00", "t3": "93.00"} {
		if got := w.balances(id)["recovered"].String(); got != want {
			t.Errorf("tranche %s has %s again, want %s", id, got, want)
		}
	}
}

// What comes back after its tranche was closed goes to the tranche above, or is refunded where there is none.
func TestARecoveryAfterTheTrancheWasClosed(t *testing.T) {
	w := county5(t)
	w.do(financeApprover, "fund:Allocate", obj{
		"parent": "t1", "id": "t1a", "region": county + "001", "amount": "620.00", "account": "5301000000000001",
		"targets": trancheInput("", "", "", "")["targets"],
	})
	for i, id := range []string{"t1a", "t1"} {
		w.paid("b"+id, fmt.Sprintf("2026-%02d", 9+i), obj{"tranche": id, "region": county + "001"}, []payment.LineInput{lineOf(0, 0, county+"001", 62000)})
	}
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(0).String(), "reason": "moved", "last_period": "2026-08"})
	w.do(financeApprover, "fund:Close", obj{"id": "t1a"})
	o := w.recovers(firstOverpayment, 1, "620.00")
	w.want(o, "t1", "measures", 0, "parts", 0, "to")
	w.wantBalances("t1a", "issued 620.00, paid 620.00")
	w.wantBalances("t1", "issued 10000.00, recovered 620.00, allocated 620.00, paid 620.00, available 9380.00")
	w.closesTranche("t1")
	w.recovers(firstOverpayment, 2, "620.00")
	w.wantBalances("t1", "issued 10000.00, recovered 1240.00, allocated 620.00, paid 620.00, refunded 10000.00")
}

// overpaid has person 0 paid 620.00 for a period after the last one.
func overpaid(t testing.TB) *world {
	w := county5(t)
	w.paid("b10", "2026-10", obj{"tranche": "t1"}, []payment.LineInput{lineOf(0, 0, county+"001", 62000), lineOf(1, 1, county+"001", 62000)})
	for n := range 2 {
		w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(n).String(), "reason": "moved", "last_period": "2026-09"})
	}
	return w
}

func TestWhoSettlesAnOverpayment(t *testing.T) {
	w := overpaid(t)
	recover := obj{"id": firstOverpayment, "amount": "100.00", "entry": entry(1, "100.00")}
	w.refused(relief.CodeForbidden, civilPreparer, "overpayment:Recover", recover)
	o := w.do(financePreparer, "overpayment:Recover", recover)
	w.unchanged(financePreparer, "overpayment:Recover", recover)
	w.refused(relief.CodePending, financePreparer, "overpayment:Recover", obj{"id": firstOverpayment, "amount": "100.00", "entry": entry(2, "100.00")})
	w.refused(relief.CodeForbidden, financePreparer, "overpayment:ConfirmRecovery", decided(o, 1))
	other := decided(o, 1)
	other["sha256"] = digest("another")
	w.refused(relief.CodeConflict, financeApprover, "overpayment:ConfirmRecovery", other)
	w.refused(relief.CodeInvalid, financeApprover, "overpayment:ConfirmWriteOff", decided(o, 1))
	w.do(financeApprover, "overpayment:ConfirmRecovery", decided(o, 1))
	w.unchanged(financeApprover, "overpayment:ConfirmRecovery", decided(o, 1))
	w.unchanged(financePreparer, "overpayment:Recover", recover)

	w.refused(relief.CodeInvalid, financePreparer, "overpayment:Recover", obj{"id": firstOverpayment, "amount": "520.01", "entry": entry(2, "520.01")})
	w.refused(relief.CodeInvalid, financePreparer, "overpayment:Recover", obj{"id": firstOverpayment, "amount": "520.00", "entry": entry(2, "519.99")})
	second := "dibao-530181-0000001"
	w.refused(relief.CodeConflict, financePreparer, "overpayment:Recover", obj{"id": second, "amount": "100.00", "entry": entry(1, "100.00")})
	for _, id := range []string{firstOverpayment, second} { // one transfer for both
		o = w.do(financePreparer, "overpayment:Recover", obj{"id": id, "amount": "200.00", "entry": entry(9, "400.00")})
		w.do(financeApprover, "overpayment:ConfirmRecovery", decided(o, len(at(o, "measures").([]any))))
	}
	w.refused(relief.CodeConflict, financePreparer, "overpayment:Recover", obj{"id": second, "amount": "1.00", "entry": entry(9, "400.00")})
	w.refused(relief.CodeConflict, financePreparer, "overpayment:Recover", obj{"id": second, "amount": "1.00", "entry": entry(9, "401.00")})

	o = w.do(civilPreparer, "overpayment:WriteOff", obj{"id": firstOverpayment, "amount": "300.00", "document": "安民发〔2026〕12号"})
	w.refused(relief.CodeForbidden, civilApprover, "overpayment:ConfirmWriteOff", decided(o, 3))
	w.refused(relief.CodeForbidden, financePreparer, "overpayment:Withdraw", obj{"id": firstOverpayment, "measure": 3})
	o = w.do(financeApprover, "overpayment:ConfirmWriteOff", decided(o, 3))
	w.want(o, "300.00", "written_off")
	w.wantStanding(o, "open", "620.00", "300.00", "20.00")
	w.refused(relief.CodeConflict, civilApprover, "overpayment:WriteOff", obj{"id": firstOverpayment, "amount": "10.00", "document": "安民发〔2026〕12号"})
	o = w.do(civilPreparer, "overpayment:WriteOff", obj{"id": firstOverpayment, "amount": "20.00", "document": "安民发〔2026〕13号"})
	w.do(civilPreparer, "overpayment:Withdraw", obj{"id": firstOverpayment, "measure": 4})
	w.unchanged(civilPreparer, "overpayment:Withdraw", obj{"id": firstOverpayment, "measure": 4})
	w.refused(relief.CodeWrongState, financeApprover, "overpayment:ConfirmWriteOff", decided(o, 4))
	page := w.ask(auditReader, "overpayment:List", obj{"region": county + "001", "state": "open"})
	if items := at(page, "items").([]any); len(items) != 2 {
		t.Errorf("%d open overpayments, want 2", len(items))
	}
}
