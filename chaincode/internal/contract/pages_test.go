// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// TestErasePageByPage erases the four people of a page one after another: the others keep what is theirs, and with the last one
// the page is gone.
func TestErasePageByPage(t *testing.T) {
	w := county5(t)
	for n := range 4 {
		w.left(n)
	}
	w.erase(2, 0, 1, 3, 4)
	w.erase(0, 1, 3, 4)
	w.unchanged(provincePreparer, "person:ProposeErasure", eraseInput(2))
	w.erase(3, 1, 4)
	w.erase(1, 4)
	w.has(4)
	for generation := range uint32(6) {
		key := relief.DetailPageValueKey("dibao", relief.DetailPageID{County: "530181", First: 0}, generation).String()
		if hash := w.GetPrivateHash(relief.DetailsCollection, key); hash != nil {
			t.Errorf("generation %d of the page is still there", generation)
		}
	}
	p, err := w.Evaluate(fakeledger.Finance, financePreparer, "roll:SegmentDetails", args(obj{"programme": "dibao", "county": county, "segment": 0}), nil)
	if err != nil || !bytes.Contains(p, []byte(`"items":[]`)) {
		t.Errorf("the segment of the erased: %s, %v", p, err)
	}
}

// TestEraseRace: two people of one page are erased at the same time. One comes first; the other's transaction is refused as a
// conflict. Endorsed again with the same pages, it is refused; with fresh pages, it succeeds.
func TestEraseRace(t *testing.T) {
	w := county5(t)
	w.left(1)
	w.left(2)
	stale, first, second := w.pages(2), w.proposed(1), w.proposed(2)
	one, err1 := w.Endorse(chief, "person:ConfirmErasure", args(first), w.pages(1))
	two, err2 := w.Endorse(chief, "person:ConfirmErasure", args(second), stale)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	results := w.Commit(one, two)
	if results[0].Err() != nil || !conflict(results[1].Err()) {
		t.Fatalf("%v, %v: want the second to lose", results[0].Err(), results[1].Err())
	}
	w.has(2)
	if e := w.refused(relief.CodeConflict, chief, "person:ConfirmErasure", second, stale); e.Field != "pages" {
		t.Errorf("refused for %q", e.Field)
	}
	w.do(chief, "person:ConfirmErasure", second, w.pages(2))
	w.has(0)
	w.has(3)
}

// TestEraseRacesImport: somebody comes back while they are erased. Whichever is first, the other is refused.
func TestEraseRacesImport(t *testing.T) {
	back := rollInput("dibao", 0)
	back["from"] = "2027-01"
	for _, eraseFirst := range []bool{true, false} {
		w := county5(t)
		w.left(1)
		erased, err1 := w.Endorse(chief, "person:ConfirmErasure", args(w.proposed(1)), w.pages(1))
		imported, err2 := w.Endorse(provinceApprover, "roll:Import", args(w.confirmedImport(back, rollChunk(1, 1))), rollChunk(1, 1))
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		first, second := erased, imported
		if !eraseFirst {
			first, second = imported, erased
		}
		results := w.Commit(first, second)
		if results[0].Err() != nil || !conflict(results[1].Err()) {
			t.Fatalf("erased first %t: %v, %v", eraseFirst, results[0].Err(), results[1].Err())
		}
		if kept := w.keptAt(fakeledger.Finance, 1); kept == eraseFirst {
			t.Errorf("erased first %t, kept %t", eraseFirst, kept)
		}
	}
}

// TestEraseOfSeveralPages: somebody who was on two programmes' rolls, and who moved from one county to another and back.
func TestEraseOfSeveralPages(t *testing.T) {
	w := county5(t)
	w.programme("tekun", 4)
	w.imports(rollInput("tekun", 0), rollChunk(2, 2))
	w.left(2)
	w.exits(civilPreparer, obj{"programme": "tekun", "subject": ref(2).String(), "reason": "death", "last_period": period})
	elsewhere := obj{"programme": "dibao", "county": "530129", "segments": []int{0}, "from": "2027-01"}
	w.chunk(w.imports(elsewhere, rollIn("530129001", 2)), 1, 0)
	w.has2(2)
	w.refused(relief.CodePending, provincePreparer, "person:ProposeErasure", eraseInput(2))
	w.do(approverAway, "roll:ConfirmChange", agreed(w.do(civilElsewhere, "roll:Exit", obj{
		"programme": "dibao", "subject": ref(2).String(), "reason": "moved", "last_period": "2027-02",
	})))
	w.over("2027-02")
	w.want(w.erase(2, 0, 1, 3), "[dibao tekun]", "programmes")
	got, err := w.Evaluate(fakeledger.Finance, financePreparer, "roll:Details", args(obj{"programme": "tekun", "subject": ref(3).String()}), nil)
	if err != nil || !bytes.Equal(detailsOf(got), person(3)) {
		t.Errorf("somebody else's of the other programme: %s, %v", got, err)
	}
	key := relief.DetailPageValueKey("tekun", relief.DetailPageID{County: "530181", First: 0}, 0).String()
	if w.GetPrivateHash(relief.DetailsCollection, key) != nil || w.PrivateHistory(fakeledger.CivilAffairs, relief.DetailsCollection, key) != nil {
		t.Error("the other programme's old page is still there")
	}
}

