// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// paymentContract holds the batches and their lines.
type paymentContract struct{ contractapi.Contract }

type batchID struct {
	ID relief.BatchID `json:"id"`
}

// Open opens a batch.
func (*paymentContract) Open(ctx *Context, input string) (string, error) {
	in, err := begin[payment.BatchTerms](ctx, relief.ActPaymentOpen, input)
	if err != nil {
		return "", err
	}
	if err := ctx.registered(in.Region); err != nil {
		return "", err
	}
	programme, err := mustLoad[programme.Programme](ctx, relief.ProgrammeKey(in.Programme))
	if err != nil {
		return "", err
	}
	tranche, err := mustLoad[fund.Tranche](ctx, relief.TrancheKey(in.Tranche))
	if err != nil {
		return "", err
	}
	existing, err := load[payment.Batch](ctx, relief.BatchKey(in.ID))
	if err != nil {
		return "", err
	}
	out, changed, err := payment.OpenBatch(in, *programme, *tranche, existing, ctx.stamp)
	return finish(ctx, relief.BatchKey(in.ID), out, changed, err)
}

// AddLines lists the payments of a chunk. It writes the lines of the segments that they lie in and nothing else, and those
// only where a line is new.
func (*paymentContract) AddLines(ctx *Context, input string) (string, error) {
	batch, chunk, err := beginChunk(ctx, relief.ActPaymentAdd, input, wire.TransientLines, (*payment.Batch).MayAdd)
	if err != nil {
		return "", err
	}
	lines, err := payment.DecodeLines(chunk)
	if err != nil {
		return "", err
	}
	return encode(inSegments(ctx, batch, lines, func(roll roll.Segment, seg payment.LineSegment, segment uint32, lines []payment.LineInput) (
		payment.LineSegment, wire.ChunkResult, error,
	) {
		return payment.AddLines(batch, roll, seg, segment, lines, ctx.batchState)
	}))
}

// Seal closes the list. It reads every segment of the roll's period as a closed range: a line that comes in between
// makes the ledger refuse one of the two.
func (*paymentContract) Seal(ctx *Context, input string) (string, error) {
	return ctx.actOnMoney(relief.ActPaymentSeal, input, func(b payment.Batch, t fund.Tranche) (payment.Batch, fund.Tranche, bool, error) {
		count, err := ctx.countAll(&b)
		if err != nil {
			return b, t, false, err
		}
		return payment.SealBatch(b, t, *count, ctx.stamp)
	})
}

// Approve is civil affairs' approval.
func (*paymentContract) Approve(ctx *Context, input string) (string, error) {
	return ctx.sign(relief.ActPaymentApprove, input, payment.ApproveBatch)
}

// Authorise is finance's approval.
func (*paymentContract) Authorise(ctx *Context, input string) (string, error) {
	return ctx.sign(relief.ActPaymentAuthorise, input, payment.AuthoriseBatch)
}

// Instruct records that the bank was told to pay.
func (*paymentContract) Instruct(ctx *Context, input string) (string, error) {
	type instruct struct {
		ID         relief.BatchID `json:"id"`
		FileSHA256 string         `json:"file_sha256"`
	}
	in, err := begin[instruct](ctx, relief.ActPaymentInstruct, input)
	if err != nil {
		return "", err
	}
	b, err := mustLoad[payment.Batch](ctx, relief.BatchKey(in.ID))
	if err != nil {
		return "", err
	}
	out, changed, err := payment.InstructBatch(*b, in.FileSHA256, ctx.stamp)
	return finish(ctx, relief.BatchKey(in.ID), out, changed, err)
}

// Settle records the bank's answers of a chunk. It writes the lines of the segments that they lie in and nothing else.
func (*paymentContract) Settle(ctx *Context, input string) (string, error) {
	batch, chunk, err := beginChunk(ctx, relief.ActPaymentSettle, input, wire.TransientSettlements, (*payment.Batch).MaySettle)
	if err != nil {
		return "", err
	}
	answers, err := payment.DecodeAnswers(chunk)
	if err != nil {
		return "", err
	}
	return encode(inSegments(ctx, batch, answers, func(roll roll.Segment, seg payment.LineSegment, segment uint32, answers []payment.AnswerInput) (
		payment.LineSegment, wire.ChunkResult, error,
	) {
		return payment.RecordAnswers(batch, roll, seg, segment, answers, ctx.stamp.Tx)
	}))
}

