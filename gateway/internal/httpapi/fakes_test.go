package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	reliefcase "relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/chart"
	"relieftrail/gateway/internal/httpapi/casework"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/public"
	"relieftrail/gateway/internal/httpapi/records"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/reading/readingtest"
	"relieftrail/gateway/internal/receipts"
	"relieftrail/gateway/internal/reference"
	"relieftrail/gateway/internal/rollimport"
	"relieftrail/gateway/internal/sample"
)

const testToken = "5f0d9c1be7a24386b1c07d9e52f8a6340b7ec9d1f26843a5907b1de8c4f3625a"

// fake answers in the place of the ledger, the outbox, the jobs and the index.
type fake struct {
	t          testing.TB
	evaluate   func(ledger.Call) ([]byte, error)
	do         func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error)
	jobs       map[string]jobs.Job
	full       bool // of jobs
	watch      chan jobs.Job
	height     uint64
	down       error
	indexed    uint64
	unreadable []index.Unreadable
	find       map[string]ledger.Commit
	role       string
	region     string
	retired    bool       // the caller
	claim      error      // of a key
	erasedOn   relief.Day // when the facts of the case were erased
	leavers    []relief.SubjectRef
	seen       uint64            // of the caller's transactions
	folders    string            // of imports
	others     map[string]string // regions of other principals; nil: everybody's is that of the caller

	waited         []uint64
	registry       registry.Registry
	payments       []payment.Payment
	asked          index.PaymentQuery
	addedUp        index.TotalsQuery
	askedTx        index.TransactionQuery
	askedRoll      index.RollQuery
	askedLate      index.LateQuery
	askedTransfers index.TransferQuery
	transactions   map[string]index.Transaction
	steps          []index.Step
	overview       index.Overview
	transfers      []payment.Transfer
	differences    []index.LineDifference
	askedList      index.DifferenceList
	foreign        error
	broken         error // what every read of the index fails with
	breaks         bool  // reads of payments fail after the first page
	written        []index.Written
	moved          chan struct{} // closed when indexed grows; nil: nobody waits for blocks

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

func (f *fake) Identity(signer string) (ledger.Identity, bool) {
	if region, ok := f.others[signer]; ok {
		return ledger.Identity{MSPID: "CivilAffairsMSP", Name: signer, Region: region}, true
	}
	return ledger.Identity{MSPID: "CivilAffairsMSP", Name: signer, Role: f.role, Region: f.region}, signer != "nobody"
}

// fakeIndex has one record of every kind and a list of payments.
type fakeIndex struct{ *fake }

func (f fakeIndex) ListRows(context.Context, relief.ProgrammeID, relief.Region, relief.Period, relief.Region) (index.ListedRows, error) {
	return index.ListedRows{}, nil
}

func (f fakeIndex) History(context.Context, string, string) ([]json.RawMessage, error) {
	return nil, nil
}

func (f fakeIndex) Statements(context.Context, int64, int) ([]index.Statement, error) {
	return nil, nil
}

func (f fakeIndex) Height() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.indexed
}

func (f fakeIndex) Unreadable() []index.Unreadable { return f.unreadable }
func (f fakeIndex) Fault() error                   { return f.foreign }

