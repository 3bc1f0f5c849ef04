// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// paymentContract holds the batches and their lines.
type paymentContract struct{ contractapi.Contract }

// Open opens a batch.
func (*paymentContract) Open(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentOpen, openBatch)
}

func openBatch(w *work, in payment.BatchTerms) (payment.Batch, error) {
	var none payment.Batch
	if err := w.begun(in.Region); err != nil {
		return none, err
	}
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(in.Programme))
	if err != nil {
		return none, err
	}
	if err := in.CheckSources(); err != nil {
		return none, err
	}
	tranches, err := w.tranches(in.Tranches())
	if err != nil {
		return none, err
	}
	for i := range tranches {
		if tranches[i].Inherited, err = w.inheritedBy(tranches[i].Region); err != nil {
			return none, err
		}
	}
	existing, err := uow.Find[payment.Batch](w.Work, relief.BatchKey(in.ID))
	if err != nil {
		return none, err
	}
	out, changed, err := payment.OpenBatch(in, p, tranches, existing, w.Actor)
	if err != nil || !changed {
		return out, err
	}
	if out.Inherited, err = w.inheritedBy(in.Region); err != nil {
		return none, err
	}
	calendar, err := w.days()
	if err != nil {
		return none, err
	}
	if err := out.CheckOpening(tranches, calendar.Day(w.Actor.At)); err != nil {
		return none, err
	}
	marker := relief.AccountingKey(out.Programme, out.Region.County(), out.Period, out.ID)
	if err := w.PutValue(marker, []byte{1}); err != nil {
		return none, err
	}
	return out, w.Put(relief.BatchKey(in.ID), out)
}

// AddLines lists the payments of a chunk.
func (*paymentContract) AddLines(ctx *Context, input string) (string, error) {
	return addLinesAction.one(ctx, input)
}

// Seal closes the list.
func (*paymentContract) Seal(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentSeal, sealBatch)
}

// sealBatch reads each segment of the roll's period as a closed range: when a line comes in between, the ledger refuses one
// of the two.
func sealBatch(w *work, in api.BatchInput) (payment.Batch, error) {
	b, tranches, err := w.batchAndTranches(in.ID)
	if err != nil {
		return b, err
	}
	count, err := w.countAll(&b)
	if err != nil {
		return b, err
	}
	out, after, changed, err := payment.SealBatch(b, tranches, *count, w.Actor)
	if err != nil || !changed {
		return b, err
	}
	if err := w.requireDeclared(&out); err != nil {
		return b, err
	}
	return w.putMoney(tranches, out, after, changed)
}

// Approve is civil affairs' approval.
func (*paymentContract) Approve(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentApprove, approveBatch)
}

func approveBatch(w *work, in api.BatchInput) (payment.Batch, error) {
	b, err := w.batch(in.ID)
	if err != nil {
		return b, err
	}
	out, changed, err := payment.ApproveBatch(b, w.Actor)
	if err != nil {
		return b, err
	}
	return putIf(w, changed, relief.BatchKey(in.ID), out)
}

// MakeFile records the payment file.
func (*paymentContract) MakeFile(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentMakeFile, makeFile)
}

func makeFile(w *work, in payment.FileTerms) (payment.Batch, error) {
	b, err := w.batch(in.ID)
	if err != nil {
		return b, err
	}
	calendar, err := w.days()
	if err != nil {
		return b, err
	}
	out, changed, err := payment.MakeFile(b, in, calendar, w.Actor)
	if err != nil {
		return b, err
	}
	return putIf(w, changed, relief.BatchKey(in.ID), out)
}

// Authorise is finance's approval.
func (*paymentContract) Authorise(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentAuthorise, authoriseBatch)
}

