// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

// with is an object with more fields, or others.
func with(o obj, fields ...any) obj {
	o = maps.Clone(o)
	for i := 0; i < len(fields); i += 2 {
		o[fmt.Sprint(fields[i])] = fields[i+1]
	}
	return o
}

// certificate is one more certificate of an official's name, with a serial number of its own.
func certificate(mspID, name, role, number string) *fakeIdentity {
	return fakeledger.NewIdentity(mspID, name, map[string]string{"role": role, "region": county, "number": number})
}

func serialOf(id *fakeIdentity) string { return id.Certificate().SerialNumber.Text(16) }

// everyCall is a call of each function, by the table.
func everyCall(t *testing.T) map[string]act {
	t.Helper()
	calls := map[string]act{}
	for _, a := range append(acts(), alone()...) {
		calls[a.function] = a
	}
	for name, input := range map[string]obj{
		"case:Get": {"case": "c1"}, "case:List": {}, "case:Claims": {"subject": ref(1).String()}, "case:Duties": {"case": "c1"},
		"case:Facts": {"case": "c1"}, "case:GrantSegments": {"cases": []string{"c1"}},
		"need:Get": {"need": "n1"}, "need:List": {},
	} {
		calls[name] = act{function: name, input: input}
	}
	return calls
}

// Nobody does or reads anything without an entry, under a retired name, or with a revoked certificate: whatever the function.
func TestNobodyActsWithoutAnEntry(t *testing.T) {
	w := newWorld(t)
	w.do(civilRegistrar, "registry:Propose", obj{"id": "solo", "change": obj{"thresholds": obj{"x": 1}}})
	retired, lost := certificate(fakeledger.CivilAffairs, "civil-deputy", "preparer", "1"), certificate(fakeledger.CivilAffairs, "civil-chief", "preparer", "1")
	name := obj{"agency": fakeledger.CivilAffairs, "name": "civil-deputy", "reason": "has left"}
	w.refused(relief.CodeInvalid, civilRegistrar, "official:Retire", with(name, "agency", "\x00")) // no key can have it
	w.do(civilRegistrar, "official:Retire", name)
	w.do(civilRegistrar, "official:Revoke", with(name, "name", "civil-chief", "serials", []string{serialOf(lost)}))
	strangers := map[string]*fakeIdentity{
		"not registered":    fakeledger.Official(fakeledger.CivilAffairs, "stranger", "preparer", county),
		"is retired":        retired,
		"is revoked":        lost,
		"an official":       fakeledger.Official(fakeledger.CivilAffairs, "сivil-preparer", "preparer", county), // a Cyrillic letter
		"can have":          fakeledger.Official(fakeledger.CivilAffairs, "civil preparer", "preparer", county),
		"as an official of": fakeledger.Official(fakeledger.Finance, "civil-preparer", "preparer", county),
	}
	calls := everyCall(t)
	for _, row := range api.Rows() {
		a, ok := calls[row.Name]
		switch {
		case row == api.RegistryPing.Row():
			continue
		case !ok:
			a = act{function: row.Name, input: obj{}}
		}
		for why, by := range strangers {
			_, err := w.Evaluate(by.MSPID(), by, row.Name, args(a.input), a.tr)
			if err == nil {
				t.Errorf("%s by somebody who %s: done", row.Name, why)
				continue
			}
			if e := relief.ParseError(err.Error()); e == nil || e.Code != relief.CodeForbidden || !strings.Contains(e.Detail, why) {
				t.Errorf("%s by somebody who %s: %v", row.Name, why, err)
			}
		}
	}
	w.want(w.ask(chief, "programme:List", obj{}), "[]", "items") // another certificate of the name
}

// TestSecondNames: separation of duties holds for a human being, whatever the spelling, the name and the role.
func TestSecondNames(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	if err := w.Register(fakeledger.Official(fakeledger.CivilAffairs, "another-name", "approver", county), strings.ToUpper(fakeledger.StaffNumber("civil-preparer"))); err != nil {
		t.Fatal(err)
	}
	w.want(w.do(civilPreparer, "payment:Seal", obj{"id": "b1"}), "no-civil-preparer", "acts", 1, "by", "id")
	for _, name := range []string{"civil-preparer", "Civil-Preparer", "CIVIL-PREPARER", "ｃｉｖｉｌ－ｐｒｅｐａｒｅｒ", "Ｃivil-preparer", "another-name", "Another-Name"} {
		again := fakeledger.Official(fakeledger.CivilAffairs, name, "approver", county)
		w.refused(relief.CodeSamePerson, again, "payment:Approve", obj{"id": "b1"})
	}
	for _, name := range []string{
		"civil-prepaгer", "civil‐preparer", "civil-preparer ", "civil-preparer\u200b", "civil-preparer\x00", "ⅽivil-preparer", "civil-prepareŕ",
		"\u212aivil-preparer", // the kelvin sign, whose small letter is k
	} {
		again := fakeledger.Official(fakeledger.CivilAffairs, name, "approver", county)
		w.refused(relief.CodeForbidden, again, "payment:Approve", obj{"id": "b1"})
	}
	w.do(civilApprover, "payment:Approve", obj{"id": "b1"})
}

