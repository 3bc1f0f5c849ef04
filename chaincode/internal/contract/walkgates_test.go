// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"maps"
	"testing"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// step is a step of a story, by the official whose step it usually is.
type step struct {
	by       *fakeledger.Identity
	function string
	input    func(*world) any
	tr       transient
}

func given(input any) func(*world) any { return func(*world) any { return input } }

// stories are what ends with somebody being entitled, paid at another account, or paid. Each is more than one person's work.
var stories = map[string]func() []step{
	"a payment": func() []step {
		lines, sum := walkLines(3)
		var answers []payment.AnswerInput
		for i, l := range lines {
			answers = append(answers, settlement(i, 1, payment.OutcomeCredited, l.Amount))
		}
		id := obj{"id": "b1"}
		file := given(fileInput("b1", 3, sum))
		authorise := given(obj{"id": "b1", "file_sha256": fileHash})
		return []step{
			{civilPreparer, "payment:Open", given(batchInput("b1", "dibao", "t1", 3, sum)), nil},
			{civilPreparer, "payment:AddLines", given(obj{"batch": "b1"}), linesOf(lines...)},
			{civilPreparer, "payment:Seal", given(id), nil},
			{civilApprover, "payment:Approve", given(id), nil},
			{financePreparer, "payment:MakeFile", file, nil},
			{financeApprover, "payment:Authorise", authorise, nil},
			{financePreparer, "payment:Instruct", given(id), nil},
			{financePreparer, "payment:TakeBack", given(obj{"id": "b1", "reason": "rejected"}), nil},
			{financeApprover, "payment:ConfirmTakeBack", given(id), nil},
			{financePreparer, "payment:MakeFile", func(*world) any {
				again := fileInput("b1", 3, sum)
				again["message_id"] = "RT-b1-2"
				return again
			}, nil},
			{financeApprover, "payment:Authorise", authorise, nil},
			{financePreparer, "payment:Instruct", given(id), nil},
			{financePreparer, "payment:Settle", given(obj{"batch": "b1"}), settlements(answers...)},
			{financePreparer, "payment:Tally", given(id), nil},
			{financePreparer, "payment:Close", given(id), nil},
		}
	},
	"a case": func() []step {
		return []step{
			{township, "case:Apply", given(household("c9", 60)), facts(60)},
			{village, "case:Attach", given(visit("c9")), nil},
			{civilPreparer, "case:Match", statedNow(60), nil},
			{civilPreparer, "case:Match", statedNow(1060), nil},
			{civilPreparer, "case:Notice", given(noticeOf("c9")), nil},
			{civilApprover, "case:Decide", func(w *world) any {
				w.inAWhile(noticeOver)
				return grantOf("c9")
			}, nil},
			{civilPreparer, "case:Review", given(obj{"case": "c9", "finding": "change", "terms": obj{"class": "C", "persons": 1, "amount": "330.00"}}), nil},
			{civilApprover, "case:Confirm", given(obj{"case": "c9", "agree": true}), nil},
			{civilPreparer, "roll:Exit", given(obj{"programme": "dibao", "subject": ref(60).String(), "reason": "income", "last_period": "2026-12"}), nil},
			{civilApprover, "roll:ConfirmChange", confirming(relief.ChangeKey(relief.NewChangeID("dibao", county, 4, 1)), "change"), nil},
			{civilPreparer, "case:Appeal", given(obj{"case": "c9", "sha256": digest("appeal")}), nil},
			{chief, "case:DecideAppeal", given(obj{"case": "c9", "upheld": false, "sha256": digest("r")}), nil},
		}
	},
	"an import": func() []step {
		terms := importTerms("i9", rollInput("dibao", 0), rollChunk(50, 1))
		return []step{
			{civilPreparer, "roll:ProposeImport", given(terms), nil},
			{civilApprover, "roll:ConfirmImport", given(obj{"id": "i9", "digest": terms.Digest(), "agree": true}), nil},
			{civilApprover, "roll:Import", given(obj{"import": "i9", "segments": []int{0}}), rollChunk(50, 1)},
		}
	},
	"another card": func() []step {
		terms, details := cardOf110()
		maps.Copy(terms, obj{"programme": "dibao", "subject": ref(10).String()})
		return []step{
			{civilPreparer, "roll:ChangePayee", given(terms), details},
			{civilApprover, "roll:ConfirmChange", confirming(relief.ChangeKey(firstChange), "change"), nil},
		}
	},
	"a shared account": func() []step {
		return []step{
			{civilPreparer, "roll:DeclareAccount", given(obj{
				"id": "a1", "kind": "guardian", "county": county, "account_tag": payeeOf(110).Account, "evidence_sha256": digest("papers"),
			}), nil},
			{civilApprover, "roll:ConfirmAccount", confirming(relief.AccountKey("a1"), "id"), nil},
			{civilApprover, "roll:EndAccount", given(obj{"id": "a1", "reason": "closed"}), nil},
		}
	},
}

// confirming is the argument that confirms a record by its id and digest.
func confirming(record relief.Key, id string) func(*world) any {
	return func(w *world) any { return w.naming(obj{id: record.Attrs[0], "agree": true}, record, "sha256") }
}

// TestASecondPersonIsNeeded tells each story with one person who does every step that is allowed, in either of two roles. Only
// what is refused to this person is done by another. The story ends as usual, and at each gate two people have passed.
func TestASecondPersonIsNeeded(t *testing.T) {
	needed := map[string]bool{}
	before := walkWorld(t)
	var everybody []human
	for _, names := range spellings {
		everybody = append(everybody, humans(names)...)
	}
	for name, story := range stories {
		for _, h := range everybody {
			t.Run(fmt.Sprintf("%s/%s %s and %s", name, h.agency, h.roles[0], h.roles[1]), func(t *testing.T) {
				w := before.fork(t)
				for _, s := range story() {
					row, ok := api.Lookup(s.function)
					if !ok {
						t.Fatalf("there is no function %s", s.function)
					}
					input := s.input(w)
					done := false
					for _, by := range h.may(row.Act) {
						if _, err := w.try(by, s.function, input, s.tr); err == nil {
							done = true
							break
						} else if e := relief.ParseError(err.Error()); e != nil && e.Code == relief.CodeSamePerson {
							needed[s.function] = true
						}
					}
					if !done {
						w.do(s.by, s.function, input, s.tr)
					}
				}
				w.requireGates(&h, name)
			})
		}
	}
	for _, function := range []string{
		"payment:Approve", "payment:Authorise", "payment:ConfirmTakeBack", "case:Decide", "case:Confirm", "case:DecideAppeal",
		"roll:ConfirmChange", "roll:ConfirmImport", "roll:ConfirmAccount",
	} {
		if !needed[function] {
			t.Errorf("%s was refused to nobody as the same person", function)
		}
	}
}

// statedNow is a department's statement about a person at the time of the step.
func statedNow(n int) func(*world) any {
	return func(w *world) any { return obj{"case": "c9", "statement": statement(n, "clear", w.Now())} }
}
