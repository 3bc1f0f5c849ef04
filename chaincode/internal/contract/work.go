// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"fmt"

	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// work is a unit of work and what several contracts read in it. Parsed values are kept: a file of acts asks for the same
// ones again and again.
type work struct {
	*uow.Work
	stub    shim.ChaincodeStubInterface
	peerMSP func(shim.ChaincodeStubInterface) string
	serial  string     // of the caller's certificate
	item    int        // the number of the act at hand in its file, 0 for a single act
	act     relief.Act // that the caller was last asked the duty for: the act at hand

	calendar   *relief.Calendar
	sources    *[]registry.Department
	parameters *programme.Parameters
	regions    map[relief.Region]error // whether each is registered
	versions   map[string]*programme.Version
	states     map[relief.BatchID]stateOf
	segments   map[roll.SegmentAddr]roll.Segment
	payees     map[roll.SegmentAddr]roll.Payees
	lists      map[string][][]byte // of the transient map
	pages      map[string][]byte   // detail pages that an erasure has written again, by their public key; nil for one with nobody on it
	purged     map[string]bool     // values of the collection that an erasure has purged
	less       []less              // what acts leave less of to programmes that take their people from other rolls
}

func newWork(ctx *Context) *work {
	return &work{
		Work: uow.New(ctx.GetStub(), ctx.actor), stub: ctx.GetStub(), peerMSP: ctx.peerMSP, serial: ctx.serial,
		regions: map[relief.Region]error{}, versions: map[string]*programme.Version{},
		states: map[relief.BatchID]stateOf{}, segments: map[roll.SegmentAddr]roll.Segment{}, payees: map[roll.SegmentAddr]roll.Payees{}, lists: map[string][][]byte{},
		pages: map[string][]byte{}, purged: map[string]bool{},
	}
}

// authorise refuses a caller who is no official with an active entry, or who has no duty for the act (R46). Entry and duty come
// in one message from the peer. Regions are the domain's matter: it knows the record's.
func (w *work) authorise(act relief.Act) error {
	if act == "" {
		return nil // registry:Ping, which asks for none, and functions that ask for the duty themselves
	}
	w.act = act
	if err := w.Fetch(w.asked(act)...); err != nil {
		return err
	}
	if err := w.identify(); err != nil {
		return err
	}
	duties, err := uow.Find[[]relief.Duty](w.Work, relief.DutyKey(string(act)))
	if err != nil {
		return err
	}
	if duties == nil {
		duties = &[]relief.Duty{}
	}
	return relief.Allowed(*duties, act, w.Actor.By)
}

// ownPeer refuses a caller at the peer of another agency: a peer answers private details to its own agency, not to everyone
// who finds its port.
func (w *work) ownPeer() error {
	if msp := w.peerMSP(w.stub); msp == "" || msp != w.Actor.By.Agency {
		return relief.Errorf(relief.CodeForbidden, "personal details are read from the peer of the caller's own agency")
	}
	return nil
}

// putIf has a record written when an act changed it.
func putIf[T any](w *work, changed bool, k relief.Key, record T) (T, error) {
	if !changed {
		return record, nil
	}
	return record, w.Put(k, record)
}

// transientList is a list of sealed values in the transient map.
func (w *work) transientList(name string) ([][]byte, error) {
	if list := w.lists[name]; list != nil {
		return list, nil
	}
	b, err := w.Transient(name)
	if err != nil {
		return nil, err
	}
	list, err := roll.DecodeDetails(b)
	if err != nil {
		return nil, err
	}
	w.lists[name] = list
	return list, nil
}

// days is the calendar of the registry.
func (w *work) days() (*relief.Calendar, error) {
	if w.calendar != nil {
		return w.calendar, nil
	}
	c, err := uow.Find[relief.Calendar](w.Work, relief.CalendarKey())
	if err != nil {
		return nil, err
	}
	if c == nil {
		c = &relief.DefaultCalendar
	}
	w.calendar = c
	return c, nil
}

// fixed are the parameters that the founding fixed.
func (w *work) fixed() (programme.Parameters, error) {
	if w.parameters == nil {
		p, err := uow.Find[programme.Parameters](w.Work, relief.ParametersKey())
		if err != nil {
			return programme.Parameters{}, err
		}
		if p == nil {
			p = &programme.DefaultParameters
		}
		w.parameters = p
	}
	return *w.parameters, nil
}

// departments are the departments whose statements count.
func (w *work) departments() ([]registry.Department, error) {
	if w.sources != nil {
		return *w.sources, nil
	}
	list, err := uow.Find[[]registry.Department](w.Work, relief.DepartmentsKey())
	if err != nil {
		return nil, err
	}
	if list == nil {
		list = &[]registry.Department{}
	}
	w.sources = list
	return *list, nil
}

