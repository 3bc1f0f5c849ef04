package relief

import (
	"slices"
	"strings"
	"time"
)

// Act is something that an official does and that changes the record; a duty (R46) says who may do it.
type Act string

// The acts, by the contract that carries them out.
const (
	ActRegistryPropose        Act = "registry.propose"
	ActRegistryAgree          Act = "registry.agree"
	ActRegistryWithdraw       Act = "registry.withdraw"
	ActOfficialRegister       Act = "official.register"
	ActOfficialRetire         Act = "official.retire"
	ActOfficialRevoke         Act = "official.revoke"
	ActProgrammeDraft         Act = "programme.draft"
	ActProgrammeEnact         Act = "programme.enact"
	ActProgrammeEnd           Act = "programme.end"
	ActProgrammeProposeRate   Act = "programme.propose_rate"
	ActProgrammeConfirmRate   Act = "programme.confirm_rate"
	ActProgrammeWithdrawRate  Act = "programme.withdraw_rate"
	ActFundIssue              Act = "fund.issue"
	ActFundAllocate           Act = "fund.allocate"
	ActFundTopUp              Act = "fund.top_up"
	ActFundTakeBack           Act = "fund.take_back"
	ActFundCarryOver          Act = "fund.carry_over"
	ActFundRefund             Act = "fund.refund"
	ActFundConfirm            Act = "fund.confirm"
	ActFundWithdraw           Act = "fund.withdraw"
	ActFundSignYearEnd        Act = "fund.sign_year_end"
	ActFundClose              Act = "fund.close"
	ActRollImport             Act = "roll.import"
	ActRollProposeImport      Act = "roll.propose_import"
	ActRollConfirmImport      Act = "roll.confirm_import"
	ActRollWithdrawImport     Act = "roll.withdraw_import"
	ActRollExit               Act = "roll.exit"
	ActRollChangePayee        Act = "roll.change_payee"
	ActRollSuspend            Act = "roll.suspend"
	ActRollResume             Act = "roll.resume"
	ActRollReplaceHead        Act = "roll.replace_head"
	ActRollMove               Act = "roll.move"
	ActRollMoveOut            Act = "roll.move_out"
	ActRollMoveIn             Act = "roll.move_in"
	ActRollSetTerms           Act = "roll.set_terms"
	ActRollSetResidence       Act = "roll.set_residence"
	ActRollConfirmChange      Act = "roll.confirm_change"
	ActRollWithdrawChange     Act = "roll.withdraw_change"
	ActRollProposeRerate      Act = "roll.propose_rerate"
	ActRollConfirmRerate      Act = "roll.confirm_rerate"
	ActRollRerate             Act = "roll.rerate"
	ActRollWithdrawRerate     Act = "roll.withdraw_rerate"
	ActRollDeclareAccount     Act = "roll.declare_account"
	ActRollConfirmAccount     Act = "roll.confirm_account"
	ActRollEndAccount         Act = "roll.end_account"
	ActCaseApply              Act = "case.apply"
	ActCaseAdopt              Act = "case.adopt"
	ActCaseAttach             Act = "case.attach"
	ActCaseAsk                Act = "case.ask"
	ActCaseMatch              Act = "case.match"
	ActCaseAnswerMatch        Act = "case.answer_match"
	ActCaseNotice             Act = "case.notice"
	ActCaseObject             Act = "case.object"
	ActCaseAnswer             Act = "case.answer"
	ActCaseDecide             Act = "case.decide"
	ActCaseDecideTownship     Act = "case.decide_township"
	ActCaseConfirmTownship    Act = "case.confirm_township"
	ActCaseWithdraw           Act = "case.withdraw"
	ActCaseReview             Act = "case.review"
	ActCaseConfirm            Act = "case.confirm"
	ActCaseAppeal             Act = "case.appeal"
	ActCaseDecideAppeal       Act = "case.decide_appeal"
	ActNeedFind               Act = "need.find"
	ActNeedDismiss            Act = "need.dismiss"
	ActPaymentOpen            Act = "payment.open"
	ActPaymentAdd             Act = "payment.add"
	ActPaymentSeal            Act = "payment.seal"
	ActPaymentApprove         Act = "payment.approve"
	ActPaymentMakeFile        Act = "payment.make_file"
	ActPaymentAuthorise       Act = "payment.authorise"
	ActPaymentInstruct        Act = "payment.instruct"
	ActPaymentTakeBack        Act = "payment.take_back"
	ActPaymentConfirmTakeBack Act = "payment.confirm_take_back"
	ActPaymentSettle          Act = "payment.settle"
	ActPaymentTally           Act = "payment.tally"
	ActPaymentCancel          Act = "payment.cancel"
	ActPaymentClose           Act = "payment.close"
	ActPaymentRemove          Act = "payment.remove"
	ActPaymentSetControl      Act = "payment.set_control"
	ActPaymentSendBack        Act = "payment.send_back"
	ActPaymentHandOver        Act = "payment.hand_over"

	ActOverpaymentRecover          Act = "overpayment.recover"
	ActOverpaymentConfirmRecovery  Act = "overpayment.confirm_recovery"
	ActOverpaymentDeduct           Act = "overpayment.deduct"
	ActOverpaymentConfirmDeduction Act = "overpayment.confirm_deduction"
	ActOverpaymentWriteOff         Act = "overpayment.write_off"
	ActOverpaymentConfirmWriteOff  Act = "overpayment.confirm_write_off"
	ActOverpaymentWithdraw         Act = "overpayment.withdraw"

	ActStatementRecord            Act = "statement.record"
	ActStatementConfirm           Act = "statement.confirm"
	ActStatementWithdraw          Act = "statement.withdraw"
	ActStatementConfirmWithdrawal Act = "statement.confirm_withdrawal"

	ActReversalPropose  Act = "reversal.propose"
	ActReversalConfirm  Act = "reversal.confirm"
	ActReversalWithdraw Act = "reversal.withdraw"

	ActOversightCloseMonth   Act = "oversight.close_month"
	ActOversightProposeList  Act = "oversight.propose_list"
	ActOversightTakeDownList Act = "oversight.take_down_list"
	ActOversightDecideList   Act = "oversight.decide_list"
	ActOversightPlan         Act = "oversight.plan"
	ActOversightCommit       Act = "oversight.commit"
	ActOversightFrame        Act = "oversight.frame"
	ActOversightReveal       Act = "oversight.reveal"
	ActOversightDefault      Act = "oversight.default"
	ActOversightDraw         Act = "oversight.draw"
	ActOversightVisit        Act = "oversight.visit"
	ActOversightConfirmVisit Act = "oversight.confirm_visit"
	ActOversightFinish       Act = "oversight.finish"

	ActRead                  Act = "read"
	ActReadPerson            Act = "read.person"
	ActPersonProposeErasure  Act = "person.propose_erasure"
	ActPersonConfirmErasure  Act = "person.confirm_erasure"
	ActPersonWithdrawErasure Act = "person.withdraw_erasure"
	ActPersonProposeReseal   Act = "person.propose_reseal"
	ActPersonConfirmReseal   Act = "person.confirm_reseal"
	ActPersonHold            Act = "person.hold"
	ActPersonLiftHold        Act = "person.lift_hold"
	ActPersonProposeLink     Act = "person.propose_link"
	ActPersonConfirmLink     Act = "person.confirm_link"
	ActPersonWithdrawLink    Act = "person.withdraw_link"
)

