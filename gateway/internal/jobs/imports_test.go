package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/rollimport"
)

// rows are the lines of a kind that are kept of an import.
func (w *world) rows(id relief.ImportID, kind rollimport.Kind) []rollimport.Row {
	w.t.Helper()
	rows, next, err := w.runner.Imports().Rows(string(id), kind, 0, 1_000_000)
	require.NoError(w.t, err)
	require.Zero(w.t, next)
	return rows
}

// kept lists the imports of which something is kept.
func (w *world) kept() []string {
	w.t.Helper()
	ids, err := w.runner.Imports().List()
	require.NoError(w.t, err)
	return ids
}

// details opens what a line says of its person.
func (w *world) details(id relief.ImportID, r *rollimport.Row) (name, account string) {
	w.t.Helper()
	sealed, err := w.runner.Imports().Details(string(id), []*rollimport.Span{r.Details})
	require.NoError(w.t, err)
	person, err := personsKey.Opener().Person(sealed[0], r.Subject, "dibao")
	require.NoError(w.t, err)
	return person.Name.Reveal(), person.Account.Reveal()
}

// edited is the town's roll with some lines changed; lines[0] is the header.
func edited(t *testing.T, edit func(lines []string)) []byte {
	t.Helper()
	lines := strings.SplitAfter(strings.TrimSuffix(string(town(t, "roll.csv")), "\n"), "\n")
	edit(lines)
	return []byte(strings.Join(lines, ""))
}

func allChanged(t *testing.T) []byte {
	t.Helper()
	return []byte(strings.ReplaceAll(string(town(t, "roll.csv")), ",A,", ",B,"))
}

func cell(line string, n int) string { return strings.Split(line, ",")[n] }

const cardColumn = 4

// Nobody is on the roll before a second official has confirmed, and then everybody is, once.
func TestAnImportNeedsTwoOfficials(t *testing.T) {
	w := newWorld(t, 7)
	job := w.propose(town(t, "roll.csv"))
	require.Equal(t, "300 accepted, 0 unchanged, 0 refused", counts(job))
	require.Regexp(t, `^dibao-530181-20261120-[a-z2-7]{6}$`, job.Import.ID)
	require.Equal(t, 300, job.Import.New)
	require.Equal(t, 1, job.Transactions)
	require.Equal(t, []string{string(job.Import.ID)}, w.kept())
	w.requireNobody()

	early := w.carry(job.Import.ID)
	require.Equal(t, jobs.StateFailed, early.State)
	require.Contains(t, early.Error, "WRONG_STATE")
	w.requireNobody()

	w.decide(job.Import, true)
	done := w.carry(job.Import.ID)
	require.Equal(t, jobs.StateDone, done.State, done.Error)
	require.Equal(t, "300 accepted, 0 unchanged, 0 refused", counts(done))
	require.Empty(t, w.kept(), "nothing is kept of an import that was carried out")
	again := w.carry(job.Import.ID)
	require.Equal(t, done, again, "a job that is done does not begin again")
	w.requireDense()
}

func (w *world) requireNobody() {
	w.t.Helper()
	var status struct{ Segments []object }
	w.read("roll:Status", object{"programme": "dibao", "county": "530181"}, &status)
	require.Empty(w.t, status.Segments)
}

func TestAnImportThatIsRefused(t *testing.T) {
	w := newWorld(t, 10)
	job := w.propose(town(t, "roll.csv"))
	w.decide(job.Import, false)
	done := w.carry(job.Import.ID)
	require.Equal(t, jobs.StateFailed, done.State)
	require.Contains(t, done.Error, "WRONG_STATE")
	w.requireNobody()
	require.Equal(t, []string{string(job.Import.ID)}, w.kept())
	w.with(nil) // a runner sweeps when it begins
	require.Eventually(t, func() bool { return len(w.kept()) == 0 }, 5*time.Second, time.Millisecond, "the sweep deletes what nobody carries out")
}

func TestAnImportThatIsWithdrawn(t *testing.T) {
	w := newWorld(t, 10)
	job := w.propose(town(t, "roll.csv"))
	w.act("civil-preparer", "roll:WithdrawImport", object{"id": job.Import.ID})
	w.with(nil)
	require.Eventually(t, func() bool { return len(w.kept()) == 0 }, 5*time.Second, time.Millisecond)
	w.requireNobody()
}

