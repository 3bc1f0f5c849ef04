// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// successionOf is the case of a change that ends a number or opens one, before and after it. It refuses what the case does not
// allow.
func (w *work) successionOf(place *rollPlace, c *roll.Change, days *relief.Calendar) (before, after *casework.Case, err error) {
	if c.Kind == roll.ChangeMove { // who confirms covers both places
		if err := relief.RequireRegion(w.Actor.By, c.ToRegion); err != nil && c.State != roll.ChangeProposed {
			return nil, nil, err
		}
	}
	record, v, err := w.caseOf(place)
	if err != nil {
		return nil, nil, err
	}
	var out casework.Case
	switch c.Kind {
	case roll.ChangeHead:
		if err := w.Fetch(v.Beside([]relief.SubjectRef{c.Head})...); err != nil {
			return nil, nil, err
		}
		out, err = casework.ReplaceHead(record, v, w.households(), c, w.Actor)
	case roll.ChangeMove:
		out, err = casework.Move(record, c, w.Actor)
	case roll.ChangeMoveOut:
		out, err = casework.MoveOut(record, v, days, c, w.Actor)
	default:
		out, err = w.movedIn(place, record, c)
	}
	return &record, &out, err
}

// movedIn is a case after another county has taken its household in.
func (w *work) movedIn(place *rollPlace, record casework.Case, c *roll.Change) (casework.Case, error) {
	v, err := w.admitting(c)
	if err != nil {
		return record, err
	}
	if err := w.Fetch(v.Beside(record.Members)...); err != nil {
		return record, err
	}
	return casework.MoveIn(record, v, w.households(), c, nextAfter(place), w.Actor) //nolint:wrapcheck // of this module
}

// admitting is the version in force of the programme of a household that is taken in. It refuses a household that was not let
// go to it.
func (w *work) admitting(c *roll.Change) (*programme.Version, error) {
	out, err := w.change(c.MovedOut)
	if err != nil {
		return nil, err
	}
	if err := c.Follows(&out); err != nil {
		return nil, err
	}
	return w.version(c.ToProgramme, 0)
}

// nextAfter is the period after the last one that somebody who has left was entitled to or was paid.
func nextAfter(place *rollPlace) relief.Period {
	e := place.entry()
	return lastPeriod(&e).Next()
}

// continueElsewhere has a change written that ends a number or opens one, on the rolls and on the case of the household.
func (w *work) continueElsewhere(place *rollPlace, part *roll.Part, c *roll.Change, days *relief.Calendar) error {
	before, after, err := w.successionOf(place, c, days)
	if err != nil {
		return err
	}
	if place.index.Case == "" {
		if _, err := w.putAdopted(place, *before); err != nil {
			return err
		}
	}
	switch c.Kind {
	case roll.ChangeMoveOut:
		err = w.exitRoll(place, roll.Leaving{Reason: roll.ExitMoved, Last: c.LastPeriod})
	case roll.ChangeMoveIn:
		err = w.takeIn(place, c)
	default:
		err = w.succeed(place, part, c)
	}
	if err != nil {
		return err
	}
	if c.Opened != nil {
		after.Roll = &c.Opened.Number
	}
	_, err = w.putCase(before, *after, true)
	return err
}

// succeed ends a number and opens another one on the same roll, for another head or in another region.
func (w *work) succeed(place *rollPlace, part *roll.Part, c *roll.Change) error {
	s := roll.Successor{Subject: c.Subject, Region: c.ToRegion, Payee: part.Payees.Payee(place.slot())}
	if c.Kind == roll.ChangeHead {
		s = roll.Successor{Subject: c.Head, Region: c.Region, Payee: c.Payee}
		seg, err := roll.SetTerms(place.segment, place.slot(), c.Granted(), c.From)
		if err != nil {
			return err
		}
		if err := w.putEntry(place, seg); err != nil {
			return err
		}
	}
	by := roll.Ended{From: c.From, DiedOn: c.DiedOn}
	opened, err := w.openAfter(place, &s, &by)
	if err != nil {
		return err
	}
	c.Opened = &roll.Opened{Programme: c.Programme, Number: opened, From: s.From}
	if c.Kind == roll.ChangeHead {
		if err := w.endEntry(place, s.From.Previous()); err != nil {
			return err
		}
		return w.enter(c.Programme, s.Subject, c.Opened, place.index.Case, roll.EarlierDetails{Change: c.ID})
	}
	return w.Put(relief.RollIndexKey(s.Subject, c.Programme), place.index.Continued(c.Programme, opened))
}

