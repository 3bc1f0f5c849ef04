// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
)

// afterwards is a time after the days of the answers of settlement.
var afterwards = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)

// booked has one official of finance record a statement of a tranche's account with one entry, which it calls e1, and gives its id. A
// negative sum is money out.
func (w *world) booked(tranche, sum string) string {
	w.t.Helper()
	if w.Now().Before(afterwards) {
		w.SetTime(afterwards)
	}
	amount, err := parseBalance(sum)
	require.NoError(w.t, err)
	s := w.do(financePreparer, "statement:Record", obj{
		"tranche": tranche, "bank_id": fmt.Sprint("R", w.Height()), "number": 1, "day": "2026-11-20", "sha256": digest(fmt.Sprint(w.Height())),
		"opening": "0.00", "closing": amount.String(), "paid": obj{"count": 0, "sum": "0.00"}, "paid_back": obj{"count": 0, "sum": "0.00"},
		"entries": []obj{{"name": "e1", "amount": amount.String(), "booked_on": "2026-11-19", "ref_sha256_128": digest(fmt.Sprint(w.Height()))[:32]}},
	})
	return fmt.Sprint(s["id"])
}

func parseBalance(text string) (relief.Balance, error) {
	digits, out := strings.CutPrefix(text, "-")
	f, err := relief.ParseFen(digits)
	if out {
		f = -f
	}
	return relief.Balance(f), err
}

// item names a payment, and the entry of a statement that booked makes.
func item(payment, as, statement string) obj {
	i := obj{"payment": payment, "as": as, "statement": statement, "entry": "e1"}
	if as == "returned" {
		i["return_reason"] = "AC04"
	}
	return i
}

// reverses has two officials of finance change the recorded answer of a payment, which has one of its own, by an entry of its sum.
func (w *world) reverses(batch, tranche, as, id, sum string) obj {
	w.t.Helper()
	signed := sum
	if as == "credited" {
		signed = "-" + sum
	}
	r := w.do(financePreparer, "reversal:Propose", obj{"batch": batch, "items": []obj{item(id, as, w.booked(tranche, signed))}})
	return w.confirmsReversal(r, 1)
}

// agreesToReversal is the argument by which a reversal is confirmed.
func agreesToReversal(r obj) obj { return obj{"id": r["id"], "sha256": r["sha256"], "agree": true} }

// saltsOf are the salts of what a reversal credits, transfers of so many payments.
func (w *world) saltsOf(r obj, payments int) transient {
	w.t.Helper()
	var all []payment.AnswerInput
	for _, i := range at(r, "items").([]any) {
		id, err := relief.ParsePaymentID(fmt.Sprint(at(i, "payment")))
		require.NoError(w.t, err)
		if at(i, "as") == "credited" {
			in := transfer(int(id.Number), payments, payment.OutcomeCredited, 1)
			in.Salt[3] = byte(w.Height()) // not that of a receipt before
			all = append(all, in)
		}
	}
	return transient{wire.TransientSettlements: payment.AppendAnswers(nil, all)}
}

func (w *world) confirmsReversal(r obj, payments int) obj {
	w.t.Helper()
	return w.do(financeApprover, "reversal:Confirm", agreesToReversal(r), w.saltsOf(r, payments))
}

