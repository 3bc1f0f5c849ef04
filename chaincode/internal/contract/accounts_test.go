// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// The accounts of the tests: a home's, and the passbook of a guardian.
var (
	homeAccount = relief.Tag{1, 200, 'h'}
	passbook    = relief.Tag{1, 201, 'p'}
)

func accountInput(id string, kind roll.AccountKind, account relief.Tag) obj {
	in := obj{"id": id, "kind": kind, "county": county, "account_tag": account, "evidence_sha256": digest("papers " + id)}
	if kind == roll.AccountInstitution {
		in["holder"] = "安宁市某敬老院"
	}
	return in
}

// accountDecision names the declaration by the hash of its terms.
func accountDecision(in obj, agree bool) obj {
	holder, _ := in["holder"].(string)
	terms := fmt.Sprintf("relieftrail/shared-account/v1\x00%s\x00%s\x00%s\x00%s\x00%s\x00%s\x00",
		in["id"], in["kind"], holder, in["county"], in["account_tag"], in["evidence_sha256"])
	sum := sha256.Sum256([]byte(terms))
	return obj{"id": in["id"], "sha256": hex.EncodeToString(sum[:]), "agree": agree}
}

// declared declares an account by two officials.
func (w *world) declared(in obj) {
	w.t.Helper()
	w.do(civilPreparer, "roll:DeclareAccount", in)
	w.want(w.do(civilApprover, "roll:ConfirmAccount", accountDecision(in, true)), "declared", "state")
}

// paidTo has n people on the roll of dibao, each paid to the account that account gives, and lists them in a batch.
func (w *world) paidTo(batch string, n int, account func(int) relief.Tag) {
	w.t.Helper()
	var entries []roll.Input
	var persons [][]byte
	var lines []payment.LineInput
	for i := range n {
		payee := roll.Payee{Name: payeeOf(i).Name, Account: account(i)}
		entries = append(entries, roll.Input{
			Seq: uint32(i + 1), Ref: ref(i), Region: county + "001", Persons: 1, Class: 'A', Amount: 62000, Payee: payee,
		})
		persons = append(persons, person(i))
		lines = append(lines, lineOf(i, i, county+"001", 62000))
		lines[i].Seq, lines[i].Payee = uint32(i+1), checkOf(payee)
	}
	w.chunk(w.imports(rollInput("dibao", 0), transient{
		wire.TransientRoll: roll.AppendRoll(nil, entries), wire.TransientPersons: roll.AppendDetails(nil, persons),
	}), n, 0)
	w.do(civilPreparer, "payment:Open", batchInput(batch, "dibao", "t1", n, relief.Fen(n)*62000))
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": batch}, linesOf(lines...)), n, 0)
}

// Fifteen residents of a home are paid to its account, which is declared; three people on one passbook that is not are refused,
// and named.
func TestOnlyDeclaredAccountsAreShared(t *testing.T) {
	w := newWorld(t)
	w.programme("dibao", 100)
	w.tranche("t1", "dibao", "100000.00")
	w.paidTo("b1", 20, func(n int) relief.Tag {
		switch {
		case n < 15:
			return homeAccount
		case n < 18:
			return passbook
		}
		return payeeOf(n).Account
	})
	seal := func() *relief.Error {
		return w.refused(relief.CodeSharedAccount, civilPreparer, "payment:Seal", obj{"id": "b1"})
	}
	if e := seal(); !strings.Contains(e.Detail, "0000000") || !strings.Contains(e.Detail, "and 8 more") || strings.Contains(e.Detail, "0000010") {
		t.Errorf("eighteen people on two accounts: %v", e)
	}
	w.declared(accountInput("home", roll.AccountInstitution, homeAccount))
	want := "名册序号 0000015、0000016、0000017 共用的账户未经声明（共 1 个账户）。请更正账户，或先声明共用账户 · " +
		"roll numbers 0000015, 0000016, 0000017 share an account that is not declared (1 accounts): " +
		"correct the accounts, or declare them as shared first"
	if e := seal(); e.Detail != want {
		t.Errorf("three people on one passbook: %v", e)
	}
	w.declared(accountInput("passbook", roll.AccountGuardian, passbook))
	w.do(civilApprover, "roll:EndAccount", obj{"id": "home", "reason": "合并到另一机构"})
	if e := seal(); !strings.Contains(e.Detail, "0000000") {
		t.Errorf("after the end of the home's declaration: %v", e)
	}
	w.declared(accountInput("home-2", roll.AccountInstitution, homeAccount))
	w.do(civilPreparer, "payment:Seal", obj{"id": "b1"})
	w.do(civilApprover, "roll:EndAccount", obj{"id": "home-2", "reason": "合并到另一机构"})
	w.unchanged(civilPreparer, "payment:Seal", obj{"id": "b1"})
	w.do(civilApprover, "payment:Approve", obj{"id": "b1"})
	w.do(financeApprover, "payment:Authorise", w.filed("b1"))
	w.do(financePreparer, "payment:Instruct", obj{"id": "b1"})
}

