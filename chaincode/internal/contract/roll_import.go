// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
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

// Import carries out a chunk of a confirmed import.
func (*rollContract) Import(ctx *Context, input string) (string, error) {
	var chunk string // the name of the chunk, which takes a millisecond to work out
	return action[api.ImportInput, wire.ChunkResult]{
		f: api.RollImport,
		reads: func(w *work, in api.ImportInput) []relief.Key {
			var err error
			if chunk, err = w.chunkSHA256(); err != nil { // importRoll finds out why not
				return []relief.Key{relief.ImportKey(in.Import)}
			}
			return []relief.Key{relief.ImportKey(in.Import), relief.ImportChunkKey(in.Import, chunk)}
		},
		handle: func(w *work, in api.ImportInput) (wire.ChunkResult, error) { return importRoll(w, &in, chunk) },
	}.one(ctx, input)
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

// importRoll carries out a chunk, once. A client that sends a roll in several chunks plans their segments: the
// contract does not look whether those before are full, since two chunks on their way would then meet in one key.
// Nothing is written of a chunk of which a person has no place in the segments: the client names others.
func importRoll(w *work, in *api.ImportInput, sum string) (wire.ChunkResult, error) {
	var refused wire.ChunkResult
	entries, details, err := w.rollChunk()
	if err != nil {
		return refused, err
	}
	p, err := uow.Get[roll.ImportProposal](w.Work, relief.ImportKey(in.Import))
	if err != nil {
		return refused, err
	}
	key := relief.ImportChunkKey(in.Import, sum)
	chunk, err := uow.Find[roll.ImportChunkRecord](w.Work, key)
	if err != nil {
		return refused, err
	}
	if err := relief.RequireRegion(w.Actor.By, p.County); err != nil {
		return refused, err
	}
	switch {
	case chunk == nil:
		return refused, relief.Errorf(relief.CodeForbidden, "what is sent is no chunk of import %s", p.ID)
	case chunk.Result != nil:
		return chunk.Again(), nil
	}
	v, err := w.version(p.Programme, 0)
	if err != nil {
		return refused, err
	}
	if err := p.MayCarry(v, w.Actor); err != nil {
		return refused, err
	}
	if err := chunk.CheckLines(entries); err != nil {
		return refused, err
	}
	if err := w.registered(p.County); err != nil {
		return refused, err
	}
	people := importedPeople{work: w, proposal: &p, version: v, entries: entries, details: details}
	result, err := people.carry(in)
	if err != nil {
		return refused, err
	}
	chunk.Result, chunk.Tx = &result, w.Actor.Tx
	return result, w.Put(key, chunk)
}

// carry puts a chunk's people on the roll.
func (p *importedPeople) carry(in *api.ImportInput) (wire.ChunkResult, error) {
	var refused wire.ChunkResult
	p.Grow(len(p.entries))
	addrs, err := addrsOf(in, p.proposal, uint32(p.version.SegmentSize)) //nolint:gosec // 1 to 1000
	if err != nil {
		return refused, err
	}
	before, err := p.read(addrs, in.Range)
	if err != nil {
		return refused, err
	}
	rule := roll.ImportRule{
		From: p.proposal.From, Once: p.version.Cycle == programme.CycleOnce, OneMonth: p.version.FromRolls(), Quarterly: p.version.Cycle == programme.CycleQuarterly,
		Month: relief.DefaultCalendar.Day(p.Actor.At).Month(),
	}
	after, enrolled, result, err := roll.Import(before, rule, p.entries, p.known)
	if err != nil {
		return refused, err
	}
	for i := range result.Refused {
		if r := &result.Refused[i]; r.Code == relief.LineWrongSegment {
			return refused, &relief.Error{Code: relief.CodePending, Field: "segments",
				Detail: fmt.Sprintf("the person of line %d has no place in the segments that are named: name others", r.Seq)}
		}
	}
	if err := p.enrol(before, after, enrolled, p.details); err != nil {
		return refused, err
	}
	return result, p.putHouseholds(enrolled)
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

// enrol has the segments written that have changed, and their new people.
func (w *work) enrol(before, after []roll.Part, enrolled []roll.Enrolled, details [][]byte) error {
	programme := after[0].At.Programme
	for i := range after {
		if err := w.putPart(&before[i], &after[i]); err != nil {
			return err
		}
		if err := w.entriesLowered(after[i].At, before[i].Segment, after[i].Segment); err != nil {
			return err
		}
	}
	for i := range enrolled {
		e := &enrolled[i]
		if !e.Details {
			continue
		}
		k := relief.RollIndexKey(e.Ref, programme)
		if e.Record.Kept {
			if err := w.Put(k, e.Record); err != nil {
				return err
			}
			continue
		}
		if err := w.purgeOwn(e, programme); err != nil {
			return err
		}
		if err := w.Put(k, e.Record); err != nil {
			return err
		}
		if e.Record.OnPage() {
			continue
		}
		if err := w.ReplacePrivate(k, details[e.Input]); err != nil {
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

// purgeOwn has the details removed that an import's take the place of, if they have a key of their own that is not written again.
func (w *work) purgeOwn(e *roll.Enrolled, programme relief.ProgrammeID) error {
	if e.Before == nil {
		return nil
	}
	replaced, own := e.Before.Replaced(e.Ref, programme)
	if !own || !e.Record.OnPage() && replaced.String() == e.Record.DetailsKey(e.Ref, programme).String() {
		return nil
	}
	return w.Purge(replaced)
}
