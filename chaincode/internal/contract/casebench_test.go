// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"testing"

	"relieftrail/chaincode/fakeledger"
)

// BenchmarkCases brings applications in force on one endorser, in files of 250 acts: apply, evidence, match, notice, decide.
func BenchmarkCases(b *testing.B) {
	const file = 250
	w := newCaseWorld(b, fakeledger.Endorsers(1))
	for n := 0; b.Loop(); n++ {
		w.later(0)
		var numbers []int
		var apply, attach, match, notice, grant []obj
		for i := n * file; i < (n+1)*file; i++ {
			id := fmt.Sprint("c", i)
			h := household(id, i)
			h["members"] = []string{ref(i).String()}
			numbers = append(numbers, i)
			apply, attach = append(apply, h), append(attach, visit(id))
			match = append(match, obj{"case": id, "statement": statement(i, "clear", caseStart)})
			notice = append(notice, obj{"case": id, "class": "B", "persons": 1, "amount": "480.00"})
			g := grantOf(id)
			g["segment"] = i / 100
			grant = append(grant, g)
		}
		w.do(township, "case:File", obj{"act": "case.apply", "items": apply}, facts(numbers...))
		w.do(village, "case:File", obj{"act": "case.attach", "items": attach})
		w.do(civilPreparer, "case:File", obj{"act": "case.match", "items": match})
		w.do(civilPreparer, "case:File", obj{"act": "case.notice", "items": notice})
		w.later(noticeOver)
		o := w.do(civilApprover, "case:File", obj{"act": "case.decide", "items": grant})
		w.want(o, fmt.Sprint(file), "accepted")
	}
	b.ReportMetric(float64(b.N*file)/b.Elapsed().Seconds(), "cases/s")
}
