package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// unreadable is which values on the ledger cannot be read.
type unreadable struct {
	Items []index.Unreadable `json:"items"`
}

// Unreadable lists the values on the ledger that cannot be read, in ledger order.
func (h *Handlers) Unreadable(_ context.Context, c *gin.Context) error {
	list := unreadable{Items: h.Index.Unreadable()}
	if list.Items == nil {
		list.Items = []index.Unreadable{}
	}
	return rest.AnswerRows(h.core, c, "unreadable", lists.Unreadable, list, list.Items)
}
