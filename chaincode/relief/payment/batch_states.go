package payment

import "relieftrail/chaincode/relief"

// BatchState is the state of a batch.
type BatchState string

// The states of a batch.
const (
	BatchOpen       BatchState = "open"
	BatchSealed     BatchState = "sealed"
	BatchApproved   BatchState = "approved"
	BatchAuthorised BatchState = "authorised"
	BatchInstructed BatchState = "instructed"
	BatchClosed     BatchState = "closed"
	BatchCancelled  BatchState = "cancelled"
)

// BatchTransitions is the life cycle of a batch of payments (R21–R25).
var BatchTransitions = []relief.Transition[BatchState]{
	{From: BatchOpen, Act: relief.ActPaymentAdd, To: BatchOpen, Why: "lines come in chunks"},
	{From: BatchOpen, Act: relief.ActPaymentRemove, To: BatchOpen, Why: "the preparer takes lines out; their slots are free"},
	{From: BatchOpen, Act: relief.ActPaymentSetControl, To: BatchOpen, Why: "the preparer corrects the control totals"},
	{From: BatchOpen, Act: relief.ActPaymentHandOver, To: BatchOpen, Why: "another official prepares it from now on; everybody who ever did never approves it"},
	{From: BatchOpen, Act: relief.ActPaymentSeal, To: BatchSealed, Why: "count and sum equal the control totals; the sum is reserved"},
	{From: BatchSealed, Act: relief.ActPaymentApprove, To: BatchApproved, Why: "a second person of civil affairs, never the preparer"},
	{From: BatchSealed, Act: relief.ActPaymentSendBack, To: BatchOpen, Why: "civil affairs' approver found a mistake; the reservation is free"},
	{From: BatchApproved, Act: relief.ActPaymentSendBack, To: BatchOpen, Why: "finance's approver found a mistake; the approval no longer counts"},
	{From: BatchApproved, Act: relief.ActPaymentMakeFile, To: BatchApproved, Why: "the payment file is made before finance approves it; another takes its place"},
	{From: BatchApproved, Act: relief.ActPaymentAuthorise, To: BatchAuthorised, Why: "finance's own approval, of this file (R4)"},
	{From: BatchAuthorised, Act: relief.ActPaymentMakeFile, To: BatchApproved, Why: "another file needs another authorisation"},
	{From: BatchAuthorised, Act: relief.ActPaymentSendBack, To: BatchOpen, Why: "before the bank is told; neither approval nor payment file counts any more"},
	{From: BatchAuthorised, Act: relief.ActPaymentInstruct, To: BatchInstructed, Why: "the bank is told to pay by the file that was authorised (R23)"},
	{From: BatchInstructed, Act: relief.ActPaymentTakeBack, To: BatchInstructed, Why: "the bank rejected the file as a whole, or it is recalled: one of finance asks for it"},
	{From: BatchInstructed, Act: relief.ActPaymentConfirmTakeBack, To: BatchApproved, Why: "another of finance confirms; no payment has an answer; it goes out again with another file"},
	{From: BatchInstructed, Act: relief.ActPaymentSettle, To: BatchInstructed, Why: "the bank's answers, line by line (R25)"},
	{From: BatchInstructed, Act: relief.ActPaymentTally, To: BatchInstructed, Why: "the answers are folded into the tranche"},
	{From: BatchInstructed, Act: relief.ActReversalConfirm, To: BatchInstructed, Why: "two of finance change recorded answers, with the statement's entries; the tranche follows at once"},
	{From: BatchInstructed, Act: relief.ActPaymentClose, To: BatchClosed, Why: "every line has an answer; what was returned is available again"},
	{From: BatchOpen, Act: relief.ActPaymentCancel, To: BatchCancelled, Why: "before the bank is told"},
	{From: BatchSealed, Act: relief.ActPaymentCancel, To: BatchCancelled, Why: "before the bank is told; the reservation is free"},
	{From: BatchApproved, Act: relief.ActPaymentCancel, To: BatchCancelled, Why: "before the bank is told; the reservation is free"},
	{From: BatchAuthorised, Act: relief.ActPaymentCancel, To: BatchCancelled, Why: "before the bank is told; the reservation is free"},
	{From: BatchClosed, Act: relief.ActPaymentSettle, To: BatchClosed, Why: "answers that are recorded may be sent again; none is new"},
	{From: BatchClosed, Act: relief.ActPaymentTally, To: BatchClosed, Why: "likewise; it changes nothing"},
	{From: BatchClosed, Act: relief.ActReversalConfirm, To: BatchClosed, Why: "the bank takes a credit back late: the tranche has the money at once"},
}