// Official is someone who acts for an agency, as the certificate names them and their entry on the ledger identifies them.
type Official struct {
	Agency string `json:"agency"`       // MSP id
	ID     string `json:"id,omitempty"` // staff number (工号), the same for all names and roles of a human being
	Name   string `json:"name"`
	Role   string `json:"role,omitempty"`
	Region Region `json:"region,omitempty"`
	// Inherited are the ended regions of which a successor lies in Region, as long as the official acts: no record keeps them. A pointer,
	// so that officials can be compared.
	Inherited *Inherited `json:"-"`
}

// Inherited are ended regions.
type Inherited []Region

// Covers reports whether a region lies inside the official's, or inside one that the official's has succeeded.
func (p *Official) Covers(r Region) bool {
	return p.Region.Covers(r) || p.Inherited.Cover(r)
}

// Cover reports whether a region lies inside one of the ended ones; nil has none.
func (i *Inherited) Cover(r Region) bool {
	return i != nil && slices.ContainsFunc(*i, func(ended Region) bool { return ended.Covers(r) })
}

// SameOfficial reports whether two officials are one human being: an agency gives each a staff number, which they keep under
// another name, in another role and with a new certificate.
func SameOfficial(a, b Official) bool { return a.Agency == b.Agency && a.ID == b.ID }

