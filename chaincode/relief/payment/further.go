package payment

import (
	"cmp"
	"slices"

	"relieftrail/chaincode/relief"
)

// furtherEntry is one further payment.
type furtherEntry struct {
	position uint16
	again    uint8 // the number of the payment that it pays again; 0 for none
	lineSlot
	lineAnswer
}

func (e *furtherEntry) compare(position int, attempt uint8) int {
	return cmp.Or(cmp.Compare(int(e.position), position), cmp.Compare(e.attempt, attempt))
}

// Further is the unpacked form of one segment's further payments of a period: what its people are paid beside the regular
// payments that a LineSegment has. Top-ups and grants are ordered by position, then by number.
type Further struct {
	batches []relief.BatchID
	entries []furtherEntry
}

func (f *Further) clone() Further {
	return Further{slices.Clone(f.batches), slices.Clone(f.entries)}
}

// Len is one more than the highest position that has a payment.
func (f *Further) Len() int {
	if len(f.entries) == 0 {
		return 0
	}
	return int(f.entries[len(f.entries)-1].position) + 1
}

// at gives the index of a payment; the index at which it would be when there is none.
func (f *Further) at(position int, attempt uint8) (int, bool) {
	return slices.BinarySearchFunc(f.entries, attempt, func(e furtherEntry, attempt uint8) int { return e.compare(position, attempt) })
}

// of gives the payments of a position.
func (f *Further) of(position int) []furtherEntry {
	first, _ := f.at(position, 0)
	last, _ := f.at(position+1, 0)
	return f.entries[first:last]
}

// put adds a payment.
func (f *Further) put(e *furtherEntry) {
	i, _ := f.at(int(e.position), e.attempt)
	f.entries = slices.Insert(f.entries, i, *e)
}

// highest is the highest number of a position's payments; 0 when there is none.
func (f *Further) highest(position int) uint8 {
	all := f.of(position)
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].attempt
}

// Grant adds what a decision granted to the person of a position. It is owed, and no batch has it yet. number is the
// payment's number within the period, the third part of its id. The programme pays by grants alone: the period has no lines.
func Grant(f Further, position int, amount relief.Fen) (out Further, number uint8, err error) {
	switch number = f.highest(position); {
	case position < 0 || position >= maxPositions:
		return f, 0, relief.Errorf(relief.CodeCorrupt, "a segment has no position %d", position)
	case amount <= 0 || amount > relief.MaxFen:
		return f, 0, relief.FieldErrorf("amount", "the amount must be above zero")
	case number == 255:
		return f, 0, relief.Errorf(relief.CodeInvalid, "a person has at most 255 payments in a period")
	}
	out = f.clone()
	out.put(&furtherEntry{
		position: uint16(position),
		lineSlot: lineSlot{state: slotGranted, attempt: number + 1, kind: relief.PaymentGrant, amount: amount},
	})
	return out, number + 1, nil
}

// Ungrant takes a grant back that no batch has. WRONG_STATE for any other payment.
func Ungrant(f Further, position int, number uint8) (Further, error) {
	i, ok := f.at(position, number)
	if !ok || f.entries[i].state != slotGranted {
		return f, relief.Errorf(relief.CodeWrongState, "the grant is in a batch, or there is none")
	}
	f = f.clone()
	f.entries = slices.Delete(f.entries, i, i+1)
	return f, nil
}

// free takes the listed payment with an index out of its batch: a top-up is gone, a grant is owed again. It reports whether
// the payment is gone.
func (f *Further) free(i int) bool {
	if e := &f.entries[i]; e.kind == relief.PaymentGrant && e.again == 0 {
		e.lineSlot = lineSlot{state: slotGranted, attempt: e.attempt, kind: e.kind, amount: e.amount}
		return false
	}
	f.entries = slices.Delete(f.entries, i, i+1)
	return true
}

// freeWhere frees the listed payments in batches of which in says so.
func (f *Further) freeWhere(in func(relief.BatchID) (bool, error)) error {
	for i := 0; i < len(f.entries); i++ {
		if f.entries[i].state != slotListed {
			continue
		}
		out, err := in(f.batches[f.entries[i].batch])
		if err != nil {
			return err
		}
		if out && f.free(i) {
			i--
		}
	}
	return nil
}

// visit visits all payments, those that no batch has too, in their order.
func (f *Further) visit(visit func(position int, slot *lineSlot, answer *lineAnswer)) {
	for i := range f.entries {
		e := &f.entries[i]
		visit(int(e.position), &e.lineSlot, &e.lineAnswer)
	}
}

// each visits a batch's payments in their order.
func (f *Further) each(id relief.BatchID, visit func(position int, slot *lineSlot, answer *lineAnswer)) {
	index := slices.Index(f.batches, id)
	if index < 0 {
		return
	}
	f.visit(func(position int, slot *lineSlot, answer *lineAnswer) {
		if int(slot.batch) == index && slot.state != slotGranted {
			visit(position, slot, answer)
		}
	})
}

// find gives a payment; nil when there is none.
func (f *Further) find(position int, attempt uint8) (*lineSlot, *lineAnswer) {
	i, ok := f.at(position, attempt)
	if !ok {
		return nil, nil
	}
	return &f.entries[i].lineSlot, &f.entries[i].lineAnswer
}

// againOf is the number of the payment that a payment pays again; 0 for none.
func (f *Further) againOf(position int, attempt uint8) uint8 {
	if i, ok := f.at(position, attempt); ok {
		return f.entries[i].again
	}
	return 0
}

// batchIndex is the index of a batch in the table, to which it adds the batch; ok is false when the table is full of batches
// that have payments.
func (f *Further) batchIndex(id relief.BatchID) (index uint8, ok bool) {
	if i := slices.Index(f.batches, id); i >= 0 {
		return uint8(i), true //nolint:gosec // at most 255
	}
	if len(f.batches) >= maxBatches {
		f.dropUnused()
	}
	if len(f.batches) >= maxBatches {
		return 0, false
	}
	f.batches = append(f.batches, id)
	return uint8(len(f.batches) - 1), true //nolint:gosec // at most 255
}

// dropUnused takes those batches out of the table that no payment names.
func (f *Further) dropUnused() {
	table := newBatchTable(f.batches)
	for i := range f.entries {
		if e := &f.entries[i]; e.state != slotGranted {
			table.use(e.batch)
		}
	}
	f.batches = table.kept()
	for i := range f.entries {
		if e := &f.entries[i]; e.state != slotGranted {
			e.batch = table.place[e.batch]
		}
	}
}
