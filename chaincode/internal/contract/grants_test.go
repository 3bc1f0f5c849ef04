// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
)

var (
	secondTownship = fakeledger.Official(fakeledger.CivilAffairs, "civil-second-township", "township", county+"001")
	otherTownship  = fakeledger.Official(fakeledger.CivilAffairs, "civil-other-township", "township", "530129001")
)

// grantProgramme is a programme of single grants, with the rules of the test.
func grantProgramme(id string, rules obj) obj {
	p := programmeInput(id, 1, 100)
	for _, k := range []string{"recheck_months", "import_until"} {
		delete(p, k)
	}
	p["cycle"], p["min_amount"], p["max_amount"], p["entitled_from"] = "grant", "0.01", "50000.00", "same_period"
	p["required_evidence"], p["appeal_guide"] = []string{"home-visit"}, "可向安宁市民政局申请复核"
	for k, v := range rules {
		p[k] = v
	}
	return p
}

// emergency is the programme of part 10: townships decide up to 2,000.00 a person in twelve months, and papers follow.
func emergency(by string) obj {
	return grantProgramme("jinan", obj{
		"papers_workdays": 10, "grants_a_month": 5,
		"township": obj{"max_amount": "2000.00", "max_year": "2000.00", "by": by},
	})
}

// medical is the programme of part 9: each grant is for a bill, and somebody may have several in a month.
func medical() obj { return grantProgramme("yiliao", obj{"bill_required": true, "grants_a_month": 10}) }

// bill is the tag of a bill.
func bill(n int) string {
	var tag relief.Tag
	tag[0], tag[1] = 1, byte(n)
	return tag.String()
}

// asking is the application of the nth person for a single grant.
func asking(id, programme string, n int, more obj) obj {
	a := household(id, n)
	a["programme"], a["members"] = programme, []string{ref(n).String()}
	for k, v := range more {
		a[k] = v
	}
	return a
}

func granting(id, amount string) obj {
	return obj{"case": id, "outcome": "granted", "segment": 0, "amount": amount}
}

// on moves the ledger's time to noon of a day in China.
func (w *world) on(date string) {
	w.t.Helper()
	noon, err := time.Parse(time.RFC3339, date+"T12:00:00+08:00")
	if err != nil {
		w.t.Fatal(err)
	}
	w.SetTime(noon)
}

// helped has the township take and decide an emergency on one day.
func (w *world) helped(id string, n int, amount string) obj {
	w.t.Helper()
	w.do(township, "case:Apply", asking(id, "jinan", n, obj{"amount": amount}), facts(n))
	return w.do(secondTownship, "case:DecideTownship", granting(id, amount))
}

