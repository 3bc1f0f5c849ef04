package jobs_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
)

// lineOf is a list with the header and the n-th line of another one, counted from 1.
func lineOf(list []byte, n int) []byte {
	lines := strings.SplitAfter(string(list), "\n")
	return []byte(lines[0] + lines[n])
}

// startSmall sends a small file.
func (w *world) startSmall(kind jobs.Kind, target, principal string, content []byte) string {
	w.t.Helper()
	job, err := w.runner.Start(w.t.Context(), jobs.JobSpec{
		Kind: kind, Target: target, Principal: principal, SpoolFile: w.spool(content), ContentType: "text/csv", Small: true,
	})
	require.NoError(w.t, err)
	return job.ID
}

// ended waits for the ends of jobs.
func (w *world) ended(ids ...string) []jobs.Job {
	w.t.Helper()
	done := make([]jobs.Job, len(ids))
	for i, id := range ids {
		var err error
		done[i], err = w.runner.Wait(w.t.Context(), id)
		require.NoError(w.t, err)
		require.True(w.t, done[i].Done(), "%+v", done[i])
	}
	return done
}

// sent is what went to the outbox: calls by function and signer, and the lines of each. The first call of a function that is
// held waits until it is let go.
type sent struct {
	mu    sync.Mutex
	hold  string
	held  chan struct{} // closed when the first call is there
	let   chan struct{}
	calls []call
}

type call struct {
	function, signer string
	lines            []uint32 // roll numbers
}

func newSent(hold string) *sent {
	return &sent{hold: hold, held: make(chan struct{}), let: make(chan struct{})}
}

