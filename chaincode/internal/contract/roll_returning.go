// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// slotOf is a person's slot in a segment of a roll.
type slotOf struct {
	ref  relief.SubjectRef
	slot int
}

// paying finds those of a chunk's people who come back to a programme, or whose entry changes, although a payment of
// theirs has no answer of the bank yet. Until it has, the payment is on its way to the name and account that were
// approved, and these must stay.
func (w *work) paying(
	programme relief.ProgrammeID, size uint32, entries []roll.Input, onRoll func(relief.SubjectRef) (*roll.IndexEntry, error),
) (map[relief.SubjectRef]bool, error) {
	var addrs []roll.SegmentAddr
	people := map[roll.SegmentAddr][]slotOf{} // only looked up, never ranged over
	for i := range entries {
		ref := entries[i].Ref
		index, err := onRoll(ref)
		if err != nil {
			return nil, err
		}
		if index == nil || !index.Exited && entries[i].Seen != roll.SeenChanged {
			continue
		}
		at, err := segmentAddr(programme, index.County, index.Number/size, size)
		if err != nil {
			return nil, err
		}
		if people[at] == nil {
			addrs = append(addrs, at)
		}
		people[at] = append(people[at], slotOf{ref, int(index.Number - at.First())})
	}
	found := map[relief.SubjectRef]bool{}
	for _, at := range addrs {
		if err := w.payingIn(at, people[at], found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// movedSince reports whether a person who has left a roll lives in another region than under their number, whose region never
// changes: somebody who comes back gets another number then.
func (w *work) movedSince(programme relief.ProgrammeID, size uint32, index *roll.IndexEntry, region relief.Region) (bool, error) {
	if !index.Exited || index.County != region.County() {
		return false, nil
	}
	at, err := segmentAddr(programme, index.County, index.Number/size, size)
	if err != nil {
		return false, err
	}
	seg, err := w.segment(at)
	slot := int(index.Number - at.First())
	return err == nil && slot < seg.Len() && seg.Region(slot) != region, err
}

// payingIn adds those of a segment's people to found who have a payment without an answer, in any period from their
// entry to the last one that was paid or listed; of those in force, to the last one that can be listed.
func (w *work) payingIn(at roll.SegmentAddr, people []slotOf, found map[relief.SubjectRef]bool) error {
	seg, err := w.segment(at)
	if err != nil {
		return err
	}
	periods, err := w.periodsOf(at, seg, people)
	if err != nil {
		return err
	}
	payments, err := w.paymentsIn(at, periods)
	if err != nil {
		return err
	}
	for i := range payments {
		for _, p := range people {
			unanswered, err := payments[i].Unanswered(p.slot, w.batchState)
			if err != nil {
				return err
			}
			found[p.ref] = found[p.ref] || unanswered
		}
	}
	return nil
}

// periodsOf are the periods for which some of a segment's people can have payments.
func (w *work) periodsOf(at roll.SegmentAddr, seg roll.Segment, people []slotOf) ([]relief.Period, error) {
	cycle, err := w.cycle(at.Programme)
	if err != nil {
		return nil, err
	}
	var first, last relief.Period
	for _, p := range people {
		if p.slot >= seg.Len() {
			return nil, relief.Errorf(relief.CodeCorrupt, "the roll has nobody under a person's number")
		}
		e := seg.Entry(p.slot, at)
		if begins := seg.Begins(p.slot); first.IsZero() || begins.Before(first) {
			first = begins
		}
		until := e.Until
		if e.State == roll.InForce && until.IsZero() {
			until = lastListed(cycle, e.From, w.Actor.At)
		}
		for _, until := range []relief.Period{until, e.PaidTill} {
			if last.IsZero() || last.Before(until) {
				last = until
			}
		}
	}
	return cycle.Periods(first, last), nil
}

// lastListed is the last month of the last period that can be listed at a time, of an entry that begins with from.
func lastListed(cycle programme.PayCycle, from relief.Period, at time.Time) relief.Period {
	periods := cycle.PeriodsUntil(from, at)
	if len(periods) == 0 {
		return from
	}
	return periods[len(periods)-1].End()
}
