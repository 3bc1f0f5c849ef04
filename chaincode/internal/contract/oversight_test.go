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
