package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

// chunk is what one transaction carries: lines of one segment or of a few.
type chunk struct {
	segments []uint32
	call     ledger.Call
	// seal makes the call's transient part, of many chunks at once while the file is read on. Nil: the call has it.
	seal    func() (map[string][]byte, error)
	serials map[uint32]string // by file line, for refusals
	// retry takes a line that may be sent to another segment; false when it may not. Nil: none may.
	retry func(r wire.Refusal) bool
	// read is how the answer is read where it is not a ChunkResult.
	read func(answer []byte) (result wire.ChunkResult, refused []intake.Refusal, err error)
}

// flow sends the chunks of one job: many at a time, those that share a segment one after the other and in order, since two
// at once would meet in the segment's key. A chunk has a place of its job's from when it is handed over, which bounds what
// waits in memory, and one of all jobs' only while it is in flight: those are given in the order in which jobs ask for them.
type flow struct {
	run    *run
	tasks  sync.WaitGroup
	places chan struct{} // a place for each of the job's chunks that waits or is in flight

	mu      sync.Mutex
	busy    map[uint32]bool // segments of which a chunk is in flight
	waiting []chunk         // for a segment that is busy, or that an earlier one waits for
	err     error
}

func newFlow(run *run) *flow {
	return &flow{run: run, places: make(chan struct{}, cap(run.chunks)), busy: map[uint32]bool{}}
}

// send hands a chunk over; it waits while too many of the job's are under way, and tells the first failure of any.
func (f *flow) send(c chunk) error {
	select {
	case f.places <- struct{}{}:
	case <-f.run.ctx.Done():
		return f.failure()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		<-f.places
		return f.err
	}
	f.waiting = append(f.waiting, c)
	f.begin()
	return nil
}

// begin sets those waiting chunks going whose segments are free and no earlier one's; f.mu is held.
func (f *flow) begin() {
	taken := maps.Clone(f.busy)
	f.waiting = slices.DeleteFunc(f.waiting, func(c chunk) bool {
		free := !slices.ContainsFunc(c.segments, func(s uint32) bool { return taken[s] })
		for _, s := range c.segments {
			taken[s] = true
			if free {
				f.busy[s] = true
			}
		}
		if free {
			f.tasks.Go(func() { f.carry(&c) })
		}
		return free
	})
}

// carry sends one chunk to its end when its turn comes, and makes room for those that waited for it.
func (f *flow) carry(c *chunk) {
	err := f.failure()
	if err == nil && c.seal != nil {
		c.call.Transient, err = c.seal()
	}
	if err == nil {
		err = f.run.takeTurn(c)
	}
	<-f.places
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil && f.err == nil {
		f.err = err
		f.run.cancel()
	}
	for _, s := range c.segments {
		delete(f.busy, s)
	}
	f.begin()
}

func (f *flow) failure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	return f.run.ctx.Err()
}

// wait returns when every chunk has been answered.
func (f *flow) wait() error {
	f.tasks.Wait()
	return f.failure()
}

// takeTurn sends a chunk when it has one of all jobs' places.
func (r *run) takeTurn(c *chunk) error {
	select {
	case r.chunks <- struct{}{}:
		defer func() { <-r.chunks }()
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	return r.carry(c)
}

// carry sends one chunk to its end.
func (r *run) carry(c *chunk) error {
	answer, err := r.deliver(c.call, func(result []byte) bool {
		var said struct {
			Accepted int `json:"accepted"`
		}
		return json.Unmarshal(result, &said) != nil || said.Accepted > 0
	})
	if err != nil {
		return err
	}
	if c.read != nil {
		result, refused, err := c.read(answer.Result)
		if err != nil {
			return fmt.Errorf("what %s answered: %w", c.call.Function, err)
		}
		for i := range refused {
			r.job.refuse(&refused[i])
		}
		r.job.answered(&result, answer.TxID != "")
		return nil
	}
	var result wire.ChunkResult
	if err := json.Unmarshal(answer.Result, &result); err != nil {
		return fmt.Errorf("what %s answered: %w", c.call.Function, err)
	}
	for _, refused := range result.Refused {
		if c.retry != nil && c.retry(refused) {
			continue
		}
		r.job.refuse(&intake.Refusal{
			FileLine: int(refused.Seq), Serial: c.serials[refused.Seq], Field: fieldOf[refused.Code], Code: refused.Code, Note: refused.Note,
		})
	}
	r.job.answered(&result, answer.TxID != "")
	return nil
}

// deliver sends a call. One whose end is not known in time, or that has lost its race to others of the same segments for too
// long, is sent again: chunks may be.
func (r *run) deliver(call ledger.Call, worthwhile func([]byte) bool) (outbox.Answer, error) {
	for {
		silence := time.AfterFunc(r.options.Patience, r.job.waiting)
		answer, err := r.options.Sender.Send(r.ctx, r.job.id, call, worthwhile)
		silence.Stop()
		var pending *outbox.Pending
		var invalid *ledger.CommittedInvalid
		lost := errors.As(err, &invalid) && invalid.Conflict()
		if !lost && !errors.As(err, &pending) && !outbox.DiskFull(err) { // nothing was submitted without space for it
			return answer, err
		}
		r.job.waiting()
		if err := r.pause(r.ctx); err != nil {
			return answer, err
		}
	}
}

// pause keeps a job from asking what does not answer over and over.
func (r *Runner) pause(ctx context.Context) error {
	t := time.NewTimer(min(time.Second, r.options.Patience))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// fieldOf is the column that a contract's refusal is about.
var fieldOf = map[relief.LineCode]string{
	relief.LineRegionOutside: "region", relief.LineAmountOverBound: "amount", relief.LineAmountUnderBound: "amount",
	relief.LineAmountDiffers: "amount", relief.LinePersons: "persons", relief.LineClass: "class",
	relief.LineNotOnRoll: "id_number", relief.LineExited: "id_number", relief.LineBeforeEntry: "id_number",
	relief.LineAlreadyOnRoll: "id_number", relief.LineOverlap: "id_number", relief.LineNotInBatch: "payment_id",
	relief.LineAlreadySettled: "result", relief.LineReason: "reason", relief.LineResult: "result",
}

// evaluate reads from the ledger as the job's principal, and goes on through outages.
func (r *run) evaluate(function string, argument, out any) error {
	b, err := json.Marshal(argument)
	if err != nil {
		return err
	}
	call := ledger.Call{Signer: r.job.spec.Principal, Function: function, Argument: b}
	for tries := 1; ; tries++ {
		answer, err := ledger.Ask(r.ctx, r.options.Ledger, call)
		var refused *relief.Error
		switch {
		case err == nil:
			r.job.heard()
			if err := json.Unmarshal(answer, out); err != nil {
				return fmt.Errorf("what %s answered: %w", function, err)
			}
			return nil
		case errors.As(err, &refused), r.ctx.Err() != nil:
			return fmt.Errorf("%s: %w", function, err)
		case tries == 1:
			r.options.Log.Warn("a job waits for the ledger", "job", r.job.id, "kind", string(r.job.spec.Kind), "error", err)
		}
		r.job.waiting()
		if err := r.pause(r.ctx); err != nil {
			return err
		}
	}
}
