// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"testing"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
)

// An official has an older clear statement and leaves the adverse one out that came since: the question stays open, and nobody
// decides. Asking once more does not take the first question's place.
func TestAnAdverseAnswerCannotBeLeftOut(t *testing.T) {
	w := newCaseWorld(t)
	w.do(township, "case:Apply", household("c1", 1), facts(1))
	w.do(village, "case:Attach", visit("c1"))
	start := w.Now()
	for _, n := range []int{1, 1001} {
		w.do(civilPreparer, "case:Match", obj{"case": "c1", "statement": statement(n, "clear", start)})
	}
	w.SetTime(start.Add(day))
	question := obj{"case": "c1", "source": "civil-registry", "subjects": []string{ref(1).String()}}
	asked := w.do(civilPreparer, "case:Ask", question)
	w.want(asked, "civil-registry", "questions", 0, "source")
	w.unchanged(civilPreparer, "case:Ask", question)
	w.refused(relief.CodeMatch, civilPreparer, "case:Notice", noticeOf("c1"))

	w.SetTime(start.Add(2 * day))
	w.do(civilPreparer, "case:Match", obj{"case": "c1", "statement": statement(1, "clear", start.Add(day-time.Hour))}) // from before the question
	w.refused(relief.CodeMatch, civilPreparer, "case:Notice", noticeOf("c1"))
	w.unchanged(civilPreparer, "case:Ask", question)
	w.do(civilPreparer, "case:Match", obj{"case": "c1", "statement": statement(1, "deceased", start.Add(day+time.Second))})
	w.refused(relief.CodeMatch, civilPreparer, "case:Notice", noticeOf("c1")) // answered, and adverse

	w.do(civilPreparer, "case:AnswerMatch", obj{"case": "c1", "match": 3, "outcome": "cleared", "sha256": digest("an error")})
	w.do(civilPreparer, "case:Notice", noticeOf("c1"))
	w.SetTime(start.Add(2*day + noticeOver))
	w.do(civilPreparer, "case:Ask", obj{"case": "c1", "source": "civil-registry"}) // once more, about everybody
	w.refused(relief.CodeMatch, civilApprover, "case:Decide", grantOf("c1"))
	for _, n := range []int{1, 1001} {
		w.do(civilPreparer, "case:Match", obj{"case": "c1", "statement": statement(n, "clear", w.Now())})
	}
	w.do(civilApprover, "case:Decide", grantOf("c1"))
}

// A statement that is older than the application does not count: the application asks every department that the programme requires.
func TestAStatementFromBeforeTheApplication(t *testing.T) {
	w := newCaseWorld(t)
	w.do(township, "case:Apply", household("c1", 1), facts(1))
	w.do(village, "case:Attach", visit("c1"))
	at := w.Now()
	for _, n := range []int{1, 1001} {
		w.do(civilPreparer, "case:Match", obj{"case": "c1", "statement": statement(n, "clear", at.Add(-time.Hour))})
	}
	w.refused(relief.CodeMatch, civilPreparer, "case:Notice", noticeOf("c1"))
}

// A department that the programme does not require keeps a decision waiting for thirty days; whoever is asked is a department and a
// member.
func TestWhoIsAsked(t *testing.T) {
	w := newCaseWorld(t)
	w.bringCase("c1", 1, casework.CaseInForce)
	w.refused(relief.CodeInvalid, civilPreparer, "case:Ask", obj{"case": "c1", "source": "tax"})
	w.refused(relief.CodeInvalid, civilPreparer, "case:Ask", obj{"case": "c1", "source": "civil-registry", "subjects": []string{ref(5).String()}})
	w.refused(relief.CodeForbidden, civilApprover, "case:Ask", obj{"case": "c1", "source": "civil-registry"})
	w.refused(relief.CodeRegion, civilElsewhere, "case:Ask", obj{"case": "c1", "source": "civil-registry"})
}
