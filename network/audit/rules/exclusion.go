package rules

import (
	"encoding/json"
	"maps"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// rollNumber is where an entry lies: the key of a roll segment and a slot in it.
type rollNumber struct {
	segment string
	slot    int
}

// addNumber notes that a reference has a number.
func (b *State) addNumber(ref relief.SubjectRef, n rollNumber) {
	if b.numbers != nil {
		b.numbers[ref] = append(b.numbers[ref], n)
	}
}

// numbersOf are all numbers of a human being, under each reference that is theirs.
func (b *State) numbersOf(ref relief.SubjectRef) (all []rollNumber) {
	if b.numbers == nil {
		b.numbers = map[relief.SubjectRef][]rollNumber{}
		for name, value := range b.Segments {
			k, _ := relief.ParseKey(name)
			seg, err := roll.ParseSegment(value)
			if k.Kind != relief.KindRoll || err != nil {
				continue
			}
			for i := range seg.Len() {
				b.numbers[seg.Ref(i)] = append(b.numbers[seg.Ref(i)], rollNumber{name, i})
			}
		}
	}
	for _, r := range b.referencesOf(ref) {
		all = append(all, b.numbers[r]...)
	}
	return all
}

// referencesOf are all references of a human being.
func (b *State) referencesOf(ref relief.SubjectRef) []relief.SubjectRef {
	var all roll.Linked
	if value := b.Segments[relief.LinkedKey(ref).String()]; value == nil || json.Unmarshal(value, &all) != nil || !slices.Contains(all.Subjects, ref) {
		return []relief.SubjectRef{ref}
	}
	return all.Subjects
}

// group keeps which programmes exclude each other: a version of one may leave a group.
func (e *txChanges) group(r Record) {
	if _, ok := unpack[programme.ExclusionGroup](e, r); !ok {
		return
	}
	e.keep(r)
	clear(e.Excluded)
	for _, name := range slices.Sorted(maps.Keys(e.Segments)) {
		var g programme.ExclusionGroup
		if k, _ := relief.ParseKey(name); k.Kind != relief.KindExclusion || json.Unmarshal(e.Segments[name], &g) != nil {
			continue
		}
		for _, p := range g.Programmes {
			for _, q := range g.Programmes {
				if p != q && !slices.Contains(e.Excluded[p], q) {
					e.Excluded[p] = append(e.Excluded[p], q)
				}
			}
		}
	}
}

// exclude reports whether nobody may be owed something by both programmes for the same month.
func (b *State) exclude(p, q relief.ProgrammeID) bool { return slices.Contains(b.Excluded[p], q) }

// grantsOnly reports whether a programme is one of single grants, which nobody is owed by the month.
func (b *State) grantsOnly(id relief.ProgrammeID) bool { return b.Cycles[id] == programme.CycleGrant }

func quarterOf(month relief.Period) relief.Period {
	return programme.CycleQuarterly.Period(month.FirstMonth())
}
