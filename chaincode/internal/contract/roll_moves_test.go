// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// june is a world in June 2026 with a programme that pays class C 330.00 a person, and money.
func june(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.SetTime(time.Date(2026, 6, 10, 2, 0, 0, 0, time.UTC))
	w.caseProgramme(caseProgrammeInput("dibao"))
	w.tranche("t1", "dibao", "10000.00")
	return w
}

// household4 imports the household of four of the nth person at 330.00 a person.
func (w *world) household4(n int) {
	w.t.Helper()
	w.importsAs("[]", rollInput("dibao", 0), importLine(n, withMembers(n+1000, n+2000, n+3000), func(in *roll.Input) {
		in.Persons, in.Class, in.Amount = 4, 'C', 132000
	}))
}

// paidOne has a number of the roll paid for a month, up to the bank's answer.
func (w *world) paidOne(batch, month string, number, n int, region relief.Region, persons uint8, amount relief.Fen) {
	w.t.Helper()
	w.list(batch, month, number, n, region, persons, amount, "[]")
	id := obj{"id": batch}
	w.do(civilPreparer, "payment:Seal", id)
	w.do(civilApprover, "payment:Approve", id)
	w.do(financeApprover, "payment:Authorise", w.filed(batch))
	w.do(financePreparer, "payment:Instruct", id)
	w.do(financePreparer, "payment:Settle", obj{"batch": batch}, settlements(settlement(number, 1, payment.OutcomeCredited, amount)))
	w.do(financePreparer, "payment:Tally", id)
}

// list lists a number of the roll for a month and compares the refusals.
func (w *world) list(batch, month string, number, n int, region relief.Region, persons uint8, amount relief.Fen, want string) {
	w.t.Helper()
	w.openFor(month, batchInput(batch, "dibao", "t1", 1, amount))
	line := lineOf(number, n, region, amount)
	line.Persons = persons
	if got := w.refusals(w.do(civilPreparer, "payment:AddLines", obj{"batch": batch}, linesOf(line))); got != want {
		w.t.Errorf("%s for %s: %s, want %s", batch, month, got, want)
	}
}

// entry is what the ledger has of a number.
func (w *world) entry(number int) roll.Entry {
	w.t.Helper()
	seg, err := roll.ParseSegment(w.Get(relief.RollKey("dibao", county, 0).String()))
	if err != nil {
		w.t.Fatal(err)
	}
	return seg.Entry(number, roll.SegmentAddr{Programme: "dibao", County: county, Size: 100})
}

// newHead has person n + 1000 lead the household of person n, whose head has died on a day.
func newHead(n int, died string) obj {
	return obj{
		"programme": "dibao", "subject": ref(n).String(), "new_head": ref(n + 1000).String(), "died_on": died,
		"class": "C", "persons": 3, "amount": "990.00", "name_tag": payeeOf(n + 1000).Name, "account_tag": payeeOf(n + 1000).Account,
		"evidence_sha256": digest("certificate"),
	}
}

