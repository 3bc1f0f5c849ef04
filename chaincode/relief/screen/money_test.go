package screen

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
)

func batch(id relief.BatchID, state payment.BatchState, acts ...relief.HistoryEntry) *payment.Batch {
	return &payment.Batch{ID: id, Programme: "dibao", Region: county, Period: month("2026-11"), State: state, Acts: acts}
}

func TestLatePayments(t *testing.T) {
	l := newTold(t)
	l.add(relief.KindBatch, batch("b1", payment.BatchInstructed, done(relief.ActPaymentOpen, "2026-11-02 10:00", "p1"), done(relief.ActPaymentSeal, "2026-11-03 10:00", "p1"),
		done(relief.ActPaymentApprove, "2026-11-05 10:00", "a1"), done(relief.ActPaymentAuthorise, "2026-11-12 10:00", "f1"), done(relief.ActPaymentInstruct, "2026-11-12 11:00", "f2")))
	for n := range uint32(9) {
		l.entry(n, nil)
		day := relief.Day("2026-11-10")
		if n < 6 {
			day = "2026-11-13"
		}
		l.pay(n, "2026-11", day, "")
	}
	alerts := l.found("S20", "2026-11-20")
	require.Len(t, alerts, 1)
	a := &alerts[0]
	require.EqualValues(t, 6, a.value(t, "payments"))
	require.EqualValues(t, 372_000, a.value(t, "sum_fen"))
	require.Equal(t, "f1", a.Step.Official, "finance's step")
	require.Equal(t, relief.ActPaymentAuthorise, a.Step.Act)
	require.Equal(t, "finance", a.Answers.Kind)
	l.records[relief.KindBatch] = nil
	l.add(relief.KindBatch, batch("b1", payment.BatchInstructed, done(relief.ActPaymentOpen, "2026-11-11 10:00", "p1")))
	require.Equal(t, "civil_affairs", l.found("S20", "2026-11-20")[0].Answers.Kind, "it was opened too late")
	for i := range l.payments[dibao] {
		l.payments[dibao][i].Day = "2026-11-10"
	}
	require.Empty(t, l.found("S20", "2026-11-20"))
}

func TestForgotten(t *testing.T) {
	l := newTold(t)
	l.add(relief.KindBatch, batch("b1", payment.BatchInstructed, done(relief.ActPaymentOpen, "2026-11-02 10:00", "p1")), batch("b0", payment.BatchCancelled, done(relief.ActPaymentOpen, "2026-11-02 10:00", "p1")))
	for n := range uint32(101) {
		l.entry(n, nil)
		if n < 100 {
			l.pay(n, "2026-11", "2026-11-09", "")
		}
	}
	l.pay(100, "2026-11", "", "")
	l.payments[dibao][100].Batch = "b0" // cancelled: it is listed nowhere
	l.entry(101, func(e *roll.Entry) {
		e.Runs = []roll.Run{{From: month("2026-01"), Amount: 620_00}, {From: month("2026-11"), Until: month("2026-11"), Suspended: true}}
	})
	l.entry(102, func(e *roll.Entry) { e.State, e.Until = roll.Exited, month("2026-10") })
	l.entry(103, func(e *roll.Entry) { e.From = month("2026-12") })
	l.entry(104, func(e *roll.Entry) { e.PaidThrough = month("2026-11") })
	require.Empty(t, l.found("S21", "2026-11-30"), "the month is not closed")
	l.add(relief.KindMonth, closed("2026-11"))
	alerts := l.found("S21", "2026-11-30")
	require.Len(t, alerts, 1)
	require.Equal(t, []string{"entry/dibao-530181-0000100"}, alerts[0].About)
	require.Equal(t, "2026-11", alerts[0].Period)
}

// closed is a closed month.
func closed(period string) *oversight.Month {
	return &oversight.Month{
		Programme: "dibao", County: county, Period: month(period), Version: 1, ProgrammeVersion: 1, PayBy: relief.Day(period + "-10"),
		Acts: []relief.HistoryEntry{done(relief.ActOversightCloseMonth, period+"-28 10:00", "p1")},
	}
}

