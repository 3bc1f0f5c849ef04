// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
)

// TestRulesNobodyGetsRound sends what the regulation forbids straight to the contracts.
func TestRulesNobodyGetsRound(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	apply := func(id string, n int) { w.do(township, "case:Apply", household(id, n), facts(n)) }
	match := func(id string, n int, code string) {
		w.do(civilPreparer, "case:Match", obj{"case": id, "statement": statement(n, code, caseStart)})
	}
	both := fakeledger.Official(fakeledger.CivilAffairs, "civil-preparer", "approver", county)
	visitor := fakeledger.Official(fakeledger.CivilAffairs, "civil-village", "approver", county)

	apply("bare", 0)
	e := w.refused(relief.CodeEvidence, civilPreparer, "case:Notice", noticeOf("bare"))
	if !strings.Contains(e.Detail, "home-visit") {
		t.Errorf("missing evidence: %v", e)
	}
	w.do(village, "case:Attach", visit("bare"))
	w.refused(relief.CodeMatch, civilPreparer, "case:Notice", noticeOf("bare"))
	w.refused(relief.CodeMatch, civilApprover, "case:Decide", refusalOf("bare"))
	match("bare", 0, "clear")
	w.refused(relief.CodeMatch, civilPreparer, "case:Notice", noticeOf("bare")) // every member is asked about
	match("bare", 1000, "deceased")
	w.refused(relief.CodeMatch, civilPreparer, "case:Notice", noticeOf("bare")) // adverse, not answered
	w.refused(relief.CodeMatch, civilApprover, "case:Decide", refusalOf("bare"))
	w.do(township, "case:AnswerMatch", obj{"case": "bare", "match": 1, "outcome": "confirmed", "sha256": digest("found out")})
	w.refused(relief.CodeMatch, civilPreparer, "case:Notice", noticeOf("bare")) // it holds
	w.do(civilApprover, "case:Decide", refusalOf("bare"))

	w.noticed("noticed", 10)
	w.refused(relief.CodeNotice, civilApprover, "case:Decide", grantOf("noticed"))
	w.later(7*day - time.Second)
	w.refused(relief.CodeNotice, civilApprover, "case:Decide", grantOf("noticed"))
	w.later(noticeOver)
	w.refused(relief.CodeForbidden, civilPreparer, "case:Decide", grantOf("noticed"))
	w.refused(relief.CodeSamePerson, both, "case:Decide", grantOf("noticed"))    // put it on notice
	w.refused(relief.CodeSamePerson, visitor, "case:Decide", grantOf("noticed")) // visited
	w.refused(relief.CodeRegion, approverAway, "case:Decide", grantOf("noticed"))
	w.do(auditReader, "case:Object", obj{"case": "noticed", "channel": "hotline", "sha256": digest("o")})
	w.refused(relief.CodeWrongState, civilApprover, "case:Decide", grantOf("noticed"))
	w.do(township, "case:Answer", answerOf("noticed", 0))
	w.refused(relief.CodeWrongState, civilApprover, "case:Decide", grantOf("noticed"))
	w.do(civilPreparer, "case:Notice", noticeOf("noticed"))
	w.refused(relief.CodeNotice, civilApprover, "case:Decide", grantOf("noticed"))

	w.bringCase("gone", 20, casework.CaseExited)
	for _, a := range caseActs() {
		if a.row == relief.ActCaseAppeal || a.row == roll.ActConfirmTerms || a.function == "case:Answer" { // it may appeal, what it was granted may be corrected; nobody objected
			continue
		}
		by := civilPreparer
		if !holds(by, a.duty) {
			by = civilApprover
		}
		w.refused(relief.CodeWrongState, by, a.function, a.input("gone", 20))
	}
	w.refused(relief.CodeConflict, township, "case:Apply", household("noticed", 40), facts(40)) // the id is taken
}

// TestNotesOfAudit puts notes on a case in several states; they change none of them.
func TestNotesOfAudit(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.bringCase("c1", 1, casework.CaseApplied)
	note := obj{"case": "c1", "sha256": digest("a question")}
	w.refused(relief.CodeForbidden, civilPreparer, "case:Note", note)
	w.refused(relief.CodeInvalid, auditReader, "case:Note", obj{"case": "c1", "sha256": "a question"})
	w.refused(relief.CodeNotFound, auditReader, "case:Note", obj{"case": "c2", "sha256": digest("a question")})
	w.want(w.do(auditReader, "case:Note", note), "applied", "state")
	w.unchanged(auditReader, "case:Note", note)
	w.bringCase("gone", 20, casework.CaseExited)
	c := w.do(auditPreparer, "case:Note", obj{"case": "gone", "sha256": digest("another")})
	w.want(c, "exited", "state")
	w.want(c, digest("another"), "notes", 0, "sha256")
}

