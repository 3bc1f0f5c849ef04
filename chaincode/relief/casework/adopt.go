package casework

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// Adoption says that a case was made from an entry of a roll, which an import put there: what the roll said then. There was no
// application, no notice and no decision on this record.
type Adoption struct {
	From      relief.Period `json:"from"`           // the first period of the entry
	Until     relief.Period `json:"until,omitzero"` // the only period of one-off relief
	roll.Told               // was paid before this record began
}

// Adopt makes the case of an imported household: the entry of its head on the roll, and its other members where the import named
// them. Nothing of what the household is granted changes, so any official with the duty may do it alone. WRONG_STATE for a household that
// has left: the act by which it left has made its case. v is the programme's version in force.
func Adopt(e roll.Entry, household *roll.Household, v *programme.Version, actor relief.Actor) (Case, error) {
	if err := relief.RequireRegion(actor.By, e.Region); err != nil {
		return Case{}, err
	}
	if e.State != roll.InForce {
		return Case{}, relief.Errorf(relief.CodeWrongState, "the household left the roll: its case is no more made")
	}
	members := []relief.SubjectRef{e.Subject}
	if household != nil {
		members = append(members, household.Members...)
	}
	return Case{
		ID: relief.NewRollCaseID(e.Programme, e.County, e.Number, e.From), Programme: e.Programme, Version: v.Version, Region: e.Region,
		Members: members, State: CaseInForce, Terms: roll.Terms{Class: e.Class, Persons: e.Persons, Amount: e.Amount},
		Roll:    &roll.Number{County: e.County, Number: e.Number},
		Adopted: &Adoption{From: e.From, Until: e.Until, Told: e.Told},
		Acts:    []relief.HistoryEntry{actor.Entry(relief.ActCaseAdopt)},
	}, nil
}

// until is the only period of one-off relief, zero for any other relief.
func (c *Case) until() relief.Period {
	switch {
	case c.Decision != nil:
		return c.Decision.Until
	case c.Adopted != nil:
		return c.Adopted.Until
	}
	return relief.Period{}
}

// keeps reports whether the case keeps facts or evidence of the household. One that was made from the roll keeps none until an act
// brings some.
func (c *Case) keeps() bool {
	return c.Adopted == nil || len(c.FactsVersions()) > 0 || len(c.Evidence) > 0
}

// size is how many persons the household has: its members, or as many as the roll said while the import named none of them.
func (c *Case) size(members []relief.SubjectRef) int {
	if c.Adopted != nil && slices.Equal(members, c.Members) {
		return max(len(members), int(c.Terms.Persons))
	}
	return len(members)
}

// replaces reports whether a claim is that of the imported household which the case is made of.
func (c *Case) replaces(claim *Claim) bool {
	return c.Adopted != nil && claim.Case == "" && claim.Programme == c.Programme && claim.Head == c.Head()
}

// OnRoll reports whether the case's household is or was on the roll.
func (c *Case) OnRoll() bool {
	return c.InForce() || c.State == CaseExited || c.State == CaseMovedOut || c.State == CaseExitAppealed || c.State == CaseClosed
}
