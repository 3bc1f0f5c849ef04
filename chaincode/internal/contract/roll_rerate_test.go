// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// standards is a version of the programme with an amount for class A, which starts in January.
func (w *world) standards(version int, amount string) {
	w.t.Helper()
	p := programmeInput("dibao", version, 4)
	p["class_amounts"] = obj{"A": amount}
	w.do(provincePreparer, "programme:Draft", p)
	w.do(provinceFinance, "programme:Enact", obj{"id": "dibao", "version": version})
}

// raisedWorld has four people on the roll at 620.00 from January, and a standard of 650.00 that starts in January.
func raisedWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.standards(1, "620.00")
	w.tranche("t1", "dibao", "10000.00")
	w.chunk(w.imports(rollInput("dibao", 0), rollChunk(0, 4)), 4, 0)
	w.standards(2, "650.00")
	return w
}

// rerated proposes the re-rate of the only segment as the contract counts it.
func (w *world) rerated(id string) obj {
	w.t.Helper()
	in := obj{"programme": "dibao", "county": county, "segment": 0, "version": 2, "from": "2026-01"}
	counted := w.ask(civilPreparer, "roll:RerateSegment", in)
	segment := obj{}
	for _, field := range []string{"segment", "sha256", "changed", "behind", "more"} {
		segment[field] = counted[field]
	}
	return obj{
		"id": id, "programme": "dibao", "county": county, "version": 2, "from": "2026-01", "document": "2026-12", "segments": []obj{segment},
	}
}

// The standard is raised in November from January: one official proposes, another confirms, and each segment is carried out once.
func TestRerateOnTheLedger(t *testing.T) {
	w := raisedWorld(t)
	in := w.rerated("raise")
	w.refused(relief.CodeForbidden, civilApprover, "roll:ProposeRerate", in)
	p := w.do(civilPreparer, "roll:ProposeRerate", in)
	w.want(p, "4", "changed")
	w.want(p, "120.00", "more")
	w.unchanged(civilPreparer, "roll:ProposeRerate", in)
	carry := obj{"id": "raise", "segments": []int{0}}
	w.refused(relief.CodeWrongState, civilApprover, "roll:Rerate", carry)
	agree := obj{"id": "raise", "digest": p["digest"], "agree": true}
	w.refused(relief.CodeConflict, civilApprover, "roll:ConfirmRerate", obj{"id": "raise", "digest": digest("other"), "agree": true})
	w.do(civilApprover, "roll:ConfirmRerate", agree)
	w.unchanged(civilApprover, "roll:ConfirmRerate", agree)
	w.refused(relief.CodeInvalid, civilApprover, "roll:Rerate", obj{"id": "raise", "segments": []int{}})
	w.refused(relief.CodeNotFound, civilApprover, "roll:Rerate", obj{"id": "raise", "segments": []int{1}})
	w.want(w.do(civilApprover, "roll:Rerate", carry), "4", "accepted")
	w.want(w.unchanged(civilApprover, "roll:Rerate", carry), "4", "unchanged")
	e := w.ask(civilPreparer, "roll:Entry", obj{"programme": "dibao", "subject": ref(0).String()})
	w.want(e, "650.00", "amount")

	details := w.ask(civilPreparer, "roll:GetRerate", obj{"id": "raise"})
	segments, ok := details["segments"].([]any)
	require.True(t, ok)
	record, ok := segments[0].(map[string]any)
	require.True(t, ok)
	packed, ok := record["people"].(string)
	require.True(t, ok)
	b, err := base64.StdEncoding.DecodeString(packed)
	require.NoError(t, err)
	people, err := roll.ReadRerated(b)
	require.NoError(t, err)
	require.Equal(t, roll.Rerated{Position: 0, Class: "A", Persons: 1, Was: 62000, Now: 65000}, people[0])
	w.do(civilPreparer, "roll:WithdrawRerate", obj{"id": "raise"})
	w.refused(relief.CodeWrongState, civilApprover, "roll:Rerate", carry)
}

// A segment that has changed since the proposal stays as it is.
func TestRerateOfAChangedSegment(t *testing.T) {
	w := raisedWorld(t)
	p := w.do(civilPreparer, "roll:ProposeRerate", w.rerated("raise"))
	w.do(civilApprover, "roll:ConfirmRerate", obj{"id": "raise", "digest": p["digest"], "agree": true})
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:SetTerms", obj{
		"programme": "dibao", "subject": ref(3).String(), "class": "A", "persons": 1, "amount": "650.00", "from": "2026-01",
		"reason": "standard", "document": "2026-12",
	}))
	w.refused(relief.CodeConflict, civilApprover, "roll:Rerate", obj{"id": "raise", "segments": []int{0}})
	again := w.do(civilPreparer, "roll:ProposeRerate", w.rerated("raise-2"))
	w.want(again, "3", "changed")
}

// Terms of a past month: two officials, a reason and a paper; what is listed for more than is owed then is taken out.
func TestTermsOfAPastMonth(t *testing.T) {
	w := raisedWorld(t)
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 1, 62000))
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(0, 0, 1, 62000)), 1, 0)
	terms := func(edit obj) obj {
		in := obj{"programme": "dibao", "subject": ref(0).String(), "class": "A", "persons": 2, "amount": "1300.00", "from": "2026-03", "reason": "household", "document": "2026-12"}
		for k, v := range edit {
			in[k] = v
		}
		return in
	}
	for field, value := range map[string]any{
		"reason": "", "document": "", "from": "2023-01", "amount": "1240.00", "persons": 0, "class": "Z",
	} {
		w.refused(relief.CodeInvalid, civilPreparer, "roll:SetTerms", terms(obj{field: value}))
	}
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:SetTerms", terms(nil)))
	e := w.ask(civilPreparer, "roll:Entry", obj{"programme": "dibao", "subject": ref(0).String()})
	w.want(e, "620.00", "runs", 0, "amount")
	w.want(e, "2026-02", "runs", 0, "until")
	w.want(e, "1300.00", "amount")
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Suspend", obj{
		"programme": "dibao", "subject": ref(0).String(), "from": "2026-11", "reason": "核查",
	}))
	lines := w.ask(civilPreparer, "payment:Lines", obj{"batch": "b1", "segment": 0})
	require.Empty(t, lines["lines"], "a suspended person's line is taken out of an open batch")
}
