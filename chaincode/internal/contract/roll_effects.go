// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
)

// takeEffect has a confirmed change written on the roll and on the case that put the household there.
func (w *work) takeEffect(c *roll.Change) error {
	place, err := w.rollPlace(c.Programme, c.Subject)
	if err != nil {
		return err
	}
	part, err := w.part(place.at)
	if err != nil {
		return err
	}
	days, err := w.days()
	if err != nil {
		return err
	}
	if err := c.CheckBase(&part, place.slot(), days, w.Actor); err != nil {
		return err
	}
	if c.Kind.Succeeds() {
		return w.continueElsewhere(place, &part, c, days)
	}
	if err := w.checkGranted(place, c); err != nil {
		return err
	}
	before, after, err := w.caseAfter(place, c, days)
	if err != nil {
		return err
	}
	if after != nil && place.index.Case == "" {
		if _, err := w.putAdopted(place, *before); err != nil {
			return err
		}
	}
	if err := w.changeEntry(place, c); err != nil || after == nil {
		return err
	}
	_, err = w.putCase(before, *after, true)
	return err
}

// mayTakeEffect refuses a change that the state of its case, or of the household, does not allow.
func (w *work) mayTakeEffect(place *rollPlace, c *roll.Change, days *relief.Calendar) error {
	if c.Kind.Succeeds() {
		_, _, err := w.successionOf(place, c, days)
		return err
	}
	_, _, err := w.caseAfter(place, c, days)
	return err
}

// changeEntry has the roll's part of a change written.
func (w *work) changeEntry(place *rollPlace, c *roll.Change) (err error) {
	var seg roll.Segment
	switch c.Kind {
	case roll.ChangePayee:
		return w.changePayee(place, c)
	case roll.ChangeExit:
		return w.exitRoll(place, roll.Leaving{Reason: roll.ExitReason(c.Reason), DiedOn: c.DiedOn, Last: c.LastPeriod})
	case roll.ChangeSuspend:
		seg, err = roll.Suspend(place.segment, place.slot(), c.From)
	case roll.ChangeResume:
		seg, err = roll.Resume(place.segment, place.slot(), c.From)
	case roll.ChangeGrant:
		seg, err = roll.SetTerms(place.segment, place.slot(), c.Terms(), c.From)
	case roll.ChangeResidence:
		seg, err = roll.SetResidence(place.segment, place.slot(), c.Residence, c.From)
	}
	if err != nil {
		return err
	}
	return w.putEntry(place, seg)
}

// caseAfter is the case of a household on the roll, before a change and after it; both are nil for a change that no case knows
// of.
func (w *work) caseAfter(place *rollPlace, c *roll.Change, days *relief.Calendar) (before, after *casework.Case, err error) {
	if c.Kind == roll.ChangePayee || c.Kind == roll.ChangeResidence {
		return nil, nil, nil
	}
	record, v, err := w.caseOf(place)
	if err != nil {
		return nil, nil, err
	}
	var out casework.Case
	switch c.Kind {
	case roll.ChangeExit:
		out, err = casework.Exit(record, v, days, c, w.Actor)
	case roll.ChangeSuspend:
		out, err = casework.Suspend(record, c.From, c.Reason, w.Actor)
	case roll.ChangeGrant:
		out, err = casework.ChangeTerms(record, c, w.Actor)
	default:
		out, err = casework.Resume(record, w.Actor)
	}
	return &record, &out, err
}

// changePayee makes the private details of a change the person's own, and purges those of the change before. They count for all
// numbers that the person has had.
func (w *work) changePayee(place *rollPlace, c *roll.Change) error {
	if err := w.changePayees(place, c); err != nil {
		return err
	}
	if err := w.purgeChanged(c.Subject, c.Programme, &place.index); err != nil {
		return err
	}
	index := place.index
	index.Change, index.Earlier = c.ID.Serial(), roll.EarlierDetails{}
	return w.Put(relief.RollIndexKey(c.Subject, c.Programme), index)
}

