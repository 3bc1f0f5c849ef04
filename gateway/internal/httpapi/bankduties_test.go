package httpapi

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/ledger"
)

// What the bank wrote is for who works with the bank, not for everybody who has a token of finance.
func TestStatementsAreForWhoWorksWithTheBank(t *testing.T) {
	b := newBench(t, func(d *Deps) { d.Bank = new(bankdesk.Desk) })
	b.evaluate = func(ledger.Call) ([]byte, error) {
		return []byte(`{"agencies":[{"msp_id":"CivilAffairsMSP","kind":"finance","name":"x"}]}`), nil
	}
	b.role = "registrar"
	for _, path := range []string{
		"/v1/statements", "/v1/statements/s", "/v1/exceptions", "/v1/exceptions/x", "/v1/batches/b/reconciliation", "/v1/tranches/t/reconciliation",
	} {
		w := b.send(http.MethodGet, path, "")
		require.Equal(t, "/problems/forbidden", problemIn(t, w).Type, path)
	}
}
