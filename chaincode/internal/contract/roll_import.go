// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// maxPersonBytes bounds the sealed details of one person.
const maxPersonBytes = 2048

// importRoll puts a chunk of people on the roll. A client that sends a roll in several chunks plans their segments: the
// contract does not look whether those before are full, since two chunks on their way would then meet in one key.
func importRoll(w *work, in api.ImportInput) (wire.ChunkResult, error) {
	var refused wire.ChunkResult
	entries, details, err := w.rollChunk()
	if err != nil {
		return refused, err
	}
	w.Grow(len(entries))
	addrs, err := w.importAddrs(&in)
	if err != nil {
		return refused, err
	}
	before, onRoll, err := w.segmentsAndIndex(in.Range, addrs, entries)
	if err != nil {
		return refused, err
	}
	paying, err := w.paying(in.Programme, addrs[0].Size, entries, onRoll)
	if err != nil {
		return refused, err
	}
	after, enrolled, result, err := roll.Import(before, in.From, entries, func(ref relief.SubjectRef) (*roll.IndexEntry, error) {
		index, err := onRoll(ref)
		if index != nil {
			index.Paying = paying[ref]
		}
		return index, err
	})
	if err != nil || len(enrolled) == 0 {
		return result, err
	}
	return result, w.enrol(before, after, enrolled, details)
}

// rollChunk reads a chunk of the roll and the private details that go with it from the transient map.
func (w *work) rollChunk() ([]roll.Input, [][]byte, error) {
	b, err := w.Transient(wire.TransientRoll)
	if err != nil {
		return nil, nil, err
	}
	entries, err := roll.DecodeRoll(b)
	if err != nil {
		return nil, nil, err
	}
	if b, err = w.Transient(wire.TransientPersons); err != nil {
		return nil, nil, err
	}
	details, err := roll.DecodeDetails(b)
	if err != nil {
		return nil, nil, err
	}
	if len(entries) == 0 || len(details) != len(entries) {
		return nil, nil, relief.Errorf(relief.CodeInvalid, "%d entries with the private details of %d persons", len(entries), len(details))
	}
	for i, d := range details {
		if len(d) == 0 || len(d) > maxPersonBytes {
			return nil, nil, relief.Errorf(relief.CodeInvalid, "the private details of line %d have not 1 to %d bytes", entries[i].Seq, maxPersonBytes)
		}
	}
	return entries, details, nil
}

// importAddrs checks where an import is to be and from which period, and gives the segments.
func (w *work) importAddrs(in *api.ImportInput) ([]roll.SegmentAddr, error) {
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(in.Programme))
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
	case v.ImportUntil != "" && relief.DefaultCalendar.Day(w.Actor.At) > v.ImportUntil:
		return nil, relief.Errorf(relief.CodeLate, "rolls could be imported until %s; since then only a decision puts a household on the roll", v.ImportUntil)
	case in.From.IsZero() || in.From.Quarterly() != (v.Cycle == programme.CycleQuarterly):
		return nil, relief.FieldErrorf("from", "the first period of entitlement is one of the programme's cycle, %s", v.Cycle)
	}
	if err := relief.RequireRegion(w.Actor.By, in.County); err != nil {
		return nil, err
	}
	if err := w.registered(in.County); err != nil {
		return nil, err
	}
	return addrsOf(in, uint32(v.SegmentSize)) //nolint:gosec // 1 to 1000
}

// addrsOf are the segments that an import names.
func addrsOf(in *api.ImportInput, size uint32) ([]roll.SegmentAddr, error) {
	if len(in.Segments) == 0 || len(in.Segments) > wire.MaxChunkSegments {
		return nil, relief.FieldErrorf("segments", "a chunk of a roll names 1 to %d segments", wire.MaxChunkSegments)
	}
	addrs := make([]roll.SegmentAddr, len(in.Segments))
	for i, segment := range in.Segments {
		if slices.Contains(in.Segments[:i], segment) {
			return nil, relief.FieldErrorf("segments", "a segment is named twice")
		}
		var err error
		if addrs[i], err = segmentAddr(in.Programme, in.County, segment, size); err != nil {
			return nil, err
		}
	}
	return addrs, nil
}

