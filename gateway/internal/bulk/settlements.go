package bulk

import (
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
)

// settlementsPlan records the bank's answers, and at the end has them folded into the batch and its tranche.
type settlementsPlan struct {
	*run
	target   batch
	segments *segments[settlement]
}

type settlement struct {
	input  relief.SettlementInput
	serial string
}

func newSettlementsPlan(r *run) (*settlementsPlan, error) {
	p := &settlementsPlan{run: r}
	var err error
	if p.target, err = r.batch(); err != nil {
		return nil, err
	}
	// A payment may be answered twice in one file, credited and then returned: a chunk may outgrow its segment.
	p.segments = newSegments(relief.MaxChunkLines, waitingLines, p.sendChunk)
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
	return p.segments.add(segment, settlement{relief.SettlementInput{
		Seq: uint32(l.FileLine), Number: l.Payment.Number, Attempt: l.Payment.Attempt, Outcome: l.Outcome, //nolint:gosec // a file's lines
		Amount: l.Amount, Reason: l.Reason, Day: l.Day, BankRef: l.BankRef,
	}, l.Serial})
}

func (p *settlementsPlan) sendChunk(segment uint32, lines []settlement) error {
	inputs := make([]relief.SettlementInput, len(lines))
	serials := make(map[uint32]string, len(lines))
	for i := range lines {
		inputs[i] = lines[i].input
		serials[inputs[i].Seq] = lines[i].serial
	}
	return p.flow.send(chunk{
		segment: segment, serials: serials,
		call: p.segmentCall("payment:Settle", p.target.ID, segment, relief.TransientSettlements, relief.AppendSettlements(nil, inputs)),
	})
}

func (p *settlementsPlan) end() error {
	if err := p.segments.flushAll(); err != nil {
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
		p.job.update(func(j *Job) { j.Transactions++ })
	}
	return err
}
