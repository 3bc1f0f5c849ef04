package reversal

import "relieftrail/chaincode/relief"

// State is the state of a reversal.
type State string

// The states of a reversal.
const (
	New       State = "new" // nobody has proposed it
	Proposed  State = "proposed"
	Confirmed State = "confirmed"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
)

// States are all states of a reversal.
var States = []State{New, Proposed, Confirmed, Refused, Withdrawn}

// A confirmation has a row for each outcome.
const (
	actAgreed  relief.Act = "reversal.confirm (agreed)"
	actRefused relief.Act = "reversal.confirm (refused)"
)

// Transitions is the life cycle of a reversal: nobody alone changes an answer of the bank that is recorded.
var Transitions = []relief.Transition[State]{
	{From: New, Act: relief.ActReversalPropose, To: Proposed, Why: "one official of finance names the payments and the statement's entries; nothing changes yet"},
	{From: Proposed, Act: actAgreed, To: Confirmed, Why: "another official of finance has seen the entries: the payments, the batch and its tranches change"},
	{From: Proposed, Act: actRefused, To: Refused, Why: "an entry is something else, or another payment's"},
	{From: Proposed, Act: relief.ActReversalWithdraw, To: Withdrawn, Why: "the agency that proposed it no longer wants it"},
	{From: Refused, Act: relief.ActReversalPropose, To: Proposed, Why: "the same is proposed again"},
	{From: Withdrawn, Act: relief.ActReversalPropose, To: Proposed, Why: "likewise"},
}
