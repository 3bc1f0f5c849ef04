// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/internal/fakestub"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// setTerms gives a number of the segment 0 other terms from a month on, as an act on the roll does.
func (w *world) setTerms(number int, amount relief.Fen, from relief.Period) {
	w.t.Helper()
	key := relief.RollKey("dibao", county, 0).String()
	seg, err := roll.ParseSegment(w.Get(key))
	if err != nil {
		w.t.Fatal(err)
	}
	after, err := roll.SetTerms(seg, number, roll.Terms{Class: "B", Persons: 1, Amount: amount}, from)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Plant(fakestub.KVWrite{Key: key, Value: after.Bytes()})
}

// The standard is raised in July from January: July's transfer is 1,000.00 and six top-ups of 40.00, and what is owed is paid
// for all seven months.
func TestStandardRaisedFromBefore(t *testing.T) {
	w := newWorld(t)
	w.programme("dibao", 4)
	w.tranche("t1", "dibao", "100000.00")
	w.chunk(w.imports(rollInput("dibao", 0), rollChunk(0, 1)), 1, 0)
	w.setTerms(0, 96000, relief.MonthPeriod(2026*12))
	for m := 1; m <= 6; m++ {
		id, month := fmt.Sprint("m", m), fmt.Sprintf("2026-%02d", m)
		w.openDue(id, month, "", "", 1, 96000)
		w.due(id, 1, 96000)
		w.instructed(id)
		w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": id}, settlements(settlement(0, 1, payment.OutcomeCredited, 96000))), 1, 0)
	}
	w.setTerms(0, 100000, relief.MonthPeriod(2026*12))
	w.openDue("july", "2026-07", "2026-01", "", 7, 124000)
	w.want(w.due("july", 7, 124000), "6", "top_ups")
	w.instructed("july")
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "july"}, settlements(transfer(0, 7, payment.OutcomeCredited, 124000))), 1, 0)
	for m := 1; m <= 7; m++ {
		of, owed := w.heldIn(relief.MonthPeriod(2026*12 + m - 1))
		sums, err := of.Sums(0, w.batchState)
		if err != nil || sums.Credited != 100000 || owed.Owed(0, of.Period) != 100000 {
			t.Errorf("%s: %v %+v", of.Period, err, sums)
		}
	}
	w.want(w.ask(auditReader, "payment:Payment", obj{"id": "dibao-530181-0000000-202601-2"}), "top_up", "kind")
}

// heldIn reads what the people of segment 0 are paid for a month, and the roll.
func (w *world) heldIn(period relief.Period) (payment.OfPeriod, roll.Segment) {
	w.t.Helper()
	of, err := payment.ParseOfPeriod(period,
		w.Get(relief.LinesKey("dibao", county, period, 0).String()), w.Get(relief.FurtherKey("dibao", county, period, 0).String()))
	if err != nil {
		w.t.Fatal(err)
	}
	seg, err := roll.ParseSegment(w.Get(relief.RollKey("dibao", county, 0).String()))
	if err != nil {
		w.t.Fatal(err)
	}
	return of, seg
}

func (w *world) batchState(id relief.BatchID) (payment.BatchState, error) {
	b := w.ask(auditReader, "payment:Get", obj{"id": id})
	return payment.BatchState(fmt.Sprint(at(b, "state"))), nil
}

// payer does random acts on batches of several months while what is owed rises and falls.
type payer struct {
	*world
	rand    *rand.Rand
	last    int
	batches []string
	states  map[relief.BatchID]payment.BatchState
	excess  map[string]relief.Fen // person and month → held above what is owed
	listed  int
	topUps  int
	changes int
}

const payerMonths = 6

