package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

// between stands between the runner and the outbox.
type between struct {
	*outbox.Outbox
	before func(ctx context.Context, call ledger.Call) error

	mu      sync.Mutex
	calls   int
	now     int
	most    int
	segment map[uint32]bool // in flight
	meet    bool            // two of one segment were in flight at once
	size    uint32          // of a segment
}

// segments are those that a chunk of payments or of the bank's answers lies in.
func (b *between) segments(call ledger.Call) (segments []uint32) {
	lines, _ := payment.DecodeLines(call.Transient[wire.TransientLines])
	for _, l := range lines {
		segments = append(segments, l.Number/b.size)
	}
	answers, _ := payment.DecodeAnswers(call.Transient[wire.TransientSettlements])
	for _, a := range answers {
		segments = append(segments, a.Number/b.size)
	}
	slices.Sort(segments)
	return slices.Compact(segments)
}

func (b *between) Send(ctx context.Context, owner string, call ledger.Call, worthwhile func([]byte) bool) (outbox.Answer, error) {
	segments := b.segments(call)
	b.mu.Lock()
	b.calls++
	b.now++
	b.most = max(b.most, b.now)
	for _, s := range segments {
		b.meet = b.meet || b.segment[s]
		b.segment[s] = true
	}
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.now--
		for _, s := range segments {
			delete(b.segment, s)
		}
	}()
	if b.before != nil {
		if err := b.before(ctx, call); err != nil {
			return outbox.Answer{}, err
		}
	}
	return b.Outbox.Send(ctx, owner, call, worthwhile)
}

// with replaces the world's runner by one over a sender between.
func (w *world) with(before func(context.Context, ledger.Call) error) *between {
	w.t.Helper()
	b := &between{Outbox: w.outbox, before: before, segment: map[uint32]bool{}, size: w.size}
	require.NoError(w.t, w.runner.Close())
	w.runner = w.newRunner(b)
	return b
}

func TestManyChunksAreInFlightButOneOfASegment(t *testing.T) {
	w := newWorld(t, 10)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	full := make(chan struct{})
	var once sync.Once
	var b *between
	b = w.with(func(ctx context.Context, _ ledger.Call) error {
		b.mu.Lock()
		if b.now == 8 {
			once.Do(func() { close(full) })
		}
		b.mu.Unlock()
		select { // the first ones wait until as many as may be are in flight
		case <-full:
		case <-ctx.Done():
		}
		return ctx.Err()
	})
	w.do(jobs.KindLines, "b-11", "civil-preparer", town(t, "payments-2026-11.csv"))
	require.Equal(t, 8, b.most)
	require.False(t, b.meet)
}

func TestSettlementsOfOnePaymentKeepTheirOrder(t *testing.T) {
	w := newWorld(t, 100)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	w.do(jobs.KindLines, "b-11", "civil-preparer", town(t, "payments-2026-11.csv"))
	w.instruct("b-11")
	b := w.with(nil)
	amount := w.amountOf(0)
	credited := "dibao-530181-0000000-202611-1," + amount + ",credited,,2026-11-10,N-1\n"
	returned := "dibao-530181-0000000-202611-1," + amount + ",returned,AC04,2026-11-12,N-2\n"
	// So many lines for one segment that it needs several chunks.
	file := "payment_id,amount,result,reason,date,bank_reference\n" + strings.Repeat(credited, 1000) + strings.Repeat(returned, 1000)
	job := w.do(jobs.KindSettlements, "b-11", "finance-preparer", []byte(file))
	require.Equal(t, "1 accepted, 999 unchanged, 1000 refused", counts(job))
	require.False(t, b.meet)
	var p payment.Payment
	w.read("payment:Payment", object{"id": "dibao-530181-0000000-202611-1"}, &p)
	require.Equal(t, payment.State("credited"), p.State, "the return is for two officials")
}

