package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/rest"
)

// Rates lists the rates of a programme that takes its people from other rolls, by month.
func (h *Handlers) Rates(ctx context.Context, c *gin.Context) (any, error) {
	id, err := rest.PathID(c, "id", relief.ParseProgrammeID)
	if err != nil {
		return nil, err
	}
	return rest.AskIn(ctx, h.core, c, api.ProgrammeRates, api.ProgrammeInput{ID: id})
}
