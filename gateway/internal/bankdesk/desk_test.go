package bankdesk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/seal"
)

func TestStatementsAreMatchedAndRecorded(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	s := newSheet(1, opening)
	for i := range 298 {
		s.Pay(name(&w.payments[i]), w.payments[i].Amount)
	}
	s.Return(name(&w.payments[0]), w.payments[0].Amount, "AC04")
	s.Pay(name(&w.payments[1]), w.payments[1].Amount)       // a second time
	s.Pay(name(&w.payments[299]), w.payments[299].Amount+1) // another amount
	s.Pay("dibao-530181-0009999-202611-1", 62000)           // nobody's
	s.Pay("other-530181-0000001-202611-1", 300)             // of no programme
	s.Pay("NOTPROVIDED", 200)
	m := w.work(s.Document())
	require.Equal(t, Counts{Entries: 304, Settled: 298, Confirmed: 1, Exceptions: 5}, m.Counts)
	require.Len(t, m.Jobs, 1)
	require.Equal(t, payment.State("returned"), w.state(w.payments[0].ID), "it went out and came back in one statement")
	require.Equal(t, payment.State("credited"), w.state(w.payments[1].ID))

	reasons := map[Reason]int{}
	for _, x := range w.exceptions(Filter{State: StateOpen}) {
		reasons[x.Reason]++
		require.Equal(t, m.ID, x.Message)
		require.Nil(t, x.Details)
	}
	require.Equal(t, map[Reason]int{Duplicate: 1, AmountDiffers: 1, UnknownPayment: 2, "missing-id": 1}, reasons)
	require.Len(t, w.exceptions(Filter{Batch: "b-11"}), 2, "those that name a payment of the batch")
	require.Empty(t, w.exceptions(Filter{File: "none"}))

	again, err := w.take(s.Document(), "")
	require.NoError(t, err)
	require.True(t, again.Duplicate)
	require.Equal(t, m.ID, again.ID)
	renamed := strings.Replace(string(s.Document()), "<MsgId>S1", "<MsgId>S1-again", 1)
	require.Equal(t, 304, w.work([]byte(renamed)).Counts.Skipped, "the same statement in another message")
	var conflict *Conflict
	_, err = w.take([]byte(strings.Replace(string(s.Document()), "T18:00", "T19:00", 1)), "")
	require.ErrorAs(t, err, &conflict)
	require.Contains(t, conflict.Error(), w.exceptions(Filter{Reason: MessageConflict})[0].ID)
	differs := strings.Replace(renamed, "S1-again", "S1-other", 1)
	m = w.work([]byte(strings.Replace(differs, ">2.00<", ">3.00<", 1)))
	require.Equal(t, 1, m.Counts.Exceptions)
	require.Len(t, w.exceptions(Filter{Reason: StatementConflict}), 1)
	page, next, err := w.desk.Messages("", 2)
	require.NoError(t, err)
	require.Len(t, page, 2)
	page, next, err = w.desk.Messages(next, 2)
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.Empty(t, next)
}

