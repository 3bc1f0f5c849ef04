package jobs

import (
	"errors"
	"slices"
	"sync"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/crashpoint"
	"relieftrail/gateway/internal/gather"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
)

// SmallFile bounds the files, in bytes, whose lines travel with those of other small files: one payment, or a few.
const SmallFile = 8 << 10

const (
	// togetherAtOnce bounds the transactions of small files of one official for one batch, so that they are large rather
	// than many: each has places of up to wire.MaxChunkSegments segments.
	togetherAtOnce = 8
	// companyPatience is how long a transaction waits for small files that were received already and are on their way to it.
	companyPatience = 100 * time.Millisecond
	// tallyEvery is how long the batch's totals may be behind while small files of answers keep coming.
	tallyEvery = 2 * time.Second
)

// together names what may be in one transaction: lines of one batch, for one function, that the same official signs. What
// another official signs is never in it.
type together struct {
	principal string
	function  string
	batch     relief.BatchID
}

// sharedChunk is a chunk of a small file, which may share its transaction with others.
type sharedChunk interface {
	chunk
	together() together
	numbers() []uint32 // on the roll, a number for each line
	// with is one chunk of several, itself among them. from says for each line of it which of them it comes from.
	with(chunks []sharedChunk) (all sharedChunk, from []int)
	refusals(refused []wire.Refusal) []intake.Refusal
	// renumbered divides refused lines into those to be sent again, with numbers that have become right since, and the rest.
	renumbered(a *attempt, refused []wire.Refusal) (again []sharedChunk, rest []wire.Refusal, err error)
}

// shared is a chunk of a small file on its way.
type shared struct {
	chunk    sharedChunk
	segments []uint32
	numbers  []uint32
	resumed  bool // an earlier process began the file
}

// sharedResult is what became of a chunk of a small file.
type sharedResult struct {
	result      wire.ChunkResult
	transaction bool  // one was written
	err         error // of this chunk alone
}

// Expect announces a small file of lines or answers, for which others then wait a moment. Start must follow, or Gone.
func (r *Runner) Expect(spec *JobSpec) {
	of := together{principal: spec.Principal, function: api.PaymentAddLines.Name(), batch: relief.BatchID(spec.Target)}
	if spec.Kind == KindSettlements {
		of.function = api.PaymentSettle.Name()
	}
	spec.coming = r.shared.Expect(of)
}

// Gone says that nobody need wait for the file, if anybody does.
func (s *JobSpec) Gone() {
	if s.coming != nil {
		s.coming.Gone()
	}
}

func (r *Runner) newShared() *gather.Gatherer[together, shared, sharedResult] {
	return gather.New(r.carryTogether, gather.Options[shared]{
		Lanes: func(s shared) []uint32 { return s.segments }, Group: newGroup, AtOnce: togetherAtOnce, Patience: companyPatience, Go: r.tasks.Go,
	})
}

// newGroup makes the rule that keeps a transaction within the contract's limits. Two lines with one number never share it: which of them
// counts would depend on the other one's success, and a credit and its return in one transaction would leave no leaf of the credit.
func newGroup() (takes func(shared) bool) {
	numbers, segments, lines := map[uint32]bool{}, map[uint32]bool{}, 0
	return func(s shared) bool {
		more := 0
		for _, segment := range s.segments {
			if !segments[segment] {
				more++
			}
		}
		taken := func(n uint32) bool { return numbers[n] }
		if lines > 0 && (slices.ContainsFunc(s.numbers, taken) || lines+len(s.numbers) > wire.MaxChunkLines || len(segments)+more > wire.MaxChunkSegments) {
			return false
		}
		lines += len(s.numbers)
		for _, n := range s.numbers {
			numbers[n] = true
		}
		for _, segment := range s.segments {
			segments[segment] = true
		}
		return true
	}
}

