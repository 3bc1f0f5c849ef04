package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"relieftrail/chaincode/relief"
)

// load runs clients that pay. Each client opens a batch, uploads its lines, has it sealed, approved twice and
// instructed, and uploads the bank's answers; then it begins the next batch. It repeats an unacknowledged call with the
// same key.
type load struct {
	fixture  *fixture
	tranches []string
	name     string // of this run, in every id

	mu     sync.Mutex
	paused chan struct{} // closed when the clients may continue; nil while they run
	idle   sync.WaitGroup
	next   int // batch
	acked  map[relief.BatchID]*tally
	sumOf  map[string]relief.Fen // credited, by tranche
	issued map[string]bool       // tranches
	faults []string
	last   time.Time     // of an acknowledgement
	gap    time.Duration // longest without one
	fresh  map[int]time.Time
}

const clients = 6

// firstMonth is the first period that is paid, firstOwnMonth the first of every third batch. A batch may be opened for the
// next month at the latest, so that all of them lie in the past.
const (
	firstMonth    = 2000 * 12
	firstOwnMonth = 2008 * 12
)

func newLoad(f *fixture, tranches []string, name string) *load {
	return &load{fixture: f, tranches: tranches, name: name, acked: map[relief.BatchID]*tally{}, sumOf: map[string]relief.Fen{}, issued: map[string]bool{}, fresh: map[int]time.Time{}}
}

// run lets the clients pay until ctx ends or pause stops them.
func (l *load) run(ctx context.Context) {
	l.mu.Lock()
	l.last, l.gap = time.Now(), 0
	clear(l.fresh)
	stop := make(chan struct{})
	l.paused = stop
	l.mu.Unlock()
	for i := range clients {
		l.idle.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-ctx.Done():
					return
				default:
				}
				if err := l.cycle(ctx, i); err != nil {
					l.fault(err)
					return
				}
			}
		})
	}
}

// pause stops the clients after their current batches. Afterwards every submitted act is acknowledged.
func (l *load) pause() {
	l.mu.Lock()
	close(l.paused)
	l.mu.Unlock()
	l.idle.Wait()
}

func (l *load) fault(err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, err.Error())
}

// acknowledged records a client's acknowledgement.
func (l *load) acknowledged(client int, batch string, add tally) {
	l.note(batch, add)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.gap = max(l.gap, now.Sub(l.last))
	l.last = now
	l.fresh[client] = now
}

// note adds acknowledged acts and payments to a batch's tally.
func (l *load) note(batch string, add tally) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.acked[relief.BatchID(batch)]
	if t == nil {
		t = &tally{}
		l.acked[relief.BatchID(batch)] = t
	}
	t.acts += add.acts
	t.listed += add.listed
	t.credited += add.credited
	t.sum += add.sum
}

// everyoneSince waits until every client has had an acknowledgement after a time. It stops waiting when a client is
// refused.
func (l *load) everyoneSince(ctx context.Context, since time.Time, patience time.Duration) error {
	var refused error
	err := until(ctx, patience, func(context.Context) error {
		l.mu.Lock()
		defer l.mu.Unlock()
		if len(l.faults) > 0 {
			refused = errors.New(l.faults[0])
			return nil
		}
		n := 0
		for _, at := range l.fresh {
			if at.After(since) {
				n++
			}
		}
		if n < clients {
			return fmt.Errorf("%d of %d clients go on", n, clients)
		}
		return nil
	})
	return errors.Join(refused, err)
}

// draw gives the next batch: its number, period and segments. Every third batch has a third of the roll.
func (l *load) draw() (n int, period string, segments []int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n = l.next
	l.next++
	all := l.fixture.segments()
	if n%3 == 2 { // periods of its own
		at, third := n/3, all/3
		for s := range third {
			segments = append(segments, at%3*third+s)
		}
		return n, relief.MonthPeriod(firstOwnMonth + at/3).String(), segments
	}
	at := n/3*2 + n%3
	return n, relief.MonthPeriod(firstMonth + at/all).String(), []int{at % all}
}

// cycle pays one batch from its opening to its close.
func (l *load) cycle(ctx context.Context, client int) error {
	n, period, segments := l.draw()
	f := l.fixture
	tranche, err := l.tranche(ctx, n, period)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("%s-%d", l.name, n)
	list, count, sum := f.list(period, segments)
	path := "/v1/batches/" + id
	act := func(by string, verb string, body any) error {
		c := f.civilPreparer
		switch by {
		case "civil-approver":
			c = f.civilApprover
		case "finance-preparer":
			c = f.financePreparer
		case "finance-approver":
			c = f.financeApprover
		}
		target := path + verb
		if verb == "" {
			target = "/v1/batches"
		}
		if err := f.act(ctx, c, target, id+verb+by, body); err != nil {
			return err
		}
		l.acknowledged(client, id, tally{acts: 1})
		return nil
	}
	if err := act("civil-preparer", "", map[string]any{
		"id": id, "programme": programmeID, "region": county, "period": period, "tranche": tranche, "count": count, "sum": sum,
	}); err != nil {
		return err
	}
	job, err := f.file(ctx, f.civilPreparer, http.MethodPut, path+"/lines", id+"-lines", list)
	if err != nil {
		return err
	}
	if err := all(id, job.Result.Accepted+job.Result.Unchanged, count); err != nil {
		return err
	}
	l.acknowledged(client, id, tally{listed: count})
	if err := f.tellBank(ctx, path, act); err != nil {
		return err
	}
	answers, err := f.answers(period, segments, id)
	if err != nil {
		return err
	}
	if job, err = f.file(ctx, f.financePreparer, http.MethodPost, path+"/settlements", id+"-settlements", answers); err != nil {
		return err
	}
	if err := all(id, job.Result.Accepted+job.Result.Unchanged, count); err != nil {
		return err
	}
	l.acknowledged(client, id, tally{credited: count, sum: sum})
	l.mu.Lock()
	l.sumOf[tranche] += sum
	l.mu.Unlock()
	return act("finance-preparer", "/close", nil)
}

// tranche is the tranche that a batch draws on: of several clients, with money of the period's year. It is issued for the
// first of them.
func (l *load) tranche(ctx context.Context, n int, period string) (string, error) {
	id := l.tranches[n%len(l.tranches)] + "-" + period[:4]
	l.mu.Lock()
	issued := l.issued[id]
	l.mu.Unlock()
	if issued {
		return id, nil
	}
	if err := l.fixture.issue(ctx, id, period[:4]); err != nil {
		return "", err
	}
	l.mu.Lock()
	l.issued[id] = true
	l.mu.Unlock()
	return id, nil
}

// drawnOn are the tranches that the load has drawn on.
func (l *load) drawnOn() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.issued))
}

func all(batch string, got, want int) error {
	if got != want {
		return fmt.Errorf("batch %s: %d lines were accepted, expected %d", batch, got, want)
	}
	return nil
}
