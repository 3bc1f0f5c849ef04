package jobs

import (
	"encoding/json"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
)

// pendingGrant is a grant that does not name its segment of the roll.
type pendingGrant struct {
	filedAct
	id string        // of the case, as the file has it
	of relief.CaseID // the same, once it is known to be one
}

// grantRoll is how a county's roll will be filled by the file.
type grantRoll struct {
	size, next uint32
	counts     map[uint32]int
}

// grantLane is a segment of a roll. Grants with the same lane write the same key and must be sent one after another.
type grantLane struct {
	roll    rollKey
	segment uint32
}

// addGrant keeps a grant until there are enough to look their segments up.
func (p *actsPlan) addGrant(g pendingGrant) error {
	p.grants = append(p.grants, g)
	if len(p.grants) < grantsAtOnce {
		return nil
	}
	return p.placeGrants()
}

// placeGrants chooses each grant's segment of the roll: that of the household's old number, or else the first with
// room. Then it puts the grant into the segment's lane.
func (p *actsPlan) placeGrants() error {
	grants, err := p.validGrants()
	if err != nil || len(grants) == 0 {
		return err
	}
	ids := make([]relief.CaseID, len(grants))
	for i := range grants {
		ids[i] = grants[i].of
	}
	answer, err := ask(p.attempt, api.CaseGrantSegments, api.CasesInput{Cases: ids})
	if err != nil {
		return err
	}
	for i := range grants {
		if i >= len(answer.Segments) || answer.Segments[i].Programme == "" {
			if err := p.refuse(grants[i].line, relief.Errorf(relief.CodeNotFound, "没有这个编号的案卷 · no case has this id")); err != nil {
				return err
			}
			continue
		}
		if err := p.placeGrant(&grants[i], &answer.Segments[i]); err != nil {
			return err
		}
	}
	return nil
}

// validGrants takes the grants that wait and refuses those without a case's id.
func (p *actsPlan) validGrants() (valid []pendingGrant, err error) {
	for _, g := range p.grants {
		if g.of, err = relief.ParseCaseID(g.id); err == nil {
			valid = append(valid, g)
			continue
		}
		if err := p.refuse(g.line, relief.FieldErrorf("case", "未填写案卷 · the case is missing")); err != nil {
			return nil, err
		}
	}
	p.grants = nil
	return valid, nil
}

func (p *actsPlan) refuse(line int, err error) error {
	refusal, err := actRefusal(line, err)
	if err != nil {
		return err
	}
	p.attempt.job.refuse(refusal)
	return nil
}

func (p *actsPlan) placeGrant(g *pendingGrant, place *api.GrantSegment) error {
	key := rollKey{place.Programme, place.County}
	roll, err := p.grantRoll(key)
	if err != nil {
		return err
	}
	segment := roll.take(place.Segment)
	if g.document, err = withSegment(g.document, segment); err != nil {
		return err
	}
	return p.send(p.lanes.add(p.laneOf(grantLane{key, segment}), g.filedAct))
}

// grantRoll reads how far a county's roll is filled, once for the file.
func (p *actsPlan) grantRoll(key rollKey) (*grantRoll, error) {
	if r := p.rolls[key]; r != nil {
		return r, nil
	}
	status, err := ask(p.attempt, api.RollStatus, api.RollInput{Programme: key.programme, County: key.county})
	if err != nil {
		return nil, err
	}
	size := uint32(max(status.SegmentSize, 1)) //nolint:gosec // 1 to 1,000
	r := &grantRoll{size: size, next: status.Next / size, counts: map[uint32]int{}}
	for _, s := range status.Segments {
		r.counts[s.Segment] = s.Count
	}
	p.rolls[key] = r
	return r, nil
}

// take chooses a grant's segment; old is that of a roll number that the household has already.
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
func (p *actsPlan) laneOf(l grantLane) uint32 {
	n, ok := p.grantLanes[l]
	if !ok {
		n = caseLanes + uint32(len(p.grantLanes)) //nolint:gosec // segments of a file's rolls
		p.grantLanes[l] = n
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
