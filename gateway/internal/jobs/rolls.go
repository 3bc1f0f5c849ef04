package jobs

import (
	"sync"

	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/relief"
)

const (
	cachedRolls   = 4 // counties kept in memory, some 60 bytes a person
	segmentsAtOne = 8 // segments read at a time
)

// rollCache keeps the numbers of the people of the rolls that were used last. A person's number within a programme
// and county never changes, so only segments that have grown are read anew.
type rollCache struct {
	mu    sync.Mutex
	rolls map[rollKey]*loadedRoll
	order []rollKey // the one used last at the end
}

type rollKey struct {
	programme relief.ProgrammeID
	county    relief.Region
}

// roll is a county's people of a programme.
type loadedRoll struct {
	mu      sync.RWMutex
	numbers map[relief.SubjectRef]uint32
	counts  map[uint32]int // by segment
	next    uint32         // the first free number
}

func newRollCache() *rollCache {
	return &rollCache{rolls: map[rollKey]*loadedRoll{}}
}

// reading is one question to the ledger, asked for a job.
type reading func(function string, argument, out any) error

// get is a roll as it is on the ledger now.
func (c *rollCache) get(read reading, key rollKey) (*loadedRoll, error) {
	r := c.use(key)
	r.mu.Lock()
	defer r.mu.Unlock()
	var status struct {
		Segments []struct {
			Segment uint32 `json:"segment"`
			Count   int    `json:"count"`
		} `json:"segments"`
		Next uint32 `json:"next"`
	}
	place := map[string]any{"programme": key.programme, "county": key.county}
	if err := read("roll:Status", place, &status); err != nil {
		return nil, err
	}
	r.next = status.Next
	var group errgroup.Group
	group.SetLimit(segmentsAtOne)
	var writing sync.Mutex
	var grown []uint32
	for _, s := range status.Segments {
		if r.counts[s.Segment] != s.Count {
			grown = append(grown, s.Segment)
		}
	}
	for _, number := range grown {
		group.Go(func() error {
			var segment struct {
				First uint32 `json:"first"`
				Refs  []byte `json:"refs"`
			}
			place := map[string]any{"programme": key.programme, "county": key.county, "segment": number}
			if err := read("roll:Refs", place, &segment); err != nil {
				return err
			}
			var ref relief.SubjectRef
			people := len(segment.Refs) / len(ref)
			writing.Lock()
			defer writing.Unlock()
			for i := range people {
				copy(ref[:], segment.Refs[i*len(ref):])
				r.numbers[ref] = segment.First + uint32(i)
			}
			r.counts[number] = people
			return nil
		})
	}
	return r, group.Wait()
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

// batchCache keeps what jobs need of the batches that were used lately and never changes: one payment at a time is many jobs.
type batchCache struct {
	mu      sync.Mutex
	batches map[string]batch
}

// cachedBatches bounds the cache, which is emptied when it is full.
const cachedBatches = 1000

func newBatchCache() *batchCache { return &batchCache{batches: map[string]batch{}} }

func (c *batchCache) get(id string) (batch, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.batches[id]
	return b, ok
}

func (c *batchCache) put(id string, b batch) {
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

func (r *loadedRoll) len() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.numbers)
}

// free tells where the first free numbers are and how full each segment is.
func (r *loadedRoll) free() (next uint32, counts map[uint32]int) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	counts = make(map[uint32]int, len(r.counts))
	for s, n := range r.counts {
		counts[s] = n
	}
	return r.next, counts
}
