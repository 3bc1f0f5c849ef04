// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/reseal"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// resealed is a sealed document as it would be under a later key.
func resealed(document []byte) []byte { return append(bytes.Clone(document), '2') }

// sealedOf reads documents of the county by their names.
func (w *world) sealedOf(names ...string) (held []api.SealedDocument) {
	w.t.Helper()
	payload, err := w.Evaluate(fakeledger.CivilAffairs, civilPreparer, "person:Sealed", args(obj{"county": county, "names": names}), nil)
	require.NoError(w.t, err)
	var out api.SealedDocuments
	require.NoError(w.t, json.Unmarshal(payload, &out))
	return out.Items
}

// names are the names of the sealed documents of the people of the first segment.
func (w *world) names(programme string) []string {
	w.t.Helper()
	payload, err := w.Evaluate(fakeledger.CivilAffairs, civilPreparer, "person:SealedNames", args(obj{"programme": programme, "county": county, "segment": 0}), nil)
	require.NoError(w.t, err)
	var out api.SealedNames
	require.NoError(w.t, json.Unmarshal(payload, &out))
	return out.Names
}

// resealing is a proposal to seal documents again, and what is confirmed with it.
func (w *world) resealing(names ...string) (terms reseal.Terms, tr transient) {
	w.t.Helper()
	var given [][]byte
	terms = reseal.Terms{County: county, Epoch: 2}
	for _, d := range w.sealedOf(names...) {
		after := resealed(d.Document)
		if people, err := roll.ParseDetailPage(d.Document); err == nil {
			for i := range people {
				people[i].Details = resealed(people[i].Details)
			}
			after = roll.AppendDetailPage(nil, people)
		}
		given = append(given, after)
		terms.Documents = append(terms.Documents, reseal.Document{Name: d.Name, Before: digest(string(d.Document)), After: digest(string(after))})
	}
	slices.SortFunc(terms.Documents, func(a, b reseal.Document) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return terms, transient{wire.TransientSealed: roll.AppendDetails(nil, given)}
}

func agreesToReseal(r obj) obj { return obj{"id": r["id"], "sha256": r["sha256"], "agree": true} }

// Facts, details of cases and changes, and pages are sealed again by two; the earlier ones are gone, and whoever reads gets the later
// ones.
func TestEverythingSealedIsSealedAgain(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, "in_force")
	w.chunk(w.imports(rollInput("dibao", 0), rollChunk(10, 3)), 3, 0)
	review := obj{"case": "c1", "finding": "keep", "name_tag": payeeOf(1).Name, "account_tag": payeeOf(1).Account}
	w.do(civilPreparer, "case:Review", review, transient{wire.TransientFacts: facts(7)[wire.TransientFacts]})
	w.do(civilPreparer, "roll:ChangePayee", newCard(11), card(111))

	change := string(relief.NewChangeID("dibao", county, 2, 1))
	names := append(w.names("dibao"), "details/c1", "facts/c1", "facts/c1/6", "facts/c1/1", "facts/c2", "change/"+change, "change/"+change[:len(change)-1]+"9")
	terms, given := w.resealing(names...)
	var of []string
	for _, d := range terms.Documents {
		of = append(of, d.Name)
	}
	require.Equal(t, []string{"change/" + change, "details/c1", "facts/c1", of[3], "page/dibao/530181-0000001"}, of)

	proposed := w.do(civilPreparer, "person:ProposeReseal", terms)
	w.unchanged(civilPreparer, "person:ProposeReseal", terms)
	in := agreesToReseal(proposed)
	w.refused(relief.CodeForbidden, civilPreparer, "person:ConfirmReseal", in, given)
	w.refused(relief.CodeInvalid, civilApprover, "person:ConfirmReseal", in, transient{wire.TransientSealed: roll.AppendDetails(nil, [][]byte{resealed(person(1))})})
	other := agreesToReseal(proposed)
	other["sha256"] = digest("another")
	w.refused(relief.CodeConflict, civilApprover, "person:ConfirmReseal", other, given)
	before := w.sealedOf(of...)
	w.want(w.do(civilApprover, "person:ConfirmReseal", in, given), "resealed", "state")
	w.unchanged(civilApprover, "person:ConfirmReseal", in)

	after := w.sealedOf(of...)
	require.Len(t, after, len(before))
	for i := range before {
		if before[i].Programme == "dibao" && before[i].Subject != (relief.SubjectRef{}) {
			require.Equal(t, resealed(before[i].Document), after[i].Document, before[i].Name)
		}
		require.Equal(t, before[i].Subject, after[i].Subject)
	}
	for _, org := range []string{fakeledger.CivilAffairs, fakeledger.Finance} {
		for _, k := range []relief.Key{relief.FactsKey("c1", 0), relief.CaseDetailsKey("c1"), relief.ChangeKey(relief.ChangeID(change)),
			relief.DetailPageValueKey("dibao", relief.DetailPageID{County: county, First: 1}, 0)} {
			require.Nil(t, w.GetPrivate(org, relief.DetailsCollection, k.String()))
			require.Empty(t, w.PrivateHistory(org, relief.DetailsCollection, k.String()), k.Name())
		}
	}
	for number, want := range map[int][]byte{1: resealed(person(1)), 10: resealed(person(10)), 12: resealed(person(12))} {
		got, err := w.Evaluate(fakeledger.Finance, financePreparer, "roll:Details", args(obj{"programme": "dibao", "subject": ref(number).String()}), nil)
		require.NoError(t, err)
		require.Equal(t, want, detailsOf(got), number)
	}
	held := w.ask(civilPreparer, "case:Facts", obj{"case": "c1"})
	require.NotEmpty(t, held["facts"], "the facts are those that the case names")

	// What was open goes on: the review and the change are confirmed, and the details of before are purged in their new places.
	w.do(civilApprover, "case:Confirm", obj{"case": "c1", "agree": true})
	require.NotEmpty(t, w.ask(civilPreparer, "case:Facts", obj{"case": "c1"})["facts"])
	w.do(civilApprover, "roll:ConfirmChange", agreed(w.ask(civilPreparer, "roll:GetChange", obj{"change": change})))
	got, err := w.Evaluate(fakeledger.Finance, financePreparer, "roll:Details", args(obj{"programme": "dibao", "subject": ref(11).String()}), nil)
	require.NoError(t, err)
	require.Equal(t, resealed(person(111)), detailsOf(got))
	w.do(civilApprover, "roll:ConfirmChange", agreed(w.do(civilPreparer, "roll:ChangePayee", newCardOf(11, 112), card(112))))
	sealed := relief.ChangeKey(relief.ChangeID(change)).Resealed(1)
	require.Nil(t, w.GetPrivateHash(relief.DetailsCollection, sealed.String()))
	require.Nil(t, w.Get(relief.SealingKey(relief.ChangeKey(relief.ChangeID(change))).String()))
}

