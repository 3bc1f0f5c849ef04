// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/founding"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

func document(t *testing.T) obj {
	t.Helper()
	var o obj
	if err := json.Unmarshal(founding.Dev, &o); err != nil {
		t.Fatal(err)
	}
	o["officials"] = fakeledger.Staff()
	return o
}

func TestFounding(t *testing.T) {
	w := newLedger(t)
	w.refused(relief.CodeNotFound, auditRegistrar, "registry:Get", nil)
	w.refused(relief.CodeForbidden, provincePreparer, "programme:Draft", programmeInput("dibao", 1, 4))

	id := foundingID(t, document(t))
	propose := obj{"id": id, "change": document(t)}
	p := w.do(civilRegistrar, "registry:Propose", propose)
	w.want(p, "open", "state")
	w.want(p, "[CivilAffairsMSP]", "agreed_by")
	w.unchanged(civilRegistrar, "registry:Propose", propose)
	w.want(w.do(financeRegistrar, "registry:Agree", w.agreement(id)), "open", "state")
	w.unchanged(financeRegistrar, "registry:Agree", w.agreement(id))
	w.refused(relief.CodeNotFound, auditRegistrar, "registry:Get", nil)
	w.want(w.do(auditRegistrar, "registry:Agree", w.agreement(id)), "effective", "state")

	r := w.ask(auditReader, "registry:Get", nil)
	w.want(r, "FinanceMSP", "agencies", 1, "msp_id")
	if n, want := len(at(r, "duties").([]any)), len(document(t)["duties"].([]any)); n != want {
		t.Errorf("%d duties, want %d", n, want)
	}
	if n := len(at(r, "regions").([]any)); n != 4 {
		t.Errorf("%d regions, want 4", n)
	}
	w.want(w.ask(auditReader, "registry:GetProposal", obj{"id": id}), "effective", "state")
}

// foundingID is the id of a founding by a document.
func foundingID(t *testing.T, document obj) string {
	t.Helper()
	b, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	var c registry.Change
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	id, err := registry.FoundingID(&c)
	if err != nil {
		t.Fatal(err)
	}
	return string(id)
}

// agreement is the argument of registry:Agree with a proposal as it is on the ledger.
func (w *world) agreement(id string) obj {
	w.t.Helper()
	return obj{"id": id, "digest": at(w.ask(civilRegistrar, "registry:GetProposal", obj{"id": id}), "digest")}
}

// changeRegistry is a change that all three agencies agree with.
func (w *world) changeRegistry(id string, change obj) {
	w.t.Helper()
	w.do(civilRegistrar, "registry:Propose", obj{"id": id, "change": change})
	w.do(financeRegistrar, "registry:Agree", w.agreement(id))
	w.do(auditRegistrar, "registry:Agree", w.agreement(id))
}

// TestRogueFounding has one organisation found the registry alone, under as many ids as it likes.
func TestRogueFounding(t *testing.T) {
	w := newLedger(t)
	rogue := fakeledger.Official(fakeledger.CivilAffairs, "second-registrar", "registrar", "53")
	for n := range 3 {
		d := document(t)
		d["thresholds"] = obj{"over": n}
		id := foundingID(t, d)
		w.do(civilRegistrar, "registry:Propose", obj{"id": id, "change": d})
		if payload, err := w.try(rogue, "registry:Agree", w.agreement(id), nil); err == nil {
			w.want(w.object(payload), "open", "state")
		}
	}
	w.refused(relief.CodeNotFound, civilRegistrar, "registry:Get", nil)
	w.refused(relief.CodeForbidden, provincePreparer, "programme:Draft", programmeInput("dibao", 1, 4))
	one := document(t)
	one["agencies"] = one["agencies"].([]any)[:1]
	if _, err := w.try(civilRegistrar, "registry:Propose", obj{"id": "f4", "change": one}, nil); err == nil {
		t.Error("a founding by one agency alone was taken")
	}
	w.refused(relief.CodeNotFound, civilRegistrar, "registry:Get", nil)
}

