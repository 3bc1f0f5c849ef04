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

	actTakenBack   relief.Act = "reversal.confirm (returned)"
	actWronglyBack relief.Act = "reversal.confirm (credited)"

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
	{From: LineListed, Act: actCredited, To: LineCredited, Why: "on the person's own account (R24): by one official, with the bank's file"},
	{From: LineListed, Act: actReturned, To: LineReturned, Why: "the bank sent it back (退票): by one official, with the bank's file"},
	{From: LineCredited, Act: actTakenBack, To: LineReversed, Why: "the bank took the credit back: by two, with the statement's entry"},
	{From: LineReturned, Act: actWronglyBack, To: LineCredited, Why: "the bank did pay, the mark was wrong: by two, with the statement's entry"},
	{From: LineReversed, Act: actWronglyBack, To: LineCredited, Why: "likewise: the bank withdrew the return"},
	{From: LineReturned, Act: actAgain, To: LineListed, Why: "paid again, with the next free number"},
	{From: LineReversed, Act: actAgain, To: LineListed, Why: "paid again, with the next free number"},
	{From: LineGranted, Act: relief.ActPaymentAdd, To: LineListed, Why: "what a decision granted is listed"},
	{From: LineListed, Act: actNotGranted, To: LineGranted, Why: "taken out of an open batch: it is owed again"},
}
