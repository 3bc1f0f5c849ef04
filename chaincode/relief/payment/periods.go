package payment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

const (
	// MaxEarlier is how many periods before its own a batch may hold payments of.
	MaxEarlier = 36
	// maxTransfer is the largest number of payments that one transfer has beside its first one.
	maxTransfer = 255
)

// PeriodSegments say what a batch holds for one period beside the lines of its own period: segments of the lines, and segments
// of the further payments, both ascending.
type PeriodSegments struct {
	Period   relief.Period `json:"period"`
	Segments []uint32      `json:"segments,omitempty"`
	Further  []uint32      `json:"further,omitempty"`
}

// checkEarlier refuses a first earlier period that is none, or lies too far back.
func (t *BatchTerms) checkEarlier() error {
	from := t.EarlierFrom
	switch {
	case from.IsZero():
		return nil
	case from.Quarterly() != t.Period.Quarterly() || !from.Before(t.Period):
		return relief.FieldErrorf("earlier_from", "the first earlier period must be a month or a quarter as %s is, and lie before it", t.Period)
	case len(relief.PeriodsBetween(from, t.Period)) > MaxEarlier+1:
		return relief.FieldErrorf("earlier_from", "a batch holds payments of at most %d periods before its own", MaxEarlier)
	}
	return nil
}

// Periods are the periods that the batch may hold payments of, its own one last.
func (b *Batch) Periods() []relief.Period {
	if b.EarlierFrom.IsZero() {
		return []relief.Period{b.Period}
	}
	return relief.PeriodsBetween(b.EarlierFrom, b.Period)
}

// ValueAddr is the address of a value that holds payments: the lines of a segment for one period, or its further payments.
type ValueAddr struct {
	Period  relief.Period
	Further bool
	Segment uint32
}

// Key is the key of the value.
func (v ValueAddr) Key(p relief.ProgrammeID, county relief.Region) relief.Key {
	if v.Further {
		return relief.FurtherKey(p, county, v.Period, v.Segment)
	}
	return relief.LinesKey(p, county, v.Period, v.Segment)
}

// Parse reads the value.
func (v ValueAddr) Parse(value []byte) (Payments, error) {
	if v.Further {
		f, err := ParseFurther(value)
		return &f, err
	}
	s, err := ParseLineSegment(value)
	return &s, err
}

// Value is a value that holds payments, with its address.
type Value struct {
	ValueAddr
	Payments Payments
	Changed  bool // by the act
}

// Values are the values that hold the payments of a sealed batch, in the order in which they are counted: by period, lines
// before further payments, by segment.
func (b *Batch) Values() []ValueAddr {
	values := make([]ValueAddr, 0, len(b.Segments)) // nearly always nothing else
	own := func() {
		for _, n := range b.Segments {
			values = append(values, ValueAddr{b.Period, false, n})
		}
	}
	ownDone := false
	for i := range b.Earlier {
		e := &b.Earlier[i]
		if e.Period == b.Period {
			own()
			ownDone = true
		}
		for _, n := range e.Segments {
			values = append(values, ValueAddr{e.Period, false, n})
		}
		for _, n := range e.Further {
			values = append(values, ValueAddr{e.Period, true, n})
		}
	}
	if !ownDone {
		own()
	}
	return values
}

// ValuesElsewhere are those of Values that are of another period than the batch's own.
func (b *Batch) ValuesElsewhere() (values []ValueAddr) {
	for i := range b.Earlier {
		e := &b.Earlier[i]
		if e.Period == b.Period {
			continue
		}
		for _, n := range e.Segments {
			values = append(values, ValueAddr{e.Period, false, n})
		}
		for _, n := range e.Further {
			values = append(values, ValueAddr{e.Period, true, n})
		}
	}
	return values
}

