// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// officials are everybody who is in the right region.
var officials = []*fakeledger.Identity{
	civilPreparer, civilApprover, civilReader, civilRegistrar, provincePreparer, provinceApprover,
	financePreparer, financeApprover, financeReader, financeRegistrar, provinceFinance,
	auditPreparer, auditApprover, auditReader, auditRegistrar,
}

// act is a call that would succeed if its caller may make it.
type act struct {
	function string
	input    any
	tr       transient
	may      []*fakeledger.Identity
}

// stages has a batch in every state, named for it, each with one payment of its own programme period.
func stages(t *testing.T) *world {
	t.Helper()
	w := county5(t)
	w.do(civilRegistrar, "registry:Propose", obj{"id": "p1", "change": obj{"thresholds": obj{"x": 1}}})
	w.do(provincePreparer, "programme:Draft", programmeInput("dibao", 2, 4))
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(3).String(), "reason": "moved", "last_period": "2026-09"})
	w.do(chief, "roll:ConfirmChange", agreed(w.do(civilPreparer, "roll:Exit", obj{
		"programme": "dibao", "subject": ref(1).String(), "reason": "moved", "last_period": "2026-09",
	})))
	w.proposed(1)
	w.do(auditPreparer, "person:Hold", holdInput(4))
	w.do(civilPreparer, "roll:Suspend", obj{"programme": "dibao", "subject": ref(2).String(), "from": "2027-01", "reason": "for a test"})
	w.do(provincePreparer, "roll:ProposeImport", toImport("i-proposed"))
	w.do(provincePreparer, "roll:ProposeImport", toImport("i-confirmed"))
	w.do(provinceApprover, "roll:ConfirmImport", obj{"id": "i-confirmed", "digest": toImport("i-confirmed").Digest(), "agree": true})
	w.declared(accountInput("home", roll.AccountInstitution, homeAccount))
	w.do(civilPreparer, "roll:DeclareAccount", proposedAccount)
	for i, state := range states {
		in := batchInput("b-"+state, "dibao", "t1", 1, 62000)
		in["period"] = months[i]
		w.do(civilPreparer, "payment:Open", in)
		w.do(civilPreparer, "payment:AddLines", obj{"batch": "b-" + state}, linesChunk(first, 0, 1, 62000))
		w.bring("b-"+state, state)
	}
	return w
}

// proposedAccount is a declaration that waits for its confirmation.
var proposedAccount = accountInput("aunt", roll.AccountGuardian, passbook)

var (
	states = []string{"open", "sealed", "approved", "filed", "authorised", "instructed", "recalled", "settled", "closed", "cancelled"}
	months = []string{"2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"}
)

// bring takes an open batch with one payment to a state; "filed" is approved with a payment file, "recalled" is instructed
// with a file that is to be taken back, "settled" is instructed with every answer in.
func (w *world) bring(batch, state string) {
	w.t.Helper()
	id := obj{"id": batch}
	if state == "cancelled" {
		w.do(civilPreparer, "payment:Cancel", obj{"id": batch, "reason": "for a test"})
		return
	}
	steps := []func(){
		func() { w.do(civilPreparer, "payment:Seal", id) },
		func() { w.do(civilApprover, "payment:Approve", id) },
		func() { w.filed(batch) },
		func() { w.do(financeApprover, "payment:Authorise", obj{"id": batch, "file_sha256": fileHash}) },
		func() { w.do(financePreparer, "payment:Instruct", id) },
		func() { w.do(financePreparer, "payment:TakeBack", obj{"id": batch, "reason": "rejected"}) },
		func() {
			w.do(financePreparer, "payment:Settle", obj{"batch": batch}, settlements(
				settlement(first, 1, payment.OutcomeCredited, 62000)))
			w.do(financePreparer, "payment:Tally", id)
		},
		func() { w.do(financePreparer, "payment:Close", id) },
	}
	for _, step := range steps[:slices.Index(states, state)] {
		step()
	}
}

// toImport is the import of one person more, as it is proposed.
func toImport(id string) *roll.ImportTerms {
	terms := importTerms(id, rollInput("dibao", 1), rollChunk(5, 1))
	return &terms
}

