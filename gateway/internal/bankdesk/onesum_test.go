package bankdesk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/statement"
)

// A bank may book a payment file in one sum and what came back in another; a list says which payments they are. Once finance has said so,
// account and batch tie out.
func TestAFileThatIsBookedInOneSum(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	var list strings.Builder
	for i := range w.payments {
		p, code := &w.payments[i], "00"
		if i == 7 {
			code = "51"
		}
		fmt.Fprintf(&list, "%s|%s|%s|20261121\n", name(p), p.Amount, code)
	}
	p, err := w.desk.Read(Upload{Principal: "finance-preparer", Profile: "rural", Body: strings.NewReader(list.String())})
	require.NoError(t, err)
	m, err := w.desk.Take(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, 300, w.end(m.ID).Counts.Settled)

	back := w.payments[7].Amount
	sum := w.batch().Control.Sum
	details := fmt.Sprintf("</BkTxCd><NtryDtls><Btch><PmtInfId>%s</PmtInfId><NbOfTxs>300</NbOfTxs></Btch></NtryDtls>", w.batch().File.MessageID)
	document := books(1, "2026-11-21", opening.String(), (opening - sum + back).String(),
		booking{"-" + sum.String(), "代发", "R1"}, booking{back.String(), "代发退回", "R2"})
	statementOf := w.work([]byte(strings.ReplaceAll(string(document), "</BkTxCd>", details)))
	require.Equal(t, Counts{Entries: 2, Exceptions: 2}, statementOf.Counts)
	all := w.exceptions(Filter{})
	require.Equal(t, []relief.BatchID{"b-11", "b-11"}, []relief.BatchID{all[0].Batch, all[1].Batch}, "the bank names the file")
	require.Equal(t, []string{"open-exceptions", "statement-differs"}, codes(w.account().Discrepancies))

	resolve := Resolve{Action: ActionClassify, As: string(statement.Payment), By: "finance-preparer"}
	_, _, err = w.desk.ResolveMany(t.Context(), Filter{State: StateOpen}, nil, resolve)
	require.NoError(t, err)
	w.confirm(w.record(statementOf))
	r := w.account()
	require.True(t, r.TiesOut, "%+v", r.Discrepancies)
	b, err := w.desk.ReconcileBatch(t.Context(), "finance-preparer", "b-11")
	require.NoError(t, err)
	require.True(t, b.TiesOut, "%+v", b.Discrepancies)
	require.Equal(t, []string{statementOf.ID}, b.Statements.Files)
}
