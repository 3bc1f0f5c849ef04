package crosscheck

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// BenchmarkCheck checks three copies of a ledger of small transactions: it measures the signatures.
func BenchmarkCheck(b *testing.B) {
	w := newWorld(&testing.T{})
	transactions := 0
	for n := range 20 {
		var specs []spec
		for i := range 50 {
			key := strconv.Itoa(n) + "-" + strconv.Itoa(i)
			specs = append(specs, spec{writes: map[string]string{key: "1"}, reads: []string{key}})
			transactions++
		}
		w.add(specs...)
	}
	memories := w.sources()
	list := []Source{memories[0], memories[1], memories[2]}
	b.ResetTimer()
	for range b.N {
		c := New(list, Options{Chaincode: testChaincode})
		require.NoError(b, c.To(b.Context(), 21))
		require.Empty(b, c.findings)
	}
	b.ReportMetric(float64(transactions*b.N)/b.Elapsed().Seconds(), "tx/s")
}

// BenchmarkLines takes in a segment of 1,000 payments on one core: it measures the checks of the money.
func BenchmarkLines(b *testing.B) {
	w := newWorld(&testing.T{})
	segment := relief.LinesKey("dibao", "530181", relief.MonthPeriod(2026*12+10), 0)
	value := linesOf(b, 1000)
	tx, err := parseTransaction(w.transaction(spec{writes: map[string]string{segment.String(): string(value)}}))
	require.NoError(b, err)
	b.ResetTimer()
	for range b.N {
		ledger := newLedgerState()
		ledger.Batches["b1"] = &payment.Batch{ID: "b1", State: payment.BatchOpen}
		ledger.Sizes["dibao"] = 1000
		ledger.apply(tx, []record{{segment, segment.String(), value}})
	}
	b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "payments/s")
}
