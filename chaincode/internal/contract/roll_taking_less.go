// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"

	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// less is an entry of a roll of which an act leaves less to programmes that take their people from the roll, from a month on.
type less struct {
	programme relief.ProgrammeID
	subject   relief.SubjectRef
	from      relief.Period
}

// noteLess notes that an act leaves less of an entry from a month on; of none nothing is noted.
func (w *work) noteLess(at roll.SegmentAddr, from relief.Period, seg roll.Segment, position int) {
	if !from.IsZero() {
		w.less = append(w.less, less{at.Programme, seg.Ref(position), from})
	}
}

// takeLess lowers, at the end of a transaction, what programmes owe that take their people from rolls on which its acts leave less, for
// the months that they have taken: to what the rolls say now. Whoever goes on under another number is not lowered.
func (w *work) takeLess() error {
	if len(w.less) == 0 {
		return nil
	}
	all, err := w.takingProgrammes()
	if err != nil {
		return err
	}
	noted := w.less
	w.less = nil
	for _, v := range all {
		of := slices.DeleteFunc(slices.Clone(noted), func(l less) bool { return !slices.Contains(v.FromProgrammes, l.programme) })
		if err := w.takeLessFor(v, of); err != nil {
			return err
		}
	}
	return nil
}

// takingProgrammes are the programmes that take their people from other rolls, in the order of their ids, each as it is or last was in
// force.
func (w *work) takingProgrammes() (all []*programme.Version, err error) {
	err = w.Scan(relief.Key{Kind: relief.KindProgramme}, func(_ []string, value []byte) error {
		p, err := uow.Parse[programme.Programme](relief.KindProgramme, value)
		if err != nil {
			return err
		}
		if v := p.LastInForce(); v != nil && v.FromRolls() {
			all = append(all, v)
		}
		return nil
	})
	return all, err
}

// takeLessFor is takeLess for one programme.
func (w *work) takeLessFor(v *programme.Version, of []less) error {
	if len(of) == 0 {
		return nil
	}
	t := &takings{work: w, version: v}
	refs := make([]relief.SubjectRef, len(of))
	for i := range of {
		refs[i] = of[i].subject
	}
	if err := t.fetch(refs); err != nil {
		return err
	}
	for i := range of {
		known, err := w.linked(of[i].subject)
		if err != nil {
			return err
		}
		for _, ref := range known {
			if err := w.lowerTaken(v, ref, known, of[i].from); err != nil {
				return err
			}
		}
	}
	return nil
}

// lowerTaken lowers what a programme owes a person under a reference for the months from one on, to what other rolls say now.
func (w *work) lowerTaken(v *programme.Version, ref relief.SubjectRef, known []relief.SubjectRef, from relief.Period) error {
	index, err := uow.Find[roll.IndexEntry](w.Work, relief.RollIndexKey(ref, v.ID))
	if err != nil || index == nil {
		return err
	}
	last := relief.DefaultCalendar.Day(w.Actor.At).Month() + listedAhead
	for month := from; month.FirstMonth() <= last; month = month.Next() {
		t := &takings{work: w, version: v, month: month, parts: map[roll.SegmentAddr]*roll.Part{}}
		n, err := t.ofPerson(v.ID, ref)
		if err != nil {
			return err
		}
		if n == nil || !t.owed(n) {
			continue
		}
		if t.rate, err = uow.Find[programme.Rate](w.Work, relief.RateKey(v.ID, month)); err != nil || t.rate == nil {
			return err
		}
		terms, err := t.now(known)
		if err != nil {
			return err
		}
		if terms == nil || terms.Amount >= n.part.Segment.Owed(n.slot, month) {
			continue
		}
		after, err := roll.LowerMonth(n.part.Segment, n.slot, month, *terms)
		if err != nil {
			return err
		}
		if err := w.putSegment(n.part.At, after); err != nil {
			return err
		}
		if err := w.lowered(n.part.At, after, []lowering{{n.slot, month}}); err != nil {
			return err
		}
	}
	return nil
}

// now is what the rolls say now of a person for the month: terms without an amount when nothing is owed on any of them, nil when
// something is, which could not be taken.
func (t *takings) now(refs []relief.SubjectRef) (*roll.Terms, error) {
	for source, id := range t.version.FromProgrammes {
		for _, ref := range refs {
			n, err := t.ofPerson(id, ref)
			if err != nil {
				return nil, err
			}
			if n == nil || !t.owed(n) {
				continue
			}
			p, err := t.person(source, n)
			switch {
			case err != nil:
				return nil, err
			case p.Code == relief.LineOtherRoll:
				return &roll.Terms{}, nil
			case p.Code != "":
				return nil, nil //nolint:nilnil // as the function says
			}
			return &roll.Terms{Class: p.Class, Persons: p.Persons, Amount: p.Amount}, nil
		}
	}
	return &roll.Terms{}, nil
}
