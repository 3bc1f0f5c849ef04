package index

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

// everyPayment reads all pages of a query; pages never repeat a payment.
func everyPayment(t *testing.T, ix *Index, q PaymentQuery, limit int) (all []payment.Payment) {
	t.Helper()
	seen := map[relief.PaymentID]bool{}
	for cursor := ""; ; {
		page, err := ix.Payments(t.Context(), q, cursor, limit)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Items), limit)
		for _, p := range page.Items {
			require.False(t, seen[p.ID], "%s twice", p.ID)
			seen[p.ID] = true
		}
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// Every filter, and filters together, against the same question asked of all payments one by one.
func TestPaymentSearch(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		const people, months = 45, 12
		s := newSynth(t, people, months)
		ix := open(t, s)
		catchUp(t, ix)
		all := everyPayment(t, ix, PaymentQuery{}, 100)
		require.Len(t, all, people*months)
		march := must(relief.ParsePeriod("2016-03"))
		approver, authoriser := officials["approver"].Official(), officials["finance"].Official()
		approver.Role, approver.Region, authoriser.Role, authoriser.Region = "", "", "", ""
		village := func(p *payment.Payment) relief.Region {
			return relief.Region(fmt.Sprintf("530181%03d", 100+p.Number%20))
		}
		for name, c := range map[string]struct {
			q    PaymentQuery
			want func(*payment.Payment) bool
		}{
			"a person":           {PaymentQuery{Subject: synthRef(7)}, func(p *payment.Payment) bool { return p.Number == 7 }},
			"a person, a month":  {PaymentQuery{Subject: synthRef(7), Period: march}, func(p *payment.Payment) bool { return p.Number == 7 && p.Period == march }},
			"a batch":            {PaymentQuery{Batch: "b-2016-03"}, func(p *payment.Payment) bool { return p.Batch == "b-2016-03" }},
			"a programme":        {PaymentQuery{Programme: "dibao"}, func(*payment.Payment) bool { return true }},
			"another programme":  {PaymentQuery{Programme: "other"}, func(*payment.Payment) bool { return false }},
			"a province":         {PaymentQuery{Region: "53"}, func(*payment.Payment) bool { return true }},
			"another county":     {PaymentQuery{Region: "530182"}, func(*payment.Payment) bool { return false }},
			"a township":         {PaymentQuery{Region: "530181107"}, func(p *payment.Payment) bool { return village(p) == "530181107" }},
			"a village":          {PaymentQuery{Region: "530181107001"}, func(*payment.Payment) bool { return false }},
			"a month":            {PaymentQuery{Period: march}, func(p *payment.Payment) bool { return p.Period == march }},
			"credited":           {PaymentQuery{State: "credited"}, func(p *payment.Payment) bool { return p.State == "credited" }},
			"returned":           {PaymentQuery{State: "returned"}, func(p *payment.Payment) bool { return p.State == "returned" }},
			"still instructed":   {PaymentQuery{State: "instructed"}, func(*payment.Payment) bool { return false }},
			"amounts":            {PaymentQuery{Min: 30010, Max: 30012}, func(p *payment.Payment) bool { return p.Amount >= 30010 && p.Amount <= 30012 }},
			"from an amount":     {PaymentQuery{Min: 30040}, func(p *payment.Payment) bool { return p.Amount >= 30040 }},
			"an approver":        {PaymentQuery{Approver: approver}, func(*payment.Payment) bool { return true }},
			"an authoriser":      {PaymentQuery{Approver: authoriser, Period: march}, func(p *payment.Payment) bool { return p.Period == march }},
			"nobody's":           {PaymentQuery{Approver: relief.Official{Agency: "CivilAffairsMSP", Name: "nobody"}}, func(*payment.Payment) bool { return false }},
			"a reason":           {PaymentQuery{Reason: "AC04"}, func(p *payment.Payment) bool { return p.ReturnReason == "AC04" }},
			"another reason":     {PaymentQuery{Reason: "AC01"}, func(*payment.Payment) bool { return false }},
			"reason in a batch":  {PaymentQuery{Reason: "AC04", Batch: "b-2016-03"}, func(p *payment.Payment) bool { return p.ReturnReason == "AC04" && p.Batch == "b-2016-03" }},
			"reason and a month": {PaymentQuery{Reason: "AC04", Period: march, Region: "530181"}, func(p *payment.Payment) bool { return p.ReturnReason == "AC04" && p.Period == march }},
			"all at once": {
				PaymentQuery{Subject: synthRef(7), Batch: "b-2016-03", Programme: "dibao", Region: "530181107", Period: march, State: "credited", Min: 1, Max: 40000, Approver: approver},
				func(p *payment.Payment) bool { return p.Number == 7 && p.Period == march },
			},
		} {
			var want []relief.PaymentID
			for i := range all {
				if c.want(&all[i]) {
					want = append(want, all[i].ID)
				}
			}
			for _, limit := range []int{1, 7, 1000} {
				var got []relief.PaymentID
				for _, p := range everyPayment(t, ix, c.q, limit) {
					got = append(got, p.ID)
				}
				require.Equal(t, want, got, "%s by %d", name, limit)
			}
		}
	})
}

