package jobs

import (
	"maps"
	"slices"
	"sync"

	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
)

// chunk is what one transaction carries: lines of one lane or of a few.
type chunk interface {
	// lanes are those of the lines. A lane is a segment where two transactions in flight would write the same key.
	lanes() []uint32
	// call makes the transaction's call. Many chunks do so at once while the file is read on, because sealing takes time.
	call() (ledger.Call, error)
	// read reads the contract's result.
	read(result []byte) (wire.ChunkResult, []intake.Refusal, error)
}

// ownOutcome is a chunk that decides about its transaction itself.
type ownOutcome interface {
	// submits reports whether the transaction with this result is to be written.
	submits(result []byte) bool
	// again reports whether the chunk's plan sends it another time after this error, which then fails nothing.
	again(err error) bool
}

// scheduler sends the chunks of one attempt: many at a time, but those that share a lane one after the other and in
// order, since two at once would conflict in the lane's key. A chunk holds one of the attempt's places from when it
// is handed over, which bounds the memory of waiting chunks, and one of the runner's places only while it is in
// flight. Jobs get the latter in the order in which they ask.
type scheduler struct {
	attempt *attempt
	tasks   sync.WaitGroup
	places  chan struct{} // a place for each of the attempt's chunks that waits or is in flight

	mu      sync.Mutex
	busy    map[uint32]bool // lanes of which a chunk is in flight
	waiting []chunk         // for a lane that is busy, or that an earlier chunk waits for
	err     error           // the first failure
}

func newScheduler(a *attempt) *scheduler {
	return &scheduler{attempt: a, places: make(chan struct{}, cap(a.runner.chunks)), busy: map[uint32]bool{}}
}

// send hands a chunk over. It waits while too many of the attempt's chunks are under way. Its error is the first
// failure of any of them.
func (s *scheduler) send(c chunk) error {
	select {
	case s.places <- struct{}{}:
	case <-s.attempt.ctx.Done():
		return s.failure()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		<-s.places
		return s.err
	}
	s.waiting = append(s.waiting, c)
	s.startFree()
	return nil
}

// startFree starts those waiting chunks whose lanes are free and that no earlier chunk waits for; s.mu is held.
func (s *scheduler) startFree() {
	taken := maps.Clone(s.busy)
	s.waiting = slices.DeleteFunc(s.waiting, func(c chunk) bool {
		lanes := c.lanes()
		free := !slices.ContainsFunc(lanes, func(lane uint32) bool { return taken[lane] })
		for _, lane := range lanes {
			taken[lane] = true
			if free {
				s.busy[lane] = true
			}
		}
		if free {
			s.tasks.Go(func() { s.carry(c) })
		}
		return free
	})
}

// carry brings one chunk to its end and starts those that waited for its lanes.
func (s *scheduler) carry(c chunk) {
	err := s.attempt.carryChunk(c)
	<-s.places
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.err == nil {
		s.err = err
		s.attempt.cancel()
	}
	for _, lane := range c.lanes() {
		delete(s.busy, lane)
	}
	s.startFree()
}

func (s *scheduler) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	return s.attempt.ctx.Err()
}

// wait returns when every chunk has its result.
func (s *scheduler) wait() error {
	s.tasks.Wait()
	return s.failure()
}

// carryChunk makes a chunk's call, sends it when the runner has a place for it, and counts what became of its lines.
func (a *attempt) carryChunk(c chunk) error {
	if err := a.scheduler.failure(); err != nil {
		return err
	}
	if small, ok := c.(sharedChunk); ok && a.job.spec.Small {
		return a.carryShared(small)
	}
	call, err := c.call()
	if err != nil {
		return err
	}
	select {
	case a.runner.chunks <- struct{}{}:
		defer func() { <-a.runner.chunks }()
	case <-a.ctx.Done():
		return a.ctx.Err()
	}
	worthwhile := acceptsAny
	own, special := c.(ownOutcome)
	if special {
		worthwhile = own.submits
	}
	answer, err := a.deliver(call, worthwhile)
	if err != nil && special && own.again(err) {
		return nil
	}
	if err != nil {
		return err
	}
	result, refused, err := c.read(answer.Result)
	if err != nil {
		return err
	}
	for i := range refused {
		a.job.refuse(&refused[i])
	}
	a.job.answered(&result, answer.TxID != "")
	return nil
}
