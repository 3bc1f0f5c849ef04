// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// The functions of applications and cases.
var (
	CaseApply = define[casework.Application, casework.Case](Row{
		Name: "case:Apply", Act: relief.ActCaseApply, Zh: "受理申请", En: "take an application", Fileable: true,
		Transient: []string{wire.TransientFacts, wire.TransientPersons},
		Doc: "The head of the household is the first member. DUPLICATE when a member is in another case of the county, or on a roll as the head of a " +
			"household, and that does not go together with the programme. What other counties know of the members is in `overlaps`; with the state " +
			"pending the case cannot be granted before that county has confirmed the claim or let the person go. PENDING: the official has " +
			"claimed too many people of other counties today. For a single grant `amount` is what is applied for, and `bill_tag` the bill " +
			"where the programme requires one: DUPLICATE[bill] when it was granted, in whatever county.",
	})
	CaseAdopt = define[EntryInput, casework.Case](Row{
		Name: "case:Adopt", Act: relief.ActCaseAdopt, Zh: "受理在册户", En: "make the case of a household on the roll", Fileable: true,
		Doc: "Of a household that an import put on the roll: with programme, region, terms, roll number and, where the import named them, members of the " +
			"entry. Nothing that is granted changes. A household that has a case keeps it. A confirmed change of the entry other than of the payee " +
			"makes the case by itself. NOT_FOUND: nobody of the reference is on the roll; WRONG_STATE: the household has left it.",
	})
	CaseAttach = define[AttachInput, casework.Case](Row{
		Name: "case:Attach", Act: relief.ActCaseAttach, Zh: "入户调查、邻里访问与材料", En: "gather evidence", Fileable: true,
		Doc: "`kind` is home-visit, neighbour-interview, remote-video, face-check, document, or a kind that the programme requires.",
	})
	CaseAsk = define[AskInput, casework.Case](Row{
		Name: "case:Ask", Act: relief.ActCaseAsk, Zh: "提请信息核对", En: "ask a department", Fileable: true,
		Doc: "That a department is asked about members of the household, on record before it is asked. A statement that was made earlier does not " +
			"answer. Until the answer is recorded the case is not decided (MATCH), for 30 days where the programme does not require the department.",
	})
	CaseMatch = define[MatchInput, casework.Case](Row{
		Name: "case:Match", Act: relief.ActCaseMatch, Zh: "信息核对", En: "cross-matching", Fileable: true,
		Doc: "A department's signed statement about a member of the household.",
	})
	CaseAnswerMatch = define[AnswerMatchInput, casework.Case](Row{
		Name: "case:AnswerMatch", Act: relief.ActCaseAnswerMatch, Zh: "核对异常处理", En: "answer an adverse finding", Fileable: true,
		Doc: "What was found out about the adverse finding with this number, counted from 0: cleared or confirmed.",
	})
	CaseNotice = define[NoticeInput, casework.Case](Row{
		Name: "case:Notice", Act: relief.ActCaseNotice, Zh: "公示", En: "public notice", Fileable: true,
		Doc: "For the programme's days; EVIDENCE or MATCH when something is missing. A case is put on notice again after an objection was answered.",
	})
	CaseObject = define[ObjectInput, casework.Case](Row{
		Name: "case:Object", Act: relief.ActCaseObject, Zh: "登记异议", En: "record an objection", Fileable: true,
		Doc: "An objection of the public by hotline, letter, in-person or online: the decision waits.",
	})
	CaseAnswer = define[AnswerInput, casework.Case](Row{
		Name: "case:Answer", Act: relief.ActCaseAnswer, Zh: "答复异议", En: "answer an objection", Fileable: true,
		Doc: "The answer to the objection with this number, counted from 0.",
	})
	CaseDecide = define[DecideInput, casework.Case](Row{
		Name: "case:Decide", Act: relief.ActCaseDecide, Zh: "审核确认", En: "decide", Fileable: true,
		Doc: "`outcome` is granted, with a segment of the roll, or refused, with a reason. NOTICE before the notice is over; SAME_PERSON for " +
			"those who took, visited, matched or prepared. DUPLICATE when a member of the household receives such relief elsewhere, PENDING when another " +
			"county contests a claim or has not confirmed it. A grant puts the head on the roll in `segment`, or under the head's old number; " +
			"PENDING: that segment is full. In a programme of the cycle grant the decision makes one payment; where help comes first it needs neither " +
			"papers nor notice, and `amount` says what is granted.",
	})
	CaseDecideTownship = define[DecideInput, casework.Case](Row{
		Name: "case:DecideTownship", Act: relief.ActCaseDecideTownship, Zh: "乡镇审核确认", En: "decide (township)", Fileable: true,
		Doc: "As case:Decide, on a single grant within what the programme's `township` says: FORBIDDEN[amount] above the sum of one grant, or when " +
			"all grants of the programme to the person in twelve months come to more; FORBIDDEN in every other programme. SAME_PERSON as for case:Decide, " +
			"unless the county confirms afterwards.",
	})
	CaseConfirmTownship = define[ConfirmTownshipInput, casework.Case](Row{
		Name: "case:ConfirmTownship", Act: relief.ActCaseConfirmTownship, Zh: "县级确认乡镇决定", En: "confirm a township's decision", Fileable: true,
		Doc: "The county agrees, or does not, with a `reason`: then the grant is taken back, unless a batch has it (WRONG_STATE). SAME_PERSON for the " +
			"official who decided and for those who took or prepared the case.",
	})
	CaseWithdraw = define[CaseInput, casework.Case](Row{
		Name: "case:Withdraw", Act: relief.ActCaseWithdraw, Zh: "撤回申请", En: "withdraw", Fileable: true,
		Doc: "At the applicant's wish.",
	})
	CaseReview = define[ReviewInput, casework.Case](Row{
		Name: "case:Review", Act: relief.ActCaseReview, Zh: "定期复核", En: "re-check", Fileable: true,
		Transient: []string{wire.TransientFacts},
		Doc: "Prepares a re-check or a change. `finding` is keep, change (with `terms`, and `members` when they are others) or exit (with `reason`). " +
			"New terms hold from the next month, or from the month `from`: see roll:SetTerms. New facts of the household may travel with it, with the tags of the head's name and account, which are the roll's; they are in force with " +
			"the confirmation.",
	})
	CaseConfirm = define[ConfirmInput, casework.Case](Row{
		Name: "case:Confirm", Act: relief.ActCaseConfirm, Zh: "复核确认", En: "confirm a re-check", Fileable: true,
		Doc: "Has the re-check take effect, or sends it back. SAME_PERSON as for case:Decide.",
	})
	CaseAppeal = define[AppealInput, casework.Case](Row{
		Name: "case:Appeal", Act: relief.ActCaseAppeal, Zh: "登记申诉", En: "record an appeal", Fileable: true,
		Doc: "LATE after the days that the decision gave.",
	})
	CaseDecideAppeal = define[DecideAppealInput, casework.Case](Row{
		Name: "case:DecideAppeal", Act: relief.ActCaseDecideAppeal, Zh: "申诉处理", En: "decide an appeal", Fileable: true,
		Doc: "SAME_PERSON for those who decided it, too. A refusal that is reversed is examined again; an exit that is reversed never was; " +
			"CONFLICT when a later grant has the household's entry on the roll.",
	})
	CaseConfirmClaim = define[ClaimInput, casework.Case](Row{
		Name: "case:ConfirmClaim", Act: casework.ActConfirmClaim, Zh: "确认外县对象主张", En: "confirm another county's claim", Fileable: true,
		Doc: "Says for `county`, which knows the person and lies in the caller's region, that the person belongs to the case's household. SAME_PERSON for " +
			"those who took or prepared the case, and for the official on whose word alone the county knows the person.",
	})
	CaseContestClaim = define[ClaimInput, casework.Case](Row{
		Name: "case:ContestClaim", Act: casework.ActContestClaim, Zh: "否认外县对象主张", En: "contest another county's claim", Fileable: true,
		Doc: "Says for `county` that the person does not: for 30 days the case cannot be granted, and its claim does not weigh on the county's own " +
			"cases. Once for a county and person (LATE). What an official over both counties has said only such an official changes.",
	})
	CaseNote = define[NoteInput, casework.Case](Row{
		Name: "case:Note", Act: casework.ActNote, Zh: "审计批注", En: "note on a case",
		Doc: "A note of audit's, in every state; the file stays with audit.",
	})
	CaseFile = define[FileInput, FileResult](Row{
		Name: "case:File", Zh: "批量办理", En: "file of acts", Transient: []string{wire.TransientFacts, wire.TransientPersons},
		Doc: "Up to 500 acts of one kind in one transaction, by the duty of the act: each as its own function would, one after the other. " +
			"A refused act leaves nothing and does not keep the others back. Lists in the transient map are in the order of the items.",
	})
	CaseGet = define[CaseInput, casework.Case](Row{
		Name: "case:Get", Act: relief.ActRead, Zh: "查询个案", En: "read a case", ReadOnly: true,
	})
	CaseList = define[CaseFilter, Page[casework.Case]](Row{
		Name: "case:List", Act: relief.ActRead, Zh: "个案列表", En: "list cases", ReadOnly: true,
	})
	CaseGrantSegments = define[CasesInput, GrantSegments](Row{
		Name: "case:GrantSegments", Act: relief.ActRead, Zh: "查询拟纳入分段", En: "read in which segments grants would be", ReadOnly: true,
		Doc: "In the order of the cases, 500 at most; `{}` for a case that is not there. A segment is named only where the head has an old number.",
	})
	CaseClaims = define[SubjectInput, casework.MemberRecord](Row{
		Name: "case:Claims", Act: relief.ActRead, Zh: "查询对象所在个案", En: "read a person's live cases", ReadOnly: true,
		Doc: "The live cases that a person is in, as the head or a member of a household.",
	})
	CaseDuties = define[CaseInput, Steps](Row{
		Name: "case:Duties", Act: relief.ActRead, Zh: "查询个案职责", En: "read who answers for each step", ReadOnly: true,
		Doc: "For each step who did it, or else whose duty it is (R46, R47).",
	})
	CaseFacts = define[FactsInput, Facts](Row{
		Name: "case:Facts", Act: relief.ActReadPerson, Zh: "查询家庭情况", En: "read a household's facts", ReadOnly: true,
		Doc: "As they were sealed; only from the peer of the caller's own agency. Without `act` those in force, with it those that this act of " +
			"the case brought: 0 is the application, a later one a review. Those of a review that is not confirmed are for holders of case.confirm.",
	})
)

