// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// What follows reckons the rows of a village again from what other functions answer, and shares no code with the domain: canonical
// JSON is what encoding/json makes of a map, and the root is RFC 6962's recursion.

func rfc6962(leaves [][]byte) []byte {
	switch len(leaves) {
	case 0:
		empty := sha256.Sum256(nil)
		return empty[:]
	case 1:
		return leaves[0]
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	sum := sha256.Sum256(slices.Concat([]byte{1}, rfc6962(leaves[:k]), rfc6962(leaves[k:])))
	return sum[:]
}

func rowHash(row any) []byte {
	b, err := json.Marshal(row)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(append([]byte{0}, b...))
	return sum[:]
}

// reckonedRow is a credited payment as a row of a list, with what orders it.
type reckonedRow struct {
	village, number, order string
	amount                 relief.Fen
	row                    obj
}

// creditedIn reads the credited payments of some batches, as rows, by the class and persons that the roll has for each.
func (w *world) creditedIn(segments int, household func(number int, period string) (class string, persons int), batches ...string) (rows []reckonedRow) {
	w.t.Helper()
	for _, batch := range batches {
		for segment := range segments {
			lines, _ := at(w.ask(auditReader, "payment:Lines", obj{"batch": batch, "segment": segment}), "lines").([]any)
			for _, line := range lines {
				if at(line, "state") != "credited" {
					continue
				}
				text := func(name string) string { s, _ := at(line, name).(string); return s }
				number := int(at(line, "number").(float64))
				class, persons := household(number, text("period"))
				deducted := text("deducted")
				if deducted == "" {
					deducted = "0.00"
				}
				amount, err := relief.ParseFen(text("amount"))
				if err != nil {
					w.t.Fatal(err)
				}
				further := text("kind") == "top_up" || text("kind") == "grant"
				rows = append(rows, reckonedRow{
					text("region"), fmt.Sprintf("%07d", number), fmt.Sprint(text("period"), further, at(line, "attempt")), amount,
					obj{
						"amount": text("amount"), "class": class, "deducted": deducted, "kind": text("kind"), "leaf": text("leaf_hash"),
						"paid_on": text("credited_on"), "period": text("period"), "persons": persons, "schema": "relieftrail/row/v1",
					},
				})
			}
		}
	}
	slices.SortFunc(rows, func(a, b reckonedRow) int {
		return strings.Compare(a.village+a.number+a.order, b.village+b.number+b.order)
	})
	return rows
}

// wantVillages compares the villages of a closed month with rows that were reckoned apart from it.
func (w *world) wantVillages(month obj, rows []reckonedRow) {
	w.t.Helper()
	var want []string
	for i := 0; i < len(rows); {
		var leaves [][]byte
		var sum relief.Fen
		people, persons, first := map[string]bool{}, 0, i
		for ; i < len(rows) && rows[i].village == rows[first].village; i++ {
			leaves, sum = append(leaves, rowHash(rows[i].row)), sum+rows[i].amount
			if last := i+1 == len(rows) || rows[i+1].number != rows[i].number || rows[i+1].village != rows[i].village; last {
				people[rows[i].number] = true
				persons += rows[i].row["persons"].(int)
			}
		}
		want = append(want, fmt.Sprint(rows[first].village, " ", len(leaves), " ", len(people), " ", persons, " ", sum, " ", hex.EncodeToString(rfc6962(leaves))))
	}
	var got []string
	for _, v := range at(month, "villages").([]any) {
		got = append(got, fmt.Sprint(at(v, "code"), " ", at(v, "rows"), " ", at(v, "households"), " ", at(v, "persons"), " ", at(v, "sum"), " ", at(v, "root")))
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("the villages are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// closing is the argument for the month of the planted county.
func closing(period string) obj { return obj{"programme": "dibao", "county": county, "period": period} }

// answered is the bank's answer for a number, on a day.
func answered(number, attempt int, outcome payment.Outcome, on relief.Day) payment.AnswerInput {
	a := settlement(number, attempt, outcome, 62000)
	a.Day = on.Number()
	return a
}

// plantedCounty has 101 households that are owed 620.00 for 2026-11: 90 are paid in time, 4 three days late, 2 came back and were
// paid on the 25th, 1 came back, of 3 the bank has said nothing, and 1 was forgotten.
func plantedCounty(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	w.programme("dibao", 1000)
	w.tranche("t1", "dibao", "100000.00")
	list := make([]roll.Input, 101)
	lines := make([]payment.LineInput, 100)
	for i := range list {
		region, persons := relief.Region(county+"001001"), uint8(2)
		switch {
		case i >= 80:
			region = county + "002001"
		case i >= 60:
			region = county + "001002"
		}
		if i < 10 || i >= 94 {
			persons = 1
		}
		list[i] = roll.Input{Seq: uint32(i + 1), Ref: ref(i), Region: region, Persons: persons, Class: 'A', Amount: 62000, Payee: payeeOf(i)}
		if i < len(lines) {
			lines[i] = lineOf(i, i, region, 62000)
			lines[i].Seq = uint32(i + 1)
		}
	}
	w.chunk(w.imports(rollInput("dibao", 0), rollChunkOf(list, 0)), 101, 0)
	w.on("2026-11-02")
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 100, 100*62000))
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesOf(lines...)), 100, 0)
	w.instructed("b1")
	var answers []payment.AnswerInput
	for i := range 97 {
		switch {
		case i < 90:
			answers = append(answers, answered(i, 1, payment.OutcomeCredited, "2026-11-09"))
		case i < 94:
			answers = append(answers, answered(i, 1, payment.OutcomeCredited, "2026-11-13"))
		default:
			answers = append(answers, answered(i, 1, payment.OutcomeReturned, "2026-11-11"))
		}
	}
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(answers...)), 97, 0)
	w.on("2026-11-23")
	again := batchInput("b2", "dibao", "t1", 2, 2*62000)
	again["purpose"] = "pay_again"
	w.do(civilPreparer, "payment:Open", again)
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "b2"}, linesOf(lines[94:96]...)), 2, 0)
	w.instructed("b2")
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "b2"}, settlements(
		answered(94, 2, payment.OutcomeCredited, "2026-11-25"), answered(95, 2, payment.OutcomeCredited, "2026-11-25"))), 2, 0)
	w.on("2026-11-30")
	return w
}