func month(t *testing.T, s string) relief.Period {
	t.Helper()
	p, err := relief.ParsePeriod(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The head of a household of four at 330.00 a person dies on 2026-05-20, which is recorded in June, after the payment for June. The
// spouse leads three people at 990.00: the old number is owed 990.00 for June and ends with it, the spouse's begins with July.
func TestTheSpouseLeadsTheHousehold(t *testing.T) {
	w := june(t)
	w.household4(6)
	w.paidOne("b5", "2026-05", 0, 6, county+"001", 4, 132000)
	w.paidOne("b6", "2026-06", 0, 6, county+"001", 4, 132000)
	in := newHead(6, "2026-05-20")
	stranger := newHead(6, "2026-05-20")
	stranger["new_head"] = ref(77).String()
	if e := w.refused(relief.CodeInvalid, civilPreparer, "roll:ReplaceHead", stranger, card(77)); e.Field != "new_head" {
		t.Errorf("a stranger: %v", e)
	}
	four := newHead(6, "2026-05-20")
	four["persons"], four["amount"] = 4, "1320.00"
	w.refused(relief.CodeInvalid, civilPreparer, "roll:ReplaceHead", four, card(1006)) // three are left
	c := w.do(civilPreparer, "roll:ReplaceHead", in, card(1006))
	w.want(c, "2026-06", "from")
	w.unchanged(civilPreparer, "roll:ReplaceHead", in, card(1006))
	w.refused(relief.CodeSamePerson, both, "roll:ConfirmChange", agreed(c))
	done := w.confirmed(civilPreparer, c)
	w.want(done, "1", "opened", "number")
	w.want(done, "2026-07", "opened", "from")
	w.unchanged(civilApprover, "roll:ConfirmChange", agreed(c))

	old, spouse := w.entry(0), w.entry(1)
	if old.State != roll.Exited || old.Until != month(t, "2026-06") || old.ExitReason != roll.ExitSucceeded || old.Amount != 99000 {
		t.Errorf("the old number: %+v", old)
	}
	if spouse.Subject != ref(1006) || spouse.Persons != 3 || spouse.Amount != 99000 || spouse.From != month(t, "2026-07") || spouse.Region != county+"001" {
		t.Errorf("the new number: %+v", spouse)
	}
	if !bytes.Equal(w.detailsHeld(1006), person(1006)) {
		t.Error("the details of the spouse are not there")
	}
	for n, want := range map[int]int{6: 0, 1006: 1, 2006: 1, 3006: 1} {
		claims, _ := at(w.ask(auditReader, "case:Claims", obj{"subject": ref(n).String()}), "claims").([]any)
		if len(claims) != want {
			t.Errorf("person %d has %d claims", n, len(claims))
		}
	}
	w.SetTime(time.Date(2026, 7, 2, 2, 0, 0, 0, time.UTC))
	w.list("old", "2026-07", 0, 6, county+"001", 3, 99000, "[1 exited]")
	w.paidOne("b7", "2026-07", 1, 1006, county+"001", 3, 99000)
}

// Somebody whom the import did not name may lead a household, but not one who is in another household of the programme already,
// in whatever county.
func TestNobodyLeadsAHouseholdBesideTheirOwn(t *testing.T) {
	w := june(t)
	w.imports(rollInput("dibao", 0), chunkOf(importLine(6, func(in *roll.Input) { in.Persons = 4 })))
	w.imports(rollInput("dibao", 0), chunkOf(importLine(7, func(in *roll.Input) { in.Seq, in.Persons = 3, 2 }, withMembers(1006))))
	in := newHead(6, "2026-05-20")
	if e := w.refused(relief.CodeDuplicate, civilPreparer, "roll:ReplaceHead", in, card(1006)); e.Field != "members" {
		t.Errorf("a member of another household: %v", e)
	}
	in["new_head"] = ref(2006).String()
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:ReplaceHead", in, card(2006)))
}

// A case goes on when its head is replaced: one case, two numbers, no application and no notice.
func TestACaseGoesOnWithAnotherHead(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseInForce)
	before := w.ask(civilPreparer, "case:Get", obj{"case": "c1"})
	in := newHead(1, "2026-10-25")
	in["persons"], in["amount"] = 1, "330.00"
	c := w.do(township, "roll:ReplaceHead", in, card(1001))
	w.refused(relief.CodePending, township, "roll:Move", obj{"programme": "dibao", "subject": ref(1).String(), "region": county + "001002"})
	w.confirmed(township, c)
	after := w.ask(civilPreparer, "case:Get", obj{"case": "c1"})
	w.want(after, "in_force", "state")
	w.want(after, ref(1001).String(), "members", 0)
	w.want(after, ref(1).String(), "former_heads", 0, "head")
	w.want(after, "1", "roll", "number")
	w.want(after, "330.00", "terms", "amount")
	if n := len(at(after, "notices").([]any)); n != len(at(before, "notices").([]any)) {
		t.Errorf("%d notices", n)
	}
	w.want(w.ask(auditReader, "case:Claims", obj{"subject": ref(1001).String()}), "c1", "claims", 0, "case")
	w.want(w.ask(civilPreparer, "roll:Entry", obj{"programme": "dibao", "subject": ref(1).String()}), "succeeded", "exit_reason")
	w.do(civilPreparer, "case:Review", obj{"case": "c1", "finding": "keep"})
	w.do(chief, "case:Confirm", obj{"case": "c1", "agree": true})
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(1001).String(), "reason": "income", "last_period": "2026-12"})
	w.want(w.ask(civilPreparer, "case:Get", obj{"case": "c1"}), "exited", "state")
}