// carryShared brings a chunk of a small file to its end, alone or with others.
func (a *attempt) carryShared(c sharedChunk) error {
	silence := time.AfterFunc(a.runner.options.Patience, a.job.waiting)
	defer silence.Stop()
	item := shared{c, c.lanes(), c.numbers(), a.job.resumed}
	var out sharedResult
	var err error
	if coming := a.job.spec.coming; coming != nil {
		out, err = coming.Do(a.ctx, item)
	} else {
		out, err = a.runner.shared.Do(a.ctx, c.together(), item)
	}
	if err = errors.Join(err, out.err); err != nil {
		return err
	}
	again, rest, err := c.renumbered(a, out.result.Refused)
	if err != nil {
		return err
	}
	refused := c.refusals(rest)
	for i := range refused {
		a.job.refuse(&refused[i])
	}
	a.job.answered(&out.result, out.transaction)
	for _, c := range again {
		if err := a.carryShared(c); err != nil {
			return err
		}
	}
	return nil
}

// carryTogether is one transaction of several small files, when it has a place. Of the bank's answers it sees to the tally, too.
func (r *Runner) carryTogether(of together, group []shared) ([]sharedResult, error) {
	if of.function == api.PaymentSettle.Name() {
		r.tallies.begin(of, slices.ContainsFunc(group, func(s shared) bool { return s.resumed }))
	}
	results, err := r.sendTogether(of, group)
	if of.function != api.PaymentSettle.Name() {
		return results, err
	}
	recorded := slices.ContainsFunc(results, func(s sharedResult) bool { return s.result.Accepted+s.result.Unchanged > 0 })
	switch r.tallies.end(of, recorded, r.shared.Waiting(of)) {
	case tallyLast:
		return results, errors.Join(err, r.tally(of))
	case tallyBeside:
		r.tasks.Go(func() {
			failure := r.tally(of)
			if failure != nil && r.ctx.Err() == nil {
				r.options.Log.Warn("the batch's totals are behind: the next answers see to them", "batch", string(of.batch), "error", logText(failure))
			}
			r.tallies.tallied(of, failure == nil)
		})
	}
	return results, err
}

// sendTogether sends a group as one transaction. When the contract refuses that as a whole, each half is tried for itself, so
// that nobody is refused for what another one sent.
func (r *Runner) sendTogether(of together, group []shared) ([]sharedResult, error) {
	chunks := make([]sharedChunk, len(group))
	for i := range group {
		chunks[i] = group[i].chunk
	}
	all, from := chunks[0].with(chunks)
	call, err := all.call()
	if err != nil {
		return nil, err
	}
	crashpoint.Point("gathered")
	answer, transaction, err := r.sendShared(call)
	var refused *relief.Error
	switch {
	case errors.As(err, &refused) && len(group) > 1:
		half := len(group) / 2
		first, err := r.sendTogether(of, group[:half])
		if err != nil {
			return nil, err
		}
		second, err := r.sendTogether(of, group[half:])
		return append(first, second...), err
	case err != nil && len(group) == 1:
		return []sharedResult{{err: err}}, nil
	case err != nil:
		return nil, err
	}
	return divide(&answer, transaction, from, len(group))
}

// sendShared sends a call of small files when the runner has a place for it.
func (r *Runner) sendShared(call ledger.Call) (result wire.ChunkResult, transaction bool, err error) {
	select {
	case r.chunks <- struct{}{}:
		defer func() { <-r.chunks }()
	case <-r.ctx.Done():
		return result, false, r.ctx.Err()
	}
	answer, err := r.deliver(r.ctx, sharedOwner, call, acceptsAny, func() {})
	if err != nil {
		return result, false, err
	}
	result, err = contracts.Answer(api.PaymentAddLines, answer.Result) // payment:Settle answers the same
	return result, answer.TxID != "", err
}

// sharedOwner is the owner of transactions of several jobs.
const sharedOwner = "shared"