// has2 is has for somebody of a region that only the province's officials see.
func (w *world) has2(n int) {
	w.t.Helper()
	got, err := w.Evaluate(fakeledger.CivilAffairs, provincePreparer, "roll:Details", args(obj{"programme": "dibao", "subject": ref(n).String()}), nil)
	if err != nil || !bytes.Equal(detailsOf(got), person(n)) {
		w.t.Errorf("person %d: %s, %v", n, got, err)
	}
}

// TestLaterDetailsHold: who comes back brings details on another page, which hold instead of those on the first one. An erasure
// takes the person off both.
func TestLaterDetailsHold(t *testing.T) {
	w := county5(t)
	w.left(1)
	in := rollInput("dibao", 0)
	in["from"] = "2027-01"
	chunk := rollChunk(1, 1)
	chunk[wire.TransientPersons] = roll.AppendDetails(nil, [][]byte{person(77)})
	w.imports(in, chunk)
	got, err := w.Evaluate(fakeledger.Finance, financePreparer, "roll:Details", args(obj{"programme": "dibao", "subject": ref(1).String()}), nil)
	if err != nil || !bytes.Equal(detailsOf(got), person(77)) {
		t.Errorf("after coming back: %s, %v", got, err)
	}
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(1).String(), "reason": "moved", "last_period": "2027-02"})
	w.over("2027-02")
	w.erase(1, 0, 2, 3)
	for _, org := range []string{fakeledger.CivilAffairs, fakeledger.Finance} {
		if w.keptAt(org, 77) {
			t.Errorf("%s still has the later details", org)
		}
	}
}

// TestErasePages refuses what is not the page, and gives pages only to whom it should.
func TestErasePages(t *testing.T) {
	w := county5(t)
	w.left(1)
	in := w.proposed(1)
	page := roll.AppendDetailPage(nil, []roll.DetailPageEntry{{Ref: ref(1), Details: person(1)}})
	for name, c := range map[string]struct {
		tr   transient
		code relief.Code
	}{
		"none":          {nil, relief.CodeInvalid},
		"no list":       {transient{wire.TransientPages: person(1)}, relief.CodeInvalid},
		"an empty list": {transient{wire.TransientPages: roll.AppendDetails(nil, nil)}, relief.CodeConflict},
		"another page":  {transient{wire.TransientPages: roll.AppendDetails(nil, [][]byte{page})}, relief.CodeConflict},
		"somebody's":    {w.pages(4), relief.CodeConflict},
		"two pages":     {transient{wire.TransientPages: roll.AppendDetails(nil, [][]byte{page, page})}, relief.CodeConflict},
	} {
		t.Run(name, func(t *testing.T) {
			e := w.refused(c.code, chief, "person:ConfirmErasure", in, c.tr)
			for _, p := range planted {
				if bytes.Contains([]byte(e.Error()), []byte(p)) {
					t.Error("a refusal repeats personal data")
				}
			}
		})
	}
	for _, c := range []struct {
		org  string
		id   *fakeledger.Identity
		code relief.Code
	}{
		{fakeledger.CivilAffairs, civilPreparer, relief.CodeForbidden},
		{fakeledger.Finance, financeApprover, relief.CodeForbidden},
		{fakeledger.Finance, civilApprover, relief.CodeForbidden},
		{fakeledger.Audit, civilApprover, relief.CodeForbidden},
		{fakeledger.CivilAffairs, approverAway, relief.CodeRegion},
	} {
		_, err := w.Evaluate(c.org, c.id, "roll:DetailPages", args(obj{"subject": ref(1).String()}), nil)
		if e := relief.ParseError(err.Error()); e == nil || e.Code != c.code {
			t.Errorf("%s on the peer of %s: %v, want %s", c.id.Name(), c.org, err, c.code)
		}
	}
	w.do(chief, "person:ConfirmErasure", in, w.pages(1))
	for _, n := range []int{0, 2, 3} {
		w.has(n)
	}
}
