// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// maxPersonBytes bounds the sealed details of one person.
const maxPersonBytes = 2048

// Import carries out a chunk of a confirmed import.
func (*rollContract) Import(ctx *Context, input string) (string, error) {
	return action[api.ImportInput, wire.ChunkResult]{f: api.RollImport, reads: importReads, handle: importRoll}.one(ctx, input)
}

// importReads are the import and the chunk, which come with the duty in one message from the peer.
func importReads(w *work, in api.ImportInput) []relief.Key {
	keys := []relief.Key{relief.ImportKey(in.Import)}
	if sum, err := w.chunkSHA256(); err == nil { // importRoll finds out why not
		keys = append(keys, relief.ImportChunkKey(in.Import, sum))
	}
	return keys
}

// chunkSHA256 is the name of the chunk in the transient map.
func (w *work) chunkSHA256() (string, error) {
	lines, err := w.Transient(wire.TransientRoll)
	if err != nil {
		return "", err
	}
	details, err := w.Transient(wire.TransientPersons)
	if err != nil {
		return "", err
	}
	return roll.ChunkSHA256(lines, details), nil
}

// importRoll carries out a chunk. A client that sends a roll in several chunks plans their segments: the contract does not
// look whether those before are full, since two chunks on their way would then meet in one key.
func importRoll(_ *work, _ api.ImportInput) (wire.ChunkResult, error) {
	return wire.ChunkResult{}, relief.Errorf(relief.CodePending, "chunks are not carried out yet")
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

// addrsOf are the segments that an import names.
func addrsOf(in *api.ImportInput, p *roll.ImportProposal, size uint32) ([]roll.SegmentAddr, error) {
	if len(in.Segments) == 0 || len(in.Segments) > wire.MaxChunkSegments {
		return nil, relief.FieldErrorf("segments", "a chunk of a roll names 1 to %d segments", wire.MaxChunkSegments)
	}
	addrs := make([]roll.SegmentAddr, len(in.Segments))
	for i, segment := range in.Segments {
		if slices.Contains(in.Segments[:i], segment) {
			return nil, relief.FieldErrorf("segments", "a segment is named twice")
		}
		var err error
		if addrs[i], err = segmentAddr(p.Programme, p.County, segment, size); err != nil {
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