// A proposal that was put on the ledger by a gateway that was stopped before it knew is proposed again as it was: another
// sealing would have other hashes.
func TestAProposalBeginsAgainAfterItsGatewayWasStopped(t *testing.T) {
	w := newWorld(t, 10)
	proposed := make(chan struct{})
	var once sync.Once
	w.with(func(ctx context.Context, call ledger.Call) error {
		if call.Function != "roll:ProposeImport" {
			return nil
		}
		_, err := w.outbox.Send(ctx, "", call, nil)
		require.NoError(t, err)
		once.Do(func() { close(proposed) })
		<-ctx.Done()
		return ctx.Err()
	})
	job := w.start(jobs.KindRoll, "dibao", "civil-preparer", edited(t, func(lines []string) {
		lines[5] = strings.Replace(lines[5], ","+cell(lines[5], 7)+",", ",b,", 1)
	}))
	<-proposed
	require.NoError(t, w.runner.Close())
	w.with(nil)
	require.NoError(t, w.runner.Resume(t.Context()))
	done := end(t, w.runner, job.ID)
	require.Equal(t, jobs.StateDone, done.State, done.Error)
	require.Equal(t, "299 accepted, 0 unchanged, 1 refused", counts(done))
	require.Equal(t, 6, done.Refusals[0].Line)
	w.decide(done.Import, true)
	require.Equal(t, "299 accepted, 0 unchanged, 0 refused", counts(w.carry(done.Import.ID)))
}

