package records

import (
	"context"
	"errors"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/reach"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/reading"
)

// The query parameters of readings.
var (
	ByReader  = rest.Text("by")
	ByPurpose = rest.Choice("purpose", reading.Purposes...)
	FromDay   = rest.NewParam("from", relief.ParseDay)
	ToDay     = rest.NewParam("to", relief.ParseDay)
	AfterRead = rest.NewParam("cursor", func(text string) (string, error) {
		_, err := parseReading(text)
		return text, err
	})
)

// parseReading reads the number of the last reading of a page, 0 before the first one.
func parseReading(text string) (uint64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 53)
	if err != nil {
		return 0, problem.OfField("cursor", "cursor 不是上一页给出的值。", "The cursor is not one that a page gave.")
	}
	return n, nil
}

// Readings lists who read personal data. The own agency's record, or, where
// it is copied, another's. Readings of officials of other regions are left out.
func (h *Handlers) Readings(ctx context.Context, c *gin.Context) error {
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
	l := rest.List[reading.Reading]{Name: "readings", Table: lists.Readings}
	l.Page = func(_ context.Context, cursor string, limit int) (page index.Page[reading.Reading], err error) {
		after, err := parseReading(cursor)
		if err != nil {
			return page, err
		}
		items, next, err := list(q, after, limit)
		page.Items = items
		if next > 0 {
			page.Next = strconv.FormatUint(next, 10)
		}
		return page, noCopy(err)
	}
	return l.Answer(ctx, h.core, c, AfterRead.In(c))
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