// divide gives each of n chunks what became of its lines; from says whose each line is.
func divide(all *wire.ChunkResult, transaction bool, from []int, n int) ([]sharedResult, error) {
	results := make([]sharedResult, n)
	for i := range results {
		results[i].transaction = transaction
	}
	if len(all.Outcomes) != len(from) {
		return nil, errors.New("the contract says of another number of lines what became of them")
	}
	refused := all.Refused
	for line, outcome := range all.Outcomes {
		result := &results[from[line]].result
		switch wire.Outcome(outcome) {
		case wire.Accepted:
			result.Accepted++
		case wire.Unchanged:
			result.Unchanged++
		default:
			if len(refused) == 0 {
				return nil, errors.New("the contract refuses a line without a reason")
			}
			result.Refused = append(result.Refused, refused[0])
			refused = refused[1:]
		}
	}
	for i := range results {
		results[i].transaction = transaction && results[i].result.Accepted > 0
	}
	return results, nil
}

// joinLines puts the lines of several chunks together in the order of their segments; those of one segment stay in the order
// of the chunks. from says for each line whose it is.
func joinLines[T any](size uint32, chunks [][]T, number func(*T) uint32) (all bundle[T], from []int) {
	type of struct{ chunk, line int }
	var order []of
	for c := range chunks {
		for l := range chunks[c] {
			order = append(order, of{c, l})
		}
	}
	segment := func(o of) uint32 { return number(&chunks[o.chunk][o.line]) / size }
	slices.SortStableFunc(order, func(a, b of) int { return int(segment(a)) - int(segment(b)) })
	for _, o := range order {
		if s := segment(o); len(all.segments) == 0 || all.segments[len(all.segments)-1] != s {
			all.segments = append(all.segments, s)
		}
		all.lines = append(all.lines, chunks[o.chunk][o.line])
		from = append(from, o.chunk)
	}
	return all, from
}

// tally has what small files of answers recorded folded into the batch and its tranche.
func (r *Runner) tally(of together) error {
	call, err := contracts.Call(of.principal, api.PaymentTally, api.BatchInput{ID: of.batch}, nil)
	if err != nil {
		return err
	}
	_, err = r.deliver(r.ctx, sharedOwner, call, nil, func() {})
	return err
}

// tallies say which batches have answers that are not folded in yet. A tally writes the batch, which every transaction of
// answers reads, so that the two conflict. So while answers keep coming one goes beside them every tallyEvery, for which nobody
// waits: it may conflict until they end. The last ones see to it themselves.
type tallies struct {
	now func() time.Time

	mu sync.Mutex
	of map[together]*owed
}

type owed struct {
	running int // transactions of answers
	tally   bool
	beside  bool // a tally is under way
	since   time.Time
}

// due says who sees to a tally now.
type due int

const (
	tallyLater  due = iota
	tallyBeside     // a task of its own, while answers go on
	tallyLast       // those who have their answers
)

// begin notes that answers are on their way. before says that an earlier process may have recorded some of them.
func (t *tallies) begin(of together, before bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := t.of[of]
	if o == nil {
		o = &owed{since: t.now()}
		t.of[of] = o
	}
	o.running++
	o.tally = o.tally || before
}

// end notes that they have ended, and says who is to tally now. follow says that more answers wait.
func (t *tallies) end(of together, recorded, follow bool) due {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := t.of[of]
	o.running--
	o.tally = o.tally || recorded
	switch {
	case o.running == 0 && !follow:
		delete(t.of, of)
		if o.tally || o.beside {
			return tallyLast
		}
	case o.tally && !o.beside && t.now().Sub(o.since) >= tallyEvery:
		o.tally, o.beside, o.since = false, true, t.now()
		return tallyBeside
	}
	return tallyLater
}

// tallied notes that a tally beside answers has ended.
func (t *tallies) tallied(of together, done bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if o := t.of[of]; o != nil {
		o.beside, o.tally = false, o.tally || !done
	}
}
