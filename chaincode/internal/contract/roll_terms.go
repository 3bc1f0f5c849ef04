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

// putEntry has an entry written that an act has changed, and settles what lowering what is owed leaves behind.
func (w *work) putEntry(place *rollPlace, after roll.Segment) error {
	before := place.segment
	place.segment = after
	if err := w.putSegment(place.at, after); err != nil {
		return err
	}
	return w.entryLowered(place.at, before, after, place.slot())
}

// entriesLowered is entryLowered for every entry of a segment that an act has changed.
func (w *work) entriesLowered(at roll.SegmentAddr, before, after roll.Segment) error {
	for position := range before.Len() {
		if after.SameEntry(before, position) {
			continue
		}
		if err := w.entryLowered(at, before, after, position); err != nil {
			return err
		}
	}
	return nil
}

// entryLowered settles what is left where an act has lowered what is owed to an entry; see lowered.
func (w *work) entryLowered(at roll.SegmentAddr, before, after roll.Segment, position int) error {
	last := relief.MonthPeriod(relief.DefaultCalendar.Day(w.Actor.At).Month() + listedAhead)
	from := before.LoweredFrom(after, position, last)
	if from.IsZero() {
		return nil
	}
	return w.lowered(at, after, position, from)
}

// listedAhead is how many months ahead there may be payments.
const listedAhead = 12
