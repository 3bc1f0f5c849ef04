// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"

	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// person says what the person of a number on the roll of one of the sources gets, or why nothing.
func (t *takings) person(source int, n *ownNumber) (roll.Taken, error) {
	seg := n.part.Segment
	terms, _ := seg.TermsIn(n.slot, t.month)
	out := roll.Taken{
		Number: n.part.At.First() + uint32(n.slot), Subject: n.ref(), Region: seg.Region(n.slot), //nolint:gosec // below 1000
		Class: terms.Class, Persons: terms.Persons, Payee: n.part.Payees.Payee(n.slot),
	}
	if !t.owed(n) {
		out.Code = t.notOwed(n)
		return out, nil
	}
	links, err := t.links(out.Subject)
	if err != nil {
		return out, err
	}
	if links != nil {
		out.Subject = links.Subjects[len(links.Subjects)-1]
	}
	if err := t.shares(source, n, &out); err != nil || out.Code != "" {
		return out, err
	}
	switch {
	case !out.Valid():
		out.Code = relief.LineNoPayee
	case out.Amount < t.version.MinAmount: // also a class without a rate
		out.Code = relief.LineAmountUnderBound
	case out.Amount > t.version.MaxAmount:
		out.Code = relief.LineAmountOverBound
	}
	return out, nil
}

// notOwed says why nothing is owed for the month under a number.
func (t *takings) notOwed(n *ownNumber) relief.LineCode {
	switch code := n.part.Segment.NothingOwed(n.slot, t.month); code {
	case "", relief.LinePaidAsTold:
		return relief.LineExited
	default:
		return code
	}
}

// shares works out the persons and the amount of a head's line: those of the household who are not taken with another one, and of
// households that the same person leads on later rolls. The line is of the first roll on which something is owed to the person.
func (t *takings) shares(source int, n *ownNumber, out *roll.Taken) error {
	refs, err := t.linked(n.ref())
	if err != nil {
		return err
	}
	total := 0
	for i, id := range t.version.FromProgrammes {
		for _, ref := range refs {
			led, err := t.ofPerson(id, ref)
			if err != nil {
				return err
			}
			if led == nil || !t.owed(led) {
				continue
			}
			if i < source {
				out.Code, out.Note, out.Persons = relief.LineOtherRoll, led.String(), 0
				return nil
			}
			persons, note, err := t.share(i, led)
			if err != nil {
				return err
			}
			if i == source {
				out.Note = note
			} else if t.version.RateBy == programme.RateByHousehold {
				continue
			}
			terms, _ := led.part.Segment.TermsIn(led.slot, t.month)
			total += persons
			if persons > 0 {
				out.Amount += t.rate.Of(t.version.RateBy, terms.Class, uint8(persons)) //nolint:gosec // at most 99
			}
		}
	}
	switch {
	case total == 0:
		out.Code, out.Persons = relief.LineOtherRoll, 0
	case total > roll.MaxPersons:
		out.Code = relief.LinePersons
	default:
		out.Persons = uint8(total)
	}
	return nil
}

// share is how many persons of a household are not taken with another one, and a number with which one of the others is. A head who is
// taken elsewhere takes along everybody of whom nobody knows who they are.
func (t *takings) share(source int, n *ownNumber) (persons int, note string, err error) {
	terms, _ := n.part.Segment.TermsIn(n.slot, t.month)
	persons = int(terms.Persons)
	members, err := t.members(n.part.At.Programme, n.ref())
	if err != nil {
		return 0, "", err
	}
	if note, err = t.elsewhere(source, n.ref(), true); err != nil {
		return 0, "", err
	}
	switch {
	case note != "" && t.version.RateBy == programme.RateByHousehold:
		return 0, note, nil
	case note != "":
		persons -= 1 + max(0, persons-1-len(members))
	}
	for _, ref := range members {
		with, err := t.elsewhere(source, ref, false)
		if err != nil {
			return 0, "", err
		}
		if with != "" {
			persons--
			note = with
		}
	}
	return max(persons, 0), note, nil
}

