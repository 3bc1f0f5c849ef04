// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// ReplaceHead proposes that another member leads the household.
func (*rollContract) ReplaceHead(ctx *Context, input string) (string, error) {
	return replaceHeadAction.one(ctx, input)
}

// Move proposes that the household goes on elsewhere in the county.
func (*rollContract) Move(ctx *Context, input string) (string, error) {
	return moveAction.one(ctx, input)
}

// MoveOut proposes that the household goes to another county.
func (*rollContract) MoveOut(ctx *Context, input string) (string, error) {
	return moveOutAction.one(ctx, input)
}

// MoveIn proposes to take in a household that another county let go.
func (*rollContract) MoveIn(ctx *Context, input string) (string, error) {
	return moveInAction.one(ctx, input)
}

var replaceHeadAction = action[api.ReplaceHeadInput, roll.Change]{
	f:     api.RollReplaceHead,
	reads: func(_ *work, in api.ReplaceHeadInput) []relief.Key { return proposalReads(in.EntryInput) },
	handle: func(w *work, in api.ReplaceHeadInput) (roll.Change, error) {
		sealed, err := w.sealed(wire.TransientPersons, maxPersonBytes)
		if err != nil {
			return roll.Change{}, err
		}
		return w.propose(in.EntryInput, roll.ChangeTerms{
			Kind: roll.ChangeHead, Reason: in.Reason, DiedOn: in.DiedOn, From: in.From,
			Payee: in.Payee, EvidenceSHA256: in.EvidenceSHA256, DetailsSHA256: hash(sealed),
			Class: in.Class, Persons: in.Persons, Amount: in.Amount, SuccessionTerms: roll.SuccessionTerms{Head: in.Head},
		}, sealed)
	},
}

var moveAction = action[api.MoveInput, roll.Change]{
	f:     api.RollMove,
	reads: func(_ *work, in api.MoveInput) []relief.Key { return proposalReads(in.EntryInput) },
	handle: func(w *work, in api.MoveInput) (roll.Change, error) {
		if err := w.registered(in.Region); err != nil {
			return roll.Change{}, err
		}
		return w.propose(in.EntryInput, roll.ChangeTerms{
			Kind: roll.ChangeMove, Reason: in.Reason, From: in.From, SuccessionTerms: roll.SuccessionTerms{ToRegion: in.Region},
		}, nil)
	},
}

var moveOutAction = action[api.MoveOutInput, roll.Change]{
	f:     api.RollMoveOut,
	reads: func(_ *work, in api.MoveOutInput) []relief.Key { return proposalReads(in.EntryInput) },
	handle: func(w *work, in api.MoveOutInput) (roll.Change, error) {
		if err := w.registered(in.ToCounty); err != nil {
			return roll.Change{}, err
		}
		return w.propose(in.EntryInput, roll.ChangeTerms{
			Kind: roll.ChangeMoveOut, Reason: in.Reason, LastPeriod: in.LastPeriod,
			SuccessionTerms: roll.SuccessionTerms{ToProgramme: in.ToProgramme, ToRegion: in.ToCounty},
		}, nil)
	},
}

var moveInAction = action[api.MoveInInput, roll.Change]{
	f: api.RollMoveIn,
	reads: func(_ *work, in api.MoveInInput) []relief.Key {
		return []relief.Key{relief.ChangeKey(in.Change), relief.CalendarKey()}
	},
	handle: moveIn,
}

// moveIn proposes to take in a household. The entry that the proposal is of is the one that the other county ended. Whose entry
// it is is compared for a household that was let go to the caller's county alone: of any other change the answer would tell
// whether it is of the person of an identity number.
func moveIn(w *work, in api.MoveInInput) (roll.Change, error) {
	var none roll.Change
	sealed, err := w.sealed(wire.TransientPersons, maxPersonBytes)
	if err != nil {
		return none, err
	}
	out, err := w.change(in.Change)
	if err != nil {
		return none, err
	}
	if err := relief.RequireRegion(w.Actor.By, in.Region); err != nil {
		return none, err
	}
	switch {
	case out.Kind != roll.ChangeMoveOut || out.ToRegion != in.Region.County():
		return none, relief.Errorf(relief.CodeWrongState, "change %s lets no household go to the county of %s", out.ID, in.Region)
	case in.Subject != out.Subject:
		return none, relief.FieldErrorf("subject", "change %s is of another household", out.ID)
	case in.Programme != out.ToProgramme:
		return none, relief.FieldErrorf("programme", "change %s lets the household go to programme %s", out.ID, out.ToProgramme)
	}
	if err := w.registered(in.Region); err != nil {
		return none, err
	}
	place, err := w.placeOfChange(&out)
	if err != nil {
		return none, err
	}
	return w.proposeAt(place, roll.ChangeTerms{
		Kind: roll.ChangeMoveIn, Reason: in.Reason, Payee: in.Payee, EvidenceSHA256: in.EvidenceSHA256, DetailsSHA256: hash(sealed),
		Class: in.Class, Persons: in.Persons, Amount: in.Amount,
		SuccessionTerms: roll.SuccessionTerms{ToProgramme: out.ToProgramme, ToRegion: in.Region, MovedOut: out.ID},
	}, sealed)
}

// placeOfChange is the place of a change's entry, which the person still has; NOT_FOUND when the person has another number by
// now.
func (w *work) placeOfChange(c *roll.Change) (*rollPlace, error) {
	place, err := w.rollPlace(c.Programme, c.Subject)
	if err != nil {
		return nil, err
	}
	if place.index.County != c.County || place.index.Number != c.Number {
		return nil, relief.Errorf(relief.CodeWrongState, "the person has number %d in %s by now", place.index.Number, place.index.County)
	}
	return place, nil
}
