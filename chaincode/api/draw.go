// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
)

// The functions of draws.
var (
	OversightPlan = define[PlanInput, draw.Plan](Row{
		Name: "oversight:Plan", Act: relief.ActOversightPlan, Zh: "制定抽查方案", En: "plan a draw",
		Doc: "Says from which closed months how many units are drawn, and who may inspect, before anybody knows the frame. Nothing of it can be " +
			"changed afterwards. CONFLICT when the plan exists already and is another.",
	})
	OversightCommit = define[CommitInput, draw.Plan](Row{
		Name: "oversight:Commit", Act: relief.ActOversightCommit, Zh: "提交随机数承诺", En: "commit to a nonce",
		Doc: "The hash of the caller's agency's nonce: SHA-256 over `relieftrail/draw-commit/v1`, a zero byte, the MSP id, a zero byte, the plan's id, a " +
			"zero byte and 32 random bytes. WRONG_STATE when the time to commit is over; CONFLICT when the agency has committed to another nonce.",
	})
	OversightFrame = define[PlanIDInput, draw.Plan](Row{
		Name: "oversight:Frame", Act: relief.ActOversightFrame, Zh: "固定抽样框", En: "fix the frame of a draw",
		Doc: "Reads the rows of the closed months, which must be those of their last versions, and keeps them by stratum. Whoever does it, what comes " +
			"out is the same. PENDING before close_at; CONFLICT when rows have changed since a month was closed: it is closed again first.",
	})
	OversightReveal = define[RevealInput, draw.Plan](Row{
		Name: "oversight:Reveal", Act: relief.ActOversightReveal, Zh: "公布随机数", En: "reveal a nonce",
		Doc: "Must fit what the caller's agency has committed to. After the last one the seed is known. The nonce of the agency that seals a draw " +
			"is told at the end, and opens it: PENDING before all others.",
	})
	OversightDefault = define[PlanIDInput, draw.Plan](Row{
		Name: "oversight:Default", Act: relief.ActOversightDefault, Zh: "逾期未公布的处理", En: "go on without a nonce",
		Doc: "Names the agencies that have not revealed by reveal_by; the seed goes without theirs. A sealed draw that is not opened in time is void. " +
			"PENDING before.",
	})
	OversightForesee = define[RevealInput, draw.DrawnUnits](Row{
		Name: "oversight:Foresee", Act: relief.ActRead, Zh: "查看密封的抽查结果", En: "see what a sealed draw will draw", ReadOnly: true,
		Doc: "For the agency that has sealed the draw, with the nonce that it has not told yet. The caller's own peer answers, and nothing of it " +
			"comes into a block. Inspectors are those of this moment.",
	})
	OversightDraw = define[PlanIDInput, draw.Plan](Row{
		Name: "oversight:Draw", Act: relief.ActOversightDraw, Zh: "抽取", En: "draw",
		Doc: "Sorts the units by their tickets and keeps those that are drawn, reserves, and two inspectors for each: officials in office who do not " +
			"serve the village and did no act in the household's cases.",
	})
	OversightGetPlan = define[PlanIDInput, draw.Plan](Row{
		Name: "oversight:GetPlan", Act: relief.ActRead, Zh: "查询抽查", En: "read a draw", ReadOnly: true,
	})
	OversightDrawn = define[PlanIDInput, draw.DrawnUnits](Row{
		Name: "oversight:Drawn", Act: relief.ActRead, Zh: "查询抽查结果", En: "read the units that were drawn", ReadOnly: true,
	})
)

// PlanInput plans a draw.
type PlanInput struct {
	ID relief.PlanID `json:"id"`
	draw.Terms
}

// PlanIDInput names a draw.
type PlanIDInput struct {
	Plan relief.PlanID `json:"plan"`
}

// CommitInput is the hash of an agency's nonce.
type CommitInput struct {
	PlanIDInput
	Commitment draw.Hash `json:"commitment"`
}

// RevealInput is an agency's nonce.
type RevealInput struct {
	PlanIDInput
	Nonce draw.Hash `json:"nonce"`
}
