package roll

import "relieftrail/chaincode/relief"

// State is the state of a roll entry.
type State string

// The states of a roll entry.
const (
	InForce State = "in_force"
	Exited  State = "exited"
)

// Transitions is the life cycle of a roll entry (R12, R13).
var Transitions = []relief.Transition[State]{
	{From: InForce, Act: ActConfirmExit, To: Exited, Why: "those no longer eligible leave in time (R12)"},
	{From: InForce, Act: relief.ActCaseConfirm, To: InForce, Why: "other terms from a period on; the earlier ones are kept"},
	{From: InForce, Act: ActConfirmSuspend, To: InForce, Why: "nothing is paid from a period on"},
	{From: InForce, Act: ActConfirmResume, To: InForce, Why: "paid again from a period on"},
	{From: InForce, Act: ActConfirmTerms, To: InForce, Why: "other terms from a month on, which may lie in the past; the earlier ones are kept"},
	{From: Exited, Act: ActConfirmTerms, To: Exited, Why: "what was granted before the household left was wrong"},
	{From: InForce, Act: ActConfirmResidence, To: InForce, Why: "the household lives in an urban or rural place from a month on: nothing that is owed changes"},
	{From: Exited, Act: ActConfirmResidence, To: Exited, Why: "what the roll said of the time before the household left was wrong"},
	{From: InForce, Act: ActConfirmHead, To: Exited, Why: "another member leads the household, under another number"},
	{From: InForce, Act: ActConfirmMove, To: Exited, Why: "a number's region never changes: the household goes on under another number"},
	{From: InForce, Act: ActConfirmMoveOut, To: Exited, Why: "the household moves to another county"},
	{From: Exited, Act: ActConfirmMoveIn, To: Exited, Why: "the other county has taken the household in, on its own roll"},
	{From: InForce, Act: relief.ActPersonConfirmLink, To: Exited, Why: "a corrected identity number: the person goes on under another number"},
	{From: InForce, Act: ActConfirmPayee, To: InForce, Why: "another account: for what is listed from now on, and for paying again"},
	{From: Exited, Act: ActConfirmPayee, To: Exited, Why: "a payment that came back is paid again to another account"},
	{From: Exited, Act: relief.ActCaseDecide, To: InForce, Why: "a person who left and is granted relief again keeps the old number"},
	{From: Exited, Act: relief.ActCaseDecideAppeal, To: InForce, Why: "the exit has no effect"},
	{From: InForce, Act: relief.ActRollImport, To: InForce, Why: "a confirmed import brings another card, or other terms from a period on"},
	{From: Exited, Act: relief.ActRollImport, To: InForce, Why: "a person in need again is imported from a later period on (R13)"},
}
