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
	{From: TrancheIssued, Act: relief.ActFundRefund, To: TrancheIssued, Why: "unused money goes back where it came from"},
	{From: TrancheIssued, Act: relief.ActPaymentSeal, To: TrancheIssued, Why: "a batch reserves its sum, once"},
	{From: TrancheIssued, Act: relief.ActPaymentTally, To: TrancheIssued, Why: "reserved becomes paid or in return"},
	{From: TrancheIssued, Act: relief.ActPaymentCancel, To: TrancheIssued, Why: "the reservation is free"},
	{From: TrancheIssued, Act: relief.ActPaymentSendBack, To: TrancheIssued, Why: "the reservation of a batch that is corrected is free"},
	{From: TrancheIssued, Act: relief.ActPaymentClose, To: TrancheIssued, Why: "what was returned is available again"},
	{From: TrancheIssued, Act: relief.ActOverpaymentConfirmRecovery, To: TrancheIssued, Why: "what somebody was paid too much came back: it is available again"},
	{From: TrancheIssued, Act: relief.ActFundClose, To: TrancheClosed, Why: "what is available is refunded; nothing may be reserved or in return"},
	{From: TrancheClosed, Act: relief.ActPaymentTally, To: TrancheClosed, Why: "a payment that is reversed so late is refunded at once"},
	{From: TrancheClosed, Act: relief.ActPaymentClose, To: TrancheClosed, Why: "a batch of which every line was paid may be closed later"},
	{From: TrancheClosed, Act: relief.ActOverpaymentConfirmRecovery, To: TrancheClosed, Why: "came back so late, with no tranche above: it is refunded at once"},
}
