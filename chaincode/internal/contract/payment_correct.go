// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"errors"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// RemoveLines takes lines out of an open batch.
func (*paymentContract) RemoveLines(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentRemoveLines, removeLines)
}

// removeLines writes the segments in which it finds lines of the batch, and not the batch. Like a chunk of lines it loses
// against a seal that comes in between.
func removeLines(w *work, in api.RemoveInput) (api.Removal, error) {
	result := api.Removal{Unknown: []relief.SubjectRef{}}
	if n := len(in.Subjects); n < 1 || n > api.MaxRemoved {
		return result, relief.FieldErrorf("subjects", "1 to %d people are taken out at a time, not %d", api.MaxRemoved, n)
	}
	b, err := w.batch(in.Batch)
	if err != nil {
		return result, err
	}
	if err := b.MayRemove(w.Actor); err != nil {
		return result, err
	}
	numbers, err := w.numbersOf(&b, in.Subjects)
	if err != nil {
		return result, err
	}
	removed, err := w.removeNumbers(&b, numbers)
	if err != nil {
		return result, err
	}
	for i, subject := range in.Subjects {
		if slices.Contains(removed, numbers[i]) {
			result.Removed++
		} else {
			result.Unknown = append(result.Unknown, subject)
		}
	}
	return result, nil
}

// unnumbered stands for the roll number of somebody who has none in a batch's county.
const unnumbered = relief.MaxRollNumber + 1

// numbersOf finds the roll numbers of people, in their order. INVALID for somebody who is named twice.
func (w *work) numbersOf(b *payment.Batch, subjects []relief.SubjectRef) ([]uint32, error) {
	keys := make([]relief.Key, len(subjects))
	for i, subject := range subjects {
		if slices.Contains(subjects[:i], subject) {
			return nil, relief.FieldErrorf("subjects", "%s is named twice", subject)
		}
		keys[i] = relief.RollIndexKey(subject, b.Programme)
	}
	if err := w.Fetch(keys...); err != nil {
		return nil, err
	}
	numbers := make([]uint32, len(subjects))
	for i := range numbers {
		index, err := uow.Find[roll.IndexEntry](w.Work, keys[i])
		if err != nil {
			return nil, err
		}
		numbers[i] = unnumbered
		if index != nil && index.County == b.Region.County() {
			numbers[i] = index.Number
		}
	}
	return numbers, nil
}

// removeNumbers takes the payments of roll numbers out of a batch, and gives the numbers that had one, some several times.
func (w *work) removeNumbers(b *payment.Batch, numbers []uint32) (removed []uint32, err error) {
	var segments []uint32
	positions := map[uint32][]int{} // by segment; never ranged over, because the order of a map is not fixed
	for _, number := range numbers {
		if number == unnumbered {
			continue
		}
		n := number / b.SegmentSize
		if positions[n] == nil {
			segments = append(segments, n)
		}
		positions[n] = append(positions[n], int(number%b.SegmentSize))
	}
	for _, n := range segments {
		at := b.SegmentAddr(n)
		periods, err := w.paymentsIn(at, b.Periods())
		if err != nil {
			return nil, err
		}
		for i := range periods {
			after, freed := payment.RemoveLines(b, periods[i], positions[n])
			periods[i] = after
			for _, position := range freed {
				removed = append(removed, at.First()+uint32(position)) //nolint:gosec // < 1000
			}
		}
		if err := w.putPayments(at, periods); err != nil {
			return nil, err
		}
	}
	return removed, nil
}

// SetControl corrects the control totals.
func (*paymentContract) SetControl(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentSetControl, setControl)
}

func setControl(w *work, in api.ControlInput) (payment.Batch, error) {
	b, err := w.batch(in.ID)
	if err != nil {
		return b, err
	}
	out, changed, err := payment.SetControl(b, in.Control, w.Actor)
	if err != nil {
		return b, err
	}
	return putIf(w, changed, relief.BatchKey(in.ID), out)
}

// SendBack opens a batch again.
func (*paymentContract) SendBack(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentSendBack, sendBack)
}

func sendBack(w *work, in api.SendBackInput) (payment.Batch, error) {
	b, tranches, err := w.batchAndTranches(in.ID)
	if err != nil {
		return b, err
	}
	out, released, changed, err := payment.SendBack(b, tranches, in.Reason, w.Actor)
	if err != nil || !changed {
		return b, err
	}
	if err := w.authorise(b.SendBackDuty()); err != nil {
		return b, err
	}
	return w.putMoney(tranches, out, released, changed)
}

// HandOver makes another official the preparer of a batch.
func (*paymentContract) HandOver(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentHandOver, handOver)
}

func handOver(w *work, in api.HandOverInput) (payment.Batch, error) {
	b, err := w.batch(in.ID)
	if err != nil {
		return b, err
	}
	approver, err := w.holds(relief.ActPaymentApprove)
	if err != nil {
		return b, err
	}
	heir, err := w.colleague("to", b.Preparer().Agency, in.To)
	if err != nil {
		return b, err
	}
	out, changed, err := payment.HandOver(b, heir, approver, w.Actor)
	if err != nil {
		return b, err
	}
	return putIf(w, changed, relief.BatchKey(in.ID), out)
}

// holds reports whether the caller has the duty for an act.
func (w *work) holds(act relief.Act) (bool, error) {
	err := w.authorise(act)
	if errors.Is(err, &relief.Error{Code: relief.CodeForbidden}) {
		return false, nil
	}
	return err == nil, err
}
