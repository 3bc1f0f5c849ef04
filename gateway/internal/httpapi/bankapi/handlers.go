package bankapi

import (
	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
)

// Handlers answer the bank's paths.
type Handlers struct {
	core *rest.Core
	desk *bankdesk.Desk // nil at a gateway that keeps none
}

// New makes the handlers; desk is nil at a gateway that keeps none.
func New(core *rest.Core, desk *bankdesk.Desk) *Handlers { return &Handlers{core, desk} }

// AtFinance refuses at any gateway but finance's.
func (h *Handlers) AtFinance(c *gin.Context) error {
	kind, err := h.core.AgencyKind(c)
	if err != nil {
		return err
	}
	if kind != registry.KindFinance || h.desk == nil {
		return problem.Forbidden.Because("银行文件由财政部门办理，请向财政部门的网关查询。",
			"The bank's files are finance's: ask finance's gateway.")
	}
	return nil
}

func batchID(c *gin.Context) (relief.BatchID, error) {
	return rest.PathID(c, "id", relief.ParseBatchID)
}