func TestAmendment(t *testing.T) {
	w := newWorld(t)
	w.do(civilRegistrar, "registry:Propose", obj{"id": "a1", "change": obj{"thresholds": obj{"over": 500000}}})
	w.do(financeRegistrar, "registry:Agree", w.agreement("a1"))
	w.want(w.ask(auditReader, "registry:Get", nil), "map[]", "thresholds")
	w.do(auditRegistrar, "registry:Agree", w.agreement("a1"))
	w.want(w.ask(auditReader, "registry:Get", nil), "500000", "thresholds", "over")

	// A duty that is taken away is gone, and what was not in the change stays.
	var kept []any
	for _, d := range document(t)["duties"].([]any) {
		if at(d, "act") != "programme.end" {
			kept = append(kept, d)
		}
	}
	w.programme("dibao", 4)
	w.do(auditRegistrar, "registry:Propose", obj{"id": "a2", "change": obj{"duties": kept}})
	w.do(civilRegistrar, "registry:Agree", w.agreement("a2"))
	w.do(financeRegistrar, "registry:Agree", w.agreement("a2"))
	w.refused(relief.CodeForbidden, provinceApprover, "programme:End", obj{"id": "dibao"})
	w.want(w.ask(auditReader, "registry:Get", nil), "500000", "thresholds", "over")
	w.refused(relief.CodeConflict, civilRegistrar, "registry:Propose", obj{"id": "a1", "change": obj{"thresholds": obj{"over": 1}}})
	w.refused(relief.CodeNotFound, civilRegistrar, "registry:Agree", obj{"id": "a9", "digest": ""})
}

// A proposal rests on what it replaces: what was decided since is not undone by an agreement that comes late.
func TestStaleProposals(t *testing.T) {
	w := newWorld(t)
	regions := func(extra obj) obj { return obj{"regions": append(document(t)["regions"].([]any), extra)} }
	county := func(code, name string) obj { return obj{"code": code, "name": name, "valid_from": "2000-01-01"} }

	w.do(civilRegistrar, "registry:Propose", obj{"id": "b", "change": regions(county("530103", "盘龙区"))})
	w.do(financeRegistrar, "registry:Agree", w.agreement("b"))
	w.changeRegistry("a", regions(county("530102", "五华区")))
	w.refused(relief.CodeLate, auditRegistrar, "registry:Agree", w.agreement("b"))
	w.changeRegistry("other", obj{"thresholds": obj{"over": 1}}) // another section does not concern it
	w.refused(relief.CodeConflict, auditRegistrar, "registry:Agree", obj{"id": "b", "digest": strings.Repeat("0", 64)})

	w.do(civilRegistrar, "registry:Propose", obj{"id": "c", "change": obj{"thresholds": obj{"over": 2}}})
	w.refused(relief.CodeForbidden, financeRegistrar, "registry:Withdraw", obj{"id": "c"})
	w.want(w.do(civilRegistrar, "registry:Withdraw", obj{"id": "c"}), "withdrawn", "state")
	w.unchanged(civilRegistrar, "registry:Withdraw", obj{"id": "c"})
	w.refused(relief.CodeWrongState, financeRegistrar, "registry:Agree", w.agreement("c"))
	w.refused(relief.CodeWrongState, civilRegistrar, "registry:Agree", w.agreement("c"))
	w.refused(relief.CodeWrongState, civilRegistrar, "registry:Withdraw", obj{"id": "a"})

	w.do(civilRegistrar, "registry:Propose", obj{"id": "d", "change": obj{"thresholds": obj{"over": 3}}})
	w.later((registry.ProposalDays + 1) * day)
	w.refused(relief.CodeLate, financeRegistrar, "registry:Agree", w.agreement("d"))
	w.want(w.ask(auditReader, "registry:Get", nil), "1", "thresholds", "over")
}