// A job that carries an import out goes on where its gateway was stopped, and no chunk is carried out twice.
func TestAnImportGoesOnAfterItsGatewayWasStopped(t *testing.T) {
	w := newWorld(t, 10)
	proposed := w.propose(town(t, "roll.csv"))
	w.decide(proposed.Import, true)
	reached := make(chan struct{}, 1)
	passed := 0
	var mu sync.Mutex
	w.with(func(ctx context.Context, _ ledger.Call) error {
		mu.Lock()
		passed++
		stop := passed > 4
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
	job, err := w.runner.CarryImport(t.Context(), proposed.Import.ID, "civil-approver")
	require.NoError(t, err)
	<-reached
	require.NoError(t, w.runner.Close())
	w.with(nil)
	require.NoError(t, w.runner.Resume(t.Context()))
	done := end(t, w.runner, job.ID)
	require.Equal(t, jobs.StateDone, done.State, done.Error)
	require.Equal(t, 300, done.Result.Accepted+done.Result.Unchanged)
	require.Positive(t, done.Result.Unchanged)
	require.Empty(t, w.kept())
	w.requireDense()
}

func TestAnImportThatFailedBeginsAgain(t *testing.T) {
	w := newWorld(t, 10)
	proposed := w.propose(town(t, "roll.csv"))
	w.decide(proposed.Import, true)
	w.with(func(context.Context, ledger.Call) error { return errors.New("broken") })
	require.Equal(t, jobs.StateFailed, w.carry(proposed.Import.ID).State)
	w.with(nil)
	require.Equal(t, "300 accepted, 0 unchanged, 0 refused", counts(w.carry(proposed.Import.ID)))
}

// What was proposed is what is carried out: chunks that were changed on the disk are not.
func TestDamagedChunksAreNotCarriedOut(t *testing.T) {
	w := newWorld(t, 100)
	proposed := w.propose(town(t, "roll.csv"))
	w.decide(proposed.Import, true)
	path := filepath.Join(w.options.Dir, "imports", string(proposed.Import.ID), "chunks")
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	b[100] ^= 1
	require.NoError(t, os.WriteFile(path, b, 0o600))
	done := w.carry(proposed.Import.ID)
	require.Equal(t, jobs.StateFailed, done.State)
	require.Contains(t, done.Error, "withdraw it and send the file again")
	w.requireNobody()
}

// Somebody else put people on the roll after the plan was made: the new people get other numbers.
func TestPeopleGetOtherNumbersWhenTheirsAreTaken(t *testing.T) {
	w := newWorld(t, 9)
	late := w.propose(tailOf(town(t, "roll.csv"), 150))
	early := w.propose(headOf(town(t, "roll.csv"), 150))
	w.decide(late.Import, true)
	w.decide(early.Import, true)
	one, err := w.runner.CarryImport(t.Context(), early.Import.ID, "civil-approver")
	require.NoError(t, err)
	require.Equal(t, "150 accepted, 0 unchanged, 0 refused", counts(w.carry(late.Import.ID)))
	require.Equal(t, "150 accepted, 0 unchanged, 0 refused", counts(end(t, w.runner, one.ID)))
	require.Equal(t, "0 accepted, 300 unchanged, 0 refused", counts(w.propose(town(t, "roll.csv"))))
}

func TestAnIDThatAnotherImportHas(t *testing.T) {
	w := newWorld(t, 100)
	spec := jobs.JobSpec{Kind: jobs.KindRoll, Target: "dibao", Principal: "civil-preparer", ContentType: "text/csv", Import: "spring"}
	spec.SpoolFile = w.spool(town(t, "roll.csv"))
	job, err := w.runner.Start(t.Context(), spec)
	require.NoError(t, err)
	require.Equal(t, relief.ImportID("spring"), end(t, w.runner, job.ID).Import.ID)
	spec.SpoolFile = w.spool(town(t, "roll.csv"))
	job, err = w.runner.Start(t.Context(), spec)
	require.NoError(t, err)
	require.Contains(t, end(t, w.runner, job.ID).Error, "choose another id")
	w.act("civil-preparer", "roll:WithdrawImport", object{"id": "spring"})
	require.NoError(t, w.runner.Imports().Remove("spring"))
	spec.SpoolFile = w.spool(town(t, "roll.csv"))
	job, err = w.runner.Start(t.Context(), spec)
	require.NoError(t, err)
	require.Contains(t, end(t, w.runner, job.ID).Error, "CONFLICT")
	require.Empty(t, w.kept(), "a proposal that the contract refuses is not kept")
}

// A second import shows what it changes, line by line, and who is missing; the confirmed changes are on the roll.
func TestASecondImportShowsItsChanges(t *testing.T) {
	w := newWorld(t, 9)
	w.importRoll()
	var amount, card, gone string
	file := edited(t, func(lines []string) {
		amount, card, gone = cell(lines[5], 9), cell(lines[7], cardColumn), lines[9]
		lines[5] = strings.Replace(lines[5], amount, "999.50\n", 1)
		lines[7] = strings.Replace(lines[7], card, "6230599083016613192", 1)
		lines[8] = strings.Replace(lines[8], ",530181", ",530129", 1) // another county's village
		lines[9] = ""
		lines[11] = strings.Replace(lines[11], cell(lines[11], 1), "530181999", 1) // moved
	})
	job := w.propose(file)
	require.Equal(t, "2 accepted, 295 unchanged, 2 refused", counts(job))
	require.Equal(t, 2, job.Import.Changed)
	require.Equal(t, 1, job.Import.Missing)
	require.Equal(t, []string{"9 region-outside-county", "11 region-differs"}, codes(job.Refusals))

	changed := w.rows(job.Import.ID, rollimport.KindChanged)
	require.Len(t, changed, 2)
	require.Equal(t, []rollimport.Change{{Column: "amount", Old: strings.TrimSpace(amount), New: "999.50"}}, changed[0].Changes)
	require.Equal(t, []rollimport.Change{{Column: "account"}}, changed[1].Changes)
	_, after := w.details(job.Import.ID, &changed[1])
	require.Equal(t, "6230599083016613192", after)
	missing := w.rows(job.Import.ID, rollimport.KindMissing)
	require.Len(t, missing, 1)
	require.Equal(t, cell(gone, 1), string(missing[0].Region))

	w.decide(job.Import, true)
	require.Equal(t, "2 accepted, 0 unchanged, 0 refused", counts(w.carry(job.Import.ID)))
	again := w.propose(file)
	require.Equal(t, "0 accepted, 297 unchanged, 2 refused", counts(again))
	w.requireDense()
}

func codes(refusals []jobs.Refusal) (texts []string) {
	for _, r := range refusals {
		texts = append(texts, fmt.Sprint(r.Line, " ", r.Code))
	}
	return texts
}

// One household's row has another's card: both are refused and shown, and nothing is payable before (490 households).
func TestAnotherHouseholdsCard(t *testing.T) {
	w := newWorld(t, 1000)
	file := households(490)
	lines := strings.SplitAfter(string(file), "\n")
	owner, wrong := 100, 200
	lines[wrong] = strings.Replace(lines[wrong], cell(lines[wrong], cardColumn), cell(lines[owner], cardColumn), 1)
	job := w.propose([]byte(strings.Join(lines, "")))
	require.Equal(t, "488 accepted, 0 unchanged, 2 refused", counts(job))
	require.Equal(t, []string{"101 shared-account", "201 shared-account"}, codes(job.Refusals))
	require.Contains(t, job.Refusals[0].Note, "201")
	doubtful := w.rows(job.Import.ID, rollimport.KindDoubtful)
	require.Len(t, doubtful, 2)
	require.Equal(t, []rollimport.Doubt{{Code: rollimport.DoubtShared, Lines: []int{201}}}, doubtful[0].Doubts)
	_, one := w.details(job.Import.ID, &doubtful[0])
	_, two := w.details(job.Import.ID, &doubtful[1])
	require.Equal(t, one, two)
	w.requireNobody()

	w.decide(job.Import, true)
	require.Equal(t, "488 accepted, 0 unchanged, 0 refused", counts(w.carry(job.Import.ID)))
	// The row that is right now is compared with the roll, and so is one with the card of somebody who is on it.
	other := strings.Replace(lines[owner], cell(lines[owner], cardColumn), cell(lines[7], cardColumn), 1)
	job = w.propose([]byte(lines[0] + lines[wrong] + other))
	require.Equal(t, "1 accepted, 0 unchanged, 1 refused", counts(job))
	require.Equal(t, 487+1, job.Import.Missing)
	require.Contains(t, job.Refusals[0].Note, "roll number")
}

// households is a roll of so many households, each with a name, a number and a card of its own.
func households(n int) []byte {
	var b strings.Builder
	b.WriteString("户编号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,类别,联系电话,月保障金额\n")
	for i := range n {
		name := string([]rune{'赵', '钱' + rune(i/50), '孙' + rune(i%50)})
		fmt.Fprintf(&b, "%07d,530181%03d%03d,%s,%s,%s,农村信用社,2,B,13800000000,960.00\n", i, i%9+1, 200+i%20, name, idNumber(i), card(i))
	}
	return []byte(b.String())
}

func idNumber(i int) string {
	s := fmt.Sprintf("530181%04d%02d%02d%03d", 1940+i%50, 1+i%12, 1+i%28, 1+i%999)
	for _, check := range "0123456789X" {
		if _, code := relief.ParseIDNumber(s + string(check)); code == "" {
			return s + string(check)
		}
	}
	return ""
}

func card(i int) string {
	s := fmt.Sprintf("62305977%010d", i)
	sum := 0
	for k := range s {
		d := int(s[len(s)-1-k] - '0')
		if k%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return fmt.Sprint(s, (10-sum%10)%10)
}

func TestDoubts(t *testing.T) {
	w := newWorld(t, 100)
	file := strings.SplitAfter(string(households(20)), "\n")
	right := cell(file[3], cardColumn)
	file[3] = strings.Replace(file[3], right, right[:18]+string('0'+(right[18]-'0'+1)%10), 1)
	file[5] = strings.Replace(file[5], cell(file[5], 2), cell(file[6], 2), 1) // a neighbour's name
	file[5] = strings.Replace(file[5], cell(file[5], 1), cell(file[6], 1), 1)
	file[20] = strings.Replace(file[9], cell(file[9], cardColumn), card(99), 1) // number twice
	job := w.propose([]byte(strings.Join(file, "")))
	got := map[int][]string{}
	for _, r := range w.rows(job.Import.ID, rollimport.KindDoubtful) {
		for _, d := range r.Doubts {
			got[r.Line] = append(got[r.Line], fmt.Sprint(d.Code, d.Lines))
		}
	}
	require.Equal(t, map[int][]string{
		4: {"check-digit[]"}, 6: {"same-name[7]"}, 7: {"same-name[6]"}, 10: {"number-twice[21]"}, 21: {"number-twice[10]"},
	}, got)
	require.Equal(t, []string{"21 duplicate-of-line-10"}, codes(job.Refusals))
}

// What the record cannot show of its own comes with the roll, and is marked as told.
func TestWhatWasPaidBeforeComesWithTheRoll(t *testing.T) {
	w := newWorld(t, 100)
	lines := strings.Split(strings.TrimSpace(string(town(t, "roll.csv"))), "\n")
	lines[0] += ",已发放至,已发放金额,家庭成员"
	lines[1] += ",2025-12,4800.00," + idNumber(700)
	lines[2] += ",,,"
	done := w.putOnRoll([]byte(strings.Join(lines[:3], "\n")))
	require.Equal(t, "2 accepted, 0 unchanged, 0 refused", counts(done), "%+v", done.Refusals)
	var standing struct{ Segment, Payees []byte }
	w.read("roll:Standing", object{"programme": "dibao", "county": "530181", "segment": 0}, &standing)
	part, err := roll.ParsePart(roll.SegmentAddr{Programme: "dibao", County: "530181", Size: 100}, standing.Segment, standing.Payees)
	require.NoError(t, err)
	told := []roll.Told{part.Segment.Told(0), part.Segment.Told(1)}
	require.True(t, slices.ContainsFunc(told, func(told roll.Told) bool {
		return told.PaidThrough.String() == "2025-12" && told.PaidSum == 480000
	}), "%+v", told)
}

func TestTheSummaryOfAnImport(t *testing.T) {
	w := newWorld(t, 100)
	job := w.propose(town(t, "roll.csv"))
	kept, err := w.runner.Imports().Load(string(job.Import.ID))
	require.NoError(t, err)
	require.Equal(t, 300, kept.New.Count)
	require.Equal(t, job.Import.Sum, kept.New.Sum)
	count, sum := 0, relief.Fen(0)
	for _, township := range kept.Townships {
		require.Len(t, string(township.Region), 9)
		count, sum = count+township.Count, sum+township.Sum
	}
	require.Equal(t, 300, count)
	require.Equal(t, kept.New.Sum, sum)
	b, err := json.Marshal(job)
	require.NoError(t, err)
	require.Contains(t, string(b), `"import":{"id":"dibao-530181-`)
}
