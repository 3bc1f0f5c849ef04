package httpapi

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

func TestSamples(t *testing.T) {
	b := newBench(t)
	w := b.send(http.MethodGet, "/v1/samples?seed=dice&size=2&programme=dibao&period=2026-11", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.JSONEq(t, `{"block":7,"seed":"dice","size":2,"frame":{"count":3,"sha256":"`+strings.Repeat("ab", 32)+`"},"items":[]}`, w.Body.String())
	require.Equal(t, relief.ProgrammeID("dibao"), b.asked.Programme)
	require.Contains(t, b.send(http.MethodGet, "/v1/samples?seed=dice", "").Body.String(), `"size":50`)
	for query, field := range map[string]string{
		"": "seed", "?seed=": "seed", "?seed=" + strings.Repeat("9", 201): "seed", "?seed=1&size=0": "size", "?seed=1&size=1001": "size", "?seed=many": "size",
	} {
		w = b.send(http.MethodGet, "/v1/samples"+query, "")
		require.Equal(t, http.StatusUnprocessableEntity, w.Code, query)
		require.Equal(t, field, problemIn(t, w).Field, query)
	}
}