// openAfter ends the number at a place and opens its successor's: from the month by.From on, or the next one that is not listed. It
// fills in what the successor continues.
func (w *work) openAfter(place *rollPlace, s *roll.Successor, by *roll.Ended) (roll.Number, error) {
	by.Last = by.From.Previous()
	paid, err := w.listedTill(place, by.Last, (*payment.OfPeriod).Listed, w.batchState)
	if err != nil {
		return roll.Number{}, err
	}
	if !paid.IsZero() {
		by.Last = paid
	}
	seg, err := roll.EndNumber(place.segment, place.slot(), by)
	if err != nil {
		return roll.Number{}, err
	}
	if err := w.putEntry(place, seg); err != nil {
		return roll.Number{}, err
	}
	s.From, s.Before, s.At, s.Slot = by.Last.Next(), seg, place.at, place.slot()
	return w.open(place.at.Programme, place.at.County, s)
}

// open puts a successor on a county's roll, in the first segment that has room.
func (w *work) open(programme relief.ProgrammeID, county relief.Region, s *roll.Successor) (roll.Number, error) {
	var none roll.Number
	at, err := w.freeSegment(programme, county)
	if err != nil {
		return none, err
	}
	before, err := w.part(at)
	if err != nil {
		return none, err
	}
	after, opened, err := roll.OpenNumber(before, s)
	if err != nil {
		return none, err
	}
	return opened, w.putPart(&before, &after)
}

// freeSegment is the first segment of a county's roll that has room after the ones that are full. Rolls are filled from the
// first segment on, so it is found in few steps.
func (w *work) freeSegment(programme relief.ProgrammeID, county relief.Region) (roll.SegmentAddr, error) {
	full := func(segment uint32) (bool, error) {
		at, err := w.segmentAt(programme, county, segment)
		if err != nil {
			return false, err
		}
		seg, err := w.segment(at)
		return seg.Len() >= int(at.Size), err
	}
	low, high := uint32(0), uint32(1) // all below low are full; high is not known to be
	for {
		is, err := full(high - 1)
		if err != nil {
			return roll.SegmentAddr{}, err
		}
		if !is {
			break
		}
		low, high = high, 2*high
	}
	for high--; low < high; {
		mid := low + (high-low)/2
		is, err := full(mid)
		if err != nil {
			return roll.SegmentAddr{}, err
		}
		if is {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return w.segmentAt(programme, county, low)
}

// endEntry has the index entry written of somebody whose number has ended.
func (w *work) endEntry(place *rollPlace, last relief.Period) error {
	index := place.index
	index.Exited, index.Until, index.PaidTill = true, last, relief.Period{}
	return w.Put(relief.RollIndexKey(place.segment.Ref(place.slot()), place.at.Programme), index)
}

// takeIn puts a household that another county let go on the roll of this one, from the next period on.
func (w *work) takeIn(place *rollPlace, c *roll.Change) error {
	out, err := w.change(c.MovedOut)
	if err != nil {
		return err
	}
	if c.ToProgramme == c.Programme { // the details of then are those of the numbers before, too
		if err := w.changePayees(place, c); err != nil {
			return err
		}
		if place.segment, err = w.segment(place.at); err != nil {
			return err
		}
	}
	s := roll.Successor{
		Subject: c.Subject, Region: c.ToRegion, Payee: c.Payee, From: nextAfter(place), Terms: c.Granted(),
		Before: place.segment, At: place.at, Slot: place.slot(),
	}
	opened, err := w.open(c.ToProgramme, c.ToRegion.County(), &s)
	if err != nil {
		return err
	}
	c.Opened = &roll.Opened{Programme: c.ToProgramme, Number: opened, From: s.From}
	if err := w.enter(c.ToProgramme, c.Subject, c.Opened, place.index.Case, roll.EarlierDetails{Change: c.ID}); err != nil {
		return err
	}
	out.Opened = c.Opened
	return w.Put(relief.ChangeKey(out.ID), out)
}

// enter has the index entry written of a person who gets a number by an act of the household that brought the private details.
// DUPLICATE for somebody who has another entry in the programme for the same time.
func (w *work) enter(
	programme relief.ProgrammeID, subject relief.SubjectRef, opened *roll.Opened, of relief.CaseID, details roll.EarlierDetails,
) error {
	if err := w.requireFreeUnder(subject, programme, opened.From); err != nil {
		return err
	}
	key := relief.RollIndexKey(subject, programme)
	existing, err := uow.Find[roll.IndexEntry](w.Work, key)
	if err != nil {
		return err
	}
	index := roll.IndexEntry{County: opened.County, Number: opened.Number.Number, Case: of, Earlier: details}
	if existing == nil {
		return w.Put(key, index)
	}
	if !existing.FreeFrom(opened.From) {
		return relief.Errorf(relief.CodeDuplicate, "the person has number %d of programme %s in %s for that time already",
			existing.Number, programme, existing.County)
	}
	index.Page, index.EarlierPages, index.Own = existing.Page, existing.EarlierPages, !existing.Page.IsZero()
	if err := w.purgeChanged(subject, programme, existing); err != nil {
		return err
	}
	return w.Put(key, index)
}
