package jobs

import (
	"fmt"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
)

// KindDue is a job without a file: the contracts list in a batch what is owed and not yet listed, segment by segment.
const KindDue Kind = "due"

// carryDue goes through all segments of the batch's roll.
func (a *attempt) carryDue() error {
	target, err := a.batch()
	if err != nil {
		return err
	}
	status, err := ask(a, api.RollStatus, api.RollInput{Programme: target.Programme, County: target.Region.County()})
	if err != nil {
		return err
	}
	segments := make([]uint32, len(status.Segments))
	people := 0
	for i, s := range status.Segments {
		segments[i] = s.Segment
		people += s.Count
	}
	for part := range slices.Chunk(segments, wire.MaxChunkSegments) {
		if err := a.scheduler.send(&dueChunk{attempt: a, batch: target, segments: part}); err != nil {
			return err
		}
	}
	a.job.read(people)
	return a.scheduler.wait()
}

// dueChunk is a few segments in which the contract lists what is owed.
type dueChunk struct {
	attempt  *attempt
	batch    batch
	segments []uint32
}

func (c *dueChunk) lanes() []uint32 { return c.segments }

func (c *dueChunk) call() (ledger.Call, error) {
	return contracts.Call(c.attempt.job.spec.Principal, api.PaymentAddDue, api.DueInput{Batch: c.batch.ID, Segments: c.segments}, nil)
}

// submits reports whether anything was listed. A result that cannot be read is submitted: read then says what is wrong with it.
func (c *dueChunk) submits(result []byte) bool {
	r, err := contracts.Answer(api.PaymentAddDue, result)
	return err != nil || r.Listed > 0
}

func (c *dueChunk) again(error) bool { return false }

func (c *dueChunk) read(result []byte) (wire.ChunkResult, []intake.Refusal, error) {
	r, err := contracts.Answer(api.PaymentAddDue, result)
	if err != nil {
		return wire.ChunkResult{}, nil, err
	}
	refused := make([]intake.Refusal, 0, len(r.Refused)+1)
	for i := range r.Refused {
		refused = append(refused, c.refusal(&r.Refused[i]))
	}
	if r.More > 0 {
		last := refused[len(refused)-1]
		last.Note = fmt.Sprintf("另有 %d 笔未列入 · %d more are not listed", r.More, r.More)
		refused = append(refused, last)
	}
	r.Refused = nil
	_ = c.attempt.job.update(func(j *Job) {
		sum := r
		if j.Due != nil {
			sum = j.Due.Plus(r)
		}
		sum.Refused = []payment.NotListed{}
		j.Due = &sum
	})
	return wire.ChunkResult{Accepted: r.Listed, Unchanged: r.Unchanged}, refused, nil
}

// refusal is what is owed and cannot be listed. There is no file: its line is the roll number, its serial says for which period.
func (c *dueChunk) refusal(r *payment.NotListed) intake.Refusal {
	entry := fmt.Sprintf("%s-%s-%07d", c.batch.Programme, c.batch.Region.County(), r.Number)
	return intake.Refusal{
		FileLine: int(r.Number), Serial: entry + " " + r.Period.String(), Field: fieldOf[r.Code], Code: r.Code, Note: r.Note,
	}
}