func (s *sent) before(ctx context.Context, c ledger.Call) error {
	numbers := []uint32{}
	lines, _ := payment.DecodeLines(c.Transient[wire.TransientLines])
	for _, l := range lines {
		numbers = append(numbers, l.Number)
	}
	answers, _ := payment.DecodeAnswers(c.Transient[wire.TransientSettlements])
	for _, a := range answers {
		numbers = append(numbers, a.Number)
	}
	s.mu.Lock()
	first := c.Function == s.hold && s.of(s.hold) == nil
	s.calls = append(s.calls, call{c.Function, c.Signer, numbers})
	s.mu.Unlock()
	if !first {
		return nil
	}
	close(s.held)
	select {
	case <-s.let:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// of are the calls of a function.
func (s *sent) of(function string) (of []call) {
	for _, c := range s.calls {
		if c.function == function {
			of = append(of, c)
		}
	}
	return of
}

// waits gives what is under way the time to come to where it waits.
func waits() { time.Sleep(100 * time.Millisecond) }

const addLines, settle, tally = "payment:AddLines", "payment:Settle", "payment:Tally"

func TestSmallFilesShareATransactionAndHaveTheirOwnAnswers(t *testing.T) {
	w := newWorld(t, 1000)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	list := town(t, "payments-2026-11.csv")
	w.do(jobs.KindLines, "b-11", "civil-preparer", lineOf(list, 300))
	s := newSent(addLines)
	w.with(s.before)
	first := w.startSmall(jobs.KindLines, "b-11", "civil-preparer", lineOf(list, 1))
	<-s.held
	var ids []string
	for n := 2; n <= 40; n++ {
		line := lineOf(list, n)
		switch n {
		case 7: // refused by the gateway
			line = []byte(strings.ReplaceAll(string(line), "2026-11", "2026-13"))
		case 8: // refused by the contract
			line = []byte(strings.Replace(string(line), ".00,2026-11", ".01,2026-11", 1))
		case 9: // listed already
			line = lineOf(list, 300)
		}
		ids = append(ids, w.startSmall(jobs.KindLines, "b-11", "civil-preparer", line))
	}
	waits()
	close(s.let)
	require.Equal(t, "1 accepted, 0 unchanged, 0 refused", counts(w.ended(first)[0]))
	for i, job := range w.ended(ids...) {
		require.Equal(t, jobs.StateDone, job.State, job.Error)
		require.Equal(t, 1, job.Progress.LinesRead)
		want, transactions := "1 accepted, 0 unchanged, 0 refused", 1
		switch i + 2 {
		case 7, 8:
			want, transactions = "0 accepted, 0 unchanged, 1 refused", 0
			require.Len(t, job.Refusals, 1)
			require.Equal(t, 2, job.Refusals[0].Line, "of its own file")
			require.Equal(t, fmt.Sprint(i+2), job.Refusals[0].Seq)
		case 9:
			want, transactions = "0 accepted, 1 unchanged, 0 refused", 0
		}
		require.Equal(t, want, counts(job), "line %d", i+2)
		require.Equal(t, transactions, job.Transactions)
	}
	calls := s.of(addLines)
	require.Len(t, calls, 2, "the first at once, the others together")
	require.Len(t, calls[0].lines, 1)
	require.Len(t, calls[1].lines, 38)
	var p struct {
		FileLine uint32 `json:"file_line"`
	}
	w.read("payment:Payment", object{"id": fmt.Sprintf("dibao-530181-%07d-202611-1", calls[1].lines[0])}, &p)
	require.EqualValues(t, 2, p.FileLine, "the line of its own file")
	w.noUploads()
}

// What another official signs never travels with it: their file is refused, and nobody else's.
func TestOnlyOneOfficialsFilesShareATransaction(t *testing.T) {
	w := newWorld(t, 1000)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	list := town(t, "payments-2026-11.csv")
	s := newSent(addLines)
	w.with(s.before)
	first := w.startSmall(jobs.KindLines, "b-11", "civil-preparer", lineOf(list, 1))
	<-s.held
	other := w.startSmall(jobs.KindLines, "b-11", "civil-approver", lineOf(list, 2))
	own := w.startSmall(jobs.KindLines, "b-11", "civil-preparer", lineOf(list, 3))
	waits()
	close(s.let)
	ended := w.ended(first, other, own)
	require.Equal(t, jobs.StateFailed, ended[1].State)
	require.Contains(t, ended[1].Error, string(relief.CodeForbidden))
	require.Equal(t, "1 accepted, 0 unchanged, 0 refused", counts(ended[2]))
	signers := map[string]int{}
	for _, c := range s.of(addLines) {
		signers[c.signer] += len(c.lines)
	}
	require.Equal(t, map[string]int{"civil-preparer": 2, "civil-approver": 1}, signers)
}

// A transaction that is refused as a whole is tried in parts: nobody is refused for what another one sent.
func TestARefusalOfTheWholeIsFoundApart(t *testing.T) {
	w := newWorld(t, 1000)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	list := town(t, "payments-2026-11.csv")
	s := newSent(addLines)
	bad := relief.Errorf(relief.CodeCorrupt, "a value cannot be read")
	var worst uint32
	w.with(func(ctx context.Context, c ledger.Call) error {
		if err := s.before(ctx, c); err != nil {
			return err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if last := s.calls[len(s.calls)-1]; len(s.calls) > 1 {
			if len(s.calls) == 2 {
				worst = last.lines[5]
			}
			if slices.Contains(last.lines, worst) {
				return &ledger.NotEndorsed{Refusal: bad}
			}
		}
		return nil
	})
	first := w.startSmall(jobs.KindLines, "b-11", "civil-preparer", lineOf(list, 1))
	<-s.held
	var ids []string
	for n := 2; n <= 12; n++ {
		ids = append(ids, w.startSmall(jobs.KindLines, "b-11", "civil-preparer", lineOf(list, n)))
	}
	waits()
	close(s.let)
	w.ended(first)
	failed := 0
	for _, job := range w.ended(ids...) {
		if job.State == jobs.StateFailed {
			failed++
			require.Contains(t, job.Error, string(relief.CodeCorrupt))
			continue
		}
		require.Equal(t, "1 accepted, 0 unchanged, 0 refused", counts(job))
	}
	require.Equal(t, 1, failed)
}

// Each answer has its own job; two of one payment never share a transaction, and the last ones have the batch tallied.
func TestSmallFilesOfAnswersAreTalliedTogether(t *testing.T) {
	w := newWorld(t, 1000)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	w.do(jobs.KindLines, "b-11", "civil-preparer", town(t, "payments-2026-11.csv"))
	w.instruct("b-11")
	answers := w.bankAnswer("b-11", 1)
	s := newSent(settle)
	w.with(s.before)
	first := w.startSmall(jobs.KindSettlements, "b-11", "finance-preparer", lineOf(answers, 1))
	<-s.held
	var ids []string
	for n := 2; n <= 30; n++ {
		ids = append(ids, w.startSmall(jobs.KindSettlements, "b-11", "finance-preparer", lineOf(answers, n)))
	}
	waits()
	opposite := strings.Replace(strings.Replace(string(lineOf(answers, 2)), "成功,", "退票,AC04", 1), "2026-11-10", "2026-11-12", 1)
	ids = append(ids, w.startSmall(jobs.KindSettlements, "b-11", "finance-preparer", []byte(opposite)))
	waits()
	close(s.let)
	for i, job := range w.ended(append(ids, first)...) {
		require.Equal(t, jobs.StateDone, job.State, job.Error)
		if i == len(ids)-1 {
			require.Equal(t, "0 accepted, 0 unchanged, 1 refused", counts(job), "the opposite is for two officials")
			continue
		}
		require.Equal(t, "1 accepted, 0 unchanged, 0 refused", counts(job), "%+v", job.Refusals)
	}
	calls := s.of(settle)
	require.Len(t, calls, 3)
	require.Len(t, calls[1].lines, 29)
	require.Equal(t, []uint32{1}, calls[2].lines, "after its credit")
	require.Len(t, s.of(tally), 1, "when no more answers wait")
	var b payment.Batch
	w.read("payment:Get", object{"id": "b-11"}, &b)
	require.Equal(t, 30, b.Totals.Credited+b.Totals.Returned)
	var p payment.Payment
	w.read("payment:Payment", object{"id": "dibao-530181-0000001-202611-1"}, &p)
	require.Equal(t, payment.State("credited"), p.State)
}

// What was gathered when the gateway was stopped is carried out once by the next process.
func TestGatheredFilesBeginAgain(t *testing.T) {
	w := newWorld(t, 1000)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	list := town(t, "payments-2026-11.csv")
	s := newSent(addLines)
	w.with(s.before)
	ids := []string{w.startSmall(jobs.KindLines, "b-11", "civil-preparer", lineOf(list, 1))}
	<-s.held
	for n := 2; n <= 20; n++ {
		ids = append(ids, w.startSmall(jobs.KindLines, "b-11", "civil-preparer", lineOf(list, n)))
	}
	waits()
	require.NoError(t, w.runner.Close())
	w.with(nil)
	require.NoError(t, w.runner.Resume(t.Context()))
	for _, job := range w.ended(ids...) {
		require.Equal(t, jobs.StateDone, job.State, job.Error)
		require.Equal(t, 1, job.Result.Accepted+job.Result.Unchanged)
	}
	var page struct{ Lines []payment.Payment }
	w.read("payment:Lines", object{"batch": "b-11", "segment": 0}, &page)
	require.Len(t, page.Lines, 20)
	w.noUploads()
}

func TestSmallFilesDoNotWaitForLargeOnes(t *testing.T) {
	w := newWorld(t, 1000)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	w.options.Running = 1
	list := town(t, "payments-2026-11.csv")
	s := newSent(addLines)
	w.with(s.before)
	large := w.start(jobs.KindLines, "b-11", "civil-preparer", tailOf(list, 100)).ID
	<-s.held
	require.Equal(t, "1 accepted, 0 unchanged, 0 refused", counts(w.ended(w.startSmall(jobs.KindLines, "b-11", "civil-preparer", lineOf(list, 1)))[0]))
	require.False(t, w.runner.Full())
	require.False(t, w.runner.FullOfSmall())
	close(s.let)
	require.Equal(t, "200 accepted, 0 unchanged, 0 refused", counts(w.ended(large)[0]))
}
