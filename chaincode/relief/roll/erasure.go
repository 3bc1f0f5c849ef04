package roll

import (
	"slices"

	"relieftrail/chaincode/relief"
)

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
	Subject    relief.SubjectRef     `json:"subject"`
	Programmes []relief.ProgrammeID  `json:"programmes"`
	Reason     ErasureReason         `json:"reason"`
	Acts       []relief.HistoryEntry `json:"acts"`
}

// Erase records that details of some programmes are erased, which may be none: then an erasure that is there already
// stands as it is. Details that come back by a later import can be erased again.
func Erase(existing *Erasure, subject relief.SubjectRef, programmes []relief.ProgrammeID, reason ErasureReason, actor relief.Actor) (Erasure, bool, error) {
	if !slices.Contains(erasureReasons, reason) {
		return Erasure{}, false, relief.FieldErrorf("reason", "the reason is retention, request, court or mistake")
	}
	e := Erasure{Subject: subject}
	if existing != nil {
		if len(programmes) == 0 {
			return *existing, false, nil
		}
		if err := actor.Follows(existing.Acts); err != nil {
			return Erasure{}, false, err
		}
		e = *existing
	}
	e.Programmes = append(slices.Clone(e.Programmes), programmes...)
	slices.Sort(e.Programmes)
	e.Programmes, e.Reason = slices.Compact(e.Programmes), reason
	e.Acts = append(slices.Clone(e.Acts), actor.Entry(relief.ActPersonErase))
	return e, true, nil
}
