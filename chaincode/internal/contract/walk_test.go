// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
)

// The walks try acts on a payment in each of its stages: "filed" is approved with a payment file; "closed" is returned, in a
// batch that is closed.
var walkStages = []string{"listed", "sealed", "approved", "filed", "authorised", "instructed", "returned", "closed"}

// The people of the walks. The household of person 1 was granted (case c1); persons 10 to 12 were imported. All but the
// last are in batch b1.
var walkPeople = []struct {
	person int
	region relief.Region
	amount relief.Fen
}{{1, homeRegion, 96000}, {10, county + "001", 62000}, {11, county + "001", 62000}, {12, county + "001", 62000}}

// walkLines are the lines of the first n people, whose numbers follow each other, with the payees that the roll had first.
func walkLines(n int) (lines []payment.LineInput, sum relief.Fen) {
	for i, p := range walkPeople[:n] {
		line := lineOf(i, p.person, p.region, p.amount)
		line.Seq = uint32(i + 1)
		lines = append(lines, line)
		sum += p.amount
	}
	return lines, sum
}

// walkWorld has a programme, a tranche, and people on the roll. Nothing is listed.
func walkWorld(t testing.TB) *world {
	t.Helper()
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.registerAlone()
	w.caseProgramme(emergency("two"))
	w.subsidy()
	w.tranche("t1", "dibao", "10000.00")
	w.bringCase("c1", 1, "in_force")
	w.chunk(w.imports(rollInput("dibao", 0), rollChunk(10, 3)), 3, 0)
	return w
}

// walkTo takes batch b1 from nothing to a stage.
func (w *world) walkTo(stage string) {
	w.t.Helper()
	lines, sum := walkLines(3)
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 3, sum))
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesOf(lines...)), 3, 0)
	switch stage {
	case "listed":
	case "returned", "closed":
		w.bring("b1", "instructed")
		var answers []payment.AnswerInput
		for i, l := range lines {
			answers = append(answers, settlement(i, 1, payment.OutcomeReturned, l.Amount))
		}
		w.chunk(w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(answers...)), 3, 0)
		w.do(financePreparer, "payment:Tally", obj{"id": "b1"})
		if stage == "closed" {
			w.do(financePreparer, "payment:Close", obj{"id": "b1"})
		}
		w.do(financePreparer, "statement:Record", walkStatement(w.Now()))
	default:
		w.bring("b1", stage)
	}
}

// walkStatement is a statement by which the bank did pay the first payment of b1, on the day of a time.
func walkStatement(on time.Time) obj {
	return obj{
		"tranche": "t1", "bank_id": "W1", "number": 1, "day": "2026-11-16", "sha256": digest("walk"),
		"opening": "960.00", "closing": "0.00", "paid": obj{"count": 0, "sum": "0.00"}, "paid_back": obj{"count": 0, "sum": "0.00"},
		"entries": []obj{{"name": "e1", "amount": "-960.00", "booked_on": on.Add(8 * time.Hour).Format(time.DateOnly)}},
	}
}

// fork gives the same world again: what happens in one of the two does not happen in the other.
func (w *world) fork(t testing.TB) *world { return &world{w.Ledger.Fork(), t} }

// inAWhile moves the ledger's time on.
func (w *world) inAWhile(d time.Duration) { w.SetTime(w.Now().Add(d)) }

// chunkResult reads the answer of a function that takes chunks; ok is false for any other answer.
func chunkResult(payload []byte) (r wire.ChunkResult, ok bool) {
	return r, json.Unmarshal(payload, &r) == nil && strings.HasPrefix(string(payload), `{"accepted":`)
}

// touching are the functions that write rolls, payees or private details. TestNobodyIsPaidAtAnotherAccount tries each of
// them on payments in every stage.
var touching = []string{
	"roll:Import", "roll:ChangePayee", "roll:ReplaceHead", "roll:MoveIn", "person:ProposeLink", "person:ConfirmLink", "person:WithdrawLink",
	"roll:ConfirmChange", "roll:WithdrawChange", "person:ConfirmErasure", "case:Apply", "case:Decide", "case:DecideTownship", "case:Review",
	"case:Confirm", "case:DecideAppeal", "case:File", "roll:Rerate", "person:ConfirmReseal",
}

// requireWalked fails the test when a function writes a roll, payees or private details and the walk does not try it. Every act
// of every test in this package comes by here.
func (w *world) requireWalked(function, tx string) {
	if slices.Contains(touching, function) {
		return
	}
	done, _, ok := w.Tx(tx)
	if !ok {
		return
	}
	var wrote []string
	for _, write := range done.Writes {
		for _, kind := range []string{relief.KindRoll, relief.KindPayees} {
			if strings.HasPrefix(write.Key, "\x00"+kind+"\x00") {
				wrote = append(wrote, kind)
			}
		}
	}
	for _, c := range done.Private {
		if c.Collection == relief.DetailsCollection && len(c.Writes) > 0 {
			wrote = append(wrote, "private details")
		}
	}
	if len(wrote) > 0 {
		w.t.Errorf("%s writes %v: the walk of TestNobodyIsPaidAtAnotherAccount has to try it on payments in every stage", function, wrote)
	}
}

// attempt does an act that may be refused, by the domain alone, and reports whether it was done. inFile sends it as a file
// of one act where there are files of it.
func (w *world) attempt(inFile bool, by *fakeledger.Identity, function string, input any, tr transient) (done bool, called string) {
	w.t.Helper()
	row, ok := api.Lookup(function)
	if !ok {
		w.t.Fatalf("there is no function %s", function)
	}
	called = function
	if inFile && row.Fileable {
		called, input = api.CaseFile.Name(), obj{"act": row.Act, "items": []any{input}}
	}
	payload, err := w.try(by, called, input, tr)
	if err != nil {
		if e := relief.ParseError(err.Error()); e == nil || e.Code == relief.CodeCorrupt {
			w.t.Fatalf("%s with %v: %v", called, input, err)
		}
		return false, called
	}
	if r, ok := chunkResult(payload); ok {
		return r.Accepted > 0, called
	}
	return true, called
}

// opened is what finance opens when it makes a payment file: the people of the first segment, with their tags and sealed details.
func (w *world) opened() []api.Details {
	w.t.Helper()
	in := obj{"programme": "dibao", "county": county, "segment": 0}
	answer, err := w.Evaluate(fakeledger.Finance, financePreparer, "roll:SegmentDetails", args(in), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	var page api.DetailsPage
	if err := json.Unmarshal(answer, &page); err != nil {
		w.t.Fatal(err)
	}
	return page.Items
}

// whom is who would be paid where: the payees of the people in batch b1 and their details.
func (w *world) whom() string {
	w.t.Helper()
	var all strings.Builder
	for _, d := range w.opened() {
		if d.Number < 3 {
			fmt.Fprintf(&all, "%d: %v, %s\n", d.Number, d.Payee, d.Details)
		}
	}
	return all.String()
}

// fits reports whether the details of the first n people give the tags that are on the ledger. Finance makes no payment file
// otherwise. The details of the tests have no tags: those of the nth person go with the nth person's account.
func (w *world) fits(n int) bool {
	w.t.Helper()
	found := 0
	for _, d := range w.opened() {
		for k := range 200 {
			if int(d.Number) < n && bytes.Equal(d.Details, person(k)) && d.Account == payeeOf(k).Account {
				found++
			}
		}
	}
	return found == n
}
