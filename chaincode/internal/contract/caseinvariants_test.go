// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// check holds what an act wrote against the invariants, and books it in the model.
func (o *office) check(f *filed, c *casework.Case) {
	o.t.Helper()
	before, act := f.last, c.Acts[len(c.Acts)-1]
	o.checkTransition(&before, c, act.Act)
	if !act.By.Region.Covers(c.Region) {
		o.t.Fatalf("case %s: %s by %s of region %s", c.ID, act.Act, act.By.Name, act.By.Region)
	}
	added := 1
	if before.ID == "" && c.Adopted != nil && act.Act != relief.ActCaseAdopt {
		added = 2 // a change made the case
	}
	if act.Act == relief.ActRollConfirmChange && c.Acts[len(c.Acts)-2].Act == relief.ActRollExit {
		added++ // with the proposal of the exit
	}
	if len(c.Acts) != len(before.Acts)+added || !slices.Equal(c.Acts[:len(before.Acts)], before.Acts) {
		o.t.Fatalf("case %s: its history was rewritten by %s", c.ID, act.Act)
	}
	switch act.Act {
	case relief.ActCaseNotice:
		o.checkComplete(c, c.Members)
	case relief.ActCaseDecide:
		o.checkDecider(c, act)
		if c.State == casework.CaseInForce {
			o.checkGrant(f, c, act)
		}
	case relief.ActCaseConfirm:
		o.checkDecider(c, act)
		o.bookReview(f, &before, c, act)
	case relief.ActCaseDecideAppeal:
		o.checkDecider(c, act, relief.ActCaseDecide, relief.ActCaseConfirm, relief.ActRollConfirmChange)
		if c.State == casework.CaseInForce {
			f.resumeAfterExit()
		}
	case relief.ActRollConfirmChange:
		o.bookChange(f, c)
	}
	f.last = *c
	o.checkFacts(&before, c)
	o.checkClaims(f, &before)
	o.checkRoll(f)
}

// checkTransition: every step is a row of the table.
func (o *office) checkTransition(before, c *casework.Case, act relief.Act) {
	if before.ID == "" && c.Adopted != nil && c.Acts[0].Act == relief.ActCaseAdopt {
		o.adopted++
		if before.State = casework.CaseInForce; act == relief.ActCaseAdopt && c.State == before.State {
			return
		}
	} else if before.ID == "" {
		if act != relief.ActCaseApply || c.State != casework.CaseApplied {
			o.t.Fatalf("case %s begins with %s as %s", c.ID, act, c.State)
		}
		return
	}
	for _, row := range casework.CaseTransitions {
		if row.From == before.State && row.To == c.State && (row.Act == act || strings.HasPrefix(string(row.Act), string(act)+" (")) {
			return
		}
	}
	o.t.Fatalf("case %s: %s from %s to %s is no row of the table", c.ID, act, before.State, c.State)
}

// checkFacts: the collection has the versions of the facts that the case names, and none that it named before.
func (o *office) checkFacts(before, c *casework.Case) {
	held := func(v casework.FactsVersion) bool {
		hash := o.GetPrivateHash(relief.DetailsCollection, relief.FactsKey(c.ID, v.Act).String()) // nobody here seals again
		return hex.EncodeToString(hash) == v.SHA256
	}
	for _, v := range c.FactsVersions() {
		if !held(v) {
			o.t.Fatalf("case %s: the facts of act %d are not kept", c.ID, v.Act)
		}
	}
	if before.ID == "" {
		return
	}
	for _, v := range c.LostFacts(before) {
		if held(v) {
			o.t.Fatalf("case %s: the facts of act %d are kept", c.ID, v.Act)
		}
	}
}

