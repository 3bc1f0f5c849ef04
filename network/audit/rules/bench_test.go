package rules

import (
	"testing"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// BenchmarkLines takes in a segment of 1,000 payments on one core: it measures the checks of the money.
func BenchmarkLines(b *testing.B) {
	segment := relief.LinesKey("dibao", "530181", relief.MonthPeriod(2026*12+10), 0)
	value := linesOf(b, 1000)
	b.ResetTimer()
	for range b.N {
		ledger := NewState()
		ledger.Batches["b1"] = &payment.Batch{ID: "b1", State: payment.BatchOpen}
		ledger.Sizes["dibao"] = 1000
		ledger.Apply(&Tx{}, []Record{{segment, segment.String(), value}})
	}
	b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "payments/s")
}
