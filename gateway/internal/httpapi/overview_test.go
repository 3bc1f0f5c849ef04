package httpapi

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/jobs"
)

func TestTheOverviewHasWhatTheIndexAndTheUploadsSay(t *testing.T) {
	b := newBench(t)
	b.overview = index.Overview{Listed: index.Total{Count: 2, Sum: 96000}, Townships: []index.Township{}}
	b.jobs["j1"] = jobs.Job{ID: "j1", Kind: jobs.KindLines, Target: "b", State: jobs.StateDone, Result: jobs.Result{Accepted: 2, Refused: 3}}
	w := b.send(http.MethodGet, "/v1/batches/b/overview", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Contains(t, w.Body.String(), `"listed":{"count":2,"sum":"960.00"}`)
	require.Contains(t, w.Body.String(), `{"job":"j1","state":"done","accepted":2,"refused":3,"refusals":"/v1/jobs/j1/refusals"}`)
	require.Equal(t, http.StatusNotFound, problemIn(t, b.send(http.MethodGet, "/v1/batches/none/overview", "")).Status)
}

func TestAListOfTheOverviewIsOneFile(t *testing.T) {
	b := newBench(t)
	old, now := relief.Fen(48000), relief.Fen(66000)
	b.differences = []index.LineDifference{
		{Subject: relief.SubjectRef{1, 7}, Number: 3, Region: "530181003", Amount: &now, Previous: &old},
		{Number: 4, Region: "530181", AccountChanged: true, ChangedAt: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)},
	}
	w := b.send(http.MethodGet, "/v1/batches/b/overview/payees", "", header("Accept", "text/csv"))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Equal(t, index.ChangedPayees, b.askedList)
	lines := strings.Split(w.Body.String(), "\r\n")
	require.Equal(t, "\ufeffsubject,number,region,amount,previous,state,until,reason,name_changed,account_changed,changed_at", lines[0])
	require.Equal(t, b.differences[0].Subject.String()+",3,530181003,660.00,480.00,,,,,,", lines[1])
	require.True(t, strings.HasSuffix(lines[2], ",4,530181,,,,,,,true,2026-11-20T08:00:00Z"), lines[2])
	require.Equal(t, `attachment; filename="b-payees.csv"`, w.Header().Get("Content-Disposition"))
	require.Contains(t, b.send(http.MethodGet, "/v1/batches/b/overview/new?limit=1", "").Body.String(), `"next":"1"`)
	require.Equal(t, http.StatusNotFound, problemIn(t, b.send(http.MethodGet, "/v1/batches/b/overview/all", "")).Status)
	require.Equal(t, http.StatusNotAcceptable, problemIn(t, b.send(http.MethodGet, "/v1/batches/b/overview/new", "", header("Accept", "image/png"))).Status)
}
