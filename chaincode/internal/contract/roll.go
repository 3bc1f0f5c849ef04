// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"fmt"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// maxPersonBytes bounds the private details of one person.
const maxPersonBytes = 2048

// place is where a segment lies.
type place struct{ roll.SegmentAddr }

func (p place) key() relief.Key { return relief.RollKey(p.Programme, p.County, p.Segment) }

// standing is a person's place on a roll.
type standing struct {
	record  roll.IndexEntry
	place   place
	segment roll.Segment
}

func (s *standing) position() int { return int(s.record.Number - s.place.Segment*s.place.Size) }

func (s *standing) entry() roll.Entry { return s.segment.Entry(s.position(), s.place.SegmentAddr) }

// rollChunk reads a chunk of the roll and the private details that go with it from the transient map.
func (ctx *Context) rollChunk() ([]roll.Input, [][]byte, error) {
	b, err := ctx.transient(wire.TransientRoll)
	if err != nil {
		return nil, nil, err
	}
	entries, err := roll.DecodeRoll(b)
	if err != nil {
		return nil, nil, err
	}
	if b, err = ctx.transient(wire.TransientPersons); err != nil {
		return nil, nil, err
	}
	persons, err := roll.DecodeDetails(b)
	if err != nil {
		return nil, nil, err
	}
	if len(entries) == 0 || len(persons) != len(entries) {
		return nil, nil, relief.Errorf(relief.CodeInvalid, "%d entries with the private details of %d persons", len(entries), len(persons))
	}
	for i, p := range persons {
		if len(p) == 0 || len(p) > maxPersonBytes {
			return nil, nil, relief.Errorf(relief.CodeInvalid, "the private details of line %d have not 1 to %d bytes", entries[i].Seq, maxPersonBytes)
		}
	}
	return entries, persons, nil
}

// transient reads one value of the transient map.
func (ctx *Context) transient(name string) ([]byte, error) {
	m, err := ctx.GetStub().GetTransient()
	if err != nil {
		return nil, fmt.Errorf("the transient data: %w", err)
	}
	b, ok := m[name]
	if !ok {
		return nil, relief.Errorf(relief.CodeInvalid, "the transient map has no %s", name)
	}
	return b, nil
}

// importPlaces checks where and from when an import is to be.
func (ctx *Context) importPlaces(in importInput) ([]place, error) {
	p, err := mustLoad[programme.Programme](ctx, relief.ProgrammeKey(in.Programme))
	if err != nil {
		return nil, err
	}
	v, err := p.Current()
	if err != nil {
		return nil, err
	}
	switch {
	case in.County.County() != in.County || in.County == "":
		return nil, relief.FieldErrorf("county", "a county has six digits")
	case !v.Region.Covers(in.County):
		return nil, &relief.Error{Code: relief.CodeRegion, Field: "county", Detail: "the county lies outside the programme's region " + string(v.Region)}
	case v.ImportUntil != "" && relief.DefaultCalendar.Day(ctx.stamp.At) > v.ImportUntil:
		return nil, relief.Errorf(relief.CodeLate, "rolls could be imported until %s; since then only a decision puts a household on the roll", v.ImportUntil)
	case in.From.IsZero() || in.From.Quarterly() != (v.Cycle == programme.CycleQuarterly):
		return nil, relief.FieldErrorf("from", "the first period of entitlement is one of the programme's cycle, %s", v.Cycle)
	}
	if err := relief.RequireRegion(ctx.stamp.By, in.County); err != nil {
		return nil, err
	}
	if err := ctx.registered(in.County); err != nil {
		return nil, err
	}
	return in.places(v.SegmentSize)
}

// places are the segments that an import names.
func (in *importInput) places(segmentSize int) ([]place, error) {
	if len(in.Segments) == 0 || len(in.Segments) > wire.MaxChunkSegments {
		return nil, relief.FieldErrorf("segments", "a chunk of a roll names 1 to %d segments", wire.MaxChunkSegments)
	}
	places := make([]place, len(in.Segments))
	for i, segment := range in.Segments {
		if slices.Contains(in.Segments[:i], segment) {
			return nil, relief.FieldErrorf("segments", "a segment is named twice")
		}
		var err error
		if places[i], err = newPlace(in.Programme, in.County, segment, segmentSize); err != nil {
			return nil, err
		}
	}
	return places, nil
}