// acts lists every function once, with who may call it.
func acts() []act {
	everybody := officials
	registrars := []*fakeledger.Identity{civilRegistrar, financeRegistrar, auditRegistrar}
	ownRegistrar := []*fakeledger.Identity{civilRegistrar}
	deputy := obj{"agency": fakeledger.CivilAffairs, "name": "civil-deputy"}
	preparers := []*fakeledger.Identity{civilPreparer, provincePreparer}
	preparer := []*fakeledger.Identity{civilPreparer} // of the batch: nobody else adds lines or seals
	approvers := []*fakeledger.Identity{civilApprover, provinceApprover}
	payers := []*fakeledger.Identity{financePreparer}
	treasurers := []*fakeledger.Identity{financeApprover, provinceFinance}
	funders := slices.Concat(payers, treasurers)
	signers := slices.Concat(approvers, treasurers, []*fakeledger.Identity{auditApprover})
	exit := obj{"programme": "dibao", "subject": ref(4).String(), "reason": "moved", "last_period": "2026-11"}
	person := obj{"programme": "dibao", "subject": ref(0).String()}
	newImport := toImport("i-new")
	open := batchInput("b-new", "dibao", "t1", 1, 62000)
	child := obj{
		"parent": "t1", "id": "t9", "region": county + "001", "amount": "1.00", "account": "5301000000000002",
		"targets": trancheInput("", "", "", "")["targets"],
	}
	return []act{
		{"registry:Ping", nil, nil, everybody},
		{"registry:Get", nil, nil, everybody},
		{"registry:GetProposal", obj{"id": "p1"}, nil, everybody},
		{"registry:Propose", obj{"id": "p2", "change": obj{"thresholds": obj{"x": 2}}}, nil, registrars},
		{"registry:Agree", obj{"id": "p1"}, nil, registrars},
		{"registry:Withdraw", obj{"id": "p1"}, nil, ownRegistrar},
		{"official:Register", with(deputy, "name", "new-clerk", "id", "1024"), nil, ownRegistrar},
		{"official:Retire", with(deputy, "reason", "has left"), nil, ownRegistrar},
		{"official:Revoke", with(deputy, "reason", "lost", "serials", []string{"1a2b"}), nil, ownRegistrar},
		{"official:Get", deputy, nil, everybody},
		{"programme:Draft", programmeInput("tekun", 1, 1), nil, []*fakeledger.Identity{provincePreparer}},
		{"programme:Enact", obj{"id": "dibao", "version": 2}, nil, []*fakeledger.Identity{provinceFinance}},
		{"programme:End", obj{"id": "dibao"}, nil, []*fakeledger.Identity{provinceApprover}},
		{"programme:Get", obj{"id": "dibao"}, nil, everybody},
		{"reading:Anchor", obj{"day": "2026-10-20", "count": 1, "head": digest("r")}, nil, registrars},
		{"programme:List", obj{}, nil, everybody},
		{"fund:Issue", trancheInput("t8", "dibao", county, "5.00"), nil, treasurers},
		{"fund:Allocate", child, nil, treasurers},
		{"fund:TopUp", obj{"id": "t1", "amount": "1.00", "document": "1", "reason": "more"}, nil, funders},
		{"fund:TakeBack", obj{"id": "t-part", "amount": "1.00", "reason": "left over"}, nil, funders},
		{"fund:CarryOver", obj{"id": "t1", "to": "t-next", "amount": "1.00", "reason": "left over"}, nil, funders},
		{"fund:Refund", obj{"id": "t2", "amount": "1.00", "reason": "left over"}, nil, funders},
		{"fund:Confirm", obj{"id": "t1", "adjustment": 1, "agree": true}, nil, treasurers},
		{"fund:Withdraw", obj{"id": "t1", "adjustment": 1}, nil, funders},
		{"fund:Close", obj{"id": "t-empty"}, nil, treasurers},
		{"fund:YearEnd", obj{"id": "2026-530181"}, nil, everybody},
		{"fund:SignYearEnd", obj{"id": "2026-530181"}, nil, signers},
		{"fund:Get", obj{"id": "t1"}, nil, everybody},
		{"fund:List", obj{}, nil, everybody},
		{"roll:ProposeImport", newImport, nil, preparers},
		{"roll:ConfirmImport", obj{"id": "i-proposed", "digest": toImport("i-proposed").Digest(), "agree": true}, nil, approvers},
		{"roll:WithdrawImport", obj{"id": "i-proposed"}, nil, preparers},
		{"roll:Import", obj{"import": "i-confirmed", "segments": []int{1}}, rollChunk(5, 1), approvers},
		{"roll:GetImport", obj{"id": "i-confirmed"}, nil, everybody},
		{"roll:ListImports", obj{}, nil, everybody},
		{"roll:Standing", obj{"programme": "dibao", "county": county, "segment": 0}, nil, everybody},
		{"roll:Status", obj{"programme": "dibao", "county": county}, nil, everybody},
		{"roll:Segment", obj{"programme": "dibao", "county": county, "segment": 0}, nil, everybody},
		{"roll:Entry", person, nil, everybody},
		{"roll:Entries", obj{"subject": ref(0).String()}, nil, everybody},
		{"roll:Exit", exit, nil, preparers},
		{"roll:Suspend", obj{"programme": "dibao", "subject": ref(4).String(), "from": "2027-01", "reason": "for a test"}, nil, preparers},
		{"roll:SetTerms", obj{"programme": "dibao", "subject": ref(4).String(), "class": "A", "persons": 1, "amount": "660.00", "from": "2027-01"}, nil, preparers},
		{"roll:SetResidence", obj{"programme": "dibao", "subject": ref(4).String(), "residence": "rural", "from": "2027-01", "document": "1"}, nil, preparers},
		{"roll:ChangePayee", newCard(4), card(104), preparers},
		{"roll:ConfirmChange", openChange, nil, approvers},
		{"roll:WithdrawChange", openChange, nil, preparers},
		{"roll:GetChange", openChange, nil, everybody},
		{"roll:ListChanges", obj{}, nil, everybody},
		{"roll:DeclareAccount", accountInput("uncle", roll.AccountGuardian, relief.Tag{1, 202}), nil, preparers},
		{"roll:ConfirmAccount", accountDecision(proposedAccount, true), nil, approvers},
		{"roll:EndAccount", obj{"id": "home", "reason": "for a test"}, nil, approvers},
		{"roll:SharedAccounts", obj{"tags": []relief.Tag{homeAccount}}, nil, everybody},
		{"person:ProposeErasure", eraseInput(3), nil, preparers},
		{"person:ConfirmErasure", obj{"subject": ref(1).String(), "agree": true}, nil, approvers},
		{"person:WithdrawErasure", obj{"subject": ref(1).String()}, nil, preparers},
		{"person:GetErasure", obj{"subject": ref(1).String()}, nil, everybody},
		{"person:ListErasures", obj{}, nil, everybody},
		{"person:Due", obj{"subjects": []string{ref(3).String()}}, nil, everybody},
		{"person:Hold", holdInput(0), nil, []*fakeledger.Identity{auditPreparer, auditApprover}},
		{"person:LiftHold", obj{"id": relief.NewSubjectHoldID(ref(4))}, nil, []*fakeledger.Identity{auditApprover}},
		{"person:GetHold", obj{"id": relief.NewSubjectHoldID(ref(4))}, nil, everybody},
		{"person:ListHolds", obj{}, nil, everybody},
		{"payment:Open", open, nil, preparers},
		{"payment:AddLines", obj{"batch": "b-open"}, linesChunk(first+1, 1, 1, 62000), preparer},
		{"payment:AddDue", obj{"batch": "b-open", "segments": []int{0}}, nil, preparer},
		{"payment:Seal", obj{"id": "b-open"}, nil, preparer},
		{"payment:Approve", obj{"id": "b-sealed"}, nil, approvers},
		{"payment:MakeFile", fileInput("b-approved", 1, "620.00"), nil, payers},
		{"payment:Authorise", obj{"id": "b-filed", "file_sha256": fileHash}, nil, treasurers},
		{"payment:Instruct", obj{"id": "b-authorised"}, nil, payers},
		{"payment:TakeBack", obj{"id": "b-instructed", "reason": "rejected"}, nil, payers},
		{"payment:ConfirmTakeBack", obj{"id": "b-recalled"}, nil, treasurers},
		{
			"payment:Settle", obj{"batch": "b-instructed"},
			settlements(settlement(first, 1, payment.OutcomeCredited, 62000)), payers,
		},
		{"payment:Tally", obj{"id": "b-instructed"}, nil, payers},
		{
			"payment:Cancel", obj{"id": "b-approved", "reason": "for a test"}, nil,
			slices.Concat(preparers, approvers, treasurers),
		},
		{"payment:Close", obj{"id": "b-settled"}, nil, payers},
		{"payment:RemoveLines", obj{"batch": "b-open", "subjects": []string{ref(0).String()}}, nil, preparer},
		{"payment:SetControl", obj{"id": "b-open", "count": 2, "sum": "1240.00"}, nil, preparer},
		{"payment:SendBack", obj{"id": "b-sealed", "reason": "for a test"}, nil, approvers},
		{"payment:SendBack", obj{"id": "b-authorised", "reason": "for a test"}, nil, treasurers},
		{"payment:HandOver", obj{"id": "b-open", "to": "civil-deputy"}, nil, slices.Concat(preparer, approvers)},
		{"payment:Get", obj{"id": "b-open"}, nil, everybody},
		{"payment:List", obj{}, nil, everybody},
		{"payment:Lines", obj{"batch": "b-open", "segment": 0}, nil, everybody},
		{"payment:Payment", obj{"id": "dibao-530181-000000" + string('0'+rune(first)) + "-202601-1"}, nil, everybody},
	}
}

