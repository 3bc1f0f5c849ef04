package bankdesk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/reading/readingtest"
	refs "relieftrail/gateway/internal/reference"
	"relieftrail/gateway/internal/seal"
	"relieftrail/network/testbed/paybank"
)

type object = map[string]any

const (
	account = "5301810100000088" // the tranche's dedicated account
	opening = relief.Fen(40000000)
)

var testKey = bytes.Repeat([]byte{7}, 32)

// world is finance's bank desk with the contracts in memory, real jobs and stores in a temporary folder, and batch b-11 of 300
// payments that civil affairs has approved.
type world struct {
	t        *testing.T
	dir      string
	network  *ledgertest.Network
	outbox   *outbox.Outbox
	jobs     *jobs.Runner
	objects  *objectstore.Folder
	persons  *seal.Key
	settings Settings
	desk     *Desk
	payments []payment.Payment // of the batch, in the order of the roll
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), network: ledgertest.New(t)}
	w.settings = Settings{
		Message: "pain.001.001.10", Initiator: bankfile.Party{Name: "安宁市财政局"}, Debtor: bankfile.Party{Name: "安宁市财政局专户"},
		Answers: []bankfile.Profile{{
			Name: "rural", Encoding: "utf-8", Delimiter: "|", Date: "YYYYMMDD",
			Columns: []bankfile.Column{{Field: bankfile.FieldPayment}, {Field: bankfile.FieldAmount}, {Field: bankfile.FieldResult}, {Field: bankfile.FieldDate}},
			Results: []bankfile.Result{{Code: "00", Outcome: "paid"}, {Code: "51", Outcome: "returned", Reason: "AC04"}},
		}},
	}
	port := w.network.Gateway(fakeledger.Finance)
	var err error
	tags, err := payee.NewKey(1, bytes.Repeat([]byte{6}, payee.KeyBytes))
	require.NoError(t, err)
	w.persons, err = seal.NewKey(1, bytes.Repeat([]byte{8}, 32), tags)
	require.NoError(t, err)
	w.outbox, err = outbox.Open(filepath.Join(w.dir, "outbox.db"), port, outbox.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.outbox.Close()) })
	store, err := jobs.OpenStore(filepath.Join(w.dir, "jobs.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	w.jobs, err = jobs.New(jobs.Options{
		Ledger: port, Sender: w.outbox, Store: store, Dir: filepath.Join(w.dir, "jobs"), References: refs.New(nil, refs.Key{Epoch: 1, Secret: testKey}), Persons: w.persons, ReceiptKey: testKey,
		Now: clock,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.jobs.Close()) })
	identity, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	key := filepath.Join(w.dir, "objects.key")
	require.NoError(t, os.WriteFile(key, []byte(identity.String()+"\n"), 0o600))
	w.objects, err = objectstore.OpenFolder(filepath.Join(w.dir, "objects"), key)
	require.NoError(t, err)
	w.approveBatch()
	w.open()
	t.Cleanup(func() { require.NoError(t, w.desk.Close()) })
	return w
}

var began = time.Now()

// clock goes on from a morning in November.
func clock() time.Time { return time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC).Add(time.Since(began)) }

// reader is who reads in the tests.
var reader = reading.Access{Principal: "finance-preparer", Purpose: reading.PaymentFile}

// open opens the desk on what is in its folder.
func (w *world) open() {
	w.t.Helper()
	var err error
	w.desk, err = Open(Options{
		Settings: w.settings, Ledger: w.network.Gateway(fakeledger.Finance), Jobs: w.jobs, Objects: w.objects, Persons: w.persons, Readings: readingtest.Open(w.t, w.persons, nil),
		Path: filepath.Join(w.dir, "bank.db"), Dir: filepath.Join(w.dir, "bank"), Now: clock,
	})
	require.NoError(w.t, err)
}

func (w *world) restart() {
	w.t.Helper()
	require.NoError(w.t, w.desk.Close())
	w.open()
}

func (w *world) act(signer, function string, argument any) {
	w.t.Helper()
	b, err := json.Marshal(argument)
	require.NoError(w.t, err)
	_, err = w.outbox.Send(w.t.Context(), "", ledger.Call{Signer: signer, Function: function, Argument: b}, nil)
	require.NoError(w.t, err, function)
}

func (w *world) read(function string, argument, out any) {
	w.t.Helper()
	b, err := json.Marshal(argument)
	require.NoError(w.t, err)
	answer, err := w.network.Gateway(fakeledger.Finance).Evaluate(w.t.Context(), ledger.Call{Signer: "finance-preparer", Function: function, Argument: b})
	require.NoError(w.t, err, function)
	require.NoError(w.t, json.Unmarshal(answer, out))
}

func (w *world) carry(kind jobs.Kind, target, file string) {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "intake", "testdata", file))
	require.NoError(w.t, err)
	path := filepath.Join(w.dir, "upload-"+file)
	require.NoError(w.t, os.WriteFile(path, b, 0o600))
	job, err := w.jobs.Start(w.t.Context(), jobs.JobSpec{Kind: kind, Target: target, Principal: "civil-preparer", SpoolFile: path, ContentType: "text/csv"})
	require.NoError(w.t, err)
	job = w.jobEnd(job)
	if proposed := job.Import; proposed != nil {
		w.act("civil-approver", "roll:ConfirmImport", object{"id": proposed.ID, "digest": proposed.Digest, "agree": true})
		job, err = w.jobs.CarryImport(w.t.Context(), proposed.ID, "civil-approver")
		require.NoError(w.t, err)
		w.jobEnd(job)
	}
}

