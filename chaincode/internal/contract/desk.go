// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
)

// desk is what an act on cases has before it. The ledger does not show a transaction its own writes, and a file has many
// acts in one: so what was read is kept, what is written lies on the desk until all is decided, and the next act of the
// file sees it.
type desk struct {
	*Context
	values  map[string][]byte
	changed []relief.Key // in the order in which they were first written
	dirty   map[string]bool
	private []privateValue
	lists   map[string][][]byte // of the transient map

	calendar   *relief.Calendar
	parameters *programme.Parameters
	sources    []registry.Department
	regions    map[relief.Region]error
	versions   map[string]*programme.Version
	segments   map[string]roll.Segment // parsed; a file of grants goes through one again and again
}

type privateValue struct {
	key   relief.Key
	value []byte
}

func (ctx *Context) desk() *desk {
	return &desk{
		Context: ctx, values: map[string][]byte{}, dirty: map[string]bool{}, regions: map[relief.Region]error{}, lists: map[string][][]byte{},
		versions: map[string]*programme.Version{}, segments: map[string]roll.Segment{},
	}
}

// fetch reads what is not on the desk yet, in one message to the peer.
func (d *desk) fetch(keys ...relief.Key) error {
	var missing []relief.Key
	for _, k := range keys {
		name := k.String()
		if _, there := d.values[name]; !there {
			d.values[name] = nil
			missing = append(missing, k)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	values, err := d.getAll(missing)
	if err != nil {
		return err
	}
	for i, k := range missing {
		d.values[k.String()] = values[i]
	}
	return nil
}

func (d *desk) read(k relief.Key) ([]byte, error) {
	if err := d.fetch(k); err != nil {
		return nil, err
	}
	return d.values[k.String()], nil
}

// find reads a record from the desk, nil when there is none.
func find[T any](d *desk, k relief.Key) (*T, error) {
	b, err := d.read(k)
	if err != nil || b == nil {
		return nil, err
	}
	return parseRecord[T](k.Kind, b)
}

// mustFind is find of a record that has to be there.
func mustFind[T any](d *desk, k relief.Key) (*T, error) {
	v, err := find[T](d, k)
	if err == nil && v == nil {
		err = relief.Errorf(relief.CodeNotFound, "no %s has this id", k.Kind)
	}
	return v, err
}

func (d *desk) write(k relief.Key, value []byte) {
	name := k.String()
	if !d.dirty[name] {
		d.dirty[name] = true
		d.changed = append(d.changed, k)
	}
	d.values[name] = value
}

// keep lays a record on the desk to be written.
func (d *desk) keep(k relief.Key, record any) error {
	b, err := encodeRecord(k.Kind, record)
	if err != nil {
		return err
	}
	d.write(k, b)
	return nil
}

// store writes what lies on the desk.
func (d *desk) store() error {
	if len(d.changed) == 0 {
		return nil
	}
	stub := d.GetStub()
	stub.StartWriteBatch()
	for _, k := range d.changed {
		if err := d.put(k, d.values[k.String()]); err != nil {
			return err
		}
	}
	for _, p := range d.private {
		if err := d.putPrivate(p.key, p.value); err != nil {
			return err
		}
	}
	if err := stub.FinishWriteBatch(); err != nil {
		return fmt.Errorf("writing %d records: %w", len(d.changed), err)
	}
	return nil
}

// days is the calendar of the registry.
func (d *desk) days() (*relief.Calendar, error) {
	if d.calendar == nil {
		c, err := find[relief.Calendar](d, relief.CalendarKey())
		if err != nil {
			return nil, err
		}
		if d.calendar = c; c == nil {
			d.calendar = &relief.DefaultCalendar
		}
	}
	return d.calendar, nil
}

// fixed is what the founding fixed.
func (d *desk) fixed() (programme.Parameters, error) {
	if d.parameters == nil {
		p, err := find[programme.Parameters](d, relief.ParametersKey())
		if err != nil {
			return programme.Parameters{}, err
		}
		if d.parameters = p; p == nil {
			d.parameters = &programme.DefaultParameters
		}
	}
	return *d.parameters, nil
}

// departments are the sources whose statements count.
func (d *desk) departments() ([]registry.Department, error) {
	if d.sources == nil {
		s, err := find[[]registry.Department](d, relief.DepartmentsKey())
		if err != nil || s == nil {
			return nil, err
		}
		d.sources = *s
	}
	return d.sources, nil
}

func (d *desk) registeredOnce(r relief.Region) error {
	err, known := d.regions[r]
	if !known {
		err = d.registered(r)
		d.regions[r] = err
	}
	return err
}

// version is a programme's version by its number, 0 for the one in force.
func (d *desk) version(id relief.ProgrammeID, number int) (*programme.Version, error) {
	name := fmt.Sprint(id, " ", number)
	if v := d.versions[name]; v != nil {
		return v, nil
	}
	p, err := mustFind[programme.Programme](d, relief.ProgrammeKey(id))
	if err != nil {
		return nil, err
	}
	v, err := p.CaseVersion(number)
	d.versions[name] = v
	return v, err
}

// households finds where people stand.
func (d *desk) households() *casework.Households {
	return &casework.Households{
		Member: func(ref relief.SubjectRef) (*casework.MemberRecord, error) {
			return find[casework.MemberRecord](d, relief.MemberKey(ref))
		},
		Standing: func(ref relief.SubjectRef, p relief.ProgrammeID) (*roll.IndexEntry, error) {
			return find[roll.IndexEntry](d, relief.RollIndexKey(ref, p))
		},
	}
}

// putCase keeps a case, and the claims on its household when they are others than before (nil for a new case).
func (d *desk) putCase(c, before *casework.Case) error {
	if c.ClaimsDiffer(before) {
		people := c.Members
		if before != nil {
			for _, ref := range before.Members {
				if !slices.Contains(people, ref) {
					people = append(people[:len(people):len(people)], ref)
				}
			}
		}
		for _, ref := range people {
			m, err := find[casework.MemberRecord](d, relief.MemberKey(ref))
			if err != nil {
				return err
			}
			if out, changed := c.Claimed(ref, m); changed {
				if err := d.keep(relief.MemberKey(ref), out); err != nil {
					return err
				}
			}
		}
	}
	return d.keep(relief.CaseKey(c.ID), c)
}

// segmentOf reads the roll segment that a number lies in.
func (d *desk) segmentOf(p relief.ProgrammeID, county relief.Region, segment uint32, size int) (place, roll.Segment, error) {
	at, err := newPlace(p, county, segment, size)
	if err != nil {
		return at, roll.Segment{}, err
	}
	name := at.key().String()
	if seg, ok := d.segments[name]; ok {
		return at, seg, nil
	}
	b, err := d.read(at.key())
	if err != nil {
		return at, roll.Segment{}, err
	}
	seg, err := roll.ParseSegment(b)
	if err == nil {
		d.segments[name] = seg
	}
	return at, seg, err
}

// writeSegment lays a roll segment on the desk to be written.
func (d *desk) writeSegment(at place, seg roll.Segment) {
	d.segments[at.key().String()] = seg
	d.write(at.key(), seg.Bytes())
}

// standingAt finds a person on a roll, as the desk has it.
func (d *desk) standingAt(in subjectInput) (*standing, error) {
	record, err := find[roll.IndexEntry](d, relief.RollIndexKey(in.Subject, in.Programme))
	if err != nil {
		return nil, err
	}
	if record == nil {
		return nil, relief.Errorf(relief.CodeNotFound, "the person is not on this programme's roll")
	}
	p, err := mustFind[programme.Programme](d, relief.ProgrammeKey(in.Programme))
	if err != nil {
		return nil, err
	}
	s := &standing{record: *record}
	size := p.Versions[0].SegmentSize
	s.place, s.segment, err = d.segmentOf(in.Programme, record.County, record.Number/uint32(size), size) //nolint:gosec // 1 to 1000
	if err != nil {
		return nil, err
	}
	if i := s.position(); i >= s.segment.Len() || s.segment.Ref(i) != in.Subject {
		return nil, relief.Errorf(relief.CodeCorrupt, "the roll has somebody else under number %d", record.Number)
	}
	return s, nil
}