// A document that was erased or changed after the proposal stays as it is, and the others are sealed again. A hold is in nobody's way.
func TestWhatChangedMeanwhileIsLeft(t *testing.T) {
	w := county5(t)
	w.left(1)
	terms, given := w.resealing(w.names("dibao")...)
	proposed := w.do(civilPreparer, "person:ProposeReseal", terms)
	w.erased(chief, 1)
	done := w.do(civilApprover, "person:ConfirmReseal", agreesToReseal(proposed), given)
	w.want(done, "1", "outdated")
	w.has(0)
	w.refused(relief.CodeConflict, civilPreparer, "person:ProposeReseal", reseal.Terms{County: county, Epoch: 3, Documents: terms.Documents})

	w.left(2)
	w.do(auditApprover, "person:Hold", holdInput(2))
	terms, given = w.resealing(w.names("dibao")...)
	w.do(civilApprover, "person:ConfirmReseal", agreesToReseal(w.do(civilPreparer, "person:ProposeReseal", terms)), given)
	got, err := w.Evaluate(fakeledger.Finance, financePreparer, "roll:Details", args(obj{"programme": "dibao", "subject": ref(2).String()}), nil)
	require.NoError(t, err)
	require.Equal(t, resealed(person(2)), detailsOf(got))
	w.refused(relief.CodePending, provincePreparer, "person:ProposeErasure", eraseInput(2))
	w.left(3)
	w.do(chief, "person:ConfirmErasure", w.proposed(3), w.pages(3)) // the page as it was sealed again
	require.False(t, w.keptAt(fakeledger.Finance, 3))
}

