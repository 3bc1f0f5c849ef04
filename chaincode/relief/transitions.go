package relief

import (
	"strings"
)

// Transition is one row of a life cycle.
type Transition[S ~string] struct {
	From S
	Act  Act
	To   S
	Why  string
}

// Next is the state to which an act leads. The error WRONG_STATE names the acts that are possible instead.
func Next[S ~string](table []Transition[S], from S, act Act) (S, error) {
	var allowed []string
	for _, t := range table {
		if t.From != from {
			continue
		}
		if t.Act == act {
			return t.To, nil
		}
		allowed = append(allowed, string(t.Act))
	}
	if len(allowed) == 0 {
		return "", Errorf(CodeWrongState, "%s is not possible: the state %s is final", act, from)
	}
	return "", Errorf(CodeWrongState, "%s is not possible in the state %s; possible: %s", act, from, strings.Join(allowed, ", "))
}