// TestNoPaymentBeforeDecision pays a household before its notice is over, after it left, another sum than it was granted,
// and while it is suspended.
func TestNoPaymentBeforeDecision(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.noticed("c1", 1)
	w.tranche("t1", "dibao", "100000.00")
	pay := func(month string, amount relief.Fen) string {
		t.Helper()
		id := "b" + strings.ReplaceAll(fmt.Sprint(month, amount), ".", "")
		w.openFor(month, batchInput(id, "dibao", "t1", 1, amount))
		p, err := w.Endorse(civilPreparer, "payment:AddLines", args(obj{"batch": id}), linesOf(lineOf(0, 1, homeRegion, amount)))
		if err != nil {
			t.Fatal(err)
		}
		o := w.object(p.Payload())
		if at(o, "accepted") == float64(1) {
			return "accepted"
		}
		return fmt.Sprint(at(o, "refused", 0, "code"))
	}
	want := func(month string, amount relief.Fen, code string) {
		t.Helper()
		if got := pay(month, amount); got != code {
			t.Errorf("%s of %s: %s, want %s", month, amount, got, code)
		}
	}
	want("2026-11", 96000, "not-on-the-roll")
	w.later(noticeOver)
	c := w.do(civilApprover, "case:Decide", grantOf("c1"))
	w.want(c, "2026-11", "decision", "from")
	w.want(c, "2027-04-27", "recheck_on")
	if s := fmt.Sprint(at(w.ask(auditReader, "roll:Entries", obj{"subject": ref(1).String()}), "entries", 0, "amount")); s != "960.00" {
		t.Errorf("the roll has %s", s)
	}
	want("2026-10", 96000, "before-entry")
	want("2026-12", 96000, "accepted")
	want("2026-12", 48000, "amount-not-granted")

	w.do(civilPreparer, "case:Review", obj{"case": "c1", "finding": "change", "terms": obj{"class": "C", "persons": 1, "amount": "330.00"}})
	w.refused(relief.CodeForbidden, civilPreparer, "case:Confirm", obj{"case": "c1", "agree": true})
	w.want(w.do(civilApprover, "case:Confirm", obj{"case": "c1", "agree": true}), "330.00", "terms", "amount")
	w.later(40 * day) // 2026-11-29
	want("2026-10", 33000, "before-entry")
	want("2026-11", 33000, "accepted") // the change was in October: it holds from the first period on
	w.do(civilPreparer, "case:Review", obj{"case": "c1", "finding": "change", "terms": obj{"class": "B", "persons": 1, "amount": "480.00"}})
	w.do(civilApprover, "case:Confirm", obj{"case": "c1", "agree": true})
	want("2026-11", 33000, "accepted")
	want("2026-11", 48000, "amount-not-granted")
	want("2026-12", 48000, "accepted")
	want("2027-01", 33000, "amount-not-granted")

	suspend := obj{"programme": "dibao", "subject": ref(1).String(), "from": "2026-10", "reason": "核查"}
	w.refused(relief.CodeInvalid, civilPreparer, "roll:Suspend", suspend)
	suspend["from"] = "2027-01"
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Suspend", suspend))
	want("2027-01", 48000, "suspended")
	want("2027-09", 48000, "suspended")
	want("2026-11", 33000, "accepted")
	resume := obj{"programme": "dibao", "subject": ref(1).String(), "from": "2027-03"}
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Resume", resume))
	want("2027-02", 48000, "suspended")
	want("2027-03", 48000, "accepted")

	death := obj{"programme": "dibao", "subject": ref(1).String(), "reason": "death", "died_on": "2026-11-20"}
	wrong := obj{"programme": "dibao", "subject": ref(1).String(), "reason": "death", "died_on": "2026-11-20", "last_period": "2026-12"}
	w.refused(relief.CodeInvalid, civilPreparer, "roll:Exit", wrong)
	w.want(w.exits(civilPreparer, death), "2026-11", "until")
	w.want(w.ask(auditReader, "case:Get", obj{"case": "c1"}), "2026-11-20", "ended", "on")
	w.unchanged(civilPreparer, "roll:Exit", death)
	want("2026-11", 33000, "accepted")
	want("2026-12", 48000, "exited")
	if n := fmt.Sprint(at(w.ask(auditReader, "case:Claims", obj{"subject": ref(1001).String()}), "claims")); n != "[]" {
		t.Errorf("the household is still claimed: %s", n)
	}

	w.do(township, "case:Appeal", obj{"case": "c1", "sha256": digest("a")})
	proposer := fakeledger.Official(fakeledger.CivilAffairs, civilPreparer.Name(), "approver", county)
	for _, by := range []*fakeledger.Identity{civilApprover, proposer} { // who confirmed the exit, and who proposed it
		w.refused(relief.CodeSamePerson, by, "case:DecideAppeal", obj{"case": "c1", "upheld": false, "sha256": digest("r")})
	}
	w.want(w.do(chief, "case:DecideAppeal", obj{"case": "c1", "upheld": false, "sha256": digest("r")}), "in_force", "state")
	want("2027-02", 48000, "suspended")
	want("2027-04", 48000, "accepted")
}