// A page looks at a bounded number of payments: it may be empty and have a next one, and nothing is missed.
func TestCursorsStayWhileRowsAreAdded(t *testing.T) {
	s := newSynth(t, 30, 6)
	ix := openFile(t, s)
	require.NoError(t, ix.upTo(t.Context(), uint64(len(s.blocks)/2), quietly))
	before := everyPayment(t, ix, PaymentQuery{}, 1000)
	page, err := ix.Payments(t.Context(), PaymentQuery{}, "", 13)
	require.NoError(t, err)
	got := page.Items
	acts, err := ix.Transactions(t.Context(), TransactionQuery{}, "", 5)
	require.NoError(t, err)
	catchUp(t, ix)
	for page.Next != "" {
		page, err = ix.Payments(t.Context(), PaymentQuery{}, page.Next, 13)
		require.NoError(t, err)
		got = append(got, page.Items...)
	}
	ids := map[relief.PaymentID]int{}
	for _, p := range got {
		ids[p.ID]++
		require.Equal(t, 1, ids[p.ID])
	}
	for _, p := range before {
		require.Equal(t, 1, ids[p.ID], "%s was there and is not missed", p.ID)
	}
	more, err := ix.Transactions(t.Context(), TransactionQuery{}, acts.Next, 5)
	require.NoError(t, err)
	for _, tx := range more.Items {
		require.LessOrEqual(t, tx.Block, acts.Items[4].Block, "what came meanwhile is on no later page")
		require.NotContains(t, acts.Items, tx)
	}
}

// What callers send never becomes a part of a statement.
func TestBadQueries(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		ix := open(t, newSynth(t, 25, 1))
		catchUp(t, ix)
		const evil = "x' OR '1'='1'; DROP TABLE payments; --"
		for _, cursor := range []string{evil, "zzzz", cursorOf('t', 5), "cA", string(make([]byte, 100)), "cC0x", cursorOf('p', 5) + "A"} {
			_, err := ix.Payments(t.Context(), PaymentQuery{}, cursor, 10)
			var refusal *relief.Error
			require.ErrorAs(t, err, &refusal, cursor)
			require.Equal(t, "cursor", refusal.Field)
			_, err = ix.Transactions(t.Context(), TransactionQuery{}, evil, 10)
			require.ErrorAs(t, err, &refusal)
			_, err = ix.Batches(t.Context(), BatchQuery{}, cursor, 10)
			require.ErrorAs(t, err, &refusal)
			_, err = ix.Tranches(t.Context(), TrancheQuery{}, cursor, 10)
			require.ErrorAs(t, err, &refusal)
		}
		for _, q := range []PaymentQuery{
			{Batch: evil}, {Programme: evil}, {Reason: "';--"}, {Approver: relief.Official{Agency: evil, Name: evil}}, {Region: "53'"},
		} {
			page, err := ix.Payments(t.Context(), q, "", 10)
			require.NoError(t, err)
			require.Empty(t, page.Items)
		}
		for _, q := range []PaymentQuery{{State: evil}, {Min: 2, Max: 1}, {Reason: evil}} {
			_, err := ix.Payments(t.Context(), q, "", 10)
			require.Error(t, err)
		}
		batches, err := ix.Batches(t.Context(), BatchQuery{Programme: evil, State: evil, Tranche: evil}, "", 10)
		require.NoError(t, err)
		require.Empty(t, batches.Items)
		_, err = ix.Record(t.Context(), evil, evil)
		require.Error(t, err)
		acts, err := ix.Transactions(t.Context(), TransactionQuery{By: relief.Official{Agency: evil, Name: evil}, Act: evil}, "", 10)
		require.NoError(t, err)
		require.Empty(t, acts.Items)
		_, ok, err := ix.Transaction(t.Context(), evil)
		require.NoError(t, err)
		require.False(t, ok)
		huge, err := ix.Payments(t.Context(), PaymentQuery{}, "", 1<<30)
		require.NoError(t, err)
		require.Len(t, huge.Items, 25)
		require.Equal(t, 25, ix.count(t, "payments"))
	})
}

