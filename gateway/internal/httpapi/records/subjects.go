package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
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
func (h *Handlers) SubjectCases(ctx context.Context, c *gin.Context) (any, error) {
	ref, err := subjectRef(c)
	if err != nil {
		return nil, err
	}
	return h.Index.Claims(ctx, ref)
}

type lookupBody struct {
	IDNumber string `json:"id_number"`
}

// LookUpSubject turns an identity number into the reference that stands for the person. The number is in the body only, and
// neither an error nor a log repeats it.
func (h *Handlers) LookUpSubject(c *gin.Context) error {
	var body lookupBody
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	id, code := relief.ParseIDNumber(body.IDNumber)
	if code != "" {
		reason := bilingual.Both("身份证号无效。", code.Reason())
		return problem.OfField("id_number", reason.Zh, reason.En)
	}
	return rest.JSON(c, api.SubjectInput{Subject: relief.NewSubjectRef(h.SubjectEpoch, h.SubjectKey, id)})
}

func subjectRef(c *gin.Context) (relief.SubjectRef, error) {
	return rest.PathID(c, "ref", relief.ParseSubjectRef)
}
