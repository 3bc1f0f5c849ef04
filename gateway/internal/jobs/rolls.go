package jobs

import (
	"sync"

	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
)

const (
	cachedRolls    = 4 // counties kept in memory, some 60 bytes a person
	segmentsAtOnce = 8 // segments read at a time
)

// rollCache keeps the numbers of the people of the rolls that were used last. A person's number within a programme
// and county never changes, so only segments that have grown are read again.
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
	numbers map[relief.SubjectRef]uint32
	counts  map[uint32]int // by segment
}

func newRollCache() *rollCache {
	return &rollCache{rolls: map[rollKey]*loadedRoll{}}
}

// loadRoll reads a roll as it is on the ledger now.
func (a *attempt) loadRoll(key rollKey) (*loadedRoll, error) {
	r := a.runner.rolls.use(key)
	r.mu.Lock()
	defer r.mu.Unlock()
	status, err := ask(a, api.RollStatus, api.RollInput{Programme: key.programme, County: key.county})
	if err != nil {
		return nil, err
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
			first, refs, err := a.rollRefs(key, number)
			if err != nil {
				return err
			}
			writing.Lock()
			defer writing.Unlock()
			for i, ref := range refs {
				r.numbers[ref] = first + uint32(i)
			}
			r.counts[number] = len(refs)
			return nil
		})
	}
	return r, group.Wait()
}

// rollRefs reads the people of a segment in the order of their numbers, and the first one's number.
func (a *attempt) rollRefs(key rollKey, number uint32) (first uint32, refs []relief.SubjectRef, err error) {
	segment, err := ask(a, api.RollRefs, api.SegmentInput{Programme: key.programme, County: key.county, Segment: number})
	if err != nil {
		return 0, nil, err
	}
	var ref relief.SubjectRef
	refs = make([]relief.SubjectRef, len(segment.Refs)/len(ref))
	for i := range refs {
		copy(refs[i][:], segment.Refs[i*len(ref):])
	}
	return segment.First, refs, nil
}

// use finds or makes a roll and forgets the one that was not used for longest.
func (c *rollCache) use(key rollKey) *loadedRoll {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rolls[key]
	if r == nil {
		r = &loadedRoll{numbers: map[relief.SubjectRef]uint32{}, counts: map[uint32]int{}}
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

// number finds a person.
func (r *loadedRoll) number(ref relief.SubjectRef) (uint32, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	n, ok := r.numbers[ref]
	return n, ok
}