// Timeliness counts whom nobody paid: 90 of 101 and not 90 of 96.
func TestThePlantedMonth(t *testing.T) {
	w := plantedCounty(t)
	month := w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	for name, want := range map[string]string{
		"version": "1", "pay_by": "2026-11-10", "due": "101", "due_sum": "62620.00", "on_time": "90", "on_time_sum": "55800.00",
		"late_5": "4", "late_10": "0", "late_30": "2", "late_more": "0", "unpaid": "5", "returned": "1", "paid_again": "2", "paid_sum": "59520.00",
		"rows": "96", "sum": "59520.00", "deducted": "0.00", "households": "96", "persons": "180",
		"entered": "0", "left": "0", "suspended": "0", "deaths": "0",
	} {
		w.want(month, want, name)
	}
	w.want(month, "A", "classes", 0, "class")
	w.want(month, "180", "classes", 0, "persons")
	household := func(n int, _ string) (string, int) {
		if n < 10 || n >= 94 {
			return "A", 1
		}
		return "A", 2
	}
	w.wantVillages(month, w.creditedIn(1, household, "b1", "b2"))
	for i, want := range []string{"530181001001 60 110 37200.00", "530181001002 20 40 12400.00", "530181002001 16 30 9920.00"} {
		v := at(month, "villages", i)
		if got := fmt.Sprint(at(v, "code"), " ", at(v, "rows"), " ", at(v, "persons"), " ", at(v, "sum")); got != want {
			t.Errorf("village %s, want %s", got, want)
		}
	}
	w.want(w.ask(auditReader, "oversight:Month", closing(period)), "101", "due")
}

