// SPDX-License-Identifier: Apache-2.0

package uow

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/stored"
)

// readBack refuses a value of any kind that could not be read again under its key: on the ledger it would stop every later
// reader.
func readBack(k relief.Key, value []byte) error {
	if err := stored.Check(k, value); err != nil {
		return unreadable(k)
	}
	return nil
}

func unreadable(k relief.Key) error {
	return relief.Errorf(relief.CodeInvalid, "the act would leave a value of kind %s that cannot be read again", k.Kind)
}
