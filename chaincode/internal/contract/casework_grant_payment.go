// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// putGrant makes the payment of a grant: it is owed from now on, and no batch has it yet.
func (w *work) putGrant(programme relief.ProgrammeID, n roll.Number, period relief.Period, amount relief.Fen) (relief.PaymentID, error) {
	id := relief.PaymentID{Programme: programme, County: n.County, Number: n.Number, Period: period}
	key, position, further, err := w.furtherOf(id)
	if err != nil {
		return id, err
	}
	further, id.Attempt, err = payment.Grant(further, position, amount)
	if err != nil {
		return id, err
	}
	return id, w.PutValue(key, further.Bytes())
}

// takeBack takes a grant back that no batch has.
func (w *work) takeBack(id relief.PaymentID) error {
	key, position, further, err := w.furtherOf(id)
	if err != nil {
		return err
	}
	if further, err = payment.Ungrant(further, position, id.Attempt); err != nil {
		return err
	}
	return w.PutValue(key, further.Bytes())
}

// payingGrants reports whether the bank has yet to answer one of the grants of a record.
func (w *work) payingGrants(r casework.GrantRecord) (bool, error) {
	for i := range r.Grants {
		id := r.Grants[i].Payment
		_, position, further, err := w.furtherOf(id)
		if err != nil {
			return false, err
		}
		if open, err := further.Unanswered(position, id.Attempt, w.batchState); err != nil || open {
			return open, err
		}
	}
	return false, nil
}

// requireGrantsPaid refuses, with PENDING, a person to whom a single grant is still to be paid.
func (w *work) requireGrantsPaid(subject relief.SubjectRef, id relief.ProgrammeID) error {
	_, record, err := w.grantsOf(subject, id)
	if err != nil {
		return err
	}
	paying, err := w.payingGrants(record)
	if err == nil && paying {
		err = relief.Errorf(relief.CodePending, "a grant of %s is to be paid", id)
	}
	return err
}

// furtherOf reads the further payments beside which a payment lies, with their key and the payment's position.
func (w *work) furtherOf(id relief.PaymentID) (relief.Key, int, payment.Further, error) {
	size, err := w.segmentSize(id.Programme)
	if err != nil {
		return relief.Key{}, 0, payment.Further{}, err
	}
	segment, position := id.SlotAt(size)
	key := relief.FurtherKey(id.Programme, id.County, id.Period, segment)
	value, err := w.Value(key)
	if err != nil {
		return key, position, payment.Further{}, err
	}
	further, err := payment.ParseFurther(value)
	return key, position, further, err
}
