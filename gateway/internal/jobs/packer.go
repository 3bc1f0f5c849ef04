package jobs

import (
	"slices"

	"relieftrail/chaincode/relief/wire"
)

// laneLines are the lines of one lane for one chunk.
type laneLines[T any] struct {
	lane  uint32
	lines []T
}

// lanes hold lines back, lane by lane, until there are enough for a chunk.
type lanes[T any] struct {
	size  int // lines of a chunk
	limit int // of all lines that are held back
	total int
	lines map[uint32][]T
}

func newLanes[T any](size, limit int) *lanes[T] {
	return &lanes[T]{size: min(max(size, 1), wire.MaxChunkLines), limit: limit, lines: map[uint32][]T{}}
}

// add holds a line back and returns what is to be sent: its lane when that is full, or, when too many lines are held
// back, the longest lanes until half of the lines are gone.
func (l *lanes[T]) add(lane uint32, line T) []laneLines[T] {
	l.lines[lane] = append(l.lines[lane], line)
	l.total++
	if len(l.lines[lane]) >= l.size {
		return l.take(lane)
	}
	if l.total < l.limit {
		return nil
	}
	order := l.order()
	slices.SortStableFunc(order, func(a, b uint32) int { return len(l.lines[b]) - len(l.lines[a]) })
	var longest []laneLines[T]
	for _, lane := range order {
		if l.total <= l.limit/2 {
			break
		}
		longest = append(longest, l.take(lane)...)
	}
	return longest
}

// take returns the lines of a lane; nothing when it has none.
func (l *lanes[T]) take(lane uint32) []laneLines[T] {
	lines := l.lines[lane]
	if len(lines) == 0 {
		return nil
	}
	delete(l.lines, lane)
	l.total -= len(lines)
	return []laneLines[T]{{lane, lines}}
}

// takeAll returns all lines, in the order of the lanes.
func (l *lanes[T]) takeAll() (all []laneLines[T]) {
	for _, lane := range l.order() {
		all = append(all, l.take(lane)...)
	}
	return all
}

func (l *lanes[T]) order() []uint32 {
	order := make([]uint32, 0, len(l.lines))
	for lane := range l.lines {
		order = append(order, lane)
	}
	slices.Sort(order)
	return order
}

// bundle is the lines of a few segments for one transaction.
type bundle[T any] struct {
	segments []uint32
	lines    []T
}

// packer puts lines of several segments into one transaction, so that a transaction's fixed cost is spread over more
// lines. Each segment is a lane.
type packer[T any] struct {
	lanes *lanes[T]
	open  bundle[T] // has room for more
}

func newPacker[T any](segmentSize uint32, limit int) *packer[T] {
	return &packer[T]{lanes: newLanes[T](int(segmentSize), limit)}
}

// add takes a line and returns the bundles that are full.
func (p *packer[T]) add(segment uint32, line T) []bundle[T] {
	return p.pack(p.lanes.add(segment, line))
}

// endSegment says that no more lines of a segment come, and returns the bundles that are full.
func (p *packer[T]) endSegment(segment uint32) []bundle[T] { return p.pack(p.lanes.take(segment)) }

// flushAll returns everything, in the order of the segments.
func (p *packer[T]) flushAll() []bundle[T] {
	return append(p.pack(p.lanes.takeAll()), p.takeOpen()...)
}

// pack adds segments' lines to the open bundle and returns those bundles that have become full.
func (p *packer[T]) pack(lanes []laneLines[T]) (full []bundle[T]) {
	for _, l := range lanes {
		if len(p.open.lines)+len(l.lines) > wire.MaxChunkLines {
			full = append(full, p.takeOpen()...)
		}
		if !slices.Contains(p.open.segments, l.lane) {
			p.open.segments = append(p.open.segments, l.lane)
		}
		p.open.lines = append(p.open.lines, l.lines...)
		if len(p.open.segments) >= wire.MaxChunkSegments {
			full = append(full, p.takeOpen()...)
		}
	}
	return full
}

// takeOpen returns the open bundle; nothing when it is empty.
func (p *packer[T]) takeOpen() []bundle[T] {
	open := p.open
	p.open = bundle[T]{}
	if len(open.lines) == 0 {
		return nil
	}
	return []bundle[T]{open}
}
