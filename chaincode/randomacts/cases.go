// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"maps"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// facts are the sealed facts of a household and the private details of its head.
func facts(n int) transient {
	tr := sealed(1)
	tr[wire.TransientFacts] = roll.AppendDetails(nil, [][]byte{fmt.Appendf(nil, "\x83 %d", n)})
	return tr
}

// apply is the application of the nth person.
func (a *Acts) apply(id, programme string, n int, more object) act {
	in := object{
		"id": id, "programme": programme, "region": firstTown + "001", "settlement": "rural", "members": []string{ref(n).String()},
		"name_tag": payee(n).Name, "account_tag": payee(n).Account,
	}
	maps.Copy(in, more)
	region, _ := in["region"].(relief.Region)
	return act{a.clerkOf(region, township, township, civilPreparer), "case:Apply", in, facts(n)}
}

// onCase brings a case a step further, opens one, or makes the case of an imported household.
func (a *Acts) onCase() []act {
	programme := []string{monthly, monthly, exclusive}[a.rand.IntN(3)]
	switch a.rand.IntN(12) {
	case 0:
		n := a.rand.IntN(people)
		return []act{a.apply(a.next("c"), programme, n, object{"members": []string{ref(n).String(), ref(n + 1000).String()}})}
	case 1:
		if e, ok := a.someEntry(relief.ProgrammeID(programme)); ok {
			return []act{{a.of(township, civilPreparer), "case:Adopt", object{"programme": programme, "subject": e.Subject.String()}, nil}}
		}
	}
	id := a.recent("c")
	if a.rand.IntN(3) == 0 { // that of somebody on the roll: adopted, or granted long ago
		if e, ok := a.someEntry(relief.ProgrammeID(programme)); ok {
			id = a.caseOf(&e, id)
		}
	}
	var c casework.Case
	if !a.read(relief.CaseKey(relief.CaseID(id)), &c) {
		n := a.rand.IntN(people)
		return []act{a.apply(a.next("c"), programme, n, object{"members": []string{ref(n).String(), ref(n + 1000).String()}})}
	}
	return a.onThisCase(&c)
}

// caseOf is the case of somebody on a roll, or the other id.
func (a *Acts) caseOf(e *roll.Entry, other string) string {
	var in roll.IndexEntry
	if b := a.ledger.Get(relief.RollIndexKey(e.Subject, e.Programme).String()); b == nil || in.UnmarshalBinary(b) != nil || in.Case == "" {
		return other
	}
	return string(in.Case)
}

func (a *Acts) onThisCase(c *casework.Case) []act {
	on := func(more object) object {
		more["case"] = c.ID
		return more
	}
	switch a.rand.IntN(20) {
	case 0, 1:
		if c.State != casework.CaseNoticed && a.rand.IntN(10) > 0 {
			break
		}
		return []act{{a.clerkOf(c.Region, township, auditReader), "case:Object", on(object{"channel": "letter", "sha256": a.paper()}), nil}}
	case 2:
		return []act{{auditReader, "case:Note", on(object{"sha256": a.paper()}), nil}}
	}
	switch c.State {
	case casework.CaseApplied:
		if a.rand.IntN(15) == 0 {
			return []act{{a.clerkOf(c.Region, township), "case:Withdraw", on(object{}), nil}}
		}
		return a.examine(c)
	case casework.CaseNoticed, casework.CaseAnswered:
		a.now = a.now.Add(8 * 24 * time.Hour)
		a.ledger.SetTime(a.now)
		if c.State == casework.CaseAnswered {
			return []act{a.notice(c)}
		}
		if a.rand.IntN(5) == 0 {
			return []act{{a.chiefOf(c.Region), "case:Decide", on(object{"outcome": "refused", "reason": "income"}), nil}}
		}
		segment := a.room(c.Programme, c.Region.County())
		return []act{{a.chiefOf(c.Region), "case:Decide", on(object{"outcome": "granted", "segment": segment}), nil}}
	case casework.CaseObjected:
		return []act{{a.clerkOf(c.Region, township, civilPreparer), "case:Answer", on(object{"objection": len(c.Objections) - 1, "founded": false, "sha256": a.paper()}), nil}}
	case casework.CaseInForce, casework.CaseSuspended:
		return []act{a.review(c)}
	case casework.CaseReviewed:
		return []act{{a.chiefOf(c.Region), "case:Confirm", on(object{"agree": a.rand.IntN(5) > 0}), nil}}
	case casework.CaseRefused, casework.CaseExited:
		return []act{{a.clerkOf(c.Region, township), "case:Appeal", on(object{"sha256": a.paper()}), nil}}
	case casework.CaseRefusalAppealed, casework.CaseExitAppealed:
		return []act{{a.of(a.chiefOf(c.Region), provinceChief), "case:DecideAppeal", on(object{"upheld": a.rand.IntN(2) == 0, "sha256": a.paper()}), nil}}
	}
	return a.onGrant()
}

