// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/payment"
)

// planInput is a plan to draw from the planted county's month, on the day after it was made.
func planInput(id, period string, more obj) obj {
	in := obj{
		"id": id, "purpose": "follow_up", "county": county, "months": []obj{{"programme": "dibao", "period": period}}, "size": 6, "min_per_stratum": 2,
		"reserves": 1, "close_at": "2026-12-01T01:00:00Z", "reveal_hours": 24, "inspectors": []obj{},
	}
	for name, v := range more {
		in[name] = v
	}
	return in
}

// nonceHolders are an approver of each agency.
func nonceHolders() []*fakeIdentity {
	return []*fakeIdentity{civilApprover, financeApprover, auditApprover}
}

func nonceOf(by *fakeIdentity) draw.Hash {
	var h draw.Hash
	copy(h[:], strings.Repeat(by.Name(), 3))
	return h
}

func (w *world) commits(id string, by *fakeIdentity) obj {
	w.t.Helper()
	return w.do(by, "oversight:Commit", obj{"plan": id, "commitment": draw.Commitment(by.MSPID(), relief.PlanID(id), nonceOf(by))})
}

func (w *world) reveals(id string, by *fakeIdentity) obj {
	w.t.Helper()
	return w.do(by, "oversight:Reveal", obj{"plan": id, "nonce": nonceOf(by)})
}

// drawn has a draw made from a month that is closed, to which two agencies have committed.
func (w *world) drawn(id, period string) {
	w.t.Helper()
	now := w.Now()
	w.do(auditApprover, "oversight:Plan", planInput(id, period, obj{"close_at": now.Add(time.Hour).UTC().Format(time.RFC3339)}))
	for _, by := range nonceHolders()[1:] {
		w.commits(id, by)
	}
	w.SetTime(now.Add(time.Hour))
	w.do(auditApprover, "oversight:Frame", obj{"plan": id})
	for _, by := range nonceHolders()[1:] {
		w.reveals(id, by)
	}
	w.do(auditApprover, "oversight:Draw", obj{"plan": id})
}

// sealedDraw has a draw of a closed month sealed by audit.
func (w *world) sealedDraw(id, period string) {
	w.t.Helper()
	now := w.Now()
	w.do(auditApprover, "oversight:Plan", planInput(id, period, obj{"close_at": now.Add(time.Hour).UTC().Format(time.RFC3339), "sealed": true, "open_days": 2}))
	for _, by := range nonceHolders() {
		w.commits(id, by)
	}
	w.SetTime(now.Add(time.Hour))
	w.do(auditApprover, "oversight:Frame", obj{"plan": id})
	w.reveals(id, civilApprover)
	w.reveals(id, financeApprover)
}

// A draw is planned by audit, committed to by all three, framed from the closed month, and drawn by whoever asks for it.
func TestADrawOnTheLedger(t *testing.T) {
	w := plantedCounty(t)
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	pool := []obj{
		{"agency": "AuditMSP", "name": "audit-preparer"}, {"agency": "AuditMSP", "name": "audit-second"},
		{"agency": "CivilAffairsMSP", "name": "civil-township", "serves": county + "001"},
	}
	in := planInput("visits", period, obj{"inspectors": pool})
	w.refused(relief.CodeForbidden, civilApprover, "oversight:Plan", in)
	w.refused(relief.CodeNotFound, auditApprover, "oversight:Plan", planInput("visits", period, obj{"months": []obj{{"programme": "none", "period": period}}}))
	w.refused(relief.CodeInvalid, auditApprover, "oversight:Plan", planInput("visits", period, obj{"inspectors": []obj{pool[0], {"agency": "AuditMSP", "name": "nobody"}}}))
	w.refused(relief.CodeInvalid, auditApprover, "oversight:Plan", planInput("visits", period, obj{"close_at": "2026-11-01T00:00:00Z"}))
	plan := w.do(auditApprover, "oversight:Plan", in)
	w.want(plan, "planned", "state")
	w.want(plan, "no-audit-second", "inspectors", 1, "id")
	w.want(plan, "FinanceMSP", "nonces", 2, "agency")
	w.want(w.do(auditApprover, "oversight:Plan", in), "planned", "state")
	w.refused(relief.CodeConflict, auditApprover, "oversight:Plan", planInput("visits", period, nil))

	w.refused(relief.CodeForbidden, auditReader, "oversight:Commit", obj{"plan": "visits", "commitment": draw.Hash{1}})
	w.refused(relief.CodeNotFound, auditApprover, "oversight:Commit", obj{"plan": "none", "commitment": draw.Hash{1}})
	for _, by := range nonceHolders() {
		plan = w.commits("visits", by)
	}
	w.want(plan, "committed", "state")
	w.refused(relief.CodePending, auditApprover, "oversight:Frame", obj{"plan": "visits"})
	w.refused(relief.CodeWrongState, auditApprover, "oversight:Reveal", obj{"plan": "visits", "nonce": nonceOf(auditApprover)})
	w.on("2026-12-02")

	// What came since the month was closed would be left out: the month is closed again first.
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(answered(97, 1, payment.OutcomeCredited, "2026-12-01")))
	w.refused(relief.CodeConflict, auditApprover, "oversight:Frame", obj{"plan": "visits"})
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	framed := w.do(civilPreparer, "oversight:Frame", obj{"plan": "visits"})
	w.want(framed, "97", "frame", "size")
	w.want(framed, "2", "frame", "months", 0, "version")
	w.want(framed, county+"001", "frame", "strata", 0, "region")
	w.want(framed, "80", "frame", "strata", 0, "units")
	w.want(framed, "17", "frame", "strata", 1, "units")

	// Nothing that comes later changes what is drawn from.
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(answered(99, 1, payment.OutcomeCredited, "2026-12-02")))
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	w.refused(relief.CodeInvalid, auditApprover, "oversight:Reveal", obj{"plan": "visits", "nonce": nonceOf(financeApprover)})
	w.refused(relief.CodeWrongState, auditApprover, "oversight:Draw", obj{"plan": "visits"})
	w.refused(relief.CodePending, auditApprover, "oversight:Default", obj{"plan": "visits"})
	w.refused(relief.CodeNotFound, auditReader, "oversight:Drawn", obj{"plan": "visits"})
	for _, by := range nonceHolders() {
		plan = w.reveals("visits", by)
	}
	w.want(plan, "seeded", "state")
	plan = w.do(financePreparer, "oversight:Draw", obj{"plan": "visits"})
	w.want(plan, "drawn", "state")
	w.want(plan, "7", "drawn", "units") // five and two: largest remainder, and at least two
	w.want(plan, "2", "drawn", "reserves")
	w.refused(relief.CodeWrongState, auditApprover, "oversight:Draw", obj{"plan": "visits"})
	w.wantDrawn("visits", w.ask(auditReader, "oversight:Drawn", obj{"plan": "visits"}))
	w.want(w.ask(civilReader, "oversight:GetPlan", obj{"plan": "visits"}), "drawn", "state")
}

