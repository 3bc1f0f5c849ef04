package faults

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/restclient"
	"relieftrail/network/topology"
)

const measuring = 32 // clients who measure the capacity

// overload offers three times the gateway's capacity. The gateway must refuse the excess with a Retry-After, respond to
// accepted calls in bounded time, stay within its memory, and have its old capacity within a minute.
func (s *Suite) overload(t *testing.T) {
	const name = "three times the capacity"
	t.Run(name, func(t *testing.T) {
		s.now = &row{name: name, times: 1}
		d := of(s, 6*time.Second, 30*time.Second)
		before := s.capacity(t.Context(), d)
		require.Positive(t, before)
		s.logf("%s: %.0f acts a second are the capacity, %.0f are offered for %.0f s", name, before, 3*before, d.Seconds())
		flood := s.flood(t, 3*before, d)
		over := time.Now()
		var after float64
		for after < 0.8*before && time.Since(over) < time.Minute {
			after = s.capacity(t.Context(), d/4)
		}
		s.now.recovery = time.Since(over)
		s.now.note = fmt.Sprintf("; capacity %.0f/s, offered %.0f/s: %s; afterwards %.0f/s", before, 3*before, flood, after)
		s.count(t)
		require.GreaterOrEqual(t, after, 0.8*before, "the gateway has not recovered in a minute")
		require.Zero(t, flood.untold, "refused without Retry-After, or otherwise than with 429 or 503")
		require.Less(t, flood.slowest, 30*time.Second)
		require.Less(t, flood.memory, int64(512<<20))
	})
}

var opened atomic.Int64 // batches by overload

// open opens a batch, a small act.
func (s *Suite) open(ctx context.Context) error {
	id := fmt.Sprintf("%s-o%d", s.load.name, opened.Add(1))
	a, err := s.fixture.civilPreparer.Post(ctx, "/v1/batches", id, map[string]any{
		"id": id, "programme": programmeID, "region": county, "period": "2026-01", "tranche": tranches[0], "count": 1, "sum": "480.00",
	}, nil)
	if err != nil {
		return err
	}
	if a.Status == http.StatusCreated {
		s.load.note(id, tally{acts: 1})
	}
	return nil
}

// capacity is the number of acts a second that are acknowledged to clients that wait for each.
func (s *Suite) capacity(ctx context.Context, d time.Duration) float64 {
	var done atomic.Int64
	var clients sync.WaitGroup
	began := time.Now()
	for range measuring {
		clients.Go(func() {
			for time.Since(began) < d {
				if s.open(ctx) == nil {
					done.Add(1)
				}
			}
		})
	}
	clients.Wait()
	return float64(done.Load()) / time.Since(began).Seconds()
}

// flooded is the result of an overload.
type flooded struct {
	accepted, refused, untold int
	median, slowest           time.Duration // of the accepted
	memory                    int64         // of the gateway, at most, in bytes
}

func (f flooded) String() string {
	return fmt.Sprintf("%d accepted (median %.1f s, slowest %.1f s), %d refused with Retry-After, gateway's memory at most %d MB",
		f.accepted, f.median.Seconds(), f.slowest.Seconds(), f.refused, f.memory>>20)
}

func (s *Suite) flood(t *testing.T, perSecond float64, d time.Duration) flooded {
	var (
		f       flooded
		mu      sync.Mutex
		took    []time.Duration
		untold  []string
		clients sync.WaitGroup
	)
	gateway := s.names(topology.KindGateway)[0]
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	sent := 0
	for now := range tick.C {
		if now.Sub(began) > d {
			break
		}
		for ; float64(sent) < now.Sub(began).Seconds()*perSecond; sent++ {
			clients.Go(func() {
				at := time.Now()
				err := s.open(t.Context())
				mu.Lock()
				defer mu.Unlock()
				var problem *restclient.Problem
				switch {
				case err == nil:
					took = append(took, time.Since(at))
				case errors.As(err, &problem) && problem.RetryAfter > 0 &&
					(problem.Status == http.StatusTooManyRequests || problem.Status == http.StatusServiceUnavailable):
					f.refused++
				default:
					f.untold++
					untold = append(untold, err.Error())
				}
			})
		}
		f.memory = max(f.memory, s.memory(gateway))
	}
	clients.Wait()
	if f.accepted = len(took); f.accepted > 0 {
		slices.Sort(took)
		f.median, f.slowest = took[len(took)/2], took[len(took)-1]
	}
	if len(untold) > 0 {
		t.Log(strings.Join(untold[:min(3, len(untold))], "\n"))
	}
	return f
}

