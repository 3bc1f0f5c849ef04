// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// takings works out whom a programme takes from other rolls for a month, and with how many persons. The listing before an import and
// the import itself ask the same functions.
type takings struct {
	*work
	version *programme.Version
	rate    *programme.Rate
	month   relief.Period
	parts   map[roll.SegmentAddr]*roll.Part // read so far; only looked up, never ranged over
}

// takings begins with a programme that takes its people from other rolls, and the rate of the month.
func (w *work) takings(id relief.ProgrammeID, month relief.Period) (*takings, error) {
	v, err := w.version(id, 0)
	if err != nil {
		return nil, err
	}
	if !v.FromRolls() {
		return nil, &relief.Error{Code: relief.CodeWrongState, Field: "programme", Detail: "the programme does not take its people from other rolls"}
	}
	rate, err := w.rateInForce(id, month)
	return &takings{work: w, version: v, rate: rate, month: month, parts: map[roll.SegmentAddr]*roll.Part{}}, err
}

// rateInForce is the confirmed rate of a month.
func (w *work) rateInForce(id relief.ProgrammeID, month relief.Period) (*programme.Rate, error) {
	if month.IsZero() || month.Quarterly() {
		return nil, relief.FieldErrorf("period", "a month is written 2026-11")
	}
	rate, err := uow.Find[programme.Rate](w.Work, relief.RateKey(id, month))
	if err != nil {
		return nil, err
	}
	return rate, rate.InForce(month) //nolint:wrapcheck // of this module
}

// takeSegment says whom a programme takes from a segment of another roll for a month.
func takeSegment(w *work, in api.TakeSegmentInput) (api.TakenSegment, error) {
	out := api.TakenSegment{People: []roll.Taken{}}
	t, err := w.takings(in.Programme, in.Period)
	if err != nil {
		return out, err
	}
	source := slices.Index(t.version.FromProgrammes, in.From)
	if source < 0 {
		return out, relief.FieldErrorf("from_programme", "programme %s does not take its people from %s", in.Programme, in.From)
	}
	at, err := w.segmentAt(in.From, in.County, in.Segment)
	if err != nil {
		return out, err
	}
	part, err := t.part(at)
	if err != nil {
		return out, err
	}
	refs := make([]relief.SubjectRef, part.Segment.Len())
	for i := range refs {
		refs[i] = part.Segment.Ref(i)
	}
	if err := t.fetch(refs); err != nil {
		return out, err
	}
	for i := range refs {
		p, err := t.person(source, &ownNumber{part, i})
		if err != nil {
			return out, err
		}
		out.People = append(out.People, p)
	}
	return out, nil
}

// fetch reads in one message what the takings ask of each of some people.
func (t *takings) fetch(refs []relief.SubjectRef) error {
	keys := make([]relief.Key, 0, len(refs)*(2*len(t.version.FromProgrammes)+3))
	for _, ref := range refs {
		keys = append(keys, relief.MemberKey(ref), relief.LinkedKey(ref), relief.RollIndexKey(ref, t.version.ID))
		for _, id := range t.version.FromProgrammes {
			keys = append(keys, relief.RollIndexKey(ref, id), relief.HouseholdKey(id, ref))
		}
	}
	return t.Fetch(keys...)
}

// ownNumber is a number on a roll: a slot of a segment.
type ownNumber struct {
	part *roll.Part
	slot int
}

func (n *ownNumber) ref() relief.SubjectRef { return n.part.Segment.Ref(n.slot) }

// String names the number in a note: the programme, the county, the number.
func (n *ownNumber) String() string {
	return fmt.Sprintf("%s-%s-%07d", n.part.At.Programme, n.part.At.County, n.part.At.First()+uint32(n.slot)) //nolint:gosec // below 1000
}

// part is a segment with its payees, read once.
func (t *takings) part(at roll.SegmentAddr) (*roll.Part, error) {
	if p := t.parts[at]; p != nil {
		return p, nil
	}
	p, err := t.work.part(at)
	if err != nil {
		return nil, err
	}
	t.parts[at] = &p
	return &p, nil
}

// number is the number on a roll; nil when the roll does not have it.
func (t *takings) number(id relief.ProgrammeID, county relief.Region, number uint32) (*ownNumber, error) {
	size, err := t.segmentSize(id)
	if err != nil {
		return nil, err
	}
	at, err := segmentAddr(id, county, number/size, size)
	if err != nil {
		return nil, err
	}
	part, err := t.part(at)
	if err != nil {
		return nil, err
	}
	slot := int(number - at.First())
	if slot >= part.Segment.Len() {
		return nil, relief.Errorf(relief.CodeCorrupt, "the roll has nobody under number %d", number)
	}
	return &ownNumber{part, slot}, nil
}

// inMonth follows a household's numbers back to the one that has terms for the month. It gives the last number when none has.
func (t *takings) inMonth(n *ownNumber) (*ownNumber, error) {
	for at := n; ; {
		if terms, _ := at.part.Segment.TermsIn(at.slot, t.month); !terms.IsZero() {
			return at, nil
		}
		before, ok := at.part.Segment.PredecessorIn(at.slot, t.month)
		if !ok {
			return n, nil
		}
		next, err := t.number(at.part.At.Programme, before.County, before.Number)
		if err != nil {
			return nil, err
		}
		at = next
	}
}

// ofPerson is the number that a person has on a programme's rolls for the month, under one reference; nil for none.
func (t *takings) ofPerson(id relief.ProgrammeID, ref relief.SubjectRef) (*ownNumber, error) {
	index, err := uow.Find[roll.IndexEntry](t.Work, relief.RollIndexKey(ref, id))
	if err != nil || index == nil {
		return nil, err
	}
	n, err := t.number(id, index.County, index.Number)
	if err != nil {
		return nil, err
	}
	found, err := t.inMonth(n)
	if err != nil || found.ref() == ref {
		return found, err
	}
	return n, nil // the number before was another head's
}

func (t *takings) owed(n *ownNumber) bool { return n.part.Segment.Owed(n.slot, t.month) > 0 }