func (f fakeIndex) WaitFor(ctx context.Context, block uint64) error {
	f.mu.Lock()
	f.waited = append(f.waited, block)
	there, moved := block < f.indexed, f.moved
	f.mu.Unlock()
	if there {
		return nil
	}
	if moved == nil {
		return context.DeadlineExceeded
	}
	select {
	case <-moved:
		return f.WaitFor(ctx, block)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write adds a block in which one record was written.
func (f *fake) write(w index.Written) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w.Place = index.FeedPlace{Block: f.indexed, Record: 1}
	f.written = append(f.written, w)
	f.indexed++
	close(f.moved)
	f.moved = make(chan struct{})
}

func (f fakeIndex) Feed(_ context.Context, after index.FeedPlace, take func(*index.Written) (bool, error)) (index.FeedPlace, error) {
	f.mu.Lock()
	written, indexed := slices.Clone(f.written), f.indexed
	f.mu.Unlock()
	for i := range written {
		if !written[i].Place.After(after) {
			continue
		}
		if enough, err := take(&written[i]); err != nil || enough {
			return written[i].Place, err
		}
	}
	if indexed == 0 {
		return after, f.broken
	}
	return index.EndOfBlock(indexed - 1), f.broken
}

func (f fakeIndex) WaitForReceived(context.Context, time.Duration) {}

func (f fakeIndex) Duties(_ context.Context, acts ...relief.Act) (duties []relief.Duty, err error) {
	for _, act := range acts {
		if act != relief.ActReadAll {
			duties = append(duties, relief.Duty{Act: act, Agency: "CivilAffairsMSP", Roles: []string{"preparer"}})
		}
	}
	return duties, f.broken
}

func (f fakeIndex) RegionOnRoll(context.Context, relief.ProgrammeID, relief.Region, uint32) (relief.Region, error) {
	return "530181001001", f.broken
}

func (f fakeIndex) Official(_ context.Context, agency, name string) (*registry.OfficialEntry, error) {
	if f.retired {
		return &registry.OfficialEntry{State: registry.OfficialRetired}, f.broken
	}
	return &registry.OfficialEntry{
		OfficialTerms: registry.OfficialTerms{Agency: agency, Name: name, ID: "1024"}, State: registry.OfficialActive,
	}, f.broken
}

func (f fakeIndex) RollEntries(_ context.Context, q index.RollQuery, _ string, _ int) (index.Page[index.RollEntry], error) {
	f.askedRoll = q
	e := index.RollEntry{Entry: roll.Entry{Programme: q.Programme, County: q.County, Region: "530181001001", Class: "B", Persons: 2, Amount: 96000, State: roll.InForce}}
	return index.Page[index.RollEntry]{Items: []index.RollEntry{e}}, f.broken
}

func (f fakeIndex) Endings(context.Context, relief.Region) (*registry.Endings, error) {
	return nil, f.broken
}

func (f fakeIndex) Registry(context.Context) (registry.Registry, error) { return f.registry, f.broken }

func (f fakeIndex) Record(_ context.Context, kind, name string) (json.RawMessage, error) {
	if name == "none" {
		return nil, relief.Errorf(relief.CodeNotFound, "no %s has this id", kind)
	}
	return json.RawMessage(`{"record":"` + kind + "/" + name + `","region":"530181"}`), f.broken
}

func (f fakeIndex) Records(_ context.Context, kind, cursor string, limit int, keep func(json.RawMessage) (bool, error)) (index.Page[json.RawMessage], error) {
	return index.Page[json.RawMessage]{Items: []json.RawMessage{json.RawMessage(fmt.Sprintf("%q", fmt.Sprint(kind, " ", cursor, " ", limit, " ", keep != nil)))}}, f.broken
}

func (f fakeIndex) Batches(_ context.Context, q index.BatchQuery, cursor string, limit int) (index.Page[json.RawMessage], error) {
	return index.Page[json.RawMessage]{Items: []json.RawMessage{json.RawMessage(fmt.Sprintf("%q", fmt.Sprint(q, cursor, limit)))}}, f.broken
}

func (f fakeIndex) Tranches(_ context.Context, q index.TrancheQuery, cursor string, limit int) (index.Page[json.RawMessage], error) {
	return index.Page[json.RawMessage]{Items: []json.RawMessage{json.RawMessage(fmt.Sprintf("%q", fmt.Sprint(q, cursor, limit)))}}, f.broken
}

func (f fakeIndex) CatchUp(context.Context) error { return nil }

func (f fakeIndex) Epochs(context.Context) ([]index.EpochCount, error) {
	return []index.EpochCount{{Epoch: 1, References: 3, Tags: 6}}, f.broken
}

func (f fakeIndex) Cases(context.Context, index.CaseQuery, string, int) (index.Page[json.RawMessage], error) {
	return index.Page[json.RawMessage]{Items: []json.RawMessage{}}, f.broken
}

func (f fakeIndex) ClaimCases(_ context.Context, q index.ClaimQuery, cursor string, limit int) (index.Page[json.RawMessage], error) {
	return index.Page[json.RawMessage]{Items: []json.RawMessage{json.RawMessage(fmt.Sprintf("%q", fmt.Sprint(q, cursor, limit)))}}, f.broken
}

func (f fakeIndex) ClaimCounts(context.Context) (map[reliefcase.ClaimState]int, error) {
	return map[reliefcase.ClaimState]int{reliefcase.ClaimPending: 3}, f.broken
}

func (f fakeIndex) Changes(_ context.Context, q index.ChangeQuery, cursor string, limit int) (index.Page[json.RawMessage], error) {
	return index.Page[json.RawMessage]{Items: []json.RawMessage{json.RawMessage(fmt.Sprintf("%q", fmt.Sprint(q, cursor, limit)))}}, f.broken
}

func (f fakeIndex) Erasures(context.Context, int64, int) ([]index.Erasure, int64, error) {
	return nil, 0, f.broken
}

func (f fakeIndex) CaseTrail(context.Context, relief.CaseID) ([]index.Step, error) {
	return f.steps, f.broken
}

func (f fakeIndex) Claims(context.Context, relief.SubjectRef) (reliefcase.MemberRecord, error) {
	return reliefcase.MemberRecord{}, f.broken
}

func (f fakeIndex) Leavers(context.Context, string, int) (index.Page[relief.SubjectRef], error) {
	return index.Page[relief.SubjectRef]{Items: f.leavers, Next: "k1"}, f.broken
}

func (f fakeIndex) Subject(context.Context, relief.SubjectRef) ([]roll.Entry, error) {
	return []roll.Entry{}, f.broken
}

func (f fakeIndex) Payment(_ context.Context, id relief.PaymentID) (payment.Payment, error) {
	return payment.Payment{ID: id}, f.broken
}

func (f fakeIndex) Sample(_ context.Context, q index.PaymentQuery, seed string, size int) (index.Sample, error) {
	f.asked = q
	if seed == "many" {
		return index.Sample{}, index.ErrLargeFrame
	}
	return index.Sample{Block: 7, Seed: seed, Size: size, Frame: sample.Frame{Count: 3, SHA256: strings.Repeat("ab", 32)}, Items: []index.SampledPayment{}}, f.broken
}

func (f fakeIndex) Totals(_ context.Context, q index.TotalsQuery) (index.Totals, error) {
	f.addedUp = q
	if slices.Contains(q.By, index.ByBatch) {
		return index.Totals{}, index.ErrManyGroups
	}
	return index.Totals{
		Block: 7, By: q.By, Items: []index.TotalsGroup{{Township: "530181003", PaymentSums: index.PaymentSums{Count: 27, Amount: 2672000, Transferred: 2672000}}},
		Total: index.PaymentSums{Count: 27, Amount: 2672000, Transferred: 2672000},
	}, f.broken
}

// Payments gives f.payments in pages; a cursor is a place in them.
func (f fakeIndex) Payments(_ context.Context, q index.PaymentQuery, cursor string, limit int) (index.Page[payment.Payment], error) {
	f.asked = q
	if err := q.Check(); err != nil {
		return index.Page[payment.Payment]{}, err
	}
	from, _ := strconv.Atoi(cursor)
	to := min(from+limit, len(f.payments))
	page := index.Page[payment.Payment]{Items: f.payments[from:to]}
	if to < len(f.payments) {
		page.Next = strconv.Itoa(to)
	}
	if from > 0 && f.breaks {
		return page, errors.New("gone")
	}
	return page, f.broken
}

func (f fakeIndex) Transaction(_ context.Context, id string) (index.Transaction, bool, error) {
	tx, ok := f.transactions[id]
	return tx, ok, f.broken
}

func (f fakeIndex) Transactions(_ context.Context, q index.TransactionQuery, _ string, _ int) (index.Page[index.Transaction], error) {
	f.askedTx = q
	return index.Page[index.Transaction]{Items: []index.Transaction{}}, f.broken
}

func (f fakeIndex) PaymentTrail(context.Context, relief.PaymentID) ([]index.Step, error) {
	return f.steps, f.broken
}

func (f fakeIndex) OverpaymentTrail(context.Context, relief.OverpaymentID) ([]index.Step, error) {
	return nil, nil
}

func (f fakeIndex) ImportTrail(context.Context, relief.ImportID) ([]index.Step, error) {
	return f.steps, f.broken
}

func (f fakeIndex) SubjectTrail(context.Context, relief.SubjectRef, relief.Region) ([]index.Step, error) {
	return f.steps, f.broken
}

func (f fakeIndex) BatchTrail(context.Context, relief.BatchID) ([]index.Step, error) {
	return f.steps, f.broken
}

func (f fakeIndex) BatchOverview(context.Context, relief.BatchID, int) (index.Overview, error) {
	return f.overview, f.broken
}

// Transfers gives f.transfers in pages; a cursor is a place in them.
func (f fakeIndex) AllTransfers(_ context.Context, q index.TransferQuery, _ string, _ int) (index.Page[payment.Transfer], error) {
	f.askedTransfers = q
	return index.Page[payment.Transfer]{Items: f.transfers}, f.broken
}

func (f fakeIndex) PaymentsAfterDeath(_ context.Context, q index.LateQuery, _ string, _ int) (index.Page[index.LatePayment], error) {
	f.askedLate = q
	return index.Page[index.LatePayment]{Items: []index.LatePayment{{Payment: testPayments(1)[0], DiedOn: "2026-09-14"}}}, f.broken
}

func (f fakeIndex) ActCounts(_ context.Context, q index.TransactionQuery, _ int) ([]index.ActCount, error) {
	f.askedTx = q
	return []index.ActCount{{By: ledger.Identity{MSPID: "FinanceMSP", Name: "li"}, Act: "payment.authorise", Count: 7}}, f.broken
}

func (f fakeIndex) Transfers(_ context.Context, _ relief.BatchID, cursor string, limit int) (index.Page[payment.Transfer], error) {
	from, _ := strconv.Atoi(cursor)
	to := min(from+limit, len(f.transfers))
	page := index.Page[payment.Transfer]{Items: f.transfers[from:to]}
	if to < len(f.transfers) {
		page.Next = strconv.Itoa(to)
	}
	return page, f.broken
}

// BatchDifferences gives f.differences in pages; a cursor is a place in them.
func (f fakeIndex) BatchDifferences(
	_ context.Context, _ relief.BatchID, list index.DifferenceList, cursor string, limit int,
) (index.Page[index.LineDifference], error) {
	f.askedList = list
	from, _ := strconv.Atoi(cursor)
	to := min(from+limit, len(f.differences))
	page := index.Page[index.LineDifference]{Items: f.differences[from:to]}
	if to < len(f.differences) {
		page.Next = strconv.Itoa(to)
	}
	return page, f.broken
}

func (f fakeIndex) Months(context.Context, index.MonthQuery, string, int) (index.Page[index.MonthSummary], error) {
	return index.Page[index.MonthSummary]{}, nil
}

func (f fakeIndex) Indicators(_ context.Context, q indicator.Question, _ *uint64) (indicator.Report, error) {
	return indicator.NewReport(q, indicator.Moment{}, nil, nil), nil
}

func (f fakeIndex) Chart(_ context.Context, code chart.Code, q index.ChartQuery) (chart.Figures, error) {
	columns := chart.Of(code).Columns
	return chart.Figures{Region: q.Region, Rows: []chart.Row{{Columns: columns, Cells: make([]chart.Cell, len(columns))}}}, nil
}

func (f fakeIndex) ChartPeriods(context.Context, relief.Region) ([]index.ChartPeriods, error) {
	return []index.ChartPeriods{}, nil
}

func (f fakeIndex) ClosedMonths(context.Context, int) ([]indicator.Question, error) { return nil, nil }

func (f fakeIndex) MonthVersions(context.Context, relief.ProgrammeID, relief.Region, relief.Period) ([]oversight.Month, error) {
	return nil, relief.Errorf(relief.CodeNotFound, "no such month")
}

func (f fakeIndex) YearEndTrail(context.Context, relief.YearEndID) ([]index.Step, error) {
	return nil, nil
}

func (f fakeIndex) TrancheTrail(context.Context, relief.TrancheID) ([]index.Step, error) {
	return f.steps, f.broken
}

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

// newBench makes an API over a fake; edits change what it is made of.
func newBench(t testing.TB, edits ...func(*Deps)) *bench {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte(testToken), 0o600))
	authenticator, err := auth.New(auth.Options{Entries: []auth.Entry{{
		Principal: auth.Principal{Name: "civil-preparer", MSPID: "CivilAffairsMSP"}, TokenFile: file,
	}}})
	require.NoError(t, err)
	f := &fake{
		t: t, folders: t.TempDir(), role: "preparer", region: "530181", height: 7, indexed: 7, jobs: map[string]jobs.Job{}, find: map[string]ledger.Commit{},
		evaluate: func(ledger.Call) ([]byte, error) { return []byte(`{}`), nil },
		do: func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) {
			return outbox.Answer{TxID: "t1", Block: 9, Result: []byte(`{"id":"b"}`)}, nil
		},
	}
	b := &bench{fake: f, log: &syncBuffer{}}
	index := fakeIndex{f}
	deps := Deps{
		Version: "test", Auth: authenticator, Ledger: f, Outbox: f, InFlight: 2, Jobs: fakeJobs{f}, Index: index,
		Core: &rest.Core{
			Organisation: "CivilAffairsMSP", Ledger: f, Outbox: f, Index: index,
			Limits:  rest.Limits{BodyBytes: 4096, JSONDepth: 16, PageSize: 10},
			ActTime: time.Minute, Log: slog.New(slog.NewJSONHandler(b.log, nil)),
			Now: func() time.Time { return time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC) },
		},
		Records: records.Deps{Jobs: fakeJobs{f}, Transactions: f, References: reference.New(nil, reference.Key{Epoch: 1, Secret: testSubjectKey})},
		Cases:   casework.Deps{References: reference.New(nil, reference.Key{Epoch: 1, Secret: testSubjectKey})},
		Public:  public.Deps{Index: index},
	}
	deps.Reads = ReadLimits{InFlight: 2}
	for _, edit := range edits {
		edit(&deps)
	}
	deps.Core.Readings = readingtest.Open(t, deps.Cases.Persons, b.log)
	b.api, err = New(deps)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NotContains(t, b.log.String(), "a route answered with a problem that it does not declare")
	})
	return b
}

