package index

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/index/sqldb"
	"relieftrail/gateway/internal/ledger"
)

// monthly is a county of people who were paid for months, each month on its ninth.
func monthly(t *testing.T, people, months int) *synth {
	t.Helper()
	s := newSynth(t, people, 0)
	var parts []roll.Part
	for i := range s.blocks[1].Transactions {
		at := roll.SegmentAddr{Programme: "dibao", County: "530181", Segment: uint32(i), Size: uint32(s.size)}
		parts = append(parts, roll.Part{At: at, Segment: must(roll.ParseSegment(s.blocks[1].Transactions[i].Writes[0].Value))})
	}
	for m := range months {
		s.clock = time.Date(2016, time.Month(m+1), 9, 8, 0, 0, 0, time.UTC)
		s.month(t, relief.MonthPeriod(2016*12+m), parts, people)
	}
	return s
}

func ids(payments []payment.Payment) (out []relief.PaymentID) {
	for i := range payments {
		out = append(out, payments[i].ID)
	}
	return out
}

// Each filter by days, periods and officials, against the same question asked of all payments one by one.
func TestPaymentsByDaysAndOfficials(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := monthly(t, 505, 5)
		ix := open(t, s)
		catchUp(t, ix)
		checked(t, ix)
		all := everyPayment(t, ix, PaymentQuery{}, 1000)
		month := func(text string) relief.Period { return must(relief.ParsePeriod(text)) }
		in := func(p *payment.Payment, months ...string) bool { return slices.Contains(months, p.Period.String()) }
		preparer, finance := officials["preparer"].Official(), officials["finance"].Official()
		for name, c := range map[string]struct {
			f    PaymentFilter
			want func(*payment.Payment) bool
		}{
			"months":           {PaymentFilter{PeriodFrom: month("2016-02"), PeriodTo: month("2016-03")}, func(p *payment.Payment) bool { return in(p, "2016-02", "2016-03") }},
			"a quarter":        {PaymentFilter{PeriodFrom: month("2016-Q2")}, func(p *payment.Payment) bool { return in(p, "2016-04", "2016-05") }},
			"up to a month":    {PaymentFilter{PeriodTo: month("2016-01")}, func(p *payment.Payment) bool { return in(p, "2016-01") }},
			"credited":         {PaymentFilter{Credited: DayRange{From: "2016-02-01", To: "2016-03-31"}}, func(p *payment.Payment) bool { return p.State == "credited" && in(p, "2016-02", "2016-03") }},
			"credited a day":   {PaymentFilter{Credited: DayRange{From: "2016-03-09", To: "2016-03-09"}}, func(p *payment.Payment) bool { return p.State == "credited" && p.CreditedOn == "2016-03-09" }},
			"credited since":   {PaymentFilter{Credited: DayRange{From: "2016-05-01"}}, func(p *payment.Payment) bool { return p.State == "credited" && in(p, "2016-05") }},
			"credited never":   {PaymentFilter{Credited: DayRange{To: "2015-12-31"}}, func(*payment.Payment) bool { return false }},
			"returned":         {PaymentFilter{Returned: DayRange{From: "2016-01-01", To: "2016-04-30"}}, func(p *payment.Payment) bool { return p.State == "returned" && !in(p, "2016-05") }},
			"approved":         {PaymentFilter{Approved: DayRange{From: "2016-04-09", To: "2016-04-09"}}, func(p *payment.Payment) bool { return in(p, "2016-04") }},
			"a preparer":       {PaymentFilter{Preparer: preparer}, func(*payment.Payment) bool { return true }},
			"not the preparer": {PaymentFilter{Preparer: finance}, func(*payment.Payment) bool { return false }},
			"an authoriser":    {PaymentFilter{Authoriser: finance, PeriodTo: month("2016-01")}, func(p *payment.Payment) bool { return in(p, "2016-01") }},
			"a tranche":        {PaymentFilter{Tranche: "t1"}, func(*payment.Payment) bool { return true }},
			"another tranche":  {PaymentFilter{Tranche: "t2"}, func(*payment.Payment) bool { return false }},
		} {
			var want []relief.PaymentID
			for i := range all {
				if c.want(&all[i]) {
					want = append(want, all[i].ID)
				}
			}
			for _, limit := range []int{7, 1000} {
				require.Equal(t, want, ids(everyPayment(t, ix, PaymentQuery{PaymentFilter: c.f}, limit)), "%s by %d", name, limit)
			}
		}
		for _, f := range []PaymentFilter{
			{Credited: DayRange{From: "2016-02-02", To: "2016-02-01"}}, {PeriodFrom: month("2016-02"), PeriodTo: month("2016-01")},
		} {
			_, err := ix.Payments(t.Context(), PaymentQuery{PaymentFilter: f}, "", 1)
			require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
		}
	})
}

