package payment

import "relieftrail/chaincode/relief"

// LineState is the state of a slot's payment.
type LineState string

// The states of a slot.
const (
	LineFree     LineState = "free"
	LineListed   LineState = "listed"
	LineCredited LineState = "credited"
	LineReturned LineState = "returned"
	LineReversed LineState = "reversed"
	LineGranted  LineState = "granted" // a grant that no batch holds
)

const (
	actCredited relief.Act = "payment.settle (credited)"
	actReturned relief.Act = "payment.settle (returned)"
	actAgain    relief.Act = "payment.add (pay again)"

	actNotAgain         relief.Act = "payment.remove (pay again)"
	actNotGranted       relief.Act = "payment.remove (grant)"
	actNotAgainReversed relief.Act = "payment.remove (pay again after a reversal)"
)

// LineTransitions is the life cycle of one payment's slot. "Paid" has more than two answers: a credit can still be
// reversed.
var LineTransitions = []relief.Transition[LineState]{
	{From: LineFree, Act: relief.ActPaymentAdd, To: LineListed, Why: "nobody is paid twice: only a free slot takes a payment"},
	{From: LineListed, Act: relief.ActPaymentRemove, To: LineFree, Why: "taken out of an open batch by its preparer"},
	{From: LineListed, Act: actNotAgain, To: LineReturned, Why: "likewise: the attempt before is in the slot again"},
	{From: LineListed, Act: actNotAgainReversed, To: LineReversed, Why: "likewise: the attempt before is in the slot again"},
	{From: LineListed, Act: actCredited, To: LineCredited, Why: "on the person's own account (R24)"},
	{From: LineListed, Act: actReturned, To: LineReturned, Why: "the bank sent it back (退票)"},
	{From: LineCredited, Act: actReturned, To: LineReversed, Why: "sent back after it was credited: a state of its own"},
	{From: LineReturned, Act: actAgain, To: LineListed, Why: "paid again, with the next free number"},
	{From: LineReversed, Act: actAgain, To: LineListed, Why: "paid again, with the next free number"},
	{From: LineGranted, Act: relief.ActPaymentAdd, To: LineListed, Why: "what a decision granted is listed"},
	{From: LineListed, Act: actNotGranted, To: LineGranted, Why: "taken out of an open batch: it is owed again"},
}
