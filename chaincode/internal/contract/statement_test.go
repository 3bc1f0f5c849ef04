// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

const dedicated = "5301000000000001" // the account of the tests' tranches

// bankStatement is a statement with one entry that came in, which it calls interest.
func bankStatement(tranche, interest string) obj {
	amount, _ := relief.ParseFen(interest)
	return obj{
		"tranche": tranche, "bank_id": "S1", "number": 1, "day": "2026-10-20", "sha256": digest("statement"),
		"opening": "0.00", "closing": amount.String(), "paid": obj{"count": 0, "sum": "0.00"}, "paid_back": obj{"count": 0, "sum": "0.00"},
		"entries": []obj{{"name": "e1", "amount": interest, "kind": "interest"}},
	}
}

func statementID() string {
	return string(relief.NewStatementID(dedicated, "S1", 1, "2026-10-20"))
}

// ownAccount issues a tranche with an account of its own.
func (w *world) ownAccount(amount string) {
	w.t.Helper()
	in := trancheInput("t19", "dibao", county, amount)
	in["account"] = "5301000000000019"
	w.do(financeApprover, "fund:Issue", in)
}

// statementOf is a statement by which the balance goes from one to another, with the payments of a batch and entries.
func statementOf(number int, opening, closing, paid string, entries ...obj) obj {
	s := obj{
		"tranche": "t19", "bank_id": "S", "number": number, "day": "2026-10-1" + string(rune('0'+number)), "sha256": digest("s" + string(rune('0'+number))),
		"opening": opening, "closing": closing, "paid": obj{"count": 0, "sum": "0.00"}, "paid_back": obj{"count": 0, "sum": "0.00"}, "entries": entries,
	}
	if entries == nil {
		s["entries"] = []obj{}
	}
	if paid != "" {
		s["paid"] = obj{"count": 1, "sum": paid}
	}
	return s
}

// Row 19 of a county's year: bank's closing 29,518.21, ledger's available 29,480.00, nothing on its way.
func TestAnAccountTiesOutOnceItsEntriesAreClassified(t *testing.T) {
	w := county5(t)
	w.ownAccount("30100.00")
	w.paid("b1", "2026-09", obj{"tranche": "t19"}, []payment.LineInput{lineOf(0, 0, county+"001", 62000)})
	account := func(difference string, ties bool) obj {
		t.Helper()
		a := w.ask(auditReader, "statement:Account", obj{"id": "t19"})
		require.Equal(t, "29480.00", a["available"])
		require.Equal(t, difference, a["difference"])
		require.Equal(t, ties, a["ties_out"])
		return a
	}

	first := statementOf(1, "30100.00", "29518.21", "620.00", obj{"name": "e1", "amount": "38.21", "booked_on": "2026-10-21"})
	w.do(financePreparer, "statement:Record", first)
	require.Equal(t, []any{map[string]any{"code": "unclassified", "count": float64(1), "amount": "38.21"}}, account("38.21", false)["explained_by"])
	first["entries"] = []obj{{"name": "e1", "amount": "38.21", "booked_on": "2026-10-21", "kind": "interest", "rule": "interest@2026-1"}}
	s := w.do(financePreparer, "statement:Record", first)
	require.Equal(t, "unconfirmed", at(account("38.21", false), "explained_by", 0, "code"))
	agree := obj{"id": s["id"], "sha256": at(s, "proposed", "sha256"), "agree": true}
	s = w.do(financeApprover, "statement:Confirm", agree)
	require.Equal(t, "confirmed", s["state"])
	require.Equal(t, "interest", at(account("0.00", true), "classified", 0, "kind"))
	w.unchanged(financeApprover, "statement:Confirm", agree)
	w.unchanged(financePreparer, "statement:Record", first) // says what is confirmed

	second := statementOf(2, "29518.21", "29498.21", "", obj{"name": "e2", "amount": "-20.00"})
	w.do(financePreparer, "statement:Record", second)
	a := account("-20.00", false)
	require.Equal(t, "0.00", at(a, "statements", 0, "difference"))
	second["entries"] = []obj{{"name": "e2", "amount": "-20.00", "kind": "foreign"}}
	s = w.do(financePreparer, "statement:Record", second)
	refusal := obj{"id": s["id"], "sha256": at(s, "proposed", "sha256"), "agree": false, "reason": "是手续费"}
	s = w.do(financeApprover, "statement:Confirm", refusal)
	require.Equal(t, "refused", s["state"])
	require.Equal(t, "是手续费", at(s, "refusal", "reason"))
	w.unchanged(financeApprover, "statement:Confirm", refusal)
	second["entries"] = []obj{{"name": "e2", "amount": "-20.00", "kind": "fee"}}
	s = w.do(financePreparer, "statement:Record", second)
	w.do(financeApprover, "statement:Confirm", obj{"id": s["id"], "sha256": at(s, "proposed", "sha256"), "agree": true})
	account("0.00", true)
}

