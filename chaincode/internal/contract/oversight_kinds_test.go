// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// credits lists what is owed for a month and earlier ones, has it credited on a day, and gives how many payments there were.
func (w *world) credits(id, month, earlier, purpose string, on relief.Day, answers ...payment.AnswerInput) {
	w.t.Helper()
	count, sum := 0, relief.Fen(0)
	for i := range answers {
		count += 1 + len(answers[i].More)
		sum += answers[i].Amount
		answers[i].Day = on.Number()
	}
	w.openDue(id, month, earlier, purpose, count, sum)
	w.due(id, count, sum)
	w.instructed(id)
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": id}, settlements(answers...)), len(answers), 0)
}

// A month has rows of what was paid in it, whatever the period: arrears, top-ups and what is paid again. Who is late for a period
// does not depend on when terms were raised. A household that moves in the county neither comes nor leaves.
func TestAMonthOfEverything(t *testing.T) {
	w := newWorld(t)
	w.programme("dibao", 100)
	w.tranche("t1", "dibao", "100000.00")
	in := rollInput("dibao", 0)
	in["from"] = "2026-11"
	w.chunk(w.imports(in, rollChunk(0, 4)), 4, 0) // in a township of which the roll knows no villages
	w.on("2026-11-04")
	back := settlement(3, 1, payment.OutcomeReturned, 62000)
	w.credits("november", "2026-11", "", "", "2026-11-08", settlement(0, 1, payment.OutcomeCredited, 62000), settlement(1, 1, payment.OutcomeCredited, 62000),
		settlement(2, 1, payment.OutcomeCredited, 62000), back)
	w.on("2026-11-20")
	w.want(w.do(civilPreparer, "oversight:CloseMonth", closing("2026-11")), "1", "returned")

	// In December number 1 has 660.00 from November on, number 2 moves, number 3 is paid again, and a fifth household is put on from November on.
	w.setTerms(1, 66000, relief.MonthPeriod(2026*12+10))
	w.chunk(w.imports(obj{"programme": "dibao", "county": county, "segments": []int{0}, "from": "2026-11"}, rollChunk(4, 1)), 1, 0)
	move := w.do(civilPreparer, "roll:Move", obj{"programme": "dibao", "subject": ref(2).String(), "region": county + "002"})
	w.confirmed(civilPreparer, move)
	w.on("2026-12-03")
	w.openDue("december", "2026-12", "2026-11", "", 7, 5*62000+66000+4000)
	w.want(w.due("december", 7, 5*62000+66000+4000), "1", "top_ups")
	w.instructed("december")
	number := func(n, payments int, sum relief.Fen) payment.AnswerInput {
		a := transfer(n, payments, payment.OutcomeCredited, sum)
		a.Day = relief.Day("2026-12-09").Number()
		return a
	}
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "december"}, settlements(number(0, 1, 62000), number(1, 2, 70000), number(3, 1, 62000), number(4, 2, 124000), number(5, 1, 62000))), 5, 0)
	w.on("2026-12-15")
	w.credits("again", "2026-12", "2026-11", "pay_again", "2026-12-14", settlement(3, 0, payment.OutcomeCredited, 62000))
	month := w.do(civilPreparer, "oversight:CloseMonth", closing("2026-12"))
	household := func(n int, p string) (string, int) {
		if n == 1 {
			return "B", 1
		}
		return "A", 1
	}
	w.wantVillages(month, w.creditedIn(1, household, "december", "again"))
	for name, want := range map[string]string{"due": "5", "on_time": "5", "rows": "8", "entered": "0", "left": "0", "due_sum": "3140.00", "on_time_sum": "3140.00", "sum": "4420.00"} {
		w.want(month, want, name)
	}
	november := w.do(civilPreparer, "oversight:CloseMonth", closing("2026-11"))
	for name, want := range map[string]string{
		"version": "2", "due": "5", "due_sum": "3140.00", "on_time": "3", "on_time_sum": "1860.00", "late_30": "1", "late_more": "1", "unpaid": "0",
		"paid_again": "1", "paid_sum": "3140.00", "rows": "3", "entered": "5",
	} {
		w.want(november, want, name)
	}
	w.wantVillages(november, w.creditedIn(1, household, "november"))
}

