// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// Adopt makes the case of a household that an import put on the roll.
func (*caseContract) Adopt(ctx *Context, input string) (string, error) {
	return adoptAction.one(ctx, input)
}

var adoptAction = action[api.EntryInput, casework.Case]{
	f: api.CaseAdopt,
	reads: func(_ *work, in api.EntryInput) []relief.Key {
		return []relief.Key{
			relief.RollIndexKey(in.Subject, in.Programme), relief.ProgrammeKey(in.Programme), relief.HouseholdKey(in.Programme, in.Subject),
		}
	},
	handle: adopt,
}

func adopt(w *work, in api.EntryInput) (casework.Case, error) {
	place, err := w.rollPlace(in.Programme, in.Subject)
	if err != nil {
		return casework.Case{}, err
	}
	c, v, err := w.caseOf(place)
	if err != nil {
		return c, err
	}
	if v.FromRolls() {
		return c, w.fromRolls()
	}
	if place.index.Case != "" {
		return c, relief.RequireRegion(w.Actor.By, c.Region) //nolint:wrapcheck // of this module
	}
	return w.putAdopted(place, c)
}

// caseOf is the case of a household on a roll, and the version of the programme that it is under. An imported household of which no
// act has made a case has the one that its entry makes; putAdopted has that written.
func (w *work) caseOf(place *rollPlace) (casework.Case, *programme.Version, error) {
	if place.index.Case != "" {
		return w.caseAndVersion(place.index.Case)
	}
	programme := place.at.Programme
	v, err := w.version(programme, 0)
	if err != nil {
		return casework.Case{}, nil, err
	}
	entry := place.entry()
	household, err := uow.Find[roll.Household](w.Work, relief.HouseholdKey(programme, entry.Subject))
	if err != nil {
		return casework.Case{}, nil, err
	}
	c, err := casework.Adopt(entry, household, v, w.Actor)
	return c, v, err //nolint:wrapcheck // of this module
}

// putAdopted has the case of an imported household written, which its index entry names from then on. The claims on its members
// are then those of the case.
func (w *work) putAdopted(place *rollPlace, c casework.Case) (casework.Case, error) {
	place.index.Case = c.ID
	if err := w.Put(relief.RollIndexKey(c.Head(), c.Programme), place.index); err != nil {
		return c, err
	}
	return w.putCase(nil, c, true)
}

// keepHousehold has the record of an imported household follow the case that was made of it: an import compares members with the
// record. A household that leaves has no members in it.
func (w *work) keepHousehold(before, c *casework.Case) error {
	if c.Adopted == nil {
		return nil
	}
	if before != nil && before.Head() != c.Head() {
		if err := w.putHousehold(c.Programme, before.Head(), nil); err != nil {
			return err
		}
	}
	if !c.Live() {
		return w.putHousehold(c.Programme, c.Head(), nil)
	}
	return w.putHousehold(c.Programme, c.Head(), c.Members[1:])
}

func (w *work) putHousehold(programme relief.ProgrammeID, head relief.SubjectRef, members []relief.SubjectRef) error {
	key := relief.HouseholdKey(programme, head)
	known, err := uow.Find[roll.Household](w.Work, key)
	if err != nil || known.Same(members) {
		return err
	}
	return w.Put(key, roll.Household{Members: append([]relief.SubjectRef{}, members...)})
}