// A household that moves within the county has another number in the new region; what was paid keeps its region.
func TestAMoveWithinTheCounty(t *testing.T) {
	w := june(t)
	w.household4(6)
	w.paidOne("b6", "2026-06", 0, 6, county+"001", 4, 132000)
	of := obj{"programme": "dibao", "subject": ref(6).String(), "region": county + "002"}
	away := obj{"programme": "dibao", "subject": ref(6).String(), "region": "530129001"}
	w.refused(relief.CodeRegion, civilPreparer, "roll:Move", away)
	c := w.do(civilPreparer, "roll:Move", of)
	w.refused(relief.CodeSamePerson, both, "roll:ConfirmChange", agreed(c))
	w.want(w.confirmed(civilPreparer, c), "2026-07", "opened", "from")
	old, now := w.entry(0), w.entry(1)
	if old.Region != county+"001" || old.Until != month(t, "2026-06") || old.Amount != 132000 {
		t.Errorf("the old number: %+v", old)
	}
	if now.Region != county+"002" || now.Subject != ref(6) || now.Amount != 132000 || now.Persons != 4 || now.From != month(t, "2026-07") {
		t.Errorf("the new number: %+v", now)
	}
	w.has(6)
	w.want(w.ask(auditReader, "case:Claims", obj{"subject": ref(1006).String()}), county, "claims", 0, "county")
	w.SetTime(time.Date(2026, 7, 2, 2, 0, 0, 0, time.UTC))
	w.paidOne("b7", "2026-07", 1, 6, county+"002", 4, 132000)
	w.do(civilPreparer, "roll:Exit", obj{"programme": "dibao", "subject": ref(6).String(), "reason": "income", "last_period": "2026-08"})
}

// moveIn takes a household in to the county 530129.
func moveIn(change obj, n int, terms obj) obj {
	in := obj{
		"change": change["id"], "programme": change["to_programme"], "subject": change["subject"], "region": "530129001", "name_tag": payeeOf(n).Name, "account_tag": payeeOf(n).Account,
		"evidence_sha256": digest("passbook"),
	}
	for k, v := range terms {
		in[k] = v
	}
	return in
}

// Somebody who is in force in two counties is refused and named, by an import and by an application, with a group of programmes that
// exclude each other and without one; after both counties' transfer it is accepted from the next period.
func TestATransferBetweenCounties(t *testing.T) {
	for _, groups := range []bool{false, true} {
		t.Run(fmt.Sprint("groups ", groups), func(t *testing.T) {
			w := newCaseWorld(t)
			to := "dibao"
			if groups {
				to = "yiliang"
				for _, id := range []string{"dibao", "yiliang"} {
					p, version := caseProgrammeInput(id), 1
					if id == "dibao" {
						version = 2
					}
					p["version"], p["exclusion_groups"] = version, []string{"assistance"}
					w.do(provincePreparer, "programme:Draft", p)
					w.do(provinceFinance, "programme:Enact", obj{"id": id, "version": version})
				}
			}
			w.bringCase("c1", 1, casework.CaseInForce)
			import2 := rollInput(to, 0)
			import2["county"], import2["from"] = "530129", "2026-11"
			there := func(in *roll.Input) { in.Region = "530129001" }
			want := "[1 already-on-the-roll 530181]"
			if groups {
				want = "[1 duplicate dibao 530181]"
			}
			w.importsAs(want, import2, importLine(1, there))
			application := household("c2", 1)
			application["programme"], application["region"] = to, "530129001001"
			e := w.refused(relief.CodeDuplicate, civilElsewhere, "case:Apply", application, facts(1))
			if !strings.Contains(e.Detail, "dibao in 530181") {
				t.Errorf("the application: %v", e)
			}

			out := obj{"programme": "dibao", "subject": ref(1).String(), "to_county": "530129", "to_programme": to, "last_period": "2026-11"}
			w.refused(relief.CodeRegion, civilElsewhere, "roll:MoveOut", out)
			c := w.do(township, "roll:MoveOut", out)
			in := moveIn(c, 1, obj{"class": "B", "persons": 2, "amount": "960.00"})
			w.refused(relief.CodePending, civilElsewhere, "roll:MoveIn", in, card(1)) // not confirmed
			w.confirmed(township, c)
			w.want(w.ask(civilPreparer, "case:Get", obj{"case": "c1"}), "moved_out", "state")
			w.refused(relief.CodeRegion, civilPreparer, "roll:MoveIn", in, card(1))
			taken := w.do(civilElsewhere, "roll:MoveIn", in, card(1))
			w.refused(relief.CodeRegion, civilApprover, "roll:ConfirmChange", agreed(taken))
			done := w.do(approverAway, "roll:ConfirmChange", agreed(taken))
			w.want(done, "2026-12", "opened", "from")
			w.want(done, "530129", "opened", "county")
			w.want(w.ask(auditReader, "roll:GetChange", obj{"change": c["id"]}), to, "opened", "programme")
			now := w.ask(civilElsewhere, "case:Get", obj{"case": "c1"})
			w.want(now, "in_force", "state")
			w.want(now, "530129001", "region")
			w.want(now, to, "programme")
			entry := w.ask(auditReader, "roll:Entry", obj{"programme": to, "subject": ref(1).String()})
			w.want(entry, "2026-12", "from")
			w.want(entry, "in_force", "state")
			w.refused(relief.CodeWrongState, civilElsewhere, "roll:MoveIn", moveIn(c, 1, obj{"class": "A", "persons": 1, "amount": "620.00"}), card(1))
		})
	}
}