// The month on the fake ledger, row by row, and what each read says of it.
func TestMonthOnTheContracts(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		n := ledgertest.New(t)
		l := n.Gateway(fakeledger.Audit)
		tell(t, l)
		ix := open(t, l)
		catchUp(t, ix)
		for table, want := range map[string]int{"payments": 2, "line_history": 0, "returns": 1, "leaves": 1, "entries": 2, "entry_versions": 0, "batches": 2, "chunks": 4, "spans": 1, "rolls": 1} {
			require.Equal(t, want, ix.count(t, table), table)
		}
		require.Equal(t, []string{"dibao|530181|2026-11|AC04|1|1"}, rowsOf(t, ix, "SELECT programme, county, period, reason, returned, paid_again FROM chart_returns"))
		first := relief.PaymentID{Programme: "dibao", County: "530181", Number: 1, Period: november, Attempt: 1}
		again := first
		again.Attempt = 2
		for id, want := range map[relief.PaymentID]payment.State{first: "returned", again: "credited"} {
			p, err := ix.Payment(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, want, p.State)
			answer, err := l.Evaluate(t.Context(), ledger.Call{Signer: "audit-reader", Function: "payment:Payment", Argument: []byte(`{"id":"` + id.String() + `"}`)})
			require.NoError(t, err)
			got, err := json.Marshal(p)
			require.NoError(t, err)
			require.JSONEq(t, string(answer), string(got), "as the contract says")
		}
		_, err := ix.Payment(t.Context(), relief.PaymentID{Programme: "dibao", County: "530181", Number: 0, Period: november, Attempt: 1})
		require.ErrorContains(t, err, "NOT_FOUND")
		_, err = ix.Payment(t.Context(), relief.PaymentID{Programme: "nowhere", County: "530181", Number: 0, Period: november, Attempt: 1})
		require.ErrorContains(t, err, "NOT_FOUND")
		for function, read := range map[string]func() (any, error){
			`programme:Get {"id":"dibao"}`: func() (any, error) { return ix.Record(t.Context(), relief.KindProgramme, "dibao") },
			`fund:Get {"id":"t1"}`:         func() (any, error) { return ix.Record(t.Context(), relief.KindTranche, "t1") },
			`payment:Get {"id":"b2"}`:      func() (any, error) { return ix.Record(t.Context(), relief.KindBatch, "b2") },
			`registry:Get `:                func() (any, error) { return ix.Registry(t.Context()) }, // with all sections
			`roll:Entries {"subject":"` + person.String() + `"}`: func() (any, error) {
				e, err := ix.Subject(t.Context(), person)
				return map[string]any{"entries": e}, err
			},
			`payment:List {"state":"instructed","programme":"dibao"}`: func() (any, error) {
				p, err := ix.Batches(t.Context(), BatchQuery{State: "instructed", Programme: "dibao"}, "", 10)
				return map[string]any{"items": p.Items, "next": ""}, err
			},
			`fund:List {}`: func() (any, error) {
				p, err := ix.Records(t.Context(), relief.KindTranche, "", 10, nil)
				return map[string]any{"items": p.Items, "next": ""}, err
			},
		} {
			name, argument, _ := cut(function)
			answer, err := l.Evaluate(t.Context(), ledger.Call{Signer: "audit-reader", Function: name, Argument: argument})
			require.NoError(t, err, function)
			v, err := read()
			require.NoError(t, err, function)
			got, err := json.Marshal(v)
			require.NoError(t, err)
			require.JSONEq(t, string(answer), string(got), function)
		}
		batch, err := ix.BatchTrail(t.Context(), "b1")
		require.NoError(t, err)
		var acts []string
		for _, s := range batch {
			acts = append(acts, s.Act)
		}
		require.Equal(t, []string{"payment.open", "payment.add", "payment.seal", "payment.approve", "payment.make_file", "payment.authorise", "payment.instruct", "payment.settle", "payment.tally"}, acts)
		tranche, err := ix.TrancheTrail(t.Context(), "t1")
		require.NoError(t, err)
		last := tranche[len(tranche)-1].Detail
		require.Equal(t, []string{"3040.00", "480.00", "480.00"}, []string{last["available"], last["paid"], last["in_return"]})
		require.True(t, slices.IsSortedFunc(tranche, func(a, b Step) int { return int(a.Block) - int(b.Block) }))
	})
}