// openChange is a change that the stages leave open.
var openChange = obj{"change": fmt.Sprintf("dibao-%s-%07d-c1", county, first+2)}

// now is the act with what only the ledger says: the pages of an erasure, the digest of a change.
func (w *world) now(a act) act {
	switch a.function {
	case "registry:Agree":
		a.input = w.agreement("p1")
	case "person:ConfirmErasure":
		a.input, a.tr = w.naming(a.input.(obj), relief.ErasureKey(ref(1)), "sha256"), w.pages(1)
	case "fund:Confirm":
		a.input = w.agreesTo("t1", 1)
	case "fund:SignYearEnd":
		in := maps.Clone(a.input.(obj))
		in["sha256"] = w.ask(auditReader, "fund:YearEnd", in)["sha256"]
		a.input = in
	case "roll:ConfirmChange":
		a.input = agreed(w.ask(auditReader, "roll:GetChange", openChange))
	}
	return a
}

// money has the tranches of the acts: one with an adjustment that is not decided, one with a part below it, one without money, and
// one of the next year.
func (w *world) money() {
	w.t.Helper()
	w.tranche("t2", "dibao", "100.00")
	w.allocates("t2", "t-part", "1.00")
	w.nextYear("t-next", "1.00")
	w.tranche("t-empty", "dibao", "1.00")
	w.refunds("t-empty", "1.00")
	clerk := fakeledger.Official(fakeledger.Finance, "finance-clerk", "preparer", "530181")
	if err := w.Register(clerk, "no-finance-clerk"); err != nil {
		w.t.Fatal(err)
	}
	w.do(clerk, "fund:Refund", obj{"id": "t1", "amount": "1.00", "reason": "left over"})
}