func TestReturns(t *testing.T) {
	l := newTold(t)
	l.entry(1, nil)
	l.entry(2, nil)
	l.pay(1, "2026-10", "2026-10-11", "AC04")
	l.pay(1, "2026-11", "2026-11-11", "AC04")
	l.pay(2, "2026-11", "2026-11-11", "BE01")
	l.entry(3, nil)
	l.pay(3, "2026-09", "2026-09-11", "AC01")
	l.pay(3, "2026-11", "2026-11-11", "AC01")
	l.pay(2, "2026-11", "2026-11-15", "AC04") // again, for another reason
	alerts := l.found("S26", "2026-11-20")
	require.Len(t, alerts, 1, "once, or with a month between, is none")
	require.Equal(t, []string{"entry/dibao-530181-0000001"}, alerts[0].About)
	alerts = l.found("S24", "2026-11-20")
	require.Len(t, alerts, 1, "a wrong number is not somebody else's account")
	require.Equal(t, []string{"entry/dibao-530181-0000002"}, alerts[0].About)
}

func TestPayeeChangedThenPaid(t *testing.T) {
	build := func(n int, corrects roll.Corrects) *told {
		l := newTold(t)
		for i := range n {
			number := uint32(i)
			l.entry(number, nil)
			l.pay(number, "2026-11", "2026-11-09", "")
			day := fmt.Sprintf("2026-11-0%d", i+3)
			l.add(relief.KindChange, &roll.Change{
				ID: relief.ChangeID(fmt.Sprintf("dibao-530181-%07d-c1", i)), Programme: "dibao", County: county, Number: number, Subject: ref(i), Region: "530181001001",
				State: roll.ChangeConfirmed, ChangeTerms: roll.ChangeTerms{Kind: roll.ChangePayee, Corrects: corrects},
				Acts: []relief.HistoryEntry{done(relief.ActRollChangePayee, day+" 10:00", "p1"), done(relief.ActRollConfirmChange, day+" 11:00", "a1")},
			})
		}
		return l
	}
	alerts := build(3, roll.Corrects{}).found("S25", "2026-11-20")
	require.Len(t, alerts, 1)
	require.Equal(t, []string{"official/CivilAffairsMSP/p1", "region/530181", "change/dibao-530181-0000000-c1", "change/dibao-530181-0000001-c1", "change/dibao-530181-0000002-c1"}, alerts[0].About)
	require.Empty(t, build(2, roll.Corrects{}).found("S25", "2026-11-20"))
	require.Empty(t, build(3, roll.Corrects{Seal: true}).found("S25", "2026-11-20"), "sealed again, nothing else")
}

func tranche(issued string, paid relief.Fen) *fund.Tranche {
	return &fund.Tranche{
		TrancheTerms: fund.TrancheTerms{ID: "t1", Programme: "dibao", Region: county, FiscalYear: 2026, Amount: 100_000_00}, State: fund.TrancheIssued,
		Balances: fund.Balances{Issued: 100_000_00, Paid: paid, Available: 100_000_00 - paid}, Acts: []relief.HistoryEntry{done(relief.ActFundIssue, issued, "f1")},
	}
}

func TestMoneyStandsStill(t *testing.T) {
	for name, tt := range map[string]struct {
		paid  relief.Fen
		today relief.Day
		n     int
	}{
		"9.99 % on day 31": {9_999_99, "2026-02-15", 1},
		"9.99 % on day 30": {9_999_99, "2026-02-14", 0},
		"10 % on day 31":   {10_000_00, "2026-02-15", 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := newTold(t)
			l.add(relief.KindTranche, tranche("2026-01-15 10:00", tt.paid))
			require.Len(t, l.found("S35", tt.today), tt.n)
		})
	}
}

func TestMoneyLeftOverOrBehind(t *testing.T) {
	for name, tt := range map[string]struct {
		issued string
		paid   relief.Fen
		today  relief.Day
		n      int
	}{
		"20 % when May is over":        {"2026-01-15 10:00", 20_000_00, "2026-06-01", 1},
		"27 % when May is over":        {"2026-01-15 10:00", 27_000_00, "2026-06-01", 0},
		"nothing in March":             {"2026-01-15 10:00", 0, "2026-03-31", 0},
		"issued in October":            {"2026-10-20 10:00", 0, "2026-12-31", 0},
		"5 % left after the year":      {"2026-01-15 10:00", 95_000_00, "2027-01-02", 0},
		"more than 5 % left of it":     {"2026-01-15 10:00", 94_999_99, "2027-01-02", 1},
		"the same two years later":     {"2026-01-15 10:00", 94_999_99, "2028-01-02", 0},
		"the same before the year end": {"2026-01-15 10:00", 94_999_99, "2026-12-31", 0},
	} {
		t.Run(name, func(t *testing.T) {
			l := newTold(t)
			l.add(relief.KindTranche, tranche(tt.issued, tt.paid))
			require.Len(t, l.found("S36", tt.today), tt.n)
		})
	}
}

