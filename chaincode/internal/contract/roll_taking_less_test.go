// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief/payment"
)

// taken takes everybody whom the rolls have for a month.
func (w *world) taken(id, month string, rate any, want int) {
	w.t.Helper()
	people, _ := w.takenFrom(month)
	require.Len(w.t, people, want)
	w.takes(id, month, rate, linesOfTaken(people))
}

// leaves has somebody leave the roll of dibao with a month.
func (w *world) leaves(n int, last string) {
	w.t.Helper()
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(n).String(), "reason": "income", "last_period": last})
}

// outstanding is what a number of the subsidy was paid too much and has not paid back.
func (w *world) outstanding(number, want string) {
	w.t.Helper()
	w.want(w.ask(auditReader, "overpayment:Get", obj{"id": "wujia-530181-000000" + number}), want, "outstanding")
}

// Somebody leaves the roll that a subsidy is taken from, with effect from months that were taken: what was paid of them is an overpayment,
// what an open batch lists is taken out. A household that has grown smaller owes the difference. Whoever is on the roll again can be
// taken again, and owes nothing then.
func TestWhatWasTakenIsLoweredWithTheSource(t *testing.T) {
	w := rolls(t)
	w.puts("dibao", headOf(1, 2), headOf(2, 1), headOf(3, 3))
	august, september := w.rate("2026-08", "35.00"), w.rate("2026-09", "28.00")
	w.taken("m8", "2026-08", august["digest"], 3)
	w.openSubsidy("b8", "2026-08", 3, 21000)
	w.do(civilPreparer, "payment:AddDue", obj{"batch": "b8", "segments": []int{0}})
	id := obj{"id": "b8"}
	w.do(civilPreparer, "payment:Seal", id)
	w.do(civilApprover, "payment:Approve", id)
	w.do(financeApprover, "payment:Authorise", w.filed("b8"))
	w.do(financePreparer, "payment:Instruct", id)
	w.do(financePreparer, "payment:Settle", obj{"batch": "b8"}, settlements(
		settlement(0, 1, payment.OutcomeCredited, 7000), settlement(1, 1, payment.OutcomeCredited, 3500), settlement(2, 1, payment.OutcomeCredited, 10500)))
	w.taken("m9", "2026-09", september["digest"], 3)
	w.openSubsidy("b9", "2026-09", 3, 16800)
	w.want(w.do(civilPreparer, "payment:AddDue", obj{"batch": "b9", "segments": []int{0}}), "168.00", "sum")

	w.leaves(1, "2026-08")
	w.leaves(2, "2026-07")
	w.outstanding("1", "35.00")
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:SetTerms", obj{
		"programme": "dibao", "subject": ref(3).String(), "class": "A", "persons": 2, "amount": "620.00", "from": "2026-08", "reason": "class", "document": "1",
	}))
	w.outstanding("2", "35.00")
	w.want(w.entryOf(3), "56.00", "amount")
	w.want(w.do(civilPreparer, "payment:AddDue", obj{"batch": "b9", "segments": []int{0}}), "56.00", "sum")
	w.do(civilPreparer, "payment:SetControl", obj{"id": "b9", "count": 1, "sum": "56.00"}) // nobody else is in it
	w.do(civilPreparer, "payment:Seal", obj{"id": "b9"})

	again := rollInput("dibao", 0)
	again["from"] = "2026-08"
	w.chunk(w.imports(again, chunkOf(headOf(2, 1))), 1, 0)
	people, _ := w.takenFrom("2026-08")
	o := w.takes("again", "2026-08", august["digest"], linesOfTaken(people))
	w.want(o, "1", "accepted")
	w.outstanding("1", "0.00")
}
