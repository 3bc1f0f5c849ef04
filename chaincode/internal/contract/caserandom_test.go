// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// TestRandomCases does random acts by random officials, most of them sensible, and holds the invariants of docs/cases.md
// after each of what it wrote, and after each thousand of all that there is. RELIEF_ACTS sets how many; RELIEF_ACTS=1000000 is the
// long form.
func TestRandomCases(t *testing.T) {
	total := 4_000
	if s := os.Getenv("RELIEF_ACTS"); s != "" {
		var err error
		if total, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	const round = 10_000 // a ledger keeps its blocks: a new one now and then
	done, granted, paid, imported, adopted := 0, 0, 0, 0, 0
	for n := 0; n*round < total && !t.Failed(); n++ {
		o := newOffice(t, uint64(n))
		for i := 0; i < round && n*round+i < total && !t.Failed(); i++ {
			o.step()
			if i%1000 == 999 {
				o.checkAll()
			}
		}
		done, granted, paid, imported, adopted = done+o.done, granted+o.granted, paid+o.paid, imported+o.imported, adopted+o.adopted
	}
	if done < total/5 || granted < total/200 || paid < total/400 || adopted < total/2000 {
		t.Error("the test asks for the wrong things")
	}
	t.Logf("of %d acts %d were done; %d households granted, %d imported of which %d became cases, %d lines accepted", total, done, granted, imported, adopted, paid)
}

// office is a world with what its cases have come through, kept apart from what the chaincode keeps.
type office struct {
	*world
	rand    *rand.Rand
	now     time.Time
	cases   []*filed
	byID    map[relief.CaseID]*filed
	claimed map[relief.SubjectRef]map[relief.CaseID]bool // by live cases of the model

	lastInput                              relief.Period // from which relief is paid again, of the act at hand
	done, granted, paid, imported, adopted int
}

// filed is a case of the model.
type filed struct {
	id        relief.CaseID
	programme string
	head      int
	imported  bool
	last      casework.Case
	terms     []granted
	paused    []pause
	until     relief.Period
}

type granted struct {
	from   relief.Period
	amount relief.Fen
}

type pause struct{ from, to relief.Period }

var officers = []*fakeledger.Identity{
	civilPreparer, civilApprover, chief, township, village, civilElsewhere, approverAway, civilReader, auditReader, financeApprover,
	fakeledger.Official(fakeledger.CivilAffairs, "civil-preparer", "approver", county),
	fakeledger.Official(fakeledger.CivilAffairs, "civil-township", "approver", county),
	fakeledger.Official(fakeledger.CivilAffairs, "civil-chief", "preparer", county),
}

const pool = 40 // people who apply, alone or together

func newOffice(t *testing.T, seed uint64) *office {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	tekun := caseProgrammeInput("tekun")
	tekun["overlap_refused"] = []string{"dibao"}
	w.caseProgramme(tekun)
	w.do(financeApprover, "fund:Issue", trancheInput("t1", "dibao", county, "100000.00"))
	return &office{
		world: w, rand: rand.New(rand.NewPCG(seed, 11)), now: caseStart, byID: map[relief.CaseID]*filed{},
		claimed: map[relief.SubjectRef]map[relief.CaseID]bool{},
	}
}

func (o *office) one(list ...*fakeledger.Identity) *fakeledger.Identity {
	if o.rand.IntN(4) == 0 {
		list = officers
	}
	return list[o.rand.IntN(len(list))]
}

func (o *office) step() {
	o.now = o.now.Add(time.Duration(o.rand.IntN(16)) * time.Hour)
	o.SetTime(o.now)
	if len(o.cases) == 0 || o.rand.IntN(15) == 0 {
		o.apply()
		return
	}
	if o.rand.IntN(60) == 0 {
		o.importOne()
		return
	}
	f := o.cases[max(0, len(o.cases)-1-o.rand.IntN(25))]
	if o.rand.IntN(12) == 0 {
		o.pay(f)
		return
	}
	o.act(f)
}

func (o *office) apply() {
	n := o.rand.IntN(pool)
	f := &filed{id: relief.CaseID(fmt.Sprint("c", len(o.byID))), programme: []string{"dibao", "dibao", "tekun"}[o.rand.IntN(3)], head: n}
	h := household(string(f.id), n)
	members := []string{ref(n).String()}
	for range o.rand.IntN(3) {
		if m := ref(o.rand.IntN(pool)).String(); !slices.Contains(members, m) {
			members = append(members, m)
		}
	}
	h["members"], h["programme"] = members, f.programme
	o.byID[f.id] = f
	if o.attempt(o.one(township, civilPreparer), "case:Apply", h, facts(n)) {
		o.cases = append(o.cases, f)
	}
}

// importOne imports somebody whom nothing keeps off the roll, alone or with a member. The household has a case once an act makes it.
func (o *office) importOne() {
	n := o.rand.IntN(pool)
	in := rollInput("dibao", 0)
	in["from"] = o.month(o.rand.IntN(2))
	result, err := o.Import(importOf(fmt.Sprint("i", o.Height()), in), importedHousehold(n))
	if err != nil {
		if e := relief.ParseError(err.Error()); e == nil || e.Code == relief.CodeCorrupt {
			o.t.Fatalf("an import of person %d: %v", n, err)
		}
		return
	}
	if result.Accepted == 0 {
		return
	}
	e := o.entryOf(n)
	f := &filed{
		id: relief.NewRollCaseID("dibao", county, e.Number, e.From), programme: "dibao", head: n, imported: true,
		terms: []granted{{e.From, e.Amount}},
	}
	o.byID[f.id] = f
	o.cases, o.imported = append(o.cases, f), o.imported+1
}

// adopt makes the case of an imported household: by itself, or by a change of the entry.
func (o *office) adopt(f *filed) {
	switch o.rand.IntN(6) {
	case 0:
		o.decideChange(f) // of the last time
		o.change(f, "roll:Exit", o.exit())
	case 1:
		o.change(f, "roll:Suspend", obj{"from": o.month(o.rand.IntN(3)), "reason": "核查"})
	default:
		o.attempt(o.one(township, civilPreparer), "case:Adopt", onRoll(f.head), nil)
	}
}

// entryOf is a person's entry on the roll of dibao.
func (o *office) entryOf(n int) roll.Entry {
	var r roll.IndexEntry
	if err := r.UnmarshalBinary(o.Get(relief.RollIndexKey(ref(n), "dibao").String())); err != nil {
		o.t.Fatal(err)
	}
	seg, err := roll.ParseSegment(o.Get(relief.RollKey("dibao", r.County, r.Number/100).String()))
	if err != nil {
		o.t.Fatal(err)
	}
	return seg.Entry(int(r.Number%100), roll.SegmentAddr{Programme: "dibao", County: r.County, Segment: r.Number / 100, Size: 100})
}

// act does what may come next, and now and then what may not.
func (o *office) act(f *filed) {
	if f.imported && f.last.ID == "" {
		o.adopt(f)
		return
	}
	state := f.last.State
	if o.rand.IntN(8) == 0 {
		state = casework.CaseStates[o.rand.IntN(len(casework.CaseStates))]
	}
	id := string(f.id)
	switch n := o.rand.IntN(12); {
	case n == 0:
		o.decideChange(f) // of the last time
		o.change(f, "roll:Exit", o.exit())
		return
	case n == 1 && o.rand.IntN(4) == 0:
		o.attempt(o.one(township), "case:Withdraw", obj{"case": id}, nil)
		return
	case n == 2:
		o.attempt(o.one(auditReader), "case:Object", obj{"case": id, "channel": "letter", "sha256": o.digest()}, nil)
		return
	}
	switch state {
	case casework.CaseApplied, casework.CaseAnswered:
		o.examine(f)
	case casework.CaseNoticed:
		o.now = o.now.Add(time.Duration(o.rand.IntN(4)) * 3 * day)
		o.SetTime(o.now)
		if o.rand.IntN(6) == 0 {
			o.attempt(o.one(civilApprover, chief), "case:Decide", refusalOf(id), nil)
			return
		}
		grant := grantOf(id)
		grant["segment"] = o.rand.IntN(3)
		o.attempt(o.one(civilApprover, chief), "case:Decide", grant, nil)
	case casework.CaseObjected:
		o.attempt(o.one(township), "case:Answer", answerOf(id, o.rand.IntN(1+len(f.last.Objections))), nil)
	case casework.CaseInForce:
		o.reviewOrSuspend(f)
	case casework.CaseReviewed:
		o.attempt(o.one(civilApprover, chief), "case:Confirm", obj{"case": id, "agree": o.rand.IntN(4) > 0}, nil)
	case casework.CaseSuspended:
		o.change(f, "roll:Resume", obj{"from": relief.MonthPeriod(2026*12 + 9 + o.rand.IntN(30)).String()})
	case casework.CaseRefused, casework.CaseExited:
		o.attempt(o.one(township), "case:Appeal", obj{"case": id, "sha256": o.digest()}, nil)
	default:
		o.attempt(o.one(civilApprover, chief), "case:DecideAppeal", obj{"case": id, "upheld": o.rand.IntN(2) == 0, "sha256": o.digest()}, nil)
	}
}

func (o *office) examine(f *filed) {
	id := string(f.id)
	switch o.rand.IntN(5) {
	case 0:
		v := visit(id)
		v["sha256"] = o.digest()
		o.attempt(o.one(village, township), "case:Attach", v, nil)
	case 1, 2:
		for _, m := range f.last.Members { // what is not asked for is found out in the other steps
			for n := range pool {
				if ref(n) == m && o.rand.IntN(6) > 0 {
					code := "clear"
					if o.rand.IntN(12) == 0 {
						code = "deceased"
					}
					o.attempt(o.one(civilPreparer), "case:Match", obj{"case": id, "statement": statement(n, code, o.now.Add(-time.Minute))}, nil)
				}
			}
		}
	case 3:
		if n := slices.IndexFunc(f.last.Matches, func(m casework.Match) bool { return m.Adverse && m.Answer == nil }); n >= 0 {
			outcome := []string{"cleared", "confirmed"}[o.rand.IntN(2)]
			o.attempt(o.one(township), "case:AnswerMatch", obj{"case": id, "match": n, "outcome": outcome, "sha256": o.digest()}, nil)
		}
	default:
		persons := 1 + o.rand.IntN(len(f.last.Members))
		class := o.rand.IntN(3)
		amount := relief.Fen(persons) * []relief.Fen{62000, 48000, 33000}[class]
		o.attempt(o.one(civilPreparer, township), "case:Notice", obj{
			"case": id, "class": string(rune('A' + class)), "persons": persons, "amount": amount.String(),
		}, nil)
	}
}

func (o *office) reviewOrSuspend(f *filed) {
	id := string(f.id)
	switch o.rand.IntN(5) {
	case 0:
		in, sealed := reviewWith(id, payeeOf(f.head), o.rand.IntN(1000))
		o.attempt(o.one(civilPreparer), "case:Review", in, sealed)
	case 1, 2:
		o.attempt(o.one(civilPreparer), "case:Review", obj{
			"case": id, "finding": "change", "terms": obj{"class": "C", "persons": 1, "amount": "330.00"}, "members": f.last.Members[:1],
		}, nil)
	case 3:
		o.attempt(o.one(civilPreparer), "case:Review", obj{"case": id, "finding": "exit", "reason": "income"}, nil)
	default:
		o.change(f, "roll:Suspend", obj{"from": o.month(o.rand.IntN(3)), "reason": "核查"})
	}
}

// change proposes a change of a household's roll entry, and now and then leaves the decision for the next time.
func (o *office) change(f *filed, function string, in obj) {
	in["programme"], in["subject"] = f.programme, ref(f.head).String()
	o.attempt(o.one(civilPreparer, township), function, in, nil)
	if o.rand.IntN(4) > 0 {
		o.decideChange(f)
	}
}

// decideChange has the household's open change confirmed, refused or withdrawn. Nobody confirms what they proposed.
func (o *office) decideChange(f *filed) {
	c := o.lastChange(f)
	if c == nil || c.State != roll.ChangeProposed {
		return
	}
	o.lastInput = c.From
	switch o.rand.IntN(12) {
	case 0:
		o.attempt(o.one(civilPreparer), "roll:WithdrawChange", obj{"change": c.ID}, nil)
	case 1:
		o.attempt(o.one(chief), "roll:ConfirmChange", obj{"change": c.ID, "sha256": c.SHA256, "agree": false, "reason": "不符"}, nil)
	default:
		o.attempt(o.one(civilApprover, chief), "roll:ConfirmChange", obj{"change": c.ID, "sha256": c.SHA256, "agree": true}, nil)
	}
	c = o.lastChange(f)
	if c.State == roll.ChangeConfirmed && (len(c.Acts) != 2 || relief.SameOfficial(c.Acts[0].By, c.Acts[1].By) || c.Acts[1].By.Role != "approver") {
		o.t.Fatalf("change %s: proposed and confirmed by %+v", c.ID, c.Acts)
	}
}

func (o *office) lastChange(f *filed) *roll.Change {
	b := o.Get(relief.LastChangeKey(ref(f.head), relief.ProgrammeID(f.programme)).String())
	if b == nil {
		return nil
	}
	var last roll.LastChange
	var c roll.Change
	if err := json.Unmarshal(b, &last); err != nil {
		o.t.Fatal(err)
	}
	if err := json.Unmarshal(o.Get(relief.ChangeKey(last.Change).String()), &c); err != nil {
		o.t.Fatal(err)
	}
	return &c
}

func (o *office) exit() obj {
	in := obj{"reason": "moved", "last_period": o.month(0)}
	if o.rand.IntN(2) == 0 {
		in = obj{"reason": "death", "died_on": o.now.Add(-day).Format(time.DateOnly)}
	}
	return in
}

func (o *office) month(ahead int) string {
	local := o.now.Add(8 * time.Hour)
	return relief.MonthPeriod(local.Year()*12 + int(local.Month()) - 1 + ahead).String()
}

func (o *office) digest() string { return digest(fmt.Sprint(o.rand.Uint64())) }

// attempt does an act; a refusal must be one of the domain's. What it wrote is held against the invariants.
func (o *office) attempt(by *fakeledger.Identity, function string, input obj, tr transient) bool {
	o.t.Helper()
	height := o.Height()
	if _, err := o.try(by, function, input, tr); err != nil {
		if e := relief.ParseError(err.Error()); e == nil || e.Code == relief.CodeCorrupt {
			o.t.Fatalf("%s with %v: %v", function, input, err)
		}
		return false
	}
	if o.Height() == height {
		return true // sent again
	}
	o.done++
	block, _ := o.Block(o.Height() - 1)
	for _, write := range block.Txs[0].Writes {
		if strings.HasPrefix(write.Key, "\x00case\x00") {
			var c casework.Case
			if err := stored.Into(write.Value, &c); err != nil {
				o.t.Fatal(err)
			}
			o.check(o.byID[c.ID], &c)
		}
	}
	return true
}

// pay asks for one payment and compares with the model: due exactly in the periods, and at the amounts, of the decisions.
func (o *office) pay(f *filed) {
	if f.last.Roll == nil || f.programme != "dibao" {
		return
	}
	month := relief.MonthPeriod(2026*12 + 9 + o.rand.IntN(30))
	id := fmt.Sprintf("b%d", o.Height())
	amount := []relief.Fen{33000, 48000, 62000, 66000, 96000, 124000}[o.rand.IntN(6)]
	if n := len(f.terms); n > 0 && o.rand.IntN(4) > 0 {
		month, amount = f.terms[o.rand.IntN(n)].from, f.terms[o.rand.IntN(n)].amount
		month = relief.MonthPeriod(month.FirstMonth() + o.rand.IntN(3))
	}
	o.openFor(month.String(), batchInput(id, "dibao", "t1", 1, amount))
	number := int(f.last.Roll.Number)
	p, err := o.Endorse(civilPreparer, "payment:AddLines", args(obj{"batch": id}), linesOf(lineOf(number, f.head, homeRegion, amount)))
	if err != nil {
		o.t.Fatal(err)
	}
	got := at(o.object(p.Payload()), "accepted") == float64(1)
	if want := f.due(month); got != (want == amount && want > 0) && !o.supplanted(f) {
		o.t.Fatalf("case %s (%s): %s for %s accepted is %v, due is %s; %s", f.id, f.last.State, amount, month, got, want, p.Payload())
	}
	if got {
		o.paid++
	}
}

// supplanted reports whether the household's number on the roll is a later case's by now.
func (o *office) supplanted(f *filed) bool {
	for _, other := range o.cases {
		if other != f && other.programme == f.programme && other.head == f.head && (other.last.Roll != nil || other.imported) {
			return true
		}
	}
	return false
}

// due is what the decisions say is paid for a month.
func (f *filed) due(month relief.Period) relief.Fen {
	var amount relief.Fen
	for _, g := range f.terms {
		if !month.Before(g.from) {
			amount = g.amount
		}
	}
	for _, p := range f.paused {
		if !month.Before(p.from) && (p.to.IsZero() || month.Before(p.to)) {
			return 0
		}
	}
	if !f.until.IsZero() && f.until.Before(month) {
		return 0
	}
	return amount
}
