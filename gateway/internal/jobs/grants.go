package jobs

import (
	"encoding/json"

	"relieftrail/chaincode/relief"
)

// pendingGrant is a grant that does not say where it goes on the roll.
type pendingGrant struct {
	filedAct
	id string // of the case
}

// grantRoll is how a county's roll will be filled by the file.
type grantRoll struct {
	size, next uint32
	counts     map[uint32]int
}

// grantLane is where grants meet in one key: a segment of a roll.
type grantLane struct {
	roll    rollKey
	segment uint32
}

// grant keeps a grant until enough are there to ask for their places.
func (p *casesPlan) grant(g pendingGrant) error {
	if p.grants = append(p.grants, g); len(p.grants) < placesAtOnce {
		return nil
	}
	return p.placeGrants()
}

// placeGrants finds each grant's segment of the roll, the first with room or that of its old number, and puts it into the lane of
// that segment: two transactions at a time in one segment would stand in each other's way.
func (p *casesPlan) placeGrants() error {
	grants := p.grants
	if p.grants = nil; len(grants) == 0 {
		return nil
	}
	var places struct {
		Places []struct {
			Programme relief.ProgrammeID `json:"programme"`
			County    relief.Region      `json:"county"`
			Segment   *uint32            `json:"segment"`
		} `json:"places"`
	}
	asked, kept := []string{}, []pendingGrant{}
	for _, g := range grants {
		if _, err := relief.ParseCaseID(g.id); err != nil {
			refusal, err := refusalOf(g.line, relief.FieldErrorf("case", "the case is missing"))
			if err != nil {
				return err
			}
			p.job.refuse(refusal)
			continue
		}
		asked, kept = append(asked, g.id), append(kept, g)
	}
	if len(asked) == 0 {
		return nil
	}
	if err := p.evaluate("case:GrantSegments", map[string][]string{"cases": asked}, &places); err != nil {
		return err
	}
	for i, g := range kept {
		if i >= len(places.Places) || places.Places[i].Programme == "" {
			refusal, _ := refusalOf(g.line, relief.Errorf(relief.CodeNotFound, "no case has this id"))
			p.job.refuse(refusal)
			continue
		}
		place := &places.Places[i]
		key := rollKey{place.Programme, place.County}
		roll, err := p.grantRoll(key)
		if err != nil {
			return err
		}
		segment := roll.take(place.Segment)
		document, err := withSegment(g.document, segment)
		if err != nil {
			return err
		}
		g.document = document
		if err := p.segments.add(p.laneOf(grantLane{key, segment}), g.filedAct); err != nil {
			return err
		}
	}
	return nil
}

// grantRoll reads how far a county's roll is filled, once for the file.
func (p *casesPlan) grantRoll(key rollKey) (*grantRoll, error) {
	if r := p.rolls[key]; r != nil {
		return r, nil
	}
	var status struct {
		SegmentSize uint32 `json:"segment_size"`
		Segments    []struct {
			Segment uint32 `json:"segment"`
			Count   int    `json:"count"`
		} `json:"segments"`
		Next uint32 `json:"next"`
	}
	if err := p.evaluate("roll:Status", map[string]any{"programme": key.programme, "county": key.county}, &status); err != nil {
		return nil, err
	}
	r := &grantRoll{size: max(status.SegmentSize, 1), counts: map[uint32]int{}}
	r.next = status.Next / r.size
	for _, s := range status.Segments {
		r.counts[s.Segment] = s.Count
	}
	p.rolls[key] = r
	return r, nil
}

// take gives a grant a place; old is the segment of a number that the household has already.
func (r *grantRoll) take(old *uint32) uint32 {
	if old != nil {
		return *old
	}
	for r.counts[r.next] >= int(r.size) {
		r.next++
	}
	r.counts[r.next]++
	return r.next
}

// laneOf numbers the lanes of grants behind those of other acts.
func (p *casesPlan) laneOf(l grantLane) uint32 {
	n, ok := p.lanes[l]
	if !ok {
		n = caseLanes + uint32(len(p.lanes)) //nolint:gosec // segments of a file's rolls
		p.lanes[l] = n
	}
	return n
}

// withSegment adds the segment to a grant's document.
func withSegment(document json.RawMessage, segment uint32) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(document, &fields); err != nil {
		return nil, err
	}
	number, err := json.Marshal(segment)
	if err != nil {
		return nil, err
	}
	fields["segment"] = number
	return json.Marshal(fields)
}
