package index

import (
	"context"
	"database/sql"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/index/sqldb"
)

// LatePayment is a payment of a period that begins after the month in which its person died.
type LatePayment struct {
	payment.Payment
	DiedOn relief.Day `json:"died_on"`
}

// LateQuery says which payments after a death are wanted. Empty fields match every payment.
type LateQuery struct {
	Programme relief.ProgrammeID
	Region    relief.Region // of the payment
	State     payment.State
}

// A death is known by the entry that it ended. The person's payments are those of all entries of theirs.
var afterDeathFrom = " FROM deaths d CROSS JOIN entries x CROSS JOIN spans s CROSS JOIN " + paymentTables + "WHERE x.subject = d.subject AND " +
	"s.low BETWEEN " + sqlFirstOfRoll("x.n", 0) + " AND " + sqlFirstOfRoll("x.n", 1) + " - 1 AND " + sqlStartOfPeriod("s.period") + " > d.month AND " +
	"p.n BETWEEN s.low + " + sqlNumberShift("x.n") + " AND s.low + " + sqlNumberShift("x.n") + sqlLastAttempt + " AND " + paymentJoin

// deathsAtOnce is how many deaths are looked at together.
const deathsAtOnce = 200

// PaymentsAfterDeath lists payments of periods after the day of death of their persons, death by death in the order of the roll. A page
// ends with the last payment of a death: it may have more items than the limit.
func (ix *Index) PaymentsAfterDeath(ctx context.Context, q LateQuery, cursor string, limit int) (page Page[LatePayment], err error) {
	page.Items = []LatePayment{}
	after, err := parseCursor('d', cursor, -1)
	if err != nil {
		return page, err
	}
	limit = min(limit, MaxPage)
	if _, known := paymentStates[q.State]; q.State != "" && !known {
		return page, (&PaymentQuery{State: q.State}).Check()
	}
	err = ix.view(ctx, func(r *reader) error {
		if page.Unreadable, err = r.missing(relief.KindLines, relief.KindFurther, relief.KindRoll, relief.KindBatch); err != nil {
			return err
		}
		for len(page.Items) < limit {
			deaths, err := r.deaths(after)
			if err != nil || len(deaths) == 0 {
				return err
			}
			for _, entry := range deaths {
				if len(page.Items) >= limit {
					page.Next = cursorOf('d', after)
					return nil
				}
				if err := r.afterDeath(&page, &q, entry); err != nil {
					return err
				}
				after = entry
			}
			page.Next = cursorOf('d', after)
			if len(deaths) < deathsAtOnce {
				page.Next = ""
				return nil
			}
		}
		return nil
	})
	return page, err
}

func (r *reader) deaths(after int64) (entries []int64, err error) {
	err = r.each("SELECT entry FROM deaths WHERE entry > $1 ORDER BY entry LIMIT $2", func(rows *sql.Rows) error {
		var entry int64
		err := rows.Scan(&entry)
		entries = append(entries, entry)
		return err
	}, after, deathsAtOnce)
	return entries, err
}

// afterDeath adds the payments after one death.
func (r *reader) afterDeath(page *Page[LatePayment], q *LateQuery, entry int64) error {
	var w sqldb.Where
	w.Add("d.entry = ?", entry)
	(&PaymentQuery{Programme: q.Programme, Region: q.Region, State: q.State}).conditions(&w)
	if err := r.withoutPassed(&w); err != nil {
		return err
	}
	return r.each("SELECT d.day, "+paymentColumns+afterDeathFrom+w.String()+" ORDER BY p.n", func(rows *sql.Rows) error {
		var day int64
		p, err := scanPayment(rows, &day)
		page.Items = append(page.Items, LatePayment{p, relief.Day(dayText(day))})
		return err
	}, w.Args...)
}
