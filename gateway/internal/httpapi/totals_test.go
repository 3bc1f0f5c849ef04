package httpapi

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index"
)

func TestTotals(t *testing.T) {
	b := newBench(t)
	w := b.send(http.MethodGet, "/v1/totals?by=township&from_accounting_period=2026-01&kind=regular&state=credited", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.JSONEq(t, `{"block":7,"by":["township"],"items":[{"township":"530181003","count":27,"amount":"26720.00","deducted":"0.00","transferred":"26720.00"}],`+
		`"total":{"count":27,"amount":"26720.00","deducted":"0.00","transferred":"26720.00"}}`, w.Body.String())
	require.Equal(t, []index.Dimension{index.ByTownship}, b.addedUp.By)
	require.Equal(t, "2026-01", b.addedUp.Accounts.From.String())
	require.Equal(t, relief.PaymentRegular, *b.addedUp.Kind)

	w = b.send(http.MethodGet, "/v1/totals?by=township", "", header("Accept", "text/csv"))
	require.Equal(t, "\ufefftownship,count,amount,deducted,transferred\r\n530181003,27,26720.00,0.00,26720.00\r\n", w.Body.String())

	w = b.send(http.MethodGet, "/v1/totals?by=township,sum", "")
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), "accounting_period")
	w = b.send(http.MethodGet, "/v1/totals?by=batch", "")
	require.Equal(t, http.StatusUnprocessableEntity, w.Code)
	require.Contains(t, w.Body.String(), "10000")
}
