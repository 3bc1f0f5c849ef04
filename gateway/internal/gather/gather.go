package gather

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

// Options say what may go together; the zero value lets one group of a key be under way at a time, of any size.
type Options[In any] struct {
	// Lanes are those of an item. Two groups of a key that have a lane in common never are under way at the same time, and
	// what waits for a lane goes in the order in which it came. Nil: all items have the same lane.
	Lanes func(item In) []uint32
	// Group makes the rule of a new group, which is asked for each item whether the group takes it; it always takes its first one. Nil:
	// groups take every item.
	Group func() (takes func(item In) bool)
	// AtOnce is how many groups of one key may be under way at a time; 0 is 1.
	AtOnce int
	// Patience is how long a group waits for items that Expect has announced, counted from when it could start; 0: not at all.
	Patience time.Duration
	// Go starts a group; nil starts it as a goroutine of its own.
	Go func(func())
}

// Gatherer carries out items of type In and gives each its own Out. Items with different keys never meet. It is safe for
// concurrent use.
type Gatherer[K comparable, In, Out any] struct {
	run     func(key K, group []In) ([]Out, error)
	options Options[In]

	mu     sync.Mutex
	queues map[K]*queue[In, Out]
}

// queue is what waits and what is under way for one key.
type queue[In, Out any] struct {
	busy    map[uint32]bool // lanes
	running int             // groups
	coming  int             // items that are announced
	began   time.Time       // since when a group could start and waits for them; zero while none does
	waiting []*call[In, Out]
}

type call[In, Out any] struct {
	item  In
	lanes []uint32
	done  chan struct{}
	out   Out
	err   error
}

// New makes a gatherer. run carries out a group, and gives an Out for each of its items in their order, or an error that is
// everybody's.
func New[K comparable, In, Out any](run func(key K, group []In) ([]Out, error), o Options[In]) *Gatherer[K, In, Out] {
	o.AtOnce = max(o.AtOnce, 1)
	if o.Lanes == nil {
		o.Lanes = func(In) []uint32 { return []uint32{0} }
	}
	if o.Group == nil {
		o.Group = func() func(In) bool { return func(In) bool { return true } }
	}
	if o.Go == nil {
		o.Go = func(f func()) { go f() }
	}
	return &Gatherer[K, In, Out]{run: run, options: o, queues: map[K]*queue[In, Out]{}}
}

// Coming is an item that is announced: it is on its way and will soon be here.
type Coming[K comparable, In, Out any] struct {
	gatherer *Gatherer[K, In, Out]
	key      K
	over     bool
}

// Expect announces an item, which Do or Gone must follow.
func (g *Gatherer[K, In, Out]) Expect(key K) *Coming[K, In, Out] {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queue(key).coming++
	return &Coming[K, In, Out]{gatherer: g, key: key}
}

// Gone says that an announced item does not come. After Do, or another Gone, it does nothing.
func (c *Coming[K, In, Out]) Gone() {
	g := c.gatherer
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.arrived() {
		g.startFree(c.key, g.queue(c.key))
	}
}

// Do carries out the item that was announced.
func (c *Coming[K, In, Out]) Do(ctx context.Context, item In) (Out, error) {
	return c.gatherer.do(ctx, c.key, item, c)
}

// arrived ends the announcement; g.mu is held.
func (c *Coming[K, In, Out]) arrived() bool {
	if c == nil || c.over {
		return false
	}
	c.over = true
	c.gatherer.queue(c.key).coming--
	return true
}

// Do carries out an item, alone or with others of its key. When ctx ends, an item that waits is taken back; one that is
// under way goes on without its caller.
func (g *Gatherer[K, In, Out]) Do(ctx context.Context, key K, item In) (Out, error) {
	return g.do(ctx, key, item, nil)
}

func (g *Gatherer[K, In, Out]) do(ctx context.Context, key K, item In, coming *Coming[K, In, Out]) (Out, error) {
	c := &call[In, Out]{item: item, lanes: g.options.Lanes(item), done: make(chan struct{})}
	g.enter(key, c, coming)
	select {
	case <-c.done:
		return c.out, c.err
	case <-ctx.Done():
		g.takeBack(key, c)
		var none Out
		return none, ctx.Err()
	}
}

