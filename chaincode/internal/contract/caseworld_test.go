// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// The people who handle the cases of the tests.
var (
	township = fakeledger.Official(fakeledger.CivilAffairs, "civil-township", "township", county+"001")
	village  = fakeledger.Official(fakeledger.CivilAffairs, "civil-village", "village", county+"001001")
	chief    = fakeledger.Official(fakeledger.CivilAffairs, "civil-chief", "approver", county)
)

const homeRegion = county + "001001"

// departmentKey is the key of the department of the tests.
var departmentKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// newCaseWorld has a registry with the department civil-registry, and a programme whose cases need a home visit and its
// statement.
func newCaseWorld(t testing.TB, options ...fakeledger.Option) *world {
	t.Helper()
	w := newWorld(t, options...)
	key := base64.StdEncoding.EncodeToString(departmentKey.Public().(ed25519.PublicKey))
	w.changeRegistry("sources", obj{
		"sources": []obj{{"id": "civil-registry", "name": "民政婚姻死亡登记", "keys": []string{key}}},
	})
	w.caseProgramme(caseProgrammeInput("dibao"))
	return w
}

func caseProgrammeInput(id string) obj {
	p := programmeInput(id, 1, 100)
	p["min_amount"] = "330.00"
	p["required_evidence"] = []string{"home-visit"}
	p["required_matches"] = []string{"civil-registry"}
	p["class_amounts"] = obj{"A": "620.00", "B": "480.00", "C": "330.00"}
	p["appeal_guide"] = "可向安宁市民政局申请复核"
	return p
}

func (w *world) caseProgramme(in obj) {
	w.t.Helper()
	w.do(provincePreparer, "programme:Draft", in)
	w.do(provinceFinance, "programme:Enact", obj{"id": in["id"], "version": 1})
}

// digest is a salted hash of something.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// household is the application of a household of two whose head is the nth person.
func household(id string, n int) obj {
	return obj{
		"id": id, "programme": "dibao", "region": homeRegion, "settlement": "rural",
		"members":  []string{ref(n).String(), ref(n + 1000).String()},
		"name_tag": payeeOf(n).Name, "account_tag": payeeOf(n).Account,
	}
}

// facts is the transient map of applications.
func facts(n ...int) transient {
	var persons, sealed [][]byte
	for _, i := range n {
		persons = append(persons, person(i))
		sealed = append(sealed, sealedFactsOf(i))
	}
	return transient{
		wire.TransientFacts:   roll.AppendDetails(nil, sealed),
		wire.TransientPersons: roll.AppendDetails(nil, persons),
	}
}

// sealedFactsOf are the facts of the nth person's household.
func sealedFactsOf(n int) []byte {
	return fmt.Appendf(nil, "\x83\xff"+`{"income":"%d","name":"%s"}`, n, plantedName)
}

// statement is what the department says about a person.
func statement(n int, code string, at time.Time) obj {
	st := registry.MatchStatement{
		Source: "civil-registry", Subject: ref(n), QueriedAt: at.UTC().Truncate(time.Second), Code: code, Adverse: code != "clear",
		ResultSHA256: digest(fmt.Sprint("answer ", n, code)),
	}
	return obj{
		"source": st.Source, "subject": st.Subject.String(), "queried_at": st.QueriedAt.Format(time.RFC3339), "code": code,
		"adverse": st.Adverse, "result_sha256": st.ResultSHA256,
		"signature": base64.StdEncoding.EncodeToString(ed25519.Sign(departmentKey, st.SignedBytes())),
	}
}

func visit(id string) obj {
	return obj{
		"case": id, "kind": "home-visit", "taken_at": "2026-10-19T02:00:00Z", "region": homeRegion, "sha256": digest("photo " + id),
		"media_type": "image/jpeg",
	}
}

func noticeOf(id string) obj { return obj{"case": id, "class": "B", "persons": 2, "amount": "960.00"} }