// What is deducted counts as paid, and the row says how much it is. The household of a payment that is more than is owed now is in
// the list of its month, and owed what the roll says now.
func TestAMonthWithADeduction(t *testing.T) {
	w := deducted(t)
	w.on("2026-12-01")
	w.listedFor("b09", "2026-09", 48000, 38000)
	w.instructed("b09")
	answer := settlement(0, 1, payment.OutcomeCredited, 38000)
	answer.Day = relief.Day("2026-09-09").Number()
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "b09"}, settlements(answer)), 1, 0)
	month := w.do(civilPreparer, "oversight:CloseMonth", closing("2026-09"))
	for name, want := range map[string]string{"due_sum": "480.00", "on_time_sum": "480.00", "paid_sum": "480.00", "sum": "480.00", "deducted": "100.00", "on_time": "1"} {
		w.want(month, want, name)
	}
	household := func(int, string) (string, int) { return "B", 1 }
	w.wantVillages(month, w.creditedIn(1, household, "b09"))
	august := w.do(civilPreparer, "oversight:CloseMonth", closing("2026-08"))
	for name, want := range map[string]string{"due_sum": "480.00", "paid_sum": "480.00", "sum": "780.00", "late_more": "1"} {
		w.want(august, want, name)
	}
	w.wantVillages(august, w.creditedIn(1, household, "b08"))
}

// Single grants are due on the pay-by day of the month after the one in which they were decided. A person with two of them is one
// household with two rows.
func TestAMonthOfGrants(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.caseProgramme(emergency("two"))
	w.tranche("t1", "jinan", "100000.00")
	w.on("2026-10-21")
	w.helped("e1", 1, "1800.00")
	w.helped("e2", 1, "200.00")
	w.helped("e3", 3, "900.00")
	w.on("2026-11-03")
	in := batchInput("g", "jinan", "t1", 3, 290000)
	in["earlier_from"] = "2026-10"
	w.do(civilPreparer, "payment:Open", in)
	w.want(w.do(civilPreparer, "payment:AddDue", obj{"batch": "g", "segments": []int{0}}), "3", "grants")
	w.instructed("g")
	both := transfer(0, 2, payment.OutcomeCredited, 200000)
	both.Day = relief.Day("2026-11-10").Number()
	back := settlement(1, 0, payment.OutcomeReturned, 90000)
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "g"}, settlements(both, back)), 2, 0)
	w.on("2026-11-10")
	of := func(period string) obj { return obj{"programme": "jinan", "county": county, "period": period} }
	w.refused(relief.CodePending, civilPreparer, "oversight:CloseMonth", of("2026-10"))
	w.on("2026-11-11")
	month := w.do(civilPreparer, "oversight:CloseMonth", of("2026-10"))
	for name, want := range map[string]string{
		"pay_by": "2026-11-10", "due": "3", "due_sum": "2900.00", "on_time": "2", "on_time_sum": "2000.00", "unpaid": "1", "returned": "1", "rows": "0", "entered": "0",
	} {
		w.want(month, want, name)
	}
	w.on("2026-12-11")
	accounting := w.do(civilPreparer, "oversight:CloseMonth", of("2026-11"))
	for name, want := range map[string]string{"due": "0", "rows": "2", "households": "1", "sum": "2000.00"} {
		w.want(accounting, want, name)
	}
	w.wantVillages(accounting, w.creditedIn(1, func(int, string) (string, int) { return "A", 1 }, "g"))
}

// A suspension, a death and an exit, each counted in its month, whichever day it was recorded.
func TestWhoIsOnTheRollInAMonth(t *testing.T) {
	w := county5(t)
	w.on("2026-11-24")
	of := func(n int, more obj) obj {
		more["programme"], more["subject"] = "dibao", ref(n).String()
		return more
	}
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Suspend", of(1, obj{"from": "2026-12", "reason": "核查"})))
	w.exits(civilPreparer, of(2, obj{"reason": "death", "died_on": "2026-11-20"}))
	w.exits(civilPreparer, of(3, obj{"reason": "income", "last_period": "2026-12"}))
	w.on("2027-01-20")
	for month, want := range map[string]string{
		"2026-11": "5 due, 0 left, 0 suspended, 1 deaths", "2026-12": "3 due, 1 left, 1 suspended, 0 deaths", "2027-01": "2 due, 1 left, 1 suspended, 0 deaths",
	} {
		m := w.do(civilPreparer, "oversight:CloseMonth", closing(month))
		if got := fmt.Sprintf("%v due, %v left, %v suspended, %v deaths", at(m, "due"), at(m, "left"), at(m, "suspended"), at(m, "deaths")); got != want {
			t.Errorf("%s: %s, want %s", month, got, want)
		}
	}
}