// Other kinds of message say the same once more each; a return after the credit is for two officials, with the statement's entry.
func TestListsByProfile(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	s := newSheet(1, opening)
	s.Pay(name(&w.payments[0]), w.payments[0].Amount)
	s.Pay(name(&w.payments[1]), w.payments[1].Amount)
	w.work(s.Document())
	list := fmt.Sprintf("%s|%s|00|20261109\n%s|%s|51|20261110\nnothing\n",
		name(&w.payments[0]), w.payments[0].Amount, name(&w.payments[1]), w.payments[1].Amount)
	p, err := w.desk.Read(Upload{Principal: "finance-preparer", Profile: "rural", Body: strings.NewReader(list)})
	require.NoError(t, err)
	sum := sha256.Sum256([]byte(list))
	require.Equal(t, hex.EncodeToString(sum[:]), p.SHA256())
	m, err := w.desk.Take(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, p.ID(), m.ID)
	m = w.end(m.ID)
	require.Equal(t, Counts{Entries: 3, Confirmed: 1, Exceptions: 2}, m.Counts)
	require.Equal(t, payment.State("credited"), w.state(w.payments[1].ID))
	x := w.exceptions(Filter{State: StateOpen, Reason: WrongState})
	require.Len(t, x, 1)
	require.Equal(t, payment.LineReturned, x[0].Reverses)
	require.Contains(t, x[0].Text, "可凭对账单分录提请冲正")
	require.Contains(t, x[0].Text, "propose a reversal")
	_, err = w.desk.Read(Upload{Profile: "none", Body: strings.NewReader(list)})
	require.ErrorIs(t, err, ErrProfile)
	_, err = w.desk.Read(Upload{Body: strings.NewReader(list)})
	var bad *bankfile.Error
	require.ErrorAs(t, err, &bad)
	_, err = w.desk.Message("none")
	require.ErrorIs(t, err, ErrNotFound)
}

func TestAMessageForOneBatchSpeaksOfNoOther(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	s := newSheet(1, opening)
	s.Pay(name(&w.payments[0]), w.payments[0].Amount)
	m, err := w.take(s.Document(), "b-12")
	require.NoError(t, err)
	require.Equal(t, 1, w.end(m.ID).Counts.Exceptions)
	require.Len(t, w.exceptions(Filter{Reason: OtherBatch}), 1)
}

func TestABatchThatWasNotInstructedTakesNoAnswers(t *testing.T) {
	w := newWorld(t)
	s := newSheet(1, opening)
	s.Pay(name(&w.payments[0]), w.payments[0].Amount)
	require.Equal(t, 1, w.work(s.Document()).Counts.Exceptions)
	require.Len(t, w.exceptions(Filter{Reason: WrongState}), 1)
}

func TestFinanceWorksThroughTheExceptions(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	s := newSheet(1, opening)
	s.Pay("dibao-530181-0000001-202611-9", w.payments[0].Amount) // mistyped by the bank
	s.Pay(name(&w.payments[1]), w.payments[1].Amount+1)
	s.Return("dibao-530181-0000002-202611-9", w.payments[2].Amount, "AC04")
	m := w.work(s.Document())
	all := w.exceptions(Filter{})
	require.Len(t, all, 3)
	require.NotEmpty(t, m.Details, "kept while an exception is open")
	full, err := w.desk.Exception(t.Context(), reader, all[0].ID)
	require.NoError(t, err)
	require.Equal(t, "S1-1", full.Details.BankRef)
	_, err = w.desk.Exception(t.Context(), reader, "none")
	require.ErrorIs(t, err, ErrNotFound)

	assign := Resolve{Action: "assign", As: "credited", Payment: w.payments[0].ID, By: "finance-preparer"}
	done, err := w.desk.Resolve(t.Context(), all[0].ID, assign)
	require.NoError(t, err)
	require.Equal(t, StateResolved, done.State)
	require.Equal(t, w.payments[0].ID.String(), done.Resolution.Payment)
	require.Equal(t, payment.State("credited"), w.state(w.payments[0].ID))
	again, err := w.desk.Resolve(t.Context(), all[0].ID, assign)
	require.NoError(t, err, "sent again")
	require.Equal(t, done.Resolution.At, again.Resolution.At)
	_, err = w.desk.Resolve(t.Context(), all[0].ID, Resolve{Action: "accept", By: "finance-preparer"})
	require.ErrorIs(t, err, ErrResolved)

	for field, r := range map[string]Resolve{
		"payment":       {Action: "accept", As: "credited", By: "finance-preparer"}, // another amount than the payment's
		"return_reason": {Action: "assign", As: "returned", Payment: w.payments[1].ID, By: "finance-preparer", ReturnReason: "A"},
	} {
		id := all[1].ID
		if field == "return_reason" {
			id = all[2].ID
			r.Payment = w.payments[2].ID
		}
		_, err = w.desk.Resolve(t.Context(), id, r)
		var refused *relief.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, field, refused.Field)
	}
	require.True(t, bilingual.Complete(all[1].Text), all[1].Text)
	_, err = w.desk.Resolve(t.Context(), all[1].ID, Resolve{Action: "write_off", Note: "已核实", By: "finance-preparer"})
	require.NoError(t, err)
	_, err = w.desk.Resolve(t.Context(), all[2].ID, Resolve{Action: "assign", As: "returned", Payment: w.payments[2].ID, By: "finance-preparer"})
	require.NoError(t, err)
	require.Equal(t, payment.State("returned"), w.state(w.payments[2].ID))
	require.Empty(t, w.exceptions(Filter{State: StateOpen}))
	r, err := w.desk.ReconcileBatch(t.Context(), "finance-preparer", "b-11")
	require.NoError(t, err)
	require.Zero(t, r.OpenExceptions.Count)
	left, err := w.desk.Message(m.ID)
	require.NoError(t, err)
	require.Empty(t, left.Details, "nobody needs what was kept of people")
	_, err = w.objects.Stat(t.Context(), m.Details)
	require.ErrorIs(t, err, objectstore.ErrNotFound)
}

