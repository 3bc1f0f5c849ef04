package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/lists"
)

// Subject finds the roll entries of a subject reference.
func (h *Handlers) Subject(ctx context.Context, c *gin.Context) (any, error) {
	ref, err := subjectRef(c)
	if err != nil {
		return nil, err
	}
	entries, err := h.Index.Subject(ctx, ref)
	return api.RollEntries{Entries: entries}, err
}

// SubjectCases finds the live cases that a person is in.
func (h *Handlers) SubjectCases(ctx context.Context, c *gin.Context) error {
	ref, err := subjectRef(c)
	if err != nil {
		return err
	}
	claims, err := h.Index.Claims(ctx, ref)
	if err != nil {
		return err
	}
	return rest.AnswerRows(h.core, c, "cases-"+ref.String(), lists.Claims, claims, claims.Claims)
}

func subjectRef(c *gin.Context) (relief.SubjectRef, error) {
	return rest.PathID(c, "ref", relief.ParseSubjectRef)
}
