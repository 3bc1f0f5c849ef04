package draw

import "relieftrail/chaincode/relief"

// State is the state of a draw.
type State string

// The states.
const (
	Planned   State = "planned"   // the agencies commit to their nonces
	Committed State = "committed" // all of them have
	Framed    State = "framed"    // what is drawn from is fixed; the agencies reveal their nonces
	Seeded    State = "seeded"    // what is drawn follows from the frame and the seed
	Drawn     State = "drawn"
)

// States are all of them.
var States = []State{Planned, Committed, Framed, Seeded, Drawn}

// What the last agency does.
const (
	actCommitLast = relief.ActOversightCommit + " (last)"
	actRevealLast = relief.ActOversightReveal + " (last)"
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
	{From: Seeded, Act: relief.ActOversightDraw, To: Drawn, Why: "the contracts draw units, reserves and inspectors"},
}
