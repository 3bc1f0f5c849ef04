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

// waitingLines bounds the lines of one job that wait for their chunk.
const waitingLines = 50_000

// batch is what a file of payments or of the bank's answers needs of its batch.
type batch struct {
	ID          relief.BatchID     `json:"id"`
	Programme   relief.ProgrammeID `json:"programme"`
	Region      relief.Region      `json:"region"`
	Period      relief.Period      `json:"period"`
	SegmentSize uint32             `json:"segment_size"`
}

// batch reads what never changes of a batch, once.
func (r *run) batch() (b batch, err error) {
	if b, known := r.batches.get(r.job.spec.Target); known {
		return b, nil
	}
	defer func() {
		if err == nil {
			r.batches.put(r.job.spec.Target, b)
		}
	}()
	err = r.evaluate("payment:Get", map[string]string{"id": r.job.spec.Target}, &b)
	if err == nil && b.SegmentSize == 0 {
		var p programmeInfo
		p, err = r.programme(b.Programme)
		b.SegmentSize = p.segmentSize()
	}
	return b, err
}

// chunkCall is a call for a chunk of a batch's lines.
func (r *run) chunkCall(function string, id relief.BatchID, transient string, chunk []byte) ledger.Call {
	argument, _ := json.Marshal(map[string]relief.BatchID{"batch": id}) // an id: does not fail
	return ledger.Call{
		Signer: r.job.spec.Principal, Function: function, Argument: argument,
		Transient: map[string][]byte{transient: chunk},
	}
}

// linesPlan lists payments: each goes to the segment of its person's number on the roll.
type linesPlan struct {
	*run
	target   batch
	roll     *loadedRoll
	fresh    bool  // the roll was read for this job
	fault    error // of reading it: add tells
	segments *segments[listedPayment]
	bundle   *bundle[listedPayment]
}

type listedPayment struct {
	input  payment.LineInput
	serial string
}

func newLinesPlan(r *run) (*linesPlan, error) {
	p := &linesPlan{run: r}
	var err error
	if p.target, err = r.batch(); err != nil {
		return nil, err
	}
	p.roll = r.rolls.use(p.rollKey())
	p.bundle = &bundle[listedPayment]{send: p.sendChunk}
	p.segments = newSegments(int(p.target.SegmentSize), waitingLines, p.bundle.add)
	return p, nil
}

func (p *linesPlan) check(l *intake.Line) (string, relief.LineCode) {
	if !p.target.Region.Covers(l.Region) {
		return "region", relief.LineRegionOutside
	}
	if l.Period != p.target.Period {
		return "period", relief.LinePeriod
	}
	if _, ok := p.number(l.Ref); !ok && p.fault == nil {
		return "id_number", relief.LineNotOnRoll
	}
	return "", ""
}

func (p *linesPlan) rollKey() rollKey { return rollKey{p.target.Programme, p.target.Region.County()} }

// number finds a person on the roll. A number that is known stays right for ever; the ledger is asked for the roll with the
// first person of the file who is not known.
func (p *linesPlan) number(ref relief.SubjectRef) (uint32, bool) {
	n, ok := p.roll.number(ref)
	if ok || p.fresh {
		return n, ok
	}
	p.fresh = true
	p.roll, p.fault = p.rolls.get(p.evaluate, p.rollKey())
	return p.roll.number(ref)
}

func (p *linesPlan) add(l *intake.Line) error {
	if p.fault != nil {
		return p.fault
	}
	number, _ := p.roll.number(l.Ref) // checked
	return p.segments.add(number/p.target.SegmentSize, listedPayment{payment.LineInput{
		Seq: uint32(l.FileLine), Number: number, Ref: l.Ref, Region: l.Region, Amount: l.Amount, //nolint:gosec // a file's lines
	}, l.Serial})
}

func (p *linesPlan) sendChunk(segments []uint32, lines []listedPayment) error {
	inputs := make([]payment.LineInput, len(lines))
	serials := make(map[uint32]string, len(lines))
	for i := range lines {
		inputs[i] = lines[i].input
		serials[inputs[i].Seq] = lines[i].serial
	}
	return p.flow.send(chunk{
		segments: segments, serials: serials,
		call: p.chunkCall("payment:AddLines", p.target.ID, wire.TransientLines, payment.AppendLines(nil, inputs)),
	})
}

func (p *linesPlan) end() error {
	if err := errors.Join(p.segments.flushAll(), p.bundle.flush()); err != nil {
		return err
	}
	return p.flow.wait()
}
