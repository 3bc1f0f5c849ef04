package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// KeyEpochs answers with how much of the rolls is under the keys of each epoch.
func (h *Handlers) KeyEpochs(ctx context.Context, c *gin.Context) error {
	counts, err := h.Index.Epochs(ctx)
	if err != nil {
		return err
	}
	document := struct {
		Items []index.EpochCount `json:"items"`
	}{append([]index.EpochCount{}, counts...)}
	return rest.AnswerRows(h.core, c, "key-epochs", lists.KeyEpochs, document, document.Items)
}
