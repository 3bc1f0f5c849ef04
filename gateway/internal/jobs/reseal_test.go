package jobs_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/resealing"
	"relieftrail/gateway/internal/seal"
)

// turned is the persons key after it turned: epoch 2 seals, the key of epoch 1 opens unless it was taken away.
func turned(t *testing.T, also bool) *seal.Key {
	t.Helper()
	tags, err := payee.NewKey(1, bytes.Repeat([]byte{6}, payee.KeyBytes))
	require.NoError(t, err)
	k, err := seal.NewKey(2, bytes.Repeat([]byte{18}, 32), tags)
	require.NoError(t, err)
	if also {
		require.NoError(t, k.Also(1, bytes.Repeat([]byte{8}, 32)))
	}
	return k
}

// sealing is a world with an index, and people on the roll whose details are sealed with the first key.
func sealing(t *testing.T) (*world, *index.Index) {
	t.Helper()
	w := newWorld(t, 100)
	w.putOnRoll(headOf(town(t, "roll.csv"), 230))
	ix, err := index.Open(t.Context(), filepath.Join(w.dir, "index.db"), w.port, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- ix.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended; require.NoError(t, ix.Close()) })
	w.options.Sealed = ix
	return w, ix
}

// withKey has the gateway start again with a key.
func (w *world) withKey(key *seal.Key) {
	w.t.Helper()
	require.NoError(w.t, w.runner.Close())
	w.options.Persons = key
	w.runner = w.newRunner(w.outbox)
}

// reseals carries a job about the county's documents to its end.
func (w *world) reseals(kind jobs.Kind, principal string, spec *jobs.ResealSpec) jobs.Job {
	w.t.Helper()
	job, err := w.runner.Start(w.t.Context(), jobs.JobSpec{Kind: kind, Target: "530181", Principal: principal, Reseal: spec})
	require.NoError(w.t, err)
	return end(w.t, w.runner, job.ID)
}

// waiting is what waits to be confirmed, once the index has all blocks.
func (w *world) waiting(ix *index.Index) *resealing.Waiting {
	w.t.Helper()
	require.NoError(w.t, ix.WaitFor(w.t.Context(), w.network.Ledger.Height()-1))
	waiting, err := resealing.WaitingIn(w.t.Context(), ix, "530181", 0)
	require.NoError(w.t, err)
	return waiting
}

// One official's job proposes to seal again what is under the earlier key, another's seals it itself and confirms. Afterwards all is
// opened without the earlier key, and nothing is left to propose.
func TestACountyIsSealedAgain(t *testing.T) {
	w, ix := sealing(t)
	waiting := w.waiting(ix)
	require.Zero(t, waiting.Proposals)
	w.withKey(turned(t, true))
	proposed := w.reseals(jobs.KindResealProposal, "civil-preparer", nil)
	require.Equal(t, jobs.StateDone, proposed.State, proposed.Error)
	require.Equal(t, jobs.ResealResult{Epoch: 2, Documents: 5, Proposed: 5}, *proposed.Reseal) // a page has 50 people
	waiting = w.waiting(ix)
	require.Equal(t, 5, waiting.Documents)
	again := w.reseals(jobs.KindResealProposal, "civil-preparer", nil)
	require.Equal(t, jobs.ResealResult{Epoch: 2, Documents: 5, Waiting: 5}, *again.Reseal)

	agree := &jobs.ResealSpec{Proposals: waiting.IDs, Agree: true}
	alone := w.reseals(jobs.KindReseal, "civil-preparer", agree)
	require.Equal(t, jobs.StateFailed, alone.State)
	require.Contains(t, alone.Error, "FORBIDDEN")
	done := w.reseals(jobs.KindReseal, "civil-approver", agree)
	require.Equal(t, jobs.StateDone, done.State, done.Error)
	require.Equal(t, jobs.ResealResult{Epoch: 2, Documents: 5, Current: 5}, *done.Reseal)
	require.NotContains(t, w.log.String(), "孟")

	w.withKey(turned(t, false))
	w.waiting(ix)
	after := w.reseals(jobs.KindResealProposal, "civil-preparer", nil)
	require.Equal(t, jobs.ResealResult{Epoch: 2, Documents: 5, Current: 5}, *after.Reseal)
}

