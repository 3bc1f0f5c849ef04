package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/reversal"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/lists"
)

// ByReversalState keeps the reversals in a state.
var ByReversalState = rest.Choice("state", reversal.Proposed, reversal.Confirmed, reversal.Refused, reversal.Withdrawn)

// Reversals lists the reversals of the bank's answers.
func (h *Handlers) Reversals(ctx context.Context, c *gin.Context) error {
	region, state, batch := ByRegion.In(c), ByReversalState.In(c), ByBatch.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var r struct {
			Batch  relief.BatchID
			Region relief.Region
			State  reversal.State
		}
		err := json.Unmarshal(value, &r)
		return (region == "" || region.Covers(r.Region)) && (state == "" || state == r.State) && (batch == "" || batch == r.Batch), err
	}
	return h.answerRecords(ctx, c, "reversals", lists.Reversals, relief.KindReversal, rest.IDCursor.In(c), keep)
}
