// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/wire"
)

// onBatch brings a batch a step further, or opens one.
func (a *Acts) onBatch() []act {
	var b payment.Batch
	if a.rand.IntN(25) == 0 || !a.read(relief.BatchKey(relief.BatchID(a.recent("b"))), &b) {
		return []act{a.open()}
	}
	id := object{"id": b.ID}
	if stopped := a.stop(&b); stopped != nil {
		return stopped
	}
	switch b.State {
	case payment.BatchOpen:
		return a.onOpen(&b)
	case payment.BatchSealed:
		return []act{{a.approverOf(b.Region), "payment:Approve", id, nil}}
	case payment.BatchApproved:
		file := a.paper()
		return []act{
			{financePreparer, "payment:MakeFile", object{
				"id": b.ID, "file_sha256": file, "message_id": a.next("m"), "created_at": a.now.Format(time.RFC3339),
				"execute_on": "2099-12-31", "count": b.Totals.Transfers(), "sum": b.Control.Sum,
			}, nil},
			{financeApprover, "payment:Authorise", object{"id": b.ID, "file_sha256": file}, a.netted(&b)},
		}
	case payment.BatchAuthorised:
		return []act{{financePreparer, "payment:Instruct", id, nil}}
	case payment.BatchInstructed:
		return a.onInstructed(&b)
	case payment.BatchCancelled:
		return []act{a.open()}
	case payment.BatchClosed:
		if a.rand.IntN(3) > 0 {
			return []act{a.open()}
		}
	}
	return []act{{financePreparer, "payment:Settle", object{"batch": b.ID}, a.answers(&b)}}
}

// stop cancels a batch or sends it back, now and then; nil for most.
func (a *Acts) stop(b *payment.Batch) []act {
	switch a.rand.IntN(60) {
	case 0:
		return []act{{civilApprover, "payment:Cancel", object{"id": b.ID, "reason": "改期"}, nil}}
	case 1:
		return []act{{financeApprover, "payment:Cancel", object{"id": b.ID, "reason": "改期"}, nil}}
	case 2, 3:
		by := financeApprover
		switch b.State {
		case payment.BatchSealed:
			by = civilApprover
		case payment.BatchApproved, payment.BatchAuthorised:
		default:
			return nil
		}
		return []act{{by, "payment:SendBack", object{"id": b.ID, "reason": "更正"}, nil}}
	}
	return nil
}

// onInstructed has the bank answer, mostly.
func (a *Acts) onInstructed(b *payment.Batch) []act {
	switch a.rand.IntN(14) {
	case 0, 1, 2:
		return []act{{financePreparer, "payment:Tally", object{"id": b.ID}, nil}}
	case 3, 4:
		return []act{{financePreparer, "payment:Close", object{"id": b.ID}, nil}}
	case 5:
		return []act{{financePreparer, "payment:TakeBack", object{"id": b.ID, "reason": "退单"}, nil}}
	}
	return []act{{financePreparer, "payment:Settle", object{"batch": b.ID}, a.answers(b)}}
}

// open opens a batch: of a period's payments, of earlier ones beside them, or of what came back.
func (a *Acts) open() act {
	of := all[a.rand.IntN(len(all))]
	if a.rand.IntN(2) == 0 {
		of = monthly
	}
	region := []relief.Region{County, County, County, secondTown, otherCounty}[a.rand.IntN(5)]
	period, earlier := a.month(a.rand.IntN(3)-1), a.month(-2-a.rand.IntN(9))
	if of == quarterly {
		period, earlier = programme.CycleQuarterly.Period(period.FirstMonth()), programme.CycleQuarterly.Period(earlier.FirstMonth())
	}
	in := object{"id": a.next("b"), "programme": of, "region": region, "period": period, "count": 1, "sum": "620.00"}
	if a.rand.IntN(4) > 0 {
		in["earlier_from"] = earlier
	}
	if a.rand.IntN(4) == 0 {
		in["purpose"] = "pay_again"
	}
	funds := a.funds(of, region, period)
	switch {
	case len(funds) == 0:
		return a.issue(of)
	case len(funds) == 1 || a.rand.IntN(3) > 0:
		in["tranche"] = funds[a.rand.IntN(len(funds))]
	default:
		in["sources"] = a.sources(funds)
	}
	return act{a.preparerOf(region), "payment:Open", in, nil}
}

