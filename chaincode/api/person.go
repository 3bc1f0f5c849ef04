// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// The functions of people's private details: their erasure, by two officials, and the legal holds that keep them.
var (
	PersonProposeErasure = define[roll.ErasureTerms, roll.Erasure](Row{
		Name: "person:ProposeErasure", Act: relief.ActPersonProposeErasure, Zh: "提请删除个人信息", En: "propose an erasure", Fileable: true,
		Doc: "`reason` is retention, request, court or mistake; the last two need `evidence_sha256`. PENDING while the person is on a roll, a case " +
			"is not at its end or can be appealed, a payment has no answer, a change of the entry is open, audit holds the details, or the " +
			"retention that the programme states is not over; court and mistake do not wait for the retention.",
	})
	PersonConfirmErasure = define[ConfirmErasureInput, roll.Erasure](Row{
		Name: "person:ConfirmErasure", Act: relief.ActPersonConfirmErasure, Zh: "确认删除个人信息", En: "confirm an erasure", Fileable: true,
		Transient: []string{wire.TransientPages},
		Doc: "Purges from every peer what the proposal whose digest is named names, or refuses it with a reason. PENDING as for the proposal; SAME_PERSON for the " +
			"proposer and for those who decided about the person; CONFLICT when more is kept than was proposed, or a page has " +
			"changed since roll:DetailPages gave it.",
	})
	PersonWithdrawErasure = define[SubjectInput, roll.Erasure](Row{
		Name: "person:WithdrawErasure", Act: relief.ActPersonWithdrawErasure, Zh: "撤回删除提请", En: "withdraw an erasure", Fileable: true,
	})
	PersonGetErasure = define[SubjectInput, roll.Erasure](Row{
		Name: "person:GetErasure", Act: relief.ActRead, Zh: "查询个人信息删除", En: "read an erasure", ReadOnly: true,
	})
	PersonListErasures = define[ErasureFilter, Page[roll.Erasure]](Row{
		Name: "person:ListErasures", Act: relief.ActRead, Zh: "个人信息删除列表", En: "list erasures", ReadOnly: true,
	})
	PersonDue = define[SubjectsInput, DueErasures](Row{
		Name: "person:Due", Act: relief.ActRead, Zh: "查询保存期限", En: "read whose retention is over", ReadOnly: true,
		Doc: "In the order of the people, 200 at most. `due` is the day from which the retention is over, `wait` why the details cannot be " +
			"erased for the reason retention now. A programme that states no retention makes nobody due.",
	})
	PersonProposeLink = define[roll.LinkTerms, roll.Link](Row{
		Name: "person:ProposeLink", Act: relief.ActPersonProposeLink, Zh: "提请关联对象编号", En: "propose to link two references",
		Transient: []string{wire.TransientPersons},
		Doc: "That two references are one human being's, because an identity number was corrected or references are made with another key. " +
			"The sealed details under the later reference travel beside it, one document for each roll that the person is on. DUPLICATE when " +
			"both are entitled to the same.",
	})
	PersonConfirmLink = define[ConfirmLinkInput, roll.Link](Row{
		Name: "person:ConfirmLink", Act: relief.ActPersonConfirmLink, Zh: "确认关联对象编号", En: "confirm a link of references",
		Doc: "Has the link take effect whose digest is named, or refuses it with a reason: the numbers under the earlier reference end with " +
			"their last listed period, and others open under the later one. SAME_PERSON for the proposer.",
	})
	PersonWithdrawLink = define[SubjectInput, roll.Link](Row{
		Name: "person:WithdrawLink", Act: relief.ActPersonWithdrawLink, Zh: "撤回关联对象编号", En: "withdraw a link of references",
	})
	PersonGetLink = define[SubjectInput, roll.Link](Row{
		Name: "person:GetLink", Act: relief.ActRead, Zh: "查询对象编号关联", En: "read a link of references", ReadOnly: true,
	})
	PersonListLinks = define[LinkFilter, Page[roll.Link]](Row{
		Name: "person:ListLinks", Act: relief.ActRead, Zh: "对象编号关联列表", En: "list links of references", ReadOnly: true,
	})

	PersonHold = define[roll.HoldTerms, roll.Hold](Row{
		Name: "person:Hold", Act: relief.ActPersonHold, Zh: "保全个人信息", En: "place a legal hold",
		Doc: "On a person, or on a case with its household: nothing of them is erased until it is lifted. `reason` is audit, investigation, " +
			"litigation or complaint.",
	})
	PersonLiftHold = define[HoldInput, roll.Hold](Row{
		Name: "person:LiftHold", Act: relief.ActPersonLiftHold, Zh: "解除保全", En: "lift a legal hold",
		Doc: "SAME_PERSON for the official who placed it.",
	})
	PersonGetHold = define[HoldInput, roll.Hold](Row{
		Name: "person:GetHold", Act: relief.ActRead, Zh: "查询保全", En: "read a legal hold", ReadOnly: true,
	})
	PersonListHolds = define[HoldFilter, Page[roll.Hold]](Row{
		Name: "person:ListHolds", Act: relief.ActRead, Zh: "保全列表", En: "list legal holds", ReadOnly: true,
	})
)

// ConfirmErasureInput agrees with an erasure or refuses it.
type ConfirmErasureInput struct {
	SubjectInput
	roll.ErasureDecision
}

// ErasureFilter asks for a page of erasures.
type ErasureFilter struct {
	PageInput
	Region relief.Region     `json:"region,omitempty"`
	State  roll.ErasureState `json:"state,omitempty"`
}

// MaxDue bounds the people of one question whose retention is over.
const MaxDue = 200

// SubjectsInput names people.
type SubjectsInput struct {
	Subjects []relief.SubjectRef `json:"subjects"`
}

// DueErasures say of people when their retention is over, in the order of the question.
type DueErasures struct {
	Items []DueErasure `json:"items"`
}

// DueErasure says when a person's retention is over. Due is empty when no programme states a retention, or nothing is kept.
type DueErasure struct {
	Subject relief.SubjectRef `json:"subject"`
	Region  relief.Region     `json:"region,omitempty"`
	Due     relief.Day        `json:"due,omitempty"`
	Wait    string            `json:"wait,omitempty"`  // why nothing is erased for the reason retention now
	State   roll.ErasureState `json:"state,omitempty"` // of the person's erasure, if one was ever proposed
}

// HoldInput names a legal hold.
type HoldInput struct {
	ID relief.HoldID `json:"id"`
}

// HoldFilter asks for a page of legal holds.
type HoldFilter struct {
	PageInput
	State roll.HoldState `json:"state,omitempty"`
}

// ConfirmLinkInput agrees with the link of a reference or refuses it. Subject is the earlier reference.
type ConfirmLinkInput struct {
	SubjectInput
	roll.ChangeDecision
}

// LinkFilter asks for a page of links.
type LinkFilter struct {
	PageInput
	Region relief.Region  `json:"region,omitempty"`
	State  roll.LinkState `json:"state,omitempty"`
}
