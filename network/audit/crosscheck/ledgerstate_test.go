package crosscheck

import (
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
)

// linesOf packs a segment of payments of batch b1, listed, of 480.00 each (docs/ledger-layout.md).
func linesOf(t testing.TB, n int) []byte {
	t.Helper()
	return linesIn(t, n, 1, "b1")
}

func linesIn(t testing.TB, n int, state byte, batch string) []byte {
	t.Helper()
	b := []byte{'l', 4, 1}
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	b = append(b, 0, 0, 0, 1, byte(len(batch)))
	b = append(b, batch...)
	b = append(b, state, 1, 0, 0)
	b = binary.BigEndian.AppendUint32(b, uint32(state-1)) // the value date of an answer
	b = append(b, 0, 0, 0, 0)
	for range n {
		b = append(b, 1)
		b = binary.AppendUvarint(b, 48000)
		b = append(b, 0)
		if state > 1 {
			b = append(b, make([]byte, len(relief.BankRefHash{}))...)
		}
	}
	_, err := payment.ParseLineSegment(b)
	require.NoError(t, err)
	return b
}

// ledger is a ledger state without a chain of blocks.
type ledger struct {
	*ledgerState
	w *world
}

func newTestLedger(t *testing.T) *ledger {
	t.Helper()
	l := &ledger{newLedgerState(), newWorld(t)}
	l.Sizes["dibao"] = 1000
	return l
}

// write applies one transaction and gives the kinds of what it finds.
func (l *ledger) write(t *testing.T, values map[string]string) (kinds []Kind) {
	t.Helper()
	tx, err := parseTransaction(l.w.transaction(spec{}))
	require.NoError(t, err)
	var records []record
	for name, value := range values {
		k, ok := relief.ParseKey(name)
		require.True(t, ok)
		r := record{key: k, name: name}
		if value != "" {
			r.value = []byte(value)
		}
		records = append(records, r)
	}
	for _, p := range l.apply(tx, records) {
		kinds = append(kinds, p.kind)
	}
	return kinds
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// Changes that the chaincode would refuse are found from the values alone.
func TestForbiddenChangesAreFound(t *testing.T) {
	lines := relief.LinesKey("dibao", "530181", relief.MonthPeriod(2026*12+10), 0).String()
	open := func(l *ledger) { l.Batches["b1"] = &payment.Batch{ID: "b1", State: payment.BatchOpen} }
	for name, test := range map[string]struct {
		given func(l *ledger)
		write map[string]string
		want  Kind
	}{
		"a payment that begins as credited": {open, map[string]string{lines: string(linesIn(t, 3, 2, "b1"))}, PaidTwice},
		"a payment of an unknown batch":     {func(*ledger) {}, map[string]string{lines: string(linesOf(t, 3))}, BadRecord},
		"a payment that has disappeared":    {func(l *ledger) { open(l); l.Segments[lines] = linesOf(t, 3) }, map[string]string{lines: string(linesOf(t, 2))}, BadRecord},
		"a slot that another batch takes":   {func(l *ledger) { open(l); l.Batches["b2"] = l.Batches["b1"]; l.Segments[lines] = linesOf(t, 1) }, map[string]string{lines: string(linesIn(t, 1, 1, "b2"))}, PaidTwice},
		"an answer before the instruction":  {func(l *ledger) { open(l); l.Segments[lines] = linesOf(t, 1) }, map[string]string{lines: string(linesIn(t, 1, 2, "b1"))}, PaidTwice},
		"a segment that cannot be read":     {open, map[string]string{lines: "l?"}, BadRecord},
		"a value that is deleted":           {open, map[string]string{lines: ""}, BadRecord},
		"a tranche that does not add up": {func(*ledger) {}, map[string]string{relief.TrancheKey("t1").String(): text(t, fund.Tranche{
			TrancheTerms: fund.TrancheTerms{ID: "t1", Amount: 100, Programme: "dibao", Region: "530181"}, State: fund.TrancheIssued,
			Balances: fund.Balances{Issued: 100, Paid: 60, Available: 40}, Acts: []relief.HistoryEntry{{Act: relief.ActFundIssue}},
		})}, Money},
		"a batch in somebody else's name": {func(*ledger) {}, map[string]string{relief.BatchKey("b1").String(): text(t, payment.Batch{
			ID: "b1", Region: "530181", State: payment.BatchOpen, Acts: []relief.HistoryEntry{{Act: relief.ActPaymentOpen, By: relief.Official{Agency: "FinanceMSP", Name: "x"}}},
		})}, BadRecord},
	} {
		t.Run(name, func(t *testing.T) {
			l := newTestLedger(t)
			test.given(l)
			require.Contains(t, l.write(t, test.write), test.want)
		})
	}
	l := newTestLedger(t)
	open(l)
	require.Empty(t, l.write(t, map[string]string{lines: string(linesOf(t, 3))}), "listed as it should be")
	require.Equal(t, 3, l.Counted["b1"].Listed)
}