// Waiting reports whether an item of a key waits for its turn.
func (g *Gatherer[K, In, Out]) Waiting(key K) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := g.queues[key]
	return q != nil && len(q.waiting) > 0
}

func (g *Gatherer[K, In, Out]) enter(key K, c *call[In, Out], coming *Coming[K, In, Out]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := g.queue(key)
	q.waiting = append(q.waiting, c)
	coming.arrived()
	g.startFree(key, q)
}

// queue finds or makes the queue of a key; g.mu is held.
func (g *Gatherer[K, In, Out]) queue(key K) *queue[In, Out] {
	q := g.queues[key]
	if q == nil {
		q = &queue[In, Out]{busy: map[uint32]bool{}}
		g.queues[key] = q
	}
	return q
}

func (g *Gatherer[K, In, Out]) takeBack(key K, c *call[In, Out]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if q := g.queues[key]; q != nil {
		q.waiting = slices.DeleteFunc(q.waiting, func(w *call[In, Out]) bool { return w == c })
		g.startFree(key, q)
	}
}

// startFree starts what may be under way; g.mu is held.
func (g *Gatherer[K, In, Out]) startFree(key K, q *queue[In, Out]) {
	for q.running < g.options.AtOnce && !g.awaits(key, q) {
		group := g.take(q)
		if len(group) == 0 {
			break
		}
		q.running++
		q.began = time.Time{} // the next group waits from when it could start
		g.options.Go(func() { g.carry(key, q, group) })
	}
	if q.running == 0 && q.coming == 0 && len(q.waiting) == 0 {
		delete(g.queues, key)
	}
}

// awaits reports whether what could start waits for what is announced; then startFree is called again in time. g.mu is held.
func (g *Gatherer[K, In, Out]) awaits(key K, q *queue[In, Out]) bool {
	isBusy := func(lane uint32) bool { return q.busy[lane] }
	could := func(c *call[In, Out]) bool { return !slices.ContainsFunc(c.lanes, isBusy) }
	if q.coming == 0 || g.options.Patience == 0 || !slices.ContainsFunc(q.waiting, could) {
		q.began = time.Time{}
		return false
	}
	if q.began.IsZero() {
		q.began = time.Now()
		time.AfterFunc(g.options.Patience, func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			if g.queues[key] == q {
				g.startFree(key, q)
			}
		})
	}
	return time.Since(q.began) < g.options.Patience
}

// take takes the next group out of those who wait, and its lanes. Who does not fit keeps the lanes for the next group.
func (g *Gatherer[K, In, Out]) take(q *queue[In, Out]) (group []*call[In, Out]) {
	takes, taken := g.options.Group(), maps.Clone(q.busy)
	q.waiting = slices.DeleteFunc(q.waiting, func(c *call[In, Out]) bool {
		isTaken := func(lane uint32) bool { return taken[lane] }
		if slices.ContainsFunc(c.lanes, isTaken) || !takes(c.item) {
			for _, lane := range c.lanes {
				taken[lane] = true
			}
			return false
		}
		group = append(group, c)
		return true
	})
	for _, c := range group {
		for _, lane := range c.lanes {
			q.busy[lane] = true
		}
	}
	return group
}

// carry brings a group to its end, answers its callers, and starts those that waited for it.
func (g *Gatherer[K, In, Out]) carry(key K, q *queue[In, Out], group []*call[In, Out]) {
	items := make([]In, len(group))
	for i, c := range group {
		items[i] = c.item
	}
	outs, err := g.run(key, items)
	if err == nil && len(outs) != len(group) {
		err = errors.New("gather: a group has another number of results than of items")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, c := range group {
		if c.err = err; err == nil {
			c.out = outs[i]
		}
		close(c.done)
		for _, lane := range c.lanes {
			delete(q.busy, lane)
		}
	}
	q.running--
	g.startFree(key, q)
}
