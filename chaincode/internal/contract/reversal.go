// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/hex"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/reversal"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/chaincode/relief/wire"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// reversalContract holds what two officials change of the bank's recorded answers.
type reversalContract struct{ contractapi.Contract }

// Propose proposes a reversal.
func (*reversalContract) Propose(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ReversalPropose, proposeReversal)
}

// proposeReversal tries the whole reversal, so that what cannot be confirmed is refused at once, and writes the proposal alone.
func proposeReversal(w *work, in api.ProposeReversalInput) (reversal.Reversal, error) {
	var none reversal.Reversal
	if err := reversal.Sort(in.Items); err != nil {
		return none, err
	}
	b, err := w.batch(in.Batch)
	if err != nil {
		return none, err
	}
	items := make([]reversal.Item, len(in.Items))
	for i := range items {
		items[i].Named = in.Items[i]
		if items[i].Booking, err = w.booking(&b, &in.Items[i]); err != nil {
			return none, err
		}
	}
	proposed, changed, err := w.newReversal(&b, items)
	if err != nil || !changed {
		return proposed, err
	}
	if err := b.MayReverse(); err != nil {
		return none, err
	}
	for i := range items {
		if err := w.requireUnused(&items[i]); err != nil {
			return none, err
		}
	}
	if _, err := w.reversed(&b, items, nil); err != nil {
		return none, err
	}
	return putIf(w, changed, relief.ReversalKey(proposed.ID), proposed)
}

// newReversal is the record of a proposal with items.
func (w *work) newReversal(b *payment.Batch, items []reversal.Item) (reversal.Reversal, bool, error) {
	fresh, _, err := reversal.Propose(b.ID, b.Region, items, nil, w.Actor)
	if err != nil {
		return fresh, false, err
	}
	existing, err := uow.Find[reversal.Reversal](w.Work, relief.ReversalKey(fresh.ID))
	if err != nil {
		return fresh, false, err
	}
	return reversal.Propose(b.ID, b.Region, items, existing, w.Actor)
}

// Confirm confirms or refuses a reversal.
func (*reversalContract) Confirm(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ReversalConfirm, decideReversal)
}

// decideReversal reads every payment of the batch: when an answer comes in between, the ledger refuses one of the two.
func decideReversal(w *work, in api.DecideReversalInput) (reversal.Reversal, error) {
	r, err := w.reversal(in.ID)
	if err != nil {
		return r, err
	}
	out, changed, err := reversal.Decide(r, in.Decision, w.Actor)
	if err != nil {
		return r, err
	}
	if changed && in.Agree {
		if err := w.carryReversalOut(&out); err != nil {
			return r, err
		}
	}
	return putIf(w, changed, relief.ReversalKey(out.ID), out)
}

// Withdraw takes a proposal back.
func (*reversalContract) Withdraw(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ReversalWithdraw, func(w *work, in api.ReversalInput) (reversal.Reversal, error) {
		r, err := w.reversal(in.ID)
		if err != nil {
			return r, err
		}
		out, changed, err := reversal.Withdraw(r, w.Actor)
		if err != nil {
			return r, err
		}
		return putIf(w, changed, relief.ReversalKey(in.ID), out)
	})
}

// Get gives a reversal.
func (*reversalContract) Get(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ReversalGet, func(w *work, in api.ReversalInput) (reversal.Reversal, error) { return w.reversal(in.ID) })
}

// List gives a page of reversals.
func (*reversalContract) List(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ReversalList, func(w *work, in api.PageInput) (api.Page[reversal.Reversal], error) {
		in.Limit = min(in.Limit, api.MaxReversals)
		return uow.List(w.Work, relief.KindReversal, in, relief.ParseReversalID, all[reversal.Reversal])
	})
}

func (w *work) reversal(id relief.ReversalID) (reversal.Reversal, error) {
	return uow.Get[reversal.Reversal](w.Work, relief.ReversalKey(id))
}

