// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// importLine is a line of an import of the nth person of the tests.
func importLine(n int, change ...func(*roll.Input)) roll.Input {
	in := roll.Input{Seq: uint32(n), Ref: ref(n), Region: county + "001", Persons: 1, Class: 'A', Amount: 62000, Payee: payeeOf(n)}
	for _, f := range change {
		f(&in)
	}
	return in
}

// chunkOf is a chunk of lines with the details of their people.
func chunkOf(entries ...roll.Input) transient {
	var persons [][]byte
	for i := range entries {
		persons = append(persons, person(int(entries[i].Seq)))
	}
	return transient{wire.TransientRoll: roll.AppendRoll(nil, entries), wire.TransientPersons: roll.AppendDetails(nil, persons)}
}

func withMembers(members ...int) func(*roll.Input) {
	return func(in *roll.Input) {
		for _, n := range members {
			in.Members = append(in.Members, ref(n))
		}
	}
}

// refusals are the codes and notes of a chunk's result.
func (w *world) refusals(o obj) string {
	var out []string
	refused, _ := at(o, "refused").([]any)
	for _, r := range refused {
		text := fmt.Sprint(at(r, "seq"), " ", at(r, "code"))
		if note := at(r, "note"); note != nil {
			text += " " + fmt.Sprint(note)
		}
		out = append(out, text)
	}
	return fmt.Sprint(out)
}

// importsAs carries out an import and compares its refusals.
func (w *world) importsAs(want string, in obj, lines ...roll.Input) {
	w.t.Helper()
	if got := w.refusals(w.imports(in, chunkOf(lines...))); got != want {
		w.t.Errorf("refused %s, want %s", got, want)
	}
}

// One official alone puts nobody on the roll, and a chunk that nobody confirmed does not come in under a confirmed import.
func TestNobodyImportsAlone(t *testing.T) {
	w := newWorld(t)
	w.programme("dibao", 4)
	chunk, terms := rollChunk(0, 2), importTerms("i1", rollInput("dibao", 0), rollChunk(0, 2))
	carry := obj{"import": "i1", "segments": []int{0}}
	w.refused(relief.CodeNotFound, civilApprover, "roll:Import", carry, chunk)
	w.want(w.do(civilPreparer, "roll:ProposeImport", terms), "proposed", "state")
	w.unchanged(civilPreparer, "roll:ProposeImport", terms)
	w.refused(relief.CodeForbidden, civilPreparer, "roll:Import", carry, chunk)
	w.refused(relief.CodeWrongState, civilApprover, "roll:Import", carry, chunk)
	both := fakeledger.Official(fakeledger.CivilAffairs, "civil-preparer", "approver", county)
	agree := obj{"id": "i1", "digest": terms.Digest(), "agree": true}
	w.refused(relief.CodeSamePerson, both, "roll:ConfirmImport", agree)
	w.refused(relief.CodeRegion, approverAway, "roll:ConfirmImport", agree)
	w.refused(relief.CodeConflict, civilApprover, "roll:ConfirmImport", obj{"id": "i1", "digest": digest("another"), "agree": true})
	w.want(w.do(civilApprover, "roll:ConfirmImport", agree), "confirmed", "state")
	w.unchanged(civilApprover, "roll:ConfirmImport", agree)

	other := rollChunk(0, 2)
	other[wire.TransientPersons] = roll.AppendDetails(nil, [][]byte{person(0), person(9)})
	w.refused(relief.CodeForbidden, civilApprover, "roll:Import", carry, other)
	w.chunk(w.do(civilApprover, "roll:Import", carry, chunk), 2, 0)
	details := w.ask(auditReader, "roll:GetImport", obj{"id": "i1"})
	w.want(details, "2", "chunks", 0, "result", "accepted")
	w.want(details, "1240.00", "import", "sum")
	w.want(w.ask(auditReader, "roll:ListImports", obj{}), "i1", "items", 0, "id")
}

