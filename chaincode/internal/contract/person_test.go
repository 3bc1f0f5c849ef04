// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// TestNoPersonalData looks for planted details in everything that every peer holds, and in refusals.
func TestNoPersonalData(t *testing.T) {
	w := county5(t)
	w.listed("b1")
	w.instructed("b1")
	broken := rollChunk(5, 1)
	broken[wire.TransientPersons] = append(broken[wire.TransientPersons], 9)
	many := rollChunk(5, 1)
	many[wire.TransientPersons] = roll.AppendDetails(nil, [][]byte{person(5), person(6)})
	long := rollChunk(5, 1)
	long[wire.TransientPersons] = roll.AppendDetails(nil, [][]byte{bytes.Repeat(person(5), 20)})
	var texts []string
	for _, tr := range []transient{broken, many, long, {wire.TransientRoll: person(1), wire.TransientPersons: person(2)}} {
		texts = append(texts, w.refused(relief.CodeInvalid, civilApprover, "roll:Import", obj{"import": "i1", "segments": []int{1}}, tr).Error())
	}
	for _, p := range planted {
		for _, in := range []string{`{"` + p + `":1}`, `{"id":"` + p + `"}`, `{"batch":"b1","segment":"` + p + `"}`} {
			_, err := w.try(civilPreparer, "payment:Seal", in, nil)
			if err == nil {
				t.Fatalf("%s was taken", in)
			}
			texts = append(texts, err.Error())
		}
	}
	w.Scan("", func(key string, value []byte) bool {
		texts = append(texts, key, string(value))
		return true
	})
	for n := range w.Height() {
		block, _ := w.Block(n)
		for i := range block.Txs {
			texts = append(texts, fmt.Sprintf("%+v", block.Txs[i]), string(block.Txs[i].Payload))
			for _, write := range block.Txs[i].Writes {
				texts = append(texts, write.Key, string(write.Value))
			}
		}
	}
	for _, text := range texts {
		for _, p := range planted {
			if strings.Contains(text, p) {
				t.Errorf("%q is in public: %.200q", p, text)
			}
		}
	}
}

func TestPerson(t *testing.T) {
	w := county5(t)
	in := obj{"programme": "dibao", "subject": ref(2).String()}
	ask := func(org string, id *fakeledger.Identity) ([]byte, error) {
		return w.Evaluate(org, id, "roll:Details", args(in), nil)
	}
	for _, id := range []*fakeledger.Identity{civilPreparer, civilApprover, financePreparer} {
		got, err := ask(id.MSPID(), id)
		if err != nil || !bytes.Equal(detailsOf(got), person(2)) {
			t.Errorf("%s: %s, %v", id.Name(), got, err)
		}
	}
	for _, c := range []struct {
		org  string
		id   *fakeledger.Identity
		code relief.Code
	}{
		{fakeledger.Audit, auditReader, relief.CodeForbidden},
		{fakeledger.CivilAffairs, auditReader, relief.CodeForbidden},
		{fakeledger.Finance, civilPreparer, relief.CodeForbidden},
		{fakeledger.CivilAffairs, financePreparer, relief.CodeForbidden},
		{fakeledger.Audit, civilPreparer, relief.CodeForbidden},
		{fakeledger.Finance, financeApprover, relief.CodeForbidden},
		{fakeledger.CivilAffairs, civilElsewhere, relief.CodeRegion},
	} {
		got, err := ask(c.org, c.id)
		if err == nil || relief.ParseError(err.Error()) == nil || relief.ParseError(err.Error()).Code != c.code {
			t.Errorf("%s on the peer of %s: %s, %v, want %s", c.id.Name(), c.org, got, err, c.code)
		}
	}
	in["subject"] = ref(99).String()
	if _, err := ask(fakeledger.CivilAffairs, civilPreparer); err == nil || !strings.Contains(err.Error(), "NOT_FOUND") {
		t.Errorf("nobody: %v", err)
	}
	if _, err := w.try(civilPreparer, "roll:Details", in, nil); err == nil {
		t.Error("a person was read in a transaction that all endorse")
	}
	key := relief.RollIndexKey(ref(2), "dibao").String()
	if got := w.GetPrivate(fakeledger.Audit, relief.DetailsCollection, key); got != nil {
		t.Errorf("audit holds %s", got)
	}
}

func TestExit(t *testing.T) {
	w := county5(t)
	exit := obj{"programme": "dibao", "subject": ref(4).String(), "reason": "death", "last_period": "2026-10"}
	e := w.exits(civilPreparer, exit)
	w.want(e, "exited", "state")
	w.want(e, "death", "exit_reason")
	w.want(e, "2026-10", "until")
	w.unchanged(civilPreparer, "roll:Exit", exit)
	w.want(w.ask(auditReader, "roll:Entry", obj{"programme": "dibao", "subject": ref(4).String()}), "exited", "state")
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 1, 62000))
	r := w.chunk(w.unchanged(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(first+4, 4, 1, 62000)), 0, 0)
	if fmt.Sprint(r) != "[1 exited]" {
		t.Errorf("paying who has left: %v", r)
	}
	october := batchInput("b2", "dibao", "t1", 1, 62000)
	october["period"] = "2026-10"
	w.do(civilPreparer, "payment:Open", october)
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "b2"}, linesChunk(first+4, 4, 1, 62000)), 1, 0)
}