// testSubjectKey makes the subject references of the tests.
var testSubjectKey = bytes.Repeat([]byte{7}, 32)

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

func problemIn(t *testing.T, w *httptest.ResponseRecorder) problem.Document {
	t.Helper()
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"), w.Body.String())
	var p problem.Document
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	require.Equal(t, w.Code, p.Status)
	require.True(t, strings.HasPrefix(p.Type, "/problems/"), p.Type)
	require.Contains(t, p.Title, " · ")
	if p.Detail != "" {
		require.Regexp(t, `\p{Han}.* · .*[a-z]`, p.Detail, "both languages")
	}
	require.True(t, strings.HasPrefix(p.Instance, "urn:uuid:"))
	return p
}

func (f *fake) Claim(outbox.Key, [32]byte, string) (string, error) { return "", f.claim }

func (f *fake) Claimed(outbox.Key) (string, error) { return "", nil }

func (f *fake) Seen(string) uint64 { return f.seen }

func (f *fake) Unsettled() int   { return 0 }
func (f *fake) Resent() int64    { return 0 }
func (f *fake) Conflicts() int64 { return 0 }

type fakeJobs struct{ *fake }

func (f fakeJobs) Full() bool { return f.full }

func (f fakeJobs) FullOfSmall() bool { return f.full }