// registered refuses a region that the register does not have, or not at the transaction's time.
func (w *work) registered(r relief.Region) error {
	err, known := w.regions[r]
	if !known {
		var entries []registry.RegionEntry
		if entries, err = w.regionsAround(r); err == nil && r != "" { // the domain refuses no region
			err = registry.RegionValid(entries, r, w.Actor.At)
		}
		w.regions[r] = err
	}
	return err
}

// begun refuses a region that the register never had, or does not have yet. In a region that has ended, what was owed is paid.
func (w *work) begun(r relief.Region) error {
	entries, err := w.regionsAround(r)
	if err != nil || r == "" {
		return err
	}
	return registry.RegionBegun(entries, r, w.Actor.At) //nolint:wrapcheck // of this module
}

// regionsAround are the registered regions that are a region or lie around it.
func (w *work) regionsAround(r relief.Region) ([]registry.RegionEntry, error) {
	codes := registry.RegisteredAncestors(r)
	keys := make([]relief.Key, len(codes))
	for i, code := range codes {
		keys[i] = relief.RegionKey(code)
	}
	values, err := w.Values(keys...)
	if err != nil {
		return nil, err
	}
	var entries []registry.RegionEntry
	for _, b := range values {
		if b == nil {
			continue
		}
		e, err := uow.Parse[registry.RegionEntry](relief.KindRegion, b)
		if err != nil {
			return nil, err
		}
		entries = append(entries, *e)
	}
	return entries, nil
}

// version is a programme's version by its number, 0 for the one in force.
func (w *work) version(id relief.ProgrammeID, number int) (*programme.Version, error) {
	name := fmt.Sprint(id, " ", number)
	if v := w.versions[name]; v != nil {
		return v, nil
	}
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(id))
	if err != nil {
		return nil, err
	}
	v, err := p.CaseVersion(number)
	if err != nil {
		return nil, err
	}
	if err := w.joinGroups(v); err != nil {
		return nil, err
	}
	w.versions[name] = v
	return v, nil
}

// joinGroups has a version exclude the other programmes of its groups. A version without groups costs nothing.
func (w *work) joinGroups(v *programme.Version) error {
	if len(v.ExclusionGroups) == 0 {
		return nil
	}
	keys := make([]relief.Key, len(v.ExclusionGroups))
	for i, name := range v.ExclusionGroups {
		keys[i] = relief.ExclusionKey(name)
	}
	if err := w.Fetch(keys...); err != nil {
		return err
	}
	groups := make([]programme.ExclusionGroup, len(keys))
	for i, k := range keys {
		g, err := uow.Find[programme.ExclusionGroup](w.Work, k)
		if err != nil {
			return err
		}
		if g != nil {
			groups[i] = *g
		}
	}
	v.JoinGroups(groups)
	return nil
}

// firstVersion is a programme's first version, for what all versions of a programme share.
func (w *work) firstVersion(id relief.ProgrammeID) (*programme.Version, error) {
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(id))
	if err != nil {
		return nil, err
	}
	if len(p.Versions) == 0 {
		return nil, relief.Errorf(relief.CodeCorrupt, "programme %s has no version", id)
	}
	return &p.Versions[0].Version, nil
}

// segmentSize is how many people a segment of a programme's rolls holds.
func (w *work) segmentSize(id relief.ProgrammeID) (uint32, error) {
	v, err := w.firstVersion(id)
	if err != nil {
		return 0, err
	}
	return uint32(v.SegmentSize), nil //nolint:gosec // 1 to 1000
}

// cycle is how often a programme pays: its payments have periods of the cycle, its roll entries months.
func (w *work) cycle(id relief.ProgrammeID) (programme.PayCycle, error) {
	v, err := w.firstVersion(id)
	if err != nil {
		return "", err
	}
	return v.Cycle, nil
}

// segmentAddr is the address of a segment; it is refused beyond the last number of a roll, where numbers would run over.
func segmentAddr(programme relief.ProgrammeID, county relief.Region, segment, size uint32) (roll.SegmentAddr, error) {
	if uint64(segment)*uint64(size) > relief.MaxRollNumber {
		return roll.SegmentAddr{}, relief.FieldErrorf("segment", "a roll has at most %d numbers", relief.MaxRollNumber)
	}
	return roll.SegmentAddr{Programme: programme, County: county, Segment: segment, Size: size}, nil
}

// segmentAt is segmentAddr with the size that the programme says.
func (w *work) segmentAt(programme relief.ProgrammeID, county relief.Region, segment uint32) (roll.SegmentAddr, error) {
	size, err := w.segmentSize(programme)
	if err != nil {
		return roll.SegmentAddr{}, err
	}
	return segmentAddr(programme, county, segment, size)
}

func rollKey(at roll.SegmentAddr) relief.Key {
	return relief.RollKey(at.Programme, at.County, at.Segment)
}