// What the contracts refuse when finance resolves an exception leaves the exception open.
func TestARefusedResolutionStaysOpen(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	s := newSheet(1, opening)
	s.Pay(name(&w.payments[0]), w.payments[0].Amount)
	s.Return(name(&w.payments[0]), w.payments[0].Amount, "AC04")
	s.Pay("dibao-530181-0000001-202611-9", w.payments[0].Amount)
	w.work(s.Document())
	x := w.exceptions(Filter{State: StateOpen})[0]
	_, err := w.desk.Resolve(t.Context(), x.ID, Resolve{Action: "assign", As: "credited", Payment: w.payments[0].ID, By: "finance-preparer"})
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
	require.Len(t, w.exceptions(Filter{State: StateOpen}), 1)
}

// A bank that rejects a file before it is instructed answers nothing more: the batch is cancelled, and waits for no result.
func TestACancelledBatchWaitsForNothing(t *testing.T) {
	w := newWorld(t)
	w.makeFile()
	w.act("finance-approver", "payment:Cancel", map[string]any{"id": "b-11", "reason": "银行整批拒绝"})
	r, err := w.desk.ReconcileBatch(t.Context(), "finance-preparer", "b-11")
	require.NoError(t, err)
	require.Equal(t, []string{"cancelled"}, codes(r.Discrepancies))
	require.Zero(t, r.Amounts)
}

func TestReconciliation(t *testing.T) {
	w := newWorld(t)
	r, err := w.desk.ReconcileBatch(t.Context(), "finance-preparer", "b-11")
	require.NoError(t, err)
	require.Equal(t, []string{"not-instructed", "pending", "no-statement"}, codes(r.Discrepancies))
	w.instruct()
	s := newSheet(1, opening)
	for i := range 299 {
		s.Pay(name(&w.payments[i]), w.payments[i].Amount)
	}
	s.Return(name(&w.payments[0]), w.payments[0].Amount, "AC04")
	s.Pay("NOTPROVIDED", 200)
	w.work(s.Document())
	r, err = w.desk.ReconcileBatch(t.Context(), "finance-preparer", "b-11")
	require.NoError(t, err)
	require.False(t, r.TiesOut)
	require.Equal(t, []string{"pending"}, codes(r.Discrepancies))
	require.Equal(t, 298, r.Credited.Count)
	require.Equal(t, 299, r.Statements.Paid.Count)
	require.Equal(t, 1, r.Statements.Returned.Count)

	last := &w.payments[299]
	next := newSheet(3, s.Closing+1) // number 2 is missing, and a fen came from nowhere
	next.Pay(name(last), last.Amount)
	w.work(next.Document())
	r, err = w.desk.ReconcileBatch(t.Context(), "finance-preparer", "b-11")
	require.NoError(t, err)
	require.True(t, r.TiesOut, "%+v", r)
	a, err := w.desk.ReconcileAccount(t.Context(), "finance-preparer", "t-q4")
	require.NoError(t, err)
	require.False(t, a.TiesOut)
	require.Equal(t, []string{"open-exceptions", "missing-statement", "broken-chain", "balance-differs"}, codes(a.Discrepancies))
	require.Len(t, a.Batches, 1)
	require.Len(t, a.Statements, 2)
	require.Equal(t, bankfile.Balance(next.Closing), *a.Closing)
	_, err = w.desk.ReconcileAccount(t.Context(), "finance-preparer", "none")
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeNotFound})
}

