package jobs

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/seal"
)

const (
	waitingEntries = 20_000 // entries with who they are that wait for their chunk
	rollRounds     = 10     // how often entries are planned anew because somebody else took their numbers
)

// sortedEntries is how many new people are put in order before they get numbers: a county.
var sortedEntries = 30_000

// programme is what a roll's import needs of a programme.
type programmeInfo struct {
	ID       relief.ProgrammeID `json:"id"`
	InForce  int                `json:"in_force"`
	Versions []struct {
		Version     int           `json:"version"`
		Region      relief.Region `json:"region"`
		Starts      relief.Period `json:"starts"`
		SegmentSize uint32        `json:"segment_size"`
	} `json:"versions"`
}

func (p *programmeInfo) segmentSize() uint32 {
	if len(p.Versions) == 0 || p.Versions[0].SegmentSize == 0 {
		return programme.DefaultSegmentSize
	}
	return p.Versions[0].SegmentSize // the same in all versions
}

func (r *run) programme(id relief.ProgrammeID) (p programmeInfo, err error) {
	err = r.evaluate("programme:Get", map[string]relief.ProgrammeID{"id": id}, &p)
	return p, err
}

// rollPlan puts people on a county's roll: those who are there already go to their own segment, so that what is the
// same is found unchanged, and new ones fill the next free numbers, in the order of their references: a chunk's keys are then
// neighbours in every database that has them.
type rollPlan struct {
	*run
	id       relief.ProgrammeID
	alone    bool // the programme is and was for this county only
	from     string
	county   relief.Region // empty until the first line of a programme that is larger than a county
	size     uint32
	roll     *loadedRoll
	fresh    []entry // new people who have no number yet
	begun    bool    // some have got one
	byRange  bool    // the chunks of those who got theirs last read a range
	segments *segments[entry]
	bundle   *bundle[entry]
	persons  *seal.Key

	next   uint32         // segment that new people go to
	counts map[uint32]int // how full the segments will be

	last  bool // round of planning; written while no chunk is in flight
	mu    sync.Mutex
	again []entry // whose numbers somebody else took
}

type entry struct {
	input  roll.Input
	person seal.Person
	isNew  bool
}

func newRollPlan(r *run) (*rollPlan, error) {
	if r.options.Persons == nil {
		return nil, relief.Errorf(relief.CodeForbidden, "this gateway has no persons key: rolls are imported where private details are kept")
	}
	id := relief.ProgrammeID(r.job.spec.Target)
	terms, err := r.programme(id)
	if err != nil {
		return nil, err
	}
	p := &rollPlan{run: r, persons: r.options.Persons, id: id, from: r.job.spec.From, size: terms.segmentSize()}
	for _, v := range terms.Versions {
		if v.Version != terms.InForce {
			continue
		}
		p.county = v.Region.County()
		if p.from == "" {
			p.from = v.Starts.String()
		}
	}
	if terms.InForce == 0 {
		return nil, relief.Errorf(relief.CodeWrongState, "programme %s is not in force", id)
	}
	p.alone = p.county != ""
	for _, v := range terms.Versions { // an earlier one may have been for more counties
		p.alone = p.alone && v.Region.County() == p.county
	}
	p.bundle = &bundle[entry]{send: p.sendChunk}
	p.segments = newSegments(int(p.size), waitingEntries, p.bundle.add)
	if p.county == "" {
		return p, nil
	}
	return p, p.load()
}

// load reads the county's roll and where it has room.
func (p *rollPlan) load() (err error) {
	p.roll, err = p.rolls.get(p.evaluate, rollKey{p.id, p.county})
	if err != nil {
		return err
	}
	next, counts := p.roll.free()
	p.next, p.counts = next/p.size, counts
	return nil
}

func (p *rollPlan) check(l *intake.Line) (string, relief.LineCode) {
	if p.county == "" {
		p.county = l.Region.County()
	}
	if !p.county.Covers(l.Region) {
		return "region", relief.LineRegionOutside
	}
	return "", ""
}

func (p *rollPlan) add(l *intake.Line) error {
	if p.roll == nil {
		if err := p.load(); err != nil {
			return err
		}
	}
	return p.put(entry{person: l.Person, input: roll.Input{
		Seq: uint32(l.FileLine), Ref: l.Ref, Region: l.Region, Persons: l.Persons, Class: l.Class, Amount: l.Amount, //nolint:gosec // a file's lines
	}})
}