// A month is not closed while payments may come in time, nor twice without a change; an answer that comes late makes another
// version, which names the one before. Of two transactions at once the ledger keeps one.
func TestVersionsOfAMonth(t *testing.T) {
	w := plantedCounty(t)
	w.on("2026-11-10")
	w.refused(relief.CodePending, civilPreparer, "oversight:CloseMonth", closing(period))
	w.on("2026-11-30")
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	first := w.Get(relief.MonthKey("dibao", county, relief.MonthPeriod(2026*12+10)).String())
	if len(first) > 600 {
		t.Errorf("the month of three villages has %d bytes", len(first))
	}
	w.refused(relief.CodeConflict, civilPreparer, "oversight:CloseMonth", closing(period))
	rows := obj{"programme": "dibao", "county": county, "period": period, "village": county + "002001"}
	w.want(w.ask(civilPreparer, "oversight:Rows", rows), "1", "version")
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(answered(98, 1, payment.OutcomeReturned, "2026-12-01")))
	settle, err := w.Endorse(financePreparer, "payment:Settle", args(obj{"batch": "b1"}), settlements(answered(97, 1, payment.OutcomeCredited, "2026-12-14")))
	if err != nil {
		t.Fatal(err)
	}
	for name, between := range map[string]*fakeledger.Proposal{"a late answer": settle, "another batch": w.opening("b3")} {
		close, err := w.Endorse(civilPreparer, "oversight:CloseMonth", args(closing(period)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if results := w.Commit(between, close); results[0].Err() != nil || !conflict(results[1].Err()) {
			t.Errorf("%s between: %v, %v", name, results[0].Err(), results[1].Err())
		}
	}
	second := w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	before := sha256.Sum256(first)
	for name, want := range map[string]string{
		"version": "2", "before_sha256": hex.EncodeToString(before[:]), "on_time": "90", "late_30": "2", "late_more": "1", "unpaid": "4", "returned": "2",
	} {
		w.want(second, want, name)
	}
	if acts := at(second, "acts").([]any); len(acts) != 2 {
		t.Errorf("the second version has %d acts", len(acts))
	}

	// The rows are those of the version on the ledger, or none are given.
	w.on("2026-12-20")
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(answered(99, 1, payment.OutcomeCredited, "2026-12-15")))
	if _, err := w.Evaluate(fakeledger.Audit, auditReader, "oversight:Rows", args(rows), nil); relief.ParseError(err.Error()).Code != relief.CodeConflict {
		t.Errorf("rows that are not those of the version: %v", err)
	}
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	o := w.ask(auditReader, "oversight:Rows", rows)
	w.want(o, "3", "version")
	var leaves [][]byte
	for _, row := range at(o, "rows").([]any) {
		leaves = append(leaves, rowHash(row))
	}
	w.want(o, hex.EncodeToString(rfc6962(leaves)), "village", "root")
	w.want(o, "18", "village", "rows")
}

// opening is a batch of the planted county that is opened and not yet in a block.
func (w *world) opening(id string) *fakeledger.Proposal {
	w.t.Helper()
	p, err := w.Endorse(civilPreparer, "payment:Open", args(batchInput(id, "dibao", "t1", 1, 62000)), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// What no month has: a period that is none of the programme's, a county elsewhere, a programme without a roll there.
func TestMonthsThatAreNotClosed(t *testing.T) {
	w := plantedCounty(t)
	for name, c := range map[string]struct {
		code relief.Code
		by   *fakeIdentity
		in   obj
	}{
		"a quarter":             {relief.CodeInvalid, civilPreparer, closing("2026-Q4")},
		"no period":             {relief.CodeInvalid, civilPreparer, closing("")},
		"before the programme":  {relief.CodeInvalid, civilPreparer, closing("2025-12")},
		"a month to come":       {relief.CodePending, civilPreparer, closing("2026-12")},
		"a township":            {relief.CodeInvalid, civilPreparer, obj{"programme": "dibao", "county": county + "001", "period": period}},
		"a prefecture":          {relief.CodeInvalid, provincePreparer, obj{"programme": "dibao", "county": "5301", "period": period}},
		"no county":             {relief.CodeInvalid, civilPreparer, obj{"programme": "dibao", "period": period}},
		"a county without roll": {relief.CodeNotFound, civilElsewhere, obj{"programme": "dibao", "county": "530129", "period": period}},
		"another county's":      {relief.CodeRegion, civilElsewhere, closing(period)},
		"no programme":          {relief.CodeNotFound, civilPreparer, obj{"programme": "none", "county": county, "period": period}},
		"an approver":           {relief.CodeForbidden, civilApprover, closing(period)},
		"finance":               {relief.CodeForbidden, financePreparer, closing(period)},
	} {
		if e := w.refused(c.code, c.by, "oversight:CloseMonth", c.in); e == nil {
			t.Error(name)
		}
	}
	for _, village := range []string{"", county, county + "001009", "530129001001"} {
		in := closing(period)
		in["village"] = village
		if _, err := w.Evaluate(fakeledger.Audit, auditReader, "oversight:Rows", args(in), nil); err == nil {
			t.Errorf("rows of %q", village)
		}
	}
}

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
