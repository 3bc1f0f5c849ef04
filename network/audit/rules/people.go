package rules

import (
	"fmt"
	"maps"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// rollPosition is a person's roll number in one county: a segment and a slot in it.
type rollPosition struct {
	county  string
	segment string
	slot    int
}

// person is a person in a programme.
type person struct {
	programme string
	ref       relief.SubjectRef
}

// PaidTwice finds people who have several roll numbers in one programme, as after a move or under linked references, and were
// paid for one period under two of them. Two payments under one roll number are found by lines.
func (b *State) PaidTwice() (found []Problem) {
	for p, positions := range b.peopleOnSeveralNumbers() {
		times := map[string]int{}
		for _, s := range positions {
			for _, period := range b.paidPeriods(p.programme, s) {
				times[period]++
			}
		}
		for _, period := range slices.Sorted(maps.Keys(times)) {
			if n := times[period]; n > 1 {
				found = append(found, Problem{Kind: PaidTwice, Detail: fmt.Sprintf(
					"subject %s is paid %d times for %s of programme %s", p.ref, n, period, p.programme)})
			}
		}
	}
	return append(found, b.continuedTwice()...)
}

// peopleOnSeveralNumbers lists the people with more than one roll number in a programme.
func (b *State) peopleOnSeveralNumbers() map[person][]rollPosition {
	first, more := map[person]rollPosition{}, map[person][]rollPosition{}
	for name, value := range b.Segments {
		k, _ := relief.ParseKey(name)
		if k.Kind != relief.KindRoll || len(k.Attrs) != 3 {
			continue
		}
		entries, err := roll.ParseSegment(value)
		if err != nil {
			continue // reported when it was written
		}
		for i := range entries.Len() {
			p, s := person{k.Attrs[0], b.present(entries.Ref(i))}, rollPosition{k.Attrs[1], k.Attrs[2], i}
			if other, ok := first[p]; !ok {
				first[p] = s
			} else if more[p] == nil {
				more[p] = []rollPosition{other, s}
			} else {
				more[p] = append(more[p], s)
			}
		}
	}
	return more
}

// paidPeriods are the periods for which a roll number was paid or has a payment under way.
func (b *State) paidPeriods(programme string, at rollPosition) (periods []string) {
	for name, value := range b.Segments {
		k, _ := relief.ParseKey(name)
		if k.Kind != relief.KindLines || len(k.Attrs) != 4 || k.Attrs[0] != programme || k.Attrs[1] != at.county || k.Attrs[3] != at.segment {
			continue
		}
		seg, err := payment.ParseLineSegment(value)
		if err != nil {
			continue
		}
		taken, err := (&payment.OfPeriod{Lines: seg}).Taken(at.slot, b.batchState)
		if err != nil || !taken {
			continue
		}
		periods = append(periods, k.Attrs[2])
	}
	return periods
}