func codes(all []Discrepancy) (codes []string) {
	for _, d := range all {
		codes = append(codes, d.Code)
	}
	return codes
}

// Finance makes no file for payees whose opened details do not give the tags on the ledger.
func TestNoFileForAnotherPayee(t *testing.T) {
	w := newWorld(t)
	tags, err := payee.NewKey(1, bytes.Repeat([]byte{5}, payee.KeyBytes))
	require.NoError(t, err)
	w.persons, err = seal.NewKey(1, bytes.Repeat([]byte{8}, 32), tags)
	require.NoError(t, err)
	w.restart()
	b := w.batch()
	file := w.desk.NewFile(b, "2026-11-30")
	_, err = w.desk.MakeFile(t.Context(), reader, b, &file)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeConflict}, "by another tag key nobody is the payee who was approved")
}

func TestPaymentFiles(t *testing.T) {
	w := newWorld(t)
	_, err := w.desk.OpenFile(t.Context(), reader, w.batch(), 0)
	require.ErrorIs(t, err, ErrNoFile)
	require.ErrorIs(t, w.desk.KeepsFile(t.Context(), w.batch()), ErrNoFile)
	w.makeFile()
	b := w.batch()
	file := w.file(b, 0)
	require.NoError(t, w.desk.KeepsFile(t.Context(), b))
	order, err := bankfile.ReadPain001(bytes.NewReader(file), bankfile.Limits{}, func(*bankfile.Transfer) error { return nil })
	require.NoError(t, err)
	require.Equal(t, account, order.Account)
	require.Equal(t, []string{b.File.MessageID, "2026-11-30"}, []string{order.MessageID, order.Execute.Format(time.DateOnly)})
	require.Equal(t, b.File.CreatedAt, order.Created.UTC())
	hash, err := w.desk.MakeFile(t.Context(), reader, b, b.File)
	require.NoError(t, err)
	require.Equal(t, b.FileSHA256, hash)
	require.NotEqual(t, b.File.MessageID, w.desk.NewFile(b, "2026-11-30").MessageID, "another file, another message")
	require.NoError(t, w.objects.Delete(t.Context(), hash))
	require.ErrorIs(t, w.desk.KeepsFile(t.Context(), b), ErrNoFile)
	require.Equal(t, file, w.file(b, 0), "made again as it was")
	_, err = w.desk.OpenFile(t.Context(), reader, b, 2)
	require.ErrorIs(t, err, ErrNoFile)
	require.NoError(t, w.objects.Delete(t.Context(), hash))
	w.settings.DebtorAccount = "5301810100000099"
	w.restart()
	_, err = w.desk.OpenFile(t.Context(), reader, b, 0)
	require.ErrorIs(t, err, ErrNoFile, "other settings make another file")
}

func (w *world) file(b *payment.Batch, part int) []byte {
	w.t.Helper()
	f, err := w.desk.OpenFile(w.t.Context(), reader, b, part)
	require.NoError(w.t, err)
	content, err := io.ReadAll(f)
	require.NoError(w.t, errors.Join(err, f.Close()))
	sum := sha256.Sum256(content)
	require.Equal(w.t, f.SHA256, hex.EncodeToString(sum[:]))
	require.EqualValues(w.t, len(content), f.Bytes)
	return content
}

