package jobs

import (
	"encoding/json"
	"errors"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
)

// settlementsPlan records the bank's answers, and at the end has them folded into the batch and its tranche.
type settlementsPlan struct {
	*run
	target   batch
	segments *segments[settlement]
	bundle   *bundle[settlement]
	waiting  map[uint64]bool // the payments whose answer waits for its transaction
}

type settlement struct {
	input  payment.AnswerInput
	serial string
}

func newSettlementsPlan(r *run) (*settlementsPlan, error) {
	if r.options.ReceiptKey == nil {
		return nil, relief.Errorf(relief.CodeForbidden, "this gateway has no receipt key: the bank's answers are recorded at finance's")
	}
	p := &settlementsPlan{run: r, waiting: map[uint64]bool{}}
	var err error
	if p.target, err = r.batch(); err != nil {
		return nil, err
	}
	p.bundle = &bundle[settlement]{send: p.sendChunk}
	p.segments = newSegments(int(p.target.SegmentSize), waitingLines, p.bundle.add)
	return p, nil
}

func (p *settlementsPlan) check(l *intake.Line) (string, relief.LineCode) {
	id := &l.Payment
	if id.Programme != p.target.Programme || id.County != p.target.Region.County() || id.Period != p.target.Period {
		return "payment_id", relief.LineNotInBatch
	}
	return "", ""
}

func (p *settlementsPlan) add(l *intake.Line) error {
	segment, _ := l.Payment.SlotAt(p.target.SegmentSize)
	// A credit that is taken back in the same transaction has no leaf: one that was made goes ahead on its own.
	if p.waiting[waitingKey(l.Payment.Number, l.Payment.Attempt)] {
		if err := errors.Join(p.segments.flush(segment), p.bundle.flush()); err != nil {
			return err
		}
	}
	p.waiting[waitingKey(l.Payment.Number, l.Payment.Attempt)] = true
	return p.segments.add(segment, settlement{payment.AnswerInput{
		Seq: uint32(l.FileLine), Number: l.Payment.Number, Attempt: l.Payment.Attempt, Outcome: l.Outcome, //nolint:gosec // a file's lines
		Amount: l.Amount, Reason: l.Reason, Day: l.Day, BankRef: l.BankRef,
		Salt: relief.LeafSalt(p.options.ReceiptKey, l.Payment),
	}, l.Serial})
}

func waitingKey(number uint32, attempt uint8) uint64 { return uint64(number)<<8 | uint64(attempt) }

func (p *settlementsPlan) sendChunk(segments []uint32, lines []settlement) error {
	inputs := make([]payment.AnswerInput, len(lines))
	serials := make(map[uint32]string, len(lines))
	for i := range lines {
		inputs[i] = lines[i].input
		serials[inputs[i].Seq] = lines[i].serial
		delete(p.waiting, waitingKey(inputs[i].Number, inputs[i].Attempt))
	}
	return p.flow.send(chunk{
		segments: segments, serials: serials,
		call: p.chunkCall("payment:Settle", p.target.ID, wire.TransientSettlements, payment.AppendAnswers(nil, inputs)),
	})
}

func (p *settlementsPlan) end() error {
	if err := errors.Join(p.segments.flushAll(), p.bundle.flush()); err != nil {
		return err
	}
	if err := p.flow.wait(); err != nil {
		return err
	}
	if job := p.job.snapshot(); job.Result.Accepted+job.Result.Unchanged == 0 {
		return nil
	}
	argument, err := json.Marshal(map[string]relief.BatchID{"id": p.target.ID})
	if err != nil {
		return err
	}
	answer, err := p.deliver(ledger.Call{Signer: p.job.spec.Principal, Function: "payment:Tally", Argument: argument}, nil)
	if err == nil && answer.TxID != "" {
		_ = p.job.update(func(j *Job) { j.Transactions++ })
	}
	return err
}
