package relief

import (
	"cmp"
	"slices"
)

// OfSegment is the part of a chunk that lies in one segment.
type OfSegment[L any] struct {
	Segment uint32
	Lines   []L // in the chunk's order
}

// BySegment parts a chunk's lines by the segment of their roll numbers, in the order of the segments; it may reorder lines.
// INVALID for a chunk of nothing, more than MaxChunkSegments, or a number that no roll has.
func BySegment[L interface{ RollNumber() uint32 }](lines []L, segmentSize uint32) ([]OfSegment[L], error) {
	switch {
	case len(lines) == 0:
		return nil, Errorf(CodeInvalid, "the chunk has no lines")
	case segmentSize == 0:
		return nil, Errorf(CodeCorrupt, "the batch has no segment size")
	}
	of := func(l L) uint32 { return l.RollNumber() / segmentSize }
	ordered := func(a, b L) int { return cmp.Compare(of(a), of(b)) }
	if !slices.IsSortedFunc(lines, ordered) {
		slices.SortStableFunc(lines, ordered)
	}
	if of(lines[len(lines)-1]) > MaxRollNumber/segmentSize {
		return nil, Errorf(CodeInvalid, "a roll has at most %d numbers", MaxRollNumber)
	}
	var parts []OfSegment[L]
	for begin := 0; begin < len(lines); {
		segment := of(lines[begin])
		end := begin + 1
		for end < len(lines) && of(lines[end]) == segment {
			end++
		}
		parts = append(parts, OfSegment[L]{segment, lines[begin:end]})
		begin = end
	}
	if len(parts) > MaxChunkSegments {
		return nil, Errorf(CodeInvalid, "a chunk's lines lie in at most %d segments, not %d", MaxChunkSegments, len(parts))
	}
	return parts, nil
}

// RollNumber is the number of the line's person on the roll.
func (l LineInput) RollNumber() uint32 { return l.Number }

// RollNumber is the number of the payment's person on the roll.
func (in SettlementInput) RollNumber() uint32 { return in.Number }

// Add counts what a chunk did in another segment, too.
func (r *ChunkResult) Add(other ChunkResult) {
	r.Accepted += other.Accepted
	r.Unchanged += other.Unchanged
	r.Refused = append(r.Refused, other.Refused...)
}
