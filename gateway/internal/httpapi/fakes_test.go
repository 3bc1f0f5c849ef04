package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/bulk"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

const testToken = "test-token-0123456789abcdef"

// fake answers in the place of the ledger, the outbox, the jobs and the trails.
type fake struct {
	t        *testing.T
	evaluate func(ledger.Call) ([]byte, error)
	do       func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error)
	jobs     map[string]bulk.Job
	watch    chan bulk.Job
	height   uint64
	down     error
	indexed  uint64
	find     map[string]ledger.Commit
	steps    []index.Step

	mu    sync.Mutex
	calls []ledger.Call
}

func (f *fake) Evaluate(_ context.Context, call ledger.Call) ([]byte, error) {
	f.mu.Lock()
	f.calls = append(f.calls, call)
	f.mu.Unlock()
	require.Equal(f.t, "civil-preparer", call.Signer)
	return f.evaluate(call)
}

func (f *fake) Find(_ context.Context, id string) (ledger.Commit, bool, error) {
	c, ok := f.find[id]
	return c, ok, f.down
}

func (f *fake) Height(context.Context) (uint64, error) { return f.height, f.down }

func (f *fake) Do(_ context.Context, key outbox.Key, hash [32]byte, call ledger.Call) (outbox.Answer, error) {
	return f.do(key, hash, call)
}

type fakeTrails struct{ *fake }

func (f fakeTrails) PaymentTrail(context.Context, relief.PaymentID) ([]index.Step, error) {
	return f.steps, nil
}

func (f fakeTrails) SubjectTrail(context.Context, relief.SubjectRef) ([]index.Step, error) {
	return f.steps, nil
}
func (f fakeTrails) Height() uint64 { return f.indexed }

func (f fakeTrails) WaitFor(context.Context, uint64) error { return nil }

// bench is an API over a fake, with everything that it logged.
type bench struct {
	*fake
	api *API
	log *syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newBench(t *testing.T) *bench {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte(testToken), 0o600))
	authenticator, err := auth.New([]auth.Entry{{
		Principal: auth.Principal{Name: "civil-preparer", MSPID: "CivilAffairsMSP"}, TokenFile: file,
	}})
	require.NoError(t, err)
	f := &fake{
		t: t, height: 7, indexed: 7, jobs: map[string]bulk.Job{}, find: map[string]ledger.Commit{},
		evaluate: func(ledger.Call) ([]byte, error) { return []byte(`{}`), nil },
		do: func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) {
			return outbox.Answer{TxID: "t1", Block: 9, Result: []byte(`{"id":"b"}`)}, nil
		},
	}
	b := &bench{fake: f, log: &syncBuffer{}}
	b.api, err = New(Deps{
		Organisation: "CivilAffairsMSP", Version: "test", Auth: authenticator, Ledger: f, Outbox: f, Jobs: fakeJobs{f},
		Trails: fakeTrails{f}, SubjectKey: bytes.Repeat([]byte{7}, 32), SubjectEpoch: 1,
		Limits: Limits{BodyBytes: 4096, JSONDepth: 16, PageSize: 10, InFlight: 2}, ActTime: time.Minute,
		Log: slog.New(slog.NewJSONHandler(b.log, nil)),
	})
	require.NoError(t, err)
	return b
}

// send makes a request as an authenticated caller with a key; edits change it.
func (b *bench) send(method, path, body string, edits ...func(*http.Request)) *httptest.ResponseRecorder {
	var reader io.Reader = http.NoBody
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, reader)
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Header.Set("Idempotency-Key", "key-1")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, edit := range edits {
		edit(r)
	}
	w := httptest.NewRecorder()
	b.api.ServeHTTP(w, r)
	return w
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) {
		if value == "" {
			r.Header.Del(name)
			return
		}
		r.Header.Set(name, value)
	}
}

func problemIn(t *testing.T, w *httptest.ResponseRecorder) Problem {
	t.Helper()
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"), w.Body.String())
	var p Problem
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	require.Equal(t, w.Code, p.Status)
	require.True(t, strings.HasPrefix(p.Type, "/problems/"), p.Type)
	require.Contains(t, p.Title, " · ")
	require.True(t, strings.HasPrefix(p.Instance, "urn:uuid:"))
	return p
}

func (f *fake) Claim(outbox.Key, [32]byte, string) (string, error) { return "", nil }

func (f *fake) Unsettled() int   { return 0 }
func (f *fake) Resent() int64    { return 0 }
func (f *fake) Conflicts() int64 { return 0 }

type fakeJobs struct{ *fake }

func (f fakeJobs) Start(_ context.Context, spec bulk.JobSpec) (bulk.Job, error) {
	job := bulk.Job{ID: spec.ID}
	f.jobs[spec.ID] = job
	return job, nil
}

func (f fakeJobs) Get(id string) (bulk.Job, error) {
	job, ok := f.jobs[id]
	if !ok {
		return job, bulk.ErrNoJob
	}
	return job, nil
}

func (f fakeJobs) Refusals(string) (io.ReadCloser, error) { return io.NopCloser(http.NoBody), nil }

func (f fakeJobs) Watch(ctx context.Context, _ string) (<-chan bulk.Job, error) {
	updates := make(chan bulk.Job)
	go func() {
		defer close(updates)
		select {
		case job := <-f.watch:
			updates <- job
		case <-ctx.Done():
		case <-f.t.Context().Done():
		}
	}()
	return updates, nil
}

func pendingError(tx string) error { return &outbox.Pending{TxID: tx} }

func newJob(id string) bulk.Job { return bulk.Job{ID: id} }
