package casework

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// CaseState is the state of a case.
type CaseState string

// The states of a case.
const (
	CaseApplied         CaseState = "applied"
	CaseNoticed         CaseState = "noticed"
	CaseObjected        CaseState = "objected"
	CaseAnswered        CaseState = "answered"
	CaseInForce         CaseState = "in_force"
	CaseReviewed        CaseState = "reviewed"
	CaseSuspended       CaseState = "suspended"
	CaseRefused         CaseState = "refused"
	CaseRefusalAppealed CaseState = "refusal_appealed"
	CaseExited          CaseState = "exited"
	CaseExitAppealed    CaseState = "exit_appealed"
	CaseMovedOut        CaseState = "moved_out"
	CaseWithdrawn       CaseState = "withdrawn"
	CaseClosed          CaseState = "closed"
	CaseHelped          CaseState = "helped"  // a single grant came first; papers or notice follow
	CaseGranted         CaseState = "granted" // a single grant, with all that belongs to it
	CaseRevoked         CaseState = "revoked" // a single grant of a township that the county did not confirm
)

// CaseStates lists the states in the order of a case's life.
var CaseStates = []CaseState{
	CaseApplied, CaseNoticed, CaseObjected, CaseAnswered, CaseInForce, CaseReviewed, CaseSuspended, CaseRefused,
	CaseRefusalAppealed, CaseExited, CaseExitAppealed, CaseMovedOut, CaseWithdrawn, CaseClosed, CaseHelped, CaseGranted, CaseRevoked,
}

// An act whose outcome decides the next state has a row for each outcome.
const (
	actGrant       relief.Act = "case.decide (grant)"
	actRefuse      relief.Act = "case.decide (refuse)"
	actAnswerLast  relief.Act = "case.answer (the last one)"
	actConfirmKeep relief.Act = "case.confirm (keep, change)"
	actConfirmExit relief.Act = "case.confirm (exit)"
	actSendBack    relief.Act = "case.confirm (sent back)"
	actUphold      relief.Act = "case.decide_appeal (upheld)"
	actReverse     relief.Act = "case.decide_appeal (reversed)"
)