// memory is a process's resident memory in bytes.
func (s *Suite) memory(name string) int64 {
	record, err := s.net.runner.Record(name)
	if err != nil {
		return 0
	}
	return record.Memory()
}

// oneKey sends the same upload with the same key a thousand times at once: it must count once. The same key with
// another file must be refused.
func (s *Suite) oneKey(t *testing.T) {
	const name = "one Idempotency-Key 1,000 times at once"
	t.Run(name, func(t *testing.T) {
		s.now = &row{name: name, times: 1000}
		id := s.load.name + "-onekey"
		row, sum := s.fixture.rows[0].text, s.fixture.rows[0].amount
		require.NoError(t, s.fixture.act(t.Context(), s.fixture.civilPreparer, "/v1/batches", id, map[string]any{
			"id": id, "programme": programmeID, "region": county, "period": "2026-02", "tranche": tranches[0], "count": 1, "sum": sum,
		}))
		s.load.note(id, tally{acts: 1})
		file := s.fixture.head + strings.Replace(row, listPeriod, "2026-02", 1)
		var (
			mu      sync.Mutex
			jobs    = map[string]int{}
			others  = map[string]int{}
			clients sync.WaitGroup
		)
		upload := func(ctx context.Context, content string) (*restclient.Response, error) {
			return s.fixture.civilPreparer.Do(ctx, restclient.Request{
				Method: http.MethodPut, Path: "/v1/batches/" + id + "/lines", Key: id + "-lines", ContentType: "text/csv", Body: strings.NewReader(content),
			})
		}
		for range 1000 {
			clients.Go(func() {
				a, err := upload(t.Context(), file)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					others[err.Error()]++
				} else {
					jobs[a.Location]++
				}
			})
		}
		clients.Wait()
		require.Empty(t, others)
		require.Len(t, jobs, 1, "all responses name the same job")
		job, err := s.fixture.file(t.Context(), s.fixture.civilPreparer, http.MethodPut, "/v1/batches/"+id+"/lines", id+"-lines", file)
		require.NoError(t, err)
		require.Equal(t, 1, job.Result.Accepted)
		s.load.note(id, tally{listed: 1})
		_, err = upload(t.Context(), s.fixture.head+strings.Replace(s.fixture.rows[1].text, listPeriod, "2026-02", 1))
		var problem *restclient.Problem
		require.ErrorAs(t, err, &problem)
		require.Equal(t, http.StatusUnprocessableEntity, problem.Status)
		s.now.note = fmt.Sprintf("; 1 job, with another file %d", problem.Status)
		s.count(t)
	})
}

// race lists the same people through two gateways at once. Only civil affairs may add lines, so both gateways sign for
// it: its own over its own peer, and a second one over finance's peer.
func (s *Suite) race(t *testing.T) {
	const name = "two gateways race with the same list"
	t.Run(name, func(t *testing.T) {
		s.now = &row{name: name}
		second := s.secondGateway(t)
		require.Equal(t, http.StatusForbidden, s.financeLists(t), "finance may not list payments")
		for range of(s, 1, 10) {
			s.now.times++
			s.raceOnce(t, second)
		}
		s.count(t)
	})
}

