// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// place is a county with the officials who bring a case from application to decision.
type place struct {
	region                  string
	taker, second, approver *fakeledger.Identity
}

var (
	home = place{homeRegion, township, civilPreparer, civilApprover}
	away = place{
		"530129001001", civilElsewhere,
		fakeledger.Official(fakeledger.CivilAffairs, "civil-other-second", "preparer", "530129"), approverAway,
	}
)

func (p *place) county() string { return p.region[:6] }

// household is an application in the place; the first member is its head.
func (p *place) household(id, programme string, members ...int) obj {
	var refs []string
	for _, n := range members {
		refs = append(refs, ref(n).String())
	}
	h := household(id, members[0])
	h["programme"], h["region"], h["members"] = programme, p.region, refs
	return h
}

func (w *world) applies(p place, id, programme string, members ...int) obj {
	w.t.Helper()
	return w.do(p.taker, "case:Apply", p.household(id, programme, members...), facts(members[0]))
}

// notices has an application examined and put on notice.
func (w *world) notices(p place, id string, members ...int) {
	w.t.Helper()
	seen := visit(id)
	seen["region"] = p.region
	w.do(p.taker, "case:Attach", seen)
	for _, n := range members {
		w.do(p.taker, "case:Match", obj{"case": id, "statement": statement(n, "clear", w.Now())})
	}
	w.do(p.taker, "case:Notice", obj{"case": id, "class": "B", "persons": 1, "amount": "480.00"})
}

func answerTo(id string, n int, county string) obj {
	return obj{"case": id, "subject": ref(n).String(), "county": county}
}

// claimWorld has a programme for food beside dibao, which excludes nothing.
func claimWorld(t testing.TB, options ...fakeledger.Option) *world {
	w := newCaseWorld(t, options...)
	w.caseProgramme(caseProgrammeInput("food"))
	return w
}

// One official of another county names nineteen strangers as the members of one household, before they apply or after. They apply and
// are granted relief in their own county; the other household is not.
func TestNobodyLocksStrangersOut(t *testing.T) {
	var strangers []int
	for n := 1; n < 20; n++ {
		strangers = append(strangers, n)
	}
	for _, first := range []bool{true, false} {
		w := claimWorld(t)
		name := func() { w.applies(away, "named", "dibao", append([]int{5000}, strangers...)...) }
		if first {
			name()
		}
		for _, n := range strangers[:2] {
			w.examined(fmt.Sprint("c", n), n)
		}
		if !first {
			name()
		}
		w.do(civilPreparer, "case:Notice", noticeOf("c1"))
		w.notices(away, "named", append([]int{5000}, strangers...)...)
		w.later(noticeOver)
		e := w.refused(relief.CodePending, approverAway, "case:Decide", grantOf("named"))
		if !strings.Contains(e.Detail, "county 530181") || e.Field != "members" {
			t.Errorf("refused because %v", e)
		}
		w.want(w.do(civilApprover, "case:Decide", grantOf("c1")), "in_force", "state")
		w.refused(relief.CodeDuplicate, approverAway, "case:Decide", grantOf("named"))
	}
}

// A case names a member of another county's household that has relief: it waits until that county confirms. Relief that excludes its
// own programme is never granted beside it.
func TestAClaimWaitsForTheOtherCounty(t *testing.T) {
	w := claimWorld(t)
	w.bringCase("c1", 1, casework.CaseInForce) // members 1 and 1001, on dibao
	w.later(0)
	o := w.applies(away, "x1", "food", 60, 1001)
	w.want(o, "pending", "overlaps", 0, "state")
	w.want(o, "530181", "overlaps", 0, "county")
	w.notices(away, "x1", 60, 1001)
	same := w.applies(away, "x2", "dibao", 61, 1001)
	w.want(same, "pending", "overlaps", 0, "state")
	w.notices(away, "x2", 61, 1001)
	w.later(noticeOver)
	w.refused(relief.CodePending, approverAway, "case:Decide", grantOf("x1"))
	w.refused(relief.CodeDuplicate, approverAway, "case:Decide", grantOf("x2"))

	confirm := answerTo("x1", 1001, county)
	w.refused(relief.CodeRegion, approverAway, "case:ConfirmClaim", confirm)
	w.refused(relief.CodeForbidden, civilPreparer, "case:ConfirmClaim", confirm)
	w.refused(relief.CodeInvalid, approverAway, "case:ConfirmClaim", answerTo("x1", 1001, "530129"))
	w.refused(relief.CodeInvalid, civilApprover, "case:ConfirmClaim", answerTo("x1", 1, county))
	w.refused(relief.CodeNotFound, civilApprover, "case:ConfirmClaim", answerTo("x1", 60, county))
	w.want(w.do(civilApprover, "case:ConfirmClaim", confirm), "confirmed", "claim_answers", 0, "state")
	w.unchanged(civilApprover, "case:ConfirmClaim", confirm)
	w.want(w.do(approverAway, "case:Decide", grantOf("x1")), "in_force", "state")

	w.do(civilApprover, "case:ConfirmClaim", answerTo("x2", 1001, county))
	w.refused(relief.CodeDuplicate, approverAway, "case:Decide", grantOf("x2")) // until the household lets the person go
}

