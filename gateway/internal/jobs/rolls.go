package jobs

import (
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/gather"
)

const (
	cachedRolls    = 4 // counties kept in memory, some 60 bytes a person
	segmentsAtOnce = 8 // segments read at a time
)

// rollCache keeps the numbers of the people of the rolls that were used last. A number's person never changes, so only segments
// that have grown are read again.
type rollCache struct {
	mu    sync.Mutex
	rolls map[rollKey]*loadedRoll
	order []rollKey // the one used last at the end
}

type rollKey struct {
	programme relief.ProgrammeID
	county    relief.Region
}

// loadedRoll is a county's people of a programme, as far as they were read.
type loadedRoll struct {
	mu      sync.RWMutex
	numbers map[relief.SubjectRef]uint32   // the latest one
	earlier map[relief.SubjectRef][]uint32 // of the few who have had several
	before  map[uint32]api.ContinuedNumber // by number, of numbers that continue another one
	counts  map[uint32]int                 // by segment
}

func newRollCache() *rollCache {
	return &rollCache{rolls: map[rollKey]*loadedRoll{}}
}

// rollLook is an official's look at a roll.
type rollLook struct {
	principal string
	key       rollKey
}

func (r *Runner) newLooks() *gather.Gatherer[rollLook, *attempt, struct{}] {
	return gather.New(func(look rollLook, group []*attempt) ([]struct{}, error) {
		return make([]struct{}, len(group)), group[0].readRoll(look.key)
	}, gather.Options[*attempt]{Go: r.tasks.Go})
}

// loadRoll gives a roll as it is on the ledger now. Those who ask while others look share the next look.
func (a *attempt) loadRoll(key rollKey) (*loadedRoll, error) {
	_, err := a.runner.looks.Do(a.ctx, rollLook{a.job.spec.Principal, key}, a)
	return a.runner.rolls.use(key), err
}

// readRoll reads what is new on a roll.
func (a *attempt) readRoll(key rollKey) error {
	r := a.runner.rolls.use(key)
	r.mu.Lock()
	defer r.mu.Unlock()
	status, err := ask(a, api.RollStatus, api.RollInput{Programme: key.programme, County: key.county})
	if err != nil {
		return err
	}
	var grown []uint32
	for _, s := range status.Segments {
		if r.counts[s.Segment] != s.Count {
			grown = append(grown, s.Segment)
		}
	}
	var group errgroup.Group
	group.SetLimit(segmentsAtOnce)
	var writing sync.Mutex
	for _, number := range grown {
		group.Go(func() error {
			segment, err := ask(a, api.RollRefs, api.SegmentInput{Programme: key.programme, County: key.county, Segment: number})
			if err != nil {
				return err
			}
			writing.Lock()
			defer writing.Unlock()
			r.take(number, &segment)
			return nil
		})
	}
	return group.Wait()
}

// take takes in the people of a segment as far as they are new.
func (r *loadedRoll) take(number uint32, segment *api.SegmentRefs) {
	var ref relief.SubjectRef
	for i := r.counts[number]; (i+1)*len(ref) <= len(segment.Refs); i++ {
		copy(ref[:], segment.Refs[i*len(ref):])
		r.add(ref, segment.First+uint32(i)) //nolint:gosec // below 1000
		r.counts[number] = i + 1
	}
	for _, c := range segment.Continued {
		r.before[c.Number] = c
	}
}

// add takes in a number of a person.
func (r *loadedRoll) add(ref relief.SubjectRef, number uint32) {
	latest, several := r.numbers[ref]
	if several {
		r.earlier[ref] = append(r.earlier[ref], min(latest, number))
	}
	r.numbers[ref] = max(latest, number)
}

// use finds or makes a roll and forgets the one that was not used for longest.
func (c *rollCache) use(key rollKey) *loadedRoll {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rolls[key]
	if r == nil {
		r = &loadedRoll{
			numbers: map[relief.SubjectRef]uint32{}, earlier: map[relief.SubjectRef][]uint32{},
			before: map[uint32]api.ContinuedNumber{}, counts: map[uint32]int{},
		}
		c.rolls[key] = r
	}
	order := c.order[:0:0]
	for _, k := range c.order {
		if k != key {
			order = append(order, k)
		}
	}
	c.order = append(order, key)
	if len(c.order) > cachedRolls {
		delete(c.rolls, c.order[0])
		c.order = c.order[1:]
	}
	return r
}

// batchCache keeps what jobs need of the batches that were used lately and never changes: one payment at a time is
// many jobs.
type batchCache struct {
	mu      sync.Mutex
	batches map[relief.BatchID]batch
}

// cachedBatches bounds the cache, which is emptied when it is full.
const cachedBatches = 1000

func newBatchCache() *batchCache { return &batchCache{batches: map[relief.BatchID]batch{}} }

func (c *batchCache) get(id relief.BatchID) (batch, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.batches[id]
	return b, ok
}

func (c *batchCache) put(id relief.BatchID, b batch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.batches) >= cachedBatches {
		clear(c.batches)
	}
	c.batches[id] = b
}

// number finds the number under which a person is paid for a period: the latest one, unless the period is one of a number that it
// continues.
func (r *loadedRoll) number(ref relief.SubjectRef, period relief.Period) (uint32, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n, found := r.numbers[ref]
	if !found || len(r.before) == 0 {
		return n, found
	}
	for {
		c, ok := r.before[n]
		if !ok || c.Until.Before(period) || !slices.Contains(r.earlier[ref], c.Before) {
			return n, true
		}
		n = c.Before
	}
}
