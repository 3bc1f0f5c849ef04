package index

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/randomacts"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

// counted asserts that the totals are those of the payments, and that the lists add up to them.
func counted(t *testing.T, ix *Index) {
	t.Helper()
	require.NoError(t, ix.view(t.Context(), func(r *reader) error {
		d, err := r.countedAnew()
		require.Nil(t, d, "%v", d)
		return err
	}))
	want := map[string]PaymentSums{}
	for _, p := range everyPayment(t, ix, PaymentQuery{}, MaxPage) {
		key := fmt.Sprintln(p.Region, p.Programme, p.Batch, p.AccountingPeriod, p.Period, p.Kind, p.State)
		s := want[key]
		s.add(&PaymentSums{1, p.Amount, p.Deducted, p.Amount - p.Deducted})
		want[key] = s
	}
	got := map[string]PaymentSums{}
	totals, err := ix.Totals(t.Context(), TotalsQuery{By: []Dimension{ByVillage, ByProgramme, ByBatch, ByAccountingPeriod, ByPeriod, ByKind, ByState}})
	require.NoError(t, err)
	for _, g := range totals.Items {
		require.NotZero(t, g.Count)
		got[fmt.Sprintln(g.Village, g.Programme, g.Batch, g.AccountingPeriod, g.Period, g.Kind, g.State)] = g.PaymentSums
	}
	require.Equal(t, want, got)
	require.Equal(t, max(ix.Height(), 1)-1, totals.Block)
}

// What is added with every write is what the payments add up to: after acts at random that list, take out, pay again, credit and
// return, however the blocks are put together, and after a rebuild.
func TestTotalsAreThoseOfThePayments(t *testing.T) {
	total, err := randomacts.Count(600)
	require.NoError(t, err)
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		network := ledgertest.New(t)
		acts, err := fakeledger.RandomActsOn(network.Ledger, 16)
		require.NoError(t, err)
		ix := open(t, network.Gateway(fakeledger.Audit))
		chance := rand.New(rand.NewPCG(16, 6))
		for range total {
			require.NoError(t, acts.Step())
			if chance.IntN(40) == 0 {
				require.NoError(t, ix.upTo(t.Context(), network.Ledger.Height(), quietly))
			}
			if chance.IntN(150) == 0 {
				counted(t, ix)
			}
		}
		catchUp(t, ix)
		counted(t, ix)
		require.Positive(t, ix.count(t, villageTotals))
		checked(t, ix)
		require.NoError(t, ix.Rebuild(t.Context(), quietly))
		counted(t, ix)
	})
}

func TestTotals(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		ix := open(t, withFurther(t))
		catchUp(t, ix)
		counted(t, ix)
		sum := func(q TotalsQuery) PaymentSums {
			totals, err := ix.Totals(t.Context(), q)
			require.NoError(t, err)
			require.Len(t, totals.Items, 1)
			require.Equal(t, totals.Total, totals.Items[0].PaymentSums)
			return totals.Total
		}
		all := sum(TotalsQuery{})
		require.EqualValues(t, 24, all.Count)
		require.Equal(t, all, sum(TotalsQuery{Region: "53"}))
		require.Equal(t, all, sum(TotalsQuery{Region: "530181", Programme: "dibao"}))
		require.Zero(t, sum(TotalsQuery{Region: "530182"}))
		require.Zero(t, sum(TotalsQuery{Programme: "tekun"}))
		march := must(relief.ParsePeriod("2016-03"))
		grant := relief.PaymentGrant
		require.EqualValues(t, 4, sum(TotalsQuery{Account: march}).Count)
		require.EqualValues(t, 2, sum(TotalsQuery{Kind: &grant}).Count)
		require.EqualValues(t, 4, sum(TotalsQuery{Period: must(relief.ParsePeriod("2016-02"))}).Count)
		require.EqualValues(t, 20, sum(TotalsQuery{Accounts: PeriodRange{To: must(relief.ParsePeriod("2016-02"))}}).Count)
		require.EqualValues(t, 24, sum(TotalsQuery{Accounts: PeriodRange{must(relief.ParsePeriod("2016-Q1")), must(relief.ParsePeriod("2016-Q1"))}}).Count)
		require.Zero(t, sum(TotalsQuery{Periods: PeriodRange{From: march}}))
		require.Equal(t, PaymentSums{1, 4000, 1000, 3000}, sum(TotalsQuery{Batch: "b-again", Region: "530181100", State: payment.State(payment.BatchSealed)}))

		totals, err := ix.Totals(t.Context(), TotalsQuery{By: []Dimension{ByTownship, ByMonth, ByState}, Region: "530181107"})
		require.NoError(t, err)
		var lines []string
		for _, g := range totals.Items {
			lines = append(lines, fmt.Sprint(g.Value(ByTownship), " ", g.Value(ByMonth), " ", g.Value(ByState), " ", g.Count, " ", g.Amount))
		}
		require.Equal(t, []string{"530181107 2016-01 credited 1 300.07", "530181107 2016-03 returned 1 1234.56", "530181107 2016-03 sealed 1 1234.56"}, lines)

		_, err = ix.Totals(t.Context(), TotalsQuery{State: "open"})
		require.Error(t, err)
		_, err = ParseDimensions("township,colour")
		require.ErrorContains(t, err, "village")
		_, err = ParseDimensions("state,state")
		require.ErrorContains(t, err, "twice")
	})
}

