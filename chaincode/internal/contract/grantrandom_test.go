// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
)

// givenGrant is a grant in the model of TestRandomGrants.
type givenGrant struct {
	on     relief.Day
	amount relief.Fen
}

// TestRandomGrants takes and decides emergencies by random officials on random days, and holds each grant against a model: what a
// township decides, how often a month, one payment a case, never by the official who took it, no bill twice.
func TestRandomGrants(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	in := emergency("two")
	in["bill_required"], in["grants_a_month"] = true, 3
	w.caseProgramme(in)
	r := rand.New(rand.NewPCG(7, 73))
	officials := []*fakeledger.Identity{township, secondTownship, civilApprover, chief}
	given, bills, payments := map[int][]givenGrant{}, map[int]bool{}, map[string]bool{}
	now, done, tooMuch := caseStart, 0, 0
	for i := range 400 {
		now = now.Add(time.Duration(r.IntN(7*24)) * time.Hour)
		w.SetTime(now)
		day := relief.DefaultCalendar.Day(now)
		id, person, paper := fmt.Sprint("r", i), r.IntN(4), r.IntN(300)
		taker, amount := officials[r.IntN(2)], relief.Fen(1+r.IntN(1200_00))
		application := asking(id, "jinan", person, obj{"bill_tag": bill(paper % 256), "amount": amount.String()})
		if _, err := w.try(taker, "case:Apply", application, facts(person)); err != nil {
			if e := relief.ParseError(err.Error()); e.Code != relief.CodeDuplicate || !bills[paper%256] {
				t.Fatalf("an application: %v", err)
			}
			continue
		}
		by := officials[r.IntN(len(officials))]
		function, ofTownship := "case:Decide", by == township || by == secondTownship
		if ofTownship {
			function = "case:DecideTownship"
		}
		var year relief.Fen
		month := 0
		for _, g := range given[person] {
			if g.on > day.AddMonths(-12) {
				year += g.amount
			}
			if g.on.Month() == day.Month() {
				month++
			}
		}
		want := relief.Code("")
		switch {
		case by == taker:
			want = relief.CodeSamePerson
		case month >= 3:
			want = relief.CodeDuplicate
		case ofTownship && year+amount > 2000_00:
			want = relief.CodeForbidden
			tooMuch++
		}
		if want != "" {
			w.refused(want, by, function, granting(id, amount.String()))
			continue
		}
		c := w.do(by, function, granting(id, amount.String()))
		payment := fmt.Sprint(at(c, "grant", "payment"))
		if payments[payment] || bills[paper%256] {
			t.Fatalf("case %s: payment %s, bill %d: granted twice", id, payment, paper)
		}
		payments[payment], bills[paper%256] = true, true
		given[person] = append(given[person], givenGrant{day, amount})
		done++
	}
	if done < 60 || tooMuch < 5 {
		t.Errorf("the test asks for the wrong things: %d granted, %d too much for a township", done, tooMuch)
	}
}
