package programme

import "relieftrail/chaincode/relief"

// VersionState is the state of a programme's version.
type VersionState string

// The states of a programme's version.
const (
	VersionDrafted    VersionState = "drafted"
	VersionInForce    VersionState = "in_force"
	VersionSuperseded VersionState = "superseded"
	VersionEnded      VersionState = "ended"
)

// Acts whose outcome decides the next state.
const (
	actSupersede  relief.Act = "programme.enact (a later version)"
	actProposeEnd relief.Act = "programme.end (proposed)"
)

// Transitions is the life cycle of a programme's version.
var Transitions = []relief.Transition[VersionState]{
	{From: VersionDrafted, Act: relief.ActProgrammeEnact, To: VersionInForce, Why: "finance co-signs what civil affairs drafted (R4)"},
	{From: VersionInForce, Act: actSupersede, To: VersionSuperseded, Why: "a change is a new version; records keep the version under which they were made"},
	{From: VersionInForce, Act: actProposeEnd, To: VersionInForce, Why: "one official proposes the end; a version that is drafted or enacted afterwards takes the proposal away"},
	{From: VersionInForce, Act: relief.ActProgrammeEnd, To: VersionEnded, Why: "another official agrees: no new batches; open ones are finished"},
}