// booking is what the statement on the ledger says of the entry that an item names. It went the way that the item says, on a day on
// which it can have.
func (w *work) booking(b *payment.Batch, n *reversal.Named) (reversal.Booking, error) {
	var none reversal.Booking
	if n.Payment.Programme != b.Programme || n.Payment.County != b.Region.County() {
		return none, relief.FieldErrorf("payment", "%s：批次 %s 中没有这笔支付 · batch %s has no such payment", n.Payment, b.ID, b.ID)
	}
	e, err := w.entryOf(b, n)
	if err != nil {
		return none, err
	}
	amount := relief.Fen(e.Amount)
	if n.As == reversal.Credited {
		amount = -amount
	}
	days, err := w.days()
	if err != nil {
		return none, err
	}
	switch {
	case amount < 0 && n.As == reversal.Returned:
		return none, relief.FieldErrorf("entry", "%s：退回须为收入分录 · what comes back is money in, and the entry is money out", n.Payment)
	case amount < 0:
		return none, relief.FieldErrorf("entry", "%s：入账须为支出分录 · what was paid is money out, and the entry is money in", n.Payment)
	case e.BookedOn == "" || e.BookedOn > days.Day(w.Actor.At):
		return none, relief.FieldErrorf("entry", "%s：分录没有记账日期，或日期在将来 · the entry has no day on which it was booked, or one in the future", n.Payment)
	case e.BookedOn < days.Day(b.InstructedAt()):
		return none, relief.FieldErrorf("entry", "%s：分录早于支付指令 · the entry was booked before the bank was instructed", n.Payment)
	}
	return reversal.Booking{Amount: amount, BookedOn: e.BookedOn, Ref: e.Ref}, nil
}

// entryOf reads the entry that an item names, of a statement of the account that paid the batch.
func (w *work) entryOf(b *payment.Batch, n *reversal.Named) (statement.Entry, error) {
	s, err := w.bankStatement(n.Statement)
	if err != nil {
		return statement.Entry{}, err
	}
	tranches, err := w.tranches(b.Tranches()[:1]) // all have one account
	if err != nil {
		return statement.Entry{}, err
	}
	if s.Account != tranches[0].Account {
		return statement.Entry{}, relief.FieldErrorf("statement", "%s：对账单属于另一账户 · statement %s is of another account than the one that paid batch %s", n.Payment, s.ID, b.ID)
	}
	e, ok := s.Entry(n.Entry)
	switch {
	case !ok:
		return e, relief.FieldErrorf("entry", "%s：对账单 %s 中没有此分录，或对账单已撤销 · statement %s has no entry %s, or was refused or withdrawn", n.Payment, s.ID, s.ID, n.Entry)
	case e.Kind != "" && e.Kind != statement.Payment:
		return e, relief.FieldErrorf("entry", "%s：分录已归类为 %s，请先改为 payment · the entry is classified as %s: classify it as a payment first", n.Payment, e.Kind, e.Kind)
	}
	return e, nil
}

// requireUnused refuses, with CONFLICT, an entry by which another reversal was confirmed or an overpayment was recovered: the same
// money counts once.
func (w *work) requireUnused(i *reversal.Item) error {
	used, err := uow.Find[reversal.Use](w.Work, relief.ReversedKey(i.Statement, i.Entry))
	if err != nil {
		return err
	}
	if used != nil {
		return usedError(i, "冲正 "+string(used.Reversal), "reversal "+string(used.Reversal))
	}
	if i.As != reversal.Returned || i.Ref == "" {
		return nil
	}
	recovered, err := uow.Find[overpayment.RecoveredEntry](w.Work, relief.RecoveredKey(i.Ref))
	if err != nil || recovered == nil {
		return err
	}
	of := recovered.Recoveries[0].Overpayment
	return usedError(i, "多发款 "+string(of)+" 的追回", "a recovery of overpayment "+string(of))
}

func usedError(i *reversal.Item, zh, en string) error {
	e := relief.Errorf(relief.CodeConflict, "%s：分录已用于%s · the entry was used by %s", i.Payment, zh, en)
	e.Field = "entry"
	return e
}

// carryReversalOut changes the payments of a confirmed reversal, and what follows from them: the batch's totals, its tranches, and an
// overpayment where more is credited than is owed now.
func (w *work) carryReversalOut(r *reversal.Reversal) error {
	b, tranches, err := w.batchAndTranches(r.Batch)
	if err != nil {
		return err
	}
	for i := range r.Items {
		item := &r.Items[i]
		if err := w.useEntry(&b, r.ID, item); err != nil {
			return err
		}
	}
	salts, err := w.reversalSalts(r.Items)
	if err != nil {
		return err
	}
	changes, err := w.reversed(&b, r.Items, salts)
	if err != nil {
		return err
	}
	for i := range changes {
		if err := w.putReversed(&b, &changes[i]); err != nil {
			return err
		}
	}
	count, err := w.countSealed(&b)
	if err != nil {
		return err
	}
	out, after, err := payment.ReverseBatch(b, tranches, *count, w.Actor)
	if err != nil {
		return err
	}
	_, err = w.putMoney(tranches, out, after, true)
	return err
}

