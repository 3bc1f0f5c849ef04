package httpapi

import (
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/jobs"
)

// queueFactor is how many writes may be there, worked on or waiting, for each that is worked on. A burst is smoothed, an
// overload is refused.
const queueFactor = 33

// gate has a place for each request that is worked on, and lets some more wait. Nobody can have all of it: a principal holds
// only so many places, and half of the queue, and a place that is free goes to the waiting principal who holds the fewest.
type gate struct {
	places, share     int // worked on at a time: of all principals, and of one
	queue, queueShare int // worked on or waiting

	mu      sync.Mutex
	held    map[string]int // places, by principal
	inside  map[string]int // worked on or waiting, by principal
	working int
	present int
	waiting []*waiter // in the order in which they came
}

type waiter struct {
	principal string
	turn      chan struct{} // closed when it has a place
}

// newGate makes a gate with places of which one principal can hold share, at least one.
func newGate(places, share int) *gate {
	queue := places * queueFactor
	return &gate{
		places: places, share: max(share, 1), queue: queue, queueShare: max(queue/2, 1),
		held: map[string]int{}, inside: map[string]int{},
	}
}

// newWriteGate is for acts, which end in seconds: one principal may have nearly all places while nobody else wants them.
func newWriteGate(places int) *gate { return newGate(places, places-places/8) }

// newSlowGate is for what its sender can draw out: one principal has a quarter of the places.
func newSlowGate(places int) *gate { return newGate(places, places/4) }

// enter queues a principal's request; nil when there is no room for it.
func (g *gate) enter(principal string) *waiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.present >= g.queue || g.inside[principal] >= g.queueShare {
		return nil
	}
	g.present++
	g.inside[principal]++
	w := &waiter{principal: principal, turn: make(chan struct{})}
	g.waiting = append(g.waiting, w)
	g.next()
	return w
}

// leave takes a request out, whether it has a place or waits.
func (g *gate) leave(w *waiter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.present--
	count(g.inside, w.principal, -1)
	if at := slices.Index(g.waiting, w); at >= 0 {
		g.waiting = slices.Delete(g.waiting, at, at+1)
		return
	}
	g.working--
	count(g.held, w.principal, -1)
	g.next()
}

// next gives free places to those who wait: first to the principal who holds the fewest, and who came first among equals.
func (g *gate) next() {
	for g.working < g.places {
		best := -1
		for i, w := range g.waiting {
			held := g.held[w.principal]
			if held < g.share && (best < 0 || held < g.held[g.waiting[best].principal]) {
				best = i
			}
		}
		if best < 0 {
			return
		}
		w := g.waiting[best]
		g.waiting = slices.Delete(g.waiting, best, best+1)
		g.working++
		count(g.held, w.principal, 1)
		close(w.turn)
	}
}

// count adds to a principal's number and forgets those who have none.
func count(of map[string]int, principal string, n int) {
	if of[principal] += n; of[principal] == 0 {
		delete(of, principal)
	}
}

// admitFile has a small file wait for its turn among the other writes, where one who cannot draw it out has more places.
func (a *API) admitFile(c *gin.Context) {
	gate := a.files
	if n := c.Request.ContentLength; n >= 0 && n <= jobs.SmallFile {
		gate = a.writes
	}
	a.admit(gate)(c)
}

// admit lets in as many requests as the gate has places for and has some more wait; the others are told to come back, before
// anything of them is read.
func (a *API) admit(g *gate) gin.HandlerFunc {
	return a.core.Handle(func(c *gin.Context) error {
		w := g.enter(rest.Caller(c).Name)
		if w == nil {
			return problem.Overloaded.Fault()
		}
		leave := sync.OnceFunc(func() { g.leave(w) })
		defer leave()
		rest.SetPlace(c, leave)
		wait := time.NewTimer(rest.QueueTime)
		defer wait.Stop()
		select {
		case <-w.turn:
			c.Next()
		case <-wait.C:
			return problem.Overloaded.Fault()
		case <-c.Request.Context().Done():
			c.Abort()
		}
		return nil
	})
}
