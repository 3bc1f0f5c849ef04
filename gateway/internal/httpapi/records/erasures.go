package records

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

// The query parameters of erasures and of legal holds.
var (
	ByErasureState = rest.Choice("state", roll.ErasureStates...)
	ByHoldState    = rest.Choice("state", roll.HoldStates...)
)

// Erasures lists the erasures of a region and a state.
func (h *Handlers) Erasures(ctx context.Context, c *gin.Context) error {
	region, state := ByRegion.In(c), ByErasureState.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var e roll.Erasure
		err := json.Unmarshal(value, &e)
		return (region == "" || region.Covers(e.Region)) && (state == "" || e.State == state), err
	}
	return h.answerRecords(ctx, c, "erasures", lists.Erasures, relief.KindErasure, rest.IDCursor.In(c), keep)
}

// Erasure finds the erasure of a person.
func (h *Handlers) Erasure(ctx context.Context, c *gin.Context) (any, error) {
	ref, err := subjectRef(c)
	if err != nil {
		return nil, err
	}
	return h.Index.Record(ctx, relief.KindErasure, ref.String())
}

// DueErasures lists people who have left and whose retention is over, and why nothing can be erased yet. A page looks at as many
// people as it may have items; it can be empty although others follow.
func (h *Handlers) DueErasures(ctx context.Context, c *gin.Context) error {
	region, today := ByRegion.In(c), h.core.Today()
	l := rest.List[api.DueErasure]{Name: "erasures-due", Table: lists.DueErasures, PerPage: api.MaxDue}
	l.Page = func(ctx context.Context, cursor string, limit int) (page index.Page[api.DueErasure], err error) {
		people, err := h.Index.Leavers(ctx, cursor, min(limit, api.MaxDue))
		if err != nil {
			return page, err
		}
		page.Next = people.Next
		if len(people.Items) == 0 {
			return page, nil
		}
		due, err := rest.AskIn(ctx, h.core, c, api.PersonDue, api.SubjectsInput{Subjects: people.Items})
		if err != nil {
			return page, err
		}
		for _, d := range due.Items {
			if d.Due != "" && d.Due <= today && (region == "" || region.Covers(d.Region)) {
				page.Items = append(page.Items, d)
			}
		}
		return page, nil
	}
	return l.Answer(ctx, h.core, c, rest.Cursor.In(c))
}

// ProposeErasure proposes to erase a person's private details.
func (h *Handlers) ProposeErasure(c *gin.Context) error {
	argument, err := rest.Argument(h.core, c, api.PersonProposeErasure, "", "")
	if err != nil {
		return err
	}
	in, err := api.Decode[roll.ErasureTerms](string(argument))
	if err != nil {
		return err
	}
	return h.core.Do(c, &rest.Act{
		Function: api.PersonProposeErasure.Name(), Argument: argument, Status: http.StatusCreated, Location: "/v1/erasures/" + in.Subject.String(),
	})
}

// ConfirmErasure erases a person's private details, or refuses to. The detail pages that the person shares with others go with
// the act: they are written again without the person.
func (h *Handlers) ConfirmErasure(c *gin.Context) error {
	ref, err := subjectRef(c)
	if err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, api.PersonConfirmErasure, "subject", ref.String())
	if err != nil {
		return err
	}
	return h.core.Do(c, &rest.Act{
		Function: api.PersonConfirmErasure.Name(), Argument: argument, Renew: rest.DetailPagesOf(h.core, c, ref),
	})
}

// WithdrawErasure takes a proposal back.
func (h *Handlers) WithdrawErasure(c *gin.Context) error {
	ref, err := subjectRef(c)
	if err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, api.PersonWithdrawErasure, "subject", ref.String())
	if err != nil {
		return err
	}
	return h.core.Do(c, &rest.Act{Function: api.PersonWithdrawErasure.Name(), Argument: argument})
}

// Holds lists the legal holds in a state.
func (h *Handlers) Holds(ctx context.Context, c *gin.Context) error {
	state := ByHoldState.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var held roll.Hold
		err := json.Unmarshal(value, &held)
		return state == "" || held.State == state, err
	}
	return h.answerRecords(ctx, c, "holds", lists.Holds, relief.KindHold, rest.IDCursor.In(c), keep)
}

// PlaceHold keeps the private details of a person or a case from being erased.
func (h *Handlers) PlaceHold(c *gin.Context) error {
	argument, err := rest.Argument(h.core, c, api.PersonHold, "", "")
	if err != nil {
		return err
	}
	return h.core.Do(c, &rest.Act{
		Function: api.PersonHold.Name(), Argument: argument, Status: http.StatusCreated, Made: "/v1/holds/",
	})
}
