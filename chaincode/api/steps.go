// SPDX-License-Identifier: Apache-2.0

package api

import (
	"time"

	"relieftrail/chaincode/relief"
)

// CaseSteps are the steps that every case needs, in their order.
func CaseSteps() []relief.Act {
	return []relief.Act{
		relief.ActCaseApply, relief.ActCaseAttach, relief.ActCaseMatch, relief.ActCaseNotice, relief.ActCaseAnswer, relief.ActCaseDecide, relief.ActCaseDecideTownship,
		relief.ActCaseConfirmTownship, relief.ActCaseReview, relief.ActCaseConfirm, relief.ActRollExit, relief.ActRollConfirmChange, relief.ActCaseDecideAppeal,
	}
}

// RollCaseSteps are the steps of a case that was made from an entry of a roll.
func RollCaseSteps() []relief.Act {
	return []relief.Act{
		relief.ActCaseAdopt, relief.ActCaseAttach, relief.ActCaseMatch,
		relief.ActCaseReview, relief.ActCaseConfirm, relief.ActRollExit, relief.ActRollConfirmChange, relief.ActCaseDecideAppeal,
	}
}

// StepsOfCase are the steps of a case.
func StepsOfCase(id relief.CaseID) []relief.Act {
	if id.OfRoll() {
		return RollCaseSteps()
	}
	return CaseSteps()
}

// PaymentSteps are the steps that every payment needs, in their order.
func PaymentSteps() []relief.Act {
	return []relief.Act{
		relief.ActProgrammeDraft, relief.ActProgrammeEnact, relief.ActFundIssue, relief.ActRollProposeImport,
		relief.ActRollConfirmImport, relief.ActRollImport, relief.ActCaseDecide,
		relief.ActPaymentOpen, relief.ActPaymentSeal, relief.ActPaymentApprove, relief.ActPaymentMakeFile, relief.ActPaymentAuthorise,
		relief.ActPaymentInstruct, relief.ActPaymentSettle, relief.ActPaymentTally, relief.ActPaymentClose,
	}
}

// Step is one step of a case or payment and the official responsible for it: the one who did it, or else the holders of
// its duty (R46, R47).
type Step struct {
	Act     relief.Act       `json:"act"`
	Name    string           `json:"name"`
	NameEn  string           `json:"name_en"`
	By      *relief.Official `json:"by,omitempty"`
	At      *time.Time       `json:"at,omitempty"`
	Tx      string           `json:"tx,omitempty"`
	Holders []DutyHolder     `json:"holders"`
}

// DutyHolder is an agency and those of its roles that hold one duty.
type DutyHolder struct {
	Agency string   `json:"agency"`
	Roles  []string `json:"roles"`
}

// StepsOf lists the steps of acts. A step that was done is listed once for each time, with its official; a step that
// was not is listed once, with the holders of its duty.
func StepsOf(acts []relief.Act, history []relief.HistoryEntry, duties []relief.Duty) []Step {
	steps := []Step{}
	for _, act := range acts {
		zh, en := ActWords(act)
		step := Step{Act: act, Name: zh, NameEn: en, Holders: holders(duties, act)}
		done := false
		for i := range history {
			if h := &history[i]; h.Act == act {
				done = true
				s := step
				s.By, s.At, s.Tx = &h.By, &h.At, h.Tx
				steps = append(steps, s)
			}
		}
		if !done {
			steps = append(steps, step)
		}
	}
	return steps
}

func holders(duties []relief.Duty, act relief.Act) []DutyHolder {
	out := []DutyHolder{}
	for _, d := range duties {
		if d.Act == act {
			out = append(out, DutyHolder{d.Agency, d.Roles})
		}
	}
	return out
}
