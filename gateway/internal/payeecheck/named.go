package payeecheck

import (
	"context"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

// Roll is a programme's roll of a county.
type Roll struct {
	Programme   relief.ProgrammeID
	County      relief.Region
	SegmentSize uint32
}

// Named opens who people are by their numbers on a roll, in the name of an official who may read personal details. The reading is recorded
// once for all of them, before any is opened. Left out is whose details were erased or cannot be opened here, and whose name is not the one
// whose tag is on the ledger.
func (c *Checker) Named(ctx context.Context, a reading.Access, r Roll, numbers []uint32) (map[uint32]seal.Person, error) {
	held, err := c.held(ctx, a.Principal, r, slices.Compact(slices.Sorted(slices.Values(numbers))))
	if err != nil {
		return nil, err
	}
	people := make([]relief.SubjectRef, len(held))
	for i := range held {
		people[i] = held[i].Subject
	}
	opened, err := c.Readings.Read(a, people...)
	if err != nil {
		return nil, err
	}
	named := make(map[uint32]seal.Person, len(held))
	tagger := c.Persons.Tagger()
	for i := range held {
		d := &held[i]
		person, err := opened.Person(d.Details, d.Subject, r.Programme)
		if err != nil {
			continue
		}
		differs, err := Differs(tagger, &person, d.Payee)
		if err != nil {
			return nil, err
		}
		if differs != relief.LineNameDiffers {
			named[d.Number] = person
		}
	}
	return named, nil
}

// held are the sealed details of people by their numbers, in their order.
func (c *Checker) held(ctx context.Context, signer string, r Roll, numbers []uint32) ([]api.Details, error) {
	var parts [][]uint32 // of a segment each
	var segments []uint32
	for _, n := range numbers {
		segment := n / r.SegmentSize
		if len(segments) == 0 || segments[len(segments)-1] != segment {
			segments, parts = append(segments, segment), append(parts, nil)
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], n)
	}
	found := make([][]api.Details, len(segments))
	err := each(ctx, segments, func(ctx context.Context, i int) error {
		details, err := c.details(ctx, signer, r, segments[i], parts[i][0], parts[i][len(parts[i])-1])
		for _, n := range parts[i] {
			if d, there := details[n]; there {
				found[i] = append(found[i], d)
			}
		}
		return err
	})
	return slices.Concat(found...), err
}
