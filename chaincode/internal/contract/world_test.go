// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
)

// The people of the tests.
var (
	civilPreparer  = fakeledger.Official(fakeledger.CivilAffairs, "civil-preparer", "preparer", "530181")
	civilApprover  = fakeledger.Official(fakeledger.CivilAffairs, "civil-approver", "approver", "530181")
	civilReader    = fakeledger.Official(fakeledger.CivilAffairs, "civil-reader", "reader", "530181")
	civilElsewhere = fakeledger.Official(fakeledger.CivilAffairs, "civil-other-county", "preparer", "530129")
	approverAway   = fakeledger.Official(fakeledger.CivilAffairs, "civil-other-approver", "approver", "530129")
	civilRegistrar = fakeledger.Registrar(fakeledger.CivilAffairs)

	financePreparer  = fakeledger.Official(fakeledger.Finance, "finance-preparer", "preparer", "5301")
	financeApprover  = fakeledger.Official(fakeledger.Finance, "finance-approver", "approver", "5301")
	financeReader    = fakeledger.Official(fakeledger.Finance, "finance-reader", "reader", "5301")
	financeElsewhere = fakeledger.Official(fakeledger.Finance, "finance-other-county", "preparer", "530129")
	financeRegistrar = fakeledger.Registrar(fakeledger.Finance)

	auditPreparer  = fakeledger.Official(fakeledger.Audit, "audit-preparer", "preparer", "53")
	auditApprover  = fakeledger.Official(fakeledger.Audit, "audit-approver", "approver", "53")
	auditReader    = fakeledger.Official(fakeledger.Audit, "audit-reader", "reader", "53")
	auditRegistrar = fakeledger.Registrar(fakeledger.Audit)
)

const (
	county = "530181"
	period = "2026-11"
)

// obj is a JSON object.
type obj = map[string]any

// transient is a transient map.
type transient = map[string][]byte

// world is a ledger and the test that uses it.
type world struct {
	*fakeledger.Ledger
	t testing.TB
}

// newLedger has nothing on it.
func newLedger(t testing.TB, options ...fakeledger.Option) *world {
	t.Helper()
	l, err := fakeledger.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	l.SetTime(time.Date(2026, 10, 20, 2, 0, 0, 0, time.UTC))
	return &world{l, t}
}

// newWorld has the registry of the dev network.
func newWorld(t testing.TB, options ...fakeledger.Option) *world {
	t.Helper()
	w := newLedger(t, options...)
	w.Found(t)
	return w
}

func args(input any) []string {
	switch v := input.(type) {
	case nil:
		return nil
	case string:
		return []string{v}
	default:
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return []string{string(b)}
	}
}

// try submits an act.
func (w *world) try(by *fakeledger.Identity, function string, input any, tr transient) ([]byte, error) {
	payload, tx, err := w.Submit(by, function, args(input), tr)
	if err == nil {
		w.requireWalked(function, tx)
	}
	return payload, err
}

// do submits an act that has to succeed and gives its answer.
func (w *world) do(by *fakeledger.Identity, function string, input any, tr ...transient) obj {
	w.t.Helper()
	var m transient
	if len(tr) > 0 {
		m = tr[0]
	}
	payload, err := w.try(by, function, input, m)
	if err != nil {
		w.t.Fatalf("%s by %s with %v: %v", function, by.Name(), input, err)
	}
	return w.object(payload)
}

// refused submits an act that has to be refused with a code, and gives the refusal.
func (w *world) refused(code relief.Code, by *fakeledger.Identity, function string, input any, tr ...transient) *relief.Error {
	w.t.Helper()
	var m transient
	if len(tr) > 0 {
		m = tr[0]
	}
	height := w.Height()
	_, err := w.try(by, function, input, m)
	if err == nil {
		w.t.Fatalf("%s by %s with %v: done, want %s", function, by.Name(), input, code)
	}
	e := relief.ParseError(err.Error())
	if e == nil || e.Code != code {
		w.t.Fatalf("%s by %s with %v: %v, want %s", function, by.Name(), input, err, code)
	}
	if w.Height() != height {
		w.t.Fatalf("%s by %s: refused, and yet in a block", function, by.Name())
	}
	return e
}

// unchanged submits an act that has to succeed and write nothing.
func (w *world) unchanged(by *fakeledger.Identity, function string, input any, tr ...transient) obj {
	w.t.Helper()
	var m transient
	if len(tr) > 0 {
		m = tr[0]
	}
	p, err := w.Endorse(by, function, args(input), m)
	if err != nil {
		w.t.Fatalf("%s by %s again: %v", function, by.Name(), err)
	}
	tx := p.Tx()
	private := 0
	for _, c := range tx.Private {
		private += len(c.Writes)
	}
	if len(tx.Writes)+private > 0 {
		w.t.Fatalf("%s by %s again writes %d keys", function, by.Name(), len(tx.Writes)+private)
	}
	return w.object(p.Payload())
}

// ask evaluates a function that reads, on the peer of the caller's own organisation.
func (w *world) ask(by *fakeledger.Identity, function string, input any) obj {
	w.t.Helper()
	payload, err := w.Evaluate(by.MSPID(), by, function, args(input), nil)
	if err != nil {
		w.t.Fatalf("%s by %s with %v: %v", function, by.Name(), input, err)
	}
	return w.object(payload)
}

func (w *world) object(payload []byte) obj {
	w.t.Helper()
	var o obj
	d := json.NewDecoder(bytes.NewReader(payload))
	if err := d.Decode(&o); err != nil {
		w.t.Fatalf("the answer %.200s is not an object: %v", payload, err)
	}
	return o
}

// at finds a value in an object: at(o, "totals", "listed").
func at(v any, path ...any) any {
	for _, p := range path {
		switch k := p.(type) {
		case string:
			o, _ := v.(obj)
			v = o[k]
		case int:
			a, _ := v.([]any)
			if k >= len(a) {
				return nil
			}
			v = a[k]
		}
	}
	return v
}

// want compares a value of an answer, written as text.
func (w *world) want(o obj, expected string, path ...any) {
	w.t.Helper()
	if got := fmt.Sprint(at(o, path...)); got != expected {
		w.t.Errorf("%v is %s, want %s", path, got, expected)
	}
}

// ref is the reference of the nth person of the tests.
func ref(n int) relief.SubjectRef {
	return relief.NewSubjectRef(1, []byte("a key of the tests"), relief.IDNumber(fmt.Sprintf("person %d", n)))
}

type (
	fakeProposal = fakeledger.Proposal
	fakeIdentity = fakeledger.Identity
)

func conflict(err error) bool {
	var c *fakeledger.CommitError
	return errors.As(err, &c) && fakeledger.IsConflict(err)
}

// confirmed has a change confirmed that was proposed by an official of the county, or of the province.
func (w *world) confirmed(proposer *fakeIdentity, change obj) obj {
	w.t.Helper()
	by := civilApprover
	if proposer == provincePreparer {
		by = provinceApprover
	}
	return w.do(by, "roll:ConfirmChange", agreed(change))
}

// agreed is the argument that confirms a change.
func agreed(change obj) obj {
	return obj{"change": change["id"], "sha256": change["sha256"], "agree": true}
}

// exits takes a household off the roll, by two officials, and gives its entry.
func (w *world) exits(by *fakeIdentity, in obj) obj {
	w.t.Helper()
	w.confirmed(by, w.do(by, "roll:Exit", in))
	return w.ask(auditReader, "roll:Entry", obj{"programme": in["programme"], "subject": in["subject"]})
}
