package draw

import "relieftrail/chaincode/relief"

// State is the state of a draw.
type State string

// The states.
const (
	Planned   State = "planned"   // the agencies commit to their nonces
	Committed State = "committed" // all of them have
	Framed    State = "framed"    // what is drawn from is fixed; the agencies reveal their nonces
	Sealed    State = "sealed"    // one agency alone knows what is drawn: its nonce is told at the end
	Seeded    State = "seeded"    // what is drawn follows from the frame and the seed
	Drawn     State = "drawn"
	Finished  State = "finished" // each unit was visited, or a reserve for it
	Void      State = "void"     // it was never opened
)

// States are all of them.
var States = []State{Planned, Committed, Framed, Sealed, Seeded, Drawn, Finished, Void}

// What the last agency does, and what becomes of sealed draws.
const (
	actCommitLast    = relief.ActOversightCommit + " (last)"
	actRevealLast    = relief.ActOversightReveal + " (last)"
	actRevealSealed  = relief.ActOversightReveal + " (last but the one that seals)"
	actDefaultSealed = relief.ActOversightDefault + " (sealed)"
	actOpen          = relief.ActOversightReveal + " (opens)"
	actNeverOpened   = relief.ActOversightDefault + " (never opened)"
)

// Transitions is the life cycle of a draw.
var Transitions = []relief.Transition[State]{
	{From: Planned, Act: relief.ActOversightCommit, To: Planned, Why: "an agency's hash of its nonce, before the frame is known"},
	{From: Planned, Act: actCommitLast, To: Committed, Why: "all agencies have committed"},
	{From: Planned, Act: relief.ActOversightFrame, To: Framed, Why: "the time has come; an agency that has not committed is named and counts no more, two must have"},
	{From: Committed, Act: relief.ActOversightFrame, To: Framed, Why: "the time has come: the rows of the closed months are fixed"},
	{From: Framed, Act: relief.ActOversightReveal, To: Framed, Why: "a nonce that fits its commitment"},
	{From: Framed, Act: actRevealLast, To: Seeded, Why: "all nonces are known: so is the seed"},
	{From: Framed, Act: relief.ActOversightDefault, To: Seeded, Why: "the time to reveal is over: whoever withheld a nonce is named, and the seed goes without it"},
	{From: Framed, Act: actRevealSealed, To: Sealed, Why: "all nonces are known but the one that seals the draw"},
	{From: Framed, Act: actDefaultSealed, To: Sealed, Why: "the time to reveal is over: whoever withheld a nonce is named"},
	{From: Sealed, Act: actOpen, To: Seeded, Why: "the nonce that sealed the draw fits its commitment, so the draw is the one that was fixed with it"},
	{From: Sealed, Act: actNeverOpened, To: Void, Why: "the time to open is over: the agency that sealed is named, and nothing is drawn"},
	{From: Seeded, Act: relief.ActOversightDraw, To: Drawn, Why: "the contracts draw units, reserves and inspectors"},
	{From: Drawn, Act: relief.ActOversightFinish, To: Finished, Why: "each unit has a confirmed visit, and each that was not met a reserve as long as there are any"},
}

// VisitState is the state of a visit.
type VisitState string

// The states.
const (
	VisitNone      VisitState = "new"
	VisitRecorded  VisitState = "recorded" // by one of the two visitors
	VisitReturned  VisitState = "returned" // the other one does not agree
	VisitConfirmed VisitState = "confirmed"
)

// VisitStates are all of them that a record has.
var VisitStates = []VisitState{VisitRecorded, VisitReturned, VisitConfirmed}

const (
	actCorrectVisit = relief.ActOversightVisit + " (corrected)"
	actReturnVisit  = relief.ActOversightConfirmVisit + " (does not agree)"
)

// VisitTransitions is the life cycle of a visit.
var VisitTransitions = []relief.Transition[VisitState]{
	{From: VisitNone, Act: relief.ActOversightVisit, To: VisitRecorded, Why: "what was found at a unit that was drawn, by one of two visitors"},
	{From: VisitReturned, Act: relief.ActOversightVisit, To: VisitRecorded, Why: "recorded again, as both saw it"},
	{From: VisitRecorded, Act: actCorrectVisit, To: VisitRecorded, Why: "by whoever recorded it, before it is confirmed"},
	{From: VisitRecorded, Act: relief.ActOversightConfirmVisit, To: VisitConfirmed, Why: "the other visitor saw the same"},
	{From: VisitRecorded, Act: actReturnVisit, To: VisitReturned, Why: "the other visitor saw something else"},
}
