package randomacts

import "relieftrail/chaincode/relief"

// onFunds issues a tranche, or changes the money of one.
func (a *Acts) onFunds() []act {
	id := a.one(a.ids(relief.KindTranche))
	of := func(more object) object {
		more["id"] = id
		return more
	}
	propose := func(function string, more object) []act {
		more["amount"], more["reason"] = "1.00", "余"
		return []act{{financePreparer, function, of(more), nil}}
	}
	switch a.rand.IntN(7) {
	case 0:
		return []act{a.issue(a.next("t"))}
	case 1:
		return []act{{financeApprover, "fund:Allocate", object{
			"parent": id, "id": a.next("t"), "region": County + "001", "amount": "900.00", "account": "5301000000000001",
			"targets": object{"coverage": "98.00", "timeliness": "98.00", "accuracy": "98.00", "satisfaction": "98.00"},
		}, nil}}
	case 2:
		return propose("fund:TopUp", object{"document": "1"})
	case 3:
		return propose("fund:TakeBack", object{})
	case 4:
		return propose("fund:CarryOver", object{"to": a.one(a.ids(relief.KindTranche))})
	case 5:
		return propose("fund:Refund", object{})
	}
	t := a.object(relief.TrancheKey(relief.TrancheID(id)))
	list, _ := t["adjustments"].([]any)
	if len(list) == 0 {
		return []act{{financeApprover, "fund:Close", of(object{}), nil}}
	}
	last, _ := list[len(list)-1].(map[string]any)
	return []act{{financeApprover, "fund:Confirm", of(object{"adjustment": last["number"], "sha256": last["sha256"], "agree": true}), nil}}
}
