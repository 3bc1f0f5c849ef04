package jobs_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/reading/readingtest"
	"relieftrail/gateway/internal/reference"
	"relieftrail/gateway/internal/seal"
)

type object = map[string]any

var testKey = bytes.Repeat([]byte{7}, 32)

var personsKey = func() *seal.Key {
	tags, err := payee.NewKey(1, bytes.Repeat([]byte{6}, payee.KeyBytes))
	if err != nil {
		panic(err)
	}
	k, err := seal.NewKey(1, bytes.Repeat([]byte{8}, 32), tags)
	if err != nil {
		panic(err)
	}
	return k
}()

// world is civil affairs' and finance's jobs over the contracts in memory, with all that they logged and kept.
type world struct {
	t       *testing.T
	network *ledgertest.Network
	port    ledger.Ledger
	outbox  *outbox.Outbox
	store   *jobs.Store
	runner  *jobs.Runner
	options jobs.Options
	log     *lockedBuffer
	dir     string
	size    uint32 // of a segment
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newWorld has programme dibao in force for county 530181, with segments of the given size, and a tranche.
func newWorld(t *testing.T, segmentSize int) *world {
	t.Helper()
	w := &world{t: t, network: ledgertest.New(t), log: &lockedBuffer{}, dir: t.TempDir(), size: uint32(segmentSize)}
	w.port = w.network.Gateway(fakeledger.CivilAffairs)
	var err error
	w.outbox, err = outbox.Open(filepath.Join(w.dir, "outbox.db"), w.port, outbox.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.outbox.Close()) })
	w.store, err = jobs.OpenStore(filepath.Join(w.dir, "jobs.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.store.Close()) })
	w.options = jobs.Options{
		Ledger: w.port, Store: w.store, Dir: filepath.Join(w.dir, "jobs"), References: reference.New(nil, reference.Key{Epoch: 1, Secret: testKey}), Persons: personsKey, ReceiptKey: testKey,
		InFlight: 8, Patience: 50 * time.Millisecond, Now: func() time.Time { return time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC) }, Log: slog.New(slog.NewJSONHandler(w.log, nil)),
	}
	w.runner = w.newRunner(w.outbox)
	w.act("civil-preparer", "programme:Draft", object{
		"id": "dibao", "version": 1, "name": "最低生活保障", "region": "530181", "unit": "household", "cycle": "monthly",
		"min_amount": "330.00", "max_amount": "6000.00", "starts": "2026-01", "import_until": "2027-12-31", "notice_days": 7, "pay_by_day": 10,
		"recheck_months": object{"A": 12, "B": 12, "C": 6}, "required_evidence": []string{"home-visit"},
		"budget": object{"functional": "2081901", "economic": "50901"}, "segment_size": segmentSize,
	})
	w.act("finance-approver", "programme:Enact", object{"id": "dibao", "version": 1})
	w.act("finance-approver", "fund:Issue", object{
		"id": "t-q4", "programme": "dibao", "region": "530181", "amount": "400000.00", "source": "central",
		"account": "5301810100000088", "fiscal_year": 2026,
		"targets": object{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"},
	})
	return w
}

func (w *world) newRunner(sender jobs.Sender) *jobs.Runner {
	w.t.Helper()
	w.options.Sender = sender
	w.options.Readings = readingtest.Open(w.t, w.options.Persons, nil)
	r, err := jobs.New(w.options)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, r.Close()) })
	return r
}

// act carries out one transaction.
func (w *world) act(signer, function string, argument any) []byte {
	w.t.Helper()
	b, err := json.Marshal(argument)
	require.NoError(w.t, err)
	answer, err := w.outbox.Send(w.t.Context(), "", ledger.Call{Signer: signer, Function: function, Argument: b}, nil)
	require.NoError(w.t, err, function)
	return answer.Result
}

func (w *world) read(function string, argument, out any) {
	w.t.Helper()
	b, err := json.Marshal(argument)
	require.NoError(w.t, err)
	answer, err := w.port.Evaluate(w.t.Context(), ledger.Call{Signer: "audit-reader", Function: function, Argument: b})
	require.NoError(w.t, err, function)
	require.NoError(w.t, json.Unmarshal(answer, out))
}

// spool puts a file where an upload would be.
func (w *world) spool(content []byte) string {
	w.t.Helper()
	f, err := os.CreateTemp(w.dir, "upload-*")
	require.NoError(w.t, err)
	_, err = f.Write(content)
	require.NoError(w.t, err)
	require.NoError(w.t, f.Close())
	return f.Name()
}

func (w *world) start(kind jobs.Kind, target, principal string, content []byte) jobs.Job {
	w.t.Helper()
	job, err := w.runner.Start(w.t.Context(), jobs.JobSpec{
		Kind: kind, Target: target, Principal: principal, SpoolFile: w.spool(content), ContentType: "text/csv",
	})
	require.NoError(w.t, err)
	require.Equal(w.t, kind, job.Kind)
	return job
}