func (p *rollPlan) put(e entry) error {
	number, known := p.roll.number(e.input.Ref)
	if e.isNew = !known; known {
		return p.segments.add(number/p.size, e)
	}
	if p.fresh = append(p.fresh, e); len(p.fresh) < sortedEntries {
		return nil
	}
	return p.enrolFresh()
}

// enrolFresh gives the new people who wait their places. The first of a roll are not asked for one by one: each chunk reads the
// range in which its people lie. No other chunk adds to it: of the programme's other people there are none in other
// counties, and the next ones of the file wait until these are there.
func (p *rollPlan) enrolFresh() error {
	if p.byRange {
		if err := errors.Join(p.segments.flushAll(), p.bundle.flush()); err != nil {
			return err
		}
		if err := p.flow.wait(); err != nil {
			return err
		}
	}
	fresh := p.fresh
	p.fresh = nil
	p.byRange = p.alone && !p.begun && p.roll.len() <= len(fresh)
	p.begun = p.begun || len(fresh) > 0
	slices.SortFunc(fresh, func(a, b entry) int {
		return cmp.Or(a.input.Ref.Compare(b.input.Ref), cmp.Compare(a.input.Seq, b.input.Seq))
	})
	for _, e := range fresh {
		if err := p.enrol(e); err != nil {
			return err
		}
	}
	return nil
}

// enrol gives a new person a place in the next segment that has room.
func (p *rollPlan) enrol(e entry) error {
	for p.counts[p.next] >= int(p.size) {
		p.next++
	}
	segment := p.next
	p.counts[segment]++
	if err := p.segments.add(segment, e); err != nil {
		return err
	}
	if p.counts[segment] >= int(p.size) && len(p.segments.lines[segment]) > 0 {
		return p.segments.flush(segment) // nobody else comes
	}
	return nil
}

func (p *rollPlan) sendChunk(segments []uint32, entries []entry) error {
	fresh := map[uint32]entry{}
	for _, e := range entries {
		if e.isNew {
			fresh[e.input.Seq] = e
		}
	}
	argument, err := json.Marshal(map[string]any{
		"programme": p.id, "county": p.county, "segments": segments, "from": p.from, "range": p.byRange && len(fresh) == len(entries),
	})
	if err != nil {
		return err
	}
	return p.flow.send(chunk{
		segments: segments,
		call:     ledger.Call{Signer: p.job.spec.Principal, Function: "roll:Import", Argument: argument},
		seal:     func() (map[string][]byte, error) { return p.seal(entries) },
		retry:    p.retry(fresh),
	})
}

// seal writes what a chunk's people bring, with who they are sealed.
func (p *rollPlan) seal(entries []entry) (map[string][]byte, error) {
	inputs := make([]roll.Input, len(entries))
	persons := make([][]byte, len(entries))
	for i := range entries {
		e := &entries[i]
		var err error
		if persons[i], err = p.persons.Seal(&e.person, e.input.Ref, p.id); err != nil {
			return nil, err
		}
		inputs[i] = e.input
	}
	return map[string][]byte{
		wire.TransientRoll: roll.AppendRoll(nil, inputs), wire.TransientPersons: roll.AppendDetails(nil, persons),
	}, nil
}

// retry keeps new people of a segment that somebody else has filled meanwhile.
func (p *rollPlan) retry(fresh map[uint32]entry) func(wire.Refusal) bool {
	return func(r wire.Refusal) bool {
		e, ok := fresh[r.Seq]
		if !ok || r.Code != relief.LineWrongSegment || p.last {
			return false
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.again = append(p.again, e)
		return true
	}
}

func (p *rollPlan) end() error {
	for round := 1; ; round++ {
		if err := errors.Join(p.enrolFresh(), p.segments.flushAll(), p.bundle.flush()); err != nil {
			return err
		}
		if err := p.flow.wait(); err != nil {
			return err
		}
		again := p.again
		if p.again = nil; len(again) == 0 {
			return nil
		}
		p.last = round >= rollRounds
		if err := p.load(); err != nil {
			return err
		}
		slices.SortFunc(again, func(a, b entry) int { return int(a.input.Seq) - int(b.input.Seq) })
		for _, e := range again {
			if err := p.put(e); err != nil {
				return err
			}
		}
	}
}
