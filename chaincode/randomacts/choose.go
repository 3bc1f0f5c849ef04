// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// choose is what is done next: acts that the state of the records allows, more or less.
func (a *Acts) choose() []act {
	switch n := a.rand.IntN(70); {
	case n < 3:
		return a.imports()
	case n < 10:
		return a.onEntry()
	case n < 20:
		return a.decide()
	case n < 26:
		return a.onCase()
	case n < 31:
		return a.onGrant()
	case n < 58:
		return a.onBatch()
	case n < 64:
		return a.onOverpayment()
	case n < 66:
		return a.onFund()
	case n < 67:
		return a.onStandards()
	case n < 68:
		return a.onRegistry()
	case n < 69:
		return a.onAccount()
	}
	return a.onPerson()
}

// later notes what an act has left for another official to decide.
func (a *Acts) later(c *act, answer object) {
	wait := func(choices ...act) { a.waits = append(a.waits, decision{choices: choices}) }
	with := func(o object, more object) object {
		out := object{}
		for k, v := range o {
			out[k] = v
		}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	region := relief.Region(fmt.Sprint(answer["region"]))
	agree, refuse := object{"agree": true}, object{"agree": false, "reason": "不符"}
	switch c.function {
	case "roll:ReplaceHead", "roll:Move", "roll:MoveOut", "roll:MoveIn", "roll:ChangePayee", "roll:Exit", "roll:Suspend", "roll:Resume", "roll:SetTerms":
		of, by := object{"change": answer["id"], "sha256": answer["sha256"]}, a.approverOf(region)
		wait(act{by, "roll:ConfirmChange", with(of, agree), nil}, act{by, "roll:ConfirmChange", with(of, refuse), nil},
			act{c.by, "roll:WithdrawChange", object{"change": answer["id"]}, nil})
	case "roll:ConfirmChange":
		a.moveIn(answer)
	case "person:ProposeLink":
		of := object{"subject": answer["earlier"], "sha256": answer["sha256"]}
		wait(act{a.approverOf(region), "person:ConfirmLink", with(of, agree), nil}, act{civilApprover, "person:ConfirmLink", with(of, refuse), nil},
			act{c.by, "person:WithdrawLink", object{"subject": answer["earlier"]}, nil})
	case "roll:ProposeRerate":
		of := object{"id": answer["id"], "digest": answer["digest"]}
		wait(act{a.approverOf(c.by.Region), "roll:ConfirmRerate", with(of, agree), nil}, act{civilApprover, "roll:ConfirmRerate", with(of, refuse), nil},
			act{c.by, "roll:WithdrawRerate", object{"id": answer["id"]}, nil})
	case "overpayment:Recover", "overpayment:Deduct", "overpayment:WriteOff":
		a.laterMeasure(c, answer, wait, with)
	case "fund:TopUp", "fund:TakeBack", "fund:CarryOver", "fund:Refund":
		of := adjustmentOf(answer)
		wait(act{financeApprover, "fund:Confirm", with(of, agree), nil}, act{financeApprover, "fund:Confirm", with(of, refuse), nil})
	case "payment:TakeBack":
		wait(act{financeApprover, "payment:ConfirmTakeBack", object{"id": answer["id"]}, nil})
	case "person:ProposeErasure":
		of := object{"subject": answer["subject"], "sha256": answer["sha256"]}
		wait(a.erase(with(of, agree)), act{provinceChief, "person:ConfirmErasure", with(of, refuse), nil},
			act{c.by, "person:WithdrawErasure", object{"subject": answer["subject"]}, nil})
	case "roll:DeclareAccount":
		of := object{"id": answer["id"], "sha256": answer["sha256"]}
		wait(act{civilApprover, "roll:ConfirmAccount", with(of, agree), nil}, act{civilApprover, "roll:ConfirmAccount", with(of, refuse), nil})
	case "person:Hold":
		wait(act{auditApprover, "person:LiftHold", object{"id": answer["id"]}, nil})
	case "case:DecideTownship":
		wait(act{civilApprover, "case:ConfirmTownship", with(object{"case": answer["id"]}, agree), nil},
			act{civilChief, "case:ConfirmTownship", with(object{"case": answer["id"]}, refuse), nil})
	}
}

// adjustmentOf is what is confirmed of the last adjustment of a tranche.
func adjustmentOf(tranche object) object {
	list, _ := tranche["adjustments"].([]any)
	if len(list) == 0 {
		return object{"id": tranche["id"]}
	}
	last, _ := list[len(list)-1].(map[string]any)
	return object{"id": tranche["id"], "adjustment": last["number"], "sha256": last["sha256"]}
}

// onFund issues money, gives a part of it to a region below, or gives it back.
func (a *Acts) onFund() []act {
	id := all[a.rand.IntN(len(all))]
	var t fund.Tranche
	a.read(relief.TrancheKey(relief.TrancheID(a.recent("t-"+id+"-"))), &t)
	amount := relief.Fen(1 + a.rand.IntN(2000_00))
	switch a.rand.IntN(12) {
	case 0:
		if t.Balances.Available > 0 && a.rand.IntN(3) > 0 {
			return []act{a.adjust(&t, t.Balances.Available)} // to be closed later
		}
		return []act{{financeApprover, "fund:Close", object{"id": t.ID}, nil}}
	case 1, 2, 3:
		return []act{a.adjust(&t, amount)}
	case 4, 5, 6:
		region := []relief.Region{County, firstTown, secondTown, otherCounty}[a.rand.IntN(4)]
		return []act{{financeApprover, "fund:Allocate", object{
			"parent": t.ID, "id": a.next("t-" + id + "-"), "region": region, "amount": amount * 10, "account": "5301000000000001",
			"targets": object{"coverage": "98.00", "timeliness": "98.00", "accuracy": "98.00", "satisfaction": "98.00"},
		}, nil}}
	}
	return []act{a.issue(id)}
}

// adjust proposes to change what a tranche has.
func (a *Acts) adjust(t *fund.Tranche, amount relief.Fen) act {
	in := object{"id": t.ID, "amount": amount, "reason": "余"}
	switch a.rand.IntN(4) {
	case 0:
		in["document"] = "财社〔2026〕1号"
		return act{financePreparer, "fund:TopUp", in, nil}
	case 1:
		return act{financePreparer, "fund:TakeBack", in, nil}
	case 2:
		in["to"] = a.recent("t-" + all[a.rand.IntN(len(all))] + "-")
		return act{financePreparer, "fund:CarryOver", in, nil}
	}
	return act{financePreparer, "fund:Refund", in, nil}
}

// onRegistry has one agency propose a change and the others agree, or has an official begin or end.
func (a *Acts) onRegistry() []act {
	agencies := []Official{civilRegistrar, financeReg, auditRegistrar}
	n := a.rand.IntN(3)
	by := agencies[n]
	id := a.next("p")
	switch a.rand.IntN(4) {
	case 0:
		name := "clerk-" + id
		of := object{"agency": by.Agency, "name": name, "reason": "离岗"}
		return []act{
			{by, "official:Register", object{"agency": by.Agency, "name": name, "id": "no-" + id}, nil},
			{by, "official:Revoke", object{"agency": by.Agency, "name": name, "serials": []string{fmt.Sprintf("%x", 1000+a.rand.IntN(1000))}, "reason": "换证"}, nil},
			{by, "official:Retire", of, nil},
		}
	case 1:
		return []act{{by, "reading:Anchor", object{"day": a.day(0), "count": a.last, "head": digest(id)}, nil}}
	}
	change := []object{
		{"thresholds": object{"x": a.rand.IntN(100)}},
		{"calendar": object{"holidays": []string{"2027-01-01"}, "workdays": []string{}, "utc_offset": 480}},
	}[a.rand.IntN(2)]
	proposal := act{by, "registry:Propose", object{"id": id, "change": change}, nil}
	answer, done, err := a.submit(&proposal)
	if err != nil || !done {
		return nil
	}
	if a.rand.IntN(4) == 0 {
		return []act{{by, "registry:Withdraw", object{"id": id}, nil}}
	}
	agree := object{"id": id, "digest": answer["digest"]}
	return []act{{agencies[(n+1)%3], "registry:Agree", agree, nil}, {agencies[(n+2)%3], "registry:Agree", agree, nil}}
}

// onAccount declares a shared account or ends a declaration, or finds a need.
func (a *Acts) onAccount() []act {
	switch a.rand.IntN(4) {
	case 0:
		id := a.next("n")
		return []act{
			{civilPreparer, "need:Find", object{
				"id": id, "subject": ref(a.rand.IntN(people)).String(), "region": firstTown, "programme": monthly, "source": "civil-registry", "sha256": digest(id),
			}, nil},
			{township, "need:Dismiss", object{"need": id, "reason": "不符"}, nil},
		}
	case 1:
		return []act{{civilApprover, "roll:EndAccount", object{"id": a.recent("d"), "reason": "期满"}, nil}}
	}
	return []act{{civilPreparer, "roll:DeclareAccount", object{
		"id": a.next("d"), "kind": "guardian", "county": County, "account_tag": payee(a.rand.IntN(people)).Account, "evidence_sha256": a.paper(),
	}, nil}}
}

// onPerson places a hold on the details of a person, or proposes to erase them.
func (a *Acts) onPerson() []act {
	subject := ref(a.rand.IntN(people)).String()
	if a.rand.IntN(3) == 0 {
		return []act{{auditPreparer, "person:Hold", object{"subject": subject, "reason": "audit", "evidence_sha256": a.paper()}, nil}}
	}
	return []act{{province, "person:ProposeErasure", object{"subject": subject, "reason": "mistake", "evidence_sha256": a.paper()}, nil}}
}
