package jobs

import (
	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/rollimport"
)

// standingRoll reads a county's whole roll as an import compares it.
func (a *attempt) standingRoll(key rollKey) (*rollimport.Roll, error) {
	status, err := ask(a, api.RollStatus, api.RollInput{Programme: key.programme, County: key.county})
	if err != nil {
		return nil, err
	}
	on := &rollimport.Roll{
		Size: uint32(max(status.SegmentSize, 1)), Next: status.Next, Counts: map[uint32]int{}, //nolint:gosec // 1 to 1,000
	}
	parts := make([]roll.Part, len(status.Segments))
	people := make([][]api.PersonStanding, len(status.Segments))
	var group errgroup.Group
	group.SetLimit(segmentsAtOnce)
	for i, s := range status.Segments {
		group.Go(func() (err error) {
			parts[i], people[i], err = a.standingSegment(key, s.Segment)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i := range parts {
		on.Add(&parts[i], people[i])
	}
	return on, nil
}

// standingSegment reads one segment of a roll.
func (a *attempt) standingSegment(key rollKey, segment uint32) (roll.Part, []api.PersonStanding, error) {
	standing, err := ask(a, api.RollStanding, api.SegmentInput{Programme: key.programme, County: key.county, Segment: segment})
	if err != nil {
		return roll.Part{}, nil, err
	}
	at := roll.SegmentAddr{Programme: key.programme, County: key.county, Segment: segment, Size: standing.Size}
	part, err := roll.ParsePart(at, standing.Segment, standing.Payees)
	return part, standing.People, err
}
