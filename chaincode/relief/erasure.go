package relief

import "slices"

// ErasureReason says why a person's private details are erased.
type ErasureReason string

// The reasons of an erasure.
const (
	ErasureRetention ErasureReason = "retention" // the time for which they had to be kept is over
	ErasureRequest   ErasureReason = "request"   // the person asked for it
	ErasureCourt     ErasureReason = "court"     // a court or supervisor ordered it
	ErasureMistake   ErasureReason = "mistake"   // they should never have been taken in
)

var erasureReasons = []ErasureReason{ErasureRetention, ErasureRequest, ErasureCourt, ErasureMistake}

// Erasure records that a person's private details were erased: of which programmes, why the last time, by whom and when.
// It says nothing of what they were.
type Erasure struct {
	Subject    SubjectRef    `json:"subject"`
	Programmes []ProgrammeID `json:"programmes"`
	Reason     ErasureReason `json:"reason"`
	Acts       []Acted       `json:"acts"`
}

// Erase records that details of some programmes are erased, which may be none: then an erasure that is there already
// stands as it is. Details that come back by a later import can be erased again.
func Erase(existing *Erasure, subject SubjectRef, programmes []ProgrammeID, reason ErasureReason, s Stamp) (Erasure, bool, error) {
	if !slices.Contains(erasureReasons, reason) {
		return Erasure{}, false, FieldErrorf("reason", "the reason is retention, request, court or mistake")
	}
	e := Erasure{Subject: subject}
	if existing != nil {
		if len(programmes) == 0 {
			return *existing, false, nil
		}
		if err := s.follows(existing.Acts); err != nil {
			return Erasure{}, false, err
		}
		e = *existing
	}
	e.Programmes = append(slices.Clone(e.Programmes), programmes...)
	slices.Sort(e.Programmes)
	e.Programmes, e.Reason = slices.Compact(e.Programmes), reason
	e.Acts = append(slices.Clone(e.Acts), s.acted(ActPersonErase))
	return e, true, nil
}

// Pending tells whether a position's slot holds money that is on its way: listed in a batch that is not cancelled, or
// returned in one that is not closed.
func (s *LineSegment) Pending(position int, other BatchLookup) (bool, error) {
	if position >= len(s.slots) {
		return false, nil
	}
	slot := s.slots[position]
	if slot.state == slotFree || slot.state == slotCredited {
		return false, nil
	}
	state, err := other(s.batches[slot.batch])
	return state != BatchCancelled && (slot.state == slotListed || state != BatchClosed), err
}

// PeriodsBetween lists the periods from first to last, both included, in the form of first; none when last is earlier.
func PeriodsBetween(first, last Period) (periods []Period) {
	step := 1
	if first.Quarterly() {
		step = 3
	}
	for month := first.FirstMonth(); month <= last.LastMonth(); month += step {
		p := MonthPeriod(month)
		if first.Quarterly() {
			p = Period{p.year, 101 + (p.index-1)/3}
		}
		periods = append(periods, p)
	}
	return periods
}
