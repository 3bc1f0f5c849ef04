package wire

import (
	"cmp"
	"slices"

	"relieftrail/chaincode/relief"
)

// OfSegment holds the lines of a chunk that belong to one segment.
type OfSegment[L any] struct {
	Segment uint32
	Lines   []L // in the chunk's order
}

// BySegment groups a chunk's lines by the segment of their roll numbers, in the order of the segments. It may reorder
// lines. INVALID for an empty chunk, more than MaxChunkSegments segments, or a number above MaxRollNumber.
func BySegment[L interface{ RollNumber() uint32 }](lines []L, segmentSize uint32) ([]OfSegment[L], error) {
	switch {
	case len(lines) == 0:
		return nil, relief.Errorf(relief.CodeInvalid, "the chunk has no lines")
	case segmentSize == 0:
		return nil, relief.Errorf(relief.CodeCorrupt, "the batch has no segment size")
	}
	segments := segmentsOf(lines, segmentSize)
	if !slices.IsSorted(segments) {
		slices.SortStableFunc(lines, func(a, b L) int { return cmp.Compare(a.RollNumber()/segmentSize, b.RollNumber()/segmentSize) })
		segments = segmentsOf(lines, segmentSize)
	}
	if segments[len(segments)-1] > relief.MaxRollNumber/segmentSize {
		return nil, relief.Errorf(relief.CodeInvalid, "a roll has at most %d numbers", relief.MaxRollNumber)
	}
	var parts []OfSegment[L]
	for begin := 0; begin < len(lines); {
		segment := segments[begin]
		end := begin + 1
		for end < len(lines) && segments[end] == segment {
			end++
		}
		parts = append(parts, OfSegment[L]{segment, lines[begin:end]})
		begin = end
	}
	if len(parts) > MaxChunkSegments {
		return nil, relief.Errorf(relief.CodeInvalid, "a chunk's lines lie in at most %d segments, not %d", MaxChunkSegments, len(parts))
	}
	return parts, nil
}

// segmentsOf are the segments of lines, in their order. Lines are large: each is copied once.
func segmentsOf[L interface{ RollNumber() uint32 }](lines []L, segmentSize uint32) []uint32 {
	segments := make([]uint32, len(lines))
	for i := range lines {
		segments[i] = lines[i].RollNumber() / segmentSize
	}
	return segments
}

// Add adds the result of another segment of the chunk.
func (r *ChunkResult) Add(other ChunkResult) {
	r.Accepted += other.Accepted
	r.Unchanged += other.Unchanged
	r.Refused = append(r.Refused, other.Refused...)
	r.Outcomes = append(r.Outcomes, other.Outcomes...)
}

// Outcome is what became of one line.
type Outcome byte

// The outcomes. A refused line is one of ChunkResult.Refused, which has the refused lines in the same order.
const (
	Accepted  Outcome = 'a'
	Unchanged Outcome = 'u'
	Refused   Outcome = 'r'
)

// Outcomes are those of all lines, ordered by segment, and within a segment as in the chunk. In JSON they are a text with a
// letter a line.
type Outcomes []byte

// MarshalText writes the letters.
func (o Outcomes) MarshalText() ([]byte, error) { return o, nil }

// UnmarshalText reads the letters.
func (o *Outcomes) UnmarshalText(text []byte) error {
	*o = append(Outcomes(nil), text...)
	return nil
}

// Count counts a line. done reports whether the transaction writes it; a refusal with a code says why it is refused.
func (r *ChunkResult) Count(seq uint32, done bool, refusal Refusal) {
	outcome := Unchanged
	switch {
	case refusal.Code != "":
		refusal.Seq = seq
		r.Refused = append(r.Refused, refusal)
		outcome = Refused
	case done:
		r.Accepted++
		outcome = Accepted
	default:
		r.Unchanged++
	}
	r.Outcomes = append(r.Outcomes, byte(outcome))
}

// Refusal is one refused line of a chunk, by the sequence number that the chunk gave it (the file's line).
type Refusal struct {
	Seq  uint32          `json:"seq"`
	Code relief.LineCode `json:"code"`
	// Note names the record that prevents the line, such as a batch or a payment. It is never personal data.
	Note string `json:"note,omitempty"`
}

// ChunkResult is the response of an act on a chunk of lines.
type ChunkResult struct {
	Accepted  int       `json:"accepted"`  // lines written by this transaction
	Unchanged int       `json:"unchanged"` // lines that the ledger has already, with the same content
	Refused   []Refusal `json:"refused"`   // lines that were not written, with the reason
	// Outcomes says of each line which of the three it is, for callers who ask.
	Outcomes Outcomes `json:"outcomes,omitempty"`
}