// place finds a segment of a programme's roll.
func (ctx *Context) place(programme relief.ProgrammeID, county relief.Region, segment uint32) (place, error) {
	size, err := ctx.segmentSize(programme)
	if err != nil {
		return place{}, err
	}
	return newPlace(programme, county, segment, size)
}

// newPlace refuses a segment beyond the last number, where numbers would run over.
func newPlace(programme relief.ProgrammeID, county relief.Region, segment uint32, size int) (place, error) {
	if uint64(segment)*uint64(size) > relief.MaxRollNumber { //nolint:gosec // a segment's size is 1 to 1000
		return place{}, relief.FieldErrorf("segment", "a roll has at most %d numbers", relief.MaxRollNumber)
	}
	return place{roll.SegmentAddr{Programme: programme, County: county, Segment: segment, Size: uint32(size)}}, nil //nolint:gosec // as above
}

func (ctx *Context) segmentSize(programmeID relief.ProgrammeID) (int, error) {
	p, err := mustLoad[programme.Programme](ctx, relief.ProgrammeKey(programmeID))
	if err != nil {
		return 0, err
	}
	if len(p.Versions) == 0 {
		return 0, relief.Errorf(relief.CodeCorrupt, "programme %s has no version", programmeID)
	}
	return p.Versions[0].SegmentSize, nil // the same in all versions
}

func (ctx *Context) roll(p place) (roll.Segment, error) {
	b, err := ctx.get(p.key())
	if err != nil {
		return roll.Segment{}, err
	}
	return roll.ParseSegment(b)
}

// standingOf tells where somebody stands today, nil for nowhere.
type standingOf func(relief.SubjectRef) (*roll.IndexEntry, error)

// rollAndStanding reads segments of a roll and where each person of a chunk stands today, in one message to the peer, or in one
// and one for a range.
func (ctx *Context) rollAndStanding(byRange bool, places []place, entries []roll.Input) ([]roll.Part, standingOf, error) {
	keys := make([]relief.Key, 0, len(places)+len(entries))
	for _, p := range places {
		keys = append(keys, p.key())
	}
	var among map[relief.SubjectRef][]byte // only looked up, never ranged over
	var err error
	programme, position := places[0].Programme, make(map[relief.SubjectRef]int)
	if byRange {
		if among, err = ctx.standingAmong(programme, entries); err != nil {
			return nil, nil, err
		}
	} else {
		for i := range entries {
			if ref := entries[i].Ref; position[ref] == 0 {
				position[ref] = len(keys)
				keys = append(keys, relief.RollIndexKey(ref, programme))
			}
		}
	}
	values, err := ctx.getAll(keys)
	if err != nil {
		return nil, nil, err
	}
	parts := make([]roll.Part, len(places))
	for i, p := range places {
		parts[i].At = p.SegmentAddr
		if parts[i].Segment, err = roll.ParseSegment(values[i]); err != nil {
			return nil, nil, err
		}
	}
	return parts, func(ref relief.SubjectRef) (*roll.IndexEntry, error) {
		b := among[ref]
		if !byRange {
			b = values[position[ref]]
		}
		if b == nil {
			return nil, nil //nolint:nilnil // nobody is nowhere: the domain asks for nil
		}
		return parseRecord[roll.IndexEntry](relief.KindRollIndex, b)
	}, nil
}

// maxAmong bounds the people who may stand between those of a chunk that is read by range: beyond, asking for each is cheaper.
func maxAmong(entries int) int { return 1000 + 4*entries }

// standingAmong reads the admissions from the first to the last of a chunk's people. The range is closed: the ledger refuses the
// transaction if anybody else comes into it before the commit.
func (ctx *Context) standingAmong(programme relief.ProgrammeID, entries []roll.Input) (map[relief.SubjectRef][]byte, error) {
	byRef := func(a, b roll.Input) int { return a.Ref.Compare(b.Ref) }
	first, last := slices.MinFunc(entries, byRef).Ref, slices.MaxFunc(entries, byRef).Ref
	it, err := ctx.GetStub().GetStateByRange(relief.RollIndexKey(first, programme).String(), relief.RollIndexKey(last, programme).String()+"\x00")
	if err != nil {
		return nil, fmt.Errorf("reading a range of admissions: %w", err)
	}
	defer func() { _ = it.Close() }()
	among := map[relief.SubjectRef][]byte{}
	for it.HasNext() {
		kv, err := it.Next()
		if err != nil {
			return nil, fmt.Errorf("reading a range of admissions: %w", err)
		}
		if len(among) == maxAmong(len(entries)) {
			return nil, relief.FieldErrorf("range", "more than %d people stand between those of the chunk: ask for each of them", len(among))
		}
		k, ok := relief.ParseKey(kv.GetKey())
		if !ok || len(k.Attrs) != 2 {
			return nil, relief.Errorf(relief.CodeCorrupt, "a key of the ledger cannot be read")
		}
		ref, err := relief.ParseSubjectRef(k.Attrs[1])
		if err != nil {
			return nil, relief.Errorf(relief.CodeCorrupt, "a key of the ledger cannot be read")
		}
		among[ref] = kv.GetValue()
	}
	return among, nil
}