// Tally folds what is settled into the batch and its tranche.
func (*paymentContract) Tally(ctx *Context, input string) (string, error) {
	return ctx.actOnMoney(relief.ActPaymentTally, input, func(b payment.Batch, t fund.Tranche) (payment.Batch, fund.Tranche, bool, error) {
		count, err := ctx.countSealed(&b)
		if err != nil {
			return b, t, false, err
		}
		return payment.TallyBatch(b, t, *count, ctx.stamp)
	})
}

// Cancel gives a batch up.
func (*paymentContract) Cancel(ctx *Context, input string) (string, error) {
	type cancel struct {
		ID     relief.BatchID `json:"id"`
		Reason string         `json:"reason"`
	}
	in, err := begin[cancel](ctx, relief.ActPaymentCancel, input)
	if err != nil {
		return "", err
	}
	return ctx.moveMoney(in.ID, func(b payment.Batch, t fund.Tranche) (payment.Batch, fund.Tranche, bool, error) {
		return payment.CancelBatch(b, t, in.Reason, ctx.stamp)
	})
}

// Close ends a batch.
func (*paymentContract) Close(ctx *Context, input string) (string, error) {
	return ctx.actOnMoney(relief.ActPaymentClose, input, func(b payment.Batch, t fund.Tranche) (payment.Batch, fund.Tranche, bool, error) {
		count, err := ctx.countSealed(&b)
		if err != nil {
			return b, t, false, err
		}
		return payment.CloseBatch(b, t, *count, ctx.stamp)
	})
}

// Get gives a batch.
func (*paymentContract) Get(ctx *Context, input string) (string, error) {
	in, err := begin[batchID](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	return encode(mustLoad[payment.Batch](ctx, relief.BatchKey(in.ID)))
}

// List gives a page of batches.
func (*paymentContract) List(ctx *Context, input string) (string, error) {
	type filter struct {
		pageInput
		Programme relief.ProgrammeID `json:"programme"`
		Period    relief.Period      `json:"period"`
		State     payment.BatchState `json:"state"`
	}
	in, err := begin[filter](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	keep := func(b *payment.Batch) (*payment.Batch, bool) {
		return b, (in.Programme == "" || b.Programme == in.Programme) && (in.Period.IsZero() || b.Period == in.Period) &&
			(in.State == "" || b.State == in.State)
	}
	return encode(list(ctx, relief.KindBatch, in.pageInput, checkID(relief.ParseBatchID), keep))
}

// Lines gives a batch's payments in one segment.
func (*paymentContract) Lines(ctx *Context, input string) (string, error) {
	type lines struct {
		Batch   relief.BatchID `json:"batch"`
		Segment uint32         `json:"segment"`
	}
	in, err := begin[lines](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	batch, err := mustLoad[payment.Batch](ctx, relief.BatchKey(in.Batch))
	if err != nil {
		return "", err
	}
	if _, err := newPlace(batch.Programme, batch.Region.County(), in.Segment, int(batch.SegmentSize)); err != nil {
		return "", err
	}
	pairs, err := ctx.segments(batch, in.Segment)
	if err != nil {
		return "", err
	}
	return encode(map[string][]payment.Payment{"lines": pairs[0].lines.Payments(batch, in.Segment, pairs[0].roll)}, nil)
}

// Slots gives every payment of a period in one segment of a county's roll, of whichever batch: what a bank's statement is
// held against.
func (*paymentContract) Slots(ctx *Context, input string) (string, error) {
	type slots struct {
		Programme relief.ProgrammeID `json:"programme"`
		County    relief.Region      `json:"county"`
		Period    relief.Period      `json:"period"`
		Segment   uint32             `json:"segment"`
	}
	in, err := begin[slots](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	place, err := ctx.place(in.Programme, in.County, in.Segment)
	if err != nil {
		return "", err
	}
	value, err := ctx.get(relief.LinesKey(in.Programme, in.County, in.Period, in.Segment))
	if err != nil {
		return "", err
	}
	seg, err := payment.ParseLineSegment(value)
	return encode(map[string][]payment.Slot{"slots": seg.Slots(place.Segment * place.Size)}, err)
}

// Payment gives one payment.
func (*paymentContract) Payment(ctx *Context, input string) (string, error) {
	type payment struct {
		ID relief.PaymentID `json:"id"`
	}
	in, err := begin[payment](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	return encode(ctx.payment(in.ID))
}
