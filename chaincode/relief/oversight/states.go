package oversight

import "relieftrail/chaincode/relief"

// MonthState is the state of a month.
type MonthState string

// MonthClosed is the only state of a month on the ledger: what is not closed has no record.
const MonthClosed MonthState = "closed"

// MonthTransitions is the life cycle of a month.
var MonthTransitions = []relief.Transition[MonthState]{
	{From: MonthClosed, Act: relief.ActOversightCloseMonth, To: MonthClosed, Why: "an answer, a return or a change of the roll came later: another version; an unchanged one is refused"},
}