// Who died in February was paid for March to May all the same.
func TestPaymentsAfterADeath(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := monthly(t, 30, 5)
		for _, number := range []uint32{4, 17} {
			at := roll.SegmentAddr{Programme: "dibao", County: "530181", Segment: number / uint32(s.size), Size: uint32(s.size)}
			value := s.blocks[1].Transactions[number/uint32(s.size)].Writes[0].Value
			exited, _, _, err := roll.Exit(must(roll.ParseSegment(value)), at, number, roll.Leaving{Reason: roll.ExitDeath, DiedOn: "2016-02-14", Last: must(relief.ParsePeriod("2016-02"))})
			require.NoError(t, err)
			s.add("preparer", "roll:ConfirmChange", ledger.Write{Key: relief.RollKey("dibao", "530181", at.Segment).String(), Value: exited.Bytes()})
		}
		ix := open(t, s)
		catchUp(t, ix)
		checked(t, ix)
		late := func(q LateQuery, limit int) (got []string) {
			for cursor := ""; ; {
				page, err := ix.PaymentsAfterDeath(t.Context(), q, cursor, limit)
				require.NoError(t, err)
				for i := range page.Items {
					require.Equal(t, relief.Day("2016-02-14"), page.Items[i].DiedOn)
					got = append(got, fmt.Sprint(page.Items[i].Number, " ", page.Items[i].Period))
				}
				if cursor = page.Next; cursor == "" {
					return got
				}
			}
		}
		want := []string{"4 2016-03", "4 2016-04", "4 2016-05", "17 2016-03", "17 2016-04", "17 2016-05"}
		require.Equal(t, want, late(LateQuery{}, 1))
		require.Equal(t, want, late(LateQuery{Programme: "dibao", Region: "530181", State: "credited"}, 100))
		require.Equal(t, want[:3], late(LateQuery{Region: "530181104"}, 100))
		require.Empty(t, late(LateQuery{State: "returned"}, 100))
		_, err := ix.PaymentsAfterDeath(t.Context(), LateQuery{State: "lost"}, "", 1)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
		page, err := ix.RollEntries(t.Context(), RollQuery{Programme: "dibao", County: "530181", EntryFilter: EntryFilter{
			Reason: roll.ExitDeath, Died: DayRange{From: "2016-02-01", To: "2016-02-28"}, EndedTo: must(relief.ParsePeriod("2016-02")),
		}}, "", 100)
		require.NoError(t, err)
		require.Len(t, page.Items, 2)
		page, err = ix.RollEntries(t.Context(), RollQuery{Programme: "dibao", County: "530181", EntryFilter: EntryFilter{EnteredFrom: must(relief.ParsePeriod("2016-02"))}}, "", 100)
		require.NoError(t, err)
		require.Empty(t, page.Items)
	})
}

// Who approved most on a day is one question.
func TestActsAreCountedByOfficial(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := monthly(t, 25, 3)
		ix := open(t, s)
		catchUp(t, ix)
		counts, err := ix.ActCounts(t.Context(), TransactionQuery{Act: "payment.approve", Days: DayRange{From: "2016-01-01", To: "2016-12-31"}}, 10)
		require.NoError(t, err)
		require.Len(t, counts, 1)
		require.Equal(t, 3, counts[0].Count)
		require.Equal(t, "civil-approver", counts[0].By.Name)
		require.Equal(t, "payment.approve", counts[0].Act)
		day := DayRange{From: "2016-02-09", To: "2016-02-09"}
		counts, err = ix.ActCounts(t.Context(), TransactionQuery{Days: day}, 1)
		require.NoError(t, err)
		require.Len(t, counts, 1, "the most frequent alone")
		counts, err = ix.ActCounts(t.Context(), TransactionQuery{Days: day, Agency: "FinanceMSP"}, 100)
		require.NoError(t, err)
		sum := 0
		for _, c := range counts {
			require.Equal(t, "FinanceMSP", c.By.MSPID)
			sum += c.Count
		}
		page, err := ix.Transactions(t.Context(), TransactionQuery{Days: day, Agency: "FinanceMSP"}, "", 1000)
		require.NoError(t, err)
		require.Len(t, page.Items, sum)
		for _, tx := range page.Items {
			require.Equal(t, "2016-02-09", tx.At.Format(time.DateOnly))
		}
		counts, err = ix.ActCounts(t.Context(), TransactionQuery{Days: DayRange{From: "2017-01-01", To: "2017-01-02"}}, 100)
		require.NoError(t, err)
		require.Empty(t, counts)
	})
}