// TestDuplicatesAreFoundAtOnce: in the household, in another county, in programmes that may not go together, and on rolls
// that were imported.
func TestDuplicatesAreFoundAtOnce(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	tekun := caseProgrammeInput("tekun")
	tekun["overlap_refused"] = []string{"dibao"}
	w.caseProgramme(tekun)
	linshi := caseProgrammeInput("linshi")
	linshi["overlap_flagged"] = []string{"dibao", "old"}
	w.caseProgramme(linshi)
	w.programme("old", 4)
	w.imports(rollInput("old", 0), rollChunk(7, 1))

	w.do(township, "case:Apply", household("c1", 1), facts(1))
	w.unchanged(township, "case:Apply", household("c1", 1), facts(1))
	w.refused(relief.CodeConflict, township, "case:Apply", household("c1", 1), facts(2)) // other facts
	again := household("c2", 2)
	again["members"] = []string{ref(2).String(), ref(1001).String()} // a member of the first household
	e := w.refused(relief.CodeDuplicate, township, "case:Apply", again, facts(2))
	if !strings.Contains(e.Detail, "member 2 of the household is in case c1") || !strings.Contains(e.Detail, county) {
		t.Errorf("where: %v", e)
	}
	again["programme"] = "tekun"
	w.refused(relief.CodeDuplicate, township, "case:Apply", again, facts(2))
	again["programme"] = "linshi"
	w.want(w.do(township, "case:Apply", again, facts(2)), "c1", "overlaps", 0, "case")
	imported := household("c3", 7)
	imported["programme"] = "linshi"
	w.want(w.do(township, "case:Apply", imported, facts(7)), "old", "overlaps", 0, "programme")

	w.do(township, "case:Withdraw", obj{"case": "c1"})
	w.do(township, "case:Apply", household("c4", 1), facts(1))
	if claims, _ := at(w.ask(auditReader, "case:Claims", obj{"subject": ref(1001).String()}), "claims").([]any); len(claims) != 2 {
		t.Errorf("claims of a member: %v", claims)
	}
}

// TestFilesOfActs does a file in one transaction: what is refused leaves nothing and keeps nothing back.
func TestFilesOfActs(t *testing.T) {
	w := newCaseWorld(t)
	file := func(by *fakeledger.Identity, act string, tr transient, items ...obj) obj {
		t.Helper()
		return w.do(by, "case:File", obj{"act": act, "items": items}, tr)
	}
	bad := household("bad", 3)
	bad["settlement"] = "mars"
	unknown := household("x", 4)
	unknown["colour"] = "red"
	twice := household("twice", 1)
	o := file(township, "case.apply", facts(1, 2, 3, 4, 1, 5), household("c1", 1), household("c2", 2), bad, unknown, twice, household("c5", 5))
	w.want(o, "3", "accepted")
	w.want(o, "[map[code:INVALID detail:the settlement is urban or rural field:settlement seq:2]"+
		" map[code:INVALID detail:the function has no such field field:colour seq:3]"+
		" map[code:DUPLICATE detail:member 1 of the household is in case c1 of programme dibao in 530181 field:members seq:4]]", "refused")
	file(village, "case.attach", nil, visit("c1"), visit("c2"), visit("c5"))
	var statements []obj
	for _, n := range []int{1, 2, 5} {
		for _, i := range []int{n, n + 1000} {
			statements = append(statements, obj{"case": fmt.Sprint("c", n), "statement": statement(i, "clear", caseStart)})
		}
	}
	w.want(file(civilPreparer, "case.match", nil, statements...), "6", "accepted") // two acts on one case
	w.want(file(civilPreparer, "case.match", nil, statements...), "6", "unchanged")
	file(civilPreparer, "case.notice", nil, noticeOf("c1"), noticeOf("c2"), noticeOf("c5"))
	w.later(noticeOver)
	w.want(file(civilApprover, "case.decide", nil, grantOf("c5"), grantOf("c1"), grantOf("nobody"), refusalOf("c2")), "3", "accepted")
	w.want(w.ask(auditReader, "case:Get", obj{"case": "c1"}), "1", "roll", "number")
	w.want(w.ask(auditReader, "roll:Entry", obj{"programme": "dibao", "subject": ref(5).String()}), "0", "number")
	w.refused(relief.CodeInvalid, township, "case:File", obj{"act": "case.apply", "items": []obj{}})
	w.refused(relief.CodeInvalid, township, "case:File", obj{"act": "payment.open", "items": []obj{{}}})
	w.refused(relief.CodeForbidden, village, "case:File", obj{"act": "case.apply", "items": []obj{household("c9", 9)}}, facts(9))
}

