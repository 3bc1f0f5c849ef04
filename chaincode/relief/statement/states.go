package statement

import "relieftrail/chaincode/relief"

// Kind says what an entry is that is no payment.
type Kind string

// The kinds of entries.
const (
	Treasury Kind = "treasury" // the treasury's money in or back (国库拨款): the tranches have it by their own acts
	Interest Kind = "interest" // 利息
	Fee      Kind = "fee"      // 手续费
	Recovery Kind = "recovery" // what somebody was paid too much came back (追回)
	Payment  Kind = "payment"  // a payment that was recorded in another way than by this entry
	Mistake  Kind = "mistake"  // booked by mistake, or its correction (错账)
	Foreign  Kind = "foreign"  // money of others (他人款项)
)

// Kinds are all kinds of entries.
var Kinds = []Kind{Treasury, Interest, Fee, Recovery, Payment, Mistake, Foreign}

// State is the state of a statement.
type State string

// The states of a statement.
const (
	New       State = "new" // not on the ledger yet
	Recorded  State = "recorded"
	Confirmed State = "confirmed"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
)

// States are all states of a statement.
var States = []State{New, Recorded, Confirmed, Refused, Withdrawn}

// A confirmation has a row for each outcome.
const (
	actAgreed       relief.Act = "statement.confirm (agreed)"
	actRefused      relief.Act = "statement.confirm (refused)"
	actWithdrawn    relief.Act = "statement.confirm_withdrawal (agreed)"
	actNotWithdrawn relief.Act = "statement.confirm_withdrawal (refused)"
)

// Transitions is the life cycle of a statement: what is expected of an account changes by two officials.
var Transitions = []relief.Transition[State]{
	{From: New, Act: relief.ActStatementRecord, To: Recorded, Why: "its balances are held against the ledger's at once, its entries count once they are confirmed"},
	{From: Recorded, Act: relief.ActStatementRecord, To: Recorded, Why: "the entries are classified in another way"},
	{From: Confirmed, Act: relief.ActStatementRecord, To: Recorded, Why: "likewise; what was confirmed counts until the next confirmation"},
	{From: Refused, Act: relief.ActStatementRecord, To: Recorded, Why: "the entries are classified in another way"},
	{From: Withdrawn, Act: relief.ActStatementRecord, To: Recorded, Why: "the corrected statement takes its place"},
	{From: Recorded, Act: actAgreed, To: Confirmed, Why: "another official of finance has seen what each entry is: they count"},
	{From: Recorded, Act: actRefused, To: Refused, Why: "an entry is something else"},
	{From: Recorded, Act: relief.ActStatementWithdraw, To: Recorded, Why: "the statement is wrong: another official confirms it"},
	{From: Confirmed, Act: relief.ActStatementWithdraw, To: Confirmed, Why: "likewise"},
	{From: Refused, Act: relief.ActStatementWithdraw, To: Refused, Why: "likewise"},
	{From: Recorded, Act: actWithdrawn, To: Withdrawn, Why: "nothing of it counts; its place is free"},
	{From: Confirmed, Act: actWithdrawn, To: Withdrawn, Why: "likewise"},
	{From: Refused, Act: actWithdrawn, To: Withdrawn, Why: "likewise"},
	{From: Recorded, Act: actNotWithdrawn, To: Recorded, Why: "the statement is right"},
	{From: Confirmed, Act: actNotWithdrawn, To: Confirmed, Why: "likewise"},
	{From: Refused, Act: actNotWithdrawn, To: Refused, Why: "likewise"},
}
