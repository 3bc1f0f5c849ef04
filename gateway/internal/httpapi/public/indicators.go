package public

import (
	"context"
	"fmt"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/gateway/internal/agreement"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/records"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/naming"
	"relieftrail/gateway/web"
)

// IndicatorsPath is the path of the page of indicators.
const IndicatorsPath = "/indicators"

// shownQuestions is the number of months on the page that links to their indicators.
const shownQuestions = 50

// Agreement says how far the agencies' indicators agree.
type Agreement interface {
	Own(ctx context.Context) (agreement.Digests, error)
	Status() agreement.Status
}

// Indicators answers anybody with the indicators of a programme, region and period: how they are known is part of them, and what they
// are made of is added up by county.
func (h *Handlers) Indicators(c *gin.Context) error {
	if err := h.core.IndexFault(); err != nil {
		return err
	}
	report, err := h.report(c)
	if err != nil {
		return err
	}
	return rest.JSON(c, records.IndicatorsAnswer{Report: report, SHA256: report.Digest()})
}

// report is what was worked out a moment ago, or now.
func (h *Handlers) report(c *gin.Context) (indicator.Report, error) {
	q, block, err := records.QuestionIn(c)
	if err != nil {
		return indicator.Report{}, err
	}
	if block != nil && q.Region.County() == "" {
		return indicator.Report{}, problem.OfField("block", "区块只可用于县级区划。", "A block can be named for a county; of larger regions anybody reads the newest figures.")
	}
	question := fmt.Sprint(q.Programme, " ", q.Region, " ", q.Period)
	if block != nil {
		question += " " + strconv.FormatUint(*block, 10)
	}
	return h.reports.get(c.Request.Context(), question, func(ctx context.Context) (indicator.Report, error) {
		return h.Index.Indicators(ctx, q, block)
	})
}

// IndicatorDigests gives the digests of this agency's indicators, which the other gateways compare with theirs.
func (h *Handlers) IndicatorDigests(c *gin.Context) error {
	if err := h.core.IndexFault(); err != nil {
		return err
	}
	if h.Agreement == nil {
		return problem.NotFound.Because("本网关没有公开声明日志。", "This gateway has no log of public statements.")
	}
	own, err := h.digests.get(c.Request.Context(), "", h.Agreement.Own)
	if err != nil {
		return err
	}
	return rest.JSON(c, own)
}

// IndicatorsPage shows indicators, or which months have any.
func (h *Handlers) IndicatorsPage(pages *web.Pages) rest.Handler {
	return func(c *gin.Context) error {
		if err := h.core.IndexFault(); err != nil {
			return err
		}
		ctx := c.Request.Context()
		w, err := h.words(ctx)
		if err != nil {
			return err
		}
		programme, region, period := ByProgramme.In(c), ByRegion.In(c), records.OfSpan.In(c)
		page := web.IndicatorsPage{ID: string(programme), Region: string(region), Period: period.String()}
		if programme == "" || region == "" || page.Period == "" {
			if page.Months, err = h.closedMonths(ctx, &w, IndicatorsPath); err != nil {
				return err
			}
			return pages.Indicators(c.Writer, c.Request, page)
		}
		report, err := h.report(c)
		if err != nil {
			return err
		}
		w.indicators(&page, &report)
		return pages.Indicators(c.Writer, c.Request, page)
	}
}

// closedMonths leads to a page about each of the months that were closed last.
func (h *Handlers) closedMonths(ctx context.Context, w *words, path string) (links []web.ListLink, err error) {
	months, err := h.Index.ClosedMonths(ctx, shownQuestions)
	if err != nil {
		return nil, err
	}
	for i := len(months) - 1; i >= 0; i-- {
		q := &months[i]
		links = append(links, web.ListLink{
			Programme: w.programme(q.Programme), Place: w.place(q.Region, naming.Province), Period: q.Period.String(),
			Path: question(path, q.Programme, q.Region, q.Period.String()),
		})
	}
	return links, nil
}

