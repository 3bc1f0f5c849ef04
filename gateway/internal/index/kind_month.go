package index

import (
	"context"
	"database/sql"
	"encoding/hex"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/stored"
	"relieftrail/gateway/internal/index/sqldb"
)

// storeMonth stores a version of a closed month, with the figures that are added up over months and villages. No version is ever
// replaced.
func storeMonth(ctx context.Context, w *writer, wr *write) error {
	if err := storeVersion(ctx, w, wr); err != nil || wr.gone {
		return err
	}
	m, err := stored.Read[oversight.Month](wr.value)
	if err != nil {
		return err
	}
	roll, err := w.roll(ctx, rollName{m.Programme, m.County})
	if err != nil {
		return err
	}
	err = w.exec(ctx, "INSERT INTO months (n, record, roll, period, version, closed, pay_by, due, due_sum, on_time, on_time_sum, late5, late10, late30, "+
		"later, paid_sum, unpaid, returned, paid_again, credited, sum, deducted, households, persons, entered, gone, suspended, deaths) VALUES "+
		"($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)",
		wr.txPos, wr.n, roll, int64(m.Period.Code()), int64(m.Version), localDay(m.Acts[len(m.Acts)-1].At), dayNumber(m.PayBy),
		int64(m.Due), int64(m.DueSum), int64(m.OnTime), int64(m.OnTimeSum), int64(m.Late5), int64(m.Late10), int64(m.Late30), int64(m.Later),
		int64(m.PaidSum), int64(m.Unpaid), int64(m.Returned), int64(m.PaidAgain), int64(m.Rows), int64(m.Sum), int64(m.Deducted),
		int64(m.Households), int64(m.Persons), int64(m.Entered), int64(m.Left), int64(m.Suspended), int64(m.Deaths))
	for i := 0; i < len(m.Villages) && err == nil; i++ {
		v := &m.Villages[i]
		var root []byte
		if root, err = hex.DecodeString(v.Root); err != nil {
			return err
		}
		village, _ := regionDigits(v.Code)
		err = w.exec(ctx, "INSERT INTO month_villages (month, village, credited, households, persons, sum, deducted, root) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			wr.txPos, village, int64(v.Rows), int64(v.Households), int64(v.Persons), int64(v.Sum), int64(v.Deducted), root)
	}
	return err
}

// MonthQuery says which closed months are wanted. Empty fields match every month.
type MonthQuery struct {
	Programme relief.ProgrammeID
	Region    relief.Region // of which the county is, or lies inside it
	Period    relief.Period
	// Meets keeps months of counties that lie inside one of these regions, or around the first.
	Meets []relief.Region
}

// MonthSummary is the last version of a closed month, without its villages.
type MonthSummary struct {
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Period    relief.Period      `json:"period"`
	Version   int                `json:"version"`
	ClosedOn  relief.Day         `json:"closed_on"`
	PayBy     relief.Day         `json:"pay_by"`
	oversight.Facts
	Villages int `json:"villages"` // how many have rows
}

// Months lists the last versions of closed months, in the order of programme, county and period. The cursor names the last month
// of the page before.
func (ix *Index) Months(ctx context.Context, q MonthQuery, cursor string, limit int) (page Page[MonthSummary], err error) {
	page.Items = []MonthSummary{}
	limit = min(limit, MaxPage)
	var w sqldb.Where
	w.Add("k.kind = ? AND k.name > ?", relief.KindMonth, cursor)
	if q.Programme != "" {
		w.Add("r.programme = ?", string(q.Programme))
	}
	if q.Region != "" {
		w.Add("r.county >= ? AND r.county <= ?", string(q.Region), string(q.Region)+"~")
	}
	if !q.Period.IsZero() {
		w.Add("m.period = ?", int64(q.Period.Code()))
	}
	if len(q.Meets) > 0 {
		met, values := "? LIKE r.county || '%'", []any{string(q.Meets[0])}
		for _, region := range q.Meets {
			met += " OR r.county >= ? AND r.county <= ?"
			values = append(values, string(region), string(region)+"~")
		}
		w.Add("("+met+")", values...)
	}
	err = ix.view(ctx, func(r *reader) error {
		if err := r.knownCursor(relief.KindMonth, cursor); err != nil {
			return err
		}
		if page.Unreadable, err = r.missing(relief.KindMonth); err != nil {
			return err
		}
		last := ""
		return r.each("SELECT k.name, v.value FROM keys k JOIN months m ON m.n = k.place JOIN rolls r ON r.n = m.roll "+
			"JOIN versions v ON v.key = k.n AND v.place = k.place WHERE "+w.String()+" ORDER BY k.name LIMIT "+w.Arg(limit+1), func(rows *sql.Rows) error {
			if len(page.Items) == limit {
				page.Next = last
				return nil
			}
			var value []byte
			if err := rows.Scan(&last, &value); err != nil {
				return err
			}
			m, err := stored.Read[oversight.Month](value)
			if err != nil {
				return err
			}
			page.Items = append(page.Items, SummaryOf(m))
			return nil
		}, w.Args...)
	})
	return page, err
}

// MonthVersions lists the versions of a closed month, the oldest first; NOT_FOUND for a month that nobody closed.
func (ix *Index) MonthVersions(
	ctx context.Context, programme relief.ProgrammeID, county relief.Region, period relief.Period,
) (versions []oversight.Month, err error) {
	name := strings.Join(relief.MonthKey(programme, county, period).Attrs, "/")
	err = ix.view(ctx, func(r *reader) error {
		values, err := r.versions(relief.KindMonth, name)
		if err != nil {
			return err
		}
		for i := range values {
			if values[i].deleted != versionThere {
				continue
			}
			m, err := stored.Read[oversight.Month](values[i].value)
			if err != nil {
				return err
			}
			versions = append(versions, *m)
		}
		if len(versions) == 0 {
			return errNotFound(relief.KindMonth)
		}
		return nil
	})
	return versions, err
}

// SummaryOf is a version of a month without its villages.
func SummaryOf(m *oversight.Month) MonthSummary {
	return MonthSummary{
		Programme: m.Programme, County: m.County, Period: m.Period, Version: m.Version,
		ClosedOn: relief.DefaultCalendar.Day(m.Acts[len(m.Acts)-1].At), PayBy: m.PayBy, Facts: m.Facts, Villages: len(m.Villages),
	}
}

// monthDetail shows the main figures of a closed month.
func monthDetail(value []byte) map[string]string {
	m, err := stored.Read[oversight.Month](value)
	if err != nil {
		return nil
	}
	return map[string]string{
		"version": strconv.Itoa(m.Version), "rows": strconv.Itoa(m.Rows), "sum": m.Sum.String(), "due": strconv.Itoa(m.Due),
		"on_time": strconv.Itoa(m.OnTime), "unpaid": strconv.Itoa(m.Unpaid),
	}
}