// enrol writes the segments that have changed and their new people.
func (ctx *Context) enrol(before, after []roll.Part, enrolled []roll.Enrolled, persons [][]byte) error {
	programme := after[0].At.Programme
	stub := ctx.GetStub()
	stub.StartWriteBatch()
	for i, part := range after {
		if bytes.Equal(part.Segment.Bytes(), before[i].Segment.Bytes()) {
			continue
		}
		if err := ctx.put(place{part.At}.key(), part.Segment.Bytes()); err != nil {
			return err
		}
	}
	for i := range enrolled {
		e := &enrolled[i]
		k := relief.RollIndexKey(e.Ref, programme)
		if err := save(ctx, k, e.Record); err != nil {
			return err
		}
		if e.Record.OnPage() {
			continue
		}
		if err := ctx.putPrivate(k, persons[e.Input]); err != nil {
			return err
		}
	}
	for _, page := range roll.DetailPages(enrolled, persons) {
		if err := ctx.putPrivate(relief.DetailPageValueKey(programme, page.ID, 0), page.Value); err != nil {
			return err
		}
	}
	if err := stub.FinishWriteBatch(); err != nil {
		return fmt.Errorf("writing %d people: %w", len(enrolled), err)
	}
	return nil
}

// standingAt finds a person on a roll.
func (ctx *Context) standingAt(in subjectInput) (*standing, error) { return ctx.desk().standingAt(in) }

// standings calls f with where a person stands or stood on each programme's roll, in the order of the programmes.
func (ctx *Context) standings(subject relief.SubjectRef, f func(*standing) error) error {
	var programmes []relief.ProgrammeID
	var keys []relief.Key
	err := ctx.scan(relief.Key{Kind: relief.KindProgramme}, func(attrs []string, _ []byte) error {
		if len(attrs) != 1 {
			return relief.Errorf(relief.CodeCorrupt, "a key of the ledger cannot be read")
		}
		programmes = append(programmes, relief.ProgrammeID(attrs[0]))
		keys = append(keys, relief.RollIndexKey(subject, programmes[len(programmes)-1]))
		return nil
	})
	if err != nil || len(keys) == 0 {
		return err
	}
	values, err := ctx.getAll(keys)
	if err != nil {
		return err
	}
	for i, id := range programmes {
		if values[i] == nil {
			continue
		}
		at, err := ctx.standingAt(subjectInput{id, subject})
		if err != nil {
			return err
		}
		if err := f(at); err != nil {
			return err
		}
	}
	return nil
}

// rollStatus is how far a roll is filled; next is its first free number.
type rollStatus struct {
	SegmentSize int             `json:"segment_size"`
	Segments    []segmentStatus `json:"segments"`
	Next        uint32          `json:"next"`
}

type segmentStatus struct {
	Segment uint32 `json:"segment"`
	Count   int    `json:"count"`
}

func (ctx *Context) rollStatus(prefix relief.Key, size int) (*rollStatus, error) {
	s := &rollStatus{SegmentSize: size, Segments: []segmentStatus{}}
	dense := true // no free number was met yet
	err := ctx.walk(prefix, func(attrs []string, value []byte) error {
		n, err := relief.ParseSegment(attrs[len(attrs)-1])
		if err != nil {
			return err
		}
		seg, err := roll.ParseSegment(value)
		if err != nil {
			return err
		}
		s.Segments = append(s.Segments, segmentStatus{n, seg.Len()})
		if dense = dense && s.Next == n*uint32(size); dense { //nolint:gosec // 1 to 1000
			s.Next += uint32(seg.Len()) //nolint:gosec // 1 to 1000
			dense = seg.Len() == size
		}
		return nil
	})
	return s, err
}
