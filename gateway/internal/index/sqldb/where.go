package sqldb

import (
	"strconv"
	"strings"
)

// Where collects the conditions of a query and the arguments that they compare with. Values never become part of the
// query's text.
type Where struct {
	Args       []any
	conditions []string
}

// Arg adds an argument and returns its placeholder. Placeholders are numbered, so the order of the calls decides which
// value is which, not their order in the query.
func (w *Where) Arg(v any) string {
	w.Args = append(w.Args, v)
	return "$" + strconv.Itoa(len(w.Args))
}

// Add adds a condition in which each ? stands for the next value.
func (w *Where) Add(condition string, values ...any) {
	for _, v := range values {
		condition = strings.Replace(condition, "?", w.Arg(v), 1)
	}
	w.conditions = append(w.conditions, condition)
}

// AddIn adds the condition that an expression is one of the values. Without values no row fulfils it.
func (w *Where) AddIn(expression string, values ...any) {
	if len(values) == 0 {
		w.Add("1 = 0")
		return
	}
	w.Add(expression+" IN (?"+strings.Repeat(", ?", len(values)-1)+")", values...)
}

// Empty reports whether there is no condition.
func (w *Where) Empty() bool { return len(w.conditions) == 0 }

// String joins the conditions with AND; without any it is always true.
func (w *Where) String() string {
	if w.Empty() {
		return "1 = 1"
	}
	return strings.Join(w.conditions, " AND ")
}