// wantDrawn draws again from what the ledger has of the frame, and looks at who inspects.
func (w *world) wantDrawn(id string, drawn obj) {
	w.t.Helper()
	var plan draw.Plan
	if err := json.Unmarshal(w.Get(relief.PlanKey(relief.PlanID(id)).String()), &plan); err != nil {
		w.t.Fatal(err)
	}
	var want, got []string
	seed := draw.Seed(plan.Seed)
	for i, s := range plan.Frame.Strata {
		var units draw.Units
		if err := units.UnmarshalBinary(w.Get(relief.FrameKey(plan.ID, i).String())); err != nil {
			w.t.Fatal(err)
		}
		for rank, u := range seed.Draw(units, s.Take+s.Reserves) {
			want = append(want, fmt.Sprintln(i, rank+1, rank >= s.Take, u.Leaf, u.Number))
		}
	}
	for _, u := range at(drawn, "units").([]any) {
		got = append(got, fmt.Sprintln(at(u, "stratum"), at(u, "rank"), at(u, "reserve"), at(u, "leaf"), at(u, "number")))
		inspectors := at(u, "inspectors").([]any)
		serves := slices.ContainsFunc(inspectors, func(o any) bool { return at(o, "name") == "civil-township" })
		if len(inspectors) != 2 || serves && fmt.Sprint(at(u, "stratum")) == "0" {
			w.t.Errorf("%v inspect a unit of stratum %v", inspectors, at(u, "stratum"))
		}
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("drawn were\n%s\nwant\n%s", strings.Join(got, ""), strings.Join(want, ""))
	}
}

// An agency that withholds its nonce is named and does not stop the draw.
func TestAWithheldNonce(t *testing.T) {
	w := plantedCounty(t)
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	w.do(auditApprover, "oversight:Plan", planInput("visits", period, nil))
	for _, by := range nonceHolders() {
		w.commits("visits", by)
	}
	w.on("2026-12-02")
	w.do(auditApprover, "oversight:Frame", obj{"plan": "visits"})
	w.reveals("visits", auditApprover)
	w.reveals("visits", civilApprover)
	w.on("2026-12-04")
	plan := w.do(auditPreparer, "oversight:Default", obj{"plan": "visits"})
	w.want(plan, "seeded", "state")
	for i, withheld := range []string{"false", "false", "true"} {
		w.want(plan, withheld, "nonces", i, "withheld")
	}
	w.want(w.do(auditPreparer, "oversight:Draw", obj{"plan": "visits"}), "drawn", "state")
	w.refused(relief.CodeWrongState, financeApprover, "oversight:Reveal", obj{"plan": "visits", "nonce": nonceOf(financeApprover)})
}