// segmentsAndIndex reads segments of a roll with their payees, and the roll index entries of a chunk's people, in one message to the peer, or in
// one and one for a range.
func (w *work) segmentsAndIndex(byRange bool, addrs []roll.SegmentAddr, entries []roll.Input) (
	[]roll.Part, func(relief.SubjectRef) (*roll.IndexEntry, error), error,
) {
	programme := addrs[0].Programme
	keys := make([]relief.Key, 0, 2*len(addrs)+len(entries))
	for _, at := range addrs {
		keys = append(keys, rollKey(at), payeesKey(at))
	}
	people := len(keys)
	var index map[relief.SubjectRef][]byte // only looked up, never ranged over
	if byRange {
		var err error
		if index, err = w.indexBetween(programme, entries); err != nil {
			return nil, nil, err
		}
	} else {
		for i := range entries {
			keys = append(keys, relief.RollIndexKey(entries[i].Ref, programme))
		}
	}
	values, err := w.Values(keys...)
	if err != nil {
		return nil, nil, err
	}
	if !byRange {
		index = make(map[relief.SubjectRef][]byte, len(entries))
		for i := range entries {
			index[entries[i].Ref] = values[people+i]
		}
	}
	parts := make([]roll.Part, len(addrs))
	for i, at := range addrs {
		if parts[i], err = w.part(at); err != nil {
			return nil, nil, err
		}
	}
	return parts, func(ref relief.SubjectRef) (*roll.IndexEntry, error) {
		b := index[ref]
		if b == nil {
			return nil, nil //nolint:nilnil // not on the roll: the domain asks for nil
		}
		return uow.Parse[roll.IndexEntry](relief.KindRollIndex, b)
	}, nil
}

// maxBetween bounds the people who may be between those of a chunk that is read by range: beyond, asking for each is cheaper.
func maxBetween(entries int) int { return 1000 + 4*entries }

// indexBetween reads the roll index entries from the first to the last of a chunk's people. The range is closed: the ledger
// refuses the transaction if another person comes into it before the commit.
func (w *work) indexBetween(programme relief.ProgrammeID, entries []roll.Input) (map[relief.SubjectRef][]byte, error) {
	byRef := func(a, b roll.Input) int { return a.Ref.Compare(b.Ref) }
	first, last := slices.MinFunc(entries, byRef).Ref, slices.MaxFunc(entries, byRef).Ref
	between := map[relief.SubjectRef][]byte{}
	return between, w.Range(relief.RollIndexKey(first, programme), relief.RollIndexKey(last, programme), func(attrs []string, value []byte) error {
		if len(between) == maxBetween(len(entries)) {
			return relief.FieldErrorf("range", "more than %d people are between those of the chunk: ask for each of them", len(between))
		}
		if len(attrs) != 2 {
			return relief.Errorf(relief.CodeCorrupt, "a key of the ledger cannot be read")
		}
		ref, err := relief.ParseSubjectRef(attrs[1])
		if err != nil {
			return relief.Errorf(relief.CodeCorrupt, "a key of the ledger cannot be read")
		}
		between[ref] = value
		return nil
	})
}

// enrol has the segments written that have changed, and their new people.
func (w *work) enrol(before, after []roll.Part, enrolled []roll.Enrolled, details [][]byte) error {
	programme := after[0].At.Programme
	for i := range after {
		if err := w.putPart(&before[i], &after[i]); err != nil {
			return err
		}
	}
	for i := range enrolled {
		e := &enrolled[i]
		k := relief.RollIndexKey(e.Ref, programme)
		if !e.Record.OnPage() { // somebody who comes back
			if err := w.purgeReplaced(e.Ref, programme); err != nil {
				return err
			}
		}
		if err := w.Put(k, e.Record); err != nil {
			return err
		}
		if e.Record.OnPage() {
			continue
		}
		if err := w.PutPrivate(k, details[e.Input]); err != nil {
			return err
		}
	}
	for _, page := range roll.DetailPages(enrolled, details) {
		if err := w.PutPrivate(relief.DetailPageValueKey(programme, page.ID, 0), page.Value); err != nil {
			return err
		}
	}
	return nil
}