func grantOf(id string) obj { return obj{"case": id, "outcome": "granted", "segment": 0} }

func refusalOf(id string) obj { return obj{"case": id, "outcome": "refused", "reason": "income"} }

func answerOf(id string, n int) obj {
	return obj{"case": id, "objection": n, "founded": false, "sha256": digest("report")}
}

// start is when the tests' cases begin.
var caseStart = time.Date(2026, 10, 20, 2, 0, 0, 0, time.UTC)

// examined has an application with its evidence and matches.
func (w *world) examined(id string, n int) {
	w.t.Helper()
	w.do(township, "case:Apply", household(id, n), facts(n))
	w.do(village, "case:Attach", visit(id))
	for _, i := range []int{n, n + 1000} {
		w.do(civilPreparer, "case:Match", obj{"case": id, "statement": statement(i, "clear", caseStart)})
	}
}

func (w *world) noticed(id string, n int) {
	w.t.Helper()
	w.examined(id, n)
	w.do(civilPreparer, "case:Notice", noticeOf(id))
}

// later moves the ledger's time.
func (w *world) later(d time.Duration) { w.SetTime(caseStart.Add(d)) }

const (
	day        = 24 * time.Hour
	noticeOver = 7*day + time.Minute
)

// bringCase takes a household to a state. Cases that were decided end at noticeOver.
func (w *world) bringCase(id string, n int, state casework.CaseState) {
	w.t.Helper()
	w.later(0)
	if state == casework.CaseApplied || state == casework.CaseWithdrawn {
		w.examined(id, n)
		if state == casework.CaseWithdrawn {
			w.do(township, "case:Withdraw", obj{"case": id})
		}
		return
	}
	w.noticed(id, n)
	object := func() {
		w.do(auditReader, "case:Object", obj{"case": id, "channel": "hotline", "sha256": digest("objection " + id)})
	}
	decide := func() {
		w.later(noticeOver)
		w.do(civilApprover, "case:Decide", grantOf(id))
	}
	refuse := func() { w.do(civilApprover, "case:Decide", refusalOf(id)) }
	review := func() {
		w.do(civilPreparer, "case:Review", obj{"case": id, "finding": "keep"})
	}
	exit := func() {
		w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(n).String(), "reason": "income", "last_period": "2026-12"})
	}
	appeal := func() { w.do(civilPreparer, "case:Appeal", obj{"case": id, "sha256": digest("appeal " + id)}) }
	uphold := func() {
		w.do(chief, "case:DecideAppeal", obj{"case": id, "upheld": true, "sha256": digest("reasons")})
	}
	moveOut := func() {
		w.confirmed(civilPreparer, w.do(civilPreparer, "roll:MoveOut", obj{
			"programme": "dibao", "subject": ref(n).String(), "to_county": "530129", "to_programme": "dibao", "last_period": "2026-12",
		}))
	}
	for _, step := range map[casework.CaseState][]func(){
		casework.CaseNoticed: {}, casework.CaseObjected: {object},
		casework.CaseAnswered: {object, func() { w.do(civilPreparer, "case:Answer", answerOf(id, 0)) }},
		casework.CaseInForce:  {decide}, casework.CaseReviewed: {decide, review},
		casework.CaseSuspended: {decide, func() {
			w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Suspend", obj{
				"programme": "dibao", "subject": ref(n).String(), "from": "2026-12", "reason": "核查中",
			}))
		}},
		casework.CaseRefused: {refuse}, casework.CaseRefusalAppealed: {refuse, appeal}, casework.CaseExited: {decide, exit},
		casework.CaseExitAppealed: {decide, exit, appeal}, casework.CaseMovedOut: {decide, moveOut}, casework.CaseClosed: {refuse, appeal, uphold},
	}[state] {
		step()
	}
}

func (w *world) caseState(id string) string {
	w.t.Helper()
	return fmt.Sprint(at(w.ask(auditReader, "case:Get", obj{"case": id}), "state"))
}
