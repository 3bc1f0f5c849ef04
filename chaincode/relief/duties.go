package relief

import (
	"slices"
	"time"
)

// Step is one step of a case or payment and the official responsible for it: the one who did it, or else the holders of
// its duty (R46, R47).
type Step struct {
	Act     Act          `json:"act"`
	Name    string       `json:"name"`
	NameEn  string       `json:"name_en"`
	By      *Official    `json:"by,omitempty"`
	At      *time.Time   `json:"at,omitempty"`
	Tx      string       `json:"tx,omitempty"`
	Holders []DutyHolder `json:"holders"`
}

// DutyHolder is an agency and those of its roles that hold one duty.
type DutyHolder struct {
	Agency string   `json:"agency"`
	Roles  []string `json:"roles"`
}

// CaseSteps are the steps that every case needs, in their order; PaymentSteps those of every payment.
var (
	CaseSteps    = []Act{ActCaseApply, ActCaseAttach, ActCaseMatch, ActCaseNotice, ActCaseAnswer, ActCaseDecide, ActCaseReview, ActCaseConfirm, ActCaseExit, ActCaseDecideAppeal}
	PaymentSteps = []Act{
		ActProgrammeDraft, ActProgrammeEnact, ActFundIssue, ActCaseImport, ActCaseDecide, ActPaymentOpen, ActPaymentSeal, ActPaymentApprove,
		ActPaymentAuthorise, ActPaymentInstruct, ActPaymentSettle, ActPaymentTally, ActPaymentClose,
	}
)

// Acts lists all acts, in the order of the work.
func Acts() []Act { return slices.Clone(knownActs) }

// StepsOf lists the steps of acts. A step that was done is listed once for each time, with its official; a step that
// was not is listed once, with the holders of its duty.
func StepsOf(acts []Act, history []HistoryEntry, duties []Duty) []Step {
	steps := []Step{}
	for _, act := range acts {
		name := ActNames[act]
		step := Step{Act: act, Name: name[0], NameEn: name[1], Holders: holders(duties, act)}
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

func holders(duties []Duty, act Act) []DutyHolder {
	out := []DutyHolder{}
	for _, d := range duties {
		if d.Act == act {
			out = append(out, DutyHolder{d.Agency, d.Roles})
		}
	}
	return out
}

// ActNames gives each act in words: Chinese, then English.
var ActNames = map[Act][2]string{
	ActRegistryPropose:  {"提议变更登记册", "propose a change of the registry"},
	ActRegistryAgree:    {"同意变更登记册", "agree to a change of the registry"},
	ActProgrammeDraft:   {"拟定项目", "draft a programme"},
	ActProgrammeEnact:   {"项目生效", "put a programme in force"},
	ActProgrammeEnd:     {"项目终止", "end a programme"},
	ActFundIssue:        {"下达资金", "issue funds"},
	ActFundAllocate:     {"资金下拨", "allocate funds"},
	ActFundRefund:       {"资金退回", "refund"},
	ActFundClose:        {"资金结清", "close a tranche"},
	ActCaseImport:       {"导入名册", "import a roll"},
	ActCaseExit:         {"退出救助", "exit"},
	ActCaseApply:        {"受理申请", "take an application"},
	ActCaseAttach:       {"入户调查、邻里访问与材料", "gather evidence"},
	ActCaseMatch:        {"信息核对", "cross-matching"},
	ActCaseAnswerMatch:  {"核对异常处理", "answer an adverse finding"},
	ActCaseNotice:       {"公示", "public notice"},
	ActCaseObject:       {"登记异议", "record an objection"},
	ActCaseAnswer:       {"答复异议", "answer an objection"},
	ActCaseDecide:       {"审核确认", "decide"},
	ActCaseWithdraw:     {"撤回申请", "withdraw"},
	ActCaseReview:       {"定期复核", "re-check"},
	ActCaseConfirm:      {"复核确认", "confirm a re-check"},
	ActCaseSuspend:      {"暂停救助", "suspend"},
	ActCaseResume:       {"恢复救助", "resume"},
	ActCaseAppeal:       {"登记申诉", "record an appeal"},
	ActCaseDecideAppeal: {"申诉处理", "decide an appeal"},
	ActCaseNeed:         {"发现困难群众", "find a need"},
	ActCaseDismissNeed:  {"核实后不予纳入", "dismiss a need"},
	ActPaymentOpen:      {"建立批次", "open a batch"},
	ActPaymentAdd:       {"录入名单", "list payments"},
	ActPaymentSeal:      {"封存名单", "seal the list"},
	ActPaymentApprove:   {"民政审批", "approve (civil affairs)"},
	ActPaymentAuthorise: {"财政审批", "approve (finance)"},
	ActPaymentInstruct:  {"发出支付指令", "instruct the bank"},
	ActPaymentSettle:    {"登记银行结果", "record the bank's answers"},
	ActPaymentTally:     {"结果入账", "tally"},
	ActPaymentCancel:    {"取消批次", "cancel a batch"},
	ActPaymentClose:     {"批次结清", "close a batch"},
	ActRead:             {"查询", "read"},
	ActReadPerson:       {"查询个人信息", "read personal details"},
	ActPersonErase:      {"删除个人信息", "erase personal details"},
}