// TestDecisions: the month after, the days, once, and rolls that can be imported no more.
func TestDecisions(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	once := caseProgrammeInput("linshi")
	once["cycle"], once["entitled_from"], once["segment_size"], once["import_until"] = "once", "same_period", 1, "2026-10-21"
	w.caseProgramme(once)
	h := household("c1", 1)
	h["programme"] = "linshi"
	w.do(township, "case:Apply", h, facts(1))
	w.do(village, "case:Attach", visit("c1"))
	for _, n := range []int{1, 1001} {
		w.do(civilPreparer, "case:Match", obj{"case": "c1", "statement": statement(n, "clear", caseStart)})
	}
	c := w.do(civilPreparer, "case:Notice", noticeOf("c1"))
	w.want(c, "2026-10-30", "due") // three working days after Tuesday the 27th
	if closes := fmt.Sprint(at(c, "notices", 0, "closes")); !strings.HasPrefix(closes, "2026-10-27T02:00:") {
		t.Errorf("the notice closes %s", closes)
	}
	w.later(14 * day)
	c = w.do(civilApprover, "case:Decide", grantOf("c1"))
	w.want(c, "2026-11", "decision", "until")
	w.want(c, "true", "decision", "late")
	w.importRefused(relief.CodeLate, rollInput("linshi", 5), rollChunk(50, 1))
	h["id"] = "c2"
	w.refused(relief.CodeDuplicate, township, "case:Apply", h, facts(1)) // this month
	w.later(50 * day)
	w.do(township, "case:Apply", h, facts(1)) // and in December again

	w.later(0)
	w.bringCase("no", 30, casework.CaseRefused)
	w.want(w.ask(auditReader, "case:Get", obj{"case": "no"}), "可向安宁市民政局申请复核", "decision", "how_to_appeal")
	w.later(70 * day)
	w.refused(relief.CodeLate, township, "case:Appeal", obj{"case": "no", "sha256": digest("late")})

	short := programmeInput("short", 1, 4)
	short["notice_days"] = 6
	w.refused(relief.CodeInvalid, provincePreparer, "programme:Draft", short)
	w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", obj{"id": "p", "change": obj{"parameters": obj{"min_notice_days": 0}}})
}

// TestStatements: only what a department signed counts.
func TestStatements(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.do(township, "case:Apply", household("c1", 1), facts(1))
	good := statement(1, "clear", caseStart)
	for field, value := range map[string]any{
		"source": "nobody", "subject": ref(2).String(), "queried_at": "2026-10-20T02:00:01Z", "code": "deceased", "adverse": true,
		"result_sha256": digest("other"), "signature": "AAAA",
	} {
		bad := obj{}
		for k, v := range good {
			bad[k] = v
		}
		bad[field] = value
		w.refused(relief.CodeInvalid, civilPreparer, "case:Match", obj{"case": "c1", "statement": bad})
	}
	w.refused(relief.CodeInvalid, civilPreparer, "case:Match", obj{"case": "c1", "statement": statement(1, "clear", caseStart.Add(day))})
	w.do(civilPreparer, "case:Match", obj{"case": "c1", "statement": good})
	w.unchanged(civilPreparer, "case:Match", obj{"case": "c1", "statement": good})
}

