package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/gateway/internal/httpapi/rest"
)

// targets are the four performance targets that are set with the money, in percent with two places.
type targets struct {
	Coverage     string `json:"coverage"`
	Timeliness   string `json:"timeliness"`
	Accuracy     string `json:"accuracy"`
	Satisfaction string `json:"satisfaction"`
}

type trancheBody struct {
	ID         string  `json:"id"`
	Programme  string  `json:"programme"`
	Region     string  `json:"region"`
	Amount     string  `json:"amount"`
	Source     string  `json:"source"`
	Account    string  `json:"account"`
	FiscalYear int     `json:"fiscal_year"`
	Targets    targets `json:"targets"`
}

// IssueTranche records money that comes from its source.
func (h *Handlers) IssueTranche() rest.Handler {
	return rest.Act(h.core, rest.Created("fund:Issue"), func(_ *gin.Context, b trancheBody) (rest.Request, error) {
		return rest.Request{Argument: b, Location: "/v1/tranches/" + b.ID}, nil
	})
}

type allocationBody struct {
	ID      string  `json:"id"`
	Region  string  `json:"region"`
	Amount  string  `json:"amount"`
	Account string  `json:"account"`
	Targets targets `json:"targets"`
}

// AllocateTranche gives a part of a tranche to a region inside it.
func (h *Handlers) AllocateTranche() rest.Handler {
	return rest.Act(h.core, rest.Created("fund:Allocate"), func(c *gin.Context, b allocationBody) (rest.Request, error) {
		parent, err := trancheID(c)
		return rest.Request{Location: "/v1/tranches/" + b.ID, Argument: struct {
			Parent relief.TrancheID `json:"parent"`
			allocationBody
		}{parent, b}}, err
	})
}

type refundBody struct {
	Amount string `json:"amount"`
	Reason string `json:"reason"`
}

// RefundTranche gives money back to its source.
func (h *Handlers) RefundTranche() rest.Handler {
	return rest.Act(h.core, rest.Done("fund:Refund"), func(c *gin.Context, b refundBody) (rest.Request, error) {
		id, err := trancheID(c)
		return rest.Request{Argument: struct {
			ID relief.TrancheID `json:"id"`
			refundBody
		}{id, b}}, err
	})
}

// CloseTranche ends a tranche.
func (h *Handlers) CloseTranche() rest.Handler {
	return rest.Act(h.core, rest.Done("fund:Close"), func(c *gin.Context, _ rest.Nothing) (rest.Request, error) {
		id, err := trancheID(c)
		return rest.Request{Argument: rest.IDArgument{ID: string(id)}}, err
	})
}

// ByTrancheState keeps the tranches in a state.
var ByTrancheState = rest.Choice("state", fund.TrancheIssued, fund.TrancheClosed)

// Tranches lists the tranches of a programme, a state, or a region and those inside it.
func (h *Handlers) Tranches(ctx context.Context, c *gin.Context) (any, error) {
	programme, region, state := ByProgramme.In(c), ByRegion.In(c), ByTrancheState.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var t fund.Tranche
		err := json.Unmarshal(value, &t)
		return (programme == "" || t.Programme == programme) && (region == "" || region.Covers(t.Region)) &&
			(state == "" || t.State == state), err
	}
	return h.Index.Records(ctx, relief.KindTranche, rest.IDCursor.In(c), h.core.PageSize(c), keep)
}

func trancheID(c *gin.Context) (relief.TrancheID, error) {
	return rest.PathID(c, "id", relief.ParseTrancheID)
}
