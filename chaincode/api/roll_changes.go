// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// The functions of changes of roll entries: one official proposes, another confirms.
var (
	RollChangePayee = define[ChangePayeeInput, roll.Change](Row{
		Name: "roll:ChangePayee", Act: relief.ActRollChangePayee, Zh: "提请更正收款人信息", En: "propose other details of a payee", Fileable: true,
		Transient: []string{wire.TransientPersons},
		Doc: "Other private details of a person, with the evidence: the name and the account that money goes to, or, under `corrects`, bank, " +
			"telephone or household number. The sealed details travel beside it. PENDING while another change of the entry is open.",
	})
	RollExit = define[ExitInput, roll.Change](Row{
		Name: "roll:Exit", Act: relief.ActRollExit, Zh: "提请退出救助", En: "propose an exit", Fileable: true,
		Doc: "That a household leaves the roll, and the case ends that put it there. A death has the day `died_on` in place of `last_period`.",
	})
	RollSuspend = define[SuspendInput, roll.Change](Row{
		Name: "roll:Suspend", Act: relief.ActRollSuspend, Zh: "提请暂停救助", En: "propose a suspension", Fileable: true,
		Doc: "That nothing is paid from a period on.",
	})
	RollResume = define[ResumeInput, roll.Change](Row{
		Name: "roll:Resume", Act: relief.ActRollResume, Zh: "提请恢复救助", En: "propose to resume", Fileable: true,
		Doc: "That relief is paid again from a period on.",
	})
	RollSetTerms = define[SetTermsInput, roll.Change](Row{
		Name: "roll:SetTerms", Act: relief.ActRollSetTerms, Zh: "提请变更保障待遇", En: "propose other terms", Fileable: true,
		Doc: "Another class, number of persons or amount from a month on. A month of the past is at most 36 months back and needs a reason: " +
			"standard, class, household, appeal or correction, and the number of the paper. What was granted earlier is kept.",
	})
	RollSetResidence = define[SetResidenceInput, roll.Change](Row{
		Name: "roll:SetResidence", Act: relief.ActRollSetResidence, Zh: "提请变更城乡类别", En: "propose an urban or rural residence", Fileable: true,
		Doc: "That a household lives in an urban or rural place from a month on, whatever the registry says of its region. A month of the past " +
			"is at most 36 months back. Payments of accounting months from then on that are listed afterwards are booked under its budget code.",
	})
	RollConfirmChange = define[ConfirmChangeInput, roll.Change](Row{
		Name: "roll:ConfirmChange", Act: relief.ActRollConfirmChange, Zh: "变更确认", En: "confirm a change", Fileable: true,
		Doc: "Has the change take effect whose digest is named, or refuses it with a reason. SAME_PERSON for the proposer; CONFLICT when the " +
			"entry has changed since the proposal; PENDING for another name, account or bank while the bank has not answered a payment to " +
			"the person.",
	})
	RollWithdrawChange = define[ChangeInput, roll.Change](Row{
		Name: "roll:WithdrawChange", Act: relief.ActRollWithdrawChange, Zh: "撤回变更", En: "withdraw a change", Fileable: true,
	})
	RollGetChange = define[ChangeInput, roll.Change](Row{
		Name: "roll:GetChange", Act: relief.ActRead, Zh: "查询变更", En: "read a change", ReadOnly: true,
	})
	RollListChanges = define[ChangeFilter, Page[roll.Change]](Row{
		Name: "roll:ListChanges", Act: relief.ActRead, Zh: "变更列表", En: "list changes", ReadOnly: true,
	})
	RollChangeDetails = define[ChangeInput, ChangeDetails](Row{
		Name: "roll:ChangeDetails", Act: relief.ActReadPerson, Zh: "查询变更的收款信息", En: "read the payees of a change", ReadOnly: true,
		Doc: "The sealed details of the new payee and, until the change is confirmed, those of the present one, under the conditions of " +
			"roll:Details; `same_account` are numbers of the county's roll that are paid to the new account. NOT_FOUND when they are not kept.",
	})
)

// ChangePayeeInput proposes another payee, by the tags of the new name and account.
type ChangePayeeInput struct {
	EntryInput
	roll.Payee
	Corrects       roll.Corrects `json:"corrects,omitzero"`
	EvidenceSHA256 string        `json:"evidence_sha256"`
	Reason         string        `json:"reason,omitempty"`
}

// ExitInput says who leaves the roll and why.
type ExitInput struct {
	EntryInput
	Reason     roll.ExitReason `json:"reason"`
	DiedOn     relief.Day      `json:"died_on,omitempty"`
	LastPeriod relief.Period   `json:"last_period,omitzero"`
}

// SuspendInput says from which period on nothing is paid, and why.
type SuspendInput struct {
	EntryInput
	From   relief.Period `json:"from"`
	Reason string        `json:"reason"`
}

// ResumeInput says from which period on relief is paid again.
type ResumeInput struct {
	EntryInput
	From   relief.Period `json:"from"`
	Reason string        `json:"reason,omitempty"`
}

// SetTermsInput proposes other terms from a month on.
type SetTermsInput struct {
	EntryInput
	roll.Terms
	From     relief.Period    `json:"from"`
	Reason   roll.TermsReason `json:"reason,omitempty"`
	Document string           `json:"document,omitempty"`
}

// SetResidenceInput proposes where a household lives from a month on, with the number of the paper that says so.
type SetResidenceInput struct {
	EntryInput
	Residence relief.Residence `json:"residence"`
	From      relief.Period    `json:"from"`
	Reason    string           `json:"reason,omitempty"`
	Document  string           `json:"document"`
}

// ChangeInput names a change.
type ChangeInput struct {
	Change relief.ChangeID `json:"change"`
}

// ConfirmChangeInput agrees with a change or refuses it.
type ConfirmChangeInput struct {
	ChangeInput
	roll.ChangeDecision
}

// ChangeFilter asks for a page of changes.
type ChangeFilter struct {
	PageInput
	Programme relief.ProgrammeID `json:"programme,omitempty"`
	Region    relief.Region      `json:"region,omitempty"`
	State     roll.ChangeState   `json:"state,omitempty"`
	Kind      roll.ChangeKind    `json:"kind,omitempty"`
}

// ChangeDetails are the sealed details of a payee's change, and the payees whom they must name.
type ChangeDetails struct {
	Change roll.Change `json:"change"`
	New    []byte      `json:"new"`
	Old    *Details    `json:"old,omitempty"`
	// SameAccount are the numbers of up to MaxSameAccount others on the county's roll with the new account.
	SameAccount []uint32 `json:"same_account"`
}

// MaxSameAccount bounds the numbers that ChangeDetails names.
const MaxSameAccount = 20
