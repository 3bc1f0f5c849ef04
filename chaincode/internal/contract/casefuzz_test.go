// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/wire"
)

// badInputs are what each act's input must not be: the change of a good one, and the field that is named.
var badInputs = []struct {
	by       *fakeledger.Identity
	function string
	good     obj
	bad      []badInput
}{
	{township, "case:Apply", household("new", 5), []badInput{
		{"id", "", "id"}, {"id", "A B", "id"}, {"id", strings.Repeat("x", 65), "id"}, {"programme", "Dibao", "programme"}, {"region", "5301", "region"},
		{"region", "53018100100", "region"}, {"settlement", "suburban", "settlement"}, {"members", []string{}, "members"},
		{"members", []string{ref(5).String(), ref(5).String()}, "members"}, {"members", []string{plantedName}, "members"}, {"members", "x", "members"},
		{"members", make([]string, 21), "members"}, {"need", "N 1", "need"}, {"name", plantedName, "name"}, {"name_tag", "", "name_tag"}, {"account_tag", "", "account_tag"},
		{"account_tag", plantedCard, ""},
	}},
	{village, "case:Attach", visit("c1"), []badInput{
		{"case", 7, "case"}, {"kind", "Photo", "kind"}, {"kind", "selfie", "kind"}, {"taken_at", "yesterday", "taken_at"}, {"taken_at", "2127-01-01T00:00:00Z", "taken_at"},
		{"taken_at", "1999-01-01T00:00:00Z", "taken_at"}, {"region", "530129001001", "region"}, {"sha256", "ABCD", "sha256"},
		{"sha256", strings.ToUpper(digest("x")), "sha256"}, {"media_type", "jpeg", "media_type"}, {"media_type", "image/jpeg; x=" + plantedName, "media_type"},
	}},
	{civilPreparer, "case:Ask", obj{"case": "c1", "source": "civil-registry"}, []badInput{
		{"source", "nobody", "source"}, {"source", 7, "source"}, {"subjects", []string{}, "subjects"}, {"subjects", []string{"x"}, "subjects"},
		{"subjects", []string{ref(77).String()}, "subjects"},
	}},
	{civilPreparer, "case:Match", obj{"case": "c1", "statement": statement(1, "clear", caseStart)}, []badInput{
		{"statement", nil, "subject"}, {"statement", obj{}, "subject"}, {"statement", "x", "statement"}, {"statement", []int{1}, "statement"},
	}},
	{township, "case:AnswerMatch", obj{"case": "c1", "match": 0, "outcome": "cleared", "sha256": digest("r")}, []badInput{
		{"match", -1, "match"}, {"match", 1, "match"}, {"match", 1 << 40, "match"}, {"match", 0.5, "match"}, {"match", "0", "match"},
	}},
	{civilPreparer, "case:Notice", noticeOf("c1"), []badInput{
		{"class", "b", "class"}, {"class", "", "class"}, {"class", "Z", "class"}, {"persons", 0, "persons"}, {"persons", 3, "persons"}, {"persons", 256, "persons"},
		{"persons", -1, "persons"}, {"amount", "960", "amount"}, {"amount", 960, "amount"}, {"amount", "959.99", "amount"}, {"amount", "-1.00", "amount"},
		{"amount", "99999999999.00", "amount"}, {"notice_days", 0, "notice_days"},
	}},
	{auditReader, "case:Object", obj{"case": "c1", "channel": "letter", "sha256": digest("o")}, []badInput{{"channel", "rumour", "channel"}, {"sha256", "", "sha256"}}},
	{township, "case:Answer", obj{"case": "c1", "objection": 0, "founded": true, "sha256": digest("o")}, []badInput{{"objection", 5, "objection"}, {"founded", "yes", "founded"}}},
	{civilApprover, "case:Decide", grantOf("c1"), []badInput{
		{"outcome", "maybe", "outcome"}, {"outcome", "", "outcome"}, {"segment", -1, "segment"}, {"segment", 1 << 33, "segment"}, {"reason", "income", "reason"},
		{"from", "2026-01", "from"},
	}},
	{civilApprover, "case:Decide", refusalOf("c1"), []badInput{{"reason", "", "reason"}, {"reason", "mood", "reason"}, {"how_to_appeal", strings.Repeat("诉", 501), "how_to_appeal"}}},
	{civilPreparer, "case:Review", obj{"case": "f1", "finding": "change", "terms": obj{"class": "C", "persons": 1, "amount": "330.00"}}, []badInput{
		{"finding", "better", "finding"}, {"terms", obj{"class": "C", "persons": 9, "amount": "330.00"}, "persons"}, {"terms", obj{"class": "C"}, "persons"},
		{"members", []string{ref(77).String()}, "members"}, {"reason", "income", "reason"},
	}},
	{civilPreparer, "roll:Suspend", obj{"programme": "dibao", "subject": ref(40).String(), "from": "2027-01", "reason": "核查"}, []badInput{
		{"from", "2026-09", "from"}, {"from", "", "from"}, {"from", "2026-Q4", "from"}, {"from", "2026-13", "from"}, {"reason", "", "reason"}, {"reason", "a\u0007b", "reason"},
	}},
	{civilPreparer, "roll:SetTerms", obj{
		"programme": "dibao", "subject": ref(40).String(), "class": "C", "persons": 1, "amount": "330.00", "from": "2027-01",
	}, []badInput{
		{"from", "2023-01", "from"}, {"from", "", "from"}, {"from", "2026-Q4", "from"}, {"from", "2028-12", "from"}, {"class", "b", "class"}, {"class", "Z", "class"},
		{"persons", 0, "persons"}, {"persons", 100, "persons"}, {"amount", "329.99", "amount"}, {"amount", "-1.00", "amount"}, {"reason", "mood", "reason"},
		{"document", strings.Repeat("号", 101), "document"},
	}},
	{civilPreparer, "roll:Exit", obj{"programme": "dibao", "subject": ref(40).String(), "reason": "moved", "last_period": "2026-12"}, []badInput{
		{"reason", "tired", "reason"}, {"last_period", "", "last_period"}, {"last_period", "2026-Q4", "last_period"}, {"died_on", "2026-10-01", "died_on"},
		{"subject", plantedName, "subject"},
	}},
	{civilPreparer, "roll:Exit", obj{"programme": "dibao", "subject": ref(40).String(), "reason": "death", "died_on": "2026-10-01"}, []badInput{
		{"died_on", "2126-01-01", "died_on"}, {"died_on", "1962-11-05", "died_on"}, {"died_on", "1900-01-01", "died_on"}, {"died_on", "2300-01-01", "died_on"}, {"died_on", "2025-10-31", "died_on"}, {"died_on", "2026-02-30", "died_on"}, {"last_period", "2027-01", "last_period"},
	}},
	{civilPreparer, "need:Find", obj{"id": "n9", "subject": ref(60).String(), "region": homeRegion, "programme": "dibao", "source": "civil-registry", "sha256": digest("n")}, []badInput{
		{"id", "", "id"}, {"subject", "", "subject"}, {"region", "53", "region"}, {"source", "", "source"}, {"sha256", "x", "sha256"},
	}},
}

