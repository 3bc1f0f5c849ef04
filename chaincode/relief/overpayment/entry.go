package overpayment

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// RecoveredEntry is a statement's entry by which overpayments were recovered. It is kept under the hash of the bank's reference,
// so that the same money is not recovered twice.
type RecoveredEntry struct {
	Entry
	Recoveries []EntryRecovery `json:"recoveries"`
}

// EntryRecovery is what one overpayment has recovered by an entry.
type EntryRecovery struct {
	Overpayment relief.OverpaymentID `json:"overpayment"`
	Measure     int                  `json:"measure"`
	Amount      relief.Fen           `json:"amount"`
}

// Sum is how much was recovered by the entry; 0 of nil.
func (e *RecoveredEntry) Sum() (sum relief.Fen) {
	if e == nil {
		return 0
	}
	for i := range e.Recoveries {
		sum += e.Recoveries[i].Amount
	}
	return sum
}

// TakeEntry is the record of an entry with one more recovery. existing is the record that the entry has, nil for none. CONFLICT
// for an entry that was recorded with another sum or day, that the overpayment has recovered by already, or of which less is
// left.
func TakeEntry(existing *RecoveredEntry, e Entry, r EntryRecovery) (RecoveredEntry, error) {
	taken := RecoveredEntry{Entry: e}
	if existing != nil {
		taken = *existing
	}
	if taken.Entry != e {
		return taken, entryErrorf("the entry was recorded with another sum or day: %s of %s", taken.Amount, taken.BookedOn)
	}
	left := e.Amount
	for i := range taken.Recoveries {
		if of := taken.Recoveries[i].Overpayment; of == r.Overpayment {
			return taken, entryErrorf("the entry was recovered already, for overpayment %s", of)
		}
		left -= taken.Recoveries[i].Amount
	}
	if r.Amount > left {
		return taken, entryErrorf("the entry was recovered already, for overpayment %s; %s of it is left", taken.Recoveries[0].Overpayment, left)
	}
	taken.Recoveries = append(slices.Clip(taken.Recoveries), r)
	return taken, nil
}

func entryErrorf(format string, args ...any) error {
	e := relief.Errorf(relief.CodeConflict, format, args...)
	e.Field = "entry"
	return e
}
