package httpapi

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/jobs"
)

// eventTime is how long a caller of a stream may take to read one event.
const eventTime = 30 * time.Second

// getJob answers with a job as it is now, or with the stream of its progress.
func (a *API) getJob(c *gin.Context) {
	format, err := accept(c, "application/json", "text/event-stream")
	if err == nil {
		err = allowQuery(c)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	job, err := a.Jobs.Get(c.Param("id"))
	if err != nil {
		a.fail(c, jobProblem(err))
		return
	}
	if format == "application/json" {
		a.answerJob(c, http.StatusOK, job)
		return
	}
	a.streamJob(c, job.ID)
}

// streamJob sends an event for each progress and one when the job is done.
func (a *API) streamJob(c *gin.Context, id string) {
	updates, err := a.Jobs.Watch(c.Request.Context(), id)
	if err != nil {
		a.fail(c, jobProblem(err))
		return
	}
	rc := http.NewResponseController(c.Writer)
	keepOpen(rc)
	c.Header("Content-Type", "text/event-stream; charset=utf-8")
	c.Header("X-Accel-Buffering", "no")
	c.Status(http.StatusOK)
	for n := 1; ; n++ {
		var job jobs.Job
		open := true
		select {
		case job, open = <-updates: // closed when the job is done or the caller gone
		case <-a.stopping: // the gateway ends: the caller asks again and follows the resumed job
			return
		}
		if !open {
			return
		}
		event := "progress"
		if job.Done() {
			event = "done"
		}
		data, err := json.Marshal(job)
		if err != nil {
			return
		}
		_ = rc.SetWriteDeadline(time.Now().Add(eventTime))
		if _, err := fmt.Fprintf(c.Writer, "id: %d\nevent: %s\ndata: %s\n\n", n, event, data); err != nil {
			return
		}
		_ = rc.Flush()
		if event == "done" {
			return
		}
	}
}

// byteOrderMark tells a spreadsheet that a CSV file is in UTF-8.
const byteOrderMark = "\ufeff"

// jobRefusals answers with the refused lines of a job, for a spreadsheet or a program.
func (a *API) jobRefusals(c *gin.Context) {
	format, err := accept(c, "text/csv", "application/x-ndjson")
	if err == nil {
		err = allowQuery(c)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	refusals, err := a.Jobs.Refusals(c.Param("id"))
	if err != nil {
		a.fail(c, jobProblem(err))
		return
	}
	defer func() { _ = refusals.Close() }()
	c.Header("Content-Type", format+"; charset=utf-8")
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="refusals.%s"`, extension(format)))
	c.Status(http.StatusOK)
	if format == "text/csv" {
		err = refusalsCSV(c.Writer, refusals)
	} else {
		_, err = io.Copy(c.Writer, refusals)
	}
	if err != nil {
		panic(http.ErrAbortHandler) // the caller must not take a part for the whole
	}
}

func refusalsCSV(out io.Writer, refusals io.Reader) error {
	if _, err := io.WriteString(out, byteOrderMark); err != nil {
		return err
	}
	w := csv.NewWriter(out)
	w.UseCRLF = true
	_ = w.Write([]string{"file_line", "序号", "field", "code", "reason", "note"})
	for d := json.NewDecoder(refusals); ; {
		var r jobs.Refusal
		if err := d.Decode(&r); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break // a line that is being written comes with the next reading
		} else if err != nil {
			return err
		}
		_ = w.Write([]string{ // Error tells
			strconv.Itoa(r.Line), spreadsheetSafe(r.Seq), r.Field, string(r.Code), r.Reason, spreadsheetSafe(r.Note),
		})
	}
	w.Flush()
	return w.Error()
}

// spreadsheetSafe keeps a text of the uploaded file from being taken for a formula.
func spreadsheetSafe(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