// end follows a job to its end.
func end(t *testing.T, r *jobs.Runner, id string) jobs.Job {
	t.Helper()
	updates, err := r.Watch(t.Context(), id)
	require.NoError(t, err)
	var last jobs.Job
	for job := range updates {
		last = job
	}
	require.True(t, last.Done(), "%+v", last)
	got, err := r.Get(id)
	require.NoError(t, err)
	require.Equal(t, last, got)
	require.Len(t, got.Refusals, got.Result.Refused)
	return got
}

// do carries a file out and checks that it leaves no upload behind.
func (w *world) do(kind jobs.Kind, target, principal string, content []byte) jobs.Job {
	w.t.Helper()
	job := end(w.t, w.runner, w.start(kind, target, principal, content).ID)
	require.Equal(w.t, jobs.StateDone, job.State, job.Error)
	w.noUploads()
	return job
}

func (w *world) noUploads() {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		left, err := filepath.Glob(filepath.Join(w.dir, "upload-*"))
		return err == nil && len(left) == 0
	}, 5*time.Second, time.Millisecond, "uploads are deleted at the end")
}

func (w *world) importRoll() { w.putOnRoll(town(w.t, "roll.csv")) }

// propose has a roll's file proposed, without a confirmation.
func (w *world) propose(file []byte) jobs.Job {
	w.t.Helper()
	return w.do(jobs.KindRoll, "dibao", "civil-preparer", file)
}

// decide is the word of the second official.
func (w *world) decide(proposed *jobs.ImportResult, agree bool) {
	w.t.Helper()
	decision := object{"id": proposed.ID, "digest": proposed.Digest, "agree": agree}
	if !agree {
		decision["reason"] = "核对未通过"
	}
	w.act("civil-approver", "roll:ConfirmImport", decision)
}

// carry carries a confirmed import to its end.
func (w *world) carry(id relief.ImportID) jobs.Job {
	w.t.Helper()
	job, err := w.runner.CarryImport(w.t.Context(), id, "civil-approver")
	require.NoError(w.t, err)
	return end(w.t, w.runner, job.ID)
}

// putOnRoll has a roll's file proposed, confirmed and carried out, and gives the last job. A file that changes nothing ends
// with its first job.
func (w *world) putOnRoll(file []byte) jobs.Job {
	w.t.Helper()
	job := w.propose(file)
	if job.Import.ID == "" {
		return job
	}
	w.decide(job.Import, true)
	job = w.carry(job.Import.ID)
	require.Equal(w.t, jobs.StateDone, job.State, job.Error)
	return job
}

// requireOrdered checks that numbers on the roll follow the references.
func (w *world) requireOrdered() {
	w.t.Helper()
	var before relief.SubjectRef
	for segment := uint32(0); ; segment++ {
		var page struct{ Refs []byte }
		w.read("roll:Refs", object{"programme": "dibao", "county": "530181", "segment": segment}, &page)
		if len(page.Refs) == 0 {
			require.NotZero(w.t, segment)
			return
		}
		for ref := range slices.Chunk(page.Refs, len(before)) {
			require.Negative(w.t, before.Compare(relief.SubjectRef(ref)))
			before = relief.SubjectRef(ref)
		}
	}
}

// amountOf is what the person with a number on the roll is granted a month.
func (w *world) amountOf(number uint32) string {
	w.t.Helper()
	var segment struct {
		Entries []struct{ Amount string }
	}
	w.read("roll:Segment", object{"programme": "dibao", "county": "530181", "segment": number / w.size}, &segment)
	return segment.Entries[number%w.size].Amount
}

func (w *world) open(batch, period string, count int, sum relief.Fen) {
	w.t.Helper()
	w.act("civil-preparer", "payment:Open", object{
		"id": batch, "programme": "dibao", "region": "530181", "period": period, "tranche": "t-q4", "count": count, "sum": sum,
	})
}

func town(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "intake", "testdata", name))
	require.NoError(t, err)
	return b
}

func counts(j jobs.Job) string {
	return fmt.Sprintf("%d accepted, %d unchanged, %d refused", j.Result.Accepted, j.Result.Unchanged, j.Result.Refused)
}

// defects is defects.csv by file line: 序号 and reason.
func defects(t *testing.T) map[int]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(town(t, "defects.csv"))).ReadAll()
	require.NoError(t, err)
	want := map[int]string{}
	for _, row := range rows[1:] {
		line, err := strconv.Atoi(row[0])
		require.NoError(t, err)
		want[line] = row[1] + " " + row[2]
	}
	return want
}

// headOf is a file's header and its first n lines; tailOf its header and the others.
func headOf(file []byte, n int) []byte {
	lines := strings.SplitAfter(string(file), "\n")
	return []byte(strings.Join(lines[:n+1], ""))
}

func tailOf(file []byte, n int) []byte {
	lines := strings.SplitAfter(string(file), "\n")
	return []byte(lines[0] + strings.Join(lines[n+1:], ""))
}
