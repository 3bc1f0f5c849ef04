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

// putEntry has an entry written that an act has changed. Lines of the person in open batches for which less is owed now are
// taken out.
func (w *work) putEntry(place *rollPlace, after roll.Segment) error {
	place.segment = after
	return w.putSegment(place.at, after)
}
