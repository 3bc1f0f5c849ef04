// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"

	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// successionOf is the household of a change that ends a number or opens one: its case before and after, nil for an imported
// household. It refuses what the household or its case does not allow.
func (w *work) successionOf(place *rollPlace, c *roll.Change, days *relief.Calendar) (before, after *casework.Case, err error) {
	if c.Kind == roll.ChangeMove { // who confirms covers both places
		if err := relief.RequireRegion(w.Actor.By, c.ToRegion); err != nil && c.State != roll.ChangeProposed {
			return nil, nil, err
		}
	}
	if place.index.Case == "" {
		return nil, nil, w.importedSuccession(place, c)
	}
	record, v, err := w.caseAndVersion(place.index.Case)
	if err != nil {
		return nil, nil, err
	}
	var out casework.Case
	switch c.Kind {
	case roll.ChangeHead:
		out, err = casework.ReplaceHead(record, v, c, w.Actor)
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

// importedSuccession refuses what an imported household does not allow.
func (w *work) importedSuccession(place *rollPlace, c *roll.Change) error {
	switch c.Kind {
	case roll.ChangeHead:
		members, err := w.importedPeopleOf(c)
		if err != nil {
			return err
		}
		if members, err = casework.LedBy(members, c.Head); err != nil {
			return err
		}
		v, err := w.version(c.Programme, 0)
		if err != nil {
			return err
		}
		terms := c.Granted()
		return terms.Fit(v, len(members))
	case roll.ChangeMoveIn:
		v, err := w.admitting(c)
		if err != nil {
			return err
		}
		out, err := w.change(c.MovedOut)
		if err != nil {
			return err
		}
		people := append([]relief.SubjectRef{c.Subject}, out.Members...)
		if err := w.Fetch(v.Beside(people)...); err != nil {
			return err
		}
		return w.households().AdmitImported(people, v, c, nextAfter(place), w.Actor)
	}
	return nil
}

// importedPeopleOf are the people of a change's imported household, the head first.
func (w *work) importedPeopleOf(c *roll.Change) ([]relief.SubjectRef, error) {
	people := []relief.SubjectRef{c.Subject}
	household, err := uow.Find[roll.Household](w.Work, relief.HouseholdKey(c.Programme, c.Subject))
	if err != nil || household == nil {
		return people, err
	}
	return append(people, household.Members...), nil
}

// continueElsewhere has a change written that ends a number or opens one, on the rolls and on the case or the record of the
// household.
func (w *work) continueElsewhere(place *rollPlace, part *roll.Part, c *roll.Change, days *relief.Calendar) error {
	before, after, err := w.successionOf(place, c, days)
	if err != nil {
		return err
	}
	var household []relief.SubjectRef // of an imported one
	if before == nil {
		if household, err = w.importedPeopleOf(c); err != nil {
			return err
		}
	}
	switch c.Kind {
	case roll.ChangeMoveOut:
		if before == nil {
			c.Members = household[1:]
		}
		err = w.exitRoll(place, roll.Leaving{Reason: roll.ExitMoved, Last: c.LastPeriod})
	case roll.ChangeMoveIn:
		err = w.takeIn(place, c, before)
	default:
		err = w.succeed(place, part, c, household)
	}
	if err != nil || after == nil {
		return err
	}
	if c.Opened != nil {
		after.Roll = &c.Opened.Number
	}
	_, err = w.putCase(before, *after, true)
	return err
}

// succeed ends a number and opens another one on the same roll, for another head or in another region. household are the people
// of an imported household, nil for a case.
func (w *work) succeed(place *rollPlace, part *roll.Part, c *roll.Change, household []relief.SubjectRef) error {
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
		err = w.enter(c.Programme, s.Subject, c.Opened, place.index.Case, roll.EarlierDetails{Change: c.ID})
	} else {
		err = w.Put(relief.RollIndexKey(s.Subject, c.Programme), place.index.Continued(c.Programme, opened))
	}
	if err != nil || household == nil {
		return err
	}
	if c.Kind == roll.ChangeHead {
		if household, err = casework.LedBy(household, c.Head); err != nil {
			return err
		}
	}
	return w.moveHousehold(place, c.Subject, household, opened)
}

// openAfter ends the number at a place and opens its successor's: from the month by.From on, or the next one that is not listed. It
// fills in what the successor continues.
func (w *work) openAfter(place *rollPlace, s *roll.Successor, by *roll.Ended) (roll.Number, error) {
	by.Last = by.From.Previous()
	paid, err := w.listedTill(place, by.Last, (*payment.OfPeriod).Listed)
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

// moveHousehold has an imported household written under another head or number. former is the head before, household its people
// with the head first.
func (w *work) moveHousehold(place *rollPlace, former relief.SubjectRef, household []relief.SubjectRef, to roll.Number) error {
	programme, head := place.at.Programme, household[0]
	record, err := uow.Find[roll.Household](w.Work, relief.HouseholdKey(programme, former))
	if err != nil || record == nil || len(record.Members) == 0 {
		return err
	}
	if head != former {
		if err := w.releaseHousehold(programme, former); err != nil {
			return err
		}
		record = nil
	}
	claim := casework.Claim{Programme: programme, County: to.County, Head: head, Number: to.Number}
	if err := w.putHouseholdClaims(claim, record, household[1:]); err != nil || head == former {
		return err
	}
	return w.Put(relief.HouseholdKey(programme, head), roll.Household{Members: slices.Clone(household[1:])})
}

// takeIn puts a household that another county let go on the roll of this one, from the next period on.
func (w *work) takeIn(place *rollPlace, c *roll.Change, of *casework.Case) error {
	out, err := w.change(c.MovedOut)
	if err != nil {
		return err
	}
	if c.ToProgramme == c.Programme { // the details of then are those of the numbers before, too
		if err := w.changePayees(place, c.Payee); err != nil {
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
	var id relief.CaseID
	if of != nil {
		id = of.ID
	}
	if err := w.enter(c.ToProgramme, c.Subject, c.Opened, id, roll.EarlierDetails{Change: c.ID}); err != nil {
		return err
	}
	if len(out.Members) > 0 {
		if err := w.putHouseholdClaims(casework.Claim{
			Programme: c.ToProgramme, County: opened.County, Head: c.Subject, Number: opened.Number,
		}, nil, out.Members); err != nil {
			return err
		}
		if err := w.Put(relief.HouseholdKey(c.ToProgramme, c.Subject), roll.Household{Members: out.Members}); err != nil {
			return err
		}
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
	index.Page, index.Own = existing.Page, !existing.Page.IsZero()
	if err := w.purgeChanged(subject, programme, existing); err != nil {
		return err
	}
	return w.Put(key, index)
}