// CaseInput names the case that an act is about.
type CaseInput struct {
	Case relief.CaseID `json:"case"`
}

// CaseKey is the key of the case.
func (in CaseInput) CaseKey() relief.Key { return relief.CaseKey(in.Case) }

// AttachInput adds evidence to a case.
type AttachInput struct {
	CaseInput
	casework.EvidenceTerms
}

// AskInput puts a question to a department.
type AskInput struct {
	CaseInput
	casework.QuestionTerms
}

// MatchInput adds a department's statement to a case.
type MatchInput struct {
	CaseInput
	Statement registry.MatchStatement `json:"statement"`
}

// AnswerMatchInput says what was found out about an adverse finding.
type AnswerMatchInput struct {
	CaseInput
	Match   int                   `json:"match"` // the finding's number, counted from 0
	Outcome casework.MatchOutcome `json:"outcome"`
	SHA256  string                `json:"sha256"`
}

// NoticeInput puts terms on public notice.
type NoticeInput struct {
	CaseInput
	roll.Terms
}

// ObjectInput records an objection.
type ObjectInput struct {
	CaseInput
	Channel casework.ObjectionChannel `json:"channel"`
	SHA256  string                    `json:"sha256"`
}

// AnswerInput says what was found out about an objection.
type AnswerInput struct {
	CaseInput
	Objection int    `json:"objection"` // its number, counted from 0
	Founded   bool   `json:"founded"`
	SHA256    string `json:"sha256"`
}