// TestNothingIsPaidBeyondWhatIsOwed does random acts and looks after each at what is listed and credited for every person and
// month: no act on payments brings it further above what is owed. RELIEF_ACTS sets how many acts.
func TestNothingIsPaidBeyondWhatIsOwed(t *testing.T) {
	total := 1_500
	if s := os.Getenv("RELIEF_ACTS"); s != "" {
		var err error
		if total, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	p := &payer{
		world: newWorld(t, fakeledger.Endorsers(1)), rand: rand.New(rand.NewPCG(3, 11)),
		states: map[relief.BatchID]payment.BatchState{}, excess: map[string]relief.Fen{},
	}
	p.programme("dibao", 4)
	p.chunk(p.imports(rollInput("dibao", 0), rollChunk(0, 3)), 3, 0)
	for i := 0; i < total && !t.Failed(); i++ {
		if i%400 == 0 {
			p.tranche(fmt.Sprint("t", i), "dibao", "9000000.00")
		}
		p.Advance(time.Second)
		p.step(fmt.Sprint("t", i-i%400))
	}
	if p.listed < total/20 || p.topUps < total/100 {
		t.Errorf("%d payments were listed, %d of them top-ups: the test asks for the wrong things", p.listed, p.topUps)
	}
	t.Logf("%d payments were listed, %d of them top-ups", p.listed, p.topUps)
}

func (p *payer) try(by *fakeledger.Identity, function string, input any, tr transient) obj {
	p.t.Helper()
	payload, err := p.world.try(by, function, input, tr)
	if err != nil {
		if e := relief.ParseError(err.Error()); e == nil || e.Code == relief.CodeCorrupt {
			p.t.Fatalf("%s with %v: %v", function, input, err)
		}
		return nil
	}
	p.check(function, false)
	return p.object(payload)
}

// check looks at every person and month. An act that lowers what is owed may leave an excess; an act on payments never adds to it.
func (p *payer) check(what string, lowers bool) {
	p.t.Helper()
	clear(p.states)
	for m := range payerMonths {
		of, seg := p.heldIn(relief.MonthPeriod(2026*12 + m))
		for position := range seg.Len() {
			sums, err := of.Sums(position, p.stateOf)
			if err != nil {
				p.t.Fatal(err)
			}
			key := fmt.Sprint(position, " ", of.Period)
			excess := max(0, sums.Held()-seg.Owed(position, of.Period))
			if !lowers && excess > p.excess[key] {
				p.t.Fatalf("%s: %s is held of number %d for %s, %s is owed", what, sums.Held(), position, of.Period, seg.Owed(position, of.Period))
			}
			p.excess[key] = excess
		}
	}
}

func (p *payer) stateOf(id relief.BatchID) (payment.BatchState, error) {
	state, ok := p.states[id]
	if !ok {
		state, _ = p.batchState(id)
		p.states[id] = state
	}
	return state, nil
}

func (p *payer) step(tranche string) {
	switch n := p.rand.IntN(16); {
	case n == 0 && p.changes < 200: // an entry keeps 80 spans
		p.changes++
		p.setTerms(p.rand.IntN(3), relief.Fen(40000+1000*p.rand.IntN(40)), relief.MonthPeriod(2026*12+p.rand.IntN(payerMonths)))
		p.check("other terms", true)
	case n < 4 || len(p.batches) == 0:
		p.open(tranche)
	default:
		p.act(p.rand.IntN(len(p.batches)))
	}
}

// open opens a batch, lists what is owed, and corrects the control totals to that.
func (p *payer) open(tranche string) {
	p.last++
	id := fmt.Sprint("b", p.last)
	month := p.rand.IntN(payerMonths)
	in := batchInput(id, "dibao", tranche, 1, 62000)
	in["period"] = relief.MonthPeriod(2026*12 + month).String()
	if earlier := p.rand.IntN(month + 1); earlier < month {
		in["earlier_from"] = relief.MonthPeriod(2026*12 + earlier).String()
	}
	if p.rand.IntN(3) == 0 {
		in["purpose"] = "pay_again"
	}
	if p.try(civilPreparer, "payment:Open", in, nil) != nil {
		p.due(id)
		if len(at(p.ask(financePreparer, "payment:Lines", obj{"batch": id, "segment": 0}), "lines").([]any)) > 0 {
			p.batches = append(p.batches, id)
		}
	}
}

func (p *payer) due(id string) {
	o := p.try(civilPreparer, "payment:AddDue", obj{"batch": id, "segments": []int{0}}, nil)
	if o == nil {
		return
	}
	listed, unchanged := at(o, "listed").(float64), at(o, "unchanged").(float64)
	sum, _ := relief.ParseFen(at(o, "sum").(string))
	before, _ := relief.ParseFen(at(o, "unchanged_sum").(string))
	p.listed += int(listed)
	p.topUps += int(at(o, "top_ups").(float64))
	p.try(civilPreparer, "payment:SetControl", obj{"id": id, "count": listed + unchanged, "sum": (sum + before).String()}, nil)
}

// act takes one of the batches a step on, or back.
func (p *payer) act(n int) {
	batch := p.batches[n]
	id := obj{"id": batch}
	state, _ := p.stateOf(relief.BatchID(batch))
	if state == payment.BatchCancelled || len(p.batches) > 12 && state == payment.BatchClosed {
		p.batches = slices.Delete(p.batches, n, n+1)
		return
	}
	switch p.rand.IntN(20) {
	case 0:
		p.try(civilApprover, "payment:Cancel", obj{"id": batch, "reason": "for a test"}, nil)
		return
	case 1:
		p.try(civilApprover, "payment:SendBack", obj{"id": batch, "reason": "for a test"}, nil)
		return
	}
	switch state {
	case payment.BatchOpen:
		if p.rand.IntN(4) == 0 {
			p.try(civilPreparer, "payment:RemoveLines", obj{"batch": batch, "subjects": []string{ref(p.rand.IntN(3)).String()}}, nil)
		}
		p.due(batch)
		p.try(civilPreparer, "payment:Seal", id, nil)
	case payment.BatchSealed:
		p.try(civilApprover, "payment:Approve", id, nil)
	case payment.BatchApproved:
		totals := at(p.ask(financePreparer, "payment:Get", id), "totals")
		count := at(totals, "listed").(float64)
		if joined, ok := at(totals, "joined").(float64); ok {
			count -= joined
		}
		p.try(financePreparer, "payment:MakeFile", fileInput(batch, count, at(totals, "listed_sum")), nil)
		p.try(financeApprover, "payment:Authorise", obj{"id": batch, "file_sha256": fileHash}, nil)
	case payment.BatchAuthorised:
		p.try(financePreparer, "payment:Instruct", id, nil)
	default:
		p.settle(batch)
		p.try(financePreparer, "payment:Tally", id, nil)
		if p.rand.IntN(6) == 0 {
			p.try(financePreparer, "payment:Close", id, nil)
		}
	}
}

// settle gives the bank's answer for one person's transfer, and checks that it has one answer.
func (p *payer) settle(batch string) {
	lines := at(p.ask(financePreparer, "payment:Lines", obj{"batch": batch, "segment": 0}), "lines").([]any)
	number := p.rand.IntN(3)
	var sum relief.Fen
	payments, state, first := 0, "", 0
	for _, l := range lines {
		if at(l, "number") != float64(number) {
			continue
		}
		amount, _ := relief.ParseFen(at(l, "amount").(string))
		sum += amount
		payments++
		if state != "" && state != at(l, "state") {
			p.t.Fatalf("batch %s: payments of number %d are %s and %s", batch, number, state, at(l, "state"))
		}
		state, first = fmt.Sprint(at(l, "state")), int(at(l, "attempt").(float64))
	}
	if payments == 0 {
		return
	}
	outcome := payment.OutcomeCredited
	if p.rand.IntN(3) == 0 {
		outcome = payment.OutcomeReturned
	}
	in := transfer(number, payments, outcome, sum)
	if payments == 1 {
		in.Attempt = uint8(first)
	}
	if p.rand.IntN(10) == 0 {
		in.Amount++
	}
	p.try(financePreparer, "payment:Settle", obj{"batch": batch}, settlements(in))
}
