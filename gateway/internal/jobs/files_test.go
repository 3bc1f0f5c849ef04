package jobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
)

// TestMonth goes the way of one month with segments so small that each file needs many chunks.
func TestMonth(t *testing.T) {
	w := newWorld(t, 7)
	job := w.putOnRoll(town(t, "roll.csv"))
	require.Equal(t, "300 accepted, 0 unchanged, 0 refused", counts(job))
	require.Equal(t, 11, job.Transactions, "43 segments, four in each transaction")
	require.Equal(t, jobs.Progress{LinesRead: 300, Accepted: 300, Chunks: 11}, job.Progress)
	w.requireDense()
	w.requireOrdered()
	again := w.propose(town(t, "roll.csv"))
	require.Equal(t, "0 accepted, 300 unchanged, 0 refused", counts(again))
	require.Zero(t, again.Transactions, "nothing new, nothing submitted")
	require.Empty(t, again.Import.ID)

	w.open("b-11", "2026-11", 300, 34731000)
	list := town(t, "payments-2026-11.csv")
	require.Equal(t, "300 accepted, 0 unchanged, 0 refused", counts(w.do(jobs.KindLines, "b-11", "civil-preparer", list)))
	again = w.do(jobs.KindLines, "b-11", "civil-preparer", list)
	require.Equal(t, "0 accepted, 300 unchanged, 0 refused", counts(again))
	require.Zero(t, again.Transactions)
	w.instruct("b-11")

	answer := w.bankAnswer("b-11", 43)
	job = w.do(jobs.KindSettlements, "b-11", "finance-preparer", answer)
	require.Equal(t, "300 accepted, 0 unchanged, 0 refused", counts(job))
	require.Equal(t, 12, job.Transactions, "eleven chunks of four segments and the tally")
	var b struct {
		Totals struct{ Credited, Returned, Pending int }
	}
	w.read("payment:Get", object{"id": "b-11"}, &b)
	require.Equal(t, 280, b.Totals.Credited)
	require.Equal(t, 20, b.Totals.Returned)
	require.Zero(t, b.Totals.Pending)

	w.open("b-11b", "2026-11", 300, 100)
	job = w.do(jobs.KindLines, "b-11b", "civil-preparer", list)
	require.Equal(t, "0 accepted, 0 unchanged, 300 refused", counts(job))
	require.Equal(t, "1", job.Refusals[0].Seq)
	for _, r := range job.Refusals {
		id, err := relief.ParsePaymentID(r.Note)
		require.NoError(t, err)
		want := relief.LineCode("already-paid")
		if id.Number%15 == 2 { // see bankAnswer
			want = "returned-pay-again"
		}
		require.Equal(t, want, r.Code)
	}
}

// The first people of a roll are read as a range; a few who come later are asked for one by one.
func TestWhoIsReadAsARange(t *testing.T) {
	w := newWorld(t, 10)
	asked := func(file []byte) map[bool]int {
		var mu sync.Mutex
		chunks := map[bool]int{}
		w.with(func(_ context.Context, call ledger.Call) error {
			if call.Function != "roll:Import" {
				return nil
			}
			var in struct{ Range bool }
			require.NoError(t, json.Unmarshal(call.Argument, &in))
			mu.Lock()
			defer mu.Unlock()
			chunks[in.Range]++
			return nil
		})
		require.Zero(t, w.putOnRoll(file).Result.Refused)
		return chunks
	}
	require.Equal(t, map[bool]int{true: 5}, asked(headOf(town(t, "roll.csv"), 200)))
	require.Equal(t, map[bool]int{false: 3}, asked(tailOf(town(t, "roll.csv"), 200)))
	w.requireDense()
}

func TestExactlyTheDefectsAreRefused(t *testing.T) {
	for _, size := range []int{1, 10, 1000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			w := newWorld(t, size)
			w.importRoll()
			w.open("b-01", "2026-01", 300, 100)
			want := defects(t)
			job := w.do(jobs.KindLines, "b-01", "civil-preparer", defectiveList(t))
			got := map[int]string{}
			last := 0
			for _, r := range job.Refusals {
				got[r.Line] = r.Seq + " " + string(r.Code)
				require.NotEmpty(t, r.Reason)
				require.NotEmpty(t, r.Field)
				require.Greater(t, r.Line, last, "in the file's order")
				last = r.Line
			}
			require.Equal(t, want, got)
			require.Equal(t, 300-len(want), job.Result.Accepted)
			again := w.do(jobs.KindLines, "b-01", "civil-preparer", defectiveList(t))
			require.Equal(t, fmt.Sprintf("0 accepted, %d unchanged, %d refused", 300-len(want), len(want)), counts(again))
			all, err := w.runner.Refusals(again.ID)
			require.NoError(t, err)
			text, err := io.ReadAll(all)
			require.NoError(t, err)
			require.NoError(t, all.Close())
			require.Equal(t, len(want), strings.Count(string(text), "\n"))
		})
	}
}