// The bank takes a credit back: nobody alone has the money available again. It is a reversal by two, with the statement's entry.
func TestACreditIsTakenBackByTwo(t *testing.T) {
	w := county5(t)
	w.paid("b10", "2026-10", obj{"tranche": "t1"}, []payment.LineInput{lineOf(0, 0, county+"001", 62000), lineOf(1, 1, county+"001", 62000)})
	id := "dibao-530181-0000000-202610-1"
	alone := w.chunk(w.unchanged(financePreparer, "payment:Settle", obj{"batch": "b10"}, settlements(settlement(0, 1, payment.OutcomeReturned, 62000))), 0, 0)
	require.Equal(t, []string{"1 reversal-by-two"}, alone)
	require.Contains(t, relief.LineReversal.Reason(), "two officials of finance")

	statement := w.booked("t1", "620.00")
	propose := obj{"batch": "b10", "items": []obj{item(id, "returned", statement)}}
	w.refused(relief.CodeForbidden, financeApprover, "reversal:Propose", propose)
	w.refused(relief.CodeForbidden, civilPreparer, "reversal:Propose", propose)
	w.refused(relief.CodeRegion, financeElsewhere, "reversal:Propose", propose)
	r := w.do(financePreparer, "reversal:Propose", propose)
	w.want(r, "proposed", "state")
	w.want(r, "620.00", "items", 0, "amount")
	w.want(r, "2026-11-19", "items", 0, "booked_on")
	w.unchanged(financePreparer, "reversal:Propose", propose)
	w.want(w.ask(auditReader, "payment:Payment", obj{"id": id}), "credited", "state")

	agree := agreesToReversal(r)
	w.refused(relief.CodeForbidden, financePreparer, "reversal:Confirm", agree)
	same := fakeledger.Official(fakeledger.Finance, "finance-preparer", "approver", county)
	w.refused(relief.CodeSamePerson, same, "reversal:Confirm", agree)
	away := fakeledger.Official(fakeledger.Finance, "finance-away", "approver", "530129")
	w.refused(relief.CodeRegion, away, "reversal:Confirm", agree)
	w.refused(relief.CodeConflict, financeApprover, "reversal:Confirm", obj{"id": r["id"], "sha256": digest("else"), "agree": true})
	w.wantBalances("t1", "issued 10000.00, paid 1240.00, available 8760.00")
	w.want(w.do(financeApprover, "reversal:Confirm", agree), "confirmed", "state")
	w.unchanged(financeApprover, "reversal:Confirm", agree)
	w.unchanged(financePreparer, "reversal:Propose", propose)
	w.wantBalances("t1", "issued 10000.00, paid 620.00, available 9380.00")
	p := w.ask(auditReader, "payment:Payment", obj{"id": id})
	w.want(p, "reversed", "state")
	w.want(p, "2026-11-19", "returned_on")
	w.want(p, "AC04", "return_reason")
	b := w.ask(auditReader, "payment:Get", obj{"id": "b10"})
	w.want(b, "1", "totals", "returned")
	w.want(b, "620.00", "totals", "credited_sum")

	other := obj{"batch": "b10", "items": []obj{item("dibao-530181-0000001-202610-1", "returned", statement)}}
	require.Equal(t, "entry", w.refused(relief.CodeConflict, financePreparer, "reversal:Propose", other).Field, "an entry counts once")
	w.refused(relief.CodeWrongState, financePreparer, "reversal:Withdraw", obj{"id": r["id"]})
}

// What is refused or withdrawn changes nothing, and may be proposed again.
func TestAReversalIsRefused(t *testing.T) {
	w := county5(t)
	w.paid("b10", "2026-10", obj{"tranche": "t1"}, []payment.LineInput{lineOf(0, 0, county+"001", 62000)})
	statement := w.booked("t1", "620.00")
	propose := obj{"batch": "b10", "items": []obj{item("dibao-530181-0000000-202610-1", "returned", statement)}}
	r := w.do(financePreparer, "reversal:Propose", propose)
	refusal := obj{"id": r["id"], "sha256": r["sha256"], "agree": false, "reason": "是另一户的退款"}
	w.want(w.do(financeApprover, "reversal:Confirm", refusal), "refused", "state")
	w.unchanged(financeApprover, "reversal:Confirm", refusal)
	w.refused(relief.CodeWrongState, financeApprover, "reversal:Confirm", agreesToReversal(r))
	again := w.do(financePreparer, "reversal:Propose", propose)
	require.Equal(t, r["id"], again["id"])
	require.Nil(t, again["refusal"])
	w.want(w.do(financePreparer, "reversal:Withdraw", obj{"id": r["id"]}), "withdrawn", "state")
	w.unchanged(financePreparer, "reversal:Withdraw", obj{"id": r["id"]})
	w.do(financePreparer, "reversal:Propose", propose)
	w.do(financePreparer, "statement:Withdraw", obj{"id": statement, "reason": "另一账户的对账单"})
	s := w.ask(auditReader, "statement:Get", obj{"id": statement})
	w.do(financeApprover, "statement:ConfirmWithdrawal", obj{"id": statement, "sha256": s["sha256"], "agree": true})
	require.Equal(t, "entry", w.refused(relief.CodeInvalid, financeApprover, "reversal:Confirm", agreesToReversal(r)).Field, "its statement is withdrawn")
	w.wantBalances("t1", "issued 10000.00, paid 620.00, available 9380.00")
}

