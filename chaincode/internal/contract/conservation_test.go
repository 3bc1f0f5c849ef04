// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
)

// TestMoneyIsConserved does random acts, most of them sensible, and holds every tranche against the books after each
// that moves money. RELIEF_ACTS sets how many; RELIEF_ACTS=1000000 takes minutes:
// scripts/test --faults does it.
func TestMoneyIsConserved(t *testing.T) {
	total := 4_000
	if s := os.Getenv("RELIEF_ACTS"); s != "" {
		var err error
		if total, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	const round = 10_000 // a ledger keeps its blocks: a new one now and then
	var mu sync.Mutex
	done, paid := 0, 0
	t.Run("rounds", func(t *testing.T) { // each on a ledger of its own, as many at a time as there are processors
		for n := 0; n*round < total; n++ {
			t.Run(strconv.Itoa(n), func(t *testing.T) {
				t.Parallel()
				w := &books{
					world:    newWorld(t, fakeledger.Endorsers(1)),
					rand:     rand.New(rand.NewPCG(uint64(n), 7)),
					credited: map[string]relief.Fen{},
				}
				w.start()
				for i := 0; i < round && n*round+i < total && !t.Failed(); i++ {
					w.step(i, round)
				}
				w.settleAll()
				mu.Lock()
				defer mu.Unlock()
				done += w.done
				paid += len(w.credited)
			})
		}
	})
	if done < total/3 || paid < total/40 {
		t.Errorf("only %d of %d acts were done, %d payments made: the test asks for the wrong things", done, total, paid)
	}
	t.Logf("%d of %d acts were done, %d payments made", done, total, paid)
}

const (
	people      = 48 // on the roll, in segments of four
	peopleAtOne = 4
)

// books is a world with a model of who was paid.
type books struct {
	*world
	rand     *rand.Rand
	tranches []string
	children []string   // allocated to the township
	outside  relief.Fen // topped up from outside
	batches  []*drawn
	credited map[string]relief.Fen // payment slot → money that is with the person
	returned []*drawn
	done     int
	last     int // number given out last
	year     int // of the clock
	ofYear   int // the first of the tranches that is money of the year
}

// drawn is a batch of the model.
type drawn struct {
	id, period   string
	sources      []obj // one tranche, or several sources
	first, count int
	amount       relief.Fen
	again        bool
}

func (w *books) start() {
	w.programme("dibao", peopleAtOne)
	for s := range people / peopleAtOne {
		w.imports(rollInput("dibao", s), rollChunk(s*peopleAtOne, peopleAtOne))
	}
}

// attempt does an act; a refusal must be one of the domain's. The books are checked when money has moved.
func (w *books) attempt(by *fakeledger.Identity, function string, input any, tr transient) obj {
	w.t.Helper()
	payload, err := w.try(by, function, input, tr)
	if err != nil {
		if e := relief.ParseError(err.Error()); e == nil || e.Code == relief.CodeCorrupt {
			w.t.Fatalf("%s with %v: %v", function, input, err)
		}
		return nil
	}
	w.done++
	block, _ := w.Block(w.Height() - 1)
	for _, write := range block.Txs[0].Writes {
		if strings.HasPrefix(write.Key, "\x00tranche\x00") {
			w.check(write.Value)
		}
	}
	return w.object(payload)
}

func (w *books) check(value []byte) fund.Tranche {
	w.t.Helper()
	var t fund.Tranche
	if err := json.Unmarshal(value, &t); err != nil {
		w.t.Fatal(err)
	}
	b := t.Balances
	if b.Issued+b.ToppedUp+b.Recovered != b.Allocated+b.Reserved+b.Paid+b.InReturn+b.Refunded+b.TakenBack+b.CarriedOver+b.Available ||
		min(b.Allocated, b.Reserved, b.Paid, b.InReturn, b.Refunded, b.TakenBack, b.CarriedOver, b.Available) < 0 {
		w.t.Fatalf("tranche %s after %s: %+v", t.ID, t.Acts[len(t.Acts)-1].Act, b)
	}
	return t
}

// step does one random act, at a time that goes on with the round.
func (w *books) step(i, round int) {
	month := i * 400 / round
	now := time.Date(2026, time.Month(11+month), 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Second)
	w.SetTime(now)
	if i%100 == 0 || now.Year() != w.year {
		w.issue(now.Year())
	}
	switch n := w.rand.IntN(20); {
	case n == 0 || len(w.batches) == 0:
		w.open(month)
	case n == 1:
		w.fund()
	default:
		w.act(w.batches[max(0, len(w.batches)-1-w.rand.IntN(12))])
	}
}

func (w *books) issue(year int) {
	if year != w.year {
		w.year, w.ofYear = year, len(w.tranches)
	}
	w.last++
	in := trancheInput(fmt.Sprintf("t%d", w.last), "dibao", county, "200000.00")
	in["fiscal_year"] = year
	w.attempt(financeApprover, "fund:Issue", in, nil)
	w.tranches = append(w.tranches, fmt.Sprint(in["id"]))
}

func (w *books) open(month int) {
	w.last++
	d := &drawn{
		id: fmt.Sprintf("b%d", w.last), sources: w.sources(),
		period: relief.MonthPeriod(2026*12 + 10 + month + w.rand.IntN(2)).String(), first: w.rand.IntN(people/peopleAtOne) * peopleAtOne,
		count: 1 + w.rand.IntN(peopleAtOne), amount: 62000,
	}
	if w.rand.IntN(20) == 0 {
		d.amount += relief.Fen(w.rand.IntN(3) - 1) // not what is granted
	}
	if n := len(w.returned); n > 0 && w.rand.IntN(3) == 0 {
		r := w.returned[n-1]
		w.returned = w.returned[:n-1]
		d.period, d.first, d.count, d.again = r.period, r.first, 1, true
	}
	sum := relief.Fen(d.count) * d.amount
	if w.rand.IntN(20) == 0 {
		sum++
	}
	in := fromSources(d.id, d.sources, d.count, sum)
	if len(d.sources) == 1 {
		in = batchInput(d.id, "dibao", d.sources[0]["tranche"].(string), d.count, sum)
	}
	in["period"] = d.period
	if d.again {
		in["purpose"] = "pay_again"
	}
	if w.attempt(civilPreparer, "payment:Open", in, nil) != nil {
		w.batches = append(w.batches, d)
	}
	w.addLines(d)
}

// sources are one of the last tranches, or several of them with weights or in an order, sometimes a wrong one.
func (w *books) sources() []obj {
	last := w.tranches[len(w.tranches)-min(3, len(w.tranches)-w.ofYear):]
	if w.rand.IntN(2) == 0 {
		return []obj{{"tranche": last[w.rand.IntN(len(last))]}}
	}
	weights := w.rand.IntN(2) == 0
	var sources []obj
	for i, n := range w.rand.Perm(len(last)) {
		source := obj{"tranche": last[n]}
		switch {
		case weights:
			source["weight"] = 1 + w.rand.IntN([]int{3, 100, 10_001}[w.rand.IntN(3)])
		case i < len(last)-1 || w.rand.IntN(2) == 0:
			source["cap"] = relief.Fen(1 + w.rand.IntN(150_000)).String()
		}
		sources = append(sources, source)
	}
	return sources
}

func (d *drawn) chunk() obj { return obj{"batch": d.id} }

func (w *books) addLines(d *drawn) {
	w.attempt(civilPreparer, "payment:AddLines", d.chunk(), linesChunk(d.first, d.first, d.count, d.amount))
}

func (w *books) fund() {
	id := w.tranches[w.rand.IntN(len(w.tranches))]
	switch w.rand.IntN(4) {
	case 0:
		w.last++
		child := fmt.Sprintf("t%d", w.last)
		w.children = append(w.children, child)
		w.attempt(financeApprover, "fund:Allocate", obj{
			"parent": id, "id": child, "region": county + "001", "amount": "1000.00", "account": "5301000000000002",
			"targets": trancheInput("", "", "", "")["targets"],
		}, nil)
	case 1:
		w.adjust(w.oneOf(append(w.children, id)))
	case 2:
		w.emptyAndClose(w.oneOf(append(w.children, id)))
	default:
		w.attempt(civilPreparer, "fund:Issue", trancheInput("stolen", "dibao", county, "9.99"), nil)
	}
}

// act does what may come next for a batch, and now and then what may not.
func (w *books) act(d *drawn) {
	state := fmt.Sprint(at(w.object(w.Get(relief.BatchKey(relief.BatchID(d.id)).String())), "state"))
	if w.rand.IntN(12) == 0 {
		state = []string{"open", "sealed", "approved", "authorised", "instructed", "closed", "cancelled"}[w.rand.IntN(7)]
	}
	id := obj{"id": d.id}
	if w.rand.IntN(25) == 0 {
		w.attempt(civilApprover, "payment:Cancel", obj{"id": d.id, "reason": "for a test"}, nil)
		return
	}
	if w.rand.IntN(20) == 0 {
		w.attempt(civilApprover, "payment:SendBack", obj{"id": d.id, "reason": "for a test"}, nil)
		w.attempt(financeApprover, "payment:SendBack", obj{"id": d.id, "reason": "for a test"}, nil)
		return
	}
	switch state {
	case "open":
		if w.rand.IntN(4) == 0 {
			w.attempt(civilPreparer, "payment:RemoveLines", obj{"batch": d.id, "subjects": []string{ref(d.first).String()}}, nil)
			w.addLines(d)
		}
		w.attempt(civilPreparer, "payment:Seal", id, nil)
	case "sealed":
		w.attempt(civilApprover, "payment:Approve", id, nil)
	case "approved":
		w.attempt(financePreparer, "payment:MakeFile", fileInput(d.id, d.count, relief.Fen(d.count)*d.amount), nil)
		w.attempt(financeApprover, "payment:Authorise", obj{"id": d.id, "file_sha256": fileHash}, nil)
	case "authorised":
		w.attempt(financePreparer, "payment:Instruct", id, nil)
	default:
		if w.rand.IntN(10) == 0 {
			w.attempt(financePreparer, "payment:TakeBack", obj{"id": d.id, "reason": "rejected"}, nil)
			w.attempt(financeApprover, "payment:ConfirmTakeBack", id, nil)
			return
		}
		w.settle(d)
		if n := w.rand.IntN(8); n == 0 {
			w.attempt(financePreparer, "payment:Close", id, nil)
		} else if n < 4 {
			w.attempt(financePreparer, "payment:Tally", id, nil)
		}
	}
}

// settle gives the bank's answer to one payment and books it in the model.
func (w *books) settle(d *drawn) {
	number := d.first + w.rand.IntN(d.count)
	outcome := payment.OutcomeCredited
	if w.rand.IntN(12) == 0 {
		outcome = payment.OutcomeReturned
	}
	attempt := 1 + w.rand.IntN(2)*w.rand.IntN(2)
	if d.again {
		attempt = 2 + w.rand.IntN(2)*w.rand.IntN(2)
	}
	o := w.attempt(financePreparer, "payment:Settle", d.chunk(), settlements(settlement(number, attempt, outcome, d.amount)))
	if at(o, "accepted") != float64(1) {
		return
	}
	slot := fmt.Sprint(number, " ", d.period)
	if outcome == payment.OutcomeCredited {
		if w.credited[slot] != 0 {
			w.t.Fatalf("number %d was paid twice for %s", number, d.period)
		}
		w.credited[slot] = d.amount
	} else {
		delete(w.credited, slot)
		w.returned = append(w.returned, &drawn{period: d.period, first: number})
	}
}

// settleAll tallies every batch and compares all tranches with all batches and with who holds money.
func (w *books) settleAll() {
	w.t.Helper()
	for _, d := range w.batches {
		w.attempt(financePreparer, "payment:Tally", obj{"id": d.id}, nil)
	}
	reserved, paid, inReturn := map[relief.TrancheID]relief.Fen{}, map[relief.TrancheID]relief.Fen{}, map[relief.TrancheID]relief.Fen{}
	w.Scan("\x00batch\x00", func(_ string, value []byte) bool {
		var b payment.Batch
		if err := json.Unmarshal(value, &b); err != nil {
			w.t.Error(err)
			return false
		}
		for i := range b.Sources {
			s := &b.Sources[i]
			reserved[s.Tranche] += s.Reserved
			inReturn[s.Tranche] += s.InReturn
			paid[s.Tranche] += s.Paid
		}
		w.wantSources(&b)
		if b.Tranche == "" {
			return true
		}
		switch b.State {
		case payment.BatchSealed, payment.BatchApproved, payment.BatchAuthorised:
			reserved[b.Tranche] += b.Control.Sum
		case payment.BatchInstructed:
			reserved[b.Tranche] += b.Totals.PendingSum
			inReturn[b.Tranche] += b.Totals.ReturnedSum
		}
		paid[b.Tranche] += b.Totals.CreditedSum
		return true
	})
	var all, allocated, children, came, went relief.Fen
	w.Scan("\x00tranche\x00", func(_ string, value []byte) bool {
		t := w.check(value)
		if t.State == fund.TrancheClosed {
			inReturn[t.ID] = 0 // refunded at once
		}
		if b := t.Balances; b.Reserved != reserved[t.ID] || b.Paid != paid[t.ID] || b.InReturn != inReturn[t.ID] {
			w.t.Errorf("tranche %s %+v; its batches have %s reserved, %s paid, %s in return",
				t.ID, b, reserved[t.ID], paid[t.ID], inReturn[t.ID])
		}
		all += t.Balances.Paid
		allocated += t.Balances.Allocated
		if t.Parent != "" {
			children += t.Amount
			for i := range t.Moves {
				switch m := &t.Moves[i]; {
				case m.Kind == fund.ToppedUp && m.From == t.Parent:
					children += m.Amount
					went += m.Amount
				case m.Kind == fund.TakenBack && m.From == t.ID:
					children -= m.Amount
				}
			}
		}
		if t.State == fund.TrancheClosed && t.Balances.Available != 0 {
			w.t.Errorf("tranche %s is closed and has %s", t.ID, t.Balances.Available)
		}
		came += t.Balances.ToppedUp
		went += t.Balances.CarriedOver
		return true
	})
	var held relief.Fen
	for _, amount := range w.credited {
		held += amount
	}
	if came != w.outside+went {
		w.t.Errorf("tranches were topped up by %s, of which %s from outside and %s from each other", came, w.outside, went)
	}
	if all != held || allocated != children {
		w.t.Errorf("tranches paid %s, people hold %s; %s allocated, %s in children", all, held, allocated, children)
	}
}

// wantSources compares the parts of a batch's sources with its totals.
func (w *books) wantSources(b *payment.Batch) {
	var reserved, paid, returned relief.Fen
	for i := range b.Sources {
		s := &b.Sources[i]
		if min(s.Share, s.Reserved, s.Paid, s.InReturn, s.Share-s.Reserved-s.Paid-s.InReturn) < 0 {
			w.t.Errorf("batch %s, source %+v", b.ID, s)
		}
		reserved += s.Reserved
		paid += s.Paid
		returned += s.Share - s.Reserved - s.Paid
	}
	if t := b.Totals; len(b.Sources) > 0 && b.State != payment.BatchCancelled && (reserved != t.PendingSum || paid != t.CreditedSum || returned != t.ReturnedSum) {
		w.t.Errorf("batch %s: totals %+v, sources %+v", b.ID, t, b.Sources)
	}
}
