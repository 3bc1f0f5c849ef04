package uploads

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/gather"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
)

// Agency systems also send one payment at a time. What many small files would each cost is shared: the question whether the
// official may upload at all, and, among the jobs, the transaction. The answer waits for the end, so that nobody has to ask again.

// How long the answer to a small file waits for its job: usually, and at most when the caller prefers another time.
const (
	usualWait   = 5 * time.Second
	longestWait = 30 * time.Second
)

// small reports whether a file of so many bytes goes with others. A length that is not known is less than 0.
func small(spec *jobs.JobSpec, bytes int64) bool {
	return (spec.Kind == jobs.KindLines || spec.Kind == jobs.KindSettlements) && bytes >= 0 && bytes <= jobs.SmallFile
}

// answerEnded answers with a job, of a small file with its end unless that takes too long. Meanwhile others are worked on. A file
// that is in memory goes to disk before its caller is told that it was taken; who is told nothing, because the gateway was
// stopped or the line was cut, sends it again under its key.
func (h *Handlers) answerEnded(c *gin.Context, spec *jobs.JobSpec, job *jobs.Job) error {
	wait := preferred(c)
	if !spec.Small || job.Done() || wait == 0 {
		return h.answerJob(c, http.StatusAccepted, job)
	}
	rest.GivePlaceBack(c)
	ctx, cancel := context.WithTimeout(c.Request.Context(), wait)
	defer cancel()
	ended, err := h.Jobs.Wait(ctx, job.ID)
	if err == nil && !ended.Done() && spec.Content != nil {
		ended, err = h.keep(c, spec, job.ID)
	}
	if err != nil {
		return jobProblem(err)
	}
	return h.answerJob(c, http.StatusAccepted, &ended)
}

// keep puts a job's file, and the job, to disk.
func (h *Handlers) keep(c *gin.Context, spec *jobs.JobSpec, id string) (jobs.Job, error) {
	spooled, err := h.Spool(context.WithoutCancel(c.Request.Context()), bytes.NewReader(spec.Content), spec.ContentType, "", spec.Kind)
	if err != nil {
		return jobs.Job{}, err
	}
	if err := h.Jobs.Keep(id, spooled.File); err != nil {
		return jobs.Job{}, err
	}
	return h.Jobs.Get(id)
}

// preferred is how long the caller prefers to wait (RFC 7240): respond-async, or wait=SECONDS.
func preferred(c *gin.Context) time.Duration {
	for _, preference := range strings.Split(strings.Join(c.Request.Header.Values("Prefer"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(preference), "=")
		seconds, err := strconv.Atoi(strings.TrimSpace(value))
		switch {
		case strings.EqualFold(name, "respond-async"):
			return 0
		case strings.EqualFold(name, "wait") && err == nil && seconds >= 0:
			return min(time.Duration(min(seconds, 3600))*time.Second, longestWait)
		}
	}
	return usualWait
}

// probe is a question that the same official asks with each upload of one kind to one record.
type probe struct{ signer, function, argument string }

// newProbes has those who ask the same while it is being asked share the next answer.
func newProbes(core *rest.Core) *gather.Gatherer[probe, ledger.Call, struct{}] {
	return gather.New(func(_ probe, group []ledger.Call) ([]struct{}, error) {
		return make([]struct{}, len(group)), core.ProbeCall(context.Background(), group[0])
	}, gather.Options[ledger.Call]{})
}

// ask asks the contract whether it would take an upload.
func (h *Handlers) ask(ctx context.Context, call ledger.Call) error {
	_, err := h.probes.Do(ctx, probe{call.Signer, call.Function, string(call.Argument)}, call)
	return err
}
