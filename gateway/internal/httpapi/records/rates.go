package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/lists"
)

// Rates lists the rates of a programme that takes its people from other rolls, by month.
func (h *Handlers) Rates(ctx context.Context, c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParseProgrammeID)
	if err != nil {
		return err
	}
	rates, err := rest.AskIn(ctx, h.core, c, api.ProgrammeRates, api.ProgrammeInput{ID: id})
	if err != nil {
		return err
	}
	return rest.AnswerRows(h.core, c, string(id)+"-rates", lists.Rates, rates, rates.Items)
}