// A section that gets its old content back is another one: an old proposal is not agreed to again.
func TestAnOldProposalDoesNotComeBack(t *testing.T) {
	w := newWorld(t)
	w.changeRegistry("a1", obj{"thresholds": obj{"over": 1}})
	w.do(civilRegistrar, "registry:Propose", obj{"id": "old", "change": obj{"thresholds": obj{"over": 9}}})
	w.do(financeRegistrar, "registry:Agree", w.agreement("old"))
	w.do(civilRegistrar, "registry:Propose", obj{"id": "days", "change": obj{"calendar": obj{"holidays": []string{"2027-01-01"}, "workdays": []string{}, "utc_offset": 480}}})
	w.changeRegistry("b", obj{"thresholds": obj{"over": 2}})
	w.refused(relief.CodeLate, auditRegistrar, "registry:Agree", w.agreement("old"))
	w.changeRegistry("a2", obj{"thresholds": obj{"over": 1}})
	w.refused(relief.CodeLate, auditRegistrar, "registry:Agree", w.agreement("old"))
	w.want(w.ask(auditReader, "registry:Get", nil), "1", "thresholds", "over")
	w.do(financeRegistrar, "registry:Agree", w.agreement("days")) // rests on other sections
	w.want(w.do(auditRegistrar, "registry:Agree", w.agreement("days")), "effective", "state")
}

// Nobody takes the id of a founding with another content: it is the content's.
func TestNobodyTakesTheFoundingsID(t *testing.T) {
	w := newLedger(t)
	other := document(t)
	other["thresholds"] = obj{"over": 1}
	id := foundingID(t, document(t))
	for _, taken := range []string{id, "founding"} {
		if e := w.refused(relief.CodeInvalid, auditRegistrar, "registry:Propose", obj{"id": taken, "change": other}); e.Field != "id" {
			t.Errorf("refused for %q", e.Field)
		}
	}
	w.do(civilRegistrar, "registry:Propose", obj{"id": id, "change": document(t)})
}

// Registrars of a part of the province do not vote for all of it, nor does anybody add regions that no registrar answers for.
func TestRegistrarsAnswerForAllRegions(t *testing.T) {
	w := newWorld(t)
	small := func(msp string) *fakeledger.Identity {
		return fakeledger.Official(msp, "village-registrar", "registrar", "530129001001")
	}
	change := obj{"id": "r1", "change": obj{"thresholds": obj{"over": 1}}}
	w.refused(relief.CodeRegion, small(fakeledger.CivilAffairs), "registry:Propose", change)
	w.do(civilRegistrar, "registry:Propose", change)
	w.refused(relief.CodeRegion, small(fakeledger.Finance), "registry:Agree", w.agreement("r1"))
	w.refused(relief.CodeRegion, small(fakeledger.CivilAffairs), "registry:Withdraw", obj{"id": "r1"})
	w.do(financeRegistrar, "registry:Agree", w.agreement("r1"))
	w.refused(relief.CodeRegion, small(fakeledger.Audit), "registry:Agree", w.agreement("r1"))
	w.want(w.ask(auditReader, "registry:Get", nil), "map[]", "thresholds")

	beyond := append(document(t)["regions"].([]any), obj{"code": "540102", "name": "城关区", "valid_from": "2000-01-01"})
	w.refused(relief.CodeRegion, civilRegistrar, "registry:Propose", obj{"id": "r2", "change": obj{"regions": beyond}})

	l := newLedger(t)
	founding := obj{"id": foundingID(t, document(t)), "change": document(t)}
	l.refused(relief.CodeRegion, small(fakeledger.CivilAffairs), "registry:Propose", founding)
}

// TestNoticeDaysAreTheFoundings: seven at least, none on a network of tests, nothing between, and never less afterwards.
func TestNoticeDaysAreTheFoundings(t *testing.T) {
	for _, days := range []int{-1, 1, 6, 61} {
		w := newLedger(t)
		d := document(t)
		d["parameters"] = obj{"min_notice_days": days}
		w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", obj{"id": "founding", "change": d})
	}
	for _, days := range []int{0, 7, 14} {
		w := newLedger(t)
		d := document(t)
		d["parameters"] = obj{"min_notice_days": days}
		b, err := json.Marshal(d)
		if err == nil {
			err = w.FoundWith(b)
		}
		if err != nil {
			t.Fatal(err)
		}
		p := programmeInput("p", 1, 4)
		p["notice_days"] = days - 1
		w.refused(relief.CodeInvalid, provincePreparer, "programme:Draft", p)
		p["notice_days"] = days
		w.do(provincePreparer, "programme:Draft", p)
		w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", obj{"id": "p1", "change": obj{"parameters": obj{"min_notice_days": days}}})
		w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", obj{"id": "p2", "change": obj{"parameters": obj{"min_notice_days": 0}}})
		w.want(w.ask(auditReader, "registry:Get", nil), fmt.Sprint(days), "parameters", "min_notice_days")
	}
}

