// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
)

// AddDue lists what is owed to the people of some segments.
func (*paymentContract) AddDue(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentAddDue, addDue)
}

// addDue lists what is owed to the people of some segments and no batch has. It reads for each segment the roll and, for every
// period of the batch, both values of payments, in one message to the peer; it writes those that got a payment.
func addDue(w *work, in api.DueInput) (payment.DueResult, error) {
	total := payment.DueResult{Refused: []payment.NotListed{}}
	b, err := w.batch(in.Batch)
	if err != nil {
		return total, err
	}
	if err := b.MayAdd(w.Actor); err != nil {
		return total, err
	}
	if n := len(in.Segments); n < 1 || n > wire.MaxChunkSegments {
		return total, relief.FieldErrorf("segments", "1 to %d segments are listed at a time, not %d", wire.MaxChunkSegments, n)
	}
	for i, segment := range in.Segments {
		if i > 0 && segment <= in.Segments[i-1] {
			return total, relief.FieldErrorf("segments", "the segments must be in ascending order, each once")
		}
		result, err := w.addDueIn(&b, segment)
		if err != nil {
			return total, err
		}
		total = total.Plus(result)
	}
	if max(total.Sum, total.UnchangedSum) > relief.MaxFen {
		return total, relief.FieldErrorf("segments", "所列金额合计超过 %s 元，请先更正名册中的金额 · what is owed adds up to more than %s yuan: correct the "+
			"amounts on the roll first", relief.MaxFen, relief.MaxFen)
	}
	return total, nil
}

func (w *work) addDueIn(b *payment.Batch, segment uint32) (payment.DueResult, error) {
	var none payment.DueResult
	at, err := segmentAddr(b.Programme, b.Region.County(), segment, b.SegmentSize)
	if err != nil {
		return none, err
	}
	held := b.Periods()
	if err := w.Fetch(append(periodKeys(at, held), rollKey(at), deductionsKey(at))...); err != nil {
		return none, err
	}
	periods, err := w.paymentsIn(at, held)
	if err != nil {
		return none, err
	}
	entries, err := w.segment(at)
	if err != nil {
		return none, err
	}
	look, err := w.lookup(b, segment)
	if err != nil {
		return none, err
	}
	after, result, err := payment.AddDue(b, entries, segment, periods, look)
	if err != nil {
		return none, err
	}
	if err := w.noteDeductions(b, segment, after); err != nil {
		return none, err
	}
	return result, w.putPayments(at, after)
}

// creditNetted credits the payments of people to whom nothing is transferred, in a batch that finance authorises. The
// caller brings the salts of their receipts.
func (w *work) creditNetted(b *payment.Batch) error {
	if b.Totals.Netted == 0 || b.Totals.Credited > 0 { // none, or credited when it was authorised before
		return nil
	}
	chunk, err := w.Transient(wire.TransientSettlements)
	if err != nil {
		return err
	}
	answers, err := payment.DecodeAnswers(chunk)
	if err != nil {
		return err
	}
	calendar, err := w.days()
	if err != nil {
		return err
	}
	day := calendar.Day(w.Actor.At).Number()
	for i := range answers {
		answers[i].Day = day
	}
	parts, err := wire.BySegment(answers, b.SegmentSize)
	if err != nil {
		return err
	}
	result, err := w.record(b, parts, payment.CreditNetted)
	if err != nil {
		return err
	}
	if result.Accepted != b.Totals.Netted || len(result.Refused) > 0 {
		return relief.FieldErrorf("settlements", "to %d people nothing is transferred: %d of the receipts' salts came, %d were refused",
			b.Totals.Netted, len(answers), len(result.Refused))
	}
	count, err := w.countSealed(b)
	if err != nil {
		return err
	}
	b.CountCredited(count)
	return nil
}
