package bankdesk

import (
	"context"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/payee"
)

// longestHoliday is how many days a value date may be away from the booking: banks give what they book before a holiday the next working
// day's value. A date that is further away is a mistake.
const longestHoliday = 10

// takeBookingDays takes the day of the booking for an entry whose value date is no day on which the bank can have moved the money.
func (x *matcher) takeBookingDays(decisions []decision) {
	for i := range decisions {
		v := &decisions[i]
		slot, known := x.slots[v.id]
		away := int64(v.entry.Day) - int64(v.entry.Booked)
		if !known || v.entry.Booked == 0 || max(away, -away) > longestHoliday || !x.wanted(v) || x.possible(v, &slot) {
			continue
		}
		value := v.entry.Day
		if v.entry.Day = v.entry.Booked; !x.possible(v, &slot) {
			v.entry.Day = value
		}
	}
}

// noteCredits notes the days on which the message has payments credited: the money comes back later, whatever the order
// of the entries.
func (x *matcher) noteCredits(decisions []decision) {
	for i := range decisions {
		v := &decisions[i]
		slot, known := x.slots[v.id]
		if !known || !x.wanted(v) || v.entry.Outcome != bankfile.Paid || !x.possible(v, &slot) {
			continue
		}
		day := payee.DayOfNumber(v.entry.Day)
		if before, twice := x.credits[v.id]; !twice || day < before {
			x.credits[v.id] = day
		}
	}
}

// noteReturns notes the payments of which the message says that the whole transfer came back.
func (x *matcher) noteReturns(decisions []decision) {
	for i := range decisions {
		v := &decisions[i]
		slot, known := x.slots[v.id]
		if known && x.wanted(v) && v.entry.Outcome == bankfile.Returned && x.possible(v, &slot) && x.fits(v.entry, &slot) == "" {
			x.whole[v.id] = true
		}
	}
}

// possible reports whether the bank can have moved a payment's money on the day of an entry.
func (x *matcher) possible(v *decision, slot *payment.Slot) bool {
	b := x.batches[slot.Batch]
	if b == nil {
		return true // another reason refuses it
	}
	days := x.settlementDays(b)
	if v.entry.Outcome == bankfile.Returned {
		days.First = max(days.First, x.credits[v.id])
	}
	return days.Check("date", payee.DayOfNumber(v.entry.Day)) == nil
}

// settlementDays are the days on which the bank can have credited or returned payments of a batch.
func (d *Desk) settlementDays(b *payment.Batch) payee.DayBounds {
	var instructed relief.Day
	if at := b.InstructedAt(); !at.IsZero() {
		instructed = d.dayOf(at)
	}
	return payee.SettlementDays(instructed, d.dayOf(d.options.Now()))
}

// dayOf is the day of a time where the agency is.
func (d *Desk) dayOf(t time.Time) relief.Day {
	return relief.Day(t.In(d.options.Location).Format(time.DateOnly))
}

// bankDay is the day of an exception's entry as the ledger records it. An entry without a day that can be read, or with
// one on which the bank cannot have moved the money, is not recorded.
func (d *Desk) bankDay(ctx context.Context, x *Exception, signer string, batch relief.BatchID) (uint32, error) {
	b, err := d.batch(ctx, signer, batch)
	if err != nil {
		return 0, err
	}
	day, err := payee.ParseDay("date", x.Date, d.settlementDays(b))
	if err != nil {
		return 0, payee.AsRefusal(err)
	}
	return uint32(payee.NumberOfDay(day)), nil //nolint:gosec // from 2000 on
}
