// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"maps"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// proposesAdjustment proposes an adjustment of a tranche and gives what confirms it.
func (w *world) proposesAdjustment(function string, in obj) obj {
	w.t.Helper()
	t := w.do(financePreparer, function, in)
	list, _ := at(t, "adjustments").([]any)
	return w.agreesTo(in["id"].(string), len(list))
}

// agreesTo confirms an adjustment of a tranche.
func (w *world) agreesTo(id string, number int) obj {
	w.t.Helper()
	in := obj{"id": id, "adjustment": number, "agree": true}
	if value := w.Get(relief.TrancheKey(relief.TrancheID(id)).String()); value != nil {
		in["sha256"] = at(w.object(value), "adjustments", number-1, "sha256")
	}
	return in
}

// adjusts proposes an adjustment of a tranche and has another official confirm it.
func (w *world) adjusts(function string, in obj) obj {
	w.t.Helper()
	return w.do(financeApprover, "fund:Confirm", w.proposesAdjustment(function, in))
}

// refunds gives money of an issued tranche back to where it came from.
func (w *world) refunds(id, amount string) {
	w.t.Helper()
	w.adjusts("fund:Refund", obj{"id": id, "amount": amount, "reason": "left over"})
}

// closesTranche refunds what is available of an issued tranche and closes it.
func (w *world) closesTranche(id string) obj {
	w.t.Helper()
	if left := w.balances(id)["available"]; left > 0 {
		w.refunds(id, left.String())
	}
	return w.do(financeApprover, "fund:Close", obj{"id": id})
}

// allocates gives part of a tranche to the township.
func (w *world) allocates(parent, id, amount string) {
	w.t.Helper()
	w.do(financeApprover, "fund:Allocate", obj{
		"parent": parent, "id": id, "region": county + "001", "amount": amount, "account": "5301000000000001",
		"targets": trancheInput("", "", "", "")["targets"],
	})
}

// nextYear issues a tranche of 2027.
func (w *world) nextYear(id, amount string) {
	w.t.Helper()
	in := trancheInput(id, "dibao", county, amount)
	in["fiscal_year"] = 2027
	w.do(financeApprover, "fund:Issue", in)
}

// What is taken back from a township is available to the county again.
func TestMoneyIsTakenBack(t *testing.T) {
	w := county5(t)
	w.tranche("t5", "dibao", "200000.00")
	w.allocates("t5", "t5a", "150000.00")
	in := obj{"id": "t5a", "amount": "50000.00", "document": "安财社〔2026〕9号", "reason": "结余"}
	confirm := w.proposesAdjustment("fund:TakeBack", in)
	w.unchanged(financePreparer, "fund:TakeBack", in)
	w.wantBalances("t5a", "issued 150000.00, available 150000.00")
	w.refused(relief.CodePending, financeApprover, "fund:TakeBack", obj{"id": "t5a", "amount": "1.00", "reason": "结余"})
	both := fakeledger.Official(fakeledger.Finance, "finance-preparer", "approver", "530181")
	w.refused(relief.CodeSamePerson, both, "fund:Confirm", confirm)
	other := maps.Clone(confirm)
	other["sha256"] = digest("other")
	w.refused(relief.CodeConflict, financeApprover, "fund:Confirm", other)
	got := w.do(financeApprover, "fund:Confirm", confirm)
	w.want(got, "confirmed", "adjustments", 0, "state")
	w.want(got, "结余", "moves", 0, "reason")
	w.want(got, "t5", "moves", 0, "to")
	w.wantBalances("t5a", "issued 150000.00, taken_back 50000.00, available 100000.00")
	w.wantBalances("t5", "issued 200000.00, allocated 100000.00, available 100000.00")
	parent := w.ask(auditReader, "fund:Get", obj{"id": "t5"})
	w.want(parent, "allocated", "moves", 0, "kind")
	w.want(parent, "taken_back", "moves", 1, "kind")
	w.want(parent, "t5a", "moves", 1, "from")
	w.unchanged(financeApprover, "fund:Confirm", confirm)
	w.refused(relief.CodeFunds, financePreparer, "fund:TakeBack", obj{"id": "t5a", "amount": "100000.01", "reason": "结余"})
	w.refused(relief.CodeWrongState, financePreparer, "fund:TakeBack", obj{"id": "t5", "amount": "1.00", "reason": "结余"})
	w.refused(relief.CodeWrongState, financePreparer, "fund:Refund", obj{"id": "t5a", "amount": "1.00", "reason": "结余"})
}