type badInput struct {
	field string
	value any
	named string
}

// badInputWorld has c1 examined and f1 in force.
func badInputWorld(t testing.TB) *world {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.later(0)
	w.examined("c1", 1)
	w.bringCase("f1", 40, casework.CaseInForce)
	return w
}

// Each bad field is refused by its name, alone and as a line of a file; nothing is written and nothing repeated.
func TestBadInputsOfCases(t *testing.T) {
	w := badInputWorld(t)
	for _, c := range badInputs {
		for _, bad := range c.bad {
			input := maps.Clone(c.good)
			if input[bad.field] = bad.value; bad.value == nil {
				delete(input, bad.field)
			}
			e := w.refused(relief.CodeInvalid, c.by, c.function, input, facts(5))
			if bad.field != "region" && e.Field != bad.named {
				t.Errorf("%s with %s %.40v: field %q, want %q (%s)", c.function, bad.field, bad.value, e.Field, bad.named, e.Detail)
			}
			if strings.Contains(e.Error(), plantedName) {
				t.Errorf("%s with %s: the refusal repeats %s", c.function, bad.field, e)
			}
		}
	}
}

// caseFunctions are all that act on cases.
var caseFunctions = []string{
	"Apply", "Attach", "Match", "AnswerMatch", "Notice", "Object", "Answer", "Decide", "Withdraw", "Review", "Confirm",
	"Appeal", "DecideAppeal", "Need", "DismissNeed", "File", "Case", "Cases", "RollPlaces", "Claims", "GetNeed", "Needs", "Duties", "Facts",
}

// FuzzCaseInputs sends anything to any function, by officials who have the duty: there is an answer, or a refusal with a code.
func FuzzCaseInputs(f *testing.F) {
	for _, c := range badInputs {
		b, err := json.Marshal(c.good)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(c.function[len("case:"):], string(b), facts(5)[wire.TransientFacts])
	}
	f.Add("File", `{"act":"case.attach","items":[{"case":"c1"},{},null,7,[]]}`, []byte{})
	f.Add("RollPlaces", `{"cases":["c1","f1","none"]}`, []byte("P\x01"))
	w := badInputWorld(f)
	people := []*fakeledger.Identity{township, civilPreparer, civilApprover, auditReader}
	f.Fuzz(func(t *testing.T, function, input string, sealed []byte) {
		known := false
		for _, name := range caseFunctions {
			known = known || name == function
		}
		if !known {
			function = caseFunctions[len(function)%len(caseFunctions)]
		}
		for _, by := range people {
			_, err := w.Endorse(by, "case:"+function, []string{input}, transient{wire.TransientFacts: sealed, wire.TransientPersons: sealed})
			if err == nil {
				continue
			}
			if e := relief.ParseError(err.Error()); e == nil || e.Code == relief.CodeCorrupt {
				t.Fatalf("case:%s by %s: %v", function, by.Name(), fmt.Sprint(err))
			}
		}
	})
}
