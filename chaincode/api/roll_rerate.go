// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// The functions that give a whole roll the standards of a version.
var (
	RollRerateSegment = define[RerateSegmentInput, RerateSegment](Row{
		Name: "roll:RerateSegment", Act: relief.ActRead, Zh: "查询分段提标试算", En: "read what a re-rate would do to a segment", ReadOnly: true,
		Doc: "Who changes by how much, and who stays behind and why: no-standard, own-amount, above, bounds or full.",
	})
	RollProposeRerate = define[roll.RerateTerms, roll.RerateProposal](Row{
		Name: "roll:ProposeRerate", Act: relief.ActRollProposeRerate, Zh: "提请整册提标", En: "propose the re-rate of a roll",
		Doc: "Gives everybody on a county's roll the `class_amounts` of the version in force from a month on, which may lie 36 months back. " +
			"Names each segment with the counts and the digest of roll:RerateSegment.",
	})
	RollConfirmRerate = define[ConfirmRerateInput, roll.RerateProposal](Row{
		Name: "roll:ConfirmRerate", Act: relief.ActRollConfirmRerate, Zh: "确认整册提标", En: "confirm the re-rate of a roll",
		Doc: "Agrees or, with a reason, refuses. CONFLICT unless `digest` is the proposal's; SAME_PERSON for the official who proposed.",
	})
	RollRerate = define[RerateInput, RerateResult](Row{
		Name: "roll:Rerate", Act: relief.ActRollRerate, Zh: "整册提标", En: "re-rate segments of a roll",
		Doc: "Carries out 1 to 4 segments of a confirmed re-rate, each once. CONFLICT when a segment has changed so that others change than " +
			"was confirmed. No cases are written: a case's terms are the roll's.",
	})
	RollWithdrawRerate = define[RerateIDInput, roll.RerateProposal](Row{
		Name: "roll:WithdrawRerate", Act: relief.ActRollWithdrawRerate, Zh: "撤回整册提标", En: "withdraw the re-rate of a roll",
		Doc: "Segments that were re-rated stay so.",
	})
	RollGetRerate = define[RerateIDInput, RerateDetails](Row{
		Name: "roll:GetRerate", Act: relief.ActRead, Zh: "查询整册提标", En: "read the re-rate of a roll", ReadOnly: true,
		Doc: "With its segments. Those that were carried out have the transaction and the packed list of people.",
	})
)

// RerateSegmentInput asks what the standards of a version would do to a segment from a month on.
type RerateSegmentInput struct {
	SegmentInput
	Version int           `json:"version"`
	From    relief.Period `json:"from"`
}

// RerateSegment is what a re-rate would do to a segment. People has those who change, then those who stay behind, as
// roll.ReadRerated reads it.
type RerateSegment struct {
	roll.RerateCount
	First  uint32 `json:"first"` // the segment's first roll number
	People []byte `json:"people"`
}

// RerateIDInput names a re-rate.
type RerateIDInput struct {
	ID relief.RerateID `json:"id"`
}

// ConfirmRerateInput is the word of the official who confirms a re-rate.
type ConfirmRerateInput struct {
	RerateIDInput
	roll.RerateDecision
}

// RerateInput names segments of a confirmed re-rate.
type RerateInput struct {
	RerateIDInput
	Segments []uint32 `json:"segments"`
}

// RerateResult counts the people of the segments: those who changed, and those who stayed behind. Unchanged are those of
// segments that were carried out before.
type RerateResult struct {
	Accepted  int `json:"accepted"`
	Behind    int `json:"behind"`
	Unchanged int `json:"unchanged"`
}

// RerateDetails are a re-rate and its segments, in the order of their numbers.
type RerateDetails struct {
	Rerate   roll.RerateProposal        `json:"rerate"`
	Segments []roll.RerateSegmentRecord `json:"segments"`
}