func authoriseBatch(w *work, in api.AuthoriseInput) (payment.Batch, error) {
	b, err := w.batch(in.ID)
	if err != nil {
		return b, err
	}
	out, changed, err := payment.AuthoriseBatch(b, in.FileSHA256, w.Actor)
	if err != nil || !changed {
		return b, err
	}
	if err := w.requireSealed(&b); err != nil {
		return b, err
	}
	if err := w.creditNetted(&out); err != nil {
		return b, err
	}
	return putIf(w, changed, relief.BatchKey(in.ID), out)
}

// Instruct records that the bank was told to pay.
func (*paymentContract) Instruct(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentInstruct, instructBatch)
}

func instructBatch(w *work, in api.BatchInput) (payment.Batch, error) {
	b, err := w.batch(in.ID)
	if err != nil {
		return b, err
	}
	calendar, err := w.days()
	if err != nil {
		return b, err
	}
	out, changed, err := payment.InstructBatch(b, calendar, w.Actor)
	if err != nil || !changed {
		return b, err
	}
	if err := w.requireSealed(&b); err != nil {
		return b, err
	}
	return putIf(w, changed, relief.BatchKey(in.ID), out)
}

// TakeBack asks that the payment file be taken back.
func (*paymentContract) TakeBack(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentTakeBack, takeBack)
}

func takeBack(w *work, in api.TakeBackInput) (payment.Batch, error) {
	b, err := w.batch(in.ID)
	if err != nil {
		return b, err
	}
	count, err := w.countSealed(&b)
	if err != nil {
		return b, err
	}
	out, changed, err := payment.TakeBack(b, *count, in.Reason, w.Actor)
	if err != nil {
		return b, err
	}
	return putIf(w, changed, relief.BatchKey(in.ID), out)
}

// ConfirmTakeBack takes the payment file back. It reads every payment of the batch: when an answer comes in between, the
// ledger refuses one of the two.
func (*paymentContract) ConfirmTakeBack(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentConfirmTakeBack, confirmTakeBack)
}

func confirmTakeBack(w *work, in api.BatchInput) (payment.Batch, error) {
	b, err := w.batch(in.ID)
	if err != nil {
		return b, err
	}
	count, err := w.countSealed(&b)
	if err != nil {
		return b, err
	}
	out, changed, err := payment.ConfirmTakeBack(b, *count, w.Actor)
	if err != nil {
		return b, err
	}
	return putIf(w, changed, relief.BatchKey(in.ID), out)
}

// Settle records the bank's answers of a chunk.
func (*paymentContract) Settle(ctx *Context, input string) (string, error) {
	return settleAction.one(ctx, input)
}

// Tally adds what is settled to the totals of the batch and its tranche.
func (*paymentContract) Tally(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentTally, tallyBatch)
}

func tallyBatch(w *work, in api.BatchInput) (payment.Batch, error) {
	b, tranches, err := w.batchAndTranches(in.ID)
	if err != nil {
		return b, err
	}
	count, err := w.countSealed(&b)
	if err != nil {
		return b, err
	}
	out, after, changed, err := payment.TallyBatch(b, tranches, *count, w.Actor)
	if err != nil {
		return b, err
	}
	return w.putMoney(tranches, out, after, changed)
}

// Cancel gives a batch up.
func (*paymentContract) Cancel(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentCancel, cancelBatch)
}

func cancelBatch(w *work, in api.CancelInput) (payment.Batch, error) {
	b, tranches, err := w.batchAndTranches(in.ID)
	if err != nil {
		return b, err
	}
	out, after, changed, err := payment.CancelBatch(b, tranches, in.Reason, w.Actor)
	if err != nil {
		return b, err
	}
	return w.putMoney(tranches, out, after, changed)
}

// Close ends a batch.
func (*paymentContract) Close(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentClose, closeBatch)
}

func closeBatch(w *work, in api.BatchInput) (payment.Batch, error) {
	b, tranches, err := w.batchAndTranches(in.ID)
	if err != nil {
		return b, err
	}
	count, err := w.countSealed(&b)
	if err != nil {
		return b, err
	}
	out, after, changed, err := payment.CloseBatch(b, tranches, *count, w.Actor)
	if err != nil {
		return b, err
	}
	return w.putMoney(tranches, out, after, changed)
}

