package httpapi

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/jobs"
)

// TestStreamsOutliveTheTimeOfABody: a job may say nothing for longer than a request may take to arrive.
func TestStreamsOutliveTheTimeOfABody(t *testing.T) {
	b := newBench(t)
	b.api.bodyTime = 30 * time.Millisecond
	b.jobs["j"] = newJob("j")
	b.watch = make(chan jobs.Job)
	server := httptest.NewServer(b.api)
	defer server.Close()
	go func() {
		<-time.After(200 * time.Millisecond)
		b.watch <- jobs.Job{ID: "j", State: jobs.StateDone}
	}()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/v1/jobs/j", http.NoBody)
	require.NoError(t, err)
	r.Header = http.Header{"Authorization": {"Bearer " + testToken}, "Accept": {"text/event-stream"}}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	stream, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Contains(t, string(stream), "event: done\n")
}

func TestStreamsEndWhenTheGatewayStops(t *testing.T) {
	b := newBench(t)
	b.jobs["j"] = newJob("j")
	b.watch = make(chan jobs.Job)
	b.api.Stop()
	w := b.send(http.MethodGet, "/v1/jobs/j", "", header("Accept", "text/event-stream"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "text/event-stream; charset=utf-8", w.Header().Get("Content-Type"))
}

// A job and its refused lines are for who started it, and for who reads in a region that covers the starter's.
func TestWhoMayReadAJob(t *testing.T) {
	for name, c := range map[string]struct {
		principal, role, region string
		status                  int
		problem                 string
	}{
		"who started it":             {"civil-preparer", "village", "530181001001", 200, ""},
		"a reader of the region":     {"civil-township", "preparer", "530181", 200, ""},
		"a reader of a wider region": {"civil-township", "preparer", "53", 200, ""},
		"a village of the county":    {"civil-township", "preparer", "530181001001", 403, "/problems/outside-region"},
		"another county":             {"civil-township", "preparer", "530129", 403, "/problems/outside-region"},
		"without the duty":           {"civil-township", "village", "530181", 403, "/problems/forbidden"},
		"of one who is gone":         {"nobody", "preparer", "530181", 403, "/problems/forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.role, b.region = c.role, c.region
			b.others = map[string]string{"civil-township": "530181"}
			b.jobs["j"] = jobs.Job{ID: "j", Principal: c.principal}
			for path, accept := range map[string]string{"/v1/jobs/j": "", "/v1/jobs/j/refusals": "text/csv"} {
				w := b.send(http.MethodGet, path, "", header("Accept", accept))
				require.Equal(t, c.status, w.Code, "%s: %s", path, w.Body.String())
				if c.problem != "" {
					require.Equal(t, c.problem, problemIn(t, w).Type)
				}
			}
		})
	}
}

// Who knows a principal and the key of a request must not know the job's id by that.
func TestIdsOfJobsCannotBeGuessed(t *testing.T) {
	seen := map[string]bool{}
	for range 20 {
		b := newBench(t, func(d *Deps) {
			d.Spool = func(context.Context, io.Reader, string, string, intake.Kind) (intake.Spooled, error) {
				return intake.Spooled{}, nil
			}
		})
		w := b.send(http.MethodPut, "/v1/batches/b/lines", "a list", header("Content-Type", "text/csv"), header("Prefer", "respond-async"))
		require.Equal(t, http.StatusAccepted, w.Code, w.Body.String())
		require.Len(t, b.jobs, 1)
		for id := range b.jobs {
			require.False(t, seen[id], "the same principal, key and file give another id")
			seen[id] = true
		}
	}
}
