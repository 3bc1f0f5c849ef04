package roll

import (
	"encoding/binary"
	"slices"

	"relieftrail/chaincode/relief"
)

// ExitDeath is the only reason that has a date.
const ExitDeath ExitReason = "death"

// ExitMoved is the reason of somebody who lives elsewhere.
const ExitMoved ExitReason = "moved"

// Known reports whether r is one of the reasons.
func (r ExitReason) Known() bool {
	return r != "" && r != ExitSucceeded && slices.Contains(exitReasons, r)
}

// LastPeriod gives the last month of entitlement for an exit from an entry that begins with from: the given month, or the month
// of the day of a death. A death before the entry is refused, because the day is probably a slip, such as a birthday. The month
// just before the entry is accepted: a person granted relief from next month on may die in this month.
func LastPeriod(reason ExitReason, died relief.Day, given, from relief.Period, cal *relief.Calendar, actor relief.Actor) (relief.Period, error) {
	switch {
	case died == "":
		return given, nil
	case reason != ExitDeath:
		return given, relief.FieldErrorf("died_on", "only a death has a day")
	case died > cal.Day(actor.At):
		return given, relief.FieldErrorf("died_on", "the day lies in the future")
	}
	last := relief.MonthPeriod(died.Month())
	if last.Before(from.Previous()) {
		return given, relief.FieldErrorf("died_on", "the day lies before the person's entry on the roll, which begins with %s", from)
	}
	if given.IsZero() || given == last {
		return last, nil
	}
	return given, relief.FieldErrorf("last_period", "a person who died on that day is entitled until %s", last)
}

// ExitReason says why a person left a programme (R12).
type ExitReason string

// The reasons. A packed value holds a reason's index in this list.
var exitReasons = []ExitReason{"", "death", "income", "moved", "voluntary", "ineligible", "other", ExitSucceeded}

// ExitSucceeded is the reason of a number that ended because the household goes on under another one. Nobody gives it: the act
// that opens the other number does.
const ExitSucceeded ExitReason = "succeeded"

// Succeeded reports whether entry i ended because its household goes on under another number.
func (s Segment) Succeeded(i int) bool {
	return s.exited(i) && exitReasons[s.slot(i)[rollReason]] == ExitSucceeded
}

var errExitReason = relief.FieldErrorf("reason", "the reason is death, income, moved, voluntary, ineligible or other")

// Leaving says how a person leaves the roll.
type Leaving struct {
	Reason ExitReason
	DiedOn relief.Day    // of a death, where it is known
	Last   relief.Period // the last month of entitlement
	// PaidTill is the last month after that for which the person was paid or listed already; none when there is none.
	PaidTill relief.Period
}

// Exit takes a person off the roll. The last month of entitlement, the reason, and the day of a death stay on it (R12). What was
// told of payments before this record began counts as paid, too. changed is false for the same exit again.
func Exit(seg Segment, at SegmentAddr, number uint32, by Leaving) (Segment, IndexEntry, bool, error) {
	record := IndexEntry{County: at.County, Number: number, Exited: true, Until: by.Last, PaidTill: by.PaidTill}
	code := slices.Index(exitReasons, by.Reason)
	if code <= 0 {
		return seg, record, false, errExitReason
	}
	if by.Last.IsZero() {
		return seg, record, false, relief.FieldErrorf("last_period", "the last month of entitlement is missing")
	}
	if err := checkMonth("last_period", by.Last); err != nil {
		return seg, record, false, err
	}
	pos, ok := at.Slot(number)
	if !ok || pos >= seg.Len() {
		return seg, record, false, relief.Errorf(relief.CodeCorrupt, "roll number %d is not in segment %d", number, at.Segment)
	}
	state := InForce
	if seg.exited(pos) {
		state = Exited
	}
	if state == Exited && int(seg.slot(pos)[rollReason]) == code && seg.periodAt(pos, rollUntil) == by.Last && seg.DiedOn(pos) == by.DiedOn {
		return seg, record, false, nil
	}
	if _, err := relief.Next(Transitions, state, ActConfirmExit); err != nil {
		return seg, record, false, err
	}
	if told := seg.Told(pos).PaidThrough; by.Last.Before(told) && (by.PaidTill.IsZero() || by.PaidTill.Before(told)) {
		by.PaidTill, record.PaidTill = told, told
	}
	e := seg.edit(0)
	if err := e.exit(pos, byte(code), by); err != nil { //nolint:gosec // one of eight
		return seg, record, false, err
	}
	return e.segment(), record, true, nil
}

// exit has an entry end by the reason with a code.
func (e *editor) exit(position int, code byte, by Leaving) error {
	if by.DiedOn != "" {
		month := relief.MonthPeriod(by.DiedOn.Month())
		sp := span{
			position: uint16(position), from: month, to: month, amount: relief.Fen(by.DiedOn.Number()), class: classDied, //nolint:gosec // below 1000
		}
		if !sp.valid() {
			return relief.FieldErrorf("died_on", "the roll cannot hold a day so far away")
		}
		if err := e.keep(position, append(slices.Clip(e.spans[position]), sp)); err != nil {
			return err
		}
	}
	b := e.slots.slot(position)
	b[rollState], b[rollReason] = 1, code
	binary.BigEndian.PutUint16(b[rollUntil:], by.Last.Code())
	binary.BigEndian.PutUint16(b[rollPaid:], by.PaidTill.Code())
	if err := e.slots.checkSlot(position); err != nil {
		return relief.FieldErrorf("last_period", "the roll cannot hold a month so far away")
	}
	return nil
}
