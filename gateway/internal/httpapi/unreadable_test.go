package httpapi

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/index"
)

// A value that cannot be read is told by readiness, a metric and a list of its own. The gateway goes on serving all others, and
// where anyone may read, no record is named.
func TestUnreadableValuesAreTold(t *testing.T) {
	b := newBench(t)
	require.Contains(t, b.send(http.MethodGet, "/readyz", "").Body.String(), "All values on the ledger can be read.")
	require.JSONEq(t, `{"items":[]}`, b.send(http.MethodGet, "/v1/unreadable", "").Body.String())
	key := "dibao/530181/0000012"
	b.unreadable = []index.Unreadable{{Kind: "roll", Key: key, Reason: "why", Block: 5, Transaction: "ab", SHA256: "cd"}}
	ready := b.send(http.MethodGet, "/readyz", "")
	require.Equal(t, http.StatusOK, ready.Code)
	require.Contains(t, ready.Body.String(), `"ready":true`)
	require.Contains(t, ready.Body.String(), "账本中有 1 项数据无法读取")
	require.Contains(t, ready.Body.String(), "ALERT unreadable: a value of kind roll cannot be read since block 5, transaction ab")
	require.NotContains(t, ready.Body.String(), key)
	require.Contains(t, b.send(http.MethodGet, "/metrics", "").Body.String(), "relieftrail_index_unreadable 1")
	require.JSONEq(t, `{"items":[{"kind":"roll","key":"dibao/530181/0000012","reason":"why","block":5,"transaction":"ab","sha256":"cd"}]}`,
		b.send(http.MethodGet, "/v1/unreadable", "").Body.String())
	b.broken = &b.unreadable[0]
	p := problemIn(t, b.send(http.MethodGet, "/v1/batches/b", ""))
	require.Equal(t, "/problems/record-unreadable", p.Type)
	require.Equal(t, http.StatusConflict, p.Status)
}
