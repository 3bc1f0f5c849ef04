// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
)

// The functions of visits to what was drawn.
var (
	OversightVisit = define[VisitInput, draw.Visit](Row{
		Name: "oversight:Visit", Act: relief.ActOversightVisit, Zh: "登记核查", En: "record a visit",
		Doc: "By one of the two officials who visited a unit that was drawn; `with` names the other. Both are those who were drawn, or other inspectors of " +
			"the plan with a reason for each who was not there; neither serves the village or did an act in the household's case (FORBIDDEN). PENDING for a " +
			"reserve before its turn. WRONG_STATE once it was confirmed.",
	})
	OversightConfirmVisit = define[VisitDecisionInput, draw.Visit](Row{
		Name: "oversight:ConfirmVisit", Act: relief.ActOversightConfirmVisit, Zh: "确认核查", En: "confirm a visit",
		Doc: "By the other visitor (SAME_PERSON for the one who recorded it), who names the hash of what was recorded, or returns it with `agree: false`.",
	})
	OversightFinish = define[PlanIDInput, draw.Plan](Row{
		Name: "oversight:Finish", Act: relief.ActOversightFinish, Zh: "结束抽查", En: "finish a draw",
		Doc: "Once each unit has a confirmed visit, and each that was not met a reserve as long as there are any: PENDING before. What became of them is counted.",
	})
	OversightGetVisit = define[UnitInput, draw.Visit](Row{
		Name: "oversight:GetVisit", Act: relief.ActRead, Zh: "查询核查", En: "read a visit", ReadOnly: true,
	})
)

// UnitInput names a unit that was drawn by its place among them, from 0.
type UnitInput struct {
	PlanIDInput
	Unit int `json:"place"`
}

// VisitInput is what was found at a unit.
type VisitInput struct {
	UnitInput
	draw.VisitTerms
}

// VisitDecisionInput confirms a visit or returns it.
type VisitDecisionInput struct {
	UnitInput
	draw.VisitDecision
}