// changePayees has the payee of new private details written beside all numbers that a person has had.
func (w *work) changePayees(place *rollPlace, c *roll.Change) error {
	numbers, err := w.numbers(place)
	if err != nil {
		return err
	}
	for _, p := range numbers {
		part, err := w.part(p.at)
		if err != nil {
			return err
		}
		if !c.MovesMoney(part.Payees.Payee(p.slot())) {
			continue
		}
		if err := w.answered(p); err != nil {
			return err
		}
	}
	for _, p := range numbers {
		if err := w.putPayee(p, c.Payee); err != nil {
			return err
		}
	}
	return nil
}

// putPayee has the payee of new private details written beside an entry.
func (w *work) putPayee(p *rollPlace, payee roll.Payee) error {
	before, err := w.part(p.at)
	if err != nil {
		return err
	}
	after, ok := before.WithPayee(p.slot(), payee)
	if !ok {
		return relief.Errorf(relief.CodeInvalid, "the details of this entry cannot be changed more often")
	}
	return w.putPart(&before, &after)
}

// answered refuses, with PENDING, a person with a payment that the bank has not answered: it is on its way to the account
// that was approved. A returned payment has its answer, and is paid again to the account of then.
func (w *work) answered(place *rollPlace) error {
	cycle, err := w.cycle(place.at.Programme)
	if err != nil {
		return err
	}
	periods := cycle.PeriodsUntil(place.segment.Begins(place.slot()), w.Actor.At)
	payments, err := w.paymentsIn(place.at, periods)
	if err != nil {
		return err
	}
	for i := range payments {
		unanswered, err := payments[i].Unanswered(place.slot(), w.batchState)
		if err != nil {
			return err
		}
		if unanswered {
			return relief.Errorf(relief.CodePending, "the bank has not answered the payment for %s: the payee changes after its answer, or after the batch is cancelled", periods[i])
		}
	}
	return nil
}

// changeDetails gives the sealed details of a payee's change to a member of the collection, from the peer of the caller's
// own agency.
func changeDetails(w *work, in api.ChangeInput) (api.ChangeDetails, error) {
	var out api.ChangeDetails
	if err := w.ownPeer(); err != nil {
		return out, err
	}
	c, err := w.change(in.Change)
	if err != nil {
		return out, err
	}
	if err := relief.RequireRegion(w.Actor.By, c.Region); err != nil {
		return out, err
	}
	sealed, err := w.sealedAs(relief.ChangeKey(c.ID), c.DetailsSHA256)
	if err != nil {
		return out, err
	}
	if sealed == nil {
		return out, relief.Errorf(relief.CodeNotFound, "the details of this change are not kept any more")
	}
	out = api.ChangeDetails{Change: c, New: sealed}
	if c.State == roll.ChangeProposed {
		if out.Old, err = w.presentDetails(&c); err != nil {
			return out, err
		}
	}
	out.SameAccount, err = w.sameAccount(&c)
	return out, err
}

// presentDetails are the details of a change's person that are in force, nil when none are kept.
func (w *work) presentDetails(c *roll.Change) (*api.Details, error) {
	place, err := w.rollPlace(c.Programme, c.Subject)
	if err != nil {
		return nil, err
	}
	details, err := w.details(c.Programme, []relief.SubjectRef{c.Subject})
	if err != nil || details[0] == nil {
		return nil, err
	}
	payees, err := w.payeesOf(place.at)
	if err != nil {
		return nil, err
	}
	old := detailsAt(place.at, place.slot(), c.Subject, details[0], payees)
	return &old, nil
}

// sameAccount are the numbers of others on the county's roll whose money goes to the account of a change.
func (w *work) sameAccount(c *roll.Change) ([]uint32, error) {
	numbers := []uint32{}
	_, programme := c.Details()
	size, err := w.segmentSize(programme)
	if err != nil {
		return nil, err
	}
	prefix := relief.Key{Kind: relief.KindPayees, Attrs: []string{string(programme), string(c.PaidOn())}}
	err = w.Walk(prefix, func(attrs []string, value []byte) error {
		segment, err := relief.ParseSegment(attrs[len(attrs)-1])
		if err != nil {
			return err
		}
		payees, err := roll.ParsePayees(value)
		if err != nil {
			return err
		}
		for i := range payees.Len() {
			number := segment*size + uint32(i)
			if number != c.Number && len(numbers) < api.MaxSameAccount && payees.Payee(i).Account.Equal(c.Account) {
				numbers = append(numbers, number)
			}
		}
		return nil
	})
	return numbers, err
}
