// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// issue gives a programme money of the year.
func (a *Acts) issue(id string) act {
	full := object{"coverage": "98.00", "timeliness": "98.00", "accuracy": "98.00", "satisfaction": "98.00", "others": object{"unspent": "5.00"}}
	region := []relief.Region{County, "53", "53", otherCounty, secondTown}[a.rand.IntN(5)]
	return act{financeApprover, "fund:Issue", object{
		"id": a.next("t-" + id + "-"), "programme": id, "region": region, "amount": relief.Fen(50_000_00 + a.rand.IntN(200_000_00)),
		"source": "省财政", "account": "5301000000000001", "fiscal_year": a.now.Year() + a.rand.IntN(8)/7, "targets": full,
	}, nil}
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
	switch a.rand.IntN(14) {
	case 13:
		return a.signYearEnd()
	case 0, 12:
		return []act{a.empty(id)}
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

// empty closes a tranche that has nothing any more, or has one lose what it has.
func (a *Acts) empty(programme string) act {
	var left fund.Tranche
	for _, id := range a.made["t-"+programme+"-"] {
		var t fund.Tranche
		a.read(relief.TrancheKey(relief.TrancheID(id)), &t)
		b := &t.Balances
		switch {
		case t.State != fund.TrancheIssued:
		case b.Available+b.Reserved+b.InReturn == 0:
			return act{financeApprover, "fund:Close", object{"id": t.ID}, nil}
		case b.Reserved+b.InReturn == 0:
			left = t
		}
	}
	in := object{"id": left.ID, "amount": left.Balances.Available, "reason": "余"}
	if left.Parent != "" {
		return act{financePreparer, "fund:TakeBack", in, nil}
	}
	return act{financePreparer, "fund:Refund", in, nil}
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
		in["to"] = a.nextYears(t)
		return act{financePreparer, "fund:CarryOver", in, nil}
	}
	return act{financePreparer, "fund:Refund", in, nil}
}

// nextYears is a tranche of the next year that a tranche may be carried over to, now and then another one.
func (a *Acts) nextYears(t *fund.Tranche) string {
	if len(t.Pool()) > 0 && a.rand.IntN(8) > 0 {
		for _, id := range a.made["t-"+string(t.Pool()[0])+"-"] {
			var next fund.Tranche
			if a.read(relief.TrancheKey(relief.TrancheID(id)), &next) && next.FiscalYear == t.FiscalYear+1 && next.Region.Covers(t.Region) {
				return id
			}
		}
	}
	return a.recent("t-" + all[a.rand.IntN(len(all))] + "-")
}

// laterOnMoney notes what is to be decided of tranches and batches.
func (a *Acts) laterOnMoney(c *act, answer object) {
	switch c.function {
	case "fund:TopUp", "fund:TakeBack", "fund:CarryOver", "fund:Refund":
		of := adjustmentOf(answer)
		a.waitFor("fund:Confirm", of, financeApprover, financeApprover,
			act{c.by, "fund:Withdraw", object{"id": of["id"], "adjustment": of["adjustment"]}, nil})
	case "payment:TakeBack":
		a.wait(act{financeApprover, "payment:ConfirmTakeBack", object{"id": answer["id"]}, nil})
	}
}

// signYearEnd has the three agencies sign a county's year as it is.
func (a *Acts) signYearEnd() []act {
	id := relief.NewYearEndID(a.now.Year()-a.rand.IntN(2), []relief.Region{County, County, otherCounty}[a.rand.IntN(3)])
	list := a.ask(auditReader, "fund:YearEnd", object{"id": id})
	if list == nil {
		return nil
	}
	sign := object{"id": id, "sha256": list["sha256"]}
	civil := a.approverOf(id.County())
	return []act{{civil, "fund:SignYearEnd", sign, nil}, {financeApprover, "fund:SignYearEnd", sign, nil}, {auditApprover, "fund:SignYearEnd", sign, nil}}
}
