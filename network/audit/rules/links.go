package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// link checks that two references were linked by another official than the one who proposed it, and that the link is what its
// digest says.
func (e *txChanges) link(r Record) {
	l, ok := unpack[roll.Link](e, r)
	if !ok {
		return
	}
	name := "link of " + l.From.String()
	if relief.LinkKey(l.From).String() != r.Name || len(l.Acts) == 0 {
		e.report(BadRecord, "%s is not what its key says", KeyName(r.Name))
		return
	}
	proposed := -1
	for i := range l.Acts {
		if l.Acts[i].Act == relief.ActPersonProposeLink {
			proposed = i
		}
	}
	if proposed < 0 {
		e.report(BadRecord, "%s was proposed by nobody", name)
		return
	}
	if sum, err := l.Digest(proposed); err != nil || sum != l.SHA256 {
		e.report(BadRecord, "%s is not what its digest says", name)
	}
	last := l.Acts[len(l.Acts)-1]
	if last.Act == relief.ActPersonConfirmLink && relief.SameOfficial(last.By, l.Acts[proposed].By) {
		e.report(BadRecord, "%s is decided by the official who proposed it", name)
	}
	if l.State == roll.LinkConfirmed && last.Tx == e.tx.ID {
		e.joined = append(e.joined, l)
	}
	e.Segments[r.Name] = r.Value
}

// linked keeps which references are one person's. Each follows from links that the same transaction or an earlier one confirmed.
func (e *txChanges) linked(r Record) {
	all, ok := unpack[roll.Linked](e, r)
	if !ok {
		return
	}
	for _, ref := range all.Subjects[:max(0, len(all.Subjects)-1)] {
		var l roll.Link
		if err := json.Unmarshal(e.Segments[relief.LinkKey(ref).String()], &l); err != nil || l.State != roll.LinkConfirmed {
			e.report(BadRecord, "%s names a reference that no confirmed link has: %s", KeyName(r.Name), ref)
		}
	}
	e.Segments[r.Name] = r.Value
}

// present is the reference that stands for a person now.
func (b *State) present(ref relief.SubjectRef) relief.SubjectRef {
	value := b.Segments[relief.LinkedKey(ref).String()]
	if value == nil {
		return ref
	}
	var all roll.Linked
	if json.Unmarshal(value, &all) != nil || len(all.Subjects) == 0 {
		return ref // reported when it was written
	}
	return all.Subjects[len(all.Subjects)-1]
}

// cameBack is the month from which the number that another one continues is a household's again: somebody who no longer leads the
// household has come back to the roll for themselves. It is zero for a number that has ended for good.
func (b *State) cameBack(id relief.ProgrammeID, ended roll.Predecessor) relief.Period {
	size := b.Sizes[id]
	seg, err := roll.ParseSegment(b.Segments[relief.RollKey(id, ended.County, ended.Number/size).String()])
	if position := int(ended.Number % size); err == nil && position < seg.Len() && ended.Until.Before(seg.From(position)) {
		return seg.From(position)
	}
	return relief.Period{}
}

// continuedTwice finds periods that were paid under a number and under one that it continues: the same household, with another
// head, in another region, or with a corrected identity number.
func (b *State) continuedTwice() (found []Problem) {
	for _, name := range slices.Sorted(maps.Keys(b.Segments)) {
		k, _ := relief.ParseKey(name)
		if k.Kind != relief.KindRoll || len(k.Attrs) != 3 {
			continue
		}
		entries, err := roll.ParseSegment(b.Segments[name])
		size := b.Sizes[relief.ProgrammeID(k.Attrs[0])]
		if err != nil || size == 0 {
			continue // reported when it was written
		}
		for i := range entries.Len() {
			before, ok := entries.Predecessor(i)
			if !ok {
				continue
			}
			now := b.paidPeriods(k.Attrs[0], rollPosition{k.Attrs[1], k.Attrs[2], i})
			earlier := rollPosition{
				string(before.County), relief.RollKey("", before.County, before.Number/size).Attrs[2], int(before.Number % size),
			}
			again := b.cameBack(relief.ProgrammeID(k.Attrs[0]), before)
			for _, period := range b.paidPeriods(k.Attrs[0], earlier) {
				p, err := relief.ParsePeriod(period)
				theirs := err == nil && !again.IsZero() && !p.Before(again)
				if slices.Contains(now, period) && !theirs {
					found = append(found, Problem{Kind: PaidTwice, Detail: fmt.Sprintf(
						"number %d of programme %s in %s and the number that continues it are both paid for %s",
						before.Number, k.Attrs[0], before.County, period)})
				}
			}
		}
	}
	return found
}
