// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/programme"
)

// onOverpayment settles a part of what was paid too much, or takes a proposal of that back.
func (a *Acts) onOverpayment() []act {
	var o object
	var id string
	var outstanding relief.Fen
	for ids, tries := a.ids(relief.KindOverpayment), 0; tries < 3 && outstanding == 0; tries++ {
		id = a.one(ids)
		if o = a.ask(auditReader, "overpayment:Get", object{"id": id}); o == nil {
			return a.onBatch()
		}
		outstanding, _ = relief.ParseFen(fmt.Sprint(o["outstanding"]))
	}
	if waits := a.undecidedMeasure(o); waits != nil && a.rand.IntN(10) > 0 {
		return waits
	}
	if outstanding == 0 && a.rand.IntN(8) > 0 {
		return a.onBatch()
	}
	amount := outstanding
	if a.rand.IntN(2) == 0 && outstanding > 1 {
		amount = 1 + relief.Fen(a.rand.Int64N(int64(outstanding)))
	}
	switch a.rand.IntN(8) {
	case 0, 1, 2:
		entry := overpayment.Entry{
			Ref: fmt.Sprintf("%032x", 1+a.rand.IntN(100_000)), Amount: amount + relief.Fen(a.rand.IntN(2)*a.rand.IntN(100_00)), BookedOn: relief.Day(a.day(0)),
		}
		if n := len(a.recovered); n > 0 && a.rand.IntN(2) == 0 {
			entry = a.recovered[a.rand.IntN(n)]
			amount = min(amount, entry.Amount)
		}
		return []act{{financePreparer, "overpayment:Recover", object{"id": id, "amount": amount, "entry": entry}, nil}}
	case 3, 4, 5:
		county := relief.Region(fmt.Sprint(o["county"]))
		from, each := a.month(-1), relief.Fen(a.rand.IntN(900_00))
		if o["programme"] == quarterly {
			from = programme.CycleQuarterly.Period(from.FirstMonth())
		}
		return []act{{a.preparerOf(county), "overpayment:Deduct", object{"id": id, "amount": each, "from": from}, nil}}
	case 6:
		return []act{{a.of(financePreparer, provinceChief), "overpayment:WriteOff", object{"id": id, "amount": min(amount, 5_00), "document": a.next("doc")}, nil}}
	}
	return nil
}

// undecidedMeasure decides the last measure of an overpayment; nil when it is decided.
func (a *Acts) undecidedMeasure(o object) []act {
	measures, _ := o["measures"].([]any)
	if len(measures) == 0 {
		return nil
	}
	last, _ := measures[len(measures)-1].(object)
	if last["state"] != string(overpayment.Proposed) {
		return nil
	}
	proposed := act{by: financePreparer, function: "overpayment:Recover"}
	switch last["kind"] {
	case string(overpayment.Deduction):
		proposed = act{by: civilPreparer, function: "overpayment:Deduct"}
	case string(overpayment.WriteOff):
		proposed.function = "overpayment:WriteOff"
	}
	a.laterOnOverpayment(&proposed, o)
	d := a.waits[len(a.waits)-1]
	a.waits = a.waits[:len(a.waits)-1]
	return []act{d.choices[max(0, a.rand.IntN(9)-6)]}
}

// laterOnOverpayment notes that a measure of an overpayment is to be decided.
func (a *Acts) laterOnOverpayment(c *act, answer object) {
	function, by := "", financeApprover
	switch c.function {
	case "overpayment:Recover":
		function = "overpayment:ConfirmRecovery"
	case "overpayment:Deduct":
		function, by = "overpayment:ConfirmDeduction", a.approverOf(relief.Region(fmt.Sprint(answer["county"])))
	case "overpayment:WriteOff":
		function, by = "overpayment:ConfirmWriteOff", provinceChief
		if c.by.Agency == civil {
			by = financeApprover
		}
	}
	measures, _ := answer["measures"].([]any)
	if function == "" || len(measures) == 0 {
		return
	}
	last, _ := measures[len(measures)-1].(object)
	a.waitFor(function, object{"id": answer["id"], "measure": last["number"], "sha256": last["sha256"]}, by, by,
		act{c.by, "overpayment:Withdraw", object{"id": answer["id"], "measure": last["number"]}, nil})
}
