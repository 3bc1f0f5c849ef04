package index

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/screen"
	"relieftrail/chaincode/relief/screenrule"
	"relieftrail/chaincode/relief/stored"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
	"relieftrail/network/audit/rules"
)

// Three agencies' indexes and the auditor's blocks, which have no database, give the same alerts byte by byte: as of blocks of the past and
// of the last one, also after an index was built again.
func TestAlertsAreThoseOfTheBlocks(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		network := afterRandomActs(t, 6)
		l := network.Gateway(fakeledger.Audit)
		ix := open(t, l)
		catchUp(t, ix)
		reports := screenedBlocks(t, l, ix.Height())
		found := map[screenrule.ID]int{}
		for _, r := range reports {
			for i := range r.Alerts {
				found[r.Alerts[i].Rule]++
			}
		}
		require.Greater(t, len(found), 4, "the acts give alerts of few rules: %v", found)
		sameAlerts(t, ix, reports)
		require.NoError(t, ix.Rebuild(t.Context(), quietly))
		sameAlerts(t, ix, reports)
		for _, agency := range []string{fakeledger.CivilAffairs, fakeledger.Finance} {
			other := openFile(t, network.Gateway(agency))
			catchUp(t, other)
			sameAlerts(t, other, reports[len(reports)-1:])
		}

		beyond := ix.Height()
		_, err := ix.Screen(t.Context(), "53", &beyond)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
	})
}

func sameAlerts(t *testing.T, ix *Index, reports []*screen.Report) {
	t.Helper()
	for _, want := range reports {
		has, err := ix.Screen(t.Context(), want.Region, &want.Block)
		require.NoError(t, err)
		require.Equal(t, want.Alerts, has.Alerts, "block %d", want.Block)
		for i := range want.Rules {
			require.Equal(t, want.Rules[i], has.Rules[i], "block %d, %s", want.Block, want.Region)
		}
		require.Equal(t, want.Digest(), has.Digest())
	}
}

// screenedBlocks screens a province and its counties as of several blocks, from the blocks alone.
func screenedBlocks(t *testing.T, l ledger.Ledger, height uint64) (reports []*screen.Report) {
	t.Helper()
	latest := rules.NewLatest()
	enough := errors.New("enough")
	err := l.Blocks(t.Context(), 0, func(b ledger.Block) error {
		for i := range b.Transactions {
			if by, records := recordsOf(&b.Transactions[i]); len(records) > 0 {
				latest.Apply(by, records)
			}
		}
		if b.Number%211 == 210 || b.Number+1 == height {
			for _, region := range []relief.Region{"53", "530181", "530129"} {
				r, err := latest.Screen(region, b.Number)
				require.NoError(t, err)
				reports = append(reports, r)
			}
		}
		if b.Number+1 == height {
			return enough
		}
		return nil
	})
	require.ErrorIs(t, err, enough)
	return reports
}

// The month of the planted county: of 101 households 4 were paid three days late, 2 came back and were paid on the 25th, 1 came back, of
// 3 the bank says nothing, and 1 was forgotten.
func TestScreeningThePlantedCounty(t *testing.T) {
	network := ledgertest.New(t)
	p := &planter{t, network, network.Gateway(fakeledger.CivilAffairs)}
	p.plant()
	ix := openFile(t, network.Gateway(fakeledger.Audit))
	catchUp(t, ix)
	report, err := ix.Screen(t.Context(), "530181", nil)
	require.NoError(t, err)
	var rules []string
	for i := range report.Alerts {
		a := &report.Alerts[i]
		rules = append(rules, string(a.Rule)+" "+a.About[0])
	}
	require.Equal(t, []string{"S20 batch/b1", "S20 batch/b2", "S21 entry/dibao-530181-0000100"}, rules)
	require.Equal(t, []screen.Value{{Name: "payments", N: 4}, {Name: "sum_fen", N: 248_000}, {Name: "longest_days", N: 3}}, report.Alerts[0].Values)
	require.Equal(t, []screen.Value{{Name: "payments", N: 2}, {Name: "sum_fen", N: 124_000}, {Name: "longest_days", N: 15}}, report.Alerts[1].Values)
	require.Equal(t, relief.ActPaymentSettle, report.Alerts[0].Step.Act, "all steps were done before the pay-by day: the bank's answers are late")
	require.Equal(t, relief.ActPaymentOpen, report.Alerts[1].Step.Act)
	last := screenedBlocks(t, p.ledger, ix.Height())
	sameAlerts(t, ix, last)

	// Before the month was closed nobody could say who was forgotten.
	before := ix.Height() - 2
	earlier, err := ix.Screen(t.Context(), "530181", &before)
	require.NoError(t, err)
	for i := range earlier.Alerts {
		require.NotEqual(t, screenrule.ID("S21"), earlier.Alerts[i].Rule)
	}
}

// BenchmarkScreen screens a county of 26,600 households, each with its case, after one closed month and after twelve: as of the last
// block, and as of one before the last month.
func BenchmarkScreen(b *testing.B) {
	const people = 26_600
	for _, months := range []int{1, 12} {
		s := newSynth(b, people, months)
		for m := range months {
			s.clock = time.Date(2016, time.Month(m+1), 28, 8, 0, 0, 0, time.UTC)
			s.closeMonth(b, relief.MonthPeriod(2016*12+m), people)
		}
		cases := largeCases(people)
		for part := range slices.Chunk(cases, 500) {
			var writes []ledger.Write
			for i := range part {
				c := &part[i]
				c.Region, c.State, c.RecheckOn, c.Version = "530181100001", casework.CaseInForce, "2017-06-01", 1
				c.Roll = &roll.Number{County: "530181", Number: uint32(len(writes))}
				for k := range c.Acts {
					c.Acts[k].At = s.clock.AddDate(0, -1, k)
				}
				for k := range c.Evidence {
					c.Evidence[k].TakenAt = c.Acts[0].At
				}
				value, err := stored.Format(c)
				require.NoError(b, err)
				writes = append(writes, ledger.Write{Key: relief.CaseKey(c.ID).String(), Value: value})
			}
			s.add("preparer", "case:File", writes...)
		}
		ix, _ := benchIndex(b, s)
		s.blocks = nil
		runtime.GC()
		for _, past := range []uint64{0, 60} { // blocks before the last one
			block := ix.Height() - 1 - past
			b.Run(fmt.Sprintf("months-%d/back-%d", months, past), func(b *testing.B) {
				for b.Loop() {
					report, err := ix.Screen(b.Context(), "530181", &block)
					require.NoError(b, err)
					require.Less(b, len(report.Alerts), 100)
				}
			})
		}
		require.NoError(b, ix.Close())
	}
}