// members are those of a household besides its head, as far as the ledger has them.
func (t *takings) members(id relief.ProgrammeID, head relief.SubjectRef) ([]relief.SubjectRef, error) {
	index, err := uow.Find[roll.IndexEntry](t.Work, relief.RollIndexKey(head, id))
	if err != nil {
		return nil, err
	}
	if index != nil && index.Case != "" {
		c, err := uow.Get[casework.Case](t.Work, relief.CaseKey(index.Case))
		if err != nil {
			return nil, err
		}
		return slices.DeleteFunc(slices.Clone(c.Members), func(ref relief.SubjectRef) bool { return ref == head }), nil
	}
	household, err := uow.Find[roll.Household](t.Work, relief.HouseholdKey(id, head))
	if err != nil || household == nil {
		return nil, err
	}
	return household.Members, nil
}

// elsewhere names the number with which somebody of a household on the roll of one of the sources is taken already: on the roll of one
// that is named before, or on a later one's from which this programme has taken the month before this one was there. "" for nobody.
func (t *takings) elsewhere(source int, person relief.SubjectRef, head bool) (string, error) {
	refs, err := t.linked(person)
	if err != nil {
		return "", err
	}
	for i, id := range t.version.FromProgrammes {
		if i == source {
			continue // one roll has a person once
		}
		for _, ref := range refs {
			numbers, err := t.with(id, ref, head && i > source)
			if err != nil {
				return "", err
			}
			for _, n := range numbers {
				counts := i < source
				if !counts {
					if counts, err = t.taken(n.ref()); err != nil {
						return "", err
					}
				}
				if counts {
					return n.String(), nil
				}
			}
		}
	}
	return "", nil
}

// with are the numbers on the rolls of a programme for which something is owed for the month to a person, as the head of a household,
// unless only others count, or as one of its members.
func (t *takings) with(id relief.ProgrammeID, ref relief.SubjectRef, others bool) (found []*ownNumber, err error) {
	add := func(n *ownNumber) {
		if n != nil && t.owed(n) && (!others || n.ref() != ref) {
			found = append(found, n)
		}
	}
	n, err := t.ofPerson(id, ref)
	if err != nil {
		return nil, err
	}
	add(n)
	m, err := uow.Find[casework.MemberRecord](t.Work, relief.MemberKey(ref))
	if err != nil || m == nil {
		return found, err
	}
	for i := range m.Claims {
		c := &m.Claims[i]
		if c.Programme != id {
			continue
		}
		at := &roll.Number{County: c.County, Number: c.Number}
		if c.Case != "" {
			record, err := uow.Get[casework.Case](t.Work, relief.CaseKey(c.Case))
			if err != nil {
				return nil, err
			}
			if at = record.Roll; at == nil {
				continue // nothing is granted yet
			}
		}
		n, err := t.number(id, at.County, at.Number)
		if err != nil {
			return nil, err
		}
		if n, err = t.inMonth(n); err != nil {
			return nil, err
		}
		add(n)
	}
	return found, nil
}

// taken reports whether the programme's own roll has a person for the month.
func (t *takings) taken(person relief.SubjectRef) (bool, error) {
	refs, err := t.linked(person)
	if err != nil {
		return false, err
	}
	for _, ref := range refs {
		n, err := t.ofPerson(t.version.ID, ref)
		if err != nil {
			return false, err
		}
		if n == nil {
			continue
		}
		if terms, _ := n.part.Segment.TermsIn(n.slot, t.month); !terms.IsZero() {
			return true, nil
		}
	}
	return false, nil
}

// refuses is the refusal of a line of an import that is not what the rolls say now: the person is taken from the first roll on which
// something is owed for the month.
func (t *takings) refuses(e *roll.Input, county relief.Region) (wire.Refusal, error) {
	refs, err := t.linked(e.Ref)
	if err != nil {
		return wire.Refusal{}, err
	}
	left := wire.Refusal{Code: relief.LineNotOnRoll}
	for source, id := range t.version.FromProgrammes {
		for _, ref := range refs {
			n, err := t.ofPerson(id, ref)
			if err != nil {
				return wire.Refusal{}, err
			}
			if n == nil {
				continue
			}
			if !t.owed(n) {
				left = wire.Refusal{Code: t.notOwed(n), Note: n.String()}
				continue
			}
			p, err := t.person(source, n)
			switch {
			case err != nil:
				return wire.Refusal{}, err
			case n.part.At.County != county:
				return wire.Refusal{Code: relief.LineRegionOutside, Note: n.String()}, nil
			case p.Code != "":
				return wire.Refusal{Code: p.Code, Note: p.Note}, nil
			case !p.Is(e):
				return wire.Refusal{Code: relief.LineNotAsProposed, Note: n.String()}, nil
			}
			return wire.Refusal{}, nil
		}
	}
	return left, nil
}
