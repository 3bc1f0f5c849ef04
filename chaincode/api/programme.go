// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// The functions of programmes.
var (
	ProgrammeDraft = define[programme.Version, programme.Programme](Row{
		Name: "programme:Draft", Act: relief.ActProgrammeDraft, Zh: "拟定项目", En: "draft a programme",
		Doc: "The argument is a version: the programme's first one or the next.",
	})
	ProgrammeEnact = define[EnactInput, programme.Programme](Row{
		Name: "programme:Enact", Act: relief.ActProgrammeEnact, Zh: "项目生效", En: "put a programme in force",
		Doc: "The version is in force, the earlier one superseded.",
	})
	ProgrammeEnd = define[ProgrammeInput, programme.Programme](Row{
		Name: "programme:End", Act: relief.ActProgrammeEnd, Zh: "项目终止", En: "end a programme",
		Doc: "One official proposes it; it ends when another one does the same within 90 days, before a version is drafted or put in " +
			"force. Then no new batches; open ones are finished.",
	})
	ProgrammeGet = define[ProgrammeInput, programme.Programme](Row{
		Name: "programme:Get", Act: relief.ActRead, Zh: "查询项目", En: "read a programme", ReadOnly: true,
		Doc: "`in_force` is the number of the version in force, 0 for none.",
	})
	ProgrammeList = define[PageInput, Page[programme.Programme]](Row{
		Name: "programme:List", Act: relief.ActRead, Zh: "项目列表", En: "list programmes", ReadOnly: true,
	})
)

// The functions of the rates of a programme that takes its people from other rolls.
var (
	ProgrammeProposeRate = define[programme.RateTerms, programme.Rate](Row{
		Name: "programme:ProposeRate", Act: relief.ActProgrammeProposeRate, Zh: "提出当月标准", En: "propose the rate of a month",
		Doc: "`amount` for a person or a household, or `class_amounts`, as the programme's `rate_by` says. CONFLICT once an import of the month is confirmed.",
	})
	ProgrammeConfirmRate = define[ConfirmRateInput, programme.Rate](Row{
		Name: "programme:ConfirmRate", Act: relief.ActProgrammeConfirmRate, Zh: "确认当月标准", En: "confirm the rate of a month",
		Doc: "Agrees or, with a reason, refuses. CONFLICT unless `digest` is the rate's; SAME_PERSON for the agency that proposed it.",
	})
	ProgrammeWithdrawRate = define[RateInput, programme.Rate](Row{
		Name: "programme:WithdrawRate", Act: relief.ActProgrammeWithdrawRate, Zh: "撤回当月标准", En: "withdraw the rate of a month",
		Doc: "Only while it is proposed.",
	})
	ProgrammeRates = define[ProgrammeInput, Rates](Row{
		Name: "programme:Rates", Act: relief.ActRead, Zh: "查询各月标准", En: "read the rates of a programme", ReadOnly: true,
		Doc: "Of all months, the earliest first.",
	})
)

// RateInput names the rate of a month.
type RateInput struct {
	Programme relief.ProgrammeID `json:"programme"`
	Period    relief.Period      `json:"period"`
}

// ConfirmRateInput is the word of the official who confirms a rate.
type ConfirmRateInput struct {
	RateInput
	programme.RateDecision
}

// Rates are the rates of a programme.
type Rates struct {
	Items []programme.Rate `json:"items"`
}

// EnactInput names a version of a programme.
type EnactInput struct {
	ID      relief.ProgrammeID `json:"id"`
	Version int                `json:"version"`
}

// ProgrammeInput names a programme.
type ProgrammeInput struct {
	ID relief.ProgrammeID `json:"id"`
}

// Of is the rate of a month; nil for none.
func (r *Rates) Of(month relief.Period) *programme.Rate {
	for i := range r.Items {
		if r.Items[i].Period == month {
			return &r.Items[i]
		}
	}
	return nil
}
