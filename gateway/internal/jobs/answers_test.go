package jobs_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/jobs"
)

// answersOf are the bank's answers to every payment of a batch in the form of the bank desk.
func (w *world) answersOf(batch string, segments int) (answers []payment.AnswerInput) {
	w.t.Helper()
	for segment := range segments {
		var page struct {
			Lines []struct {
				ID     relief.PaymentID
				Amount relief.Fen
			}
		}
		w.read("payment:Lines", object{"batch": batch, "segment": segment}, &page)
		for _, l := range page.Lines {
			answers = append(answers, payment.AnswerInput{
				Number: l.ID.Number, Attempt: l.ID.Attempt, Outcome: payment.OutcomeCredited, Amount: l.Amount, Day: 20767,
				BankRef: relief.HashBankRef([]byte(l.ID.String())),
			})
		}
	}
	return answers
}

func (w *world) settle(id, batch string, answers []payment.AnswerInput) jobs.Job {
	w.t.Helper()
	path, err := jobs.WriteAnswers(w.dir, id, answers)
	require.NoError(w.t, err)
	_, err = w.runner.Start(w.t.Context(), jobs.JobSpec{
		ID: id, Kind: jobs.KindSettlements, Target: batch, Principal: "finance-preparer", SpoolFile: path, ContentType: jobs.AnswersType,
	})
	require.NoError(w.t, err)
	job := end(w.t, w.runner, id)
	require.Equal(w.t, jobs.StateDone, job.State, job.Error)
	return job
}

// Answers as typed values are recorded and refused as those of a file are.
func TestTypedAnswersAreRecorded(t *testing.T) {
	w := newWorld(t, 100)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	w.do(jobs.KindLines, "b-11", "civil-preparer", town(t, "payments-2026-11.csv"))
	w.instruct("b-11")
	answers := w.answersOf("b-11", 3)
	answers[1].Amount++
	answers[4].Outcome, answers[4].Reason = payment.OutcomeReturned, [4]byte{'A', 'C', '0', '4'}
	answers[5].Reason = [4]byte{'A', 'C', '0', '4'} // a credit has none
	job := w.settle("typed", "b-11", answers)
	require.Equal(t, "298 accepted, 0 unchanged, 2 refused", counts(job))
	require.Equal(t, 300, job.Progress.LinesRead)
	require.Equal(t, []string{"2 amount-differs amount", "6 reason-code reason"}, refusedLines(job))
	require.Equal(t, "dibao-530181-0000001-202611-1", job.Refusals[0].Seq, "a refused line is called by its payment")
	require.Equal(t, "0 accepted, 298 unchanged, 2 refused", counts(w.settle("again", "b-11", answers)))
	left, err := filepath.Glob(filepath.Join(w.dir, "*.answers"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// A file of typed answers is recorded as the same bytes as its like in CSV: only the way there differs.
func TestTypedAnswersMakeTheSameRecord(t *testing.T) {
	var records [2]payment.Payment
	for i := range records {
		w := newWorld(t, 100)
		w.importRoll()
		w.open("b-11", "2026-11", 300, 34731000)
		w.do(jobs.KindLines, "b-11", "civil-preparer", town(t, "payments-2026-11.csv"))
		w.instruct("b-11")
		answers := w.answersOf("b-11", 3)[:1]
		id := "dibao-530181-0000000-202611-1"
		if i == 0 {
			w.settle("typed", "b-11", answers)
		} else {
			file := "payment_id,amount,result,reason,date,bank_reference\n" + id + "," + answers[0].Amount.String() + ",credited,,2026-11-10," + id + "\n"
			w.do(jobs.KindSettlements, "b-11", "finance-preparer", []byte(file))
		}
		w.read("payment:Payment", object{"id": id}, &records[i])
		require.NotEmpty(t, records[i].BankRef)
	}
	require.Equal(t, records[0], records[1])
}

func TestDamagedFilesOfAnswersFailTheirJob(t *testing.T) {
	w := newWorld(t, 100)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	w.do(jobs.KindLines, "b-11", "civil-preparer", town(t, "payments-2026-11.csv"))
	w.instruct("b-11")
	dir := t.TempDir()
	path, err := jobs.WriteAnswers(dir, "j", make([]payment.AnswerInput, 9000)) // three frames
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	next, err := jobs.WriteAnswers(dir, "j", nil)
	require.NoError(t, err)
	require.NoFileExists(t, path, "of an earlier try")
	require.FileExists(t, next)
	for name, damaged := range map[string][]byte{
		"cut in a frame":     file[:len(file)-1],
		"cut in a length":    file[:2],
		"an endless frame":   bytes.Repeat([]byte{0xff}, 100),
		"not answers at all": []byte("\x00\x00\x00\x04abcd"),
	} {
		t.Run(name, func(t *testing.T) {
			spool := w.spool(damaged)
			job, err := w.runner.Start(t.Context(), jobs.JobSpec{
				Kind: jobs.KindSettlements, Target: "b-11", Principal: "finance-preparer", SpoolFile: spool, ContentType: jobs.AnswersType,
			})
			require.NoError(t, err)
			require.Equal(t, jobs.StateFailed, end(t, w.runner, job.ID).State)
			require.Contains(t, w.log.String(), "damaged")
		})
	}
}

// A day on which the bank cannot have moved the money is refused with its reason and does not come on the ledger.
func TestDaysOfAnswers(t *testing.T) {
	w := newWorld(t, 100)
	w.network.Ledger.SetTime(time.Date(2026, 11, 9, 16, 30, 0, 0, time.UTC)) // the 10th in China
	w.options.Location = time.FixedZone("China", 8*3600)
	w.runner = w.newRunner(w.outbox)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	w.do(jobs.KindLines, "b-11", "civil-preparer", town(t, "payments-2026-11.csv"))
	w.instruct("b-11")
	file := "payment_id,amount,result,reason,date,bank_reference\n"
	for i, day := range []string{"1970-01-01", "2026-11-09", "2026-11-22", "9999-12-31", "2026-11-10", "2026-11-21"} {
		file += fmt.Sprintf("dibao-530181-%07d-202611-1,%s,credited,,%s,N-%d\n", i, w.amountOf(uint32(i)), day, i)
	}
	file += "dibao-530181-0000004-202611-1," + w.amountOf(4) + ",returned,AC04,2026-11-10,N-4\n" // the opposite: for two officials
	job := w.do(jobs.KindSettlements, "b-11", "finance-preparer", []byte(file))
	require.Equal(t, "2 accepted, 0 unchanged, 5 refused", counts(job))
	require.Equal(t, []string{
		"2 date-out-of-bounds date", "3 date-out-of-bounds date", "4 date-out-of-bounds date", "5 date-out-of-bounds date",
		"8 reversal-by-two ",
	}, refusedLines(job))
	require.Contains(t, job.Refusals[1].Note, "2026-11-10 至 2026-11-21")
	require.Contains(t, job.Refusals[1].Note, "between 2026-11-10 and 2026-11-21")
	for i, want := range []payment.State{"instructed", "instructed", "instructed", "instructed", "credited", "credited"} {
		var p payment.Payment
		w.read("payment:Payment", object{"id": fmt.Sprintf("dibao-530181-%07d-202611-1", i)}, &p)
		require.Equal(t, want, p.State, i)
	}
}