// TestPublicationTermsAreTheFoundings: no founding goes beyond the law, no programme beyond its founding, and who says nothing has the founding's.
func TestPublicationTermsAreTheFoundings(t *testing.T) {
	for _, bad := range []obj{
		{"max_publish_workdays": 21}, {"max_publish_workdays": -1}, {"max_online_days": 6}, {"max_online_days": 366}, {"max_online_days": -1},
	} {
		w := newLedger(t)
		d := document(t)
		bad["min_notice_days"] = 7
		d["parameters"] = bad
		w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", obj{"id": "founding", "change": d})
	}
	for _, c := range []struct {
		fixed          obj
		workdays, days int
	}{
		{obj{"min_notice_days": 7}, 20, 365},
		{obj{"min_notice_days": 7, "max_publish_workdays": 20, "max_online_days": 365}, 20, 365},
		{obj{"min_notice_days": 7, "max_publish_workdays": 5, "max_online_days": 30}, 5, 30},
	} {
		w := newLedger(t)
		d := document(t)
		d["parameters"] = c.fixed
		b, err := json.Marshal(d)
		if err == nil {
			err = w.FoundWith(b)
		}
		if err != nil {
			t.Fatal(err)
		}
		p := programmeInput("p", 1, 4)
		for _, n := range []int{-1, c.workdays + 1} {
			w.refused(relief.CodeInvalid, provincePreparer, "programme:Draft", with(p, "publish_workdays", n))
		}
		for _, n := range []int{-1, 6, c.days + 1} {
			w.refused(relief.CodeInvalid, provincePreparer, "programme:Draft", with(p, "online_days", n))
		}
		w.do(provincePreparer, "programme:Draft", with(p, "publish_workdays", c.workdays, "online_days", c.days))
		w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", obj{"id": "p1", "change": obj{"parameters": c.fixed}})
	}
}

// The registry holds as many keys as a verifier's policy; a retired key stays retired, behind it is the one in use.
func TestCosigningKeysRetire(t *testing.T) {
	w := newWorld(t)
	key := func(n, until int) obj {
		raw := make([]byte, 32)
		raw[0], raw[1] = byte(n), byte(n>>8)
		k := obj{"agency": fakeledger.CivilAffairs, "key": base64.StdEncoding.EncodeToString(raw)}
		if until != 0 {
			k["until_size"], k["until_statements"] = until, until
		}
		return k
	}
	keys := func(list ...obj) obj { return obj{"cosigning_keys": list} }
	var many []obj
	for n := range registry.MaxKeys + 1 {
		many = append(many, key(n, 0))
	}
	refused := func(id string, change obj) {
		t.Helper()
		w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", obj{"id": id, "change": change})
	}
	refused("many", keys(many...))
	w.do(civilRegistrar, "registry:Propose", obj{"id": "most", "change": keys(many[:registry.MaxKeys]...)})
	refused("last", keys(key(1, 0), key(2, 5)))
	refused("negative", keys(key(1, -5), key(2, 0)))
	one := key(1, 5)
	delete(one, "until_statements")
	refused("half", keys(one, key(2, 0)))
	w.changeRegistry("k1", keys(key(1, 500), key(2, 0)))
	refused("back", keys(key(1, 0), key(2, 0)))
	refused("later", keys(key(1, 501), key(2, 0)))
	w.changeRegistry("k2", keys(key(1, 400), key(2, 0)))
	w.want(w.ask(auditReader, "registry:Get", nil), "400", "cosigning_keys", 0, "until_size")
}