func TestBatchesStandStill(t *testing.T) {
	l := newTold(t)
	l.add(relief.KindBatch, batch("b1", payment.BatchSealed, done(relief.ActPaymentSeal, "2026-11-02 10:00", "p1")), batch("b2", payment.BatchClosed, done(relief.ActPaymentClose, "2026-11-02 10:00", "p1")))
	require.Empty(t, l.found("S39", "2026-11-09"))
	alerts := l.found("S39", "2026-11-10")
	require.Len(t, alerts, 1)
	require.Equal(t, relief.ActPaymentApprove, alerts[0].Step.Act)
	require.Equal(t, "civil_affairs", alerts[0].Answers.Kind)
}

func TestListsMissing(t *testing.T) {
	l := newTold(t)
	l.add(relief.KindMonth, closed("2026-11"))
	require.Empty(t, l.found("S32", "2026-12-08"), "the twentieth working day after the pay-by day")
	require.Len(t, l.found("S32", "2026-12-09"), 1)
	p := &oversight.Publication{Programme: "dibao", County: county, Period: month("2026-11"), Due: "2026-12-08", First: "2026-12-08", Acts: closed("2026-11").Acts}
	l.add(relief.KindPublication, p)
	require.Empty(t, l.found("S32", "2026-12-20"))
	p.First = "2026-12-09"
	require.Len(t, l.found("S32", "2026-12-20"), 1)
}

func TestNoncesWithheld(t *testing.T) {
	l := newTold(t)
	l.add(relief.KindAgencies, &[]registry.Agency{{MSPID: "FinanceMSP", Kind: registry.KindFinance}})
	p := &draw.Plan{ID: "p1", Terms: draw.Terms{County: county}, State: draw.Seeded, Nonces: []draw.Nonce{
		{Agency: "AuditMSP", Commitment: draw.Hash{1}, Nonce: draw.Hash{1}}, {Agency: "FinanceMSP", Commitment: draw.Hash{1}, Withheld: true},
	}}
	l.add(relief.KindPlan, p)
	alerts := l.found("S37", "2026-12-20")
	require.Len(t, alerts, 1)
	require.Equal(t, []string{"plan/p1", "agency/FinanceMSP"}, alerts[0].About)
	require.Equal(t, "finance", alerts[0].Answers.Kind)
	p.Nonces[1].Withheld = false
	require.Empty(t, l.found("S37", "2026-12-20"))
}

func TestRegionalOutliers(t *testing.T) {
	returned := []int{8, 17, 29, 61, 3, 14, 9, 33, 16, 58, 7, 48, 7}
	of := []int{400, 800, 1500, 3000, 200, 800, 400, 1500, 800, 3000, 400, 800, 200}
	l := newTold(t)
	number := uint32(0)
	for town := range of {
		for i := range of[town] {
			l.entry(number, func(e *roll.Entry) { e.Region = relief.Region(fmt.Sprintf("530181%03d001", town+1)) })
			reason := ""
			if i < returned[town] {
				reason = "AC04"
			}
			l.pay(number, "2026-11", "2026-11-09", reason)
			number++
		}
	}
	report, err := Run(Question{county, 7}, "2026-11-20", l)
	require.NoError(t, err)
	require.Len(t, report.Alerts, 1)
	require.Equal(t, []string{"region/530181012", "returned"}, report.Alerts[0].About)

	amounts := newTold(t)
	m := closed("2026-11")
	for i, bp := range []relief.Fen{1800, 1900, 1950, 2000, 2050, 2100, 2200, 2250, 2300, 4900} {
		m.Rows, m.Households, m.Persons, m.Sum = m.Rows+1, m.Households+1, m.Persons+10, m.Sum+bp*100
		m.Villages = append(m.Villages, oversight.Village{Code: relief.Region(fmt.Sprintf("530181%03d001", i+1)), Rows: 1, Households: 1, Persons: 10, Sum: bp * 100, Root: fmt.Sprintf("%064x", i)})
	}
	m.Classes = []oversight.ClassFacts{{Class: "A", Households: m.Households, Persons: m.Persons, Sum: m.Sum}}
	amounts.add(relief.KindMonth, m)
	alerts := amounts.found("S33", "2026-11-30")
	require.Len(t, alerts, 1)
	require.Equal(t, []string{"region/530181010", "fen_a_person", "roll/dibao/530181"}, alerts[0].About)
}