func TestAPaymentFileInParts(t *testing.T) {
	w := newWorld(t)
	w.settings.MaxTransactions = 130
	w.restart()
	w.makeFile()
	b := w.batch()
	require.Contains(t, string(w.file(b, 0)), manifestKind)
	for part := 1; part <= 3; part++ {
		require.Contains(t, string(w.file(b, part)), "<MsgId>"+partID(b.File.MessageID, part-1)+"</MsgId>")
	}
	require.Equal(t, b.File.MessageID, partID(b.File.MessageID, 0))
	require.NoError(t, w.desk.KeepsFile(t.Context(), b))
	_, err := w.desk.OpenFile(t.Context(), reader, b, 4)
	require.ErrorIs(t, err, ErrNoFile)
}

// A message that was received and not worked through is worked through by the next process, once.
func TestTheDeskGoesOnAfterARestart(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	require.NoError(t, w.desk.Close()) // nothing works
	w.desk = w.idle()
	s := newSheet(1, opening)
	for i := range 20 {
		s.Pay(name(&w.payments[i]), w.payments[i].Amount)
	}
	m, err := w.take(s.Document(), "")
	require.NoError(t, err)
	// The job of the first try is done, but not what follows it.
	entries, err := w.desk.entries(m.ID)
	require.NoError(t, err)
	decisions, err := w.desk.match(t.Context(), &m, entries)
	require.NoError(t, err)
	require.NoError(t, w.desk.remember(&m, decisions))
	require.NoError(t, w.desk.settle(t.Context(), &m, decisions))
	w.restart()
	m = w.end(m.ID)
	require.Equal(t, Counts{Entries: 20, Settled: 20}, m.Counts, "not taken for its own duplicate")
	left, err := filepath.Glob(filepath.Join(w.dir, "bank", "*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// idle is a desk that does not work through messages by itself.
func (w *world) idle() *Desk {
	w.t.Helper()
	store, err := openStore(filepath.Join(w.dir, "bank.db"))
	require.NoError(w.t, err)
	d := &Desk{options: w.desk.options, store: store, wake: make(chan struct{}, 1)}
	d.ctx, d.cancel = context.WithCancel(w.t.Context())
	return d
}

// The next message is found by one key, however many there were before.
func TestWorkDoesNotGrowWithHistory(t *testing.T) {
	store, err := openStore(filepath.Join(t.TempDir(), "bank.db"))
	require.NoError(t, err)
	d := &Desk{store: store}
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	cost := func() int64 {
		before := store.Reads()
		_, err := d.next()
		require.NoError(t, err)
		return store.Reads() - before
	}
	m := Message{ID: "1-first", State: Received}
	require.NoError(t, d.saveMessage(&m))
	one := cost()
	require.NoError(t, store.Update(func(tx *boltstore.Tx) error {
		for i := range 2000 {
			if err := putMessage(tx, &Message{ID: fmt.Sprintf("0-%04d", i), State: Done}); err != nil {
				return err
			}
		}
		return nil
	}))
	require.Equal(t, one, cost())
	m.State = Failed
	require.NoError(t, d.saveMessage(&m))
	next, err := d.next()
	require.NoError(t, err)
	require.Nil(t, next, "a failed message does not wait")
	m.State = Received // sent again
	require.NoError(t, d.saveMessage(&m))
	require.NoError(t, d.saveMessage(&Message{ID: "0-earlier", State: Received}))
	next, err = d.next()
	require.NoError(t, err)
	require.Equal(t, "0-earlier", next.ID, "in the order of arrival")
}

// A job that cannot be carried out fails its message; sent again, the message is worked through.
func TestAFailedMessageIsWorkedThroughWhenItIsSentAgain(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	failing := &failingJobs{Runner: w.jobs}
	require.NoError(t, w.desk.Close())
	options := w.desk.options
	options.Jobs = failing
	var err error
	w.desk, err = Open(options)
	require.NoError(t, err)
	s := newSheet(1, opening)
	s.Pay(name(&w.payments[0]), w.payments[0].Amount)
	m, err := w.take(s.Document(), "")
	require.NoError(t, err)
	m = w.end(m.ID)
	require.Equal(t, Failed, m.State)
	require.Contains(t, m.Error, "send it again")
	m, err = w.take(s.Document(), "")
	require.NoError(t, err)
	m = w.end(m.ID)
	require.Equal(t, Done, m.State)
	require.Equal(t, 1, m.Counts.Settled)
}

// failingJobs loses the file of the first job.
type failingJobs struct {
	*jobs.Runner
	lost bool
}

func (f *failingJobs) Start(ctx context.Context, spec jobs.JobSpec) (jobs.Job, error) {
	if !f.lost {
		f.lost = true
		if err := os.Remove(spec.SpoolFile); err != nil {
			return jobs.Job{}, err
		}
	}
	return f.Runner.Start(ctx, spec)
}

// What is recorded is what the same answer in an uploaded file would be.
func TestAnswersOfEntries(t *testing.T) {
	id, err := relief.ParsePaymentID("dibao-530181-0000007-202611-2")
	require.NoError(t, err)
	long := strings.Repeat("N", 65)
	for ref, want := range map[string]string{
		"NX-1": "NX-1", " NX 1 ": "NX 1", "": "", "   ": "", long: hexSum([]byte(long)), "流水号": hexSum([]byte("流水号")),
	} {
		a := answerOf(&decision{id: id, entry: &entry{Outcome: bankfile.Paid, Amount: 100, Day: 20000, Ref: ref}})
		require.Equal(t, payment.AnswerInput{
			Number: 7, Attempt: 2, Outcome: payment.OutcomeCredited, Amount: 100, Day: 20000, BankRef: relief.HashBankRef([]byte(want)),
		}, a, ref)
	}
	a := answerOf(&decision{id: id, entry: &entry{Outcome: bankfile.Returned, Reason: "AC04"}})
	require.Equal(t, payment.OutcomeReturned, a.Outcome)
	require.Equal(t, "AC04", string(a.Reason[:]))
}

func TestOpenNamesAFileThatIsInUse(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(Options{Dir: filepath.Join(dir, "bank"), Path: filepath.Join(dir, "no", "bank.db"), Now: time.Now})
	require.ErrorContains(t, err, "bank desk")
}

// One sum that came back is for two overpayments: the exception is open until all of it is somebody's.
func TestWhatIsLeftOfAnEntryStaysOpen(t *testing.T) {
	w := newWorld(t)
	s := newSheet(1, opening)
	s.Return("NOTPROVIDED", 186_000, "NARR")
	w.work(s.Document())
	x := w.exceptions(Filter{State: StateOpen})[0]
	note := func(of string, amount relief.Fen) Exception {
		require.NoError(t, w.desk.NoteRecovery(t.Context(), x.ID, RecoveredPart{relief.OverpaymentID(of), amount}, "finance-preparer"))
		x, err := w.desk.Find(x.ID)
		require.NoError(t, err)
		require.Equal(t, "recovery", x.Resolution.As)
		return x
	}
	part := note("dibao-530181-0000001", 100_000)
	require.Equal(t, StateOpen, part.State)
	require.Equal(t, relief.Fen(86_000), part.left())
	again := note("dibao-530181-0000001", 100_000)
	require.Equal(t, part.left(), again.left(), "sent again")
	require.Equal(t, StateResolved, note("dibao-530181-0000002", 86_000).State)
	require.Empty(t, w.exceptions(Filter{State: StateOpen}))
}
