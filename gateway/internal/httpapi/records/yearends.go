package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/lists"
)

// YearEnds lists the year's ends that were signed, of a region and those inside it.
func (h *Handlers) YearEnds(ctx context.Context, c *gin.Context) error {
	region := ByRegion.In(c)
	return h.answerRecords(ctx, c, "year-ends", lists.YearEnds, relief.KindYearEnd, rest.IDCursor.In(c), func(value json.RawMessage) (bool, error) {
		if region == "" {
			return true, nil
		}
		var y fund.YearEnd
		err := json.Unmarshal(value, &y)
		return region.Covers(y.County), err
	})
}

func yearEndID(c *gin.Context) (relief.YearEndID, error) {
	return rest.PathID(c, "id", relief.ParseYearEndID)
}

// YearEnd answers with the list of a year's end as it is now, worked out at the agency's own peer. A file has a row a
// tranche and a row an open overpayment.
func (h *Handlers) YearEnd(ctx context.Context, c *gin.Context) error {
	id, err := yearEndID(c)
	if err != nil {
		return err
	}
	y, err := rest.AskIn(ctx, h.core, c, api.FundYearEnd, api.YearEndInput{ID: id})
	if err != nil {
		return err
	}
	return rest.AnswerRows(h.core, c, "year-end-"+string(id), lists.YearEnd, y, lists.YearEndRows(&y))
}

// YearEndTrail answers with who signed a year's end.
func (h *Handlers) YearEndTrail(ctx context.Context, c *gin.Context) error {
	id, err := yearEndID(c)
	if err != nil {
		return err
	}
	steps, err := h.Index.YearEndTrail(ctx, id)
	if err != nil {
		return err
	}
	return h.answerTrail(c, string(id), relief.KindYearEnd, steps)
}
