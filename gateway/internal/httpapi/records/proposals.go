package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/lists"
)

// ByProposalState keeps the proposals in a state.
var ByProposalState = rest.Choice("state", registry.ProposalOpen, registry.ProposalEffective, registry.ProposalWithdrawn)

// Proposals lists the proposed changes of the registry.
func (h *Handlers) Proposals(ctx context.Context, c *gin.Context) error {
	state := ByProposalState.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var p struct{ State registry.ProposalState }
		err := json.Unmarshal(value, &p)
		return state == "" || p.State == state, err
	}
	return h.answerRecords(ctx, c, "registry-proposals", lists.Proposals, relief.KindProposal, rest.IDCursor.In(c), keep)
}