// checkDecider: nobody decides on what they took, visited, matched or prepared.
func (o *office) checkDecider(c *casework.Case, act relief.HistoryEntry, more ...relief.Act) {
	preparing := append([]relief.Act{
		relief.ActCaseApply, relief.ActCaseAttach, relief.ActCaseAsk, relief.ActCaseMatch, relief.ActCaseAnswerMatch, relief.ActCaseNotice, relief.ActCaseAnswer,
		relief.ActCaseReview,
	}, more...)
	for _, a := range c.Acts[:len(c.Acts)-1] {
		if slices.Contains(preparing, a.Act) && relief.SameOfficial(a.By, act.By) {
			o.t.Fatalf("case %s: %s by %s, who did %s", c.ID, act.Act, act.By.Name, a.Act)
		}
	}
	if act.By.Role != "approver" {
		o.t.Fatalf("case %s: %s by a %s", c.ID, act.Act, act.By.Role)
	}
}

// checkComplete: the evidence and every member's match are there, and no adverse finding stands.
func (o *office) checkComplete(c *casework.Case, members []relief.SubjectRef) {
	if !slices.ContainsFunc(c.Evidence, func(e casework.Evidence) bool { return e.Kind == programme.EvidenceHomeVisit }) {
		o.t.Fatalf("case %s: without a home visit", c.ID)
	}
	for _, m := range members {
		if !slices.ContainsFunc(c.Matches, func(s casework.Match) bool { return s.Subject == m && s.Source == "civil-registry" }) {
			o.t.Fatalf("case %s: without a match of every member", c.ID)
		}
	}
	for _, m := range c.Matches {
		if m.Adverse && m.Answer == nil && slices.Contains(members, m.Subject) {
			o.t.Fatalf("case %s: with an adverse finding that nobody answered", c.ID)
		}
	}
}

// checkGrant: the notice was over and no objection open, and what is granted is what was on notice.
func (o *office) checkGrant(f *filed, c *casework.Case, act relief.HistoryEntry) {
	o.checkComplete(c, c.Members)
	n := c.Notices[len(c.Notices)-1]
	if n.Closes.Sub(n.Opened) < 7*24*time.Hour || act.At.Before(n.Closes) || n.Terms != c.Terms {
		o.t.Fatalf("case %s: decided at %s, on notice %+v", c.ID, act.At, n)
	}
	for _, obj := range c.Objections {
		if obj.Answer == nil || obj.Act > n.Act {
			o.t.Fatalf("case %s: decided with an objection open, or without a repeated notice", c.ID)
		}
	}
	f.terms, f.paused, f.until = []granted{{c.Decision.From, c.Terms.Amount}}, nil, relief.Period{}
	o.granted++
}

func (o *office) bookReview(f *filed, before, c *casework.Case, act relief.HistoryEntry) {
	switch {
	case c.State == casework.CaseExited:
		f.until = c.Ended.LastPeriod
	case c.Terms != before.Terms:
		local := act.At.Add(8 * time.Hour)
		from := relief.MonthPeriod(local.Year()*12 + int(local.Month()))
		f.terms = append(f.terms, granted{from, c.Terms.Amount})
	}
}

// bookChange notes what a change of the roll entry did to the case.
func (o *office) bookChange(f *filed, c *casework.Case) {
	if c.State == casework.CaseSuspended {
		f.paused = append(f.paused, pause{from: c.Suspended.From})
		return
	}
	if c.State == casework.CaseExited {
		f.until = c.Ended.LastPeriod
		return
	}
	for i := range f.paused {
		if f.paused[i].to.IsZero() {
			f.paused[i].to = o.lastInput
		}
	}
}

// resumeAfterExit: a suspension that the exit ended does not begin again.
func (f *filed) resumeAfterExit() {
	for i := range f.paused {
		if f.paused[i].to.IsZero() {
			f.paused[i].to = relief.MonthPeriod(f.until.FirstMonth() + 1)
		}
	}
	f.until = relief.Period{}
}

