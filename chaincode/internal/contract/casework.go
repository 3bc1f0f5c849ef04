// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// caseContract holds the applications and the cases that come of them.
type caseContract struct{ contractapi.Contract }

// Apply takes an application.
func (*caseContract) Apply(ctx *Context, input string) (string, error) {
	return applyAction.one(ctx, input)
}

// Attach adds evidence.
func (*caseContract) Attach(ctx *Context, input string) (string, error) {
	return attachAction.one(ctx, input)
}

// Ask puts a question to a department.
func (*caseContract) Ask(ctx *Context, input string) (string, error) {
	return askAction.one(ctx, input)
}

// Match adds a department's statement.
func (*caseContract) Match(ctx *Context, input string) (string, error) {
	return matchAction.one(ctx, input)
}

// AnswerMatch records what was found out about an adverse finding.
func (*caseContract) AnswerMatch(ctx *Context, input string) (string, error) {
	return answerMatchAction.one(ctx, input)
}

// Notice puts a case on public notice.
func (*caseContract) Notice(ctx *Context, input string) (string, error) {
	return noticeAction.one(ctx, input)
}

// Object records an objection of the public.
func (*caseContract) Object(ctx *Context, input string) (string, error) {
	return objectAction.one(ctx, input)
}

// Answer records what was found out about an objection.
func (*caseContract) Answer(ctx *Context, input string) (string, error) {
	return answerAction.one(ctx, input)
}

// Decide grants or refuses an application.
func (*caseContract) Decide(ctx *Context, input string) (string, error) {
	return decideAction.one(ctx, input)
}

// Withdraw ends an application at the applicant's wish.
func (*caseContract) Withdraw(ctx *Context, input string) (string, error) {
	return withdrawAction.one(ctx, input)
}

// Review prepares a re-check or a change.
func (*caseContract) Review(ctx *Context, input string) (string, error) {
	return reviewAction.one(ctx, input)
}

// Confirm has a re-check take effect, or sends it back.
func (*caseContract) Confirm(ctx *Context, input string) (string, error) {
	return confirmAction.one(ctx, input)
}

// Appeal records the appeal of a household that was refused or has left.
func (*caseContract) Appeal(ctx *Context, input string) (string, error) {
	return appealAction.one(ctx, input)
}

// DecideAppeal upholds or reverses what was appealed.
func (*caseContract) DecideAppeal(ctx *Context, input string) (string, error) {
	return decideAppealAction.one(ctx, input)
}

// Get gives a case.
func (*caseContract) Get(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.CaseGet, getCase)
}

// List gives a page of cases.
func (*caseContract) List(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.CaseList, listCases)
}

// GrantSegments says where grants of cases would be on the rolls.
func (*caseContract) GrantSegments(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.CaseGrantSegments, grantSegments)
}

// Claims gives the live cases that a person is in.
func (*caseContract) Claims(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.CaseClaims, claims)
}

// Duties names, for each step of a case, who did it or whose duty it is (R46, R47).
func (*caseContract) Duties(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.CaseDuties, caseDuties)
}

// Facts gives the private facts of a household.
func (*caseContract) Facts(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.CaseFacts, facts)
}

// File carries out many acts of one kind in one transaction: each as its own function would, one after the other.
func (*caseContract) File(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.CaseFile, fileOfActs)
}

// fileable are the acts of which case:File takes files: the rows of the table that say so.
var fileable = map[relief.Act]func(*work, api.FileInput) (api.FileResult, error){
	relief.ActCaseApply:           applyAction.inFile,
	relief.ActCaseAdopt:           adoptAction.inFile,
	relief.ActCaseAttach:          attachAction.inFile,
	relief.ActCaseAsk:             askAction.inFile,
	relief.ActCaseMatch:           matchAction.inFile,
	relief.ActCaseAnswerMatch:     answerMatchAction.inFile,
	relief.ActCaseNotice:          noticeAction.inFile,
	relief.ActCaseObject:          objectAction.inFile,
	relief.ActCaseAnswer:          answerAction.inFile,
	relief.ActCaseDecide:          decideAction.inFile,
	relief.ActCaseDecideTownship:  decideTownshipAction.inFile,
	relief.ActCaseConfirmTownship: confirmTownshipAction.inFile,
	relief.ActCaseWithdraw:        withdrawAction.inFile,
	relief.ActCaseReview:          reviewAction.inFile,
	relief.ActCaseConfirm:         confirmAction.inFile,
	relief.ActCaseAppeal:          appealAction.inFile,
	relief.ActCaseDecideAppeal:    decideAppealAction.inFile,
	casework.ActConfirmClaim:      confirmClaimAction.inFile,
	casework.ActContestClaim:      contestClaimAction.inFile,
	relief.ActRollChangePayee:     changePayeeAction.inFile,
	relief.ActRollExit:            exitAction.inFile,
	relief.ActRollSuspend:         suspendAction.inFile,
	relief.ActRollSetTerms:        setTermsAction.inFile,
	relief.ActRollSetResidence:    setResidenceAction.inFile,
	relief.ActRollResume:          resumeAction.inFile,
	relief.ActRollMove:            moveAction.inFile,
	relief.ActRollMoveOut:         moveOutAction.inFile,
	relief.ActRollConfirmChange:   confirmChangeAction.inFile,
	relief.ActRollWithdrawChange:  withdrawChangeAction.inFile,
	relief.ActNeedFind:            findAction.inFile,
	relief.ActNeedDismiss:         dismissAction.inFile,

	relief.ActPersonProposeErasure:  proposeErasureAction.inFile,
	relief.ActPersonConfirmErasure:  confirmErasureAction.inFile,
	relief.ActPersonWithdrawErasure: withdrawErasureAction.inFile,
}

func fileOfActs(w *work, in api.FileInput) (api.FileResult, error) {
	inFile, ok := fileable[in.Act]
	if !ok {
		return api.FileResult{}, relief.FieldErrorf("act", "there are no files of this act")
	}
	if err := w.authorise(in.Act); err != nil {
		return api.FileResult{}, err
	}
	if len(in.Items) < 1 || len(in.Items) > api.MaxFileItems {
		return api.FileResult{}, relief.FieldErrorf("items", "a file has 1 to %d acts", api.MaxFileItems)
	}
	return inFile(w, in)
}
