package jobs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief/casework"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/network/testbed/invent"
)

func caseID(n int) string { return fmt.Sprintf("c-%04d", n) }

// ndjson writes n documents, a line each.
func ndjson(n int, document func(i int) object) []byte {
	var b bytes.Buffer
	for i := range n {
		line, _ := json.Marshal(document(i)) // maps of texts
		b.Write(append(line, '\n'))
	}
	return b.Bytes()
}

func application(n int) object {
	h := invent.Household(n)
	return object{
		"id": caseID(n), "programme": "dibao", "region": "530181001001", "settlement": "rural", "account": h.Account(), "income": "900.00",
		"reason": "因病致贫", "members": []object{{"name": "某甲", "id_number": h.ID()}},
	}
}

func evidence(n int) object {
	return object{
		"case": caseID(n), "kind": "home-visit", "taken_at": "2026-10-01T02:00:00Z", "region": "530181001001",
		"sha256": strings.Repeat("0", 64), "media_type": "image/jpeg",
	}
}

func notice(n int) object {
	return object{"case": caseID(n), "class": "B", "persons": 1, "amount": "480.00"}
}

func grant(n int) object { return object{"case": caseID(n), "outcome": "granted"} }

// Files of acts bring many households from application to the roll, whatever is wrong with some lines.
func TestCaseFiles(t *testing.T) {
	const households = 700
	w := newWorld(t, 100)
	start := time.Date(2026, 11, 2, 2, 0, 0, 0, time.UTC)
	w.network.Ledger.SetTime(start)
	apply := ndjson(households, application)
	bad := application(households)
	bad["members"] = []object{{"name": "某乙", "id_number": "530129193001010019"}}
	badLine, _ := json.Marshal(bad)
	again, _ := json.Marshal(object{"id": "c-again", "programme": "dibao", "region": "530181001001", "settlement": "rural", "account": "6222021234567890123",
		"income": "900.00", "reason": "重复", "members": application(3)["members"]})
	file := bytes.Join([][]byte{apply, badLine, []byte("\n\nno json\n"), again, []byte("\n")}, nil)
	job := w.do(jobs.KindCases, "case.apply", "civil-preparer", file)
	require.Equal(t, "700 accepted, 0 unchanged, 3 refused", counts(job))
	require.Equal(t, []string{"701 invalid members.id_number", "703 columns ", "704 duplicate members"}, refusedLines(job))
	require.NotContains(t, fmt.Sprint(job.Result.Refusals), "530129193001010019")
	require.NotContains(t, w.log.String(), "某甲")
	job = w.do(jobs.KindCases, "case.apply", "civil-preparer", apply)
	require.Equal(t, "0 accepted, 700 unchanged, 0 refused", counts(job), "the same file again")

	job = w.do(jobs.KindCases, "case.attach", "civil-preparer", ndjson(households, evidence))
	require.Equal(t, "700 accepted, 0 unchanged, 0 refused", counts(job))
	job = w.do(jobs.KindCases, "case.notice", "civil-preparer", ndjson(households, notice))
	require.Equal(t, "700 accepted, 0 unchanged, 0 refused", counts(job))
	job = w.do(jobs.KindCases, "case.decide", "civil-approver", ndjson(5, grant))
	require.Equal(t, "0 accepted, 0 unchanged, 5 refused", counts(job))
	require.Equal(t, "1 notice ", refusedLines(job)[0])
	w.network.Ledger.SetTime(start.AddDate(0, 0, 8))
	job = w.do(jobs.KindCases, "case.decide", "civil-approver", append(ndjson(households+1, grant), "{\"outcome\":\"granted\"}\n"...))
	require.Equal(t, "700 accepted, 0 unchanged, 2 refused", counts(job))
	require.Equal(t, []string{"701 not-found ", "702 invalid case"}, refusedLines(job))
	var roll struct {
		Segments []struct{ Count int }
		Next     int
	}
	w.read("roll:Status", object{"programme": "dibao", "county": "530181"}, &roll)
	require.Len(t, roll.Segments, 7)
	require.Equal(t, households, roll.Next)
	job = w.do(jobs.KindCases, "case.decide", "civil-approver", ndjson(households, grant))
	require.Equal(t, "0 accepted, 700 unchanged, 0 refused", counts(job))
}

func refusedLines(job jobs.Job) (lines []string) {
	for _, r := range job.Result.Refusals {
		lines = append(lines, fmt.Sprint(r.Line, " ", r.Code, " ", r.Field))
	}
	return lines
}

// A gateway that was stopped in the middle of a file goes on where it was.
func TestCaseFilesAreResumed(t *testing.T) {
	w := newWorld(t, 100)
	w.network.Ledger.SetTime(time.Date(2026, 11, 2, 2, 0, 0, 0, time.UTC))
	job := w.start(jobs.KindCases, "case.apply", "civil-preparer", ndjson(2000, application))
	require.NoError(t, w.runner.Close())
	w.runner = w.newRunner(w.outbox)
	require.NoError(t, w.runner.Resume(t.Context()))
	done := end(t, w.runner, job.ID)
	require.Equal(t, jobs.StateDone, done.State, done.Error)
	require.Equal(t, 2000, done.Result.Accepted+done.Result.Unchanged)
	require.Zero(t, done.Result.Refused)
}

// Acts on one case are done in the order of the file.
func TestActsOnOneCaseKeepTheirOrder(t *testing.T) {
	w := newWorld(t, 100)
	w.network.Ledger.SetTime(time.Date(2026, 11, 2, 2, 0, 0, 0, time.UTC))
	w.do(jobs.KindCases, "case.apply", "civil-preparer", ndjson(3, application))
	papers := ndjson(600, func(i int) object {
		e := evidence(i % 3)
		e["kind"], e["sha256"] = "document", fmt.Sprintf("%064x", i)
		return e
	})
	job := w.do(jobs.KindCases, "case.attach", "civil-preparer", papers)
	require.Equal(t, "600 accepted, 0 unchanged, 0 refused", counts(job))
	var c casework.Case
	w.read("case:Get", object{"case": caseID(1)}, &c)
	require.Len(t, c.Evidence, 200)
	for i, e := range c.Evidence {
		require.Equal(t, fmt.Sprintf("%064x", 3*i+1), e.SHA256)
	}
}
