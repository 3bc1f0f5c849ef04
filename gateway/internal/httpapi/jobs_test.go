package httpapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