// DecideInput grants or refuses an application.
type DecideInput struct {
	CaseInput
	Outcome casework.DecisionOutcome `json:"outcome"`
	Segment uint32                   `json:"segment"` // of the roll, for a grant
	casework.GrantTerms
	casework.RefusalTerms
}

// ConfirmTownshipInput is the county's word on a township's decision.
type ConfirmTownshipInput struct {
	CaseInput
	casework.ConfirmTerms
}

// ReviewInput prepares a re-check or a change.
type ReviewInput struct {
	CaseInput
	casework.ReviewTerms
}

// ConfirmInput has a re-check take effect, or sends it back.
type ConfirmInput struct {
	CaseInput
	Agree bool `json:"agree"`
	// From is the first month of the new terms that the official has seen; none to leave it out.
	From relief.Period `json:"from,omitzero"`
}

// AppealInput records an appeal.
type AppealInput struct {
	CaseInput
	SHA256 string `json:"sha256"`
}

// DecideAppealInput upholds or reverses what was appealed.
type DecideAppealInput struct {
	CaseInput
	Upheld bool   `json:"upheld"`
	SHA256 string `json:"sha256"`
}

// ClaimInput answers a case's claim on a person of another county.
type ClaimInput struct {
	CaseInput
	casework.ClaimTerms
}