// An imported household is taken in with its members.
func TestAnImportedHouseholdMovesToAnotherCounty(t *testing.T) {
	w := june(t)
	w.household4(6)
	c := w.do(civilPreparer, "roll:MoveOut", obj{
		"programme": "dibao", "subject": ref(6).String(), "to_county": "530129", "to_programme": "dibao", "last_period": "2026-06",
	})
	w.confirmed(civilPreparer, c)
	taken := w.do(civilElsewhere, "roll:MoveIn", moveIn(c, 6, obj{"class": "C", "persons": 4, "amount": "1320.00"}), card(6))
	w.want(w.do(approverAway, "roll:ConfirmChange", agreed(taken)), "2026-07", "opened", "from")
	w.want(w.ask(auditReader, "case:Claims", obj{"subject": ref(1006).String()}), "530129", "claims", 0, "county")
	if !bytes.Equal(w.detailsHeld(6), person(6)) {
		t.Error("the details are not those that came with the household")
	}
}

// Nobody finds out by a move whose entry a change of another county is: the answer is one for its person and for anybody else,
// unless the household was let go to the caller's county.
func TestAMoveTellsNothingOfOtherChanges(t *testing.T) {
	w := june(t)
	w.household4(6)
	w.household4(7)
	exit := w.do(civilPreparer, "roll:Exit", obj{"programme": "dibao", "subject": ref(6).String(), "reason": "moved", "last_period": "2026-06"})
	as := func(c obj, n int) obj {
		return moveIn(c, n, obj{"class": "C", "persons": 4, "amount": "1320.00", "subject": ref(n).String()})
	}
	its := w.refused(relief.CodeWrongState, civilElsewhere, "roll:MoveIn", as(exit, 6), card(6))
	another := w.refused(relief.CodeWrongState, civilElsewhere, "roll:MoveIn", as(exit, 8), card(8))
	if its.Detail != another.Detail {
		t.Errorf("the answers differ by the person: %q and %q", its.Detail, another.Detail)
	}
	out := w.do(civilPreparer, "roll:MoveOut", obj{
		"programme": "dibao", "subject": ref(7).String(), "to_county": "530129", "to_programme": "dibao", "last_period": "2026-06",
	})
	w.refused(relief.CodeRegion, civilPreparer, "roll:MoveIn", as(out, 7), card(7))
	w.refused(relief.CodeRegion, civilPreparer, "roll:MoveIn", as(out, 8), card(8))
	w.refused(relief.CodeInvalid, civilElsewhere, "roll:MoveIn", as(out, 8), card(8))
}

// corrected links person n to the corrected number of person to.
func corrected(n, to int) obj {
	return obj{"earlier": ref(n).String(), "later": ref(to).String(), "reason": "number", "evidence_sha256": digest("identity card")}
}

