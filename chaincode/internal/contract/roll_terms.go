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

var setResidenceAction = action[api.SetResidenceInput, roll.Change]{
	f:     api.RollSetResidence,
	reads: func(_ *work, in api.SetResidenceInput) []relief.Key { return proposalReads(in.EntryInput) },
	handle: func(w *work, in api.SetResidenceInput) (roll.Change, error) {
		return w.propose(in.EntryInput, roll.ChangeTerms{
			Kind: roll.ChangeResidence, Residence: in.Residence, From: in.From, Reason: in.Reason, Document: in.Document,
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
		if record.Adopted == nil || len(record.Members) > 1 { // else the import named nobody but the head
			members = len(record.Members)
		}
	}
	if err := w.requireBegin(c.Region, c.From); err != nil {
		return err
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

// entriesLowered settles what is left where an act has lowered what is owed to entries of a segment; see lowered.
func (w *work) entriesLowered(at roll.SegmentAddr, before, after roll.Segment) error {
	var entries []lowering
	for position := range before.Len() {
		from := w.loweredFrom(before, after, position)
		w.noteLess(at, before.TakesLessFrom(after, position, from), before, position)
		if !from.IsZero() {
			entries = append(entries, lowering{position, from})
		}
	}
	return w.lowered(at, after, entries)
}

// entryLowered is entriesLowered for one entry.
func (w *work) entryLowered(at roll.SegmentAddr, before, after roll.Segment, position int) error {
	from := w.loweredFrom(before, after, position)
	w.noteLess(at, before.TakesLessFrom(after, position, from), before, position)
	if from.IsZero() {
		return nil
	}
	return w.lowered(at, after, []lowering{{position, from}})
}

// loweredFrom is the first month in which an act has lowered what is owed to an entry; the zero period when there is none.
func (w *work) loweredFrom(before, after roll.Segment, position int) relief.Period {
	last := relief.MonthPeriod(relief.DefaultCalendar.Day(w.Actor.At).Month() + listedAhead)
	return before.LoweredFrom(after, position, last)
}

// listedAhead is how many months ahead there may be payments.
const listedAhead = 12
