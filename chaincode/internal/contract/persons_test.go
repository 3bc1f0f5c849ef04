// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
)

// TestPersons: a segment's people page by page, for whom Person would give each of them, and nobody else.
func TestPersons(t *testing.T) {
	w := county5(t)
	type page struct {
		Items []struct {
			Number  uint32
			Subject string
			Details []byte
		}
		Next uint32
	}
	ask := func(org string, id *fakeledger.Identity, more obj) (page, error) {
		in := obj{"programme": "dibao", "county": "530181", "segment": 0}
		for k, v := range more {
			in[k] = v
		}
		b, err := w.Evaluate(org, id, "roll:SegmentDetails", args(in), nil)
		var p page
		if err == nil {
			err = json.Unmarshal(b, &p)
		}
		return p, err
	}
	var seen int
	for from := uint32(0); ; {
		p, err := ask(fakeledger.Finance, financePreparer, obj{"from": from, "limit": 2})
		if err != nil || len(p.Items) > 2 {
			t.Fatalf("%+v, %v", p, err)
		}
		for _, i := range p.Items {
			n := int(i.Number) - first
			if i.Subject != ref(n).String() || !bytes.Equal(i.Details, person(n)) {
				t.Errorf("number %d: %s %s", i.Number, i.Subject, i.Details)
			}
			seen++
		}
		if from = p.Next; from == 0 {
			break
		}
	}
	if all, err := ask(fakeledger.CivilAffairs, civilPreparer, nil); err != nil || len(all.Items) != seen || seen != 4 {
		t.Errorf("%d in pages, %d at once, %v", seen, len(all.Items), err)
	}
	for _, c := range []struct {
		org  string
		id   *fakeledger.Identity
		more obj
		code relief.Code
	}{
		{fakeledger.Audit, auditReader, nil, relief.CodeForbidden},
		{fakeledger.Finance, civilPreparer, nil, relief.CodeForbidden},
		{fakeledger.CivilAffairs, financePreparer, nil, relief.CodeForbidden},
		{fakeledger.Finance, financeApprover, nil, relief.CodeForbidden},
		{fakeledger.CivilAffairs, civilElsewhere, nil, relief.CodeRegion},
		{fakeledger.Finance, financePreparer, obj{"limit": 501}, relief.CodeInvalid},
		{fakeledger.Finance, financePreparer, obj{"limit": -1}, relief.CodeInvalid},
		{fakeledger.Finance, financePreparer, obj{"segment": 4000000000}, relief.CodeInvalid},
		{fakeledger.Finance, financePreparer, obj{"programme": "none"}, relief.CodeNotFound},
	} {
		_, err := ask(c.org, c.id, c.more)
		if err == nil || relief.ParseError(err.Error()) == nil || relief.ParseError(err.Error()).Code != c.code {
			t.Errorf("%s on the peer of %s, %v: %v, want %s", c.id.Name(), c.org, c.more, err, c.code)
		}
	}
	if p, err := ask(fakeledger.Finance, financePreparer, obj{"segment": 7}); err != nil || len(p.Items) != 0 {
		t.Errorf("an empty segment: %+v, %v", p, err)
	}
	if p, err := ask(fakeledger.Finance, financePreparer, obj{"from": 9_999_999}); err != nil || len(p.Items) != 0 {
		t.Errorf("beyond the last: %+v, %v", p, err)
	}
}

// TestSlots: every payment of a segment's period, of whichever batch.
func TestSlots(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	in := obj{"programme": "dibao", "county": "530181", "period": "2026-11", "segment": 1}
	slots, _ := at(w.ask(auditReader, "payment:Slots", in), "slots").([]any)
	if len(slots) == 0 {
		t.Fatal("no slot")
	}
	w.want(w.ask(auditReader, "payment:Slots", in), "b1", "slots", 0, "batch")
	w.want(w.ask(auditReader, "payment:Slots", in), "listed", "slots", 0, "state")
	w.want(w.ask(auditReader, "payment:Slots", in), "1", "slots", 0, "attempt")
	in["period"] = "2026-12"
	if none, _ := at(w.ask(auditReader, "payment:Slots", in), "slots").([]any); len(none) != 0 {
		t.Errorf("another period has %d", len(none))
	}
}
