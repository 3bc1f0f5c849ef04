// SPDX-License-Identifier: Apache-2.0

package uow

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// readBack refuses a packed value that could not be read again: on the ledger it would stop every later reader.
func readBack(kind string, value []byte) error {
	var err error
	switch kind {
	case relief.KindRoll:
		_, err = roll.ParseSegment(value)
	case relief.KindPayees:
		_, err = roll.ParsePayees(value)
	case relief.KindLines:
		_, err = payment.ParseLineSegment(value)
	case relief.KindRollIndex:
		var entry roll.IndexEntry
		err = entry.UnmarshalBinary(value)
	}
	if err != nil {
		return relief.Errorf(relief.CodeInvalid, "the act would leave a value of kind %s that cannot be read again", kind)
	}
	return nil
}