// NoteInput adds a note to a case.
type NoteInput struct {
	CaseInput
	SHA256 string `json:"sha256"`
}

// MaxFileItems bounds the acts of one file.
const MaxFileItems = 500

// FileInput is a file of acts of one kind; each item is the argument of the act's own function.
type FileInput struct {
	Act   relief.Act        `json:"act"`
	Items []json.RawMessage `json:"items"`
	// Records asks for the record of each act, as its own function answers it.
	Records bool `json:"records,omitempty"`
}

// FileResult is what a file of acts comes to.
type FileResult struct {
	Accepted  int           `json:"accepted"`
	Unchanged int           `json:"unchanged"`
	Refused   []FileRefusal `json:"refused"`
	// Elsewhere are the members of accepted applications whom another county knows.
	Elsewhere []relief.SubjectRef `json:"elsewhere,omitempty"`
	// Records are in the order of the acts, null for a refused one; for callers who ask.
	Records []json.RawMessage `json:"records,omitempty"`
}

// FileRefusal is a refused act of a file.
type FileRefusal struct {
	Seq    int         `json:"seq"` // the act's number in the file, counted from 0
	Code   relief.Code `json:"code"`
	Field  string      `json:"field,omitempty"`
	Detail string      `json:"detail"`
}

// CaseFilter asks for a page of cases.
type CaseFilter struct {
	PageInput
	Programme relief.ProgrammeID `json:"programme,omitempty"`
	Region    relief.Region      `json:"region,omitempty"`
	State     casework.CaseState `json:"state,omitempty"`
}

// CasesInput names cases.
type CasesInput struct {
	Cases []relief.CaseID `json:"cases"`
}

// GrantSegments say where grants of cases would be on the rolls, in the order of the cases.
type GrantSegments struct {
	Segments []GrantSegment `json:"places"`
}

// GrantSegment says where a grant puts a household: the segment of its old number, or no segment when that is free to choose.
type GrantSegment struct {
	Programme relief.ProgrammeID `json:"programme,omitempty"`
	County    relief.Region      `json:"county,omitempty"`
	Segment   *uint32            `json:"segment,omitempty"`
}

// Steps are the steps of a case.
type Steps struct {
	Steps []Step `json:"steps"`
}

// FactsInput asks for the facts of a case's household: those in force, or those that an act of the case brought.
type FactsInput struct {
	CaseInput
	Act *int `json:"act,omitempty"` // its place in the case's history, counted from 0
}

// Facts are a household's facts, sealed.
type Facts struct {
	Facts []byte `json:"facts"`
}
