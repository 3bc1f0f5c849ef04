package crosscheck

import (
	"fmt"
	"maps"
	"slices"

	"relieftrail/chaincode/relief"
)

// seat is a number on a roll: where somebody stands.
type seat struct {
	county   string
	segment  string
	position int
}

// person is a person in a programme.
type person struct {
	programme string
	ref       relief.SubjectRef
}

// paidTwice looks for people who stand under more than one number of a programme, as somebody does who moved to another
// county, and were paid for one period under two. Under one number, lines has already looked.
func (b *books) paidTwice() (found []Finding) {
	for p, seats := range b.moved() {
		times := map[string]int{}
		for _, s := range seats {
			for _, period := range b.paidPeriods(p.programme, s) {
				times[period]++
			}
		}
		for _, period := range slices.Sorted(maps.Keys(times)) {
			if n := times[period]; n > 1 {
				found = append(found, Finding{Kind: PaidTwice, Detail: fmt.Sprintf(
					"subject %s is paid %d times for %s of programme %s", p.ref, n, period, p.programme)})
			}
		}
	}
	return found
}

// moved lists the people with several numbers.
func (b *books) moved() map[person][]seat {
	first, more := map[person]seat{}, map[person][]seat{}
	for name, value := range b.Segments {
		k, _ := relief.ParseKey(name)
		if k.Kind != relief.KindRoll || len(k.Attrs) != 3 {
			continue
		}
		roll, err := relief.ParseRollSegment(value)
		if err != nil {
			continue // reported when it was written
		}
		for i := range roll.Len() {
			p, s := person{k.Attrs[0], roll.Ref(i)}, seat{k.Attrs[1], k.Attrs[2], i}
			if other, ok := first[p]; !ok {
				first[p] = s
			} else if more[p] == nil {
				more[p] = []seat{other, s}
			} else {
				more[p] = append(more[p], s)
			}
		}
	}
	return more
}

// paidPeriods are the periods for which a seat was paid or is about to be.
func (b *books) paidPeriods(programme string, at seat) (periods []string) {
	state := func(id relief.BatchID) (relief.BatchState, error) {
		if batch := b.Batches[id]; batch != nil {
			return batch.State, nil
		}
		return relief.BatchCancelled, nil
	}
	for name, value := range b.Segments {
		k, _ := relief.ParseKey(name)
		if k.Kind != relief.KindLines || len(k.Attrs) != 4 || k.Attrs[0] != programme || k.Attrs[1] != at.county || k.Attrs[3] != at.segment {
			continue
		}
		seg, err := relief.ParseLineSegment(value)
		if err != nil {
			continue
		}
		if taken, err := seg.Taken(at.position, state); err == nil && taken {
			periods = append(periods, k.Attrs[2])
		}
	}
	return periods
}