// Get gives a batch.
func (*paymentContract) Get(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentGet, func(w *work, in api.BatchInput) (payment.Batch, error) { return w.batch(in.ID) })
}

// List gives a page of batches.
func (*paymentContract) List(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentList, listBatches)
}

func listBatches(w *work, in api.BatchFilter) (api.Page[payment.Batch], error) {
	return uow.List(w.Work, relief.KindBatch, in.PageInput, relief.ParseBatchID, func(b *payment.Batch) bool {
		return (in.Programme == "" || b.Programme == in.Programme) && (in.Period.IsZero() || b.Period == in.Period) &&
			(in.State == "" || b.State == in.State)
	})
}

// Lines gives a batch's payments in one segment.
func (*paymentContract) Lines(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentLines, batchLines)
}

// Slots gives all payments of a period in one segment of a roll, of every batch.
func (*paymentContract) Slots(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentSlots, segmentSlots)
}

// Payment gives one payment.
func (*paymentContract) Payment(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PaymentPayment, getPayment)
}

func (w *work) batch(id relief.BatchID) (payment.Batch, error) {
	return uow.Get[payment.Batch](w.Work, relief.BatchKey(id))
}

func (w *work) batchAndTranches(id relief.BatchID) (payment.Batch, []fund.Tranche, error) {
	b, err := w.batch(id)
	if err != nil {
		return b, nil, err
	}
	tranches, err := w.tranches(b.Tranches())
	return b, tranches, err
}

func (w *work) tranches(ids []relief.TrancheID) ([]fund.Tranche, error) {
	tranches := make([]fund.Tranche, len(ids))
	for i, id := range ids {
		var err error
		if tranches[i], err = uow.Get[fund.Tranche](w.Work, relief.TrancheKey(id)); err != nil {
			return nil, err
		}
	}
	return tranches, nil
}

// putMoney has a batch written if an act changed it, and those of its tranches of which the act moved money: an open batch
// is cancelled without them. What came back to a closed tranche goes to its heir.
func (w *work) putMoney(before []fund.Tranche, b payment.Batch, after []fund.Tranche, changed bool) (payment.Batch, error) {
	for i := range after {
		moved := changed && len(after[i].Acts) > len(before[i].Acts)
		if _, err := putIf(w, moved, relief.TrancheKey(after[i].ID), after[i]); err != nil {
			return b, err
		}
		if moved {
			if err := w.passOn(after[i].ID); err != nil {
				return b, err
			}
		}
	}
	return putIf(w, changed, relief.BatchKey(b.ID), b)
}

// batchState is the domain's way to ask for another batch. It is asked for each payment of a segment, so that the state is read
// out of the record once for each value that the record has had in this unit of work.
func (w *work) batchState(id relief.BatchID) (payment.BatchState, error) {
	value, err := w.Value(relief.BatchKey(id))
	if err != nil {
		return "", err
	}
	if known, ok := w.states[id]; ok && len(value) > 0 && &value[0] == known.of {
		return known.state, nil
	}
	b, err := w.holder(id)
	if err != nil {
		return "", err
	}
	w.states[id] = stateOf{&value[0], b.State}
	return b.State, nil
}

// stateOf is the state in a batch's value, which the address of the value's first byte tells from others.
type stateOf struct {
	of    *byte
	state payment.BatchState
}

// holder is the batch that a payment says it is in.
func (w *work) holder(id relief.BatchID) (payment.Batch, error) {
	b, err := uow.Find[payment.Batch](w.Work, relief.BatchKey(id))
	if err != nil {
		return payment.Batch{}, err
	}
	if b == nil {
		return payment.Batch{}, relief.Errorf(relief.CodeCorrupt, "a payment's batch is not on the ledger")
	}
	return *b, nil
}