// The head of a household who has relief on somebody else's roll is found at once, as before; a member of such a household may apply.
func TestHeadsElsewhereAreFoundAtOnce(t *testing.T) {
	w := claimWorld(t)
	w.bringCase("c1", 1, casework.CaseInForce)
	w.refused(relief.CodeDuplicate, civilElsewhere, "case:Apply", away.household("x1", "dibao", 1), facts(1))
	w.want(w.applies(away, "x2", "dibao", 1001), "pending", "overlaps", 0, "state")
}

// A county contests a claim on its own people; then the claim does not weigh on them. It takes a second official, holds for a time, and
// comes once. What an official over both counties says holds.
func TestContests(t *testing.T) {
	w := claimWorld(t)
	w.applies(away, "evil", "dibao", 1001) // whom the officials never saw
	w.applies(home, "c1", "dibao", 1, 1001)
	w.notices(home, "c1", 1, 1001)
	w.notices(away, "evil", 1001)
	w.later(noticeOver)
	one := w.fork(t) // by one official so far
	one.want(one.do(civilApprover, "case:Decide", grantOf("c1")), "in_force", "state")
	seen := visit("evil")
	seen["region"], seen["sha256"] = away.region, digest("another photo")
	w.do(away.second, "case:Attach", seen)
	w.refused(relief.CodePending, civilApprover, "case:Decide", grantOf("c1"))

	contest := answerTo("evil", 1001, county)
	taker := fakeledger.Official(fakeledger.CivilAffairs, "civil-township", "preparer", county) // who took the application
	w.refused(relief.CodeSamePerson, taker, "case:ContestClaim", contest)
	w.want(w.do(civilPreparer, "case:ContestClaim", contest), "contested", "claim_answers", 0, "state")
	w.unchanged(civilPreparer, "case:ContestClaim", contest)
	w.refused(relief.CodeLate, chief, "case:ContestClaim", contest)
	w.refused(relief.CodePending, approverAway, "case:Decide", grantOf("evil"))

	w2 := w.fork(t)
	w2.want(w2.do(civilApprover, "case:Decide", grantOf("c1")), "in_force", "state")
	w2.refused(relief.CodeDuplicate, approverAway, "case:Decide", grantOf("evil"))

	w3 := w.fork(t) // the office above both finds that the contest is wrong
	w3.want(w3.do(provinceApprover, "case:ConfirmClaim", contest), "confirmed", "claim_answers", 1, "state")
	w3.refused(relief.CodeRegion, civilApprover, "case:ConfirmClaim", contest)
	w3.refused(relief.CodeSamePerson, provinceApprover, "case:Decide", grantOf("evil"))
	w3.want(w3.do(approverAway, "case:Decide", grantOf("evil")), "in_force", "state")
	w3.refused(relief.CodeDuplicate, civilApprover, "case:Decide", grantOf("c1"))

	w.later((casework.ContestDays + 8) * day) // nobody has decided anything
	w.want(w.do(approverAway, "case:Decide", grantOf("evil")), "in_force", "state")
}

// An import does not name people as members whom another county knows, and is not kept back by applications of other counties that name
// its own people.
func TestImportsAndOtherCounties(t *testing.T) {
	w := claimWorld(t)
	w.bringCase("c1", 1, casework.CaseInForce) // on dibao
	w.examined("c2", 2)
	w.applies(away, "named", "food", 5000, 7, 8)
	there := func(programme string) obj {
		in := rollInput(programme, 0)
		in["county"] = away.county()
		return in
	}
	line := func(n int, members ...int) roll.Input {
		return importLine(n, withMembers(members...), func(in *roll.Input) { in.Region = "530129001" })
	}
	w.importsAs("[31 duplicate dibao 530181 32 duplicate dibao 530181 33 duplicate dibao 530181]", there("food"),
		line(30, 1002), line(31, 1), line(32, 1001), line(33, 2))
	w.importsAs("[]", rollInput("food", 0), importLine(7), importLine(40, withMembers(8)))
}

