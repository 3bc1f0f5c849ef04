// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"maps"
	"slices"
)

// choose is what is done next: acts that the state of the records allows, more or less.
func (a *Acts) choose() []act {
	subjects := []struct {
		weight int
		acts   func() []act
	}{
		{3, a.imports},
		{7, a.onEntry},
		{11, a.decide},
		{6, a.onCase},
		{5, a.onGrant},
		{27, a.onBatch},
		{6, a.onOverpayment},
		{3, a.onFund},
		{3, a.onTaking},
		{2, a.onStatement},
		{2, a.onClaim},
		{2, a.inFile},
		{2, a.onProgramme},
		{1, a.onRegistry},
		{1, a.onAccount},
		{2, a.onMonth},
		{2, a.onDraw},
		{2, a.onPerson},
	}
	total := 0
	for _, s := range subjects {
		total += s.weight
	}
	n := a.rand.IntN(total)
	for _, s := range subjects {
		if n -= s.weight; n < 0 {
			return s.acts()
		}
	}
	return nil
}

// later notes what an act has left for another official to decide.
func (a *Acts) later(c *act, answer object) {
	a.laterOnRoll(c, answer)
	a.laterOnPerson(c, answer)
	a.laterOnMoney(c, answer)
	a.laterOnOverpayment(c, answer)
	a.laterOnRate(c, answer)
	a.laterOnStatement(c, answer)
	a.laterOnReversal(c, answer)
	a.laterOnMonth(c, answer)
	a.laterOnCase(c, answer)
}

// decision is something that another official is still to decide.
type decision struct {
	choices []act // to agree, to refuse, to withdraw
	tries   int
}

// wait notes something that another official is still to decide.
func (a *Acts) wait(choices ...act) { a.waits = append(a.waits, decision{choices: choices}) }

// waitFor notes that one official agrees with something, another refuses it, or it is withdrawn.
func (a *Acts) waitFor(function string, of object, agrees, refuses Official, withdraw ...act) {
	agree, refuse := object{"agree": true}, object{"agree": false, "reason": "不符"}
	a.wait(append([]act{{agrees, function, with(of, agree), nil}, {refuses, function, with(of, refuse), nil}}, withdraw...)...)
}

// with is an object with more fields.
func with(o, more object) object {
	out := maps.Clone(o)
	maps.Copy(out, more)
	return out
}

// decide has something decided that another official is to decide, most often agreed with.
func (a *Acts) decide() []act {
	if len(a.waits) == 0 {
		return nil
	}
	n := max(0, len(a.waits)-1-a.rand.IntN(8))
	d := &a.waits[n]
	c := d.choices[0]
	if i := a.rand.IntN(8); i < len(d.choices) && i > 0 {
		c = d.choices[i]
	}
	if d.tries++; d.tries > 3 || a.rand.IntN(3) > 0 {
		a.waits = slices.Delete(a.waits, n, n+1)
	}
	return []act{c}
}
