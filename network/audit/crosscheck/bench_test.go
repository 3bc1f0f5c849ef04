package crosscheck

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
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
