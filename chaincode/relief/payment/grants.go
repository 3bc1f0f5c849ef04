package payment

import "relieftrail/chaincode/relief"

// Unanswered reports whether the bank has yet to answer a payment: it is granted and in no batch, or listed in one that was not
// cancelled. state gives a batch's state.
func (f *Further) Unanswered(position int, number uint8, state func(relief.BatchID) (BatchState, error)) (bool, error) {
	slot, _ := f.find(position, number)
	switch {
	case slot == nil:
		return false, nil
	case slot.state == slotGranted:
		return true, nil
	case slot.state != slotListed:
		return false, nil
	}
	s, err := state(f.batches[slot.batch])
	return s != BatchCancelled, err
}
