// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"strings"
	"testing"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// weighted are the sources of a batch with their weights.
func weighted(sources ...any) []obj {
	var list []obj
	for i := 0; i < len(sources); i += 2 {
		list = append(list, obj{"tranche": sources[i], "weight": sources[i+1]})
	}
	return list
}

// fromSources is the argument that opens a batch with several sources.
func fromSources(id string, sources []obj, count int, sum relief.Fen) obj {
	in := batchInput(id, "dibao", "", count, sum)
	delete(in, "tranche")
	in["sources"] = sources
	return in
}

// TestSources is one payment of 1,000.01 from three tranches, returned, and paid again from two of them in an order.
func TestSources(t *testing.T) {
	const amount = 1_000_01
	w := newWorld(t)
	w.programme("dibao", 4)
	for _, id := range []string{"central", "province", "county"} {
		w.tranche(id, "dibao", "2000.00")
	}
	w.imports(rollInput("dibao", 0), transient{
		wire.TransientRoll:    roll.AppendRoll(nil, []roll.Input{{Seq: 1, Ref: ref(0), Region: county + "001", Persons: 1, Class: 'A', Amount: amount, Payee: payeeOf(0)}}),
		wire.TransientPersons: roll.AppendDetails(nil, [][]byte{person(0)}),
	})
	in := fromSources("b1", weighted("central", 60, "province", 25, "county", 15), 1, amount)
	w.want(w.do(civilPreparer, "payment:Open", in), "0.00", "sources", 0, "share")
	w.unchanged(civilPreparer, "payment:Open", in)
	w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(0, 0, 1, amount))
	w.instructed("b1")
	w.wantEach("reserved", "600.01", "250.00", "150.00")
	w.do(financePreparer, "payment:Settle", obj{"batch": "b1"}, settlements(settlement(0, 1, payment.OutcomeReturned, amount)))
	b := w.do(financePreparer, "payment:Tally", obj{"id": "b1"})
	w.unchanged(financePreparer, "payment:Tally", obj{"id": "b1"})
	w.wantEach("in_return", "600.01", "250.00", "150.00")
	for i, share := range []string{"600.01", "250.00", "150.00"} {
		w.want(b, share, "sources", i, "share")
		w.want(b, share, "sources", i, "in_return")
		w.want(b, "0.00", "sources", i, "paid")
		w.want(b, "0.00", "sources", i, "reserved")
	}
	const first = "dibao-530181-0000000-202611-"
	p := w.ask(auditReader, "payment:Payment", obj{"id": first + "1"})
	w.want(p, "returned", "state")
	w.want(p, "[map[amount:600.01 tranche:central] map[amount:250.00 tranche:province] map[amount:150.00 tranche:county]]", "shares")
	w.do(financePreparer, "payment:Close", obj{"id": "b1"})
	for _, id := range []string{"central", "province", "county"} {
		w.wantBalances(id, "issued 2000.00, available 2000.00")
	}

	again := fromSources("b2", []obj{{"tranche": "county", "cap": "400.00"}, {"tranche": "province"}}, 1, amount)
	again["purpose"] = "pay_again"
	w.do(civilPreparer, "payment:Open", again)
	w.do(civilPreparer, "payment:AddLines", obj{"batch": "b2"}, linesChunk(0, 0, 1, amount))
	w.instructed("b2")
	w.do(financePreparer, "payment:Settle", obj{"batch": "b2"}, settlements(settlement(0, 2, payment.OutcomeCredited, amount)))
	w.do(financePreparer, "payment:Tally", obj{"id": "b2"})
	w.do(financePreparer, "payment:Close", obj{"id": "b2"})
	w.wantBalances("central", "issued 2000.00, available 2000.00")
	w.wantBalances("province", "issued 2000.00, paid 600.01, available 1399.99")
	w.wantBalances("county", "issued 2000.00, paid 400.00, available 1600.00")
	w.want(w.ask(auditReader, "payment:Payment", obj{"id": first + "2"}), "[map[amount:400.00 tranche:county] map[amount:600.01 tranche:province]]", "shares")
}

// wantEach compares a part of the three tranches.
func (w *world) wantEach(part string, amounts ...string) {
	w.t.Helper()
	for i, id := range []string{"central", "province", "county"} {
		if got := w.balances(id)[part].String(); got != amounts[i] {
			w.t.Errorf("tranche %s has %s %s, want %s", id, part, got, amounts[i])
		}
	}
}

// TestSourcesAreChecked: every source is there and is fit for the batch, when it is opened and when it is sealed.
func TestSourcesAreChecked(t *testing.T) {
	w := county5(t)
	w.tranche("t2", "dibao", "2000.00")
	elsewhere := trancheInput("t3", "dibao", county, "1000.00")
	elsewhere["account"] = "5301000000000002"
	w.do(financeApprover, "fund:Issue", elsewhere)
	open := func(sources []obj) obj { return fromSources("b1", sources, 5, 5*62000) }
	w.refused(relief.CodeNotFound, civilPreparer, "payment:Open", open(weighted("t1", 1, "t9", 1)))
	w.refused(relief.CodeInvalid, civilPreparer, "payment:Open", open(weighted("t1", 1, "t1", 1)))
	if e := w.refused(relief.CodeInvalid, civilPreparer, "payment:Open", open(weighted("t1", 1, "t3", 1))); e.Field != "sources" || !strings.Contains(e.Detail, "different dedicated accounts") {
		t.Errorf("another account: %v", e)
	}
	both := open(weighted("t1", 1, "t2", 1))
	both["tranche"] = "t1"
	w.refused(relief.CodeInvalid, civilPreparer, "payment:Open", both)
	w.refused(relief.CodeInvalid, civilPreparer, "payment:Open", open([]obj{{"tranche": "t1", "share": "1.00"}, {"tranche": "t2"}}))

	w.do(civilPreparer, "payment:Open", open(weighted("t1", 1, "t2", 1)))
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(first, 0, 4, 62000)), 4, 0)
	w.chunk(w.do(civilPreparer, "payment:AddLines", obj{"batch": "b1"}, linesChunk(first+4, 4, 1, 62000)), 1, 0)
	w.refunds("t2", "1000.00")
	w.refused(relief.CodeFunds, civilPreparer, "payment:Seal", obj{"id": "b1"})
	w.wantBalances("t1", "issued 10000.00, available 10000.00")
	w.do(civilApprover, "payment:Cancel", obj{"id": "b1", "reason": "t2 has too little"})
	w.wantBalances("t2", "issued 2000.00, refunded 1000.00, available 1000.00")
}
