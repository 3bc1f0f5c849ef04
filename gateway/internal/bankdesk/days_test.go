package bankdesk

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/network/testbed/paybank"
)

// dated is a statement whose entries are booked on given days.
type dated struct{ *paybank.Statement }

func (s dated) on(day string) *paybank.Statement {
	s.Date = day
	return s.Statement
}

// An entry dated before the instruction, before its credit or in the future comes on the list, and its payment stays as
// it is.
func TestDaysOfEntries(t *testing.T) {
	w := newWorld(t)
	w.network.Ledger.SetTime(time.Date(2026, 11, 10, 1, 0, 0, 0, time.UTC))
	w.instruct()
	p := w.payments
	s := dated{newSheet(1, opening)}
	s.on("1999-01-01").Pay(name(&p[0]), p[0].Amount)
	s.on("2026-11-09").Pay(name(&p[1]), p[1].Amount)
	s.on("2099-12-31").Pay(name(&p[2]), p[2].Amount)
	s.on("2026-11-12").Return(name(&p[3]), p[3].Amount, "AC04") // before its credit, which comes later in the message
	s.on("2026-11-13").Pay(name(&p[3]), p[3].Amount)
	s.on("2026-11-13").Pay(name(&p[4]), p[4].Amount)
	s.on("2026-11-13").Return(name(&p[4]), p[4].Amount, "AC04")
	s.on("2026-11-21").Pay(name(&p[5]), p[5].Amount) // booked in the evening: dated with the next day
	m := w.work(s.on("2026-11-20").Document())
	require.Equal(t, Counts{Entries: 8, Settled: 3, Confirmed: 1, Exceptions: 4}, m.Counts)
	open := w.exceptions(Filter{State: StateOpen})
	require.Len(t, open, 4)
	for i, x := range open {
		require.Equal(t, DateBounds, x.Reason, i)
		require.Equal(t, relief.BatchID("b-11"), x.Batch)
	}
	for i, want := range []payment.State{"instructed", "instructed", "instructed", "credited", "returned", "credited"} {
		require.Equal(t, want, w.state(p[i].ID), i)
	}

	// A return of what the ledger has as credited is for two officials, whatever its day.
	s = dated{newSheet(2, s.Closing)}
	s.on("2026-11-12").Return(name(&p[5]), p[5].Amount, "AC04")
	w.work(s.Document())
	require.Len(t, w.exceptions(Filter{State: StateOpen, Reason: WrongState}), 1)
	require.Equal(t, payment.State("credited"), w.state(p[5].ID))

	// Finance cannot have such a day recorded either.
	_, err := w.desk.Resolve(t.Context(), open[2].ID, Resolve{Action: "accept", As: "credited", By: "finance-preparer"})
	var refused *relief.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "date", refused.Field)
	require.Contains(t, refused.Detail, "between 2026-11-10 and 2026-11-21")
	require.Equal(t, payment.State("instructed"), w.state(p[2].ID))
}

// What is booked on a Friday with Monday's value is paid, on the day of the booking: on Friday nobody can say that the bank means another day.
func TestValueDatesBesideBookings(t *testing.T) {
	w := newWorld(t)
	w.network.Ledger.SetTime(time.Date(2026, 11, 10, 1, 0, 0, 0, time.UTC))
	w.instruct()
	p := w.payments
	s := dated{newSheet(1, opening)}
	days := [][2]string{{"2026-11-20", "2026-11-23"}, {"2026-11-12", "2026-11-09"}, {"2026-11-18", "2099-01-01"}, {"2026-11-17", "2026-11-16"}} // booked, value
	for i, day := range days {
		s.on(day[0]).Pay(name(&p[i]), p[i].Amount)
	}
	document := string(s.on("2026-11-20").Document()) // today; the instruction's day is 2026-11-10
	for _, day := range days {
		document = strings.Replace(document, "<ValDt><Dt>"+day[0], "<ValDt><Dt>"+day[1], 1)
	}
	require.Equal(t, Counts{Entries: 4, Settled: 3, Exceptions: 1}, w.work([]byte(document)).Counts)
	for i, want := range []string{"2026-11-20", "2026-11-12", "", "2026-11-16"} { // by 2099 the bank means something else
		var got payment.Payment
		w.read("payment:Payment", object{"id": p[i].ID}, &got)
		require.Equal(t, want, got.CreditedOn, i)
	}
}

// An entry without a day that can be read is never recorded with today's.
func TestAnEntryWithoutADayIsNotRecorded(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	s := dated{newSheet(1, opening)}
	s.on("soon").Pay(name(&w.payments[0]), w.payments[0].Amount)
	s.Date = "2026-11-09"
	w.work(s.Document())
	x := w.exceptions(Filter{State: StateOpen})[0]
	require.Equal(t, Reason("date"), x.Reason)
	_, err := w.desk.Resolve(t.Context(), x.ID, Resolve{Action: "accept", As: "credited", By: "finance-preparer"})
	var refused *relief.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "date", refused.Field)
	require.Equal(t, payment.State("instructed"), w.state(w.payments[0].ID))
	require.Len(t, w.exceptions(Filter{State: StateOpen}), 1)
}