// A chunk counts once: sent again after somebody left, it brings nobody back.
func TestAChunkCountsOnce(t *testing.T) {
	w := newWorld(t)
	w.programme("dibao", 4)
	chunk := chunkOf(importLine(1), importLine(2), importLine(3, func(in *roll.Input) { in.Persons = 0 }))
	carry := w.confirmedImport(rollInput("dibao", 0), chunk)
	w.chunk(w.do(provinceApprover, "roll:Import", carry, chunk), 2, 0)
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(1).String(), "reason": "moved", "last_period": "2025-12"})
	again := w.unchanged(provinceApprover, "roll:Import", carry, chunk)
	if r := w.chunk(again, 0, 2); fmt.Sprint(r) != "[3 persons]" {
		t.Errorf("refused %v", r)
	}
	w.want(w.ask(auditReader, "roll:Entry", obj{"programme": "dibao", "subject": ref(1).String()}), "exited", "state")
}

// An import that was refused or withdrawn carries nothing, nor does one under a version that names no day.
func TestImportsThatEnd(t *testing.T) {
	w := newWorld(t)
	w.programme("dibao", 4)
	chunk, carry := rollChunk(0, 1), obj{"import": "i1", "segments": []int{0}}
	terms := importTerms("i1", rollInput("dibao", 0), chunk)
	w.do(civilPreparer, "roll:ProposeImport", terms)
	w.want(w.do(civilApprover, "roll:ConfirmImport", obj{"id": "i1", "digest": terms.Digest(), "agree": false, "reason": "the card of line 1"}), "refused", "state")
	w.refused(relief.CodeWrongState, civilApprover, "roll:Import", carry, chunk)

	confirmed := w.confirmedImport(rollInput("dibao", 0), chunk)
	id := fmt.Sprint(at(w.object([]byte(confirmed)), "import"))
	w.do(civilPreparer, "roll:WithdrawImport", obj{"id": id})
	w.unchanged(civilPreparer, "roll:WithdrawImport", obj{"id": id})
	w.refused(relief.CodeWrongState, provinceApprover, "roll:Import", confirmed, chunk)

	closed := programmeInput("tekun", 1, 4)
	delete(closed, "import_until")
	w.caseProgramme(closed)
	w.importRefused(relief.CodeWrongState, rollInput("tekun", 0), chunk)
}

// A second import brings changes: terms from its first period on, another card, other members.
func TestASecondImportBringsChanges(t *testing.T) {
	w := county5(t)
	july := rollInput("dibao", 0)
	july["from"] = "2026-07"
	was := roll.Was{Version: 1, Persons: 1, Class: 'A', Amount: 62000}
	changed := func(n int, change func(*roll.Input)) roll.Input {
		in := importLine(n, func(in *roll.Input) { in.Seen, in.Was = roll.SeenChanged, was })
		change(&in)
		return in
	}
	card := func(in *roll.Input) { in.Account = payeeOf(101).Account }
	w.importsAs("[2 not-as-proposed same 3 region-differs 530181001]", july,
		changed(0, func(in *roll.Input) { in.Persons, in.Amount = 2, 124000 }), changed(1, card),
		importLine(2), changed(3, func(in *roll.Input) { in.Region = county + "002" }))
	e := w.ask(auditReader, "roll:Entry", obj{"programme": "dibao", "subject": ref(0).String()})
	w.want(e, "1240.00", "amount")
	if p := w.payees(0); p.Version(1) != 2 || p.Payee(1).Account != payeeOf(101).Account || p.Version(0) != 1 {
		t.Errorf("payee of version %d: %v", p.Version(1), p.Payee(1))
	}
	w.has(1)
	d := w.ask(civilPreparer, "roll:Details", obj{"programme": "dibao", "subject": ref(1).String()})
	w.want(d, payeeOf(101).Account.String(), "account_tag")

	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 2, 2*62000))
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(first+2, 2, 2, 62000)), 2, 0)
	w.importsAs("[2 payment-unanswered]", july, changed(2, card), changed(3, func(in *roll.Input) { in.Class = 'B' }))
}

// What a decision put on the roll is not changed by an import.
func TestAnImportChangesNoCase(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, "in_force")
	w.importsAs("[1 already-on-the-roll c1]", rollInput("dibao", 0), importLine(1, func(in *roll.Input) { in.Seen = roll.SeenChanged }))
	w.importsAs("[1 already-on-the-roll c1]", rollInput("dibao", 0), importLine(1))
}

