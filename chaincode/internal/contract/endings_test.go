// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// Two townships of the county, of which the third merges into the second, and officials of the second.
const (
	second = county + "002"
	third  = county + "003"
)

var (
	secondPreparer = fakeledger.Official(fakeledger.CivilAffairs, "civil-second-preparer", "preparer", second)
	secondApprover = fakeledger.Official(fakeledger.CivilAffairs, "civil-second-approver", "approver", second)
)

// households are n households of a village that are entitled to a sum together: all to the same but the last.
func households(firstPerson, n int, village relief.Region, each, sum relief.Fen) []roll.Input {
	list := make([]roll.Input, n)
	for i := range list {
		list[i] = roll.Input{
			Seq: uint32(i + 1), Ref: ref(firstPerson + i), Region: village, Persons: 1, Class: 'A', Amount: each, Payee: payeeOf(firstPerson + i),
		}
	}
	list[n-1].Amount = sum - relief.Fen(n-1)*each
	return list
}

func rollChunkOf(list []roll.Input, firstPerson int) transient {
	persons := make([][]byte, len(list))
	for i := range persons {
		persons[i] = person(firstPerson + i)
	}
	return transient{wire.TransientRoll: roll.AppendRoll(nil, list), wire.TransientPersons: roll.AppendDetails(nil, persons)}
}

// linesFor are the lines of households with numbers from a first one on.
func linesFor(list []roll.Input, number, firstPerson int) transient {
	lines := make([]payment.LineInput, len(list))
	for i := range list {
		lines[i] = lineOf(number+i, firstPerson+i, list[i].Region, list[i].Amount)
		lines[i].Seq = uint32(i + 1)
	}
	return linesOf(lines...)
}

// paidIn opens, lists and instructs a batch of a township, whose answers are recorded by outcome.
func (w *world) paidIn(batch, month, region string, list []roll.Input, number, firstPerson int, outcome payment.Outcome) {
	w.t.Helper()
	var sum relief.Fen
	answers := make([]payment.AnswerInput, len(list))
	for i := range list {
		sum += list[i].Amount
		answers[i] = settlement(number+i, 1, outcome, list[i].Amount)
	}
	in := batchInput(batch, "dibao", "t1", len(list), sum)
	in["region"], in["period"] = region, month
	w.do(civilPreparer, "payment:Open", in)
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": batch}, linesFor(list, number, firstPerson)), len(list), 0)
	w.instructed(batch)
	w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": batch}, settlements(answers...)), len(list), 0)
}

// mergedWorld has 27 households of the third township and 30 of the second, who were paid for 2026-03; of the third one was not
// credited for 2026-10. From 2027 on the third township is part of the second.
func mergedWorld(t *testing.T) (w *world, ofThird []roll.Input) {
	t.Helper()
	w = newWorld(t)
	w.programme("dibao", 100)
	w.tranche("t1", "dibao", "100000.00")
	ofThird = households(0, 27, third+"201", 98900, 2_672_000)
	ofSecond := households(27, 30, second+"101", 87000, 2_611_000)
	w.chunk(w.imports(rollInput("dibao", 0), rollChunkOf(ofThird, 0)), 27, 0)
	w.chunk(w.imports(rollInput("dibao", 0), rollChunkOf(ofSecond, 27)), 30, 0)
	w.paidIn("third", "2026-03", third, ofThird, 0, 0, payment.OutcomeCredited)
	w.paidIn("second", "2026-03", second, ofSecond, 27, 27, payment.OutcomeCredited)
	w.paidIn("back", "2026-10", third, ofThird[:1], 0, 0, payment.OutcomeReturned)
	regions := at(w.ask(auditReader, "registry:Get", nil), "regions").([]any)
	w.changeRegistry("merger", obj{"regions": append(slices.Clone(regions),
		obj{"code": second, "name": "连然街道", "valid_from": "1995-10-13"},
		obj{"code": third, "name": "草铺街道", "valid_from": "1995-10-13", "valid_to": "2026-12-31", "successors": []string{second}},
	)})
	return w, ofThird
}