// A guardian's account is for ten people of a batch.
func TestAGuardianHasTenWards(t *testing.T) {
	for n, refused := range map[int]bool{roll.MaxWards: false, roll.MaxWards + 1: true} {
		w := newWorld(t)
		w.programme("dibao", 100)
		w.tranche("t1", "dibao", "100000.00")
		w.declared(accountInput("aunt", roll.AccountGuardian, passbook))
		w.paidTo("b1", n, func(int) relief.Tag { return passbook })
		if !refused {
			w.do(civilPreparer, "payment:Seal", obj{"id": "b1"})
			continue
		}
		if e := w.refused(relief.CodeSharedAccount, civilPreparer, "payment:Seal", obj{"id": "b1"}); !strings.Contains(e.Detail, "超过 10 人") {
			t.Errorf("eleven wards: %v", e)
		}
	}
}

// An institution's account is for the people of its county.
func TestAnInstitutionIsOfACounty(t *testing.T) {
	w := newWorld(t)
	w.programme("dibao", 100)
	w.tranche("t1", "dibao", "100000.00")
	in := accountInput("home", roll.AccountInstitution, homeAccount)
	in["county"] = "530129"
	w.do(civilElsewhere, "roll:DeclareAccount", in)
	w.do(approverAway, "roll:ConfirmAccount", accountDecision(in, true))
	w.paidTo("b1", 2, func(int) relief.Tag { return homeAccount })
	if e := w.refused(relief.CodeSharedAccount, civilPreparer, "payment:Seal", obj{"id": "b1"}); !strings.Contains(e.Detail, "declared for 530129") {
		t.Errorf("an account of another county: %v", e)
	}
}

// Two officials declare an account, one record at a time; what was confirmed is what was read.
func TestDeclaringAnAccount(t *testing.T) {
	w := newWorld(t)
	in := accountInput("home", roll.AccountInstitution, homeAccount)
	a := w.do(civilPreparer, "roll:DeclareAccount", in)
	w.want(a, "proposed", "state")
	w.want(a, fmt.Sprint(accountDecision(in, true)["sha256"]), "sha256")
	w.unchanged(civilPreparer, "roll:DeclareAccount", in)
	other := accountInput("home", roll.AccountInstitution, passbook)
	w.refused(relief.CodeConflict, civilPreparer, "roll:DeclareAccount", other)
	w.refused(relief.CodeConflict, civilApprover, "roll:ConfirmAccount", accountDecision(other, true))
	w.refused(relief.CodeWrongState, civilApprover, "roll:EndAccount", obj{"id": "home", "reason": "x"})
	if n := len(w.tags(homeAccount)); n != 0 {
		t.Errorf("a proposal declares %d accounts", n)
	}
	w.do(civilApprover, "roll:ConfirmAccount", accountDecision(in, true))
	w.unchanged(civilApprover, "roll:ConfirmAccount", accountDecision(in, true))
	w.refused(relief.CodeWrongState, civilApprover, "roll:ConfirmAccount", accountDecision(in, false))
	if got := fmt.Sprint(w.tags(passbook, homeAccount)); got != "[home]" {
		t.Errorf("declared: %s", got)
	}
	twice := accountInput("twice", roll.AccountGuardian, homeAccount)
	if e := w.refused(relief.CodeConflict, civilPreparer, "roll:DeclareAccount", twice); e.Field != "account_tag" {
		t.Errorf("an account that is declared: %v", e)
	}
	refused := accountInput("no", roll.AccountGuardian, passbook)
	w.do(civilPreparer, "roll:DeclareAccount", refused)
	no := accountDecision(refused, false)
	no["reason"] = "不是监护人"
	w.want(w.do(civilApprover, "roll:ConfirmAccount", no), "refused", "state")
	w.unchanged(civilApprover, "roll:ConfirmAccount", no)
	if n := len(w.tags(passbook)); n != 0 {
		t.Errorf("a refusal declares %d accounts", n)
	}
	w.do(civilApprover, "roll:EndAccount", obj{"id": "home", "reason": "机构撤销"})
	w.unchanged(civilApprover, "roll:EndAccount", obj{"id": "home", "reason": "机构撤销"})
	w.do(civilPreparer, "roll:DeclareAccount", twice)
}