// TestTheColumnThatDiffersFromTheRollIsNamed: another name, another card, nine persons for two, a village of another township.
func TestTheColumnThatDiffersFromTheRollIsNamed(t *testing.T) {
	w := newWorld(t, 7)
	w.importRoll()
	w.open("b-11", "2026-11", 300, 34731000)
	list := strings.NewReplacer(
		",孟华,", ",孟花,", ",6230593082462819481,", ",6230599083016613184,", ",6230598625276018958,农村信用社,2,", ",6230598625276018958,农村信用社,9,",
		"\n5,530181003214,", "\n5,530181001201,",
	).Replace(string(town(t, "payments-2026-11.csv")))
	job := w.do(jobs.KindLines, "b-11", "civil-preparer", []byte(list))
	require.Equal(t, "296 accepted, 0 unchanged, 4 refused", counts(job))
	require.Equal(t, []string{"2 name-differs name", "3 account-differs account", "5 persons-differs persons", "6 region-differs region"}, refusedLines(job))
	require.Equal(t, "2", job.Refusals[2].Note, "what the roll has")
	require.Equal(t, "530181003214", job.Refusals[3].Note)
	of, err := w.runner.Of(jobs.KindLines, "b-11")
	require.NoError(t, err)
	require.Len(t, of, 1)
	require.Equal(t, []any{job.ID, 4}, []any{of[0].ID, of[0].Result.Refused})
	none, err := w.runner.Of(jobs.KindLines, "b-1")
	require.NoError(t, err)
	require.Empty(t, none)
}

// defectiveList is the list with known defects, for a month that can be paid.
func defectiveList(t *testing.T) []byte {
	t.Helper()
	return bytes.ReplaceAll(town(t, "payments-2027-01.defects.csv"), []byte(",2027-"), []byte(",2026-"))
}

func TestGB18030(t *testing.T) {
	w := newWorld(t, 100)
	w.importRoll()
	w.open("b-12", "2026-12", 300, 34731000)
	require.Equal(t, "300 accepted, 0 unchanged, 0 refused", counts(w.do(jobs.KindLines, "b-12", "civil-preparer", town(t, "payments-2026-12.gb18030.csv"))))
}

