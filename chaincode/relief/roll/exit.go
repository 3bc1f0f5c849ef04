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

// LastPeriodOf is the last period of entitlement of a person who died on a day.
func LastPeriodOf(died relief.Day, quarterly bool) relief.Period {
	if quarterly {
		return relief.QuarterOf(died.Month())
	}
	return relief.MonthPeriod(died.Month())
}

// LastPeriod gives the last period of entitlement for an exit from an entry that begins with from: the given period, or
// the period of the day of a death. A death before the entry is refused, because the day is probably a slip, such as a
// birthday. The period just before the entry is accepted: a person granted relief from next month on may die in this
// month.
func LastPeriod(reason ExitReason, died relief.Day, given, from relief.Period, cal *relief.Calendar, actor relief.Actor) (relief.Period, error) {
	switch {
	case died == "":
		return given, nil
	case reason != ExitDeath:
		return given, relief.FieldErrorf("died_on", "only a death has a day")
	case died > cal.Day(actor.At):
		return given, relief.FieldErrorf("died_on", "the day lies in the future")
	}
	last := LastPeriodOf(died, from.Quarterly())
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

var errExitReason = relief.FieldErrorf("reason", "the reason is death, income, moved, voluntary, ineligible or other")

// Exit takes a person off the roll. The last period of entitlement and the reason stay on it (R12). paidTill is the
// last period after that for which the person was paid or listed already, zero for none; what was told of payments before this
// record began counts, too. changed is false for the same exit again.
func Exit(seg Segment, at SegmentAddr, number uint32, reason ExitReason, last, paidTill relief.Period) (Segment, IndexEntry, bool, error) {
	record := IndexEntry{County: at.County, Number: number, Exited: true, Until: last, PaidTill: paidTill}
	code := slices.Index(exitReasons, reason)
	if code <= 0 {
		return seg, record, false, errExitReason
	}
	if last.IsZero() {
		return seg, record, false, relief.FieldErrorf("last_period", "the last period of entitlement is missing")
	}
	pos, ok := at.Slot(number)
	if !ok || pos >= seg.Len() {
		return seg, record, false, relief.Errorf(relief.CodeCorrupt, "roll number %d is not in segment %d", number, at.Segment)
	}
	state := InForce
	if seg.exited(pos) {
		state = Exited
	}
	if state == Exited && int(seg.slot(pos)[rollReason]) == code && seg.periodAt(pos, rollUntil) == last {
		return seg, record, false, nil
	}
	if _, err := relief.Next(Transitions, state, ActConfirmExit); err != nil {
		return seg, record, false, err
	}
	if from := seg.From(pos); last.Quarterly() != from.Quarterly() {
		return seg, record, false, relief.FieldErrorf("last_period", "the last period must be a month or a quarter like the first one, %s", from)
	}
	if told := seg.Told(pos).PaidThrough; last.Before(told) && (paidTill.IsZero() || paidTill.Before(told)) {
		paidTill, record.PaidTill = told, told
	}
	seg = Segment{slices.Clone(seg.b)}
	b := seg.slot(pos)
	b[rollState], b[rollReason] = 1, byte(code) //nolint:gosec // one of eight
	binary.BigEndian.PutUint16(b[rollUntil:], last.Code())
	binary.BigEndian.PutUint16(b[rollPaid:], paidTill.Code())
	if err := seg.checkSlot(pos); err != nil {
		return seg, record, false, relief.FieldErrorf("last_period", "the roll cannot hold a period so far away")
	}
	return seg, record, true, nil
}