// Compare orders values by period, lines before further payments, by segment.
func (v ValueAddr) Compare(o ValueAddr) int {
	if v.Period == o.Period && v.Further != o.Further {
		if o.Further {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(v.Period.FirstMonth(), o.Period.FirstMonth()), cmp.Compare(v.Segment, o.Segment))
}

// setValues keeps where the payments of a batch are that is sealed. It reverses Values.
func (b *Batch) setValues(values []ValueAddr) {
	b.Segments, b.Earlier = nil, nil
	for _, v := range values {
		if v.Period == b.Period && !v.Further {
			b.Segments = append(b.Segments, v.Segment)
			continue
		}
		if n := len(b.Earlier); n == 0 || b.Earlier[n-1].Period != v.Period {
			b.Earlier = append(b.Earlier, PeriodSegments{Period: v.Period})
		}
		e := &b.Earlier[len(b.Earlier)-1]
		if v.Further {
			e.Further = append(e.Further, v.Segment)
		} else {
			e.Segments = append(e.Segments, v.Segment)
		}
	}
}

// SegmentNumbers are the segments that a sealed batch has payments in, ascending.
func (b *Batch) SegmentNumbers() []uint32 {
	if !b.HoldsMore() {
		return b.Segments
	}
	var all []uint32
	for _, v := range b.Values() {
		all = append(all, v.Segment)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// HoldsMore reports whether a sealed batch holds payments beside the lines of its own period. People can then have several
// payments in it.
func (b *Batch) HoldsMore() bool { return len(b.Earlier) > 0 }

// ValuesIn are those of Values that are of one segment.
func (b *Batch) ValuesIn(segment uint32) (values []ValueAddr) {
	for _, v := range b.Values() {
		if v.Segment == segment {
			values = append(values, v)
		}
	}
	return values
}

// Has reports whether a value has payments of a batch.
func Has(p Payments, id relief.BatchID) (has bool) {
	p.each(id, func(int, *lineSlot, *lineAnswer) { has = true })
	return has
}

// Exceeding are the positions of a segment for which the batch lists more than is owed now besides what else is listed and
// credited. What decisions granted is owed as granted. other is asked for the state of batches.
func (p *OfPeriod) Exceeding(b *Batch, entries roll.Segment, other BatchLookup) (positions []int, err error) {
	check := func(position int, slot *lineSlot, _ *lineAnswer) {
		if err != nil || slot.state != slotListed || slot.kind == relief.PaymentGrant || slices.Contains(positions, position) {
			return
		}
		var sums Sums
		if sums, err = p.Sums(position, other); err == nil && (position >= entries.Len() || sums.Held() > entries.Owed(position, p.Period)) {
			positions = append(positions, position)
		}
	}
	p.Lines.each(b.ID, check)
	p.Further.each(b.ID, check)
	return positions, err
}

// RequireOwed refuses, with CONFLICT, a sealed batch that lists more for some roll numbers than is owed to them now.
func (b *Batch) RequireOwed(numbers []uint32) error {
	if len(numbers) == 0 {
		return nil
	}
	var texts []string
	for _, n := range numbers[:min(len(numbers), maxNamed)] {
		texts = append(texts, fmt.Sprintf("%07d", n))
	}
	return relief.Errorf(relief.CodeConflict, "封存后应发金额已降低：名册序号 %s 等共 %d 人，请退回修改 · since batch %s was sealed, less is owed to %d people (roll numbers %s): send it back to be corrected, or cancel it",
		strings.Join(texts, "、"), len(numbers), b.ID, len(numbers), strings.Join(texts, ", "))
}

// PeriodsOf are the periods that lines name and a batch holds, in the order of their first lines, without their payments.
func PeriodsOf(lines []LineInput, own relief.Period, held []relief.Period) []OfPeriod {
	var periods []OfPeriod
	for i := range lines {
		p := lines[i].Period
		if p.IsZero() {
			p = own
		}
		if n := len(periods); n > 0 && periods[n-1].Period == p {
			continue
		}
		if slices.Contains(held, p) && !slices.ContainsFunc(periods, func(o OfPeriod) bool { return o.Period == p }) {
			periods = append(periods, OfPeriod{Period: p})
		}
	}
	return periods
}

// SegmentsOf are the segments of some values, in the order of their first values.
func SegmentsOf(values []Value) (segments []uint32) {
	seen := map[uint32]bool{} // only looked up, never ranged over
	for i := range values {
		if n := values[i].Segment; !seen[n] {
			seen[n] = true
			segments = append(segments, n)
		}
	}
	return segments
}
