package reseal

import "relieftrail/chaincode/relief"

// State is the state of a resealing.
type State string

// The states of a resealing.
const (
	New      State = "new" // nobody has proposed it
	Proposed State = "proposed"
	Resealed State = "resealed"
	Refused  State = "refused"
)

// States are all states of a resealing.
var States = []State{New, Proposed, Resealed, Refused}

// A confirmation has a row for each outcome.
const (
	actAgreed  relief.Act = "person.confirm_reseal (agreed)"
	actRefused relief.Act = "person.confirm_reseal (refused)"
)

// Transitions is the life cycle of a resealing: nobody alone puts other bytes in the place of sealed documents.
var Transitions = []relief.Transition[State]{
	{From: New, Act: relief.ActPersonProposeReseal, To: Proposed, Why: "one official's gateway has sealed the documents with the key in use; nothing changes yet"},
	{From: Proposed, Act: actAgreed, To: Resealed, Why: "another official's gateway has sealed them itself and has the same: they take the place of the earlier ones"},
	{From: Proposed, Act: actRefused, To: Refused, Why: "another official does not agree, with a reason"},
	{From: Refused, Act: relief.ActPersonProposeReseal, To: Proposed, Why: "the same is proposed again"},
}
