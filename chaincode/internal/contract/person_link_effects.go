// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"

	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
)

// link has both references be one human being's: the numbers under the earlier one end, and others open under the later one; cases
// and imported households have the later one as their member.
func (w *work) link(l *roll.Link) error {
	p, err := w.linking(&l.LinkTerms)
	if err != nil {
		return err
	}
	if len(p.inForce) != len(l.Details) {
		return errLinkChanged
	}
	all, err := roll.Join(p.fromFirst(l.From), p.fromFirst(l.To))
	if err != nil {
		return err
	}
	for i, place := range p.inForce {
		if place.at.Programme != l.Details[i].Programme {
			return errLinkChanged
		}
		if place.index.Case == "" {
			c, _, err := w.caseOf(place)
			if err != nil {
				return err
			}
			if c, err = w.putAdopted(place, c); err != nil {
				return err
			}
			p.cases = append(p.cases, c)
		}
		if err := w.relink(place, l); err != nil {
			return err
		}
	}
	if err := w.relinkClaims(p, l); err != nil {
		return err
	}
	for _, ref := range all.Subjects {
		if err := w.Put(relief.LinkedKey(ref), all); err != nil {
			return err
		}
	}
	return nil
}

var errLinkChanged = relief.Errorf(relief.CodeConflict, "the person's entries have changed since the link was proposed: refuse or withdraw it and propose it again")

// fromFirst are the references on the side of one, which is the present one there and comes last.
func (p *linking) fromFirst(present relief.SubjectRef) []relief.SubjectRef {
	side := p.from
	if p.to[0] == present {
		side = p.to
	}
	return append(slices.Clone(side[1:]), side[0])
}

// relink ends a number and opens another one under the later reference, from the next period that is not listed.
func (w *work) relink(place *rollPlace, l *roll.Link) error {
	payees, err := w.payeesOf(place.at)
	if err != nil {
		return err
	}
	e := place.entry()
	s := roll.Successor{Subject: l.To, Region: e.Region, Payee: payees.Payee(place.slot())}
	days, err := w.days()
	if err != nil {
		return err
	}
	opened, err := w.openAfter(place, &s, &roll.Ended{From: roll.NextPossible(&e, days.Day(w.Actor.At))})
	if err != nil {
		return err
	}
	l.Opened = append(l.Opened, roll.Opened{Programme: e.Programme, Number: opened, From: s.From})
	if err := w.endEntry(place, s.From.Previous()); err != nil {
		return err
	}
	return w.enter(e.Programme, l.To, &l.Opened[len(l.Opened)-1], place.index.Case, roll.EarlierDetails{Link: l.From})
}

// relinkClaims has the later reference in the place of the earlier one in the households that it is a member of.
func (w *work) relinkClaims(p *linking, l *roll.Link) error {
	for i := range p.cases {
		before := p.cases[i]
		after, err := casework.Relink(before, l.From, l.To, w.Actor)
		if err != nil {
			return err
		}
		for _, o := range l.Opened {
			if after.Roll != nil && after.Programme == o.Programme && after.Head() == l.To {
				after.Roll = &o.Number
			}
		}
		if _, err := w.putCase(&before, after, true); err != nil {
			return err
		}
	}
	for _, c := range p.claims {
		if c.Case != "" || c.Head == l.From {
			continue
		}
		key := relief.HouseholdKey(c.Programme, c.Head)
		household, err := uow.Get[roll.Household](w.Work, key)
		if err != nil {
			return err
		}
		members := slices.Clone(household.Members)
		if at := slices.Index(members, l.From); at >= 0 {
			members[at] = l.To
		}
		if err := w.putHouseholdClaims(c, &household, members); err != nil {
			return err
		}
		if err := w.Put(key, roll.Household{Members: members}); err != nil {
			return err
		}
	}
	return nil
}