// What was paid before this record began is not paid again. Relief that is paid once is never listed twice.
func TestWhatWasToldIsNotPaidAgain(t *testing.T) {
	w := newWorld(t)
	once := programmeInput("linshi", 1, 4)
	once["cycle"] = "once"
	w.caseProgramme(once)
	w.programme("dibao", 4)
	told := func(in *roll.Input) { in.Told = roll.Told{PaidThrough: monthOf(2026, 10), PaidSum: 620_000} }
	w.importsAs("[]", rollInput("dibao", 0), importLine(1, told), importLine(2))
	w.importsAs("[]", rollInput("linshi", 0), importLine(1, told), importLine(2))
	e := w.ask(auditReader, "roll:Entry", obj{"programme": "dibao", "subject": ref(1).String()})
	w.want(e, "2026-10", "told_paid_through")
	w.want(e, "6200.00", "told_sum")

	for programme, months := range map[string]map[string]string{
		"dibao":  {"2026-09": "[1 already-paid-as-told]", "2026-10": "[1 already-paid-as-told]", "2026-11": "[]"},
		"linshi": {"2026-01": "[1 before-entry]", "2026-10": "[1 already-paid-as-told 2 exited]", "2026-11": "[1 exited 2 exited]"},
	} {
		w.tranche("t-"+programme, programme, "100000.00")
		for month, want := range months {
			id := "b-" + programme + month
			in := batchInput(id, programme, "t-"+programme, 2, 2*62000)
			in["period"] = month
			w.do(civilPreparer, "payment:Open", in)
			if got := w.refusals(w.do(civilPreparer, "payment:AddLines", obj{"batch": id}, linesOf(lineOf(0, 1, county+"001", 62000), seqOf(2, lineOf(1, 2, county+"001", 62000))))); got != want {
				t.Errorf("%s in %s: refused %s, want %s", programme, month, got, want)
			}
		}
	}
}

func seqOf(seq uint32, l payment.LineInput) payment.LineInput {
	l.Seq = seq
	return l
}

func monthOf(year, month int) relief.Period { return relief.MonthPeriod(year*12 + month - 1) }

// An import honours what excludes it: a head or a member who has relief from a programme that its version names, in whichever
// county, by an import or by an application.
func TestImportsHonourExclusions(t *testing.T) {
	w := newCaseWorld(t)
	tekun := caseProgrammeInput("tekun")
	tekun["overlap_refused"] = []string{"dibao"}
	w.caseProgramme(tekun)
	w.bringCase("c1", 1, "in_force") // members 1 and 1001
	w.importsAs("[]", rollInput("dibao", 0), importLine(5), importLine(6, withMembers(1006, 1007)))

	w.importsAs("[1 duplicate dibao 530181 5 duplicate dibao 530181 1001 duplicate dibao 530181 1006 duplicate dibao 530181]",
		rollInput("tekun", 0), importLine(1), importLine(5), importLine(1001), importLine(1006), importLine(8))
	w.importsAs("[1001 duplicate dibao 530181 1007 duplicate dibao 530181 9 duplicate dibao 530181 10 duplicate dibao 530181]",
		rollInput("dibao", 0), importLine(1001), importLine(1007), importLine(9, withMembers(1006)), importLine(10, withMembers(5)))
	w.importsAs("[21 duplicate-of-line-20 22 duplicate-of-line-20]",
		rollInput("dibao", 0), importLine(20, withMembers(21)), importLine(21), importLine(22, withMembers(20)))

	// applications find imported members, until the household leaves
	h := household("c2", 1006)
	h["members"] = []string{ref(1006).String()}
	w.refused(relief.CodeDuplicate, township, "case:Apply", h, facts(1006))
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(6).String(), "reason": "moved", "last_period": "2026-10"})
	w.do(township, "case:Apply", h, facts(1006))
}

