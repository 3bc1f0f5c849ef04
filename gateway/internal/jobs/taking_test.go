package jobs_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/rollimport"
)

// another drafts and enacts another programme.
func (w *world) another(id string, terms object) {
	w.t.Helper()
	draft := object{
		"id": id, "version": 1, "name": "另一项目", "region": "530181", "unit": "person", "cycle": "monthly", "min_amount": "1.00", "max_amount": "6000.00",
		"starts": "2026-01", "notice_days": 7, "pay_by_day": 10, "budget": object{"functional": "2081901", "economic": "50901"}, "segment_size": w.size,
	}
	for field, value := range terms {
		draft[field] = value
	}
	w.act("civil-preparer", "programme:Draft", draft)
	w.act("finance-approver", "programme:Enact", object{"id": id, "version": 1})
}

// take proposes a month's people of the programme wujia.
func (w *world) take(month string) jobs.Job {
	w.t.Helper()
	job, err := w.runner.Start(w.t.Context(), jobs.JobSpec{Kind: jobs.KindTaking, Target: "wujia", County: "530181", From: month, Principal: "civil-preparer"})
	require.NoError(w.t, err)
	return end(w.t, w.runner, job.ID)
}

// A price subsidy takes its people from two rolls, with their names and accounts: those on both once, from the first. Who is left out
// is listed with the reason, before the second official agrees. The month after renews the numbers.
func TestTakingFromOtherRolls(t *testing.T) {
	w := newWorld(t, 100)
	w.putOnRoll(headOf(town(t, "roll.csv"), 200))
	w.another("tekun", object{"import_until": "2027-12-31"})
	job := w.do(jobs.KindRoll, "tekun", "civil-preparer", tailOf(town(t, "roll.csv"), 180))
	w.decide(job.Import, true)
	require.Equal(t, jobs.StateDone, w.carry(job.Import.ID).State)
	w.another("wujia", object{"from_programmes": []string{"dibao", "tekun"}, "rate_by": "household"})

	refused := w.take("2026-08")
	require.Equal(t, jobs.StateFailed, refused.State)
	require.Contains(t, refused.Error, "WRONG_STATE")
	for month, amount := range map[string]string{"2026-08": "35.00", "2026-09": "28.00"} {
		w.act("civil-preparer", "programme:ProposeRate", object{"programme": "wujia", "period": month, "amount": amount, "document": "88"})
		var rates struct {
			Items []struct{ Period, Digest string }
		}
		w.read("programme:Rates", object{"id": "wujia"}, &rates)
		for _, r := range rates.Items {
			if r.Period == month {
				w.act("finance-approver", "programme:ConfirmRate", object{"programme": "wujia", "period": month, "digest": r.Digest, "agree": true})
			}
		}
	}
	job = w.take("2026-08")
	require.Equal(t, jobs.StateDone, job.State, job.Error)
	require.Equal(t, "300 accepted, 0 unchanged, 20 refused", counts(job))
	require.Equal(t, relief.Fen(300*3500), job.Import.Sum)
	left := w.rows(job.Import.ID, rollimport.KindRefused)
	require.Len(t, left, 20)
	for _, r := range left {
		require.Equal(t, relief.LineOtherRoll, r.Code)
		require.EqualValues(t, "tekun", r.FromProgramme)
		require.True(t, strings.HasPrefix(r.Note, "dibao-530181-"), r.Note)
	}
	row := w.rows(job.Import.ID, rollimport.KindNew)[0]
	sealed, err := w.runner.Imports().Details(string(job.Import.ID), []*rollimport.Span{row.Details})
	require.NoError(t, err)
	_, err = personsKey.Opener().Person(sealed[0], row.Subject, "wujia")
	require.NoError(t, err)
	w.decide(job.Import, true)
	done := w.carry(job.Import.ID)
	require.Equal(t, "300 accepted, 0 unchanged, 0 refused", counts(done), done.Error)

	again := w.take("2026-08")
	require.Equal(t, "0 accepted, 300 unchanged, 20 refused", counts(again))
	require.Empty(t, again.Import.ID, "nobody is new")
	job = w.take("2026-09")
	require.Equal(t, "300 accepted, 0 unchanged, 20 refused", counts(job))
	w.decide(job.Import, true)
	done = w.carry(job.Import.ID)
	require.Equal(t, "300 accepted, 0 unchanged, 0 refused", counts(done), done.Error)
	var status struct{ Next uint32 }
	w.read("roll:Status", object{"programme": "wujia", "county": "530181"}, &status)
	require.EqualValues(t, 300, status.Next, "the numbers are those of August")
	require.NotContains(t, w.log.String(), "6230", "no account is logged")
}
