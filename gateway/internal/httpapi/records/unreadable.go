package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/index"
)

// unreadable is which values on the ledger cannot be read.
type unreadable struct {
	Items []index.Unreadable `json:"items"`
}

// Unreadable lists the values on the ledger that cannot be read, in ledger order.
func (h *Handlers) Unreadable(context.Context, *gin.Context) (any, error) {
	list := unreadable{Items: h.Index.Unreadable()}
	if list.Items == nil {
		list.Items = []index.Unreadable{}
	}
	return list, nil
}