func (f fakeJobs) Expect(*jobs.JobSpec) {}

func (f fakeJobs) Keep(string, string) error { return nil }

func (f fakeJobs) Wait(_ context.Context, id string) (jobs.Job, error) { return f.Get(id) }

func (f fakeJobs) Start(_ context.Context, spec jobs.JobSpec) (jobs.Job, error) {
	job := jobs.Job{ID: spec.ID}
	f.jobs[spec.ID] = job
	return job, nil
}

func (f fakeJobs) Get(id string) (jobs.Job, error) {
	job, ok := f.jobs[id]
	if !ok {
		return job, jobs.ErrNoJob
	}
	return job, nil
}

func (f fakeJobs) Of(_ jobs.Kind, target string) ([]jobs.Job, error) {
	var list []jobs.Job
	for _, job := range f.jobs {
		if job.Target == target {
			list = append(list, job)
		}
	}
	return list, nil
}

func (f fakeJobs) Imports() rollimport.Folders { return rollimport.Folders{Dir: f.folders} }

func (f fakeJobs) CarryImport(ctx context.Context, id relief.ImportID, principal string) (jobs.Job, error) {
	return f.Start(ctx, jobs.JobSpec{ID: jobs.ImportJob(id), Kind: jobs.KindImport, Target: string(id), Principal: principal})
}

func (f fakeJobs) CarryRerate(ctx context.Context, id relief.RerateID, principal string) (jobs.Job, error) {
	return f.Start(ctx, jobs.JobSpec{ID: jobs.RerateJob(id), Kind: jobs.KindRerate, Target: string(id), Principal: principal})
}

func (f fakeJobs) Pages(string) (jobs.Job, *receipts.List, *os.File, error) {
	return jobs.Job{}, nil, nil, jobs.ErrNoJob
}

func (f fakeJobs) Refusals(string) (io.ReadCloser, error) { return io.NopCloser(http.NoBody), nil }

func (f fakeJobs) Watch(ctx context.Context, _ string) (<-chan jobs.Job, error) {
	updates := make(chan jobs.Job)
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

func newJob(id string) jobs.Job { return jobs.Job{ID: id} }

func (f fakeIndex) LeafOf(context.Context, relief.PaymentID) (index.Leaf, bool, error) {
	return index.Leaf{}, false, nil
}