func TestOfficialsAreRegistered(t *testing.T) {
	w := newWorld(t)
	clerk := obj{"agency": fakeledger.CivilAffairs, "name": "Civil-Clerk", "id": "Ａ1024"}
	e := w.do(civilRegistrar, "official:Register", clerk)
	for path, want := range map[string]string{"agency": fakeledger.CivilAffairs, "name": "civil-clerk", "id": "a1024", "state": "active", "revoked": "[]"} {
		w.want(e, want, path)
	}
	w.unchanged(civilRegistrar, "official:Register", clerk)
	w.refused(relief.CodeConflict, civilRegistrar, "official:Register", with(clerk, "id", "a1025"))
	w.refused(relief.CodeForbidden, financeRegistrar, "official:Register", with(clerk, "name", "x"))
	w.refused(relief.CodeForbidden, civilPreparer, "official:Register", with(clerk, "name", "x"))
	own := fakeledger.StaffNumber("registrar")
	w.refused(relief.CodeSamePerson, civilRegistrar, "official:Register", with(clerk, "name", "second-name", "id", strings.ToUpper(own)))
	for _, bad := range []obj{
		with(clerk, "name", ""), with(clerk, "name", "王伟"), with(clerk, "name", "-x"), with(clerk, "name", strings.Repeat("x", 65)),
		with(clerk, "name", "x", "id", ""), with(clerk, "name", "x", "id", "1 2"), with(clerk, "name", "x", "id", strings.Repeat("1", 33)),
	} {
		w.refused(relief.CodeInvalid, civilRegistrar, "official:Register", bad)
	}
	who := fakeledger.Official(fakeledger.CivilAffairs, "CIVIL-clerk", "reader", county)
	w.want(w.ask(who, "programme:List", obj{}), "[]", "items")
	w.refused(relief.CodeNotFound, civilRegistrar, "official:Retire", obj{"agency": fakeledger.CivilAffairs, "name": "nobody", "reason": "gone"})
}

func TestOfficialsRetire(t *testing.T) {
	w := newWorld(t)
	name := func(n string) obj { return obj{"agency": fakeledger.CivilAffairs, "name": n, "reason": "调离"} }
	second := fakeledger.Official(fakeledger.CivilAffairs, "second-registrar", "registrar", "53")
	if err := w.Register(second, "r2"); err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"clerk-1", "clerk-2", "clerk-3"} {
		w.do(civilRegistrar, "official:Register", obj{"agency": fakeledger.CivilAffairs, "name": n, "id": "c1"})
	}
	w.refused(relief.CodeForbidden, financeRegistrar, "official:Retire", name("clerk-1"))
	w.refused(relief.CodeInvalid, civilRegistrar, "official:Retire", with(name("clerk-1"), "reason", ""))
	w.want(w.do(civilRegistrar, "official:Retire", name("clerk-1")), "retired", "state")
	w.unchanged(second, "official:Retire", name("clerk-1"))
	w.want(w.do(second, "official:Retire", with(name("clerk-1"), "all_names", true)), "clerk-1", "name")
	for _, n := range []string{"clerk-2", "clerk-3"} {
		w.want(w.ask(auditReader, "official:Get", obj{"agency": fakeledger.CivilAffairs, "name": n}), "retired", "state")
	}
	w.refused(relief.CodeWrongState, civilRegistrar, "official:Register", obj{"agency": fakeledger.CivilAffairs, "name": "clerk-1", "id": "c1"})
	w.want(w.do(civilRegistrar, "official:Register", obj{"agency": fakeledger.CivilAffairs, "name": "clerk-4", "id": "c1"}), "c1", "id")

	// An agency keeps a registrar: nobody retires themselves.
	w.refused(relief.CodeSamePerson, civilRegistrar, "official:Retire", name("registrar"))
	w.want(w.do(second, "official:Retire", name("registrar")), "retired", "state")
	w.refused(relief.CodeForbidden, civilRegistrar, "official:Retire", name("second-registrar"))
	w.refused(relief.CodeSamePerson, second, "official:Retire", name("second-registrar"))
}

