// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// mayRepair refuses a repair of a value that can be read, or of other bytes than the proposal names, and a new value that cannot
// be read or does not belong under its key.
func (w *work) mayRepair(repairs []registry.Repair) error {
	if len(repairs) == 0 {
		return nil
	}
	r := &repairer{work: w, after: make(map[string][]byte, len(repairs))}
	keys := make([]relief.Key, len(repairs))
	for i := range repairs {
		keys[i] = repairs[i].Key()
		r.after[keys[i].String()] = repairs[i].Value
	}
	present, err := w.Values(keys...)
	if err != nil {
		return err
	}
	for i := range repairs {
		if err := r.replaceable(keys[i], present[i], repairs[i].SHA256); err != nil {
			return err
		}
	}
	for _, k := range keys {
		if err := r.belongs(k); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) putRepairs(repairs []registry.Repair) error {
	for i := range repairs {
		if err := w.PutValue(repairs[i].Key(), repairs[i].Value); err != nil {
			return err
		}
	}
	return nil
}

// repairer holds values against the ledger as it would be after a repair.
type repairer struct {
	*work
	after map[string][]byte // the new values by their keys; only looked up, never ranged over
}

// replaceable refuses a value that is not what the proposal says or that can be read.
func (r *repairer) replaceable(k relief.Key, present []byte, digest string) error {
	if present == nil {
		return relief.Errorf(relief.CodeNotFound, "there is no value under %s", k.Name())
	}
	if sum := sha256.Sum256(present); hex.EncodeToString(sum[:]) != digest {
		return &relief.Error{Code: relief.CodeConflict, Field: "repair", Detail: "the value under " + k.Name() + " is not the one that the proposal names"}
	}
	switch err := r.reads(k, present, r.present); {
	case err == nil:
		return relief.Errorf(relief.CodeWrongState, "the value under %s can be read: acts change it, no repair", k.Name())
	case !errors.Is(err, &relief.Error{Code: relief.CodeCorrupt}):
		return err
	}
	return nil
}

// belongs refuses a new value that readers could not use.
func (r *repairer) belongs(k relief.Key) error {
	err := r.reads(k, r.after[k.String()], r.repaired)
	if err == nil {
		err = r.fitsOthers(k)
	}
	var corrupt *relief.Error
	if errors.As(err, &corrupt) && corrupt.Code == relief.CodeCorrupt {
		return relief.FieldErrorf("repair", "the new value under %s: %s", k.Name(), corrupt.Detail)
	}
	return err
}

// reads returns CORRUPT for a value that the contracts cannot read: by itself, as a segment of its programme's size, or as one of
// the two halves of a segment of a roll. other finds the other half.
func (r *repairer) reads(k relief.Key, value []byte, other func(relief.Key) ([]byte, error)) error {
	if err := stored.Check(k, value); err != nil {
		return err //nolint:wrapcheck // of the domain
	}
	if k.Kind != relief.KindRoll && k.Kind != relief.KindPayees && !ofPayments(k.Kind) {
		return nil
	}
	at, err := r.addr(k)
	if err != nil {
		return err
	}
	if err := stored.Fits(k, value, at.Size); err != nil || ofPayments(k.Kind) {
		return err //nolint:wrapcheck // of the domain
	}
	half := k
	half.Kind = map[string]string{relief.KindRoll: relief.KindPayees, relief.KindPayees: relief.KindRoll}[k.Kind]
	second, err := other(half)
	if err != nil {
		return err
	}
	people, payees := value, second
	if k.Kind == relief.KindPayees {
		people, payees = second, value
	}
	_, err = roll.ParsePart(at, people, payees)
	return err //nolint:wrapcheck // of the domain
}

// ofPayments reports whether values of a kind are the payments of a segment's people.
func ofPayments(kind string) bool { return kind == relief.KindLines || kind == relief.KindFurther }

// addr is the address of a segment, with the size of the programme's.
func (r *repairer) addr(k relief.Key) (roll.SegmentAddr, error) {
	at, err := stored.SegmentOf(k)
	if err != nil {
		return at, err //nolint:wrapcheck // of the domain
	}
	at.Size, err = r.segmentSize(at.Programme)
	return at, err
}

func (r *repairer) present(k relief.Key) ([]byte, error) { return r.Value(k) }

func (r *repairer) repaired(k relief.Key) ([]byte, error) {
	if value, ok := r.after[k.String()]; ok {
		return value, nil
	}
	return r.Value(k)
}

// fitsOthers holds a new packed value against those that name it: the index entries of a segment's people, the roll and the
// batches of its payments.
func (r *repairer) fitsOthers(k relief.Key) error {
	switch k.Kind {
	case relief.KindRoll:
		return r.peopleAreIndexed(k)
	case relief.KindRollIndex:
		return r.indexNames(k)
	case relief.KindLines, relief.KindFurther:
		return r.paymentsAreOfPeople(k)
	}
	return nil
}

func (r *repairer) peopleAreIndexed(k relief.Key) error {
	at, err := r.addr(k)
	if err != nil {
		return err
	}
	seg, err := roll.ParseSegment(r.after[k.String()])
	if err != nil {
		return err //nolint:wrapcheck // of the domain
	}
	keys := make([]relief.Key, seg.Len())
	for i := range keys {
		keys[i] = relief.RollIndexKey(seg.Ref(i), at.Programme)
	}
	if err := r.Fetch(keys...); err != nil {
		return err
	}
	for i, key := range keys {
		value, err := r.repaired(key)
		if err != nil {
			return err
		}
		var index roll.IndexEntry
		if value == nil || index.UnmarshalBinary(value) != nil {
			return relief.Errorf(relief.CodeCorrupt, "entry %d is of somebody whom the roll's index does not have", i)
		}
		succeeded := seg.Entry(i, at).ExitReason == roll.ExitSucceeded
		if index.County == at.County && index.Number != at.First()+uint32(i) && !succeeded {
			return relief.Errorf(relief.CodeCorrupt, "the person of entry %d has the number %d on this roll", i, index.Number)
		}
	}
	return nil
}

func (r *repairer) indexNames(k relief.Key) error {
	var index roll.IndexEntry
	if err := index.UnmarshalBinary(r.after[k.String()]); err != nil {
		return err //nolint:wrapcheck // of the domain
	}
	programme := relief.ProgrammeID(k.Attrs[0])
	at, err := r.addr(relief.RollKey(programme, index.County, 0))
	if err != nil {
		return err
	}
	at.Segment = index.Number / at.Size
	value, err := r.repaired(rollKey(at))
	if err != nil {
		return err
	}
	seg, err := roll.ParseSegment(value)
	if err != nil {
		return err //nolint:wrapcheck // of the domain
	}
	if i, ok := at.Slot(index.Number); !ok || i >= seg.Len() || seg.Ref(i).String() != k.Attrs[1] {
		return relief.Errorf(relief.CodeCorrupt, "the roll has somebody else under number %d", index.Number)
	}
	return nil
}

func (r *repairer) paymentsAreOfPeople(k relief.Key) error {
	at, err := r.addr(k)
	if err != nil {
		return err
	}
	highest, slots, err := slotsOf(k, r.after[k.String()], at.First())
	if err != nil {
		return err
	}
	value, err := r.repaired(rollKey(at))
	if err != nil {
		return err
	}
	people, err := roll.ParseSegment(value)
	if err != nil {
		return err //nolint:wrapcheck // of the domain
	}
	if highest > people.Len() {
		return relief.Errorf(relief.CodeCorrupt, "it has %d slots, the roll %d people", highest, people.Len())
	}
	for _, slot := range slots {
		batch, err := r.repaired(relief.BatchKey(slot.Batch))
		if err != nil {
			return err
		}
		if batch == nil {
			return relief.Errorf(relief.CodeCorrupt, "its payments name batch %s, which does not exist", slot.Batch)
		}
	}
	return nil
}

// slotsOf are the payments of a value that batches have, and how many slots it has.
func slotsOf(k relief.Key, value []byte, first uint32) (int, []payment.Slot, error) {
	if k.Kind == relief.KindFurther {
		f, err := payment.ParseFurther(value)
		return f.Len(), f.Slots(first), err
	}
	lines, err := payment.ParseLineSegment(value)
	return lines.Len(), lines.Slots(first), err
}