// funds are the tranches that a batch of a period may draw on, now and then one that it may not.
func (a *Acts) funds(of string, region relief.Region, period relief.Period) (ids []string) {
	year := relief.MonthPeriod(period.LastMonth()).String()[:4]
	for _, id := range a.made["t-"+of+"-"] {
		var t fund.Tranche
		if !a.read(relief.TrancheKey(relief.TrancheID(id)), &t) {
			continue
		}
		fits := t.Region.Covers(region) && t.State == fund.TrancheIssued && fmt.Sprint(t.FiscalYear) == year && t.Balances.Available > 1000_00
		if fits || a.rand.IntN(200) == 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// sources are several tranches with weights, or in an order.
func (a *Acts) sources(funds []string) (sources []object) {
	weights, count := a.rand.IntN(2) == 0, min(len(funds), 2+a.rand.IntN(2))
	for i, n := range a.rand.Perm(len(funds))[:count] {
		source := object{"tranche": funds[n]}
		switch {
		case weights:
			source["weight"] = 1 + a.rand.IntN([]int{3, 100, 10_001}[a.rand.IntN(3)])
		case i < count-1:
			source["cap"] = relief.Fen(1 + a.rand.IntN(3000_00))
		}
		sources = append(sources, source)
	}
	return sources
}

// onOpen lists payments in a batch, takes some out, or seals it with the totals that it has.
func (a *Acts) onOpen(b *payment.Batch) []act {
	preparer := named(b.Acts[0].By.Name)
	if n := len(b.Preparers); n > 0 {
		preparer = named(b.Preparers[n-1].Name)
	}
	switch n := a.rand.IntN(10); {
	case n < 4:
		var segments []uint32
		last := a.room(b.Programme, b.Region.County()) + 1
		for s := a.rand.Uint32N(last + 1); s <= last && len(segments) < 1+a.rand.IntN(4); s++ {
			segments = append(segments, s)
		}
		return []act{{preparer, "payment:AddDue", object{"batch": b.ID, "segments": segments}, nil}}
	case n == 4:
		return []act{{preparer, "payment:AddLines", object{"batch": b.ID}, a.lines(b)}}
	case n == 5:
		if e, ok := a.someEntry(b.Programme); ok && a.rand.IntN(2) == 0 {
			return []act{{preparer, "payment:RemoveLines", object{"batch": b.ID, "subjects": []string{e.Subject.String()}}, nil}}
		}
		return []act{{a.approverOf(b.Region), "payment:HandOver", object{"id": b.ID, "to": a.of(civilPreparer, secondPreparer).Name}, nil}}
	}
	count, sum := 0, relief.Fen(0)
	for _, l := range a.heldBy(b, a.openValues(b)) {
		count++
		sum += l.Amount - l.Deducted
	}
	if count == 0 {
		return []act{{preparer, "payment:AddDue", object{"batch": b.ID, "segments": []uint32{0, 1, 2, 3}}, nil}}
	}
	return []act{
		{preparer, "payment:SetControl", object{"id": b.ID, "count": count, "sum": sum}, nil},
		{preparer, "payment:Seal", object{"id": b.ID}, nil},
	}
}

// openValues are all values that a batch may have payments in, in the order of a sealed one.
func (a *Acts) openValues(b *payment.Batch) (values []payment.ValueAddr) {
	for _, kind := range []string{relief.KindLines, relief.KindFurther} {
		prefix := "\x00" + kind + "\x00" + string(b.Programme) + "\x00" + string(b.Region.County()) + "\x00"
		a.ledger.Scan(prefix, func(key string, _ []byte) bool {
			k, _ := relief.ParseKey(key)
			period, err := relief.ParsePeriod(k.Attrs[2])
			segment, err2 := relief.ParseSegment(k.Attrs[3])
			if err == nil && err2 == nil {
				values = append(values, payment.ValueAddr{Period: period, Further: kind == relief.KindFurther, Segment: segment})
			}
			return true
		})
	}
	return values
}

// held is a payment of a batch, with the number of the person.
type held struct {
	payment.Line
	number uint32
}

// heldBy are the payments that a batch has in some values.
func (a *Acts) heldBy(b *payment.Batch, values []payment.ValueAddr) (all []held) {
	for _, v := range values {
		p, err := v.Parse(a.ledger.Get(v.Key(b.Programme, b.Region.County()).String()))
		if err != nil {
			continue
		}
		for slot := range segmentSize {
			for _, l := range payment.LinesAt(p, b.ID, slot) {
				all = append(all, held{l, v.Segment*segmentSize + uint32(slot)})
			}
		}
	}
	return all
}

// lines are payments as a list of the preparer's has them: of the right amount or another.
func (a *Acts) lines(b *payment.Batch) transient {
	lines := make([]payment.LineInput, 1+a.rand.IntN(3))
	for i := range lines {
		e, ok := a.someEntry(b.Programme)
		if !ok {
			return nil
		}
		n, _ := a.numberOf(e.Subject)
		whose := payee(n)
		lines[i] = payment.LineInput{
			Seq: uint32(i + 2), Number: e.Number, Ref: e.Subject, Region: e.Region, Amount: e.Amount, Payee: whose.Check(),
		}
		if b.Period.Quarterly() {
			lines[i].Amount *= 3
		}
		if periods := b.Periods(); a.rand.IntN(2) == 0 {
			lines[i].Period = periods[a.rand.IntN(len(periods))]
		}
		switch a.rand.IntN(20) {
		case 0:
			lines[i].Seq, lines[i].Number = 1<<32-1, []uint32{0, e.Number + 1, relief.MaxRollNumber, 1<<32 - 1}[a.rand.IntN(4)]
		case 1:
			lines[i].Amount += relief.Fen(a.rand.IntN(3) - 1)
		}
	}
	return transient{wire.TransientLines: payment.AppendLines(nil, lines)}
}

// salt is the salt of a receipt.
func salt(n int) [16]byte { return [16]byte{1, byte(n), byte(n >> 8), 2} } //nolint:gosec // two bytes

// answers are the bank's answers for some transfers of a sealed batch.
func (a *Acts) answers(b *payment.Batch) transient {
	all := a.heldBy(b, b.Values())
	if len(all) == 0 {
		return transient{wire.TransientSettlements: nil}
	}
	var answers []payment.AnswerInput
	count := 1 + a.rand.IntN(8)
	if a.rand.IntN(3) == 0 {
		count = 4 * len(all)
	}
	for range count {
		number := all[a.rand.IntN(len(all))].number
		if !slices.ContainsFunc(answers, func(in payment.AnswerInput) bool { return in.Number == number }) {
			answers = append(answers, a.answer(all, number))
		}
	}
	return transient{wire.TransientSettlements: payment.AppendAnswers(nil, answers)}
}

// answer is the bank's answer for the transfer of a number.
func (a *Acts) answer(all []held, number uint32) payment.AnswerInput {
	in := payment.AnswerInput{
		Seq: number + 2, Number: number, Outcome: payment.OutcomeCredited, Day: uint32(a.now.Unix() / 86400), //nolint:gosec // of these years
		BankRef: relief.BankRefHash{1, byte(number)}, Salt: salt(int(number)), //nolint:gosec // small
	}
	returned := a.rand.IntN(5) == 0
	for _, l := range all {
		if l.number != number {
			continue
		}
		in.Amount += l.Amount - l.Deducted
		if in.Attempt == 0 && in.More == nil {
			in.Attempt, in.More = l.Attempt, [][16]byte{}
			continue
		}
		in.Attempt = 0
		in.More = append(in.More, salt(len(in.More)))
	}
	if returned {
		in.Outcome, in.Reason, in.More, in.Salt = payment.OutcomeReturned, [4]byte{'A', 'C', '0', '4'}, nil, [16]byte{}
	}
	switch a.rand.IntN(40) {
	case 0:
		in.Day = []uint32{0, 1, relief.MaxDay, relief.MaxDay + 1, 1<<32 - 1}[a.rand.IntN(5)]
	case 1:
		in.Outcome, in.Reason = payment.OutcomeReturned, [4]byte(bytes.Repeat([]byte{byte(a.rand.IntN(256))}, 4)) //nolint:gosec // below 256
	case 2:
		in.Attempt = []uint8{0, 2, 255}[a.rand.IntN(3)]
	case 3:
		in.Amount++
	}
	return in
}

// netted are the salts for people of a sealed batch to whom nothing is transferred; nil when there is nobody.
func (a *Acts) netted(b *payment.Batch) transient {
	all, sums, parts := a.heldBy(b, b.Values()), map[uint32]relief.Fen{}, map[uint32]int{}
	for _, l := range all {
		sums[l.number] += l.Amount - l.Deducted
		parts[l.number]++
	}
	var answers []payment.AnswerInput
	for _, l := range all {
		if parts[l.number] == 0 || sums[l.number] > 0 {
			continue
		}
		in := payment.AnswerInput{
			Seq: l.number + 2, Number: l.number, Outcome: payment.OutcomeCredited, Day: uint32(a.now.Unix() / 86400), Salt: salt(int(l.number)), //nolint:gosec // of these years
			BankRef: relief.BankRefHash{1},
		}
		for i := 1; i < parts[l.number]; i++ {
			in.More = append(in.More, salt(i))
		}
		answers = append(answers, in)
		parts[l.number] = 0
	}
	if answers == nil {
		return nil
	}
	return transient{wire.TransientSettlements: payment.AppendAnswers(nil, answers)}
}
