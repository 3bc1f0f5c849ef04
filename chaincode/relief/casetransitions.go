package relief

// CaseState is where a case stands.
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
	CaseWithdrawn       CaseState = "withdrawn"
	CaseClosed          CaseState = "closed"
)

// CaseStates are all of them, in the order of a case's life.
var CaseStates = []CaseState{
	CaseApplied, CaseNoticed, CaseObjected, CaseAnswered, CaseInForce, CaseReviewed, CaseSuspended, CaseRefused,
	CaseRefusalAppealed, CaseExited, CaseExitAppealed, CaseWithdrawn, CaseClosed,
}

// An act whose outcome decides the next state is a row for each.
const (
	actGrant       Act = "case.decide (grant)"
	actRefuse      Act = "case.decide (refuse)"
	actAnswerLast  Act = "case.answer (the last one)"
	actConfirmKeep Act = "case.confirm (keep, change)"
	actConfirmExit Act = "case.confirm (exit)"
	actSendBack    Act = "case.confirm (sent back)"
	actUphold      Act = "case.decide_appeal (upheld)"
	actReverse     Act = "case.decide_appeal (reversed)"
)

// CaseTransitions is the life cycle of a case, the closed loop of R3: found, examined, noticed, decided, checked, ended.
var CaseTransitions = []Transition[CaseState]{
	{CaseApplied, ActCaseAttach, CaseApplied, "home visit, neighbours, video, papers (R14, R15, R18)"},
	{CaseApplied, ActCaseMatch, CaseApplied, "what other departments say (R6, R8)"},
	{CaseApplied, ActCaseAnswerMatch, CaseApplied, "an adverse finding is looked into (R10)"},
	{CaseApplied, ActCaseNotice, CaseNoticed, "public notice before approval; evidence and matches are complete (R16)"},
	{CaseApplied, actRefuse, CaseRefused, "with reason and how to appeal (R58)"},
	{CaseApplied, ActCaseWithdraw, CaseWithdrawn, "the applicant's wish"},

	{CaseNoticed, ActCaseAttach, CaseNoticed, "evidence that comes late"},
	{CaseNoticed, ActCaseMatch, CaseNoticed, "a finding that comes late"},
	{CaseNoticed, ActCaseAnswerMatch, CaseNoticed, "a finding that comes late"},
	{CaseNoticed, ActCaseObject, CaseObjected, "the public objects: the decision waits (R17)"},
	{CaseNoticed, actGrant, CaseInForce, "the notice is over; by somebody who had no hand in the case"},
	{CaseNoticed, actRefuse, CaseRefused, "with reason and how to appeal (R58)"},
	{CaseNoticed, ActCaseWithdraw, CaseWithdrawn, "the applicant's wish"},

	{CaseObjected, ActCaseAttach, CaseObjected, "looking into the objection"},
	{CaseObjected, ActCaseMatch, CaseObjected, "looking into the objection"},
	{CaseObjected, ActCaseAnswerMatch, CaseObjected, "looking into the objection"},
	{CaseObjected, ActCaseObject, CaseObjected, "another objection"},
	{CaseObjected, ActCaseAnswer, CaseObjected, "others are not answered yet"},
	{CaseObjected, actAnswerLast, CaseAnswered, "every objection has an answer"},
	{CaseObjected, ActCaseWithdraw, CaseWithdrawn, "the applicant's wish"},

	{CaseAnswered, ActCaseAttach, CaseAnswered, "for the repeated notice"},
	{CaseAnswered, ActCaseMatch, CaseAnswered, "for the repeated notice"},
	{CaseAnswered, ActCaseAnswerMatch, CaseAnswered, "for the repeated notice"},
	{CaseAnswered, ActCaseObject, CaseObjected, "another objection"},
	{CaseAnswered, ActCaseNotice, CaseNoticed, "a repeated notice"},
	{CaseAnswered, actRefuse, CaseRefused, "the objection was founded"},
	{CaseAnswered, ActCaseWithdraw, CaseWithdrawn, "the applicant's wish"},

	{CaseInForce, ActCaseAttach, CaseInForce, "for a re-check"},
	{CaseInForce, ActCaseMatch, CaseInForce, "for a re-check, or whenever a department finds something"},
	{CaseInForce, ActCaseAnswerMatch, CaseInForce, "an adverse finding is looked into"},
	{CaseInForce, ActCaseReview, CaseReviewed, "the re-check, or a reported change, is prepared (R11)"},
	{CaseInForce, ActCaseSuspend, CaseSuspended, "nothing is paid until it is lifted"},
	{CaseInForce, ActCaseExit, CaseExited, "death, income, moving away … (R12)"},

	{CaseReviewed, ActCaseAttach, CaseReviewed, "for the re-check"},
	{CaseReviewed, ActCaseMatch, CaseReviewed, "for the re-check"},
	{CaseReviewed, ActCaseAnswerMatch, CaseReviewed, "for the re-check"},
	{CaseReviewed, ActCaseReview, CaseReviewed, "corrected before it is confirmed"},
	{CaseReviewed, actConfirmKeep, CaseInForce, "by somebody who had no hand in it; new terms hold from the next period"},
	{CaseReviewed, actConfirmExit, CaseExited, "no longer eligible (R12)"},
	{CaseReviewed, actSendBack, CaseInForce, "not agreed with"},
	{CaseReviewed, ActCaseExit, CaseExited, "a death does not wait for the re-check"},

	{CaseSuspended, ActCaseAttach, CaseSuspended, "looking into why"},
	{CaseSuspended, ActCaseMatch, CaseSuspended, "looking into why"},
	{CaseSuspended, ActCaseAnswerMatch, CaseSuspended, "looking into why"},
	{CaseSuspended, ActCaseResume, CaseInForce, "paid again"},
	{CaseSuspended, ActCaseExit, CaseExited, "the reason held (R12)"},

	{CaseRefused, ActCaseAppeal, CaseRefusalAppealed, "in the days that the decision gave (R58)"},
	{CaseRefusalAppealed, ActCaseAttach, CaseRefusalAppealed, "for the appeal"},
	{CaseRefusalAppealed, actUphold, CaseClosed, "the refusal stands"},
	{CaseRefusalAppealed, actReverse, CaseApplied, "examined again, with a notice of its own"},

	{CaseExited, ActCaseAppeal, CaseExitAppealed, "in the days that the decision gave (R58)"},
	{CaseExitAppealed, ActCaseAttach, CaseExitAppealed, "for the appeal"},
	{CaseExitAppealed, actUphold, CaseClosed, "the exit stands"},
	{CaseExitAppealed, actReverse, CaseInForce, "the exit never was"},
}

// NeedTransitions is the life cycle of a newly found need (R13).
var NeedTransitions = []Transition[NeedState]{
	{NeedFound, ActCaseApply, NeedTakenUp, "an application names it"},
	{NeedFound, ActCaseDismissNeed, NeedDismissed, "it was none, with the reason"},
}
