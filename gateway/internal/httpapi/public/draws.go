package public

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/naming"
	"relieftrail/gateway/web"
)

// DrawsPath is the path of the draws.
const DrawsPath = "/draws"

// shownDraws is the number of draws on a page.
const shownDraws = 50

// DrawCursor is the cursor of the next page of draws.
var DrawCursor = rest.NewParam("cursor", func(text string) (string, error) {
	if _, err := relief.ParsePlanID(text); err != nil {
		return "", problem.OfField("cursor", "cursor 不是上一页给出的值。", "The cursor is not one that a page gave.")
	}
	return text, nil
})

// drawStates and drawPurposes are what draws are, in words.
var (
	drawStates = map[draw.State]bilingual.Text{
		draw.Planned:   {Zh: "各部门正在承诺随机数", En: "The agencies commit to nonces"},
		draw.Committed: {Zh: "已全部承诺，待固定抽样框", En: "All have committed; the frame is fixed next"},
		draw.Framed:    {Zh: "抽样框已固定，正在公布随机数", En: "The frame is fixed; the nonces are told"},
		draw.Sealed:    {Zh: "已密封，核查后公开", En: "Sealed; opened after the visits"},
		draw.Void:      {Zh: "未按期公开，作废", En: "Void: it was not opened in time"},
		draw.Seeded:    {Zh: "种子已得出，待抽取", En: "The seed is known; the draw comes next"},
		draw.Drawn:     {Zh: "已抽取，正在核查", En: "Drawn; the visits are made"},
		draw.Finished:  {Zh: "核查已结束", En: "The visits are done"},
	}
	drawPurposes = map[draw.Purpose]bilingual.Text{
		draw.FollowUp:   {Zh: "回访", En: "Follow-up visits"},
		draw.Evaluation: {Zh: "第三方评估", En: "A third party's evaluation"},
		draw.Audit:      {Zh: "审计", En: "Audit"},
	}
)

// DrawsPage shows all draws.
func (h *Handlers) DrawsPage(pages *web.Pages) rest.Handler {
	return func(c *gin.Context) error {
		if err := h.core.IndexFault(); err != nil {
			return err
		}
		region, cursor := ByRegion.In(c), DrawCursor.In(c)
		page, err := h.draws.get(c.Request.Context(), string(region)+" "+cursor, func(ctx context.Context) (web.DrawsPage, error) {
			return h.drawsPage(ctx, region, cursor)
		})
		if err != nil {
			return err
		}
		return pages.Draws(c.Writer, c.Request, page)
	}
}

func (h *Handlers) drawsPage(ctx context.Context, region relief.Region, cursor string) (page web.DrawsPage, err error) {
	found, err := h.Index.Records(ctx, relief.KindPlan, cursor, shownDraws, func(document json.RawMessage) (bool, error) {
		var p struct{ County relief.Region }
		err := json.Unmarshal(document, &p)
		return region == "" || region.Covers(p.County), err
	})
	if err != nil {
		return page, err
	}
	w, err := h.words(ctx)
	if err != nil {
		return page, err
	}
	for _, document := range found.Items {
		var p draw.Plan
		if err := json.Unmarshal(document, &p); err != nil {
			return page, err
		}
		page.Draws = append(page.Draws, w.drawHead(&p))
	}
	page.Next, page.Region = found.Next, string(region)
	return page, nil
}

// drawPath is the address of a draw's page.
func drawPath(id relief.PlanID) string { return DrawsPath + "/" + string(id) }

func (w *words) drawHead(p *draw.Plan) web.DrawHead {
	return web.DrawHead{
		ID: string(p.ID), Path: drawPath(p.ID), Place: w.place(p.County, naming.Province), Purpose: drawPurposes[p.Purpose], State: drawStates[p.State],
		Size: p.Size, CloseAt: inBeijing(p.CloseAt),
	}
}

var beijing = time.FixedZone("UTC+8", 8*3600)

func inBeijing(t time.Time) string { return t.In(beijing).Format("2006-01-02 15:04") }

var errNoDraw = problem.NotFound.Because("没有这次抽查。", "There is no such draw.")

// plan is the draw that a path names.
func (h *Handlers) plan(ctx context.Context, c *gin.Context) (p draw.Plan, err error) {
	if err := h.core.IndexFault(); err != nil {
		return p, err
	}
	id, err := rest.PathID(c, "id", relief.ParsePlanID)
	if err != nil {
		return p, err
	}
	err = rest.RecordInto(ctx, h.Index, relief.KindPlan, string(id), &p)
	if notFound(err) {
		err = errNoDraw
	}
	return p, err
}

func notFound(err error) bool {
	var refused *relief.Error
	return errors.As(err, &refused) && refused.Code == relief.CodeNotFound
}

// DrawPage shows a draw: plan, commitments, nonces, frame, seed, and what was drawn by the hashes of leaves.
func (h *Handlers) DrawPage(pages *web.Pages) rest.Handler {
	return func(c *gin.Context) error {
		ctx := c.Request.Context()
		p, err := h.plan(ctx, c)
		if err != nil {
			return err
		}
		w, err := h.words(ctx)
		if err != nil {
			return err
		}
		statement, err := p.Statement()
		if err != nil {
			return err
		}
		page := web.DrawPage{
			DrawHead: w.drawHead(&p), Least: p.Least, Reserves: p.Reserves, RevealHours: p.RevealHours, Statement: string(statement), Seed: hashText(p.Seed),
		}
		if page.Nonces, err = h.drawNonces(ctx, &p); err != nil {
			return err
		}
		if page.Months, err = h.drawMonths(ctx, &w, &p); err != nil {
			return err
		}
		page.Frame = w.drawFrame(&p)
		page.Visited = (*web.DrawVisited)(p.Visited)
		if p.Sealed {
			page.Seal = &web.DrawSeal{Keeper: p.Keeper, OpenDays: p.OpenDays}
			if p.Frame != nil {
				page.Seal.OpenBy = inBeijing(p.OpenBy())
			}
		}
		if p.Drawn != nil {
			page.Units, page.Stand = p.Drawn.Units, p.Drawn.Reserves
			if page.Drawn, err = h.drawnRows(ctx, &p); err != nil {
				return err
			}
		}
		return pages.Draw(c.Writer, c.Request, page)
	}
}