// Part 10 of the year: a township helps in an emergency on the same day, within its limits, and the papers follow.
func TestATownshipHelpsFirst(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.caseProgramme(emergency("two"))
	w.on("2026-10-20")
	c := w.helped("e1", 1, "1800.00")
	w.want(c, "helped", "state")
	w.want(c, "1800.00", "terms", "amount")
	w.want(c, "jinan-530181-0000000-202610-1", "grant", "payment")
	w.want(c, "2026-11-03", "grant", "papers_due")
	w.unchanged(secondTownship, "case:DecideTownship", granting("e1", "1800.00"))

	// 300.00 more in the same year is the county's to decide; so is one fen over a single sum.
	w.on("2026-10-21")
	w.do(township, "case:Apply", asking("e2", "jinan", 1, nil), facts(1))
	e := w.refused(relief.CodeForbidden, secondTownship, "case:DecideTownship", granting("e2", "300.00"))
	if e.Field != "amount" || !strings.Contains(e.Detail, "2100.00") || !strings.Contains(e.Detail, "县级") {
		t.Errorf("over the year's sum: %v", e)
	}
	w.refused(relief.CodeForbidden, secondTownship, "case:DecideTownship", granting("e2", "200.01"))
	w.do(township, "case:Apply", asking("e3", "jinan", 3, nil), facts(3))
	w.refused(relief.CodeForbidden, secondTownship, "case:DecideTownship", granting("e3", "2000.01"))
	w.want(w.do(secondTownship, "case:DecideTownship", granting("e3", "2000.00")), "helped", "state")
	w.want(w.do(secondTownship, "case:DecideTownship", granting("e2", "200.00")), "jinan-530181-0000000-202610-2", "grant", "payment")
	w.do(township, "case:Apply", asking("e4", "jinan", 1, nil), facts(1))
	w.refused(relief.CodeForbidden, secondTownship, "case:DecideTownship", granting("e4", "0.01"))
	w.want(w.do(civilApprover, "case:Decide", granting("e4", "300.00")), "helped", "state")

	// Papers after nine working days are in time, after eleven late.
	w.on("2026-11-02")
	c = w.do(village, "case:Attach", visit("e1"))
	w.want(c, "2026-11-02", "grant", "papers", "on")
	w.want(c, "<nil>", "grant", "papers", "late")
	w.want(c, "helped", "state") // the notice follows
	w.refused(relief.CodeInvalid, civilPreparer, "case:Notice", obj{"case": "e1", "class": "A", "persons": 1, "amount": "1800.01"})
	w.refused(relief.CodeEvidence, civilPreparer, "case:Notice", obj{"case": "e3", "class": "A", "persons": 1, "amount": "2000.00"})
	c = w.do(civilPreparer, "case:Notice", obj{"case": "e1", "class": "A", "persons": 1, "amount": "1800.00"})
	w.want(c, "granted", "state")
	w.on("2026-11-05")
	c = w.do(village, "case:Attach", visit("e3"))
	w.want(c, "true", "grant", "papers", "late")

	// Twelve months to the day.
	w.on("2027-10-19")
	w.do(township, "case:Apply", asking("e5", "jinan", 1, nil), facts(1))
	w.refused(relief.CodeForbidden, secondTownship, "case:DecideTownship", granting("e5", "0.01"))
	w.on("2027-10-20") // the 1,800.00 are a year old, 200.00 and 300.00 are not
	w.refused(relief.CodeForbidden, secondTownship, "case:DecideTownship", granting("e5", "1500.01"))
	w.want(w.do(secondTownship, "case:DecideTownship", granting("e5", "1500.00")), "helped", "state")
}

// What somebody had under a wrong identity number counts in the sum over twelve months.
func TestATownshipsLimitCountsLinkedReferences(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.caseProgramme(emergency("two"))
	w.on("2026-10-20")
	w.helped("e1", 1, "1800.00")
	l := w.do(civilPreparer, "person:ProposeLink", corrected(1, 301), card(301))
	w.do(civilApprover, "person:ConfirmLink", agreedLink(l))
	w.do(township, "case:Apply", asking("e2", "jinan", 301, nil), facts(301))
	e := w.refused(relief.CodeForbidden, secondTownship, "case:DecideTownship", granting("e2", "300.00"))
	if e.Field != "amount" || !strings.Contains(e.Detail, "2100.00") {
		t.Errorf("over the year's sum: %v", e)
	}
}

