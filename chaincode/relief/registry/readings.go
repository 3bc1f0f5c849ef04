package registry

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// ActReadingAnchor puts the head of an agency's record of readings on the ledger.
const ActReadingAnchor relief.Act = "reading.anchor"

// ReadingHead is the head of an agency's record of who read personal data: how many readings it has, and the hash of the
// last one. Each reading holds the hash of the one before, so that the head stands for all of them.
type ReadingHead struct {
	Day   relief.Day `json:"day"` // where the agency is
	Count uint64     `json:"count"`
	Head  string     `json:"head"` // SHA-256
}

// ReadingAnchor is what the ledger has of an agency's record. Earlier versions of it stay in the blocks.
type ReadingAnchor struct {
	Agency string `json:"agency"` // MSP id
	ReadingHead
	Acts []relief.HistoryEntry `json:"acts"` // the last act
}

// maxReadings bounds a count: JSON numbers are exact up to it.
const maxReadings = 1 << 53

// AnchorReadings puts a newer head in the place of the present one. It only goes forward: a record that has fewer readings
// than before is refused, with CONFLICT, and so is another head of as many.
func AnchorReadings(h ReadingHead, present *ReadingAnchor, actor relief.Actor) (a ReadingAnchor, changed bool, err error) {
	if h.Count < 1 || h.Count > maxReadings {
		return a, false, relief.FieldErrorf("count", "a record has 1 to %d readings", uint64(maxReadings))
	}
	if !form.IsSHA256(h.Head) {
		return a, false, relief.FieldErrorf("head", "the head is a SHA-256 in 64 hexadecimal digits")
	}
	if _, err := relief.ParseDay(string(h.Day)); err != nil {
		return a, false, relief.FieldErrorf("day", "the day is written YYYY-MM-DD")
	}
	if present != nil {
		switch {
		case present.ReadingHead == h && actor.Repeats(present.Acts, ActReadingAnchor):
			return *present, false, nil
		case h.Count <= present.Count || h.Day < present.Day:
			return a, false, relief.Errorf(relief.CodeConflict, "the ledger has %d readings of %s already: a record only grows", present.Count, present.Day)
		}
		if err := actor.Follows(present.Acts); err != nil {
			return a, false, err
		}
	}
	return ReadingAnchor{actor.By.Agency, h, []relief.HistoryEntry{actor.Entry(ActReadingAnchor)}}, true, nil
}
