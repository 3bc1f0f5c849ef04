package jobs

import (
	"cmp"
	"slices"
	"sync"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/seal"
)

const (
	waitingEntries = 20_000 // entries, with private details, that are held back until their chunk is full
	rollRounds     = 10     // how often entries are planned again because somebody else took their numbers
)

// rollPlan puts people on a county's roll. Those who are on it go to their own segment, where an entry that is the
// same is found unchanged. New people get the next free numbers, in the order of their references: a chunk's keys are
// then neighbours in every database that holds them.
type rollPlan struct {
	attempt *attempt
	id      relief.ProgrammeID
	alone   bool          // the programme is and was for this county only
	from    relief.Period // first period of entitlement
	county  relief.Region // empty until the first line of a programme that is larger than a county
	size    uint32
	roll    *loadedRoll
	fresh   []entry // new people who have no number yet
	begun   bool    // some have got one
	byRange bool    // the chunks of those who got theirs last read a range
	packer  *packer[entry]
	tagger  *seal.Tagger
	payee   roll.Payee // of the line that was checked last

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

func newRollPlan(a *attempt) (*rollPlan, error) {
	if a.runner.options.Persons == nil {
		return nil, relief.Errorf(relief.CodeForbidden, "本网关没有个人信息密钥，请到保存个人信息的网关导入名册 · "+
			"this gateway has no persons key: rolls are imported where private details are kept")
	}
	id := relief.ProgrammeID(a.job.spec.Target)
	terms, err := ask(a, api.ProgrammeGet, api.ProgrammeInput{ID: id})
	if err != nil {
		return nil, err
	}
	current, err := terms.Current()
	if err != nil {
		return nil, err
	}
	p := &rollPlan{
		attempt: a, id: id, tagger: a.runner.options.Persons.Tagger(), from: current.Starts, county: current.Region.County(),
		size: uint32(current.SegmentSize), //nolint:gosec // 1 to 1,000
	}
	if a.job.spec.From != "" {
		if p.from, err = relief.ParsePeriod(a.job.spec.From); err != nil {
			return nil, err
		}
	}
	p.alone = p.county != ""
	for i := range terms.Versions { // an earlier one may have been for more counties
		p.alone = p.alone && terms.Versions[i].Region.County() == p.county
	}
	p.packer = newPacker[entry](p.size, waitingEntries)
	if p.county == "" {
		return p, nil
	}
	return p, p.load()
}

// load reads the county's roll and where it has room.
func (p *rollPlan) load() (err error) {
	p.roll, err = p.attempt.loadRoll(rollKey{p.id, p.county})
	if err != nil {
		return err
	}
	next, counts := p.roll.free()
	p.next, p.counts = next/p.size, counts
	return nil
}

func (p *rollPlan) check(l *intake.Line) (*intake.Refusal, error) {
	if p.county == "" {
		p.county = l.Region.County()
	}
	if !p.county.Covers(l.Region) {
		return l.Refuse("region", relief.LineRegionOutside), nil
	}
	p.payee = p.tagger.Tags(l.Name, l.Account)
	return nil, nil
}

func (p *rollPlan) add(l *intake.Line) error {
	if p.roll == nil {
		if err := p.load(); err != nil {
			return err
		}
	}
	return p.put(entry{person: l.Person, input: roll.Input{
		Seq: uint32(l.FileLine), //nolint:gosec // a file's lines
		Ref: l.Ref, Region: l.Region, Persons: l.Persons, Class: l.Class, Amount: l.Amount, Payee: p.payee,
	}})
}

func (p *rollPlan) put(e entry) error {
	number, known := p.roll.number(e.input.Ref)
	if e.isNew = !known; known {
		return p.send(p.packer.add(number/p.size, e))
	}
	if p.fresh = append(p.fresh, e); len(p.fresh) < p.attempt.runner.options.RollWindow {
		return nil
	}
	return p.enrolFresh()
}

// enrolFresh gives the new people who wait their numbers. The first people of a roll are not looked up one by one:
// each chunk reads the range in which its people lie. No other chunk adds to that range: the programme has no people
// in other counties, and the file's next new people wait until these are on the roll.
func (p *rollPlan) enrolFresh() error {
	if p.byRange {
		if err := p.sendAll(); err != nil {
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

// enrol gives a new person a number in the next segment that has room.
func (p *rollPlan) enrol(e entry) error {
	for p.counts[p.next] >= int(p.size) {
		p.next++
	}
	segment := p.next
	p.counts[segment]++
	if err := p.send(p.packer.add(segment, e)); err != nil {
		return err
	}
	if p.counts[segment] < int(p.size) {
		return nil
	}
	return p.send(p.packer.endSegment(segment)) // it is full: nobody else comes
}

func (p *rollPlan) end() error {
	for round := 1; ; round++ {
		if err := p.enrolFresh(); err != nil {
			return err
		}
		if err := p.sendAll(); err != nil {
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
		slices.SortFunc(again, func(a, b entry) int { return cmp.Compare(a.input.Seq, b.input.Seq) })
		for _, e := range again {
			if err := p.put(e); err != nil {
				return err
			}
		}
	}
}

// sendAll sends what is held back and waits for all results.
func (p *rollPlan) sendAll() error {
	if err := p.send(p.packer.flushAll()); err != nil {
		return err
	}
	return p.attempt.scheduler.wait()
}

func (p *rollPlan) send(bundles []bundle[entry]) error {
	for _, b := range bundles {
		chunk := &rollChunk{plan: p, bundle: b, byRange: p.byRange}
		for i := range b.lines {
			chunk.byRange = chunk.byRange && b.lines[i].isNew
		}
		if err := p.attempt.scheduler.send(chunk); err != nil {
			return err
		}
	}
	return nil
}

// tryAgain keeps a new person whose segment somebody else has filled meanwhile, and reports whether it did.
func (p *rollPlan) tryAgain(e *entry, code relief.LineCode) bool {
	if !e.isNew || code != relief.LineWrongSegment || p.last {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.again = append(p.again, *e)
	return true
}

// rollChunk is people on their way to their segments of the roll.
type rollChunk struct {
	plan    *rollPlan
	bundle  bundle[entry]
	byRange bool
}

func (c *rollChunk) lanes() []uint32 { return c.bundle.segments }

// call seals the people's private details.
func (c *rollChunk) call() (ledger.Call, error) {
	p := c.plan
	inputs := make([]roll.Input, len(c.bundle.lines))
	details := make([][]byte, len(c.bundle.lines))
	for i := range c.bundle.lines {
		e := &c.bundle.lines[i]
		var err error
		if details[i], err = p.attempt.runner.options.Persons.Seal(&e.person, e.input.Ref, p.id); err != nil {
			return ledger.Call{}, err
		}
		inputs[i] = e.input
	}
	return contracts.Call(p.attempt.job.spec.Principal, api.RollImport, api.ImportInput{
		Import: relief.ImportID(p.attempt.job.spec.Target), Segments: c.bundle.segments, Range: c.byRange,
	}, map[string][]byte{
		wire.TransientRoll: roll.AppendRoll(nil, inputs), wire.TransientPersons: roll.AppendDetails(nil, details),
	})
}

// read leaves out the refusals of people who are tried again in another segment.
func (c *rollChunk) read(result []byte) (wire.ChunkResult, []intake.Refusal, error) {
	r, err := contracts.Answer(api.RollImport, result)
	if err != nil || len(r.Refused) == 0 {
		return r, nil, err
	}
	entries := make(map[uint32]*entry, len(c.bundle.lines))
	for i := range c.bundle.lines {
		entries[c.bundle.lines[i].input.Seq] = &c.bundle.lines[i]
	}
	var refused []intake.Refusal
	for i := range r.Refused {
		e, found := entries[r.Refused[i].Seq]
		if found && c.plan.tryAgain(e, r.Refused[i].Code) {
			continue
		}
		refused = append(refused, refusalOf(&r.Refused[i], ""))
	}
	return r, refused, nil
}
