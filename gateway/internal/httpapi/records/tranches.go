package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/lists"
)

// ByTrancheState keeps the tranches in a state.
var ByTrancheState = rest.Choice("state", fund.TrancheIssued, fund.TrancheClosed)

// Tranches lists the tranches of a programme, a state, or a region and those inside it.
func (h *Handlers) Tranches(ctx context.Context, c *gin.Context) error {
	programme, region, state := ByProgramme.In(c), ByRegion.In(c), ByTrancheState.In(c)
	year, parent, account := ByFiscalYear.In(c), ByParent.In(c), ByAccountNumber.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var t fund.Tranche
		err := json.Unmarshal(value, &t)
		return (programme == "" || t.PaysFor(programme)) && (region == "" || region.Covers(t.Region)) &&
			(state == "" || t.State == state) && (year == 0 || t.FiscalYear == year) && (parent == "" || t.Parent == parent) &&
			(account == "" || t.Account == account), err
	}
	return h.answerRecords(ctx, c, "tranches", lists.Tranches, relief.KindTranche, rest.IDCursor.In(c), keep)
}

func trancheID(c *gin.Context) (relief.TrancheID, error) {
	return rest.PathID(c, "id", relief.ParseTrancheID)
}
