package uploads

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/table"
)

// Job answers with a job as it is now, or with the stream of its progress.
func (h *Handlers) Job(c *gin.Context) error {
	format, err := rest.Accept(c, rest.JSONType, rest.EventStream)
	if err != nil {
		return err
	}
	job, err := h.readableJob(c)
	if err != nil {
		return err
	}
	if format == rest.JSONType {
		return h.answerJob(c, http.StatusOK, &job)
	}
	return h.streamJob(c, job.ID)
}

// streamJob sends an event for each progress and one when the job is done. It ends with the gateway: the caller asks again and
// follows the resumed job.
func (h *Handlers) streamJob(c *gin.Context, id string) error {
	principal := rest.Caller(c).Name
	if !h.core.Streams.Begin(principal) {
		return problem.TooMany.Because("同时跟踪的任务过多。", "Too many jobs are followed at a time.")
	}
	defer h.core.Streams.End(principal)
	updates, err := h.Jobs.Watch(c.Request.Context(), id)
	if err != nil {
		return jobProblem(err)
	}
	events := rest.BeginEvents(c)
	if rest.HeadOnly(c) {
		return nil
	}
	for n := 1; ; n++ {
		var job jobs.Job
		open := true
		select {
		case job, open = <-updates: // closed when the job is done or the caller gone
		case <-h.Stopping:
			return nil
		}
		if !open || !sendEvent(events, n, &job) || job.Done() {
			return nil
		}
	}
}

// sendEvent reports whether an event was sent; a caller who is gone asks again.
func sendEvent(events *rest.Events, n int, job *jobs.Job) bool {
	event := "progress"
	if job.Done() {
		event = "done"
	}
	return events.Send(strconv.Itoa(n), event, job)
}

// Refusals are the refused lines of a job for a spreadsheet.
var Refusals = table.New(
	table.Integer("line", func(r *jobs.Refusal) int { return r.Line }),
	table.Text("serial", func(r *jobs.Refusal) string { return r.Seq }),
	table.Text("field", func(r *jobs.Refusal) string { return r.Field }),
	table.Text("code", func(r *jobs.Refusal) relief.LineCode { return r.Code }),
	table.Text("reason", func(r *jobs.Refusal) string { return r.Reason }),
	table.Text("note", func(r *jobs.Refusal) string { return r.Note }),
)

// Refusals answers with the refused lines of a job, for a spreadsheet or a program.
func (h *Handlers) Refusals(c *gin.Context) error {
	o, err := h.core.TableOptions(c, table.CSV, table.NDJSON, table.Workbook)
	if err != nil {
		return err
	}
	job, err := h.readableJob(c)
	if err != nil {
		return err
	}
	refusals, err := h.Jobs.Refusals(job.ID)
	if err != nil {
		return jobProblem(err)
	}
	defer func() { _ = refusals.Close() }()
	return rest.WriteEach(h.core, c, "refusals", Refusals, o, eachRefusal(refusals))
}

// eachRefusal reads one refusal after another.
func eachRefusal(refusals io.Reader) func() (jobs.Refusal, bool, error) {
	d := json.NewDecoder(refusals)
	return func() (r jobs.Refusal, there bool, err error) {
		err = d.Decode(&r)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return r, false, nil // a line that is being written comes with the next reading
		}
		return r, err == nil, err
	}
}

// readableJob is the job of the path for who started it, and for who has the duty to read in a region that covers the starter's:
// nobody acts outside their own region, so neither does their job.
func (h *Handlers) readableJob(c *gin.Context) (jobs.Job, error) {
	job, err := h.Jobs.Get(c.Param("id"))
	if err != nil {
		return job, jobProblem(err)
	}
	if job.Principal == rest.Caller(c).Name {
		return job, nil
	}
	if err := h.core.HasDuty(c, relief.ActRead); err != nil {
		return job, err
	}
	starter, known := h.core.Ledger.Identity(job.Principal)
	if !known {
		return job, problem.Forbidden.Because("任务的提交人已不在本网关的设置中。", "The gateway's settings do not name who started the job any more.")
	}
	caller, _ := h.core.Ledger.Identity(rest.Caller(c).Name) // known, as the duty is
	return job, relief.RequireRegion(caller.Official(), starter.Official().Region)
}

// jobProblem is what a failed look-up of a job means.
func jobProblem(err error) error {
	if errors.Is(err, jobs.ErrNoJob) {
		return problem.NotFound.Because("没有这个编号的任务。", "There is no job with this id.")
	}
	return err
}