// Nobody who proposed confirms, a refusal says why, and what is refused is proposed again.
func TestAResealingIsByTwo(t *testing.T) {
	w := county5(t)
	terms, given := w.resealing(w.names("dibao")...)
	proposed := w.do(provincePreparer, "person:ProposeReseal", terms)
	w.refused(relief.CodeInvalid, civilApprover, "person:ConfirmReseal", obj{"id": proposed["id"], "sha256": proposed["sha256"], "agree": false})
	w.do(civilApprover, "person:ConfirmReseal", obj{"id": proposed["id"], "sha256": proposed["sha256"], "agree": false, "reason": "不符"})
	w.has(0)
	proposed = w.do(civilPreparer, "person:ProposeReseal", terms)
	w.refused(relief.CodeRegion, approverAway, "person:ConfirmReseal", agreesToReseal(proposed), given)
	w.refused(relief.CodeNotFound, civilApprover, "person:ConfirmReseal", obj{"id": "00000000000000000000000000000000", "sha256": digest("x"), "agree": true}, given)
	w.refused(relief.CodeRegion, civilElsewhere, "person:ProposeReseal", terms)
}

// Two officials who put other details in the place of somebody's bring no money anywhere else: the tags stay, and finance makes no
// file for details that do not give them.
func TestOtherDetailsAreNotPaid(t *testing.T) {
	w := walkWorld(t)
	w.walkTo("listed")
	require.True(t, w.fits(3))
	before := soloPage(10, 11, 12)
	after := roll.AppendDetailPage(nil, []roll.DetailPageEntry{{Ref: ref(10), Details: person(110)}, {Ref: ref(11), Details: person(11)}, {Ref: ref(12), Details: person(12)}})
	w.do(civilApprover, "person:ConfirmReseal", agreesToReseal(w.do(civilPreparer, "person:ProposeReseal", obj{
		"county": county, "epoch": 2, "documents": []obj{{
			"name": "page/dibao/530181-0000001", "before_sha256": digest(string(before)), "after_sha256": digest(string(after)),
		}},
	})), transient{wire.TransientSealed: roll.AppendDetails(nil, [][]byte{after})})
	require.False(t, w.fits(3))
}

// What is no list of documents is refused, and nothing is written.
func TestBadResealings(t *testing.T) {
	w := county5(t)
	good, _ := w.resealing(w.names("dibao")...)
	for name, spoil := range map[string]func(*reseal.Terms){
		"no county":       func(t *reseal.Terms) { t.County = "" },
		"a township":      func(t *reseal.Terms) { t.County = county + "001" },
		"no epoch":        func(t *reseal.Terms) { t.Epoch = 0 },
		"nothing":         func(t *reseal.Terms) { t.Documents = nil },
		"too many":        func(t *reseal.Terms) { t.Documents = make([]reseal.Document, reseal.MaxDocuments+1) },
		"twice":           func(t *reseal.Terms) { t.Documents = append(t.Documents, t.Documents[0]) },
		"no name":         func(t *reseal.Terms) { t.Documents[0].Name = "" },
		"a public record": func(t *reseal.Terms) { t.Documents[0].Name = "case/c1" },
		"another form":    func(t *reseal.Terms) { t.Documents[0].Name = "facts/c1/0" },
		"a generation":    func(t *reseal.Terms) { t.Documents[0].Name += "/0" },
		"somebody's":      func(t *reseal.Terms) { t.Documents[0].Name = "facts/c9" },
		"no hash":         func(t *reseal.Terms) { t.Documents[0].After = "" },
		"the same":        func(t *reseal.Terms) { t.Documents[0].After = t.Documents[0].Before },
	} {
		terms := good
		terms.Documents = slices.Clone(good.Documents)
		spoil(&terms)
		e := w.refused(relief.CodeInvalid, civilPreparer, "person:ProposeReseal", terms)
		require.NotContains(t, e.Error(), plantedName, name)
	}
}