func TestNothingPersonalIsKeptOrTold(t *testing.T) {
	w := newWorld(t, 50)
	w.importRoll()
	w.open("b-01", "2026-01", 300, 100)
	job := w.do(jobs.KindLines, "b-01", "civil-preparer", defectiveList(t))
	w.propose([]byte(strings.ReplaceAll(string(town(t, "roll.csv")), ",B,", ",b,")))
	require.NotEmpty(t, w.propose(allChanged(t)).Import.ID, "its lines are kept until it is decided")
	w.open("b-02", "2026-02", 300, 100)
	w.act("civil-preparer", "payment:Cancel", object{"id": "b-02", "reason": "test"})
	failed := end(t, w.runner, w.start(jobs.KindLines, "b-02", "civil-preparer", []byte(strings.ReplaceAll(string(town(t, "payments-2026-11.csv")), "2026-11", "2026-02"))).ID)
	require.Equal(t, jobs.StateFailed, failed.State)
	require.NoError(t, w.runner.Close())

	var kept strings.Builder
	kept.WriteString(w.log.String() + failed.Error + fmt.Sprintf("%+v", job))
	for _, pattern := range []string{"jobs/*.ndjson", "jobs/imports/*/*", "jobs.db", "outbox.db"} {
		files, err := filepath.Glob(filepath.Join(w.dir, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, name := range files {
			info, err := os.Stat(name)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
			b, err := os.ReadFile(name)
			require.NoError(t, err)
			kept.Write(b)
		}
	}
	all := kept.String()
	for _, file := range []string{"payments-2026-11.csv", "payments-2027-01.defects.csv", "roll.csv"} {
		for i, line := range strings.Split(strings.TrimSpace(string(town(t, file))), "\n") {
			cells := strings.Split(line, ",")
			if i == 0 {
				continue
			}
			secrets := []string{cells[3], cells[4]}
			if len([]rune(cells[2])) > 2 { // two characters are in other words, too
				secrets = append(secrets, cells[2])
			}
			for _, secret := range secrets {
				require.NotContains(t, all, secret, "%s line %d", file, i+1)
			}
		}
	}
}

func TestAContractThatRefusesAChunkFailsTheJobWithItsWord(t *testing.T) {
	w := newWorld(t, 10)
	w.importRoll()
	list := town(t, "payments-2026-11.csv")
	w.open("b-11", "2026-11", 300, 34731000)
	for name, c := range map[string]struct {
		kind              jobs.Kind
		target, principal string
		file              []byte
		want              string
	}{
		"an unknown batch":     {jobs.KindLines, "nowhere", "civil-preparer", list, "NOT_FOUND"},
		"another county":       {jobs.KindLines, "b-11", "civil-other-county", list, "REGION"},
		"no duty":              {jobs.KindLines, "b-11", "civil-approver", list, "FORBIDDEN"},
		"too early":            {jobs.KindSettlements, "b-11", "finance-preparer", bankLines("b-11", "202611", 3), "WRONG_STATE"},
		"an unknown programme": {jobs.KindRoll, "nowhere", "civil-preparer", town(t, "roll.csv"), "NOT_FOUND"},
		"no header":            {jobs.KindLines, "b-11", "civil-preparer", []byte("a,b\n"), "unknown-columns"},
	} {
		t.Run(name, func(t *testing.T) {
			job := end(t, w.runner, w.start(c.kind, c.target, c.principal, c.file).ID)
			require.Equal(t, jobs.StateFailed, job.State)
			require.Contains(t, job.Error, c.want)
			require.False(t, job.FinishedAt.IsZero())
			w.noUploads()
		})
	}
}

func (w *world) requireDense() {
	w.t.Helper()
	var status struct {
		SegmentSize int `json:"segment_size"`
		Segments    []struct{ Segment, Count int }
		Next        int
	}
	w.read("roll:Status", object{"programme": "dibao", "county": "530181"}, &status)
	n := 0
	for i, s := range status.Segments {
		require.Equal(w.t, i, s.Segment)
		if i < len(status.Segments)-1 {
			require.Equal(w.t, status.SegmentSize, s.Count, "segments are filled one after the other")
		}
		n += s.Count
	}
	require.Equal(w.t, n, status.Next)
}

// instruct takes a batch from its lines to the bank.
func (w *world) instruct(batch string) {
	w.t.Helper()
	id := object{"id": batch}
	w.act("civil-preparer", "payment:Seal", id)
	w.act("civil-approver", "payment:Approve", id)
	var b payment.Batch
	w.read("payment:Get", id, &b)
	file := strings.Repeat("ab", 32)
	w.act("finance-preparer", "payment:MakeFile", object{
		"id": batch, "file_sha256": file, "message_id": batch, "execute_on": "2099-12-31", "count": b.Control.Count, "sum": b.Control.Sum,
	})
	w.act("finance-approver", "payment:Authorise", object{"id": batch, "file_sha256": file})
	w.act("finance-preparer", "payment:Instruct", id)
}

// bankAnswer answers every payment of a batch; some come back.
func (w *world) bankAnswer(batch string, segments int) []byte {
	w.t.Helper()
	var b strings.Builder
	b.WriteString("支付编号,金额,结果,原因代码,日期,银行流水号\n")
	n := 0
	for segment := range segments {
		var page struct {
			Lines []struct{ ID, Amount string }
		}
		w.read("payment:Lines", object{"batch": batch, "segment": segment}, &page)
		for _, l := range page.Lines {
			result := "成功,"
			if n%15 == 2 {
				result = "退票,AC04"
			}
			fmt.Fprintf(&b, "%s,%s,%s,2026-11-10,N-%d\n", l.ID, l.Amount, result, n)
			n++
		}
	}
	require.Equal(w.t, 300, n)
	return []byte(b.String())
}

func bankLines(_, period string, n int) []byte {
	var b strings.Builder
	b.WriteString("payment_id,amount,result,reason,date,bank_reference\n")
	for i := range n {
		fmt.Fprintf(&b, "dibao-530181-%07d-%s-1,480.00,credited,,2026-11-10,N-%d\n", i, period, i)
	}
	return []byte(b.String())
}
