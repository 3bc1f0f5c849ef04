// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// The functions that end a roll number and open another one: one official proposes, another confirms with roll:ConfirmChange.
var (
	RollReplaceHead = define[ReplaceHeadInput, roll.Change](Row{
		Name: "roll:ReplaceHead", Act: relief.ActRollReplaceHead, Zh: "提请更换户主", En: "propose another head",
		Transient: []string{wire.TransientPersons},
		Doc: "That another member leads the household, because its head has died or left: the number ends with its last listed period, and " +
			"the new head has one from the next period on. The terms hold from `from` on, after a death from the next period on. The sealed " +
			"details of the new payee travel beside it.",
	})
	RollMove = define[MoveInput, roll.Change](Row{
		Name: "roll:Move", Act: relief.ActRollMove, Zh: "提请县内迁移", En: "propose a move within the county", Fileable: true,
		Doc: "That the household lives elsewhere in the county: the number ends with its last listed period, and another one opens in the new " +
			"region with the same terms and payee.",
	})
	RollMoveOut = define[MoveOutInput, roll.Change](Row{
		Name: "roll:MoveOut", Act: relief.ActRollMoveOut, Zh: "提请迁出本县", En: "propose a move to another county", Fileable: true,
		Doc: "That the household leaves the roll for the programme of another county, whose officials take it in.",
	})
	RollMoveIn = define[MoveInInput, roll.Change](Row{
		Name: "roll:MoveIn", Act: relief.ActRollMoveIn, Zh: "提请迁入本县", En: "propose to take in a household",
		Transient: []string{wire.TransientPersons},
		Doc: "That a household goes on in this county which another one let go by the named change: from the period after its last one there, " +
			"with this county's terms. DUPLICATE when somebody of it receives such relief elsewhere.",
	})
)

// ReplaceHeadInput says which member of a household leads it from now on, and what the household is granted.
type ReplaceHeadInput struct {
	EntryInput
	Head relief.SubjectRef `json:"new_head"`
	roll.Terms
	DiedOn relief.Day    `json:"died_on,omitempty"`
	From   relief.Period `json:"from,omitzero"`
	roll.Payee
	EvidenceSHA256 string `json:"evidence_sha256"`
	Reason         string `json:"reason,omitempty"`
}

// MoveInput says where in the county a household lives from now on.
type MoveInput struct {
	EntryInput
	Region relief.Region `json:"region"`
	From   relief.Period `json:"from,omitzero"`
	Reason string        `json:"reason,omitempty"`
}

// MoveOutInput says to which county and programme a household goes.
type MoveOutInput struct {
	EntryInput
	ToCounty    relief.Region      `json:"to_county"`
	ToProgramme relief.ProgrammeID `json:"to_programme"`
	LastPeriod  relief.Period      `json:"last_period"`
	Reason      string             `json:"reason,omitempty"`
}

// MoveInInput takes in the household that another county let go by a change.
type MoveInInput struct {
	ChangeInput
	EntryInput               // the programme that takes the household in, and its head
	Region     relief.Region `json:"region"`
	roll.Terms
	roll.Payee
	EvidenceSHA256 string `json:"evidence_sha256"`
	Reason         string `json:"reason,omitempty"`
}