// CaseTransitions is the life cycle of a case, the closed loop of R3: found, examined, noticed, decided, checked,
// ended.
var CaseTransitions = []relief.Transition[CaseState]{
	{From: CaseApplied, Act: relief.ActCaseAttach, To: CaseApplied, Why: "home visit, neighbours, video, papers (R14, R15, R18)"},
	{From: CaseApplied, Act: relief.ActCaseAsk, To: CaseApplied, Why: "on record before a department is asked: its answer cannot be left out"},
	{From: CaseApplied, Act: relief.ActCaseMatch, To: CaseApplied, Why: "what other departments say (R6, R8)"},
	{From: CaseApplied, Act: relief.ActCaseAnswerMatch, To: CaseApplied, Why: "an adverse finding is looked into (R10)"},
	{From: CaseApplied, Act: relief.ActCaseNotice, To: CaseNoticed, Why: "public notice before approval; evidence and matches are complete (R16)"},
	{From: CaseApplied, Act: actRefuse, To: CaseRefused, Why: "with reason and how to appeal (R58)"},
	{From: CaseApplied, Act: row(relief.ActCaseDecide, outcomeHelpFirst), To: CaseHelped, Why: "an emergency: papers and notice follow the help"},
	{From: CaseApplied, Act: row(relief.ActCaseDecide, outcomeSingle), To: CaseGranted, Why: "an emergency with its papers; the programme asks for no notice"},
	{From: CaseApplied, Act: row(relief.ActCaseDecideTownship, outcomeHelpFirst), To: CaseHelped, Why: "an emergency, a sum that townships decide"},
	{From: CaseApplied, Act: row(relief.ActCaseDecideTownship, outcomeSingle), To: CaseGranted, Why: "an emergency with its papers, a sum that townships decide"},
	{From: CaseApplied, Act: row(relief.ActCaseDecideTownship, outcomeRefuse), To: CaseRefused, Why: "a sum that townships decide, with reason and how to appeal (R58)"},
	{From: CaseApplied, Act: relief.ActCaseWithdraw, To: CaseWithdrawn, Why: "the applicant's wish"},

	{From: CaseNoticed, Act: relief.ActCaseAttach, To: CaseNoticed, Why: "evidence that comes late"},
	{From: CaseNoticed, Act: relief.ActCaseAsk, To: CaseNoticed, Why: "on record before a department is asked: its answer cannot be left out"},
	{From: CaseNoticed, Act: relief.ActCaseMatch, To: CaseNoticed, Why: "a finding that comes late"},
	{From: CaseNoticed, Act: relief.ActCaseAnswerMatch, To: CaseNoticed, Why: "a finding that comes late"},
	{From: CaseNoticed, Act: relief.ActCaseObject, To: CaseObjected, Why: "the public objects: the decision waits (R17)"},
	{From: CaseNoticed, Act: actGrant, To: CaseInForce, Why: "the notice is over; by somebody who had no hand in the case"},
	{From: CaseNoticed, Act: actRefuse, To: CaseRefused, Why: "with reason and how to appeal (R58)"},
	{From: CaseNoticed, Act: row(relief.ActCaseDecide, outcomeSingle), To: CaseGranted, Why: "one payment; the person may apply again"},
	{From: CaseNoticed, Act: row(relief.ActCaseDecideTownship, outcomeSingle), To: CaseGranted, Why: "a sum that townships decide"},
	{From: CaseNoticed, Act: row(relief.ActCaseDecideTownship, outcomeRefuse), To: CaseRefused, Why: "a sum that townships decide, with reason and how to appeal (R58)"},
	{From: CaseNoticed, Act: relief.ActCaseWithdraw, To: CaseWithdrawn, Why: "the applicant's wish"},

	{From: CaseObjected, Act: relief.ActCaseAttach, To: CaseObjected, Why: "looking into the objection"},
	{From: CaseObjected, Act: relief.ActCaseAsk, To: CaseObjected, Why: "on record before a department is asked: its answer cannot be left out"},
	{From: CaseObjected, Act: relief.ActCaseMatch, To: CaseObjected, Why: "looking into the objection"},
	{From: CaseObjected, Act: relief.ActCaseAnswerMatch, To: CaseObjected, Why: "looking into the objection"},
	{From: CaseObjected, Act: relief.ActCaseObject, To: CaseObjected, Why: "another objection"},
	{From: CaseObjected, Act: relief.ActCaseAnswer, To: CaseObjected, Why: "others are not answered yet"},
	{From: CaseObjected, Act: actAnswerLast, To: CaseAnswered, Why: "every objection has an answer"},
	{From: CaseObjected, Act: relief.ActCaseWithdraw, To: CaseWithdrawn, Why: "the applicant's wish"},

	{From: CaseAnswered, Act: relief.ActCaseAttach, To: CaseAnswered, Why: "for the repeated notice"},
	{From: CaseAnswered, Act: relief.ActCaseAsk, To: CaseAnswered, Why: "on record before a department is asked: its answer cannot be left out"},
	{From: CaseAnswered, Act: relief.ActCaseMatch, To: CaseAnswered, Why: "for the repeated notice"},
	{From: CaseAnswered, Act: relief.ActCaseAnswerMatch, To: CaseAnswered, Why: "for the repeated notice"},
	{From: CaseAnswered, Act: relief.ActCaseObject, To: CaseObjected, Why: "another objection"},
	{From: CaseAnswered, Act: relief.ActCaseNotice, To: CaseNoticed, Why: "a repeated notice"},
	{From: CaseAnswered, Act: actRefuse, To: CaseRefused, Why: "the objection was founded"},
	{From: CaseAnswered, Act: row(relief.ActCaseDecideTownship, outcomeRefuse), To: CaseRefused, Why: "the objection was founded"},
	{From: CaseAnswered, Act: relief.ActCaseWithdraw, To: CaseWithdrawn, Why: "the applicant's wish"},

	{From: CaseHelped, Act: relief.ActCaseAttach, To: CaseHelped, Why: "papers that follow the help"},
	{From: CaseHelped, Act: row(relief.ActCaseAttach, outcomeLastPaper), To: CaseGranted, Why: "the programme asks for no notice"},
	{From: CaseHelped, Act: relief.ActCaseAsk, To: CaseHelped, Why: "on record before a department is asked: its answer cannot be left out"},
	{From: CaseHelped, Act: relief.ActCaseMatch, To: CaseHelped, Why: "papers that follow the help"},
	{From: CaseHelped, Act: row(relief.ActCaseMatch, outcomeLastPaper), To: CaseGranted, Why: "the programme asks for no notice"},
	{From: CaseHelped, Act: relief.ActCaseAnswerMatch, To: CaseHelped, Why: "an adverse finding is looked into"},
	{From: CaseHelped, Act: row(relief.ActCaseAnswerMatch, outcomeLastPaper), To: CaseGranted, Why: "the programme asks for no notice"},
	{From: CaseHelped, Act: relief.ActCaseNotice, To: CaseGranted, Why: "the notice after the help, once the papers are there (R16)"},
	{From: CaseHelped, Act: row(relief.ActCaseConfirmTownship, outcomeAgree), To: CaseHelped, Why: "the county agrees with the township's official"},
	{From: CaseHelped, Act: row(relief.ActCaseConfirmTownship, outcomeRevoke), To: CaseRevoked, Why: "the county does not: the grant is taken back"},

	{From: CaseGranted, Act: relief.ActCaseAttach, To: CaseGranted, Why: "looking into an objection"},
	{From: CaseGranted, Act: relief.ActCaseObject, To: CaseGranted, Why: "the public objects to what was granted (R17)"},
	{From: CaseGranted, Act: relief.ActCaseAnswer, To: CaseGranted, Why: "others are not answered yet"},
	{From: CaseGranted, Act: actAnswerLast, To: CaseGranted, Why: "every objection has an answer"},
	{From: CaseGranted, Act: row(relief.ActCaseConfirmTownship, outcomeAgree), To: CaseGranted, Why: "the county agrees with the township's official"},
	{From: CaseGranted, Act: row(relief.ActCaseConfirmTownship, outcomeRevoke), To: CaseRevoked, Why: "the county does not: the grant is taken back"},

	{From: CaseInForce, Act: relief.ActCaseAttach, To: CaseInForce, Why: "for a re-check"},
	{From: CaseInForce, Act: relief.ActCaseAsk, To: CaseInForce, Why: "on record before a department is asked: its answer cannot be left out"},
	{From: CaseInForce, Act: relief.ActCaseMatch, To: CaseInForce, Why: "for a re-check, or whenever a department finds something"},
	{From: CaseInForce, Act: relief.ActCaseAnswerMatch, To: CaseInForce, Why: "an adverse finding is looked into"},
	{From: CaseInForce, Act: relief.ActCaseReview, To: CaseReviewed, Why: "the re-check, or a reported change, is prepared (R11)"},
	{From: CaseInForce, Act: roll.ActConfirmSuspend, To: CaseSuspended, Why: "nothing is paid until it is lifted"},
	{From: CaseInForce, Act: roll.ActConfirmTerms, To: CaseInForce, Why: "other terms from a month on, which may lie in the past"},
	{From: CaseInForce, Act: roll.ActConfirmExit, To: CaseExited, Why: "death, income, moving away … (R12)"},

	{From: CaseInForce, Act: roll.ActConfirmHead, To: CaseInForce, Why: "the head has died or left: another member leads, nobody applies again"},
	{From: CaseInForce, Act: roll.ActConfirmMove, To: CaseInForce, Why: "elsewhere in the county, under another number"},
	{From: CaseInForce, Act: roll.ActConfirmMoveOut, To: CaseMovedOut, Why: "another county takes the household in"},
	{From: CaseInForce, Act: relief.ActPersonConfirmLink, To: CaseInForce, Why: "a member has another reference"},

	{From: CaseReviewed, Act: relief.ActCaseAttach, To: CaseReviewed, Why: "for the re-check"},
	{From: CaseReviewed, Act: relief.ActCaseAsk, To: CaseReviewed, Why: "on record before a department is asked: its answer cannot be left out"},
	{From: CaseReviewed, Act: relief.ActCaseMatch, To: CaseReviewed, Why: "for the re-check"},
	{From: CaseReviewed, Act: relief.ActCaseAnswerMatch, To: CaseReviewed, Why: "for the re-check"},
	{From: CaseReviewed, Act: relief.ActCaseReview, To: CaseReviewed, Why: "corrected before it is confirmed"},
	{From: CaseReviewed, Act: actConfirmKeep, To: CaseInForce, Why: "by somebody who had no hand in it; new terms hold from the next period"},
	{From: CaseReviewed, Act: actConfirmExit, To: CaseExited, Why: "no longer eligible (R12)"},
	{From: CaseReviewed, Act: actSendBack, To: CaseInForce, Why: "not agreed with"},
	{From: CaseReviewed, Act: roll.ActConfirmTerms, To: CaseReviewed, Why: "a correction does not wait for the re-check"},
	{From: CaseReviewed, Act: roll.ActConfirmExit, To: CaseExited, Why: "a death does not wait for the re-check"},

	{From: CaseReviewed, Act: roll.ActConfirmHead, To: CaseInForce, Why: "the re-check was of another household: it is prepared again"},
	{From: CaseReviewed, Act: roll.ActConfirmMove, To: CaseInForce, Why: "the re-check is prepared again where the household lives"},
	{From: CaseReviewed, Act: roll.ActConfirmMoveOut, To: CaseMovedOut, Why: "another county takes the household in"},
	{From: CaseReviewed, Act: relief.ActPersonConfirmLink, To: CaseInForce, Why: "a member has another reference: the re-check is prepared again"},

	{From: CaseSuspended, Act: relief.ActCaseAttach, To: CaseSuspended, Why: "looking into why"},
	{From: CaseSuspended, Act: relief.ActCaseAsk, To: CaseSuspended, Why: "on record before a department is asked: its answer cannot be left out"},
	{From: CaseSuspended, Act: relief.ActCaseMatch, To: CaseSuspended, Why: "looking into why"},
	{From: CaseSuspended, Act: relief.ActCaseAnswerMatch, To: CaseSuspended, Why: "looking into why"},
	{From: CaseSuspended, Act: roll.ActConfirmTerms, To: CaseSuspended, Why: "other terms, for the time after it, too"},
	{From: CaseSuspended, Act: roll.ActConfirmResume, To: CaseInForce, Why: "paid again"},
	{From: CaseSuspended, Act: roll.ActConfirmExit, To: CaseExited, Why: "the reason held (R12)"},

	{From: CaseSuspended, Act: roll.ActConfirmHead, To: CaseSuspended, Why: "the other head's number is suspended, too"},
	{From: CaseSuspended, Act: roll.ActConfirmMove, To: CaseSuspended, Why: "the other number is suspended, too"},
	{From: CaseSuspended, Act: relief.ActPersonConfirmLink, To: CaseSuspended, Why: "a member has another reference"},

	{From: CaseMovedOut, Act: roll.ActConfirmMoveIn, To: CaseInForce, Why: "by two officials of the other county, from the next period on"},
	{From: CaseMovedOut, Act: relief.ActCaseAppeal, To: CaseExitAppealed, Why: "in the days that the end gave (R58), where nobody took the household in"},

	{From: CaseRefused, Act: relief.ActCaseAppeal, To: CaseRefusalAppealed, Why: "in the days that the decision gave (R58)"},
	{From: CaseRefusalAppealed, Act: relief.ActCaseAttach, To: CaseRefusalAppealed, Why: "for the appeal"},
	{From: CaseRefusalAppealed, Act: actUphold, To: CaseClosed, Why: "the refusal is upheld"},
	{From: CaseRefusalAppealed, Act: actReverse, To: CaseApplied, Why: "examined again, with a notice of its own"},

	{From: CaseExited, Act: roll.ActConfirmTerms, To: CaseExited, Why: "what was granted before the exit was wrong"},
	{From: CaseExited, Act: relief.ActCaseAppeal, To: CaseExitAppealed, Why: "in the days that the decision gave (R58)"},
	{From: CaseExitAppealed, Act: relief.ActCaseAttach, To: CaseExitAppealed, Why: "for the appeal"},
	{From: CaseExitAppealed, Act: actUphold, To: CaseClosed, Why: "the exit is upheld"},
	{From: CaseExitAppealed, Act: actReverse, To: CaseInForce, Why: "the exit has no effect"},
}

// NeedTransitions is the life cycle of a need (R13).
var NeedTransitions = []relief.Transition[NeedState]{
	{From: NeedFound, Act: relief.ActCaseApply, To: NeedTakenUp, Why: "an application names it"},
	{From: NeedFound, Act: relief.ActNeedDismiss, To: NeedDismissed, Why: "it was none, with the reason"},
}
