package overpayment

import "relieftrail/chaincode/relief"

// State is the state of a measure.
type State string

// The states of a measure.
const (
	Proposed  State = "proposed"
	Confirmed State = "confirmed"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	Replaced  State = "replaced"
)

// States are all states of a measure.
var States = []State{Proposed, Confirmed, Refused, Withdrawn, Replaced}

// A confirmation has a row for each outcome, and a deduction another for the plan that it replaces.
const (
	actRecovered    relief.Act = "overpayment.confirm_recovery (agreed)"
	actNotRecovered relief.Act = "overpayment.confirm_recovery (refused)"
	actDeducted     relief.Act = "overpayment.confirm_deduction (agreed)"
	actNotDeducted  relief.Act = "overpayment.confirm_deduction (refused)"
	actReplaced     relief.Act = "overpayment.confirm_deduction (of a later plan)"
	actWrittenOff   relief.Act = "overpayment.confirm_write_off (agreed)"
	actNotOff       relief.Act = "overpayment.confirm_write_off (refused)"
)

// Transitions is the life cycle of a measure that settles an overpayment: nobody settles any of it alone.
var Transitions = []relief.Transition[State]{
	{From: Proposed, Act: actRecovered, To: Confirmed, Why: "another official of finance has seen the statement's entry: its tranches have the money again"},
	{From: Proposed, Act: actNotRecovered, To: Refused, Why: "the entry is none, or is for something else"},
	{From: Proposed, Act: actDeducted, To: Confirmed, Why: "by another official: the lists from then on deduct"},
	{From: Proposed, Act: actNotDeducted, To: Refused, Why: "the household needs all that it is owed"},
	{From: Confirmed, Act: actReplaced, To: Replaced, Why: "a later plan takes its place; what was deducted stays"},
	{From: Proposed, Act: actWrittenOff, To: Confirmed, Why: "by an official of the other agency, with the document's number"},
	{From: Proposed, Act: actNotOff, To: Refused, Why: "the other agency does not agree"},
	{From: Proposed, Act: relief.ActOverpaymentWithdraw, To: Withdrawn, Why: "the proposal was wrong"},
}