// TestWhoMayDoWhat calls every function as every official.
func TestWhoMayDoWhat(t *testing.T) {
	w := stages(t)
	w.money()
	for _, a := range acts() {
		a = w.now(a)
		for _, id := range officials {
			_, err := w.Endorse(id, a.function, args(a.input), a.tr)
			var e *relief.Error
			if err != nil {
				e = relief.ParseError(err.Error())
			}
			denied := e != nil && (e.Code == relief.CodeForbidden || e.Code == relief.CodeRegion)
			switch may := slices.Contains(a.may, id); {
			case may && err != nil:
				t.Errorf("%s by %s: %v", a.function, id.Name(), err)
			case !may && !denied:
				t.Errorf("%s by %s is not denied: %v", a.function, id.Name(), err)
			}
		}
	}
}

// TestRegions calls every function that writes as somebody with the duty and another region.
func TestRegions(t *testing.T) {
	w := stages(t)
	w.money()
	away := map[*fakeledger.Identity]*fakeledger.Identity{
		civilPreparer: civilElsewhere, civilApprover: approverAway, financePreparer: financeElsewhere,
		financeApprover:  fakeledger.Official(fakeledger.Finance, "finance-away", "approver", "530129"),
		provincePreparer: civilPreparer, provinceApprover: civilApprover, provinceFinance: financeApprover,
		auditPreparer: fakeledger.Official(fakeledger.Audit, "audit-away", "preparer", "530129"),
		auditApprover: fakeledger.Official(fakeledger.Audit, "audit-away", "approver", "530129"),
	}
	for _, a := range acts() {
		if len(a.may) == len(officials) || a.function[:8] == "registry" || a.function[:8] == "official" || a.function == "reading:Anchor" {
			continue
		}
		a = w.now(a)
		for _, id := range a.may {
			other := away[id]
			if slices.Contains(a.may, other) {
				continue
			}
			_, err := w.Endorse(other, a.function, args(a.input), a.tr)
			if err == nil || relief.ParseError(err.Error()) == nil || relief.ParseError(err.Error()).Code != relief.CodeRegion {
				t.Errorf("%s by %s of region elsewhere: %v, want REGION", a.function, other.Name(), err)
			}
		}
	}
}