// jobEnd waits for a job that takes all 300 lines of its file.
func (w *world) jobEnd(job jobs.Job) jobs.Job {
	w.t.Helper()
	updates, err := w.jobs.Watch(w.t.Context(), job.ID)
	require.NoError(w.t, err)
	for job = range updates {
	}
	require.Equal(w.t, jobs.StateDone, job.State, job.Error)
	require.Equal(w.t, 300, job.Result.Accepted)
	return job
}

func (w *world) approveBatch() {
	w.act("civil-preparer", "programme:Draft", object{
		"id": "dibao", "version": 1, "name": "最低生活保障", "region": "530181", "unit": "household", "cycle": "monthly",
		"min_amount": "330.00", "max_amount": "6000.00", "starts": "2026-01", "import_until": "2027-12-31", "notice_days": 7, "pay_by_day": 10,
		"recheck_months": object{"A": 12, "B": 12, "C": 6}, "required_evidence": []string{"home-visit"},
		"budget": object{"functional": "2081901", "economic": "50901"}, "segment_size": 100,
	})
	w.act("finance-approver", "programme:Enact", object{"id": "dibao", "version": 1})
	w.act("finance-approver", "fund:Issue", object{
		"id": "t-q4", "programme": "dibao", "region": "530181", "amount": "400000.00", "source": "central", "account": account, "fiscal_year": 2026,
		"targets": object{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"},
	})
	w.carry(jobs.KindRoll, "dibao", "roll.csv")
	w.act("civil-preparer", "payment:Open", object{
		"id": "b-11", "programme": "dibao", "region": "530181", "period": "2026-11", "tranche": "t-q4", "count": 300, "sum": "347310.00",
	})
	w.carry(jobs.KindLines, "b-11", "payments-2026-11.csv")
	id := object{"id": "b-11"}
	w.act("civil-preparer", "payment:Seal", id)
	w.act("civil-approver", "payment:Approve", id)
	for segment := range 3 {
		var page struct{ Lines []payment.Payment }
		w.read("payment:Lines", object{"batch": "b-11", "segment": segment}, &page)
		w.payments = append(w.payments, page.Lines...)
	}
	require.Len(w.t, w.payments, 300)
}

// makeFile makes the payment file and tells the ledger of it.
func (w *world) makeFile() {
	w.t.Helper()
	b := w.batch()
	file := w.desk.NewFile(b, "2026-11-30")
	hash, err := w.desk.MakeFile(w.t.Context(), reader, b, &file)
	require.NoError(w.t, err)
	w.act("finance-preparer", "payment:MakeFile", payment.FileTerms{ID: "b-11", FileSHA256: hash, File: file})
}

// instruct makes the payment file, has it authorised and tells the bank.
func (w *world) instruct() {
	w.t.Helper()
	w.makeFile()
	w.act("finance-approver", "payment:Authorise", object{"id": "b-11", "file_sha256": w.batch().FileSHA256})
	w.act("finance-preparer", "payment:Instruct", object{"id": "b-11"})
}

func (w *world) batch() *payment.Batch {
	w.t.Helper()
	b, err := w.desk.batch(w.t.Context(), "finance-preparer", "b-11")
	require.NoError(w.t, err)
	return b
}

func (w *world) state(id relief.PaymentID) payment.State {
	w.t.Helper()
	var p payment.Payment
	w.read("payment:Payment", object{"id": id}, &p)
	return p.State
}

// newSheet begins an account statement, which goes on where the last one ended.
func newSheet(number int, begin relief.Fen) *paybank.Statement {
	return paybank.New(fmt.Sprintf("S%d", number), number, account, "2026-11-09", begin)
}

func name(p *payment.Payment) string { return bankfile.EndToEndID(p.ID) }

// take hands a bank's document in and does not wait.
func (w *world) take(document []byte, batch relief.BatchID) (Message, error) {
	w.t.Helper()
	p, err := w.desk.Read(Upload{Principal: "finance-preparer", Batch: batch, Body: bytes.NewReader(document)})
	require.NoError(w.t, err)
	return w.desk.Take(w.t.Context(), p)
}

// work hands a bank's document in and waits until it is worked through.
func (w *world) work(document []byte) Message {
	w.t.Helper()
	m, err := w.take(document, "")
	require.NoError(w.t, err)
	m = w.end(m.ID)
	require.Equal(w.t, Done, m.State, m.Error)
	return m
}

func (w *world) end(id string) (m Message) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		var err error
		m, err = w.desk.Message(id)
		return err == nil && m.State != Received
	}, 20*time.Second, 2*time.Millisecond)
	return m
}

func (w *world) exceptions(f Filter) (all []Exception) {
	w.t.Helper()
	for cursor := ""; ; {
		page, next, err := w.desk.Exceptions(f, cursor, 2)
		require.NoError(w.t, err)
		all = append(all, page...)
		if cursor = next; cursor == "" {
			return all
		}
	}
}
