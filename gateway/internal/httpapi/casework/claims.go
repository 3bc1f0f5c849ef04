package casework

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"relieftrail/chaincode/relief/casework"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// ByClaimState keeps the cases with claims in a state.
var ByClaimState = rest.Choice("state", casework.ClaimPending, casework.ClaimContested, casework.ClaimConfirmed)

// Claims lists the cases that claim people whom a county of the region knows, the case being another county's.
func (h *Handlers) Claims(ctx context.Context, c *gin.Context) error {
	q := index.ClaimQuery{Region: ByRegion.In(c), State: ByClaimState.In(c)}
	return h.answerRecords(ctx, c, "claims", lists.Cases, rest.IDCursor.In(c),
		func(ctx context.Context, cursor string, limit int) (index.Page[json.RawMessage], error) {
			return h.Index.ClaimCases(ctx, q, cursor, limit)
		})
}

// ClaimMetrics are the numbers of claims between counties. A number that grows by the hundred is somebody who claims strangers.
func (h *Handlers) ClaimMetrics() []prometheus.Collector {
	gauge := func(state casework.ClaimState) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "relieftrail_claims", Help: "Live cases that claim people whom another county knows, by what that county says; -1 when it cannot be read.",
			ConstLabels: prometheus.Labels{"state": string(state)},
		}, func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			counts, err := h.Index.ClaimCounts(ctx)
			if err != nil {
				return -1
			}
			return float64(counts[state])
		})
	}
	return []prometheus.Collector{gauge(casework.ClaimPending), gauge(casework.ClaimContested), gauge(casework.ClaimConfirmed)}
}
