// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

var setTermsAction = action[api.SetTermsInput, roll.Change]{
	f:     api.RollSetTerms,
	reads: func(_ *work, in api.SetTermsInput) []relief.Key { return proposalReads(in.EntryInput) },
	handle: func(w *work, in api.SetTermsInput) (roll.Change, error) {
		return w.propose(in.EntryInput, roll.ChangeTerms{
			Kind: roll.ChangeGrant, Class: in.Class, Persons: in.Persons, Amount: in.Amount,
			From: in.From, Reason: string(in.Reason), Document: in.Document,
		}, nil)
	},
}

// checkGranted refuses a change of terms that the programme or the size of the household does not allow. An imported household's
// members are known as far as the import named them.
func (w *work) checkGranted(place *rollPlace, c *roll.Change) error {
	if c.Kind != roll.ChangeGrant {
		return nil
	}
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(c.Programme))
	if err != nil {
		return err
	}
	members := roll.MaxPersons
	if place.index.Case != "" {
		record, err := w.getCase(place.index.Case)
		if err != nil {
			return err
		}
		members = len(record.Members)
	}
	return c.FitTerms(&p, members) //nolint:wrapcheck // of this module
}

// putEntry has an entry written that an act has changed. Payments of the person in open batches that are more than is owed now are
// taken out.
func (w *work) putEntry(place *rollPlace, after roll.Segment) error {
	before := place.segment
	place.segment = after
	if err := w.putSegment(place.at, after); err != nil {
		return err
	}
	return w.withdrawLowered(place.at, before, after, []int{place.slot()})
}

// withdrawLowered takes payments of those positions out of open batches for which an act has lowered what is owed, and opens the
// overpayments of those who were paid more.
func (w *work) withdrawLowered(at roll.SegmentAddr, before, after roll.Segment, positions []int) error {
	var first relief.Period
	var lowered []int
	last := relief.MonthPeriod(relief.DefaultCalendar.Day(w.Actor.At).Month() + listedAhead)
	for _, position := range positions {
		from := before.LoweredFrom(after, position, last)
		if from.IsZero() {
			continue
		}
		lowered = append(lowered, position)
		if first.IsZero() || from.Before(first) {
			first = from
		}
	}
	if len(lowered) == 0 {
		return nil
	}
	return w.lowered(at, after, lowered, first)
}

// listedAhead is how many months ahead there may be payments.
const listedAhead = 12
