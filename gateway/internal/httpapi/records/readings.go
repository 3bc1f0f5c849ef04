package records

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/reach"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/reading"
)

// The query parameters of readings.
var (
	ByReader  = rest.Text("by")
	ByPurpose = rest.Choice("purpose", reading.Purposes...)
	FromDay   = rest.NewParam("from", relief.ParseDay)
	ToDay     = rest.NewParam("to", relief.ParseDay)
	AfterRead = rest.NewParam("cursor", func(text string) (uint64, error) {
		n, err := strconv.ParseUint(text, 10, 53)
		if err != nil {
			return 0, problem.OfField("cursor", "cursor 不是上一页给出的值。", "The cursor is not one that a page gave.")
		}
		return n, nil
	})
)

// Readings lists who read personal data: pages of JSON, or everything as CSV or NDJSON. The own agency's record, or, where
// it is copied, another's. Readings of officials of other regions are left out.
func (h *Handlers) Readings(ctx context.Context, c *gin.Context) error {
	format, err := rest.Accept(c, rest.JSONType, rest.CSV, rest.NDJSON)
	if err != nil {
		return err
	}
	caller, err := reach.Of(ctx)
	if err != nil {
		return err
	}
	q := reading.Query{By: ByReader.In(c), Purpose: ByPurpose.In(c), From: string(FromDay.In(c)), To: string(ToDay.In(c))}
	if ref := BySubject.In(c); !ref.IsZero() {
		q.Subject = ref.String()
	}
	if q.Within, err = caller.Narrow(""); err != nil {
		return err
	}
	list := h.listOf(ByAgency.In(c))
	if format == rest.JSONType {
		items, next, err := list(q, AfterRead.In(c), h.core.PageSize(c))
		if err != nil {
			return noCopy(err)
		}
		page := index.Page[reading.Reading]{Items: items}
		if next > 0 {
			page.Next = strconv.FormatUint(next, 10)
		}
		return rest.JSON(c, page)
	}
	return h.exportReadings(c, q, list, format)
}

type listReadings = func(q reading.Query, after uint64, limit int) ([]reading.Reading, uint64, error)

func (h *Handlers) listOf(agency string) listReadings {
	if agency == "" || agency == h.core.Organisation {
		return h.core.Readings.List
	}
	return func(q reading.Query, after uint64, limit int) ([]reading.Reading, uint64, error) {
		return h.core.Readings.ListOf(agency, q, after, limit)
	}
}

func noCopy(err error) error {
	if errors.Is(err, reading.ErrNoCopy) {
		return problem.NotFound.Because("本网关没有该部门查阅记录的副本（设置 readings.copy）。",
			"This gateway keeps no copy of the record of this agency: the setting readings.copy.")
	}
	return err
}

var readingColumns = []string{
	"number", "at", "agency", "name", "role", "region", "purpose", "route", "record", "count", "subjects", "digest", "previous",
}

// exportReadings writes all readings. A read that fails after the first page cuts the connection off.
func (h *Handlers) exportReadings(c *gin.Context, q reading.Query, list listReadings, format string) error {
	items, next, err := list(q, 0, exportPage)
	if err != nil {
		return noCopy(err)
	}
	rest.Attachment(c, format+"; charset=utf-8", "readings."+rest.Extension(format))
	if rest.HeadOnly(c) {
		return nil
	}
	rc := http.NewResponseController(c.Writer)
	rest.KeepOpen(rc)
	out := bufio.NewWriterSize(c.Writer, 64<<10)
	write := readingWriter(out, format)
	for {
		for i := range items {
			if err := write(&items[i]); err != nil {
				panic(http.ErrAbortHandler) // the caller is gone
			}
		}
		if next == 0 {
			_ = out.Flush() // the caller is gone when this fails
			return nil
		}
		_ = rc.SetWriteDeadline(time.Now().Add(pageTime))
		if items, next, err = list(q, next, exportPage); err != nil {
			h.core.Log.ErrorContext(c.Request.Context(), "export was cut off", "request", rest.RequestID(c), "error", err.Error())
			panic(http.ErrAbortHandler)
		}
	}
}

func readingWriter(out *bufio.Writer, format string) func(*reading.Reading) error {
	if format == rest.NDJSON {
		e := json.NewEncoder(out)
		return func(r *reading.Reading) error { return e.Encode(r) }
	}
	w := rest.NewCSV(out, readingColumns...)
	return func(r *reading.Reading) error {
		subjects := make([]string, len(r.Subjects))
		for i, ref := range r.Subjects {
			subjects[i] = ref.String()
		}
		if err := w.Write([]string{
			strconv.FormatUint(r.Number, 10), r.At.Format(time.RFC3339), r.By.Agency, rest.SpreadsheetSafe(r.By.Name), r.By.Role, string(r.By.Region),
			string(r.Purpose), r.Route, r.Record, strconv.Itoa(r.Count), strings.Join(subjects, " "), r.Digest, r.Previous,
		}); err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	}
}
