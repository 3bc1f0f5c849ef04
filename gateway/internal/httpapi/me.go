package httpapi

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
)

// readMe tells a caller who they are on the ledger, and which acts the responsibility list gives them.
func (a *API) readMe(ctx context.Context, c *gin.Context) (any, error) {
	id, ok := a.Ledger.Identity(caller(c).Name)
	if !ok {
		return nil, relief.Errorf(relief.CodeForbidden, "the caller has no certificate at this gateway")
	}
	registry, err := a.Index.Registry(ctx)
	if err != nil {
		return nil, err
	}
	person := id.Official()
	acts := []relief.Act{}
	for _, act := range api.Acts() {
		if relief.Allowed(registry.Duties, act, person) == nil {
			acts = append(acts, act)
		}
	}
	return struct {
		relief.Official
		Acts []relief.Act `json:"acts"`
	}{person, acts}, nil
}
