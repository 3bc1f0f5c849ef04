// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
)

// onClaim has a household of the other county claim somebody whom the first county knows, answers such a claim, or brings the
// household's case a step further.
func (a *Acts) onClaim() []act {
	var c casework.Case
	if a.rand.IntN(4) == 0 || !a.read(relief.CaseKey(relief.CaseID(a.recent("x"))), &c) || !c.Live() {
		return a.claim()
	}
	for i := range c.Overlaps {
		o := &c.Overlaps[i]
		if o.County == otherCounty || a.rand.IntN(3) == 0 {
			continue
		}
		answer := object{"case": c.ID, "subject": o.Subject.String(), "county": o.County}
		if a.rand.IntN(3) == 0 {
			return []act{{a.of(secondPreparer, civilApprover, provinceChief), "case:ContestClaim", answer, nil}}
		}
		return []act{{a.of(civilApprover, civilChief, provinceChief), "case:ConfirmClaim", answer, nil}}
	}
	return a.onThisCase(&c)
}

// claim is the application of a household of the other county, of which one member is known in the first.
func (a *Acts) claim() []act {
	programme := rolls[a.rand.IntN(len(rolls))]
	known := a.rand.IntN(people)
	if e, ok := a.someEntry(relief.ProgrammeID(programme)); ok && a.rand.IntN(4) > 0 {
		n, _ := a.numberOf(e.Subject)
		known = n % 1000
	}
	n := a.rand.IntN(people)
	return []act{a.apply(a.next("x"), rolls[a.rand.IntN(len(rolls))], n, object{
		"region": otherTown + "001", "members": []string{ref(n).String(), ref(known + 1000).String()},
	})}
}
