package jobs

import (
	"slices"

	"relieftrail/chaincode/relief/wire"
)

// segments holds the lines that wait for their chunk, by segment.
type segments[T any] struct {
	size  int // of a segment: no chunk needs to be larger
	limit int // of all waiting lines
	total int
	lines map[uint32][]T
	send  func(segment uint32, lines []T) error
}

func newSegments[T any](size, limit int, send func(uint32, []T) error) *segments[T] {
	return &segments[T]{size: min(max(size, 1), wire.MaxChunkLines), limit: limit, lines: map[uint32][]T{}, send: send}
}

// add lets a line wait, or sends its chunk when that is full. When too many wait, half of them go: the largest chunks.
func (s *segments[T]) add(segment uint32, line T) error {
	s.lines[segment] = append(s.lines[segment], line)
	s.total++
	if len(s.lines[segment]) >= s.size {
		return s.flush(segment)
	}
	if s.total < s.limit {
		return nil
	}
	order := s.order()
	slices.SortStableFunc(order, func(a, b uint32) int { return len(s.lines[b]) - len(s.lines[a]) })
	for _, segment := range order {
		if s.total <= s.limit/2 {
			break
		}
		if err := s.flush(segment); err != nil {
			return err
		}
	}
	return nil
}

func (s *segments[T]) flush(segment uint32) error {
	lines := s.lines[segment]
	if len(lines) == 0 {
		return nil
	}
	delete(s.lines, segment)
	s.total -= len(lines)
	return s.send(segment, lines)
}

// flushAll sends everything, in the order of the segments.
func (s *segments[T]) flushAll() error {
	for _, segment := range s.order() {
		if err := s.flush(segment); err != nil {
			return err
		}
	}
	return nil
}

func (s *segments[T]) order() []uint32 {
	order := make([]uint32, 0, len(s.lines))
	for segment := range s.lines {
		order = append(order, segment)
	}
	slices.Sort(order)
	return order
}

// bundle gathers the lines of a few segments for one transaction: what a transaction costs before its first line is shared.
type bundle[T any] struct {
	segments []uint32
	lines    []T
	send     func(segments []uint32, lines []T) error
}

// add lets a segment's lines go with the next transaction, which goes when it is full.
func (b *bundle[T]) add(segment uint32, lines []T) error {
	other := !slices.Contains(b.segments, segment)
	if len(b.lines)+len(lines) > wire.MaxChunkLines {
		if err := b.flush(); err != nil {
			return err
		}
		other = true
	}
	if other {
		b.segments = append(b.segments, segment)
	}
	b.lines = append(b.lines, lines...)
	if len(b.segments) < wire.MaxChunkSegments {
		return nil
	}
	return b.flush()
}

// flush sends what is gathered.
func (b *bundle[T]) flush() error {
	segments, lines := b.segments, b.lines
	b.segments, b.lines = nil, nil
	if len(lines) == 0 {
		return nil
	}
	return b.send(segments, lines)
}