// Of a frame and a payment that comes in between the ledger keeps one.
func TestAFrameAndAPaymentAtOnce(t *testing.T) {
	w := plantedCounty(t)
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	w.do(auditApprover, "oversight:Plan", planInput("visits", period, nil))
	w.commits("visits", auditApprover)
	w.commits("visits", civilApprover)
	w.on("2026-12-02")
	settle, err := w.Endorse(financePreparer, "payment:Settle", args(obj{"batch": "b1"}), settlements(answered(97, 1, payment.OutcomeCredited, "2026-12-01")))
	if err != nil {
		t.Fatal(err)
	}
	frame, err := w.Endorse(auditApprover, "oversight:Frame", args(obj{"plan": "visits"}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if results := w.Commit(settle, frame); results[0].Err() != nil || !conflict(results[1].Err()) {
		t.Errorf("%v, %v", results[0].Err(), results[1].Err())
	}
}

// Who did an act in a household's case does not inspect it, and who has left office inspects nobody.
func TestInspectorsWhoAreRecused(t *testing.T) {
	w := plantedCounty(t)
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	for n := range 101 {
		w.do(civilPreparer, "case:Adopt", onRoll(n))
	}
	pool := []obj{
		{"agency": "CivilAffairsMSP", "name": "civil-preparer"}, {"agency": "AuditMSP", "name": "audit-second"}, {"agency": "AuditMSP", "name": "audit-preparer"},
	}
	w.do(auditApprover, "oversight:Plan", planInput("visits", period, obj{"inspectors": pool}))
	w.commits("visits", auditApprover)
	w.commits("visits", civilApprover)
	w.on("2026-12-02")
	w.do(auditApprover, "oversight:Frame", obj{"plan": "visits"})
	w.reveals("visits", civilApprover)
	w.reveals("visits", auditApprover)
	w.do(auditRegistrar, "official:Retire", obj{"agency": "AuditMSP", "name": "audit-second", "reason": "moved"})
	w.do(auditApprover, "oversight:Draw", obj{"plan": "visits"})
	for _, u := range at(w.ask(auditReader, "oversight:Drawn", obj{"plan": "visits"}), "units").([]any) {
		if of := at(u, "inspectors").([]any); len(of) != 1 || at(of[0], "name") != "audit-preparer" {
			t.Errorf("inspectors are %v", of)
		}
	}
}

// A sealed draw is known to audit alone, whose own peer answers, until audit opens it: then it is what audit has seen.
func TestASealedDrawOnTheLedger(t *testing.T) {
	w := plantedCounty(t)
	w.do(civilPreparer, "oversight:CloseMonth", closing(period))
	sealed := obj{"sealed": true, "open_days": 2, "inspectors": []obj{
		{"agency": "AuditMSP", "name": "audit-preparer"}, {"agency": "AuditMSP", "name": "audit-second"}, {"agency": "CivilAffairsMSP", "name": "civil-township", "serves": county + "001"},
	}}
	for _, id := range []string{"visits", "forgotten"} {
		w.do(auditApprover, "oversight:Plan", planInput(id, period, sealed))
		for _, by := range nonceHolders() {
			w.commits(id, by)
		}
	}
	w.on("2026-12-02")
	for _, id := range []string{"visits", "forgotten"} {
		w.do(auditApprover, "oversight:Frame", obj{"plan": id})
		w.refused(relief.CodePending, auditApprover, "oversight:Reveal", obj{"plan": id, "nonce": nonceOf(auditApprover)})
		w.reveals(id, civilApprover)
		w.want(w.reveals(id, financeApprover), "sealed", "state")
	}
	w.refused(relief.CodeInvalid, auditApprover, "oversight:Foresee", obj{"plan": "visits", "nonce": nonceOf(financeApprover)})
	w.refused(relief.CodeNotFound, auditApprover, "oversight:Foresee", obj{"plan": "none", "nonce": nonceOf(auditApprover)})
	foreseen := w.ask(auditApprover, "oversight:Foresee", obj{"plan": "visits", "nonce": nonceOf(auditApprover)})
	w.refused(relief.CodeWrongState, auditApprover, "oversight:Draw", obj{"plan": "visits"})
	w.refused(relief.CodeInvalid, auditApprover, "oversight:Reveal", obj{"plan": "visits", "nonce": nonceOf(civilApprover)})
	w.want(w.reveals("visits", auditApprover), "seeded", "state")
	w.do(civilPreparer, "oversight:Draw", obj{"plan": "visits"})
	drawn := w.ask(auditReader, "oversight:Drawn", obj{"plan": "visits"})
	w.wantDrawn("visits", drawn)
	if fmt.Sprint(drawn) != fmt.Sprint(foreseen) {
		t.Errorf("drawn were %v, foreseen %v", drawn, foreseen)
	}
	w.refused(relief.CodePending, auditApprover, "oversight:Default", obj{"plan": "forgotten"})
	w.on("2026-12-06")
	plan := w.do(financeApprover, "oversight:Default", obj{"plan": "forgotten"})
	w.want(plan, "void", "state")
	w.want(plan, "true", "nonces", 0, "withheld")
	w.refused(relief.CodeWrongState, auditApprover, "oversight:Reveal", obj{"plan": "forgotten", "nonce": nonceOf(auditApprover)})
}