func TestCertificatesAreRevoked(t *testing.T) {
	w := newWorld(t)
	old, renewed := certificate(fakeledger.CivilAffairs, "civil-preparer", "preparer", "1"), certificate(fakeledger.CivilAffairs, "civil-preparer", "preparer", "2")
	revoke := obj{"agency": fakeledger.CivilAffairs, "name": "civil-preparer", "reason": "stolen", "serials": []string{"00" + strings.ToUpper(serialOf(old))}}
	w.want(w.ask(old, "programme:List", obj{}), "[]", "items")
	w.refused(relief.CodeForbidden, financeRegistrar, "official:Revoke", revoke)
	w.want(w.do(civilRegistrar, "official:Revoke", revoke), serialOf(old), "revoked", 0)
	w.unchanged(civilRegistrar, "official:Revoke", revoke)
	w.refused(relief.CodeForbidden, old, "programme:Draft", programmeInput("dibao", 1, 4))
	w.want(w.ask(renewed, "programme:List", obj{}), "[]", "items")
	for _, bad := range [][]string{{}, {""}, {"0"}, {"xyz"}, {"-1"}, {"1 2"}, {strings.Repeat("a", 41)}} {
		w.refused(relief.CodeInvalid, civilRegistrar, "official:Revoke", with(revoke, "serials", bad))
	}
	var many []string
	for i := range registry.MaxRevoked {
		many = append(many, fmt.Sprintf("%x", i+1))
	}
	w.refused(relief.CodeInvalid, civilRegistrar, "official:Revoke", with(revoke, "serials", many)) // one too many
	w.do(civilRegistrar, "official:Revoke", with(revoke, "serials", many[1:]))
	w.refused(relief.CodeForbidden, old, "programme:List", obj{})
}

// The founding names the agencies' first registrars; only they found it, and only the founding names officials.
func TestFoundingOfficials(t *testing.T) {
	w := newLedger(t)
	propose := func(officials any) obj {
		change := with(document(t), "officials", officials)
		return obj{"id": foundingID(t, change), "change": change}
	}
	named := func(agency, name, id string) obj { return obj{"agency": agency, "name": name, "id": id} }
	three := []obj{named(fakeledger.CivilAffairs, "registrar", "1"), named(fakeledger.Finance, "registrar", "1"), named(fakeledger.Audit, "registrar", "1")}
	for what, officials := range map[string]any{
		"nobody": nil, "no audit": three[:2], "twice": append(three[:3:3], three[0]),
		"of a stranger": append(three[:3:3], named("StrangerMSP", "registrar", "1")),
		"in capitals":   append(three[:3:3], named(fakeledger.Audit, "Reader", "2")),
	} {
		if _, err := w.try(civilRegistrar, "registry:Propose", propose(officials), nil); err == nil {
			t.Errorf("a founding that names %s is taken", what)
		}
	}
	second := fakeledger.Official(fakeledger.CivilAffairs, "second-registrar", "registrar", "53")
	w.refused(relief.CodeForbidden, second, "registry:Propose", propose(three))
	w.do(civilRegistrar, "registry:Propose", propose(three))
	id := propose(three)["id"].(string)
	if _, err := w.Evaluate(second.MSPID(), second, "registry:GetProposal", args(obj{"id": id}), nil); err == nil {
		t.Error("somebody who is not named reads the founding")
	}
	w.do(financeRegistrar, "registry:Agree", w.agreement(id))
	w.do(auditRegistrar, "registry:Agree", w.agreement(id))
	w.refused(relief.CodeForbidden, provincePreparer, "programme:Draft", programmeInput("dibao", 1, 4))
	w.do(civilRegistrar, "official:Register", named(fakeledger.CivilAffairs, "province-preparer", "2"))
	w.do(provincePreparer, "programme:Draft", programmeInput("dibao", 1, 4))
	w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", obj{"id": "o1", "change": obj{"officials": three}})
	w.want(w.ask(auditRegistrar, "official:Get", obj{"agency": fakeledger.CivilAffairs, "name": "Registrar"}), "1", "id")
}
