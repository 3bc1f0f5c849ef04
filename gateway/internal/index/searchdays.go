package index

import (
	"context"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/ledger"
)

// What is searched by days lies in small tables: the days on which a batch was answered, the days of transactions, and deaths. A
// payment or transaction of a range of days is then looked for where those are.

// DayRange bounds days, both ends included; "" for no bound.
type DayRange struct{ From, To relief.Day }

// Empty reports whether there is no bound.
func (d DayRange) Empty() bool { return d.From == "" && d.To == "" }

// check refuses a range that ends before it begins.
func (d DayRange) check(field string) error {
	if d.From != "" && d.To != "" && d.To < d.From {
		return relief.FieldErrorf(field, "must not end before it begins")
	}
	return nil
}

// numbers are the bounds as days since 1970.
func (d DayRange) numbers() (from, to int64) {
	from, to = 0, 1<<40
	if d.From != "" {
		from = dayNumber(d.From)
	}
	if d.To != "" {
		to = dayNumber(d.To)
	}
	return from, to
}

// dayNumber is a day as the tables number it: days since 1970, 0 for none.
func dayNumber(d relief.Day) int64 {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return 0
	}
	return t.Unix() / 86400
}

// localDay is the day of a transaction's time where the agencies are.
func localDay(at time.Time) int64 {
	return dayNumber(relief.DefaultCalendar.Day(time.UnixMilli(milliseconds(at))))
}

// batchDay is a day on which the bank answered for payments of a batch.
type batchDay struct{ batch, day int64 }

// answeredOn records that the bank answered for payments of a batch on a day.
func (w *writer) answeredOn(ctx context.Context, d batchDay) error {
	if d.day == 0 || w.batchDays[d] {
		return nil
	}
	if len(w.batchDays) > keysKept {
		clear(w.batchDays)
	}
	w.batchDays[d] = true
	return w.exec(ctx, "INSERT INTO batch_days (batch, day) VALUES ($1, $2) ON CONFLICT (batch, day) DO NOTHING", d.batch, d.day)
}

// blockDays records where the transactions of a block's days lie. Tx positions grow: a day's first one stays.
func (w *writer) blockDays(ctx context.Context, b *ledger.Block) error {
	for i := range b.Transactions {
		tx := &b.Transactions[i]
		day := localDay(tx.Time)
		if i+1 < len(b.Transactions) && localDay(b.Transactions[i+1].Time) == day && i > 0 && localDay(b.Transactions[i-1].Time) == day {
			continue // neither the first of a run nor the last
		}
		txPos := txPosOf(tx.Block, tx.Index)
		err := w.exec(ctx, "INSERT INTO transaction_days (day, low, high) VALUES ($1, $2, $2) ON CONFLICT (day) DO UPDATE SET high = excluded.high", day, txPos)
		if err != nil {
			return err
		}
	}
	return nil
}

// storeDeath records the day of death of an entry that a write changes; before is the entry before it.
func (w *writer) storeDeath(ctx context.Context, n int64, e *roll.Entry, subject []byte, diedBefore relief.Day) error {
	if e.DiedOn == diedBefore {
		return nil
	}
	if e.DiedOn == "" {
		return w.exec(ctx, "DELETE FROM deaths WHERE entry = $1", n)
	}
	month, err := relief.ParsePeriod(string(e.DiedOn[:7]))
	if err != nil {
		return err
	}
	return w.exec(ctx, "INSERT INTO deaths (entry, subject, day, month) VALUES ($1, $2, $3, $4) ON CONFLICT (entry) DO UPDATE SET "+
		"day = excluded.day, month = excluded.month", n, subject, dayNumber(e.DiedOn), int64(month.Code()))
}