// TestStates does every act of a batch in every state.
func TestStates(t *testing.T) {
	w := stages(t)
	for _, c := range []struct {
		function string
		by       *fakeledger.Identity
		input    func(batch string) (obj, transient)
		in       []string // the states in which it is done, or was done: then it is repeated without a write
	}{
		{"payment:AddLines", civilPreparer, func(b string) (obj, transient) {
			return obj{"batch": b}, linesChunk(first+1, 1, 1, 62000)
		}, []string{"open"}},
		{"payment:AddDue", civilPreparer, func(b string) (obj, transient) {
			return obj{"batch": b, "segments": []int{0}}, nil
		}, []string{"open"}},
		{"payment:Seal", civilPreparer, idOf, []string{"open", "sealed"}},
		{"payment:Approve", civilApprover, idOf, []string{"sealed", "approved"}},
		{"payment:MakeFile", financePreparer, func(b string) (obj, transient) {
			return fileInput(b, 1, "620.00"), nil
		}, []string{"approved", "filed", "authorised"}},
		{"payment:Authorise", financeApprover, func(b string) (obj, transient) {
			return obj{"id": b, "file_sha256": fileHash}, nil
		}, []string{"filed", "authorised"}},
		{"payment:Instruct", financePreparer, idOf, []string{"authorised", "instructed"}},
		{"payment:TakeBack", financePreparer, func(b string) (obj, transient) {
			return obj{"id": b, "reason": "rejected"}, nil
		}, []string{"instructed", "recalled"}},
		{"payment:ConfirmTakeBack", financeApprover, idOf, []string{"recalled"}},
		{"payment:Settle", financePreparer, func(b string) (obj, transient) {
			return obj{"batch": b}, settlements(settlement(first, 1, payment.OutcomeCredited, 62000))
		}, []string{"instructed", "recalled", "settled", "closed"}},
		{"payment:Tally", financePreparer, idOf, []string{"instructed", "recalled", "settled", "closed"}},
		{"payment:Close", financePreparer, idOf, []string{"settled", "closed"}},
		{"payment:Cancel", civilPreparer, func(b string) (obj, transient) {
			return obj{"id": b, "reason": "for a test"}, nil
		}, []string{"open", "sealed", "approved", "filed", "authorised", "cancelled"}},
		{"payment:RemoveLines", civilPreparer, func(b string) (obj, transient) {
			return obj{"batch": b, "subjects": []string{ref(0).String()}}, nil
		}, []string{"open"}},
		{"payment:SetControl", civilPreparer, func(b string) (obj, transient) {
			return obj{"id": b, "count": 2, "sum": "1240.00"}, nil
		}, []string{"open"}},
		{"payment:SendBack", civilApprover, func(b string) (obj, transient) {
			return obj{"id": b, "reason": "for a test"}, nil
		}, []string{"sealed"}},
		{"payment:SendBack", financeApprover, func(b string) (obj, transient) {
			return obj{"id": b, "reason": "for a test"}, nil
		}, []string{"approved", "filed", "authorised"}},
		{"payment:HandOver", civilPreparer, func(b string) (obj, transient) {
			return obj{"id": b, "to": "civil-deputy"}, nil
		}, []string{"open"}},
	} {
		for _, state := range states {
			input, tr := c.input("b-" + state)
			_, err := w.Endorse(c.by, c.function, args(input), tr)
			var e *relief.Error
			if err != nil {
				e = relief.ParseError(err.Error())
			}
			switch {
			case slices.Contains(c.in, state):
				if err != nil {
					t.Errorf("%s in %s: %v", c.function, state, err)
				}
			case slices.Contains(tooEarly[c.function], state):
				if e == nil || e.Code != relief.CodePending {
					t.Errorf("%s in %s: %v, want PENDING", c.function, state, err)
				}
			case c.function == "payment:SendBack" && slices.Contains([]string{"sealed", "approved", "filed", "authorised"}, state):
				if e == nil || e.Code != relief.CodeForbidden {
					t.Errorf("%s by %s in %s: %v, want FORBIDDEN", c.function, c.by.Name(), state, err)
				}
			case e == nil || e.Code != relief.CodeWrongState:
				t.Errorf("%s in %s: %v, want WRONG_STATE", c.function, state, err)
			}
		}
	}
}

