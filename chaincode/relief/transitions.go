package relief

import (
	"fmt"
	"slices"
	"strings"
)

// Transition is one row of a life cycle.
type Transition[S ~string] struct {
	From S
	Act  Act
	To   S
	Why  string
}

// Next is the state that an act leads to; WRONG_STATE names what would be allowed.
func Next[S ~string](table []Transition[S], from S, act Act) (S, error) {
	var allowed []string
	for _, t := range table {
		if t.From != from {
			continue
		}
		if t.Act == act {
			return t.To, nil
		}
		allowed = append(allowed, string(t.Act))
	}
	if len(allowed) == 0 {
		return "", Errorf(CodeWrongState, "%s is not possible: the state %s is final", act, from)
	}
	return "", Errorf(CodeWrongState, "%s is not possible in the state %s; possible: %s", act, from, strings.Join(allowed, ", "))
}

// VersionState is where a programme's version stands.
type VersionState string

// The states of a programme's version.
const (
	VersionDrafted    VersionState = "drafted"
	VersionInForce    VersionState = "in_force"
	VersionSuperseded VersionState = "superseded"
	VersionEnded      VersionState = "ended"
)

const actSupersede Act = "programme.enact (a later version)"

// VersionTransitions is the life cycle of a programme's version.
var VersionTransitions = []Transition[VersionState]{
	{VersionDrafted, ActProgrammeEnact, VersionInForce, "finance co-signs what civil affairs drafted (R4)"},
	{VersionInForce, actSupersede, VersionSuperseded, "a change is a new version; records keep the one they were made under"},
	{VersionInForce, ActProgrammeEnd, VersionEnded, "no new batches; open ones are finished"},
}

// TrancheState is where a tranche stands.
type TrancheState string

// The states of a tranche.
const (
	TrancheIssued TrancheState = "issued"
	TrancheClosed TrancheState = "closed"
)

// TrancheTransitions is the life cycle of a tranche (R33).
var TrancheTransitions = []Transition[TrancheState]{
	{TrancheIssued, ActFundAllocate, TrancheIssued, "part of it goes to a region below"},
	{TrancheIssued, ActFundRefund, TrancheIssued, "unused money goes back where it came from"},
	{TrancheIssued, ActPaymentSeal, TrancheIssued, "a batch reserves its sum, once"},
	{TrancheIssued, ActPaymentTally, TrancheIssued, "reserved becomes paid or in return"},
	{TrancheIssued, ActPaymentCancel, TrancheIssued, "the reservation is free"},
	{TrancheIssued, ActPaymentClose, TrancheIssued, "what was returned is available again"},
	{TrancheIssued, ActFundClose, TrancheClosed, "what is available is refunded; nothing may be reserved or in return"},
	{TrancheClosed, ActPaymentTally, TrancheClosed, "a return after the credit that comes so late is refunded at once"},
	{TrancheClosed, ActPaymentClose, TrancheClosed, "a batch of which every line was paid may be closed later"},
}

// RollState is where a person stands on a roll.
type RollState string

// The states of a roll entry.
const (
	RollInForce RollState = "in_force"
	RollExited  RollState = "exited"
)

// RollTransitions is the life cycle of a roll entry (R12, R13).
var RollTransitions = []Transition[RollState]{
	{RollInForce, ActCaseExit, RollExited, "those no longer eligible leave in time (R12)"},
	{RollInForce, ActCaseConfirm, RollInForce, "other terms from a period on; the earlier ones are kept"},
	{RollInForce, ActCaseSuspend, RollInForce, "nothing is paid from a period on"},
	{RollInForce, ActCaseResume, RollInForce, "paid again from a period on"},
	{RollExited, ActCaseDecide, RollInForce, "who left and is granted anew has their old number"},
	{RollExited, ActCaseDecideAppeal, RollInForce, "the exit never was"},
	{RollExited, ActCaseImport, RollInForce, "those newly in need are taken in (R13), from a later period on"},
}