// examine gathers what the programme asks for, and then puts the case on notice.
func (a *Acts) examine(c *casework.Case) []act {
	by := a.clerkOf(c.Region, civilPreparer, township)
	if a.rand.IntN(10) == 0 {
		return []act{{by, "case:Ask", object{"case": c.ID, "source": "civil-registry"}, nil}}
	}
	acts := []act{a.visit(c)}
	for _, m := range c.Members {
		code := "clear"
		if a.rand.IntN(15) == 0 {
			code = "deceased"
		}
		acts = append(acts, act{by, "case:Match", object{"case": c.ID, "statement": a.statement(m, code)}, nil})
		if code != "clear" {
			acts = append(acts, act{a.clerkOf(c.Region, township), "case:AnswerMatch", object{
				"case": c.ID, "match": len(c.Matches) + len(acts) - 2, "outcome": "cleared", "sha256": a.paper(),
			}, nil})
		}
	}
	return append(acts, a.notice(c))
}

func (a *Acts) visit(c *casework.Case) act {
	return act{a.clerkOf(c.Region, village, township), "case:Attach", object{
		"case": c.ID, "kind": "home-visit", "taken_at": a.now.Add(-time.Hour).UTC().Format(time.RFC3339), "region": c.Region, "sha256": a.paper(),
		"media_type": "image/jpeg",
	}, nil}
}

// statement is a department's signed answer about somebody.
func (a *Acts) statement(of relief.SubjectRef, code string) object {
	st := registry.MatchStatement{
		Source: "civil-registry", Subject: of, QueriedAt: a.now.Add(-time.Minute).UTC().Truncate(time.Second), Code: code, Adverse: code != "clear",
		ResultSHA256: a.paper(),
	}
	return object{
		"source": st.Source, "subject": st.Subject.String(), "queried_at": st.QueriedAt.Format(time.RFC3339), "code": code,
		"adverse": st.Adverse, "result_sha256": st.ResultSHA256,
		"signature": base64.StdEncoding.EncodeToString(ed25519.Sign(departmentKey, st.SignedBytes())),
	}
}

func (a *Acts) notice(c *casework.Case) act {
	in := object{"case": c.ID}
	switch t := a.terms(c.Programme, max(1, len(c.Members))); {
	case c.Grant != nil:
		in["class"], in["persons"], in["amount"] = c.Terms.Class, c.Terms.Persons, c.Terms.Amount
	case string(c.Programme) == medical:
		in["class"], in["persons"], in["amount"] = "A", 1, c.Asked
	default:
		in["class"], in["persons"], in["amount"] = t.Class, t.Persons, t.Amount
	}
	return act{a.clerkOf(c.Region, civilPreparer, secondPreparer), "case:Notice", in, nil}
}

func (a *Acts) review(c *casework.Case) act {
	in := object{"case": c.ID, "finding": "keep"}
	tr := transient(nil)
	switch a.rand.IntN(6) {
	case 0:
		in["finding"], in["reason"] = "exit", "income"
	case 1, 2, 3:
		t := a.terms(c.Programme, max(1, int(c.Terms.Persons)))
		in["finding"], in["terms"] = "change", object{"class": t.Class, "persons": t.Persons, "amount": t.Amount}
		if a.rand.IntN(2) == 0 {
			in["from"], in["reason"], in["document"] = a.month(-a.rand.IntN(6)), "class", a.next("doc")
		}
	}
	return act{a.clerkOf(c.Region, civilPreparer, secondPreparer, township), "case:Review", in, tr}
}

// onGrant takes the application for a single grant, or brings one a step further.
func (a *Acts) onGrant() []act {
	if a.rand.IntN(3) == 0 {
		n, amount := a.rand.IntN(12), relief.Fen(1+a.rand.IntN(1500_00))
		if grants[a.rand.IntN(len(grants))] == emergency {
			return []act{a.apply(a.next("g"), emergency, n, object{"amount": amount})}
		}
		tag := relief.Tag{1, 'b', byte(a.rand.IntN(256)), byte(a.rand.IntN(2))} //nolint:gosec // below 256
		return []act{a.apply(a.next("g"), medical, n, object{"amount": amount, "bill_tag": tag})}
	}
	var c casework.Case
	id := a.recent("g")
	if !a.read(relief.CaseKey(relief.CaseID(id)), &c) {
		return nil
	}
	granted := object{"case": id, "outcome": "granted", "segment": a.room(c.Programme, c.Region.County())}
	switch {
	case c.State == casework.CaseApplied && string(c.Programme) == emergency:
		granted["amount"] = c.Asked
		if a.rand.IntN(3) == 0 {
			return []act{{a.of(civilApprover, civilChief), "case:Decide", granted, nil}}
		}
		return []act{{a.of(secondTownship, secondTownship, township), "case:DecideTownship", granted, nil}}
	case c.State == casework.CaseApplied:
		return []act{a.visit(&c), a.notice(&c)}
	case c.State == casework.CaseNoticed:
		a.now = a.now.Add(8 * 24 * time.Hour)
		a.ledger.SetTime(a.now)
		return []act{{a.of(civilApprover, civilChief), "case:Decide", granted, nil}}
	case c.State == casework.CaseHelped:
		return []act{a.visit(&c), a.notice(&c)}
	}
	return nil
}

// laterOnCase notes that the county is to confirm a township's decision.
func (a *Acts) laterOnCase(c *act, answer object) {
	if c.function == "case:DecideTownship" {
		a.waitFor("case:ConfirmTownship", object{"case": answer["id"]}, civilApprover, civilChief)
	}
}
