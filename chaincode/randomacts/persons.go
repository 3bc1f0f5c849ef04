// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"encoding/json"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// onPerson has details sealed again, places a hold on those of a person, or proposes to erase them: those of anybody, or of somebody who has asked for
// help and has thought better of it.
func (a *Acts) onPerson() []act {
	if a.rand.IntN(3) == 0 {
		return a.reseal()
	}
	n := a.rand.IntN(people)
	if a.rand.IntN(4) == 0 {
		return []act{{auditPreparer, "person:Hold", object{"subject": ref(n).String(), "reason": "audit", "evidence_sha256": a.paper()}, nil}}
	}
	var acts []act
	if a.rand.IntN(3) > 0 {
		n += 3000
		id := a.next("w")
		acts = []act{a.apply(id, emergency, n, object{"amount": "100.00"}), {township, "case:Withdraw", object{"case": id}, nil}}
	}
	return append(acts, act{province, "person:ProposeErasure", object{
		"subject": ref(n).String(), "reason": "mistake", "evidence_sha256": a.paper(),
	}, nil})
}

// erase confirms the erasure of somebody's details, with the pages that they are on.
func (a *Acts) erase(agree object) act {
	tr := transient{wire.TransientPages: roll.AppendDetails(nil, nil)}
	held := a.ask(provinceChief, "roll:DetailPages", object{"subject": agree["subject"]})
	b, err := json.Marshal(held)
	var pages struct {
		Pages [][]byte `json:"pages"`
	}
	if err == nil && json.Unmarshal(b, &pages) == nil {
		tr[wire.TransientPages] = roll.AppendDetails(nil, pages.Pages)
	}
	return act{provinceChief, "person:ConfirmErasure", agree, tr}
}

// laterOnPerson notes what is to be decided of references and details of people.
func (a *Acts) laterOnPerson(c *act, answer object) {
	switch c.function {
	case "person:ProposeLink":
		by := a.approverOf(relief.Region(fmt.Sprint(answer["region"])))
		a.waitFor("person:ConfirmLink", object{"subject": answer["earlier"], "sha256": answer["sha256"]}, by, civilApprover,
			act{c.by, "person:WithdrawLink", object{"subject": answer["earlier"]}, nil})
	case "person:ProposeErasure":
		of := object{"subject": answer["subject"], "sha256": answer["sha256"]}
		a.wait(a.erase(with(of, object{"agree": true})),
			act{provinceChief, "person:ConfirmErasure", with(of, object{"agree": false, "reason": "不符"}), nil},
			act{c.by, "person:WithdrawErasure", object{"subject": answer["subject"]}, nil})
	case "person:ProposeReseal":
		a.laterOnReseal(c, answer)
	case "person:Hold":
		a.wait(act{auditApprover, "person:LiftHold", object{"id": answer["id"]}, nil})
	}
}
