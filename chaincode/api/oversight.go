// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
)

// The functions of oversight.
var (
	OversightCloseMonth = define[MonthInput, oversight.Month](Row{
		Name: "oversight:CloseMonth", Act: relief.ActOversightCloseMonth, Zh: "月度结账", En: "close a month",
		Doc: "Works out what was credited in the batches of an accounting period, village by village with the RFC 6962 root of its rows, " +
			"and how the payments for the period stand by the roll of now. It decides nothing about people or money. PENDING up to the " +
			"pay-by day; CONFLICT when nothing has changed since the last version.",
	})
	OversightMonth = define[MonthInput, oversight.Month](Row{
		Name: "oversight:Month", Act: relief.ActRead, Zh: "查询月度结账", En: "read a closed month", ReadOnly: true,
		Doc: "The last version.",
	})
	OversightRows = define[VillageInput, VillageRows](Row{
		Name: "oversight:Rows", Act: relief.ActRead, Zh: "查询村级明细", En: "read the rows of a village", ReadOnly: true,
		Doc: "Those of the last version, in the order in which its root has them. CONFLICT when a payment or the roll has changed since " +
			"and the rows are others: the month is closed again first.",
	})
)

// MonthInput names an accounting period of a programme in a county.
type MonthInput struct {
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Period    relief.Period      `json:"period"`
}

// VillageInput names a village of a closed month.
type VillageInput struct {
	MonthInput
	Village relief.Region `json:"village"`
}

// VillageRows are the rows of a village of a closed month.
type VillageRows struct {
	MonthInput
	Version int               `json:"version"` // of the month
	Village oversight.Village `json:"village"`
	Rows    []oversight.Row   `json:"rows"`
}