// Actor says who does the act at hand, when (the transaction's time) and in which transaction (its id).
type Actor struct {
	By Official
	At time.Time
	Tx string
}

// HistoryEntry is one act in a record's history.
type HistoryEntry struct {
	Act Act       `json:"act"`
	By  Official  `json:"by"`
	At  time.Time `json:"at"`
	Tx  string    `json:"tx"`
}

// Entry is the history entry of an act, its time cut to milliseconds.
func (a Actor) Entry(act Act) HistoryEntry {
	a.By.Inherited = nil
	return HistoryEntry{act, a.By, a.At.UTC().Truncate(time.Millisecond), a.Tx}
}

// MaxBackdating is the longest time by which an act may precede the record's last act: the clocks of clients differ.
const MaxBackdating = 15 * time.Minute

// Follows refuses, with INVALID, a time more than MaxBackdating before the record's last act.
func (a Actor) Follows(acts []HistoryEntry) error {
	if n := len(acts); n > 0 && a.At.Before(acts[n-1].At.Add(-MaxBackdating)) {
		return Errorf(CodeInvalid, "the transaction's time lies more than %s before the record's last act", MaxBackdating)
	}
	return nil
}

// Repeats reports whether the record's last act is this act by this official: then it was sent again.
func (a Actor) Repeats(acts []HistoryEntry, act Act) bool {
	n := len(acts)
	return n > 0 && acts[n-1].Act == act && SameOfficial(acts[n-1].By, a.By)
}

// LastBy is the official who did an act last; false when nobody did.
func LastBy(acts []HistoryEntry, act Act) (Official, bool) {
	for i := len(acts) - 1; i >= 0; i-- {
		if acts[i].Act == act {
			return acts[i].By, true
		}
	}
	return Official{}, false
}

// Duty says that some roles of an agency may do an act (R46).
type Duty struct {
	Act    Act      `json:"act"`
	Agency string   `json:"agency"`
	Roles  []string `json:"roles"`
}

// Allowed refuses, with FORBIDDEN, an official who does not hold the duty for the act. The refusal names the holders.
func Allowed(duties []Duty, act Act, p Official) error {
	var holders []string
	for _, d := range duties {
		if d.Act != act {
			continue
		}
		if d.Agency == p.Agency && slices.Contains(d.Roles, p.Role) {
			return nil
		}
		holders = append(holders, d.Agency+" "+strings.Join(d.Roles, "/"))
	}
	if len(holders) == 0 {
		return Errorf(CodeForbidden, "no official holds the duty %s", act)
	}
	return Errorf(CodeForbidden, "%s %s does not hold the duty %s; it is held by %s", p.Agency, p.Role, act, strings.Join(holders, ", "))
}

// RequireRegion refuses, with REGION, an official whose region does not cover the record's.
func RequireRegion(p Official, r Region) error {
	if !p.Covers(r) {
		return Errorf(CodeRegion, "region %s does not cover %s", p.Region, r)
	}
	return nil
}