// segment reads a segment of a roll, as this unit of work has it.
func (w *work) segment(at roll.SegmentAddr) (roll.Segment, error) {
	if seg, known := w.segments[at]; known {
		return seg, nil
	}
	b, err := w.Value(rollKey(at))
	if err != nil {
		return roll.Segment{}, err
	}
	seg, err := roll.ParseSegment(b)
	if err != nil {
		return roll.Segment{}, err
	}
	w.segments[at] = seg
	return seg, nil
}

func (w *work) putSegment(at roll.SegmentAddr, seg roll.Segment) error {
	w.segments[at] = seg
	return w.PutOften(rollKey(at), seg.Bytes())
}

func payeesKey(at roll.SegmentAddr) relief.Key {
	return relief.PayeesKey(at.Programme, at.County, at.Segment)
}

// payeesOf reads the payees of a segment of a roll, as this unit of work has them.
func (w *work) payeesOf(at roll.SegmentAddr) (roll.Payees, error) {
	if payees, known := w.payees[at]; known {
		return payees, nil
	}
	b, err := w.Value(payeesKey(at))
	if err != nil {
		return roll.Payees{}, err
	}
	payees, err := roll.ParsePayees(b)
	if err != nil {
		return roll.Payees{}, err
	}
	w.payees[at] = payees
	return payees, nil
}

func (w *work) putPayees(at roll.SegmentAddr, payees roll.Payees) error {
	w.payees[at] = payees
	return w.PutOften(payeesKey(at), payees.Bytes())
}

// part reads a segment of a roll with its payees, as this unit of work has them, in one message to the peer.
func (w *work) part(at roll.SegmentAddr) (roll.Part, error) {
	p := roll.Part{At: at}
	err := w.Fetch(rollKey(at), payeesKey(at))
	if err != nil {
		return p, err
	}
	if p.Segment, err = w.segment(at); err != nil {
		return p, err
	}
	if p.Payees, err = w.payeesOf(at); err != nil {
		return p, err
	}
	return p, p.Check()
}

// putPart has those of a segment and its payees written that have changed.
func (w *work) putPart(before, after *roll.Part) error {
	if !bytes.Equal(before.Segment.Bytes(), after.Segment.Bytes()) {
		if err := w.putSegment(after.At, after.Segment); err != nil {
			return err
		}
	}
	if !bytes.Equal(before.Payees.Bytes(), after.Payees.Bytes()) {
		return w.putPayees(after.At, after.Payees)
	}
	return nil
}

// rollPlace is where a person is on a roll.
type rollPlace struct {
	index   roll.IndexEntry
	at      roll.SegmentAddr
	segment roll.Segment
}

// slot is the person's place in the segment.
func (p *rollPlace) slot() int { return int(p.index.Number - p.at.Segment*p.at.Size) }

// subject is the reference under which the person is there.
func (p *rollPlace) subject() relief.SubjectRef { return p.segment.Ref(p.slot()) }

func (p *rollPlace) entry() roll.Entry { return p.segment.Entry(p.slot(), p.at) }

var errNotOnRoll = relief.Errorf(relief.CodeNotFound, "the person is not on this programme's roll")

// rollPlace finds a person on a roll. NOT_FOUND for a person who never was on it.
func (w *work) rollPlace(programme relief.ProgrammeID, subject relief.SubjectRef) (*rollPlace, error) {
	index, err := uow.Find[roll.IndexEntry](w.Work, relief.RollIndexKey(subject, programme))
	if err != nil {
		return nil, err
	}
	if index == nil {
		return nil, errNotOnRoll
	}
	size, err := w.segmentSize(programme)
	if err != nil {
		return nil, err
	}
	p := &rollPlace{index: *index}
	if p.at, err = segmentAddr(programme, index.County, index.Number/size, size); err != nil {
		return nil, err
	}
	if p.segment, err = w.segment(p.at); err != nil {
		return nil, err
	}
	if i := p.slot(); i >= p.segment.Len() || p.segment.Ref(i) != subject {
		return nil, relief.Errorf(relief.CodeCorrupt, "the roll has somebody else under number %d", index.Number)
	}
	return p, nil
}

// households finds the claims and roll entries of people, for the domain.
func (w *work) households() *casework.Households {
	return &casework.Households{
		Member: func(ref relief.SubjectRef) (*casework.MemberRecord, error) {
			return uow.Find[casework.MemberRecord](w.Work, relief.MemberKey(ref))
		},
		Case: func(id relief.CaseID) (*casework.Case, error) {
			return uow.Find[casework.Case](w.Work, relief.CaseKey(id))
		},
		IndexEntry: func(ref relief.SubjectRef, p relief.ProgrammeID) (*roll.IndexEntry, error) {
			return uow.Find[roll.IndexEntry](w.Work, relief.RollIndexKey(ref, p))
		},
		Linked: w.linked,
	}
}