// Whoever stops the gateway in the middle of it stops nothing: the jobs begin again, and what is proposed or decided stays so.
func TestSealingAgainGoesOnAfterAStop(t *testing.T) {
	w, ix := sealing(t)
	w.withKey(turned(t, true))
	w.reseals(jobs.KindResealProposal, "civil-preparer", nil)
	waiting := w.waiting(ix)
	require.NoError(t, w.runner.Close())

	held := &heldSender{Sender: w.outbox, began: make(chan struct{})}
	w.runner = w.newRunner(held)
	job, err := w.runner.Start(t.Context(), jobs.JobSpec{
		Kind: jobs.KindReseal, Target: "530181", Principal: "civil-approver", Reseal: &jobs.ResealSpec{Proposals: waiting.IDs, Agree: true},
	})
	require.NoError(t, err)
	began, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	select {
	case <-held.began:
	case <-began.Done():
		failed, err := w.runner.Get(job.ID)
		require.FailNow(t, "nothing was handed over", "%+v %v", failed, err)
	}
	require.NoError(t, w.runner.Close())
	w.runner = w.newRunner(w.outbox)
	require.NoError(t, w.runner.Resume(t.Context()))
	done := end(t, w.runner, job.ID)
	require.Equal(t, jobs.StateDone, done.State, done.Error)
	require.Equal(t, 5, done.Reseal.Current)
}

// heldSender hands nothing over: the gateway stops with the act on its way.
type heldSender struct {
	jobs.Sender
	began chan struct{}
}

func (s *heldSender) Send(ctx context.Context, _ string, _ ledger.Call, _ func([]byte) bool) (outbox.Answer, error) {
	select {
	case s.began <- struct{}{}:
	case <-ctx.Done():
	}
	<-ctx.Done()
	return outbox.Answer{}, ctx.Err()
}

// What one official proposed and is not what the documents hold is not confirmed by another one's gateway, and neither is what was
// sealed with a key that it does not use.
func TestRubbishIsNotConfirmed(t *testing.T) {
	w, ix := sealing(t)
	page := relief.DetailPageID{County: "530181"}
	value := w.network.Ledger.GetPrivate(fakeledger.CivilAffairs, relief.DetailsCollection, relief.DetailPageValueKey("dibao", page, 0).String())
	people, err := roll.ParseDetailPage(value)
	require.NoError(t, err)
	people[0].Details = people[1].Details
	rubbish := roll.AppendDetailPage(nil, people)
	for _, c := range []struct {
		epoch int
		key   *seal.Key
		code  string
	}{{2, turned(t, true), "CONFLICT"}, {3, turned(t, true), "WRONG_STATE"}, {2, nil, "FORBIDDEN"}} {
		var record struct{ ID relief.ResealID }
		require.NoError(t, json.Unmarshal(w.act("civil-preparer", "person:ProposeReseal", object{"county": "530181", "epoch": c.epoch, "documents": []object{{
			"name": "page/dibao/530181-0000000", "before_sha256": digestOf(value), "after_sha256": digestOf(rubbish),
		}}}), &record))
		w.withKey(c.key)
		job := w.reseals(jobs.KindReseal, "civil-approver", &jobs.ResealSpec{Proposals: []relief.ResealID{record.ID}, Agree: true})
		require.Equal(t, jobs.StateFailed, job.State)
		require.Contains(t, job.Error, c.code)
	}
	w.withKey(turned(t, true))
	refused := w.reseals(jobs.KindReseal, "civil-approver", &jobs.ResealSpec{Proposals: w.waiting(ix).IDs, Reason: "内容不符"})
	require.Equal(t, jobs.StateDone, refused.State, refused.Error)
	require.Zero(t, w.waiting(ix).Proposals)

	w.withKey(turned(t, false)) // the earlier key is not there
	blind := w.reseals(jobs.KindResealProposal, "civil-preparer", nil)
	require.Equal(t, 5, blind.Reseal.Unopened)
	require.True(t, strings.HasPrefix(blind.Reseal.Names[0], "page/dibao/"))
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
