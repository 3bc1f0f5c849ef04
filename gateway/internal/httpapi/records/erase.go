package records

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/httpapi/rest"
)

// EraseSubject erases a person's private details. The detail pages that the person shares with others go with the act: they
// are written again without the person.
func (h *Handlers) EraseSubject(c *gin.Context) error {
	ref, err := subjectRef(c)
	if err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, api.RollErase, "subject", ref.String())
	if err != nil {
		return err
	}
	return h.core.Do(c, &rest.Act{Function: api.RollErase.Name(), Argument: argument, Renew: h.pagesOf(c, ref)})
}

func (h *Handlers) pagesOf(c *gin.Context, ref relief.SubjectRef) rest.Renewal {
	return func(ctx context.Context) (map[string][]byte, error) {
		held, err := rest.AskIn(ctx, h.core, c, api.RollDetailPages, api.SubjectInput{Subject: ref})
		if err != nil {
			return nil, err
		}
		return map[string][]byte{wire.TransientPages: roll.AppendDetails(nil, held.Pages)}, nil
	}
}