// checkClaims: the ledger claims exactly the households of live cases, and nobody is in two cases of one programme.
func (o *office) checkClaims(f *filed, before *casework.Case) {
	for _, ref := range append(slices.Clone(before.Members), f.last.Members...) {
		if o.claimed[ref] == nil {
			o.claimed[ref] = map[relief.CaseID]bool{}
		}
		delete(o.claimed[ref], f.id)
		if f.last.Live() && slices.Contains(f.last.Members, ref) {
			o.claimed[ref][f.id] = true
		}
		var m casework.MemberRecord
		if b := o.Get(relief.MemberKey(ref).String()); b != nil {
			if err := json.Unmarshal(b, &m); err != nil {
				o.t.Fatal(err)
			}
		}
		programmes := map[relief.ProgrammeID]bool{}
		for _, claim := range m.Claims {
			if !o.claimed[ref][claim.Case] || programmes[claim.Programme] {
				o.t.Fatalf("a person is claimed by %+v; live are %v", m.Claims, o.claimed[ref])
			}
			programmes[claim.Programme] = true
		}
		if len(m.Claims) != len(o.claimed[ref]) {
			o.t.Fatalf("a person is claimed by %+v; live are %v", m.Claims, o.claimed[ref])
		}
	}
}

// checkRoll: a household is in force on the roll exactly while its case is, at the amount that it was granted.
func (o *office) checkRoll(f *filed) {
	c := &f.last
	inForce := c.State == casework.CaseInForce || c.State == casework.CaseReviewed || c.State == casework.CaseSuspended
	b := o.Get(relief.RollIndexKey(c.Head(), c.Programme).String())
	if b == nil {
		if inForce || c.Roll != nil {
			o.t.Fatalf("case %s is %s and not on the roll", c.ID, c.State)
		}
		return
	}
	var r roll.IndexEntry
	if err := r.UnmarshalBinary(b); err != nil {
		o.t.Fatal(err)
	}
	if r.Case != c.ID {
		if inForce {
			o.t.Fatalf("case %s is %s; the roll says case %s", c.ID, c.State, r.Case)
		}
		return
	}
	seg, err := roll.ParseSegment(o.Get(relief.RollKey(c.Programme, r.County, r.Number/100).String()))
	if err != nil {
		o.t.Fatal(err)
	}
	e := seg.Entry(int(r.Number%100), roll.SegmentAddr{Programme: c.Programme, County: r.County, Segment: r.Number / 100, Size: 100})
	if (e.State == roll.InForce) != inForce || r.Exited == inForce || inForce && (e.Amount != c.Terms.Amount || e.Class != c.Terms.Class) {
		o.t.Fatalf("case %s is %s at %s; the roll says %+v", c.ID, c.State, c.Terms.Amount, e)
	}
}

// checkAll holds everything on the ledger against the model: no act changed what it had nothing to do with.
func (o *office) checkAll() {
	o.t.Helper()
	live := map[relief.SubjectRef]map[relief.CaseID]bool{}
	for _, f := range o.cases {
		var c casework.Case
		if f.imported && f.last.ID == "" {
			if o.Get(relief.CaseKey(f.id).String()) != nil {
				o.t.Fatalf("case %s was made without an act", f.id)
			}
			continue
		}
		if err := stored.Into(o.Get(relief.CaseKey(f.id).String()), &c); err != nil {
			o.t.Fatal(err)
		}
		if !reflect.DeepEqual(c, f.last) {
			o.t.Fatalf("case %s changed without an act", f.id)
		}
		o.checkRoll(f)
		for _, m := range c.Members {
			if live[m] == nil {
				live[m] = map[relief.CaseID]bool{}
			}
			if c.Live() {
				live[m][c.ID] = true
			}
		}
	}
	for n := range pool {
		var m casework.MemberRecord
		if b := o.Get(relief.MemberKey(ref(n)).String()); b != nil {
			if err := json.Unmarshal(b, &m); err != nil {
				o.t.Fatal(err)
			}
		}
		claims := map[relief.CaseID]bool{}
		for _, claim := range m.Claims {
			claims[claim.Case] = true
		}
		if len(claims) != len(live[ref(n)]) || len(claims) != len(m.Claims) {
			o.t.Fatalf("person %d is claimed by %+v; live are %v", n, m.Claims, live[ref(n)])
		}
		for id := range live[ref(n)] {
			if !claims[id] {
				o.t.Fatalf("person %d is in case %s, which claims nobody", n, id)
			}
		}
	}
}