// agreedLink is the argument that confirms a link.
func agreedLink(l obj) obj {
	return obj{"subject": l["earlier"], "sha256": l["sha256"], "agree": true}
}

// A valid but wrong identity number that was paid for January is corrected: the right number opens with February, and both are one
// person everywhere.
func TestACorrectedIdentityNumber(t *testing.T) {
	w := june(t)
	w.SetTime(time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC).AddDate(0, 6, 0))
	in := rollInput("dibao", 0)
	in["from"] = "2026-06"
	w.importsAs("[]", in, importLine(6, withMembers(1006)))
	w.paidOne("b6", "2026-06", 0, 6, county+"001", 1, 62000)
	details := card(106)
	l := w.do(civilPreparer, "person:ProposeLink", corrected(6, 106), details)
	w.unchanged(civilPreparer, "person:ProposeLink", corrected(6, 106), details)
	w.refused(relief.CodeSamePerson, both, "person:ConfirmLink", agreedLink(l))
	w.refused(relief.CodeRegion, approverAway, "person:ConfirmLink", agreedLink(l))
	done := w.do(civilApprover, "person:ConfirmLink", agreedLink(l))
	w.unchanged(civilApprover, "person:ConfirmLink", agreedLink(l))
	w.want(done, "2026-07", "opened", 0, "from")
	old, now := w.entry(0), w.entry(1)
	if old.Until != month(t, "2026-06") || now.Subject != ref(106) || now.From != month(t, "2026-07") || now.Amount != 62000 {
		t.Errorf("%+v, %+v", old, now)
	}
	if !bytes.Equal(w.detailsHeld(106), person(106)) {
		t.Error("the details under the corrected number are not there")
	}
	for _, n := range []int{6, 106} { // both are one person
		entries, _ := at(w.ask(auditReader, "roll:Entries", obj{"subject": ref(n).String()}), "entries").([]any)
		if len(entries) != 2 {
			t.Errorf("person %d has %d entries", n, len(entries))
		}
	}
	again := rollInput("dibao", 0)
	again["from"] = "2026-09"
	w.importsAs("[6 number-corrected]", again, importLine(6))
	w.importsAs("[9 number-corrected]", again, importLine(9, withMembers(6)))
	application := household("c2", 6)
	e := w.refused(relief.CodeInvalid, township, "case:Apply", application, facts(6))
	if e.Field != "members" {
		t.Errorf("an application under the wrong number: %v", e)
	}
	w.refused(relief.CodeDuplicate, township, "case:Apply", household("c3", 106), facts(106))
	w.refused(relief.CodePending, civilPreparer, "person:ProposeErasure", eraseInput(6)) // in force under the other one
	w.refused(relief.CodeInvalid, civilPreparer, "person:ProposeLink", corrected(6, 107), card(107))
}

// Two references that are entitled to the same are not linked before one of them has left.
func TestTwoEntriesAreNotLinked(t *testing.T) {
	w := june(t)
	w.importsAs("[]", rollInput("dibao", 0), importLine(6), importLine(106))
	e := w.refused(relief.CodeDuplicate, civilPreparer, "person:ProposeLink", corrected(6, 106), card(106))
	if !strings.Contains(e.Detail, "number 0") || !strings.Contains(e.Detail, "number 1") {
		t.Errorf("%v", e)
	}
	w.refused(relief.CodeNotFound, civilPreparer, "person:ProposeLink", corrected(7, 107), card(107))
	l := w.do(civilPreparer, "person:ProposeLink", corrected(6, 8), card(8))
	w.do(civilPreparer, "person:WithdrawLink", obj{"subject": ref(6).String()})
	w.refused(relief.CodeWrongState, civilApprover, "person:ConfirmLink", agreedLink(l))
	l = w.do(civilPreparer, "person:ProposeLink", corrected(6, 8), card(8))
	w.do(civilApprover, "person:ConfirmLink", obj{"subject": l["earlier"], "sha256": l["sha256"], "agree": false, "reason": "证件不清"})
	if w.GetPrivate(fakeledger.Finance, relief.DetailsCollection, relief.LinkDetailsKey(ref(6), "dibao").String()) != nil {
		t.Error("a refused link has left its details")
	}
}

// cardOf is card, where another card is at hand.
func cardOf(n int) transient { return card(n) }
