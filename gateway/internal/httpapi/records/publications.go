package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/lists"
)

// ByListState keeps the published lists in a state.
var ByListState = rest.Choice("state", oversight.PublicationProposed, oversight.PublicationShown, oversight.PublicationChanging, oversight.PublicationDown)

// Publications lists the published lists of closed months.
func (h *Handlers) Publications(ctx context.Context, c *gin.Context) error {
	programme, region, period, state := ByProgramme.In(c), ByRegion.In(c), ByPeriod.In(c), ByListState.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var p struct {
			Programme relief.ProgrammeID
			County    relief.Region
			Period    relief.Period
			State     oversight.PublicationState
		}
		err := json.Unmarshal(value, &p)
		return (programme == "" || programme == p.Programme) && (region == "" || region.Covers(p.County)) &&
			(period == relief.Period{} || period == p.Period) && (state == "" || state == p.State), err
	}
	return h.answerRecords(ctx, c, "publications", lists.Publications, relief.KindPublication, MonthCursor.In(c), keep)
}

// Publication is the published list of an accounting period.
func (h *Handlers) Publication(ctx context.Context, c *gin.Context) (any, error) {
	in, err := monthIn(c)
	if err != nil {
		return nil, err
	}
	return h.Index.Record(ctx, relief.KindPublication, monthName(in))
}

// ProposeList proposes to show the rows of a month to anybody.
func (h *Handlers) ProposeList(c *gin.Context) error {
	var body closeBody
	return onMonth(h, c, api.OversightProposeList.Name(), &body, func(in api.MonthInput) any { return in })
}

// takeDownBody says why a list is taken down.
type takeDownBody struct {
	Reason oversight.TakeDownReason `json:"reason"`
}

// TakeDownList proposes to take a list down.
func (h *Handlers) TakeDownList(c *gin.Context) error {
	var body takeDownBody
	return onMonth(h, c, api.OversightTakeDownList.Name(), &body, func(in api.MonthInput) any {
		return api.TakeDownInput{MonthInput: in, Reason: body.Reason}
	})
}

// DecideList decides on what is proposed about a list.
func (h *Handlers) DecideList(c *gin.Context) error {
	var body oversight.ListDecision
	return onMonth(h, c, api.OversightDecideList.Name(), &body, func(in api.MonthInput) any {
		return api.ListDecisionInput{MonthInput: in, ListDecision: body}
	})
}

// onMonth carries an act out on the month that the path names.
func onMonth[T any](h *Handlers, c *gin.Context, function string, body *T, argument func(api.MonthInput) any) error {
	in, err := monthIn(c)
	if err != nil {
		return err
	}
	if err := h.core.ReadBody(c, body); err != nil {
		return err
	}
	document, err := json.Marshal(argument(in))
	if err != nil {
		return err
	}
	return h.core.Do(c, &rest.Act{Function: function, Argument: document})
}