// A tranche is topped up from the one above, an issued one from outside by a document.
func TestMoneyIsToppedUp(t *testing.T) {
	w := county5(t)
	w.allocates("t1", "t1a", "1000.00")
	w.refused(relief.CodeInvalid, financePreparer, "fund:TopUp", obj{"id": "t1", "amount": "500.00", "document": "", "reason": "追加"})
	w.adjusts("fund:TopUp", obj{"id": "t1", "amount": "500.00", "document": "省财社〔2026〕3号", "reason": "追加"})
	w.wantBalances("t1", "issued 10000.00, topped_up 500.00, allocated 1000.00, available 9500.00")
	w.adjusts("fund:TopUp", obj{"id": "t1a", "amount": "9500.00", "document": "安财社〔2026〕4号", "reason": "追加"})
	w.wantBalances("t1", "issued 10000.00, topped_up 500.00, allocated 10500.00")
	w.wantBalances("t1a", "issued 1000.00, topped_up 9500.00, available 10500.00")
	w.refused(relief.CodeFunds, financePreparer, "fund:TopUp", obj{"id": "t1a", "amount": "0.01", "document": "5号", "reason": "追加"})
	confirm := w.proposesAdjustment("fund:TakeBack", obj{"id": "t1a", "amount": "10500.00", "reason": "收回"})
	confirm["agree"] = false
	w.refused(relief.CodeInvalid, financeApprover, "fund:Confirm", confirm)
	confirm["reason"] = "尚有未发月份"
	w.want(w.do(financeApprover, "fund:Confirm", confirm), "refused", "adjustments", 1, "state")
	w.wantBalances("t1a", "issued 1000.00, topped_up 9500.00, available 10500.00")
	again := w.proposesAdjustment("fund:TakeBack", obj{"id": "t1a", "amount": "0.01", "reason": "收回"})
	withdraw := obj{"id": "t1a", "adjustment": again["adjustment"]}
	w.want(w.do(financeApprover, "fund:Withdraw", withdraw), "withdrawn", "adjustments", 2, "state")
	w.refused(relief.CodeWrongState, financeApprover, "fund:Confirm", again)
}

// One tranche pays for several programmes; its money is a pool.
func TestAPoolOfProgrammes(t *testing.T) {
	w := county5(t)
	w.programme("tekun", 4)
	pool := trancheInput("pool", "", county, "5000.00")
	pool["programmes"], pool["origin"] = []string{"dibao", "tekun"}, "central"
	pool["budget"] = obj{"functional": "2081901", "functional_rural": "2081902", "economic": "30306"}
	w.refused(relief.CodeInvalid, financeApprover, "fund:Issue", pool)
	delete(pool, "programme")
	for field, wrong := range map[string]any{
		"programmes": []string{"dibao", "dibao"}, "origin": "national", "budget": obj{"functional": "2081901", "functional_rural": "208", "economic": "30306"},
	} {
		bad := maps.Clone(pool)
		bad[field] = wrong
		w.refused(relief.CodeInvalid, financeApprover, "fund:Issue", bad)
	}
	w.do(financeApprover, "fund:Issue", pool)
	w.unchanged(financeApprover, "fund:Issue", pool)
	w.allocates("pool", "pool-a", "1000.00")
	w.want(w.ask(auditReader, "fund:Get", obj{"id": "pool-a"}), "tekun", "programmes", 1)
	w.want(w.ask(auditReader, "fund:Get", obj{"id": "pool-a"}), "central", "origin")
	w.paid("b9", "2026-09", obj{"tranche": "pool"}, []payment.LineInput{lineOf(0, 0, county+"001", 62000)})
	w.imports(rollInput("tekun", 0), rollChunk(10, 1))
	in := batchInput("b10", "tekun", "pool", 1, 62000)
	w.do(civilPreparer, "payment:Open", in)
	in = batchInput("b11", "tekun", "t1", 1, 62000)
	w.refused(relief.CodeInvalid, civilPreparer, "payment:Open", in)
	w.wantBalances("pool", "issued 5000.00, allocated 1000.00, paid 620.00, available 3380.00")
}

