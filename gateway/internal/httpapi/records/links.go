package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/lists"
)

// ByLinkState is the query parameter of links.
var ByLinkState = rest.Choice("state", roll.LinkStates...)

// Links lists the links of references of a region and a state.
func (h *Handlers) Links(ctx context.Context, c *gin.Context) error {
	region, state := ByRegion.In(c), ByLinkState.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var l roll.Link
		err := json.Unmarshal(value, &l)
		return (region == "" || region.Covers(l.Region)) && (state == "" || l.State == state), err
	}
	return h.answerRecords(ctx, c, "links", lists.Links, relief.KindLink, rest.IDCursor.In(c), keep)
}

// Link finds the link of a reference to a later one.
func (h *Handlers) Link(ctx context.Context, c *gin.Context) (any, error) {
	ref, err := subjectRef(c)
	if err != nil {
		return nil, err
	}
	return h.Index.Record(ctx, relief.KindLink, ref.String())
}

// ConfirmLink has a link take effect, or refuses it.
func (h *Handlers) ConfirmLink(c *gin.Context) error {
	ref, err := subjectRef(c)
	if err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, api.PersonConfirmLink, "subject", ref.String())
	if err != nil {
		return err
	}
	return h.core.Do(c, &rest.Act{Function: api.PersonConfirmLink.Name(), Argument: argument})
}

// WithdrawLink takes a proposal back.
func (h *Handlers) WithdrawLink(c *gin.Context) error {
	ref, err := subjectRef(c)
	if err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, api.PersonWithdrawLink, "subject", ref.String())
	if err != nil {
		return err
	}
	return h.core.Do(c, &rest.Act{Function: api.PersonWithdrawLink.Name(), Argument: argument})
}