func TestAJobBeginsAgainAfterItsGatewayWasStopped(t *testing.T) {
	w := newWorld(t, 10)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	reached := make(chan struct{}, 1)
	passed := 0
	var mu sync.Mutex
	w.with(func(ctx context.Context, _ ledger.Call) error {
		mu.Lock()
		passed++
		stop := passed > 5
		mu.Unlock()
		if !stop {
			return nil
		}
		select {
		case reached <- struct{}{}:
		default:
		}
		<-ctx.Done()
		return ctx.Err()
	})
	job := w.start(jobs.KindLines, "b-11", "civil-preparer", town(t, "payments-2026-11.csv"))
	<-reached
	require.NoError(t, w.runner.Close())
	_, err := w.runner.Start(t.Context(), jobs.JobSpec{Kind: jobs.KindLines})
	require.Error(t, err, "a closed runner takes nothing")
	left, err := w.runner.Get(job.ID)
	require.NoError(t, err)
	require.False(t, left.Done())

	w.with(nil)
	require.NoError(t, w.runner.Resume(t.Context()))
	done := end(t, w.runner, job.ID)
	require.Equal(t, jobs.StateDone, done.State, done.Error)
	require.Equal(t, 300, done.Result.Accepted+done.Result.Unchanged)
	require.Positive(t, done.Result.Unchanged)
	require.Equal(t, job.StartedAt, done.StartedAt)
	w.noUploads()
	require.NoError(t, w.runner.Resume(t.Context()))
	again, err := w.runner.Get(job.ID)
	require.NoError(t, err)
	require.Equal(t, done, again, "a finished job does not begin again")
}

func TestAJobWaitsForALedgerThatDoesNotAnswer(t *testing.T) {
	testWaits(t, &outbox.Pending{TxID: "t"})
}

func TestAJobGoesOnAfterALostRace(t *testing.T) {
	testWaits(t, &ledger.CommittedInvalid{Commit: ledger.Commit{TxID: "t", Code: "MVCC_READ_CONFLICT"}})
}

func TestAJobWaitsForSpaceOnTheDisk(t *testing.T) {
	testWaits(t, fmt.Errorf("keeping a transaction: %w", syscall.ENOSPC))
}

func testWaits(t *testing.T, fault error) {
	w := newWorld(t, 100)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	tries := make(chan struct{}, 100)
	open := make(chan struct{})
	w.with(func(context.Context, ledger.Call) error {
		select {
		case <-open:
			return nil
		default:
			tries <- struct{}{}
			return fault
		}
	})
	job := w.start(jobs.KindLines, "b-11", "civil-preparer", town(t, "payments-2026-11.csv"))
	updates, err := w.runner.Watch(t.Context(), job.ID)
	require.NoError(t, err)
	<-tries
	for u := range updates {
		if u.State == jobs.StateWaiting {
			close(open)
			break
		}
	}
	done := end(t, w.runner, job.ID)
	require.Equal(t, "300 accepted, 0 unchanged, 0 refused", counts(done))
}

// silent is a peer that does not answer until it is let.
type silent struct {
	ledger.Evaluator
	open chan struct{}
}

func (s silent) Evaluate(ctx context.Context, call ledger.Call) ([]byte, error) {
	select {
	case <-s.open:
		return s.Evaluator.Evaluate(ctx, call)
	default:
		return nil, &ledger.NotEndorsed{Err: errors.New("connection refused")}
	}
}

func TestAJobWaitsForAPeerThatCannotBeRead(t *testing.T) {
	w := newWorld(t, 100)
	s := silent{w.port, make(chan struct{})}
	runner, err := jobs.New(jobs.Options{
		Ledger: s, Sender: w.outbox, Store: w.store, Dir: t.TempDir(), Key: testKey, Epoch: 1, Persons: personsKey, Patience: time.Millisecond,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, runner.Close()) })
	job, err := runner.Start(t.Context(), jobs.JobSpec{
		ID: "j-1", Kind: jobs.KindRoll, Target: "dibao", Principal: "civil-preparer", SpoolFile: w.spool(town(t, "roll.csv")),
	})
	require.NoError(t, err)
	require.Equal(t, "j-1", job.ID)
	updates, err := runner.Watch(t.Context(), job.ID)
	require.NoError(t, err)
	for u := range updates {
		if u.State == jobs.StateWaiting {
			break
		}
	}
	same, err := runner.Start(t.Context(), jobs.JobSpec{ID: "j-1", Kind: jobs.KindRoll})
	require.NoError(t, err)
	require.Equal(t, "dibao", same.Target, "a job that is going is answered as it is")
	close(s.open)
	require.Equal(t, "300 accepted, 0 unchanged, 0 refused", counts(end(t, runner, job.ID)))
}

