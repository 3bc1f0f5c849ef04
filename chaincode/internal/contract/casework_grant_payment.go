// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
)

func (w *work) putGrant(programme relief.ProgrammeID, n roll.Number, period relief.Period, _ relief.Fen, r casework.GrantRecord) (relief.PaymentID, error) {
	id := relief.PaymentID{Programme: programme, County: n.County, Number: n.Number, Period: period, Attempt: 1}
	for _, e := range r.Grants {
		if e.Payment == id {
			id.Attempt++
		}
	}
	return id, nil
}

func (w *work) takeBack(relief.PaymentID) error { return nil }

func (w *work) payingGrants(casework.GrantRecord) (bool, error) { return false, nil }