func hashText(h draw.Hash) string {
	if h.IsZero() {
		return ""
	}
	return h.String()
}

func (h *Handlers) drawNonces(ctx context.Context, p *draw.Plan) ([]web.DrawNonce, error) {
	agreed, err := h.Index.Registry(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]web.DrawNonce, len(p.Nonces))
	for i := range p.Nonces {
		n := &p.Nonces[i]
		out[i] = web.DrawNonce{
			Agency: n.Agency, Name: bilingual.Text{Zh: n.Agency, En: n.Agency}, Commitment: hashText(n.Commitment), Nonce: hashText(n.Nonce), Withheld: n.Withheld,
		}
		if k := slices.IndexFunc(agreed.Agencies, func(a registry.Agency) bool { return a.MSPID == n.Agency }); k >= 0 {
			out[i].Name = bilingual.Text{Zh: agreed.Agencies[k].Name, En: agreed.Agencies[k].NameEn}
		}
	}
	return out, nil
}

// drawMonths are the months that are drawn from, with their statements once the frame is fixed.
func (h *Handlers) drawMonths(ctx context.Context, w *words, p *draw.Plan) ([]web.DrawMonth, error) {
	out := make([]web.DrawMonth, len(p.Months))
	for i, m := range p.Months {
		out[i] = web.DrawMonth{Programme: w.programme(m.Programme), Period: m.Period.String()}
		if p.Frame == nil {
			continue
		}
		out[i].Version = p.Frame.Months[i].Version
		versions, err := h.Index.MonthVersions(ctx, m.Programme, p.County, m.Period)
		if err != nil {
			return nil, err
		}
		k := slices.IndexFunc(versions, func(v oversight.Month) bool { return v.Version == out[i].Version })
		if k < 0 {
			return nil, relief.Errorf(relief.CodeCorrupt, "a month of the frame has no such version")
		}
		statement, err := versions[k].Statement()
		if err != nil {
			return nil, err
		}
		out[i].Statement = string(statement)
	}
	return out, nil
}

func (w *words) drawFrame(p *draw.Plan) *web.DrawFrame {
	if p.Frame == nil {
		return nil
	}
	out := &web.DrawFrame{Size: p.Frame.Size, Root: p.Frame.Root.String(), RevealBy: inBeijing(p.Frame.RevealBy), Strata: make([]web.DrawStratum, len(p.Frame.Strata))}
	for i := range p.Frame.Strata {
		s := &p.Frame.Strata[i]
		out.Strata[i] = web.DrawStratum{
			N: i + 1, Place: w.place(s.Region, naming.Township), Region: string(s.Region), Together: s.Region == p.County, Class: s.Class, Root: s.Root.String(),
			Units: s.Units, Take: s.Take, Reserves: s.Reserves,
		}
	}
	return out
}

// drawnRows are the units that were drawn, by their leaves alone.
func (h *Handlers) drawnRows(ctx context.Context, p *draw.Plan) ([]web.DrawRow, error) {
	var drawn draw.DrawnUnits
	if err := rest.RecordInto(ctx, h.Index, relief.KindDrawn, string(p.ID), &drawn); err != nil {
		return nil, err
	}
	rows := make([]web.DrawRow, len(drawn.Units))
	for i := range drawn.Units {
		u := &drawn.Units[i]
		rows[i] = web.DrawRow{Stratum: u.Stratum + 1, Rank: u.Rank, Reserve: u.Reserve, Leaf: u.Leaf.String()}
	}
	return rows, nil
}

// DrawFrame answers with the leaf hashes of a draw's frame, 32 bytes each, stratum after stratum in the order of their roots: what anybody
// draws from again. It never changes.
func (h *Handlers) DrawFrame(c *gin.Context) error {
	ctx := c.Request.Context()
	p, err := h.plan(ctx, c)
	if err != nil {
		return err
	}
	if p.Frame == nil {
		return problem.NotYet.Because("抽样框尚未固定。", "The frame is not fixed yet.")
	}
	leaves, ok := h.frames.Get(p.ID)
	if !ok {
		if leaves, err = h.frameLeaves(ctx, &p); err != nil {
			return err
		}
		h.frames.Add(p.ID, leaves)
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	if unchanged(c, leaves) {
		return nil
	}
	c.Data(http.StatusOK, "application/octet-stream", leaves)
	return nil
}

// keptFrames is for how many draws the leaves are kept: at most 3.2 MB each. To put them together takes longer than to send them.
const keptFrames = 4

func (h *Handlers) frameLeaves(ctx context.Context, p *draw.Plan) ([]byte, error) {
	leaves := make([]byte, 0, p.Frame.Size*len(draw.Hash{}))
	for i := range p.Frame.Strata {
		var units draw.Units
		if err := rest.RecordInto(ctx, h.Index, relief.KindFrame, strings.Join(relief.FrameKey(p.ID, i).Attrs, "/"), &units); err != nil {
			return nil, err
		}
		for k := range units {
			leaves = append(leaves, units[k].Leaf[:]...)
		}
	}
	return leaves, nil
}