func cut(function string) (name string, argument []byte, ok bool) {
	for i := range function {
		if function[i] == ' ' {
			if i+1 == len(function) {
				return function[:i], nil, true
			}
			return function[:i], []byte(function[i+1:]), true
		}
	}
	return function, nil, false
}

// Whoever loses a race for a slot is in the index too, with what they tried to write.
func TestRacesAreKept(t *testing.T) {
	n := ledgertest.New(t)
	l := n.Gateway(fakeledger.Audit)
	tell(t, l)
	for _, id := range []string{"r1", "r2"} {
		open := []byte(`{"id":"` + id + `","programme":"dibao","region":"530181","period":"2026-12","tranche":"t1","count":1,"sum":"480.00"}`)
		tx, err := l.Endorse(t.Context(), ledger.Call{Signer: "civil-preparer", Function: "payment:Open", Argument: open})
		require.NoError(t, err)
		require.NoError(t, l.Submit(t.Context(), tx))
	}
	lines := payment.AppendLines(nil, []payment.LineInput{{Seq: 2, Number: 1, Ref: person, Region: "530181", Amount: 48000, Payee: payee.Check()}})
	var racing []ledger.Signed
	for _, id := range []string{"r1", "r2"} {
		tx, err := l.Endorse(t.Context(), ledger.Call{
			Signer: "civil-preparer", Function: "payment:AddLines", Argument: []byte(`{"batch":"` + id + `"}`),
			Transient: map[string][]byte{wire.TransientLines: lines},
		})
		require.NoError(t, err)
		racing = append(racing, tx)
	}
	for _, tx := range racing {
		require.NoError(t, l.Submit(t.Context(), tx))
	}
	ix := openFile(t, l)
	catchUp(t, ix)
	no := false
	page, err := ix.Transactions(t.Context(), TransactionQuery{Valid: &no}, "", 10)
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	lost := page.Items[0]
	require.Equal(t, racing[1].TxID, lost.Transaction)
	require.Equal(t, "invalid", lost.State)
	require.Equal(t, "MVCC_READ_CONFLICT", lost.Code)
	require.Equal(t, "payment.add", lost.Act)
	require.Equal(t, ledger.Identity{MSPID: "CivilAffairsMSP", Name: "civil-preparer", Role: "preparer", Region: "530181"}, lost.By)
	require.Equal(t, []string{"lines/dibao/530181/2026-12/0000000"}, lost.Records)
	mine, err := ix.Transactions(t.Context(), TransactionQuery{By: relief.Official{Agency: "CivilAffairsMSP", Name: "civil-preparer"}, Act: "payment.add"}, "", 100)
	require.NoError(t, err)
	require.Len(t, mine.Items, 4)
	checked(t, ix)
}