// Transfers over all batches are those of each batch, one after the other.
func TestTransfersOverAllBatches(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := monthly(t, 505, 3)
		ix := open(t, s)
		catchUp(t, ix)
		every := func(q TransferQuery, limit int) (out []payment.Transfer) {
			for cursor := ""; ; {
				page, err := ix.AllTransfers(t.Context(), q, cursor, limit)
				require.NoError(t, err)
				require.LessOrEqual(t, len(page.Items), limit)
				out = append(out, page.Items...)
				if cursor = page.Next; cursor == "" {
					return out
				}
			}
		}
		var all []payment.Transfer
		for _, id := range []relief.BatchID{"b-2016-01", "b-2016-02", "b-2016-03"} {
			page, err := ix.Transfers(t.Context(), id, "", MaxPage)
			require.NoError(t, err)
			all = append(all, page.Items...)
		}
		require.Len(t, all, 3*505)
		for _, limit := range []int{100, 505, MaxPage} {
			require.Equal(t, all, every(TransferQuery{}, limit), limit)
		}
		require.Len(t, every(TransferQuery{Batch: "b-2016-02", Programme: "dibao", Tranche: "t1", Account: must(relief.ParsePeriod("2016-02"))}, 1000), 505)
		returned := every(TransferQuery{State: "returned"}, 1)
		for i := range returned {
			require.Equal(t, payment.State("returned"), returned[i].State)
		}
		require.NotEmpty(t, returned)
		require.Len(t, every(TransferQuery{State: "credited", Answered: DayRange{From: "2016-02-01", To: "2016-02-28"}}, 1000), 505-len(every(TransferQuery{State: "returned", Account: must(relief.ParsePeriod("2016-02"))}, 1000)))
		require.Empty(t, every(TransferQuery{Region: "530182"}, 10))
		require.NotEmpty(t, every(TransferQuery{Region: "530181104"}, 10))
		_, err := ix.AllTransfers(t.Context(), TransferQuery{}, "bad", 10)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
	})
}

// No filter looks through all payments, leaves, entries or transactions.
func TestFiltersUseIndexes(t *testing.T) {
	ix := openFile(t, newSynth(t, 3, 2))
	official, days := relief.Official{Agency: "a", Name: "b"}, DayRange{From: "2016-01-01", To: "2016-01-02"}
	month := must(relief.ParsePeriod("2016-01"))
	for _, q := range []PaymentQuery{
		{}, {Region: "530181"}, {Period: month}, {State: "instructed"}, {Approver: official}, {Account: month},
		{PaymentFilter: PaymentFilter{PeriodFrom: month, PeriodTo: month}}, {PaymentFilter: PaymentFilter{Tranche: "t"}},
		{PaymentFilter: PaymentFilter{Preparer: official}}, {PaymentFilter: PaymentFilter{Authoriser: official}},
		{PaymentFilter: PaymentFilter{Credited: days}}, {PaymentFilter: PaymentFilter{Returned: days}}, {PaymentFilter: PaymentFilter{Approved: days}},
	} {
		query, args := q.spanQuery(0)
		ix.requireNoScan(t, query, args...)
		var w sqldb.Where
		w.Add("p.n >= ? AND p.n <= ?", 1, 2)
		q.conditions(&w)
		ix.requireNoScan(t, "SELECT "+paymentColumns+paymentFrom+w.String()+" ORDER BY p.n", w.Args...)
	}
	var late sqldb.Where
	late.Add("d.entry = ?", 1)
	ix.requireNoScan(t, "SELECT d.day, "+paymentColumns+afterDeathFrom+late.String(), late.Args...)
	var acts sqldb.Where
	(&TransactionQuery{Days: days, Act: "payment.approve", Agency: "a"}).conditions(&acts)
	ix.requireNoScan(t, "SELECT t.creator, count(*) FROM transactions t WHERE "+acts.String()+" GROUP BY t.creator", acts.Args...)
}

// requireNoScan fails when a query looks through a table that grows with payments or transactions.
func (ix *Index) requireNoScan(t *testing.T, query string, args ...any) {
	t.Helper()
	rows, err := ix.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		for _, table := range []string{"p", "l", "e", "t", "x", "q"} {
			require.False(t, detail == "SCAN "+table || strings.HasPrefix(detail, "SCAN "+table+" "), "%s: %s", query, detail)
		}
	}
	require.NoError(t, rows.Err())
}
