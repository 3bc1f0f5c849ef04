package screenrule

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// ID names a rule, such as S01.
type ID string

// Severity says how soon an alert is answered.
type Severity string

// The severities.
const (
	A Severity = "A" // money goes where it must not
	B Severity = "B" // somebody waits, or a step was left out
	C Severity = "C" // a pattern, which may be chance
)

// severities are those that a threshold names by its number, from 1.
var severities = []Severity{A, B, C}

// answerDays are the working days in which an alert is answered, unless the agencies set others.
var answerDays = map[Severity]int64{A: 3, B: 10, C: 20}

// MaxAnswerDays bounds the working days.
const MaxAnswerDays = 20

// Answerer says who answers for a step: officials of a role at the agencies of a kind, never whoever did the step.
type Answerer struct {
	Kind string `json:"agency_kind"` // as the registry has it
	Role string `json:"role"`
}

// Those who answer.
var (
	Civil   = Answerer{"civil_affairs", "approver"}
	Finance = Answerer{"finance", "approver"}
	Audit   = Answerer{"audit", "auditor"}
)

// Limit is a number of a rule that the agencies may set, within bounds.
type Limit struct {
	Name                 string
	Default, Least, Most int64
	Unit                 string
}

// Rule is a row of the catalogue.
type Rule struct {
	ID       ID
	Version  int // of the formula and its limits: another one where either changes
	Zh, En   string
	Asks     string // the formula in words
	Source   string
	Step     relief.Act // at fault
	Answers  Answerer
	Severity Severity
	Limits   []Limit
	// Folds says that alerts of the rule on more than a share of what it looked at become one of the region.
	Folds bool
	// Private says that the rule holds people's accounts against each other: it is off until the day of an impact assessment
	// (PIPL art. 55) is on record.
	Private bool
	// Missing says which data the rule waits for; "" for one that is carried out.
	Missing string
}

// FoldFrom is the number of alerts of a rule in a county from which on they are folded.
const FoldFrom = 20

// defaultShare is the share, in hundredths of a percent of what a rule looked at, above which its alerts are folded.
const defaultShare = 200

// Find is the rule with an id; nil for none.
func Find(id ID) *Rule {
	i := slices.IndexFunc(Catalogue, func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &Catalogue[i]
}