// stands, grades, parts and sources of figures in words.
var (
	stands = map[indicator.Stand]bilingual.Text{
		indicator.Provisional: {Zh: "暂定", En: "provisional"}, indicator.Final: {Zh: "最终", En: "final"}, indicator.Later: {Zh: "最终之后", En: "after the final block"},
	}
	grades = map[indicator.Grade]bilingual.Text{
		indicator.Excellent: {Zh: "优秀", En: "excellent"}, indicator.Good: {Zh: "良好", En: "good"}, indicator.Pass: {Zh: "合格", En: "pass"}, indicator.Fail: {Zh: "不合格", En: "fail"},
	}
	parts = map[indicator.Part]bilingual.Text{
		indicator.Execution: {Zh: "预算执行", En: "execution"}, indicator.Output: {Zh: "产出", En: "output"}, indicator.Benefit: {Zh: "效益", En: "benefit"},
		indicator.Content: {Zh: "满意度", En: "satisfaction"},
	}
	sources = map[indicator.Known]bilingual.Text{
		indicator.ByChaincode: {Zh: "账本算出", En: "by the chaincode"}, indicator.Agreed: {Zh: "三部门一致", En: "agreed by all agencies"},
		indicator.Sampled: {Zh: "抽查，尚无数据", En: "by a sample, none yet"}, indicator.Told: {Zh: "部门提供，尚无数据", En: "told by a department, not yet"},
	}
)

// indicators puts a report into words.
func (w *words) indicators(page *web.IndicatorsPage, r *indicator.Report) {
	page.Programme, page.Place = w.programme(r.Programme), w.place(r.Region, naming.Province)
	page.County = r.Region.County() != ""
	page.Block, page.Today, page.FinalOn, page.Stand = r.Block, string(r.Today), string(r.FinalOn), stands[r.Stand]
	page.Score, page.Grade, page.SHA256 = r.Score, grades[r.Grade], r.Digest()
	for i := range r.Indicators {
		page.Rows = append(page.Rows, indicatorRow(&r.Indicators[i]))
	}
	for i := range r.Parts {
		p := &r.Parts[i]
		page.Parts = append(page.Parts, web.ScorePart{Name: parts[p.Part], Weight: p.Weight, Scored: p.Scored, Points: p.Points, Score: p.Score})
	}
	for _, m := range r.NotClosed {
		page.NotClosed = append(page.NotClosed, w.place(m.County, naming.County)+" "+m.Period.String())
	}
}

func indicatorRow(v *indicator.Value) web.IndicatorRow {
	d := indicator.Of(v.Code)
	row := web.IndicatorRow{Name: bilingual.Text{Zh: d.Zh, En: d.En}, Value: v.Shown, Known: sources[v.Known], Score: v.Score, None: v.None()}
	if !v.None() {
		num := strconv.FormatInt(v.Num, 10)
		if d.Unit == indicator.Yuan || byMoney[v.Code] {
			num = relief.Fen(v.Num).String()
		}
		den := strconv.FormatInt(v.Den, 10)
		if byMoney[v.Code] {
			den = relief.Fen(v.Den).String()
		}
		row.Of = bilingual.Text{Zh: fmt.Sprintf("%s（%s）／%s（%s）", num, d.NumZh, den, d.DenZh), En: fmt.Sprintf("%s (%s) of %s (%s)", num, d.NumEn, den, d.DenEn)}
		if row.Value += " %"; d.Unit == indicator.Yuan {
			row.Value = v.Shown + " 元"
		}
	}
	if v.Target != "" {
		row.Target = "≥ " + v.Target + " %"
		if v.AtMost {
			row.Target = "≤ " + v.Target + " %"
		}
	}
	if v.Met != nil {
		row.Met = bilingual.Text{Zh: "未达到", En: "not met"}
		if row.Good = *v.Met; row.Good {
			row.Met = bilingual.Text{Zh: "达到", En: "met"}
		}
	}
	return row
}

// byMoney are the indicators whose denominator is fen.
var byMoney = map[indicator.Code]bool{
	indicator.BudgetExecution: true, indicator.BudgetExecutionFirst: true, indicator.Unspent: true, indicator.TimelinessAmount: true,
}
