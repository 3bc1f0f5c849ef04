package index

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/sample"
)

// A sample is drawn from what the list has, in the order of ids, and comes out the same whenever and wherever it is drawn.
func TestSampleIsThatOfTheList(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		ix := open(t, withFurther(t))
		catchUp(t, ix)
		for _, q := range []PaymentQuery{{}, {Account: must(relief.ParsePeriod("2016-03"))}, {Subject: synthRef(7)}, {Region: "530181107", State: "returned"}, {Programme: "none"}} {
			var ids []string
			for _, p := range everyPayment(t, ix, q, 3) {
				ids = append(ids, p.ID.String())
			}
			slices.Sort(ids)
			seed := must(sample.NewSeed("dice"))
			sum := sha256.New()
			for _, id := range ids {
				sum.Write([]byte(id + "\n"))
			}
			slices.SortFunc(ids, func(a, b string) int {
				return strings.Compare(seed.Ticket([]byte(a)).String(), seed.Ticket([]byte(b)).String())
			})
			s, err := ix.Sample(t.Context(), q, "dice", 3)
			require.NoError(t, err)
			require.Equal(t, sample.Frame{Count: len(ids), SHA256: hex.EncodeToString(sum.Sum(nil))}, s.Frame)
			require.Equal(t, ix.Height()-1, s.Block)
			var drawn []string
			for _, p := range s.Items {
				drawn = append(drawn, p.ID.String())
				require.Equal(t, seed.Ticket([]byte(p.ID.String())).String(), p.Ticket)
				require.NotZero(t, p.Amount)
			}
			require.Len(t, drawn, min(3, len(ids)))
			require.Equal(t, strings.Join(ids[:len(drawn)], " "), strings.Join(drawn, " "))
		}
		_, err := ix.Sample(t.Context(), PaymentQuery{}, "", 3)
		require.Error(t, err)
		_, err = ix.Sample(t.Context(), PaymentQuery{}, "dice", MaxSample+1)
		require.Error(t, err)
	})
}

func TestPaymentIDsInOrder(t *testing.T) {
	var numbers []int64
	ids := map[int64]string{}
	for _, period := range []string{"2026-01", "2026-11", "2026-Q1", "2026-Q4", "2027-01"} {
		for _, number := range []uint32{0, 9, 10, 1_000_000} {
			for _, attempt := range []uint8{1, 2, 10, 11, 100} {
				p := must(relief.ParsePeriod(period))
				n := paymentNumber(spanLow(3, p), number, attempt)
				id := relief.PaymentID{Programme: "dibao", County: "530181", Number: number, Period: p, Attempt: attempt}
				numbers, ids[n] = append(numbers, n), id.String()
			}
		}
	}
	slices.SortFunc(numbers, comparePaymentIDs)
	require.True(t, slices.IsSortedFunc(numbers, func(a, b int64) int { return strings.Compare(ids[a], ids[b]) }))
}
