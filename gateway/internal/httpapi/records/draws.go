package records

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/lists"
)

// The query parameters of draws.
var (
	// ByDrawState keeps the draws in a state.
	ByDrawState = rest.Choice("state", draw.States...)
	// OfStratum names a stratum of a frame by its place, from 0.
	OfStratum = rest.NewParam("stratum", func(text string) (int, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n >= draw.MaxStrata || strconv.Itoa(n) != text {
			return 0, problem.OfField("stratum", "层号应为从 0 起的整数。", "A stratum is a whole number from 0.")
		}
		return n, nil
	})
)

// Draws lists the draws.
func (h *Handlers) Draws(ctx context.Context, c *gin.Context) error {
	region, state := ByRegion.In(c), ByDrawState.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var p struct {
			County relief.Region
			State  draw.State
		}
		err := json.Unmarshal(value, &p)
		return (region == "" || region.Covers(p.County)) && (state == "" || state == p.State), err
	}
	return h.answerRecords(ctx, c, "draws", lists.Draws, relief.KindPlan, rest.IDCursor.In(c), keep)
}

// Drawn answers with the units that were drawn, reserves among them.
func (h *Handlers) Drawn(ctx context.Context, c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParsePlanID)
	if err != nil {
		return err
	}
	var drawn draw.DrawnUnits
	if err := rest.RecordInto(ctx, h.Index, relief.KindDrawn, string(id), &drawn); err != nil {
		return err
	}
	return rest.AnswerRows(h.core, c, "drawn-"+string(id), lists.DrawnUnits, drawn, drawn.Units)
}

// VisitCursor is the cursor of pages of visits: the draw and the unit of the last one of the page before.
var VisitCursor = rest.NewParam("cursor", func(text string) (string, error) {
	plan, unit, _ := strings.Cut(text, "/")
	_, errPlan := relief.ParsePlanID(plan)
	if _, err := relief.ParseSegment(unit); err != nil || errPlan != nil {
		return "", problem.OfField("cursor", "cursor 不是上一页给出的值。", "The cursor is not one that a page gave.")
	}
	return text, nil
})

// Visits lists what was found at the units of a draw.
func (h *Handlers) Visits(ctx context.Context, c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParsePlanID)
	if err != nil {
		return err
	}
	keep := func(value json.RawMessage) (bool, error) {
		var v struct{ Plan relief.PlanID }
		err := json.Unmarshal(value, &v)
		return v.Plan == id, err
	}
	return h.answerRecords(ctx, c, "visits-"+string(id), lists.Visits, relief.KindVisit, VisitCursor.In(c), keep)
}

// Foresee answers with what a sealed draw will draw, to who knows the nonce that seals it. The agency's own peer works it out.
func (h *Handlers) Foresee(c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParsePlanID)
	if err != nil {
		return err
	}
	if err := h.core.Allowed(c.Request.Context(), c, relief.ActRead); err != nil {
		return err
	}
	var body struct {
		Nonce draw.Hash `json:"nonce"`
	}
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	drawn, err := rest.Ask(h.core, c, api.OversightForesee, api.RevealInput{PlanIDInput: api.PlanIDInput{Plan: id}, Nonce: body.Nonce})
	if err != nil {
		return err
	}
	return rest.JSON(c, drawn)
}

// StratumAnswer is a stratum of a draw's frame with its units, in the order in which its root has them.
type StratumAnswer struct {
	Plan  relief.PlanID `json:"plan"`
	Place int           `json:"place"`
	draw.Stratum
	Frame []lists.FrameUnit `json:"frame"`
}

// Stratum answers with the units of one stratum: with all strata and the seed, anybody draws again.
func (h *Handlers) Stratum(ctx context.Context, c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParsePlanID)
	if err != nil {
		return err
	}
	n := OfStratum.In(c)
	p, units, err := h.Index.Stratum(ctx, id, n)
	if err != nil {
		return err
	}
	answer := StratumAnswer{Plan: id, Place: n, Stratum: p.Frame.Strata[n], Frame: make([]lists.FrameUnit, len(units))}
	for i, u := range units {
		if int(u.Month) >= len(p.Months) {
			return relief.Errorf(relief.CodeCorrupt, "a unit is of no month of the plan")
		}
		answer.Frame[i] = lists.FrameUnit{Leaf: u.Leaf, MonthName: p.Months[u.Month], Number: u.Number}
	}
	return rest.AnswerRows(h.core, c, fmt.Sprintf("frame-%s-%d", id, n), lists.Frame, answer, answer.Frame)
}