// again is a batch of the second township that pays what came back of the third's.
func again(id string) obj {
	in := batchInput(id, "dibao", "t2", 1, 98900)
	in["region"], in["period"], in["purpose"] = second, "2026-10", "pay_again"
	return in
}

// What was owed under a township that has ended is paid by the officials, the batches and the money of its successor.
func TestASuccessorPaysWhatWasOwed(t *testing.T) {
	w, ofThird := mergedWorld(t)
	w.do(financeApprover, "fund:Issue", trancheInput("t2", "dibao", second, "5000.00"))
	w.do(secondPreparer, "payment:Open", again("early"))
	refused := w.chunk(w.do(secondPreparer, "payment:AddLines", obj{"batch": "early"}, linesFor(ofThird[:1], 0, 0)), 0, 0)
	if want := []string{"1 region-outside-county"}; !slices.Equal(refused, want) {
		t.Errorf("before the merger: %v", refused)
	}
	w.refused(relief.CodeRegion, secondPreparer, "roll:Exit", obj{
		"programme": "dibao", "subject": ref(1).String(), "reason": "moved", "last_period": "2026-12",
	})

	w.SetTime(time.Date(2027, 1, 5, 2, 0, 0, 0, time.UTC))
	b := w.do(secondPreparer, "payment:Open", again("late"))
	w.want(b, fmt.Sprint([]string{third}), "inherited")
	w.chunk(w.do(secondPreparer, "payment:AddLines", obj{"batch": "late"}, linesFor(ofThird[:1], 0, 0)), 1, 0)
	w.do(secondPreparer, "payment:Seal", obj{"id": "late"})
	w.do(secondApprover, "payment:Approve", obj{"id": "late"})
	w.want(w.ask(secondApprover, "payment:Get", obj{"id": "third"}), "27", "control", "count")
	w.want(w.ask(secondApprover, "payment:Get", obj{"id": "third"}), "26720.00", "control", "sum")

	// Its people are the successor's, too: they leave the roll, and nothing new begins in the ended township.
	exit := w.do(secondPreparer, "roll:Exit", obj{"programme": "dibao", "subject": ref(1).String(), "reason": "moved", "last_period": "2026-12"})
	w.do(secondApprover, "roll:ConfirmChange", agreed(exit))
	w.want(w.ask(secondApprover, "roll:Entry", onRoll(1)), third+"201", "region")
	w.refused(relief.CodeInvalid, financeApprover, "fund:Issue", trancheInput("t3", "dibao", third, "1.00"))
}

// An ended county goes on to be paid by batches of its own, with the money and by the officials of its successor.
func TestASuccessorCountyPaysOnTheOldRoll(t *testing.T) {
	w := county5(t)
	w.paidIn("b1", "2026-10", county, households(0, 1, county+"001", 62000, 62000), 0, 0, payment.OutcomeReturned)
	regions := at(w.ask(auditReader, "registry:Get", nil), "regions").([]any)
	for _, r := range regions {
		if r := r.(obj); r["code"] == county {
			r["valid_to"], r["successors"] = "2026-12-31", []string{"530129"}
		}
	}
	w.changeRegistry("merger", obj{"regions": regions})
	w.do(financeApprover, "fund:Issue", trancheInput("t2", "dibao", "530129", "5000.00"))
	in := batchInput("b2", "dibao", "t2", 1, 62000)
	in["period"], in["purpose"] = "2026-10", "pay_again"
	w.refused(relief.CodeRegion, civilPreparer, "payment:Open", in)
	w.refused(relief.CodeRegion, civilElsewhere, "payment:Open", in)
	w.SetTime(time.Date(2027, 1, 5, 2, 0, 0, 0, time.UTC))
	w.do(civilElsewhere, "payment:Open", in)
	w.chunk(w.do(civilElsewhere, "payment:AddLines", obj{"batch": "b2"}, linesChunk(0, 0, 1, 62000)), 1, 0)
	w.refused(relief.CodeInvalid, provincePreparer, "roll:ProposeImport", importTerms("late", rollInput("dibao", 0), rollChunk(9, 1)))
}