// A payment is its batch's until the bank answers: a batch that goes on takes all of its payments along.
func TestTotalsFollowTheBatch(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 25, 1)
		ix := open(t, s)
		states := map[string]bool{}
		for h := range uint64(len(s.blocks)) {
			require.NoError(t, ix.upTo(t.Context(), h+1, quietly))
			counted(t, ix)
			totals, err := ix.Totals(t.Context(), TotalsQuery{By: []Dimension{ByState}})
			require.NoError(t, err)
			for _, g := range totals.Items {
				states[string(g.State)] = true
			}
		}
		for _, state := range []string{"listed", "sealed", "approved", "authorised", "instructed", "credited"} {
			require.True(t, states[state], state)
		}
	})
}

// check counts the totals, too: a row that is changed beside the ledger is found in both ways.
func TestCheckFindsAWrongTotal(t *testing.T) {
	ix := openFile(t, newSynth(t, 25, 2))
	catchUp(t, ix)
	_, err := ix.db.ExecContext(t.Context(), "UPDATE township_totals SET amount = amount + 1 WHERE region = 530181103000")
	require.NoError(t, err)
	d, _, err := ix.Check(t.Context(), t.TempDir(), quietly)
	require.NoError(t, err)
	require.NotNil(t, d)
	require.Equal(t, "batch/b-2016-01", d.Record)
	require.Equal(t, "amount", d.Field)
	require.NoError(t, ix.view(t.Context(), func(r *reader) error {
		d, err := r.countedAnew()
		require.NotNil(t, d)
		require.Equal(t, townshipTotals, d.Field)
		return err
	}))
}

// The rolls of a person whose region a repair changes are counted anew.
func TestTotalsOfARepairedRoll(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 25, 2)
		key := relief.RollKey("dibao", "530181", 0).String()
		var good []byte
		for i := range s.blocks[1].Transactions {
			for _, w := range s.blocks[1].Transactions[i].Writes {
				if w.Key == key {
					good = w.Value
				}
			}
		}
		require.NotEmpty(t, good)
		ix := open(t, s)
		catchUp(t, ix)
		s.add("preparer", "roll:Change", ledger.Write{Key: key, Value: []byte("damaged")})
		catchUp(t, ix)
		require.Len(t, ix.Unreadable(), 1)
		totals, err := ix.Totals(t.Context(), TotalsQuery{})
		require.NoError(t, err)
		require.Equal(t, []string{"roll/dibao/530181/0000000"}, totals.Unreadable)
		moved := append([]byte{}, good...)
		at := len(moved) // the region of the first person: six bytes that say 530181100
		for i := 4; i+6 < len(moved) && at == len(moved); i++ {
			if n := uint64(moved[i+2])<<24 | uint64(moved[i+3])<<16 | uint64(moved[i+4])<<8 | uint64(moved[i+5]); n == 530181100 {
				at = i
			}
		}
		moved[at+5] += 3 // 530181103
		s.add("preparer", "roll:Change", ledger.Write{Key: key, Value: moved})
		catchUp(t, ix)
		require.Empty(t, ix.Unreadable())
		counted(t, ix)
		one, err := ix.Totals(t.Context(), TotalsQuery{Region: "530181103"})
		require.NoError(t, err)
		require.EqualValues(t, 6, one.Total.Count)
	})
}