// Of two proposals for one account one is confirmed.
func TestAnAccountIsDeclaredOnce(t *testing.T) {
	w := newWorld(t)
	one, two := accountInput("one", roll.AccountGuardian, passbook), accountInput("two", roll.AccountGuardian, passbook)
	w.do(civilPreparer, "roll:DeclareAccount", one)
	w.do(civilPreparer, "roll:DeclareAccount", two)
	w.do(civilApprover, "roll:ConfirmAccount", accountDecision(one, true))
	w.refused(relief.CodeConflict, civilApprover, "roll:ConfirmAccount", accountDecision(two, true))
}

// Nobody declares an account alone, whatever the duties of their role.
func TestNobodyDeclaresAnAccountAlone(t *testing.T) {
	w := newWorld(t)
	w.changeRegistry("d1", obj{"duties": everyDutyFor(w, "roll.declare_account", "approver")})
	in := accountInput("mine", roll.AccountGuardian, passbook)
	w.do(civilApprover, "roll:DeclareAccount", in)
	w.refused(relief.CodeSamePerson, civilApprover, "roll:ConfirmAccount", accountDecision(in, true))
	w.do(provinceApprover, "roll:ConfirmAccount", accountDecision(in, true))
}

// everyDutyFor are the duties of the founding, with an act for one more role of civil affairs.
func everyDutyFor(w *world, act, role string) []any {
	w.t.Helper()
	duties, _ := at(w.ask(auditReader, "registry:Get", nil), "duties").([]any)
	return append(duties, obj{"act": act, "agency": fakeledger.CivilAffairs, "roles": []string{role}})
}

func TestBadDeclarations(t *testing.T) {
	w := newWorld(t)
	for field, change := range map[string]obj{
		"kind": {"kind": "friend"}, "holder": {"holder": "院"}, "county": {"county": "530181001"}, "account_tag": {"account_tag": ""},
		"evidence_sha256": {"evidence_sha256": "00"}, "id": {"id": "Home"}, "region": {"county": "530102"},
	} {
		in := accountInput("home", roll.AccountInstitution, homeAccount)
		for name, value := range change {
			in[name] = value
		}
		w.refused(relief.CodeInvalid, provincePreparer, "roll:DeclareAccount", in)
		_ = field
	}
	guardian := accountInput("aunt", roll.AccountGuardian, passbook)
	guardian["holder"] = "某甲"
	if e := w.refused(relief.CodeInvalid, civilPreparer, "roll:DeclareAccount", guardian); e.Field != "holder" {
		t.Errorf("a guardian's name: %v", e)
	}
	w.refused(relief.CodeRegion, civilElsewhere, "roll:DeclareAccount", accountInput("home", roll.AccountInstitution, homeAccount))
	w.refused(relief.CodeNotFound, civilApprover, "roll:ConfirmAccount", obj{"id": "none", "sha256": "00", "agree": true})
	for _, tags := range [][]relief.Tag{{}, make([]relief.Tag, 501)} {
		if _, err := w.Evaluate(fakeledger.Audit, auditReader, "roll:SharedAccounts", args(obj{"tags": tags}), nil); err == nil {
			t.Errorf("%d tags are answered", len(tags))
		}
	}
}

// tags gives the declarations in force of accounts.
func (w *world) tags(tags ...relief.Tag) (ids []any) {
	w.t.Helper()
	accounts, _ := at(w.ask(auditReader, "roll:SharedAccounts", obj{"tags": tags}), "accounts").([]any)
	for _, a := range accounts {
		ids = append(ids, at(a, "id"))
	}
	return ids
}

// The tag of a home stays when the details of a resident are erased.
func TestADeclarationOutlivesAnErasure(t *testing.T) {
	w := newWorld(t)
	w.programme("dibao", 100)
	w.tranche("t1", "dibao", "100000.00")
	w.declared(accountInput("home", roll.AccountInstitution, homeAccount))
	w.paidTo("b1", 2, func(int) relief.Tag { return homeAccount })
	w.do(civilPreparer, "payment:Cancel", obj{"id": "b1", "reason": "for a test"})
	w.left(1)
	w.erased(chief, 1)
	if got := fmt.Sprint(w.tags(homeAccount)); got != "[home]" {
		t.Errorf("declared: %s", got)
	}
	if p := w.payees(0); p.Payee(1) != (roll.Payee{}) || p.Payee(0).Account != homeAccount {
		t.Errorf("payees: %v, %v", p.Payee(0), p.Payee(1))
	}
}