// What is left at the year's end goes to the next year's tranche, and so does what comes back later.
func TestMoneyIsCarriedOver(t *testing.T) {
	w := county5(t)
	w.paid("b10", "2026-10", obj{"tranche": "t1"}, []payment.LineInput{lineOf(0, 0, county+"001", 62000), lineOf(1, 1, county+"001", 62000)})
	w.nextYear("t27", "1000.00")
	w.tranche("t26", "dibao", "1.00")
	carry := func(to string) obj { return obj{"id": "t1", "to": to, "amount": "8000.00", "reason": "年终结转"} }
	w.refused(relief.CodeInvalid, financePreparer, "fund:CarryOver", carry("t26"))
	w.refused(relief.CodeInvalid, financePreparer, "fund:CarryOver", carry("t1"))
	w.refused(relief.CodePending, financeApprover, "fund:Close", obj{"id": "t1"})
	w.want(w.adjusts("fund:CarryOver", carry("t27")), "t27", "carried_to")
	w.wantBalances("t1", "issued 10000.00, paid 1240.00, carried_over 8000.00, available 760.00")
	w.wantBalances("t27", "issued 1000.00, topped_up 8000.00, available 9000.00")
	w.nextYear("t27b", "1.00")
	w.refused(relief.CodeConflict, financePreparer, "fund:CarryOver", carry("t27b"))
	w.refunds("t1", "760.00")
	w.want(w.do(financeApprover, "fund:Close", obj{"id": "t1"}), "closed", "state")

	w.reverses("b10", "t1", "returned", "dibao-530181-0000000-202610-1", "620.00")
	w.wantBalances("t1", "issued 10000.00, paid 620.00, refunded 760.00, carried_over 8620.00")
	w.wantBalances("t27", "issued 1000.00, topped_up 8620.00, available 9620.00")

	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(1).String(), "reason": "moved", "last_period": "2026-09"})
	o := w.recovers("dibao-530181-0000001", 1, "620.00")
	w.want(o, "t27", "measures", 0, "parts", 0, "to")
	w.wantBalances("t27", "issued 1000.00, topped_up 8620.00, recovered 620.00, available 10240.00")
}

// What comes back to a township's tranche after it was closed goes up, as far as tranches are closed, and is refunded at the end.
func TestALateReturnGoesUp(t *testing.T) {
	w := county5(t)
	w.allocates("t1", "t1a", "1240.00")
	w.paid("b10", "2026-10", obj{"tranche": "t1a", "region": county + "001"}, []payment.LineInput{
		lineOf(0, 0, county+"001", 62000), lineOf(1, 1, county+"001", 62000),
	})
	w.do(financeApprover, "fund:Close", obj{"id": "t1a"})
	back := func(number int) {
		w.reverses("b10", "t1", "returned", fmt.Sprintf("dibao-530181-%07d-202610-1", number), "620.00")
	}
	back(0)
	w.wantBalances("t1a", "issued 1240.00, paid 620.00, taken_back 620.00")
	w.wantBalances("t1", "issued 10000.00, allocated 620.00, available 9380.00")
	w.closesTranche("t1")
	back(1)
	w.wantBalances("t1a", "issued 1240.00, taken_back 1240.00")
	w.wantBalances("t1", "issued 10000.00, refunded 10000.00")
}

// Three agencies sign the same list of the year's end; a list that has changed is signed anew.
func TestTheYearsEndIsSignedByThree(t *testing.T) {
	w := county5(t)
	w.allocates("t1", "t1a", "1000.00")
	w.nextYear("t27", "1000.00")
	id := obj{"id": "2026-530181"}
	now := w.ask(auditReader, "fund:YearEnd", id)
	w.want(now, "t1", "tranches", 0, "id")
	w.want(now, "t1a", "tranches", 1, "id")
	if list, _ := at(now, "tranches").([]any); len(list) != 2 {
		t.Errorf("%d tranches are of the year", len(list))
	}
	sign := func(sum any) obj { return obj{"id": "2026-530181", "sha256": sum} }
	w.refused(relief.CodeConflict, financeApprover, "fund:SignYearEnd", sign(digest("other")))
	w.refused(relief.CodeForbidden, financePreparer, "fund:SignYearEnd", sign(now["sha256"]))
	w.want(w.do(financeApprover, "fund:SignYearEnd", sign(now["sha256"])), "begun", "state")
	w.unchanged(financeApprover, "fund:SignYearEnd", sign(now["sha256"]))
	w.refused(relief.CodeConflict, provinceFinance, "fund:SignYearEnd", sign(now["sha256"]))
	w.do(civilApprover, "fund:SignYearEnd", sign(now["sha256"]))

	w.adjusts("fund:TakeBack", obj{"id": "t1a", "amount": "1.00", "reason": "收回"})
	w.refused(relief.CodeConflict, auditApprover, "fund:SignYearEnd", sign(now["sha256"]))
	now = w.ask(auditReader, "fund:YearEnd", id)
	w.want(now, "CivilAffairsMSP", "missing", 0)
	w.want(w.do(auditApprover, "fund:SignYearEnd", sign(now["sha256"])), "begun", "state")
	w.do(civilApprover, "fund:SignYearEnd", sign(now["sha256"]))
	w.want(w.do(financeApprover, "fund:SignYearEnd", sign(now["sha256"])), "signed", "state")
	now = w.ask(auditReader, "fund:YearEnd", id)
	if at(now, "missing") != nil {
		t.Errorf("%v have not signed", at(now, "missing"))
	}
	w.want(now, "signed", "signed", "state")
	w.refused(relief.CodeInvalid, financeApprover, "fund:SignYearEnd", obj{"id": "2026-530199x", "sha256": digest("x")})
}