// useEntry holds an item against the statement as it is now, and notes that its entry is used.
func (w *work) useEntry(b *payment.Batch, id relief.ReversalID, i *reversal.Item) error {
	now, err := w.booking(b, &i.Named)
	if err != nil {
		return err
	}
	if now != i.Booking {
		e := relief.Errorf(relief.CodeConflict, "%s：分录内容已变更，请重新提请 · the entry says something else by now: propose the reversal again", i.Payment)
		e.Field = "entry"
		return e
	}
	if err := w.requireUnused(i); err != nil {
		return err
	}
	return w.Put(relief.ReversedKey(i.Statement, i.Entry), reversal.Use{Reversal: id})
}

// reversalSalts are the salts of what becomes credited, from the transient map: an answer for each of those items.
func (w *work) reversalSalts(items []reversal.Item) ([]payment.AnswerInput, error) {
	credited := slices.ContainsFunc(items, func(i reversal.Item) bool { return i.As == reversal.Credited })
	if !credited {
		return []payment.AnswerInput{}, nil
	}
	chunk, err := w.Transient(wire.TransientSettlements)
	if err != nil {
		return nil, err
	}
	return payment.DecodeAnswers(chunk)
}

// reversedSegment are the values of a batch in a segment before and after a reversal.
type reversedSegment struct {
	segment       uint32
	before, after []payment.Value
}

// reversed works out what a reversal does to each segment. salts is nil for a proposal. Nothing is written.
func (w *work) reversed(b *payment.Batch, items []reversal.Item, salts []payment.AnswerInput) ([]reversedSegment, error) {
	var changes []reversedSegment
	next := 0 // of the salts
	for first := 0; first < len(items); {
		segment, _ := items[first].Payment.SlotAt(b.SegmentSize)
		last := first
		var of []payment.Reversed
		for ; last < len(items); last++ {
			item := &items[last]
			if n, _ := item.Payment.SlotAt(b.SegmentSize); n != segment {
				break
			}
			in, err := answerTo(item)
			if err != nil {
				return nil, err
			}
			if salts != nil && item.As == reversal.Credited {
				if next >= len(salts) || salts[next].Number != in.Number {
					return nil, relief.FieldErrorf("settlements", "the transient map has no salts for %s", item.Payment)
				}
				in.Salt, in.More = salts[next].Salt, salts[next].More
				next++
			}
			of = append(of, payment.Reversed{Payment: item.Payment, Answer: in})
		}
		if first = last; len(changes) == reversal.MaxSegments {
			return nil, relief.FieldErrorf("items", "冲正一次最多涉及 %d 个名册分段，请分次提请 · a reversal names payments of at most %d segments of the roll: propose several",
				reversal.MaxSegments, reversal.MaxSegments)
		}
		change, err := w.reversedIn(b, segment, of, salts == nil)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return changes, nil
}

func (w *work) reversedIn(b *payment.Batch, segment uint32, of []payment.Reversed, proposed bool) (reversedSegment, error) {
	s := reversedSegment{segment: segment}
	var err error
	if s.before, err = w.readValues(b, b.ValuesIn(segment)); err != nil {
		return s, err
	}
	entries, err := w.segment(b.SegmentAddr(segment))
	if err != nil {
		return s, err
	}
	s.after, err = payment.Reverse(b, entries, segment, s.before, of, w.Actor.Tx, w.batchState, proposed)
	return s, err
}

// answerTo is the bank's answer that an item's entry gives.
func answerTo(i *reversal.Item) (payment.AnswerInput, error) {
	in := payment.AnswerInput{Number: i.Payment.Number, Outcome: payment.OutcomeCredited, Amount: i.Amount, Day: i.BookedOn.Number()}
	if i.As == reversal.Returned {
		in.Outcome = payment.OutcomeReturned
		copy(in.Reason[:], i.ReturnReason)
	}
	if i.Ref == "" {
		return in, nil
	}
	if n, err := hex.Decode(in.BankRef[:], []byte(i.Ref)); err != nil || n != len(in.BankRef) {
		return in, relief.Errorf(relief.CodeCorrupt, "an entry's reference cannot be read")
	}
	return in, nil
}

// putReversed has the payments of a segment written. Where more is credited than is owed now, because less came to be owed while the
// payment was taken for returned, an overpayment is opened, and what open batches list above it goes.
func (w *work) putReversed(b *payment.Batch, s *reversedSegment) error {
	for i := range s.after {
		v := &s.after[i]
		if !v.Changed {
			continue
		}
		if err := w.PutValue(v.Key(b.Programme, b.Region.County()), v.Payments.Bytes()); err != nil {
			return err
		}
	}
	credited := payment.CreditedBy(s.before, s.after)
	if len(credited) == 0 {
		return nil
	}
	at := b.SegmentAddr(s.segment)
	entries, err := w.segment(at)
	if err != nil {
		return err
	}
	var lower []lowering
	for _, p := range credited {
		lower = append(lower, lowering{p.Position, p.Period})
	}
	return w.lowered(at, entries, lower)
}
