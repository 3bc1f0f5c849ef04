// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"encoding/json"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/reversal"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/chaincode/relief/wire"
)

// contradict has the bank say the opposite of a recorded answer in a statement, and proposes the reversal; nil for a batch without an
// answer.
func (a *Acts) contradict(b *payment.Batch) []act {
	all := a.heldBy(b, b.Values())
	var answered []held
	for i := range all {
		if all[i].Answered() {
			answered = append(answered, all[i])
		}
	}
	var t fund.Tranche
	if len(answered) == 0 || !a.read(relief.TrancheKey(b.Tranches()[0]), &t) {
		return nil
	}
	of := answered[a.rand.IntN(len(answered))]
	amount, _ := transferOf(all, of.number)
	item := object{
		"payment": relief.PaymentID{Programme: b.Programme, County: b.Region.County(), Number: of.number, Period: of.period, Attempt: of.Attempt},
		"as":      reversal.Returned, "return_reason": "AC04", "entry": "e0",
	}
	if of.State != payment.LineCredited {
		amount, item["as"] = -amount, reversal.Credited
		delete(item, "return_reason")
	}
	c := statement.Content{BankID: a.next("s"), Day: relief.Day(a.day(0)), SHA256: a.paper(), Opening: a.closing, Closing: a.closing + amount}
	item["statement"] = relief.NewStatementID(t.Account, c.BankID, c.Number, c.Day)
	a.closing = c.Closing
	entry := statement.Entry{Name: "e0", Amount: amount, BookedOn: c.Day, Ref: fmt.Sprintf("%032x", 400_000+a.rand.IntN(100_000))}
	return []act{
		recordFor(t.ID, c, statement.Classification{Entries: []statement.Entry{entry}}),
		{financePreparer, "reversal:Propose", object{"batch": b.ID, "items": []object{item}}, nil},
	}
}

// transferOf is what is transferred to a number, and by how many payments.
func transferOf(all []held, number uint32) (sum relief.Balance, payments int) {
	for i := range all {
		if l := &all[i]; l.number == number {
			sum += relief.Balance(l.Amount - l.Deducted)
			payments++
		}
	}
	return sum, payments
}

// laterOnReversal notes a reversal that another official is to confirm.
func (a *Acts) laterOnReversal(c *act, answer object) {
	var r reversal.Reversal
	var batch payment.Batch
	b, err := json.Marshal(answer)
	if c.function != "reversal:Propose" || err != nil || json.Unmarshal(b, &r) != nil || !a.read(relief.BatchKey(r.Batch), &batch) {
		return
	}
	all := a.heldBy(&batch, batch.Values())
	var salts []payment.AnswerInput
	for i := range r.Items {
		if r.Items[i].As != reversal.Credited {
			continue
		}
		number := r.Items[i].Payment.Number
		in := payment.AnswerInput{Number: number, Outcome: payment.OutcomeCredited, Salt: salt(int(number) + 7)}
		for _, payments := transferOf(all, number); payments > 1; payments-- {
			in.More = append(in.More, salt(payments))
		}
		salts = append(salts, in)
	}
	id := object{"id": r.ID}
	decided := with(id, object{"sha256": r.SHA256})
	if a.rand.IntN(4) == 0 {
		a.wait(act{financePreparer, "reversal:Withdraw", id, nil})
		return
	}
	a.wait(
		act{financeApprover, "reversal:Confirm", with(decided, object{"agree": true}), transient{wire.TransientSettlements: payment.AppendAnswers(nil, salts)}},
		act{financeApprover, "reversal:Confirm", with(decided, object{"agree": false, "reason": "不符"}), nil},
		act{financePreparer, "reversal:Withdraw", id, nil},
	)
}