func (s *Suite) raceOnce(t *testing.T, second *restclient.Client) {
	every := make([]int, s.fixture.segments())
	for i := range every {
		every[i] = i
	}
	period := fmt.Sprintf("2025-%02d", s.now.times)
	tranche, err := s.load.tranche(t.Context(), 0, period)
	require.NoError(t, err)
	list, count, sum := s.fixture.list(period, every)
	jobs, errs := make([]restclient.Job, 2), make([]error, 2)
	var clients sync.WaitGroup
	ids := []string{fmt.Sprintf("%s-race%d-a", s.load.name, s.now.times), fmt.Sprintf("%s-race%d-b", s.load.name, s.now.times)}
	racers := []*restclient.Client{s.fixture.civilPreparer, second}
	for i, id := range ids {
		require.NoError(t, s.fixture.act(t.Context(), racers[i], "/v1/batches", id, map[string]any{
			"id": id, "programme": programmeID, "region": county, "period": period, "tranche": tranche, "count": count, "sum": sum,
		}))
		s.load.note(id, tally{acts: 1})
	}
	for i, id := range ids {
		clients.Go(func() {
			jobs[i], errs[i] = s.fixture.file(t.Context(), racers[i], http.MethodPut, "/v1/batches/"+id+"/lines", id+"-lines", list)
		})
	}
	clients.Wait()
	require.NoError(t, errors.Join(errs...))
	refused := map[int]bool{}
	for i, job := range jobs {
		s.load.note(ids[i], tally{listed: job.Result.Accepted + job.Result.Unchanged})
		for _, r := range job.Result.Refusals {
			require.Equal(t, "already-listed", r.Code)
			refused[r.Line] = true
		}
	}
	require.Equal(t, count, jobs[0].Result.Accepted+jobs[1].Result.Accepted, "each line exactly once")
	require.Len(t, refused, count, "and the other gateway refuses it")
	s.now.note = fmt.Sprintf("; the last race: %d lines to one, %d to the other", jobs[0].Result.Accepted, jobs[1].Result.Accepted)
}

// financeLists tries to add lines as finance.
func (s *Suite) financeLists(t *testing.T) int {
	_, err := s.fixture.financePreparer.Do(t.Context(), restclient.Request{
		Method: http.MethodPut, Path: "/v1/batches/" + s.load.name + "-0/lines", Key: s.load.name + "-finance-lists", ContentType: "text/csv",
		Body: strings.NewReader(s.fixture.head + s.fixture.rows[0].text),
	})
	var problem *restclient.Problem
	require.ErrorAs(t, err, &problem)
	return problem.Status
}

// secondGateway runs another gateway of civil affairs, with a folder of its own, over finance's peer.
func (s *Suite) secondGateway(t *testing.T) *restclient.Client {
	first := s.net.Organisations[0].Node(topology.KindGateway)
	finance := s.net.Organisations[1].Node(topology.KindPeer)
	spec := s.net.specs[first.Name]
	spec.Name = first.Name + "-second"
	spec.Log = strings.TrimSuffix(spec.Log, ".log") + "-second.log"
	address := net.JoinHostPort(first.Host, strconv.Itoa(first.Port+50))
	spec.Env = append(slices.Clone(spec.Env), "GATEWAY_LISTEN="+address, "GATEWAY_DATA_DIR="+spec.Dir+"/second",
		"GATEWAY_LEDGER_ENDPOINT="+finance.Address(), "GATEWAY_LEDGER_TLS_CA_FILE="+finance.Organisation.TLSRoot())
	require.NoError(t, s.net.runner.Start(spec))
	t.Cleanup(func() {
		require.NoError(t, s.net.runner.Stop([]string{spec.Name}))
		require.NoError(t, os.RemoveAll(spec.Dir+"/second"))
	})
	base := "http://" + address
	require.NoError(t, until(t.Context(), time.Minute, func(ctx context.Context) error { return gatewayReady(ctx, base) }))
	return &restclient.Client{Base: base, Token: s.fixture.civilPreparer.Token, HTTP: s.fixture.civilPreparer.HTTP, Network: s.fixture.civilPreparer.Network}
}