func TestWhatIsNotAJob(t *testing.T) {
	w := newWorld(t, 100)
	_, err := w.runner.Get("nothing")
	require.ErrorIs(t, err, jobs.ErrNoJob)
	_, err = w.runner.Watch(t.Context(), "../jobs")
	require.ErrorIs(t, err, jobs.ErrNoJob)
	_, err = w.runner.Refusals("nothing")
	require.ErrorIs(t, err, jobs.ErrNoJob)
	_, err = w.runner.Start(t.Context(), jobs.JobSpec{ID: "../x", Kind: jobs.KindLines})
	require.Error(t, err)
	job, err := w.runner.Start(t.Context(), jobs.JobSpec{ID: "gone", Kind: jobs.KindLines, SpoolFile: w.dir + "/none"})
	require.NoError(t, err)
	require.Contains(t, end(t, w.runner, job.ID).Error, "send it again")
	job = w.start("feelings", "b", "civil-preparer", []byte("x"))
	require.Equal(t, jobs.StateFailed, end(t, w.runner, job.ID).State)
}

func TestInternalFaultsAreNotTold(t *testing.T) {
	w := newWorld(t, 100)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	w.with(func(context.Context, ledger.Call) error { return errors.New("dial tcp 10.0.0.7:7051: broken") })
	job := end(t, w.runner, w.start(jobs.KindLines, "b-11", "civil-preparer", town(t, "payments-2026-11.csv")).ID)
	require.Equal(t, jobs.StateFailed, job.State)
	require.NotContains(t, job.Error, "10.0.0.7")
	require.Contains(t, w.log.String(), "10.0.0.7")
}

// TestJobJSON is the document that clients read.
func TestJobJSON(t *testing.T) {
	at := time.Date(2026, 11, 10, 8, 0, 0, 0, time.UTC)
	job := jobs.Job{
		ID: "j", Kind: jobs.KindLines, Target: "b", Principal: "p", State: jobs.StateDone,
		Progress: jobs.Progress{LinesRead: 2, Accepted: 1, Refused: 1, Chunks: 1},
		Result: jobs.Result{Accepted: 1, Refused: 1, Refusals: []jobs.Refusal{
			{Line: 3, Seq: "2", Field: "period", Code: relief.LinePeriod, Reason: "r"},
		}},
		Transactions: 1, StartedAt: at, FinishedAt: at,
	}
	b, err := json.Marshal(job)
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"j","kind":"lines","target":"b","principal":"p","state":"done",
		"progress":{"lines_read":2,"accepted":1,"unchanged":0,"refused":1,"chunks":1},
		"result":{"accepted":1,"unchanged":0,"refused":1,"refusals":[{"line":3,"serial":"2","field":"period","code":"period","reason":"r"}]},
		"transactions":1,"started_at":"2026-11-10T08:00:00Z","finished_at":"2026-11-10T08:00:00Z"}`, string(b))
}

// One job's chunks that wait for their segment hold none of the places of others.
func TestAJobThatWaitsHoldsNobodyUp(t *testing.T) {
	w := newWorld(t, 100)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	w.do(jobs.KindLines, "b-11", "civil-preparer", town(t, "payments-2026-11.csv"))
	w.instruct("b-11")
	w.open("b-12", "2026-12", 300, 100)
	other := make(chan struct{})
	var once sync.Once
	w.with(func(ctx context.Context, call ledger.Call) error {
		if call.Function == "payment:AddLines" {
			once.Do(func() { close(other) })
			return nil
		}
		select {
		case <-other:
		case <-ctx.Done():
		}
		return ctx.Err()
	})
	credited := "dibao-530181-0000000-202611-1," + w.amountOf(0) + ",credited,,2026-11-10,N-1\n"
	file := "payment_id,amount,result,reason,date,bank_reference\n" + strings.Repeat(credited, 12_000)
	settling := w.start(jobs.KindSettlements, "b-11", "finance-preparer", []byte(file))
	december := []byte(strings.ReplaceAll(string(town(t, "payments-2026-11.csv")), "2026-11", "2026-12"))
	require.Equal(t, "300 accepted, 0 unchanged, 0 refused", counts(end(t, w.runner, w.start(jobs.KindLines, "b-12", "civil-preparer", december).ID)))
	require.Equal(t, "1 accepted, 11999 unchanged, 0 refused", counts(end(t, w.runner, settling.ID)))
}
