package rules

import (
	"maps"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// foundsBySource reports whether less is owed to an entry of a programme that takes its people from other rolls because the transaction
// changes what such a roll says of the same person.
func (e *txChanges) foundsBySource(c *changedEntry, changes []owedChange) bool {
	if slices.ContainsFunc(changes, func(o owedChange) bool { return o.is > o.was }) {
		return false
	}
	refs := e.referencesOf(c.after.Ref(c.position))
	return slices.ContainsFunc(e.entries, func(s changedEntry) bool {
		return slices.Contains(e.Takes[c.at.Programme], s.at.Programme) && slices.Contains(refs, s.after.Ref(s.position))
	})
}

// stillTaken finds programmes that owe somebody for a month, though the rolls that they take their people from owe them nothing for it
// any more.
func (e *txChanges) stillTaken(c *changedEntry) {
	for _, id := range slices.Sorted(maps.Keys(e.Takes)) {
		sources := e.Takes[id]
		if !slices.Contains(sources, c.at.Programme) {
			continue
		}
		numbers := e.numbersOf(c.after.Ref(c.position))
		taken := e.runsOf(numbers, id)
		for _, o := range c.owedChanges(slices.Concat(taken...)...) {
			if o.is == 0 && owedUnder(taken, o.month) && !owedUnder(e.runsOf(numbers, sources...), o.month) {
				e.report(Money, "programme %s owes the person of number %d of %s in %s for %s, and nothing is owed on the rolls that it takes people from",
					id, c.number(), c.at.Programme, c.at.County, o.month)
				break
			}
		}
	}
}

// runsOf are the terms of those of some numbers that are on the rolls of some programmes.
func (e *txChanges) runsOf(numbers []rollNumber, programmes ...relief.ProgrammeID) (all [][]roll.Run) {
	for _, n := range numbers {
		k, _ := relief.ParseKey(n.segment)
		seg, err := roll.ParseSegment(e.Segments[n.segment])
		if err == nil && n.slot < seg.Len() && slices.Contains(programmes, relief.ProgrammeID(k.Attrs[0])) {
			all = append(all, seg.Runs(n.slot))
		}
	}
	return all
}

// owedUnder reports whether something is owed for a month under one of some numbers.
func owedUnder(numbers [][]roll.Run, month relief.Period) bool {
	return slices.ContainsFunc(numbers, func(runs []roll.Run) bool { return owedIn(runs, month) > 0 })
}