// A changed household has other members: who is no member any more is free.
func TestMembersOfAnImportedHouseholdChange(t *testing.T) {
	w := newCaseWorld(t)
	w.importsAs("[]", rollInput("dibao", 0), importLine(6, withMembers(1006, 1007)))
	standing := w.ask(auditReader, "roll:Standing", obj{"programme": "dibao", "county": county, "segment": 0})
	w.want(standing, ref(1007).String(), "people", 0, "members", 1)
	again := func(seen roll.Seen, members ...int) roll.Input {
		return importLine(6, withMembers(members...), func(in *roll.Input) {
			in.Seen = seen
			if seen == roll.SeenChanged {
				in.Was = roll.Was{Version: 1, Persons: 1, Class: 'A', Amount: 62000}
			}
		})
	}
	w.importsAs("[]", rollInput("dibao", 0), again(roll.SeenSame, 1007, 1006))
	w.importsAs("[]", rollInput("dibao", 0), again(roll.SeenSame))
	w.importsAs("[6 not-as-proposed changed]", rollInput("dibao", 0), again(roll.SeenSame, 1006))
	w.importsAs("[]", rollInput("dibao", 0), again(roll.SeenChanged, 1006, 1008))
	for n, want := range map[int]string{1006: "1", 1007: "0", 1008: "1"} {
		claims, _ := at(w.ask(auditReader, "case:Claims", obj{"subject": ref(n).String()}), "claims").([]any)
		if got := fmt.Sprint(len(claims)); got != want {
			t.Errorf("%d has %s claims, want %s", n, got, want)
		}
	}
}

// Somebody in force in one county is not taken onto another county's programme of the same group, by an import or an
// application, in both directions. Without a group nothing is compared.
func TestExclusionGroups(t *testing.T) {
	w := newCaseWorld(t)
	countyProgramme := func(id, region string, groups ...string) {
		in := caseProgrammeInput(id)
		in["region"] = region
		if groups != nil {
			in["exclusion_groups"] = groups
		}
		w.caseProgramme(in)
	}
	countyProgramme("anning", county, "basic-living")
	countyProgramme("xundian", "530129", "basic-living")
	countyProgramme("alone", "530129")
	away := func(programme string) obj {
		in := rollInput(programme, 0)
		in["county"] = "530129"
		return in
	}
	there := func(in *roll.Input) { in.Region = "530129001" }
	w.importsAs("[]", rollInput("anning", 0), importLine(1), importLine(2, withMembers(1002)))
	w.importsAs("[1 duplicate anning 530181 1002 duplicate anning 530181 4 duplicate anning 530181]", away("xundian"),
		importLine(1, there), importLine(1002, there), importLine(3, there), importLine(4, there, withMembers(2)))
	w.importsAs("[]", away("alone"), importLine(1, there))
	w.importsAs("[3 duplicate xundian 530129]", rollInput("anning", 0), importLine(3))

	h := household("c1", 1)
	h["programme"], h["region"] = "xundian", "530129001001"
	if e := w.refused(relief.CodeDuplicate, civilElsewhere, "case:Apply", h, facts(1)); e.Field != "members" {
		t.Errorf("refused for %q", e.Field)
	}
	h["programme"], h["region"], h["members"] = "anning", homeRegion, []string{ref(3).String()}
	w.refused(relief.CodeDuplicate, township, "case:Apply", h, facts(3))

	// after a transfer the other county accepts the household from the next period on
	w.exits(civilPreparer, obj{"programme": "anning", "subject": ref(1).String(), "reason": "moved", "last_period": "2026-11"})
	next := away("xundian")
	next["from"] = "2026-12"
	w.importsAs("[1 duplicate anning 530181]", away("xundian"), importLine(1, there))
	w.importsAs("[]", next, importLine(1, there))

	// nor does a decision that would pay the month in which the other relief ends
	same := caseProgrammeInput("same")
	same["exclusion_groups"], same["entitled_from"] = []string{"basic-living"}, "same_period"
	w.caseProgramme(same)
	h = household("c2", 2)
	h["programme"], h["members"] = "same", []string{ref(2).String()}
	w.exits(civilPreparer, obj{"programme": "anning", "subject": ref(2).String(), "reason": "moved", "last_period": "2026-10"})
	w.refused(relief.CodeDuplicate, township, "case:Apply", h, facts(2))
	w.later(40 * day) // 2026-11-29
	w.do(township, "case:Apply", h, facts(2))

	// a version that names the group no more leaves it
	left := caseProgrammeInput("xundian")
	left["region"], left["version"] = "530129", 2
	w.do(provincePreparer, "programme:Draft", left)
	w.do(provinceFinance, "programme:Enact", obj{"id": "xundian", "version": 2})
	w.importsAs("[]", rollInput("anning", 0), importLine(3))
}