// A single official does not claim people of other counties by the thousand.
func TestClaimsOfOneDayAreBounded(t *testing.T) {
	w := claimWorld(t, fakeledger.Endorsers(1))
	for n := range 20 {
		w.examined(fmt.Sprint("c", n), n)
	}
	strangers := func(head int) []int {
		list := []int{head}
		for n := range 19 {
			list = append(list, n)
		}
		return list
	}
	n := 0
	for ; (n+1)*19 <= casework.MaxPending; n++ {
		w.applies(away, fmt.Sprint("food", n), []string{"food", "dibao"}[n%2], strangers(5000+n)...)
		if n%2 == 1 { // who is in a case of the county applies there once
			for _, id := range []int{n - 1, n} {
				w.do(civilElsewhere, "case:Withdraw", obj{"case": fmt.Sprint("food", id)})
			}
		}
	}
	many := away.household("many", "food", strangers(6000)...)
	w.refused(relief.CodePending, civilElsewhere, "case:Apply", many, facts(6000))
	w.later(day)
	w.do(civilElsewhere, "case:Apply", many, facts(6000))
}

// Two decisions that race for one person meet in the ledger: one of them counts.
func TestTwoGrantsRace(t *testing.T) {
	w := claimWorld(t)
	w.applies(home, "c1", "dibao", 1, 7)
	w.applies(away, "x1", "dibao", 2, 7)
	w.notices(home, "c1", 1, 7)
	w.notices(away, "x1", 2, 7)
	w.later(noticeOver)
	a, err := w.Endorse(civilApprover, "case:Decide", args(grantOf("c1")), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := w.Endorse(approverAway, "case:Decide", args(grantOf("x1")), nil)
	if err != nil {
		t.Fatal(err)
	}
	results := w.Commit(a, b) // of one block
	if results[0].Err() != nil || !conflict(results[1].Err()) {
		t.Fatalf("granted: %v, %v", results[0].Err(), results[1].Err())
	}
	w.refused(relief.CodeDuplicate, approverAway, "case:Decide", grantOf("x1"))
}

// Households of two counties that share people apply, change, answer each other's claims and are decided in any order: nobody is ever
// in two that have relief.
func TestNobodyIsGrantedTwiceInAnyOrder(t *testing.T) {
	granted, refused := 0, 0
	for seed := range uint64(6) {
		g, r := interleave(t, rand.New(rand.NewPCG(seed, 64)))
		granted, refused = granted+g, refused+r
	}
	if granted < 20 || refused < 20 {
		t.Errorf("the test asks for the wrong things: %d granted, %d refused because of others", granted, refused)
	}
}

func interleave(t *testing.T, random *rand.Rand) (granted, refused int) {
	w := claimWorld(t, fakeledger.Endorsers(1))
	now, cases := caseStart, []string{}
	one := func(list ...*fakeledger.Identity) *fakeledger.Identity { return list[random.IntN(len(list))] }
	for i := range 250 {
		now = now.Add(time.Duration(random.IntN(12)) * time.Hour)
		w.SetTime(now)
		p := []place{home, away}[random.IntN(2)]
		people := random.Perm(9)[:1+random.IntN(3)]
		if random.IntN(4) == 0 || len(cases) == 0 {
			id := fmt.Sprint("c", i)
			if _, err := w.try(p.taker, "case:Apply", p.household(id, "dibao", people...), facts(people[0])); err == nil {
				cases = append(cases, id)
				w.notices(p, id, people...)
			}
			continue
		}
		id := cases[random.IntN(len(cases))]
		switch random.IntN(8) {
		case 0:
			_, _ = w.try(one(civilPreparer, chief, approverAway, provinceApprover), "case:ContestClaim", answerTo(id, people[0], p.county()), nil)
		case 1:
			_, _ = w.try(one(chief, approverAway, provinceApprover), "case:ConfirmClaim", answerTo(id, people[0], p.county()), nil)
		case 2:
			more := obj{"case": id, "finding": "change", "terms": obj{"class": "C", "persons": 1, "amount": "330.00"}}
			if c := w.record(id); random.IntN(2) == 0 {
				more["members"] = append(c.Members[:1:1], ref(people[0]))
			}
			_, _ = w.try(one(civilPreparer, civilElsewhere), "case:Review", more, nil)
			_, _ = w.try(one(civilPreparer, civilElsewhere), "case:Match", obj{"case": id, "statement": statement(people[0], "clear", now)}, nil)
		case 3:
			_, _ = w.try(one(civilApprover, approverAway), "case:Confirm", obj{"case": id, "agree": true}, nil)
		case 4:
			_, _ = w.try(one(township, civilElsewhere), "case:Withdraw", obj{"case": id}, nil)
		default:
			now = now.Add(noticeOver)
			w.SetTime(now)
			_, err := w.try(one(civilApprover, approverAway), "case:Decide", grantOf(id), nil)
			if err == nil {
				granted++
			} else if e := relief.ParseError(err.Error()); e != nil && (e.Code == relief.CodeDuplicate || e.Code == relief.CodePending) {
				refused++
			}
		}
		w.requireOneGrantEach(cases)
	}
	return granted, refused
}

func (w *world) record(id string) (c casework.Case) {
	w.t.Helper()
	if err := stored.Into(w.Get(relief.CaseKey(relief.CaseID(id)).String()), &c); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// requireOneGrantEach fails the test when somebody is in two households that have relief.
func (w *world) requireOneGrantEach(cases []string) {
	w.t.Helper()
	in := map[relief.SubjectRef]string{}
	for _, id := range cases {
		c := w.record(id)
		if !c.InForce() {
			continue
		}
		for _, m := range c.Members {
			if other, twice := in[m]; twice {
				w.t.Fatalf("a person is in %s and %s, which have relief both", other, id)
			}
			in[m] = id
		}
	}
}

// A review that adds a member is confirmed once the departments have answered about the new member, where the programme asks for that.
func TestAReviewAddsAMember(t *testing.T) {
	w := claimWorld(t)
	w.bringCase("c1", 1, casework.CaseInForce)
	w.refused(relief.CodeInvalid, civilPreparer, "case:Match", obj{"case": "c1", "statement": statement(9, "clear", caseStart)})
	change := obj{
		"case": "c1", "finding": "change", "terms": obj{"class": "B", "persons": 3, "amount": "1440.00"},
		"members": []string{ref(1).String(), ref(1001).String(), ref(9).String()},
	}
	w.do(civilPreparer, "case:Review", change)
	w.refused(relief.CodeMatch, civilApprover, "case:Confirm", obj{"case": "c1", "agree": true})
	w.do(civilPreparer, "case:Match", obj{"case": "c1", "statement": statement(9, "clear", w.Now())})
	o := w.do(civilApprover, "case:Confirm", obj{"case": "c1", "agree": true})
	w.want(o, ref(9).String(), "members", 2)
}

// A department's older statement is not recorded behind its newer one.
func TestTheNewestStatementCounts(t *testing.T) {
	w := claimWorld(t)
	w.applies(home, "c1", "dibao", 1, 1001)
	w.do(civilPreparer, "case:Match", obj{"case": "c1", "statement": statement(1, "deceased", caseStart)})
	older := obj{"case": "c1", "statement": statement(1, "clear", caseStart.Add(-day))}
	if e := w.refused(relief.CodeInvalid, civilPreparer, "case:Match", older); e.Field != "queried_at" {
		t.Errorf("refused for %q", e.Field)
	}
	w.do(civilPreparer, "case:Match", obj{"case": "c1", "statement": statement(1001, "clear", caseStart.Add(-day))})
}

// A file of applications says which of their members another county knows, as the record of each does.
func TestAFileSaysWhomAnotherCountyKnows(t *testing.T) {
	w := claimWorld(t)
	w.bringCase("c1", 1, casework.CaseInForce) // members 1 and 1001
	w.later(0)
	items := []obj{away.household("x1", "food", 60, 1001), away.household("x2", "food", 61)}
	file := obj{"act": "case.apply", "items": items}
	r := w.do(away.taker, "case:File", file, facts(60, 61))
	w.want(r, "2", "accepted")
	w.want(r, "["+ref(1001).String()+"]", "elsewhere")
	w.want(w.unchanged(away.taker, "case:File", file, facts(60, 61)), "<nil>", "elsewhere")
}