// Part 9: two bills in one month are two payments; a bill that was granted is refused, in whatever county.
func TestBillsAreGrantedOnce(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.caseProgramme(medical())
	w.on("2026-10-20")
	for i, amount := range []string{"1234.56", "789.01"} {
		id := fmt.Sprint("m", i)
		w.do(township, "case:Apply", asking(id, "yiliao", 1, obj{"amount": amount, "bill_tag": bill(i)}), facts(1))
		w.do(village, "case:Attach", visit(id))
		w.do(civilPreparer, "case:Notice", obj{"case": id, "class": "A", "persons": 1, "amount": amount})
	}
	w.do(township, "case:Apply", asking("m2", "yiliao", 2, obj{"bill_tag": bill(0)}), facts(2)) // nobody was granted it yet
	w.on("2026-10-28")
	for i, amount := range []string{"1234.56", "789.01"} {
		c := w.do(civilApprover, "case:Decide", grantOf(fmt.Sprint("m", i)))
		w.want(c, "granted", "state")
		w.want(c, amount, "terms", "amount")
		w.want(c, fmt.Sprintf("yiliao-530181-0000000-202610-%d", i+1), "grant", "payment")
	}
	e := w.refused(relief.CodeDuplicate, township, "case:Apply", asking("m3", "yiliao", 1, obj{"bill_tag": bill(0)}), facts(1))
	if e.Field != "bill" || !strings.Contains(e.Detail, "m0") {
		t.Errorf("the bill again: %v", e)
	}
	away := asking("m4", "yiliao", 4, obj{"bill_tag": bill(1), "region": "530129001"})
	w.refused(relief.CodeDuplicate, otherTownship, "case:Apply", away, facts(4))
	w.do(village, "case:Attach", visit("m2"))
	w.do(civilPreparer, "case:Notice", obj{"case": "m2", "class": "A", "persons": 1, "amount": "1.00"})
	w.on("2026-11-05")
	w.refused(relief.CodeDuplicate, civilApprover, "case:Decide", grantOf("m2"))
	w.refused(relief.CodeInvalid, township, "case:Apply", asking("m5", "yiliao", 1, nil), facts(1))
}

// Where one official of a township decides, the county confirms within two working days, or revokes.
func TestTheCountyConfirmsATownship(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.caseProgramme(emergency("county_confirms"))
	w.on("2026-10-22") // a Thursday
	for i := range 2 {
		id := fmt.Sprint("e", i)
		w.do(township, "case:Apply", asking(id, "jinan", i, obj{"amount": "1800.00"}), facts(i))
		c := w.do(township, "case:DecideTownship", obj{"case": id, "outcome": "granted", "segment": 0})
		w.want(c, "2026-10-26", "grant", "confirm_due")
		w.want(c, "1800.00", "terms", "amount")
	}
	agree := obj{"case": "e0", "agree": true}
	w.refused(relief.CodeForbidden, township, "case:ConfirmTownship", agree)
	w.refused(relief.CodeRegion, approverAway, "case:ConfirmTownship", agree)
	twice := fakeledger.Official(fakeledger.CivilAffairs, township.Name(), "approver", county)
	w.refused(relief.CodeSamePerson, twice, "case:ConfirmTownship", agree)
	w.on("2026-10-26")
	c := w.do(civilApprover, "case:ConfirmTownship", agree)
	w.want(c, "true", "grant", "confirmed", "agreed")
	w.want(c, "<nil>", "grant", "confirmed", "late")
	w.want(c, "helped", "state")
	w.unchanged(civilApprover, "case:ConfirmTownship", agree)
	w.refused(relief.CodeWrongState, chief, "case:ConfirmTownship", agree)

	w.on("2026-10-27")
	w.refused(relief.CodeInvalid, civilApprover, "case:ConfirmTownship", obj{"case": "e1", "agree": false})
	c = w.do(civilApprover, "case:ConfirmTownship", obj{"case": "e1", "agree": false, "reason": "不符合急难情形"})
	w.want(c, "revoked", "state")
	w.want(c, "true", "grant", "confirmed", "late")
	w.do(township, "case:Apply", asking("e2", "jinan", 1, nil), facts(1)) // what is revoked counts no more
	w.do(township, "case:DecideTownship", granting("e2", "2000.00"))
}

