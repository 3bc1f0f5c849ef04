package rules

import (
	"fmt"

	"relieftrail/chaincode/relief"
)

// Kind says which sort of rule is broken. docs/guides/auditor.md explains each.
type Kind string

// The kinds of problems.
const (
	BadRecord  Kind = "record"     // a value that cannot be read, or a change that its life cycle does not allow
	NoOfficial Kind = "official"   // an act by somebody who was not registered, was retired, or had a revoked certificate
	Money      Kind = "money"      // sums that do not add up
	PaidTwice  Kind = "paid-twice" // one person, one period, two payments
)

// Problem is a rule that a transaction broke.
type Problem struct {
	Kind   Kind
	Detail string
}

func (p Problem) String() string { return string(p.Kind) + ": " + p.Detail }

// KeyName names a key by its kind and attributes.
func KeyName(key string) string {
	if k, ok := relief.ParseKey(key); ok {
		return fmt.Sprintf("%s %q", k.Kind, k.Attrs)
	}
	return printable(key)
}

func printable(s string) string { return fmt.Sprintf("%.60q", s) }
