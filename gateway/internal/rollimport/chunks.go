package rollimport

import (
	"cmp"
	"slices"

	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// Chunk is what one transaction of an import carries. Its people either have their numbers already, or all get new ones.
type Chunk struct {
	roll.ImportChunk          // as the ledger knows it
	Segments         []uint32 `json:"segments,omitempty"` // of the people's numbers; none for people who get new ones
	Range            bool     `json:"range,omitempty"`    // few are on the roll between its people: they are read as one range

	Offset  int64 `json:"offset"` // of the bytes in the folder's file
	Roll    int   `json:"roll"`   // how many of them are the roll's; the details follow
	Persons int   `json:"persons"`
}

// Fresh reports whether the chunk's people get new numbers.
func (c *Chunk) Fresh() bool { return len(c.Segments) == 0 }

// Placing chooses segments for people who get new numbers.
type Placing struct {
	size, next uint32
	counts     map[uint32]int
}

// NewPlacing begins with a roll as it is filled: the first free number, and how many people the segments have.
func NewPlacing(size, next uint32, counts map[uint32]int) *Placing {
	return &Placing{size: size, next: next / size, counts: counts}
}

// room is how many people the next chunk may have so that they fill its segments.
func (p *Placing) room() int {
	_, room := p.from(p.next)
	return min(room, wire.MaxChunkLines)
}

// from gives the segments from one on that have room, as many as a chunk may name, and their room.
func (p *Placing) from(segment uint32) (segments []uint32, room int) {
	for len(segments) < wire.MaxChunkSegments {
		if free := int(p.size) - p.counts[segment]; free > 0 {
			segments = append(segments, segment)
			room += free
		}
		segment++
	}
	return segments, room
}

// Take chooses the segments for a chunk of n people, at most as many as a chunk's empty segments hold. When the segments
// that follow have too little room, as after others have put people there, it leaves their free numbers out.
func (p *Placing) Take(n int) []uint32 {
	for ; ; p.next++ {
		segments, room := p.from(p.next)
		if room < n {
			continue
		}
		for i, s := range segments {
			taken := min(n, int(p.size)-p.counts[s])
			p.counts[s] += taken
			if n -= taken; n == 0 {
				return segments[:i+1]
			}
		}
	}
}

// planChunks puts the new and the changed lines into chunks. People who get new numbers come in the order of their
// references: a chunk's keys are then neighbours in every database that holds them. alone says that nobody of another
// county can be on the programme's roll.
func (w *Writer) planChunks(c *Comparison, alone bool) error {
	var known, fresh []*Line
	for i := range c.lines {
		switch l := &c.lines[i]; {
		case l.kind != KindNew && l.kind != KindChanged:
		case l.entry >= 0 && !c.moved(l):
			known = append(known, l)
		default:
			fresh = append(fresh, l)
		}
	}
	numberOf := func(l *Line) uint32 { return c.roll.Entries[l.entry].number() }
	slices.SortFunc(known, func(a, b *Line) int { return cmp.Compare(numberOf(a), numberOf(b)) })
	slices.SortFunc(fresh, func(a, b *Line) int { return a.Ref.Compare(b.Ref) })
	if err := w.addKnown(known, c.roll.Size, numberOf); err != nil {
		return err
	}
	placing := NewPlacing(c.roll.Size, c.roll.Next, c.roll.counts())
	byRange := alone && len(c.roll.Entries) <= len(fresh)
	for len(fresh) > 0 {
		n := min(placing.room(), len(fresh))
		placing.Take(n)
		if err := w.addChunk(fresh[:n], Chunk{Range: byRange}); err != nil {
			return err
		}
		fresh = fresh[n:]
	}
	return nil
}

// moved reports whether a person comes back to another region: a roll number's region never changes, so they get a new one.
func (c *Comparison) moved(l *Line) bool {
	return l.kind == KindNew && c.roll.Entries[l.entry].entry().Region != l.Region
}

// addKnown puts lines of people who have numbers into chunks, in the order of the numbers.
func (w *Writer) addKnown(lines []*Line, size uint32, numberOf func(*Line) uint32) error {
	for len(lines) > 0 {
		var segments []uint32
		n := 0
		for ; n < len(lines) && n < wire.MaxChunkLines; n++ {
			segment := numberOf(lines[n]) / size
			if slices.Contains(segments, segment) {
				continue
			}
			if len(segments) == wire.MaxChunkSegments {
				break
			}
			segments = append(segments, segment)
		}
		if err := w.addChunk(lines[:n], Chunk{Segments: segments}); err != nil {
			return err
		}
		lines = lines[n:]
	}
	return nil
}

// addChunk writes the bytes of a chunk as they will be sent.
func (w *Writer) addChunk(lines []*Line, chunk Chunk) error {
	inputs, details := make([]roll.Input, len(lines)), make([][]byte, len(lines))
	for i, l := range lines {
		inputs[i] = l.Input
		var err error
		if details[i], err = w.readDetails(l.Details); err != nil {
			return err
		}
	}
	rollBytes, persons := roll.AppendRoll(nil, inputs), roll.AppendDetails(nil, details)
	chunk.ImportChunk = roll.ChunkOf(inputs, rollBytes, persons)
	chunk.Offset, chunk.Roll, chunk.Persons = w.chunkBytes, len(rollBytes), len(persons)
	w.chunkBytes += int64(len(rollBytes) + len(persons))
	_, _ = w.chunks.Write(rollBytes) // Flush has the error
	_, _ = w.chunks.Write(persons)
	w.plan = append(w.plan, chunk)
	return nil
}

func (r *Roll) counts() map[uint32]int {
	counts := make(map[uint32]int, len(r.Counts))
	for s, n := range r.Counts {
		counts[s] = n
	}
	return counts
}
