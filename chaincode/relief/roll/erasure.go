package roll

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// ErasureReason says why a person's private details are erased.
type ErasureReason string

// The reasons of an erasure.
const (
	ErasureRetention ErasureReason = "retention" // the retention period is over
	ErasureRequest   ErasureReason = "request"   // the person asked for the erasure
	ErasureCourt     ErasureReason = "court"     // a court or a supervisor ordered the erasure
	ErasureMistake   ErasureReason = "mistake"   // the details should never have been recorded
)

var erasureReasons = []ErasureReason{ErasureRetention, ErasureRequest, ErasureCourt, ErasureMistake}

// Erasure records that a person's private details were erased: in which programmes, for which reason (of the latest
// erasure), by whom and when. It says nothing about the details.
type Erasure struct {
	Subject    relief.SubjectRef     `json:"subject"`
	Programmes []relief.ProgrammeID  `json:"programmes"`
	Reason     ErasureReason         `json:"reason"`
	Acts       []relief.HistoryEntry `json:"acts"`
}

// Erase records that a person's details in some programmes are erased. With no programmes an existing record stays as
// it is. Details that a later import brings back can be erased again.
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
