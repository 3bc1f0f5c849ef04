package bankdesk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
)

// An account's statements in MT940 are taken as those in camt.053: payments are recorded, the chain of numbers and balances is followed, a file
// that comes again changes nothing, and the same statement in the other form is a duplicate.
func TestStatementsInMT940(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	first, second := &w.payments[0], &w.payments[1]
	comma := func(p *payment.Payment) string { return strings.Replace(p.Amount.String(), ".", ",", 1) }
	statement := func(number int, day, opening, closing, entries string) []byte {
		return fmt.Appendf(nil, ":20:STARTUMS\n:25:%s\n:28C:%d/1\n:60F:C%sCNY%s\n%s:62F:C%sCNY%s\n-\n", account, number, day, opening, entries, day, closing)
	}
	entry := func(mark string, p *payment.Payment, day, kind string) string {
		return fmt.Sprintf(":61:%s%s%s%sNONREF//NX\n:86:/EREF/%s/RTRN/AC04\n", day, mark, comma(p), kind, name(p))
	}
	paid := func(p *payment.Payment) string {
		return strings.ReplaceAll(entry("D", p, "261120", "NTRF"), "/RTRN/AC04", "")
	}
	after := strings.Replace((opening - first.Amount - second.Amount).String(), ".", ",", 1)
	begin := strings.Replace(opening.String(), ".", ",", 1)
	document := statement(12, "261120", begin, after, paid(first)+paid(second))
	m := w.work(document)
	require.Equal(t, bankfile.MT940, m.Kind)
	require.Equal(t, Counts{Entries: 2, Settled: 2}, m.Counts)
	require.Equal(t, payment.State("credited"), w.state(first.ID))

	again, err := w.take(document, "")
	require.NoError(t, err)
	require.True(t, again.Duplicate)

	end := strings.Replace((opening - first.Amount).String(), ".", ",", 1)
	m = w.work(statement(13, "261121", after, end, entry("C", second, "261121", "NRTI")))
	require.Equal(t, 1, m.Counts.Exceptions, "a return after the credit is for two officials")
	account := w.account()
	require.Len(t, account.Statements, 2)
	for _, finding := range account.Discrepancies {
		require.NotContains(t, []string{"missing-statement", "broken-chain", "statement-sums", "no-balance", "missing-page"}, finding.Code)
	}

	w.work(statement(15, "261122", "1,00", "1,00", ""))
	var codes []string
	for _, finding := range w.account().Discrepancies {
		codes = append(codes, finding.Code)
	}
	require.Contains(t, codes, "missing-statement")
	require.Contains(t, codes, "broken-chain")

	s := newSheet(14, opening)
	s.Pay(name(first), first.Amount)
	m = w.work(s.Document())
	require.Equal(t, 1, m.Counts.Exceptions, "the payment was in the statement in MT940")
	require.NotEmpty(t, w.exceptions(Filter{State: StateOpen, Reason: Duplicate}))
}

// One statement that comes in both forms counts once: its entries are skipped, and nothing is missing between the two.
func TestAStatementInBothForms(t *testing.T) {
	for _, first := range []bankfile.Kind{bankfile.Camt053, bankfile.MT940} {
		w := newWorld(t)
		w.instruct()
		p := &w.payments[0]
		comma := func(text string) string { return strings.Replace(text, ".", ",", 1) }
		sheet := newSheet(313, opening)
		sheet.Pay(name(p), p.Amount)
		documents := map[bankfile.Kind][]byte{
			bankfile.Camt053: sheet.Document(),
			bankfile.MT940: fmt.Appendf(nil, ":20:STARTUMS\n:25:%s\n:28C:1/1\n:60F:C261109CNY%s\n:61:261109D%sNTRFNONREF//NX\n:86:/EREF/%s\n:62F:C261109CNY%s\n-\n",
				account, comma(opening.String()), comma(p.Amount.String()), name(p), comma((opening - p.Amount).String())),
		}
		require.Equal(t, Counts{Entries: 1, Settled: 1}, w.work(documents[first]).Counts)
		delete(documents, first)
		for kind, document := range documents {
			m := w.work(document)
			require.Equal(t, kind, m.Kind)
			require.Equal(t, Counts{Entries: 1, Skipped: 1}, m.Counts)
			require.True(t, m.Statements[0].Repeated)
		}
		require.Len(t, w.account().Statements, 1)
		for _, code := range codes(w.account().Discrepancies) {
			require.NotContains(t, []string{"open-exceptions", "missing-statement", "broken-chain"}, code)
		}
	}
}