// BatchState is where a batch stands.
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
var BatchTransitions = []Transition[BatchState]{
	{BatchOpen, ActPaymentAdd, BatchOpen, "lines come in chunks"},
	{BatchOpen, ActPaymentSeal, BatchSealed, "count and sum equal the control totals; the sum is reserved"},
	{BatchSealed, ActPaymentApprove, BatchApproved, "a second person of civil affairs, never the preparer"},
	{BatchApproved, ActPaymentAuthorise, BatchAuthorised, "finance's own approval (R4)"},
	{BatchAuthorised, ActPaymentInstruct, BatchInstructed, "the bank is told to pay (R23)"},
	{BatchInstructed, ActPaymentSettle, BatchInstructed, "the bank's answers, line by line (R25)"},
	{BatchInstructed, ActPaymentTally, BatchInstructed, "the answers are folded into the tranche"},
	{BatchInstructed, ActPaymentClose, BatchClosed, "every line has an answer; what was returned is available again"},
	{BatchOpen, ActPaymentCancel, BatchCancelled, "before the bank is told"},
	{BatchSealed, ActPaymentCancel, BatchCancelled, "before the bank is told; the reservation is free"},
	{BatchApproved, ActPaymentCancel, BatchCancelled, "before the bank is told; the reservation is free"},
	{BatchAuthorised, ActPaymentCancel, BatchCancelled, "before the bank is told; the reservation is free"},
	{BatchClosed, ActPaymentSettle, BatchClosed, "a return after the credit may come late"},
	{BatchClosed, ActPaymentTally, BatchClosed, "so that a late return reaches the tranche"},
}

// LineState is what a slot says of its payment.
type LineState string

// The states of a slot.
const (
	LineFree     LineState = "free"
	LineListed   LineState = "listed"
	LineCredited LineState = "credited"
	LineSentBack LineState = "returned"
	LineReversed LineState = "reversed"
)

const (
	actCredited Act = "payment.settle (credited)"
	actReturned Act = "payment.settle (returned)"
	actAgain    Act = "payment.add (pay again)"
)

// LineTransitions is the life cycle of one payment's slot: "paid" is never a yes or no.
var LineTransitions = []Transition[LineState]{
	{LineFree, ActPaymentAdd, LineListed, "nobody is paid twice: only a free slot takes a payment"},
	{LineListed, actCredited, LineCredited, "on the person's own account (R24)"},
	{LineListed, actReturned, LineSentBack, "the bank sent it back (退票)"},
	{LineCredited, actReturned, LineReversed, "sent back after it was credited: a state of its own"},
	{LineSentBack, actAgain, LineListed, "paid again, attempt + 1"},
	{LineReversed, actAgain, LineListed, "paid again, attempt + 1"},
}

// TransitionsMarkdown prints the life cycles for docs/transitions.md: tables, and pictures in Mermaid.
func TransitionsMarkdown() string {
	var b strings.Builder
	b.WriteString("# Life cycles\n\nPrinted from `chaincode/relief/transitions.go`; a test keeps this page true.\n")
	writeTransitions(&b, "A programme's version", VersionTransitions)
	writeTransitions(&b, "A tranche", TrancheTransitions)
	writeTransitions(&b, "A case", CaseTransitions)
	writeTransitions(&b, "A newly found need", NeedTransitions)
	writeTransitions(&b, "A roll entry", RollTransitions)
	writeTransitions(&b, "A batch", BatchTransitions)
	writeTransitions(&b, "A payment's slot", LineTransitions)
	return b.String()
}

func writeTransitions[S ~string](b *strings.Builder, title string, table []Transition[S]) {
	fmt.Fprintf(b, "\n## %s\n\n| from | act | to | why |\n|---|---|---|---|\n", title)
	for _, t := range table {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", t.From, t.Act, t.To, t.Why)
	}
	b.WriteString("\n```mermaid\nstateDiagram-v2\n")
	var drawn []string
	for _, t := range table {
		line := fmt.Sprintf("    %s --> %s: %s\n", t.From, t.To, t.Act)
		if !slices.Contains(drawn, line) {
			drawn = append(drawn, line)
			b.WriteString(line)
		}
	}
	b.WriteString("```\n")
}