func TestAWrongStatementIsWithdrawnByTwoAndReplaced(t *testing.T) {
	w := county5(t)
	w.ownAccount("30000.00")
	wrong := statementOf(1, "30000.00", "30010.00", "", obj{"name": "e1", "amount": "10.00", "kind": "interest"})
	s := w.do(financePreparer, "statement:Record", wrong)
	id := s["id"]
	w.do(financeApprover, "statement:Confirm", obj{"id": id, "sha256": at(s, "proposed", "sha256"), "agree": true})

	right := statementOf(1, "30000.00", "30000.00", "")
	right["sha256"] = digest("right")
	w.refused(relief.CodeConflict, financePreparer, "statement:Record", right)
	w.do(financePreparer, "statement:Withdraw", obj{"id": id, "reason": "另一账户的对账单"})
	w.refused(relief.CodePending, financePreparer, "statement:Record", wrong)
	decision := obj{"id": id, "sha256": wrong["sha256"], "agree": true}
	w.refused(relief.CodeForbidden, financePreparer, "statement:ConfirmWithdrawal", decision)
	s = w.do(financeApprover, "statement:ConfirmWithdrawal", decision)
	require.Equal(t, "withdrawn", s["state"])
	require.Nil(t, w.ask(auditReader, "statement:Account", obj{"id": "t19"})["closing"])

	s = w.do(financePreparer, "statement:Record", right)
	require.Equal(t, id, s["id"])
	require.Equal(t, wrong["sha256"], at(s, "withdrawn", 0, "sha256"))
	require.Equal(t, false, w.ask(auditReader, "statement:Account", obj{"id": "t19"})["ties_out"], "nobody has confirmed it")
	w.do(financeApprover, "statement:Confirm", obj{"id": id, "sha256": at(s, "proposed", "sha256"), "agree": true})
	require.Equal(t, true, w.ask(auditReader, "statement:Account", obj{"id": "t19"})["ties_out"])
}

func TestStatementsAreHeldToTheirBalances(t *testing.T) {
	w := county5(t)
	w.ownAccount("30000.00")
	for name, s := range map[string]obj{
		"entries": statementOf(1, "1.00", "2.00", ""),
		"kind":    statementOf(1, "1.00", "2.00", "", obj{"name": "e", "amount": "1.00", "kind": "gift"}),
		"rule":    statementOf(1, "1.00", "2.00", "", obj{"name": "e", "amount": "1.00", "rule": "r"}),
		"amount":  statementOf(1, "1.00", "1.00", "", obj{"name": "e", "amount": "0.00"}),
	} {
		require.Equal(t, name, w.refused(relief.CodeInvalid, financePreparer, "statement:Record", s).Field, name)
	}
	twice := statementOf(1, "1.00", "3.00", "", obj{"name": "e", "amount": "1.00"}, obj{"name": "e", "amount": "1.00"})
	w.refused(relief.CodeInvalid, financePreparer, "statement:Record", twice)
	unpaid := statementOf(1, "1.00", "2.00", "", obj{"name": "e", "amount": "1.00", "kind": "recovery"})
	w.refused(relief.CodeInvalid, financePreparer, "statement:Record", unpaid)
}