// TestNeeds: a newly found need is a work item until somebody applies or it is dismissed.
func TestNeeds(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	need := func(id string, n int) obj {
		return obj{"id": id, "subject": ref(n).String(), "region": homeRegion, "programme": "dibao", "source": "medical-insurance", "sha256": digest(id)}
	}
	w.do(civilPreparer, "need:Find", need("n1", 1001))
	w.unchanged(civilPreparer, "need:Find", need("n1", 1001))
	w.do(civilPreparer, "need:Find", need("n2", 2))
	h := household("c1", 1)
	h["need"] = "n2"
	w.refused(relief.CodeInvalid, township, "case:Apply", h, facts(1))
	h["need"] = "n1"
	w.do(township, "case:Apply", h, facts(1))
	w.want(w.ask(auditReader, "need:Get", obj{"need": "n1"}), "c1", "case")
	w.refused(relief.CodeWrongState, township, "need:Dismiss", obj{"need": "n1", "reason": "已申请"})
	w.do(township, "need:Dismiss", obj{"need": "n2", "reason": "已有子女赡养"})
	if items, _ := at(w.ask(auditReader, "need:List", obj{"state": "dismissed"}), "items").([]any); len(items) != 1 {
		t.Errorf("dismissed: %v", items)
	}
}

// TestDutiesOfACase names who answers for each step.
func TestDutiesOfACase(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.noticed("c1", 1)
	steps, _ := at(w.ask(auditReader, "case:Duties", obj{"case": "c1"}), "steps").([]any)
	by := map[string]any{}
	for _, s := range steps {
		by[at(s, "act").(string)] = at(s, "by", "name")
		if at(s, "name") == "" || at(s, "holders", 0, "agency") != fakeledger.CivilAffairs {
			t.Errorf("step %v", s)
		}
	}
	if by["case.apply"] != "civil-township" || by["case.attach"] != "civil-village" || by["case.decide"] != nil {
		t.Errorf("steps: %v", by)
	}
}

// TestFactsAreSealed: what is personal is in the collection only, and read by members only.
func TestFactsAreSealed(t *testing.T) {
	w := newCaseWorld(t)
	w.noticed("c1", 1)
	facts, err := base64.StdEncoding.DecodeString(fmt.Sprint(at(w.ask(civilPreparer, "case:Facts", obj{"case": "c1"}), "facts")))
	if err != nil || !bytes.HasPrefix(facts, []byte("\x83\xff")) || !bytes.Contains(facts, []byte(plantedName)) {
		t.Errorf("the facts are %q, %v", facts, err)
	}
	for _, by := range []*fakeledger.Identity{auditReader, civilElsewhere, village} {
		if _, err := w.Evaluate(by.MSPID(), by, "case:Facts", args(obj{"case": "c1"}), nil); err == nil {
			t.Errorf("%s reads the facts", by.Name())
		}
	}
	for n := range w.Height() {
		b, _ := w.Block(n)
		text, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range planted {
			if strings.Contains(string(text), p) {
				t.Errorf("block %d has a planted word", n)
			}
		}
	}
}

// TestAnExitIsNotUndoneBesideALaterGrant: the roll has one entry for a household, which the later grant has taken.
func TestAnExitIsNotUndoneBesideALaterGrant(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.bringCase("first", 1, casework.CaseExitAppealed)
	leave := obj{"programme": "dibao", "subject": ref(1).String(), "reason": "income", "last_period": "2027-06"}
	again := household("second", 1)
	again["members"] = []string{ref(1).String()}
	w.do(township, "case:Apply", again, facts(1))
	w.do(village, "case:Attach", visit("second"))
	w.do(civilPreparer, "case:Match", obj{"case": "second", "statement": statement(1, "clear", w.Now())})
	w.do(civilPreparer, "case:Notice", obj{"case": "second", "class": "C", "persons": 1, "amount": "330.00"})
	w.later(100 * day) // what was paid till the first exit has passed
	w.do(civilApprover, "case:Decide", grantOf("second"))
	undo := obj{"case": "first", "upheld": false, "sha256": digest("r")}
	w.refused(relief.CodeDuplicate, chief, "case:DecideAppeal", undo) // in force by the second
	w.exits(civilPreparer, leave)
	w.refused(relief.CodeConflict, chief, "case:DecideAppeal", undo)
	w.want(w.do(chief, "case:DecideAppeal", obj{"case": "first", "upheld": true, "sha256": digest("r")}), "closed", "state")
	w.want(w.ask(auditReader, "roll:Entries", obj{"subject": ref(1).String()}), "exited", "entries", 0, "state")
}
