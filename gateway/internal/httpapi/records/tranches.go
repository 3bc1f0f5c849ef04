package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// ByTrancheState keeps the tranches in a state.
var ByTrancheState = rest.Choice("state", fund.TrancheIssued, fund.TrancheClosed)

// Tranches lists the tranches of a programme, a state, or a region and those inside it.
func (h *Handlers) Tranches(ctx context.Context, c *gin.Context) error {
	q := index.TrancheQuery{
		Programme: ByProgramme.In(c), Region: ByRegion.In(c), State: ByTrancheState.In(c), FiscalYear: ByFiscalYear.In(c),
		Parent: ByParent.In(c), Account: ByAccountNumber.In(c),
	}
	l := rest.List[json.RawMessage]{
		Name: "tranches", Table: lists.Tranches,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[json.RawMessage], error) {
			return h.Index.Tranches(ctx, q, cursor, limit)
		},
	}
	return l.Answer(ctx, h.core, c, rest.IDCursor.In(c))
}

func trancheID(c *gin.Context) (relief.TrancheID, error) {
	return rest.PathID(c, "id", relief.ParseTrancheID)
}
