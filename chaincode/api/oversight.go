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
	OversightProposeList = define[MonthInput, oversight.Publication](Row{
		Name: "oversight:ProposeList", Act: relief.ActOversightProposeList, Zh: "提议公开名单", En: "propose to publish a list",
		Doc: "Proposes to show the rows of the month's last version to anybody. CONFLICT when that version is shown already, or when the rows " +
			"have changed since the month was closed: the month is closed again first.",
	})
	OversightTakeDownList = define[TakeDownInput, oversight.Publication](Row{
		Name: "oversight:TakeDownList", Act: relief.ActOversightTakeDownList, Zh: "提议撤下名单", En: "propose to take a list down",
		Doc: "What the list adds up to stays public.",
	})
	OversightDecideList = define[ListDecisionInput, oversight.Publication](Row{
		Name: "oversight:DecideList", Act: relief.ActOversightDecideList, Zh: "审定名单公开事项", En: "decide on a list",
		Doc: "Carries out what another official has proposed, or refuses it. A list is shown for the programme's online_days. CONFLICT when the " +
			"proposal is another, or the rows have changed since the month was closed.",
	})
	OversightPublication = define[MonthInput, oversight.Publication](Row{
		Name: "oversight:Publication", Act: relief.ActRead, Zh: "查询公开名单", En: "read a published list", ReadOnly: true,
	})
)

// TakeDownInput takes a list down before its time.
type TakeDownInput struct {
	MonthInput
	Reason oversight.TakeDownReason `json:"reason"`
}

// ListDecisionInput decides on what is proposed about a list.
type ListDecisionInput struct {
	MonthInput
	oversight.ListDecision
}

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
