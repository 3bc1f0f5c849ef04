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

// PublicationState is the state of a published list.
type PublicationState string

// The states.
const (
	PublicationNone     PublicationState = ""         // nothing was proposed yet
	PublicationProposed PublicationState = "proposed" // to be shown for the first time
	PublicationShown    PublicationState = "shown"
	PublicationChanging PublicationState = "changing" // shown, and a correction or its end is proposed
	PublicationDown     PublicationState = "down"     // taken down, or never shown
)

// What a decision comes to.
const (
	actAgreed       = relief.ActOversightDecideList + " (agree)"
	actTakenDown    = relief.ActOversightDecideList + " (agree, take down)"
	actRefused      = relief.ActOversightDecideList + " (refuse)"
	actRefusedShown = relief.ActOversightDecideList + " (refuse, shown)"
)

// PublicationTransitions is the life cycle of a published list. That its days are over is no act: it is not shown any more.
var PublicationTransitions = []relief.Transition[PublicationState]{
	{From: PublicationNone, Act: relief.ActOversightProposeList, To: PublicationProposed, Why: "the month is closed"},
	{From: PublicationProposed, Act: relief.ActOversightProposeList, To: PublicationProposed, Why: "another version of the month in its place"},
	{From: PublicationProposed, Act: actAgreed, To: PublicationShown, Why: "another official has seen what is to be shown"},
	{From: PublicationProposed, Act: actRefused, To: PublicationDown, Why: "nothing is shown"},
	{From: PublicationShown, Act: relief.ActOversightProposeList, To: PublicationChanging, Why: "the month was closed again: a correction, the list of before is shown meanwhile"},
	{From: PublicationShown, Act: relief.ActOversightTakeDownList, To: PublicationChanging, Why: "a reason to take it down before its time"},
	{From: PublicationChanging, Act: relief.ActOversightProposeList, To: PublicationChanging, Why: "another change in its place"},
	{From: PublicationChanging, Act: relief.ActOversightTakeDownList, To: PublicationChanging, Why: "another change in its place"},
	{From: PublicationChanging, Act: actAgreed, To: PublicationShown, Why: "the correction is shown"},
	{From: PublicationChanging, Act: actTakenDown, To: PublicationDown, Why: "two officials take it down; what it adds up to stays public"},
	{From: PublicationChanging, Act: actRefusedShown, To: PublicationShown, Why: "the list of before stays"},
	{From: PublicationDown, Act: relief.ActOversightProposeList, To: PublicationProposed, Why: "it is published again"},
}