// What a township never decides, and what a programme of grants refuses.
func TestBoundsOfGrants(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.caseProgramme(emergency("two"))
	w.noticed("c1", 1)
	w.later(noticeOver)
	e := w.refused(relief.CodeForbidden, township, "case:DecideTownship", grantOf("c1"))
	if !strings.Contains(e.Detail, "dibao") {
		t.Errorf("which programme: %v", e)
	}
	w.refused(relief.CodeForbidden, township, "case:DecideTownship", refusalOf("c1"))
	w.refused(relief.CodeForbidden, township, "case:Decide", grantOf("c1"))
	w.refused(relief.CodeInvalid, civilApprover, "case:Decide", granting("c1", "960.00"))

	w.do(township, "case:Apply", asking("e1", "jinan", 5, obj{"amount": "900.00"}), facts(5))
	w.refused(relief.CodeSamePerson, township, "case:DecideTownship", granting("e1", "900.00"))
	w.refused(relief.CodeRegion, otherTownship, "case:DecideTownship", granting("e1", "900.00"))
	w.do(secondTownship, "case:DecideTownship", obj{"case": "e1", "outcome": "refused", "reason": "other"})
	w.do(township, "case:Apply", asking("e2", "jinan", 5, obj{"amount": "2000.01"}), facts(5))
	w.refused(relief.CodeForbidden, secondTownship, "case:DecideTownship", obj{"case": "e2", "outcome": "refused", "reason": "other"})
	w.refused(relief.CodeInvalid, township, "case:Apply", asking("e3", "jinan", 6, obj{"amount": "50000.01"}), facts(6))
	w.refused(relief.CodeInvalid, township, "case:Apply", asking("e4", "jinan", 6, obj{"bill_tag": bill(1)}), facts(6))
	later := household("c2", 7)
	later["amount"] = "960.00"
	w.refused(relief.CodeInvalid, township, "case:Apply", later, facts(7))

	in := rollInput("jinan", 0)
	w.refused(relief.CodeWrongState, civilPreparer, "roll:ProposeImport", importTerms("i1", in, rollChunk(8, 1)))
	for field, rules := range map[string]obj{
		"cycle":                     {"cycle": "monthly", "grants_a_month": 2},
		"grants_a_month":            {"grants_a_month": 32},
		"papers_workdays":           {"papers_workdays": 61},
		"import_until":              {"import_until": "2026-12-31"},
		"township.max_amount":       {"township": obj{"max_amount": "50000.01", "max_year": "60000.00"}},
		"township.max_year":         {"township": obj{"max_amount": "2000.00", "max_year": "1999.99"}},
		"township.by":               {"township": obj{"max_amount": "2000.00", "max_year": "2000.00", "by": "one"}},
		"township.confirm_workdays": {"township": obj{"max_amount": "2000.00", "max_year": "2000.00", "by": "two", "confirm_workdays": 2}},
	} {
		if e := w.refused(relief.CodeInvalid, provincePreparer, "programme:Draft", grantProgramme("other", rules)); e.Field != field {
			t.Errorf("field %s, want %s: %v", e.Field, field, e)
		}
	}
	v2 := emergency("two")
	v2["version"], v2["cycle"] = 2, "monthly"
	for _, k := range []string{"papers_workdays", "grants_a_month", "township"} {
		delete(v2, k)
	}
	w.refused(relief.CodeInvalid, provincePreparer, "programme:Draft", v2)
}

// A grant excludes no relief of later months, and another township or card is another matter than another grant.
func TestGrantsOfSomebodyWhoMoves(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.caseProgramme(emergency("two"))
	excluding := caseProgrammeInput("tekun")
	excluding["overlap_refused"] = []string{"jinan"}
	w.caseProgramme(excluding)
	w.on("2026-10-20")
	w.helped("e1", 1, "100.00")
	tekun := household("c1", 1)
	tekun["programme"] = "tekun"
	w.do(township, "case:Apply", tekun, facts(1)) // pays from November on, the grant was October's

	moved := obj{"amount": "100.00", "region": county + "001002"}
	w.do(township, "case:Apply", asking("e2", "jinan", 1, moved), facts(1))
	w.want(w.do(secondTownship, "case:DecideTownship", granting("e2", "100.00")), "jinan-530181-0000001-202610-1", "grant", "payment")
	away := asking("e3", "jinan", 1, obj{"region": "530129001"})
	w.do(otherTownship, "case:Apply", away, facts(1))
	w.refused(relief.CodeForbidden, approverAway, "case:DecideTownship", granting("e3", "1800.01"))
	c := w.do(approverAway, "case:Decide", granting("e3", "1800.01"))
	w.want(c, "jinan-530129-0000000-202610-1", "grant", "payment")
}