// What a reversal names fits the statement on the ledger, or it is not proposed.
func TestWhatAReversalNames(t *testing.T) {
	w := county5(t)
	w.paid("b10", "2026-10", obj{"tranche": "t1"}, []payment.LineInput{lineOf(0, 0, county+"001", 62000), lineOf(1, 1, county+"001", 62000)}, 1)
	w.ownAccount("100.00")
	in, out, less, foreign := w.booked("t1", "620.00"), w.booked("t1", "-620.00"), w.booked("t1", "619.99"), w.booked("t19", "620.00")
	credited, returned := "dibao-530181-0000000-202610-1", "dibao-530181-0000001-202610-1"
	for name, of := range map[string]struct {
		code  relief.Code
		field string
		items []obj
	}{
		"nothing":                 {relief.CodeInvalid, "items", []obj{}},
		"another sum":             {relief.CodeInvalid, "items", []obj{item(credited, "returned", less)}},
		"money out comes back":    {relief.CodeInvalid, "entry", []obj{item(credited, "returned", out)}},
		"money in is paid":        {relief.CodeInvalid, "entry", []obj{item(returned, "credited", in)}},
		"another account":         {relief.CodeInvalid, "statement", []obj{item(credited, "returned", foreign)}},
		"no statement":            {relief.CodeNotFound, "", []obj{item(credited, "returned", strings.Repeat("ab", 16))}},
		"credited already":        {relief.CodeWrongState, "items", []obj{item(credited, "credited", out)}},
		"returned already":        {relief.CodeWrongState, "items", []obj{item(returned, "returned", in)}},
		"one entry for two":       {relief.CodeInvalid, "items", []obj{item(credited, "returned", in), item(returned, "returned", in)}},
		"one payment twice":       {relief.CodeInvalid, "items", []obj{item(credited, "returned", in), item(credited, "returned", less)}},
		"another county":          {relief.CodeInvalid, "payment", []obj{item("dibao-530129-0000000-202610-1", "returned", in)}},
		"a payment of no batch":   {relief.CodeNotFound, "items", []obj{item("dibao-530181-0000003-202610-1", "returned", in)}},
		"a reason for the credit": {relief.CodeInvalid, "return_reason", []obj{{"payment": returned, "as": "credited", "statement": out, "entry": "e1", "return_reason": "AC04"}}},
		"no such entry":           {relief.CodeInvalid, "entry", []obj{{"payment": credited, "as": "returned", "statement": in, "entry": "e2", "return_reason": "AC04"}}},
	} {
		e := w.refused(of.code, financePreparer, "reversal:Propose", obj{"batch": "b10", "items": of.items})
		require.Equal(t, of.field, e.Field, "%s: %v", name, e)
	}

	both := w.do(financePreparer, "reversal:Propose", obj{"batch": "b10", "items": []obj{item(returned, "credited", out), item(credited, "returned", in)}})
	require.Equal(t, credited, at(both, "items", 0, "payment"), "in the order of roll numbers")
	require.Equal(t, "settlements", w.refused(relief.CodeInvalid, financeApprover, "reversal:Confirm", agreesToReversal(both), settlements()).Field)
	w.confirmsReversal(both, 1)
	w.want(w.ask(auditReader, "payment:Payment", obj{"id": credited}), "reversed", "state")
	p := w.ask(auditReader, "payment:Payment", obj{"id": returned})
	w.want(p, "credited", "state")
	w.want(p, "2026-11-19", "credited_on")
	require.NotEmpty(t, p["leaf_hash"])
	w.wantBalances("t1", "issued 10000.00, paid 620.00, available 9380.00")
}

// A payment marked as returned was paid by the bank, and by then less is owed: what was paid too much comes out.
func TestAWrongReturnMarkOfSomebodyWhoHasDied(t *testing.T) {
	w := county5(t)
	line := []payment.LineInput{lineOf(0, 0, county+"001", 62000)}
	w.paid("b09", "2026-09", obj{"tranche": "t1"}, line, 0)
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(0).String(), "reason": "death", "died_on": "2026-08-20"})
	w.reverses("b09", "t1", "credited", "dibao-530181-0000000-202609-1", "620.00")
	w.wantStanding(w.ask(auditReader, "overpayment:Get", obj{"id": firstOverpayment}), "open", "620.00", "0.00", "620.00")
	w.wantBalances("t1", "issued 10000.00, paid 620.00, available 9380.00")
}

// What was paid again and stays paid is not credited for the first time; what to do is said.
func TestAWrongReturnMarkThatWasPaidAgain(t *testing.T) {
	w := county5(t)
	line := []payment.LineInput{lineOf(0, 0, county+"001", 62000)}
	w.paid("b10", "2026-10", obj{"tranche": "t1"}, line, 0)
	again := batchInput("again", "dibao", "t1", 1, 62000)
	again["period"], again["purpose"] = "2026-10", "pay_again"
	w.do(civilPreparer, "payment:Open", again)
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "again"}, linesOf(line...)), 1, 0)
	propose := obj{"batch": "b10", "items": []obj{item("dibao-530181-0000000-202610-1", "credited", w.booked("t1", "-620.00"))}}
	require.Contains(t, w.refused(relief.CodeConflict, financePreparer, "reversal:Propose", propose).Detail, "take that line out first")
	w.instructed("again")
	require.Contains(t, w.refused(relief.CodeConflict, financePreparer, "reversal:Propose", propose).Detail, "classify the entry as a mistake")
	w.do(financePreparer, "payment:TakeBack", obj{"id": "again", "reason": "召回"})
	w.do(financeApprover, "payment:ConfirmTakeBack", obj{"id": "again"})
	w.do(civilPreparer, "payment:Cancel", obj{"id": "again", "reason": "银行已付"})
	w.confirmsReversal(w.do(financePreparer, "reversal:Propose", propose), 1)
	p := w.ask(auditReader, "payment:Slots", obj{"programme": "dibao", "county": county, "period": "2026-10", "segment": 0})
	require.Len(t, p["slots"], 1)
	w.want(p, "credited", "slots", 0, "state")
	w.wantBalances("t1", "issued 10000.00, paid 620.00, available 9380.00")
}