// tooEarly are the states in which an act waits for another: every answer, the payment file, the wish to take it back.
var tooEarly = map[string][]string{
	"payment:Close": {"instructed", "recalled"}, "payment:Authorise": {"approved"}, "payment:ConfirmTakeBack": {"instructed"},
}

func idOf(batch string) (obj, transient) { return obj{"id": batch}, nil }

// TestSeparationOfDuties gives one person both roles: the duties are not enough to approve one's own work.
func TestSeparationOfDuties(t *testing.T) {
	w := county5(t)
	both := fakeledger.Official(fakeledger.CivilAffairs, "civil-preparer", "approver", county)
	w.listed("b1")
	w.do(civilPreparer, "payment:Seal", obj{"id": "b1"})
	w.refused(relief.CodeSamePerson, both, "payment:Approve", obj{"id": "b1"})
	w.refused(relief.CodeForbidden, civilPreparer, "payment:Approve", obj{"id": "b1"})
	w.do(civilApprover, "payment:Approve", obj{"id": "b1"})
}

// TestCallers refuses who cannot be made out.
func TestCallers(t *testing.T) {
	w := newWorld(t)
	for name, id := range map[string]*fakeledger.Identity{
		"no certificate": fakeledger.RawIdentity(fakeledger.CivilAffairs, []byte("not a certificate")),
		"no role":        fakeledger.NewIdentity(fakeledger.CivilAffairs, "civil-reader", map[string]string{"region": county}),
		"no region":      fakeledger.NewIdentity(fakeledger.CivilAffairs, "civil-reader", map[string]string{"role": "preparer"}),
		"empty role":     fakeledger.Official(fakeledger.CivilAffairs, "civil-reader", "", county),
		"no such region": fakeledger.Official(fakeledger.CivilAffairs, "civil-reader", "preparer", "yunnan"),
		"no name":        fakeledger.Official(fakeledger.CivilAffairs, "", "preparer", county),
		"no agency":      fakeledger.Official("StrangerMSP", "civil-reader", "preparer", county),
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{w.Ledger, t}
			w.refused(relief.CodeForbidden, id, "programme:Draft", programmeInput("dibao", 1, 4))
			w.refused(relief.CodeForbidden, id, "programme:List", obj{})
		})
	}
}

// TestCalls refuses calls that are not what the interface says.
func TestCalls(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		code     relief.Code
		function string
		args     []string
	}{
		{relief.CodeNotFound, "registry:Nothing", []string{"{}"}},
		{relief.CodeNotFound, "registry:ping", nil},
		{relief.CodeNotFound, "programme:list", []string{"{}"}},
		{relief.CodeInvalid, "registry:Ping", []string{"{}"}},
		{relief.CodeInvalid, "programme:List", nil},
		{relief.CodeInvalid, "programme:List", []string{"{}", "{}"}},
		{relief.CodeInvalid, "programme:List", []string{""}},
		{relief.CodeInvalid, "programme:List", []string{`{"limit":1,"colour":"red"}`}},
		{relief.CodeInvalid, "programme:List", []string{`{"limit":1} {}`}},
		{relief.CodeInvalid, "programme:List", []string{`{"limit":100000}`}},
		{relief.CodeInvalid, "programme:List", []string{`{"cursor":"\u0000tranche\u0000"}`}},
		{relief.CodeInvalid, "roll:ProposeImport", []string{`{"id":"I1","programme":"dibao","county":"530181","from":"2026-01","chunks":[]}`}},
	} {
		_, _, err := w.Submit(provincePreparer, c.function, c.args, nil)
		var e *fakeledger.EndorseError
		if !errors.As(err, &e) || relief.ParseError(e.Message) == nil || relief.ParseError(e.Message).Code != c.code {
			t.Errorf("%s %.60q: %v, want %s", c.function, c.args, err, c.code)
		}
	}
}
