package fund

import "relieftrail/chaincode/relief"

// State is the state of a tranche.
type State string

// The states of a tranche.
const (
	TrancheIssued State = "issued"
	TrancheClosed State = "closed"
)

// Transitions is the life cycle of a tranche (R33).
var Transitions = []relief.Transition[State]{
	{From: TrancheIssued, Act: relief.ActFundAllocate, To: TrancheIssued, Why: "part of it goes to a region below"},
	{From: TrancheIssued, Act: relief.ActFundTopUp, To: TrancheIssued, Why: "more money from the tranche above, or from outside, is proposed"},
	{From: TrancheIssued, Act: relief.ActFundTakeBack, To: TrancheIssued, Why: "that the tranche above takes unused money back is proposed"},
	{From: TrancheIssued, Act: relief.ActFundCarryOver, To: TrancheIssued, Why: "that unused money goes to the next year's tranche is proposed"},
	{From: TrancheIssued, Act: relief.ActFundRefund, To: TrancheIssued, Why: "that unused money goes back where it came from is proposed"},
	{From: TrancheIssued, Act: relief.ActFundConfirm, To: TrancheIssued, Why: "another official confirms or refuses it; both tranches of the move record it"},
	{From: TrancheIssued, Act: relief.ActFundWithdraw, To: TrancheIssued, Why: "the agency that proposed it withdraws it"},
	{From: TrancheIssued, Act: relief.ActPaymentSeal, To: TrancheIssued, Why: "a batch reserves its sum, once"},
	{From: TrancheIssued, Act: relief.ActPaymentTally, To: TrancheIssued, Why: "reserved becomes paid or in return"},
	{From: TrancheIssued, Act: relief.ActPaymentCancel, To: TrancheIssued, Why: "the reservation is free"},
	{From: TrancheIssued, Act: relief.ActPaymentSendBack, To: TrancheIssued, Why: "the reservation of a batch that is corrected is free"},
	{From: TrancheIssued, Act: relief.ActPaymentClose, To: TrancheIssued, Why: "what was returned is available again"},
	{From: TrancheIssued, Act: relief.ActReversalConfirm, To: TrancheIssued, Why: "a credit that the bank took back is in return, or available again; a wrong return mark is paid"},
	{From: TrancheIssued, Act: relief.ActOverpaymentConfirmRecovery, To: TrancheIssued, Why: "what somebody was paid too much came back: it is available again"},
	{From: TrancheIssued, Act: relief.ActFundClose, To: TrancheClosed, Why: "nothing may be available, reserved or in return"},
	{From: TrancheClosed, Act: relief.ActReversalConfirm, To: TrancheClosed, Why: "a credit taken back so late goes to the next year's tranche, to the one above, or is refunded"},
	{From: TrancheClosed, Act: relief.ActPaymentClose, To: TrancheClosed, Why: "a batch of it may be closed later"},
	{From: TrancheClosed, Act: relief.ActOverpaymentConfirmRecovery, To: TrancheClosed, Why: "came back so late, with no tranche above: it is refunded at once"},
}

// AdjustmentState is the state of an adjustment.
type AdjustmentState string

// The states of an adjustment.
const (
	AdjustmentProposed  AdjustmentState = "proposed"
	AdjustmentConfirmed AdjustmentState = "confirmed"
	AdjustmentRefused   AdjustmentState = "refused"
	AdjustmentWithdrawn AdjustmentState = "withdrawn"
)

// AdjustmentStates are all states of an adjustment.
var AdjustmentStates = []AdjustmentState{AdjustmentProposed, AdjustmentConfirmed, AdjustmentRefused, AdjustmentWithdrawn}

const actRefused relief.Act = "fund.confirm (refused)"

// AdjustmentTransitions is the life cycle of an adjustment.
var AdjustmentTransitions = []relief.Transition[AdjustmentState]{
	{From: AdjustmentProposed, Act: relief.ActFundConfirm, To: AdjustmentConfirmed, Why: "another official agrees: the money moves"},
	{From: AdjustmentProposed, Act: actRefused, To: AdjustmentRefused, Why: "another official refuses it, with a reason"},
	{From: AdjustmentProposed, Act: relief.ActFundWithdraw, To: AdjustmentWithdrawn, Why: "the agency that proposed it no longer wants it"},
}