// TestReentry lets somebody back on the roll, but not for a period that they were entitled to before.
func TestReentry(t *testing.T) {
	w := county5(t)
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(4).String(), "reason": "income", "last_period": "2026-10"})
	in := rollInput("dibao", 1)
	in["from"] = "2026-10"
	r := w.chunk(w.imports(in, rollChunk(4, 1)), 0, 0)
	if fmt.Sprint(r) != "[1 entitlement-overlap]" {
		t.Errorf("entitled twice: %v", r)
	}
	in["from"] = "2026-11"
	w.chunk(w.imports(in, rollChunk(4, 1)), 1, 0)
	e := w.ask(auditReader, "roll:Entry", obj{"programme": "dibao", "subject": ref(4).String()})
	w.want(e, "in_force", "state")
	w.want(e, fmt.Sprint(first+4), "number")
}

// TestRollLookups asks for what was imported.
func TestRollLookups(t *testing.T) {
	w := county5(t)
	s := w.ask(auditReader, "roll:Status", obj{"programme": "dibao", "county": county})
	w.want(s, "4", "segment_size")
	w.want(s, "[map[count:4 segment:0] map[count:1 segment:1]]", "segments")
	w.want(s, fmt.Sprint(first+5), "next")
	e := w.ask(auditReader, "roll:Segment", obj{"programme": "dibao", "county": county, "segment": 1})
	w.want(e, ref(4).String(), "entries", 0, "subject")
	w.want(e, fmt.Sprint(first+4), "entries", 0, "number")
	w.programme("tekun", 1)
	w.imports(rollInput("tekun", 0), rollChunk(4, 1))
	e = w.ask(auditReader, "roll:Entries", obj{"subject": ref(4).String()})
	w.want(e, "dibao", "entries", 0, "programme")
	w.want(e, "tekun", "entries", 1, "programme")
	if e := w.importRefused(relief.CodePending, rollInput("tekun", 0), rollChunk(9, 1)); e.Field != "segments" {
		t.Errorf("two people in a segment of one: %v", e)
	}
}

// TestCollections holds the file that the network deploys against what the tests run on.
func TestCollections(t *testing.T) {
	b, err := os.ReadFile("../../collections_config.json")
	if err != nil {
		t.Fatal(err)
	}
	var configs []struct {
		Name              string
		Policy            string
		RequiredPeerCount *int
		MaxPeerCount      *int
		BlockToLive       int
		MemberOnlyRead    bool
		MemberOnlyWrite   bool
		EndorsementPolicy struct{ SignaturePolicy string }
	}
	if err := json.Unmarshal(b, &configs); err != nil || len(configs) != 1 {
		t.Fatalf("%d collections, %v", len(configs), err)
	}
	c := configs[0]
	if c.Name != relief.DetailsCollection || c.MemberOnlyRead || c.RequiredPeerCount == nil || c.MaxPeerCount == nil || c.BlockToLive != 0 {
		t.Errorf("collection %+v", c)
	}
	for _, msp := range []string{fakeledger.CivilAffairs, fakeledger.Finance, fakeledger.Audit} {
		if !strings.Contains(c.EndorsementPolicy.SignaturePolicy, "'"+msp+".peer'") {
			t.Errorf("a write needs no endorsement of %s", msp)
		}
		if keeps := strings.Contains(c.Policy, "'"+msp+".peer'"); keeps != (msp != fakeledger.Audit) {
			t.Errorf("peers of %s keep private details: %t", msp, keeps)
		}
	}
	if strings.Contains(c.Policy, ".member'") {
		t.Error("every client of an agency could pull private details by gossip")
	}
}

// TestReentryAfterPayment lets somebody leave for a time that was paid already: the way back begins after it.
func TestReentryAfterPayment(t *testing.T) {
	w := county5(t)
	w.listed("b1") // 2026-11
	w.instructed("b1")
	w.want(w.exits(civilPreparer, obj{
		"programme": "dibao", "subject": ref(4).String(), "reason": "income", "last_period": "2026-09",
	}), "2026-11", "paid_through")
	in := rollInput("dibao", 1)
	in["from"] = "2026-11"
	if r := w.chunk(w.imports(in, rollChunk(4, 1)), 0, 0); fmt.Sprint(r) != "[1 entitlement-overlap]" {
		t.Errorf("entitled for a period that is listed: %v", r)
	}
	elsewhere := obj{"programme": "dibao", "county": "530129", "segments": []int{0}, "from": "2026-11"}
	if r := w.chunk(w.imports(elsewhere, rollIn("530129001", 4)), 0, 0); fmt.Sprint(r) != "[1 entitlement-overlap]" {
		t.Errorf("entitled elsewhere for a period that is listed: %v", r)
	}
	elsewhere["from"] = "2026-12"
	if r := w.chunk(w.imports(elsewhere, rollIn("530129001", 4)), 0, 0); fmt.Sprint(r) != "[1 payment-unanswered]" {
		t.Errorf("other details before the bank's answer: %v", r)
	}
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(settlement(first+4, 1, payment.OutcomeCredited, 62000)))
	w.chunk(w.imports(elsewhere, rollIn("530129001", 4)), 1, 0)
	e := w.ask(auditReader, "roll:Entries", obj{"subject": ref(4).String()})
	w.want(e, "530129", "entries", 0, "county")
	w.openFor("2026-12", batchInput("b2", "dibao", "t1", 1, 62000))
	r := w.chunk(w.unchanged(civilPreparer, "payment:AddLines", obj{"batch": "b2"}, linesChunk(first+4, 4, 1, 62000)), 0, 0)
	if fmt.Sprint(r) != "[1 exited]" {
		t.Errorf("paid where they left: %v", r)
	}
}

func rollIn(region relief.Region, n int) transient {
	return transient{
		wire.TransientRoll: roll.AppendRoll(nil, []roll.Input{
			{Seq: 1, Ref: ref(n), Region: region, Persons: 1, Class: 'A', Amount: 62000, Payee: payeeOf(n)},
		}),
		wire.TransientPersons: roll.AppendDetails(nil, [][]byte{person(n)}),
	}
}
