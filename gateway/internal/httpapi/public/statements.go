package public

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/naming"
	"relieftrail/gateway/web"
)

// shownStatements is the number of statements on a page.
const shownStatements = 20

// Before is the number of the first statement of the page before.
var Before = rest.NewParam("before", func(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, problem.OfField("before", "before 须为声明的编号。", "before is the number of a statement.")
	}
	return n, nil
})

// StatementsPage shows the statements that all agencies have signed, the newest first.
func (h *Handlers) StatementsPage(pages *web.Pages) rest.Handler {
	return func(c *gin.Context) error {
		if err := h.core.IndexFault(); err != nil {
			return err
		}
		before := Before.In(c)
		page, err := h.statements.get(c.Request.Context(), strconv.FormatInt(before, 10), func(ctx context.Context) (web.StatementsPage, error) {
			return h.statementsPage(ctx, before)
		})
		if err != nil {
			return err
		}
		return pages.Statements(c.Writer, c.Request, page)
	}
}

func (h *Handlers) statementsPage(ctx context.Context, before int64) (page web.StatementsPage, err error) {
	signed, ok := h.Statements.Published()
	page.Size, page.Signed = signed.Size, ok
	until := signed.Size
	if before > 0 {
		until = min(before, until)
	}
	from := max(until-shownStatements, 0)
	if until == 0 {
		return page, nil
	}
	entries, err := h.Index.Statements(ctx, from, int(until-from))
	if err != nil {
		return page, err
	}
	w, err := h.words(ctx)
	if err != nil {
		return page, err
	}
	slices.Reverse(entries)
	for i := range entries {
		shown, err := w.statement(&entries[i])
		if err != nil {
			return page, err
		}
		page.Entries = append(page.Entries, shown)
	}
	page.Older = uint64(from)
	return page, nil
}

// words are what the codes of statements stand for.
type words struct {
	programmes map[relief.ProgrammeID]bilingual.Text
	regions    []registry.RegionEntry
}

func (h *Handlers) words(ctx context.Context) (w words, err error) {
	names, err := h.names(ctx)
	if err != nil {
		return w, err
	}
	w.programmes = map[relief.ProgrammeID]bilingual.Text{}
	for _, p := range names.Programmes {
		text := bilingual.Text{Zh: p.Name, En: p.NameEn}
		if text.En == "" {
			text.En = p.Name
		}
		w.programmes[p.ID] = text
	}
	agreed, err := h.Index.Registry(ctx)
	w.regions = agreed.Regions
	return w, err
}

// programme is a programme's name, its id where it has none.
func (w *words) programme(id relief.ProgrammeID) bilingual.Text {
	if text, ok := w.programmes[id]; ok {
		return text
	}
	return bilingual.Text{Zh: string(id), En: string(id)}
}

// place is a region's name from a level down, its code where it has none.
func (w *words) place(code relief.Region, level int) string {
	if name := naming.Place(w.regions, code, level); name != "" {
		return name
	}
	return string(code)
}

// statement shows a statement in words.
func (w *words) statement(s *index.Statement) (web.StatementEntry, error) {
	shown := web.StatementEntry{N: s.N, Content: string(s.Content)}
	var of struct{ Kind string }
	if err := json.Unmarshal(s.Content, &of); err != nil {
		return shown, err
	}
	switch of.Kind {
	case relief.KindPublication:
		return shown, w.publication(&shown)
	case relief.KindPlan:
		return shown, w.draw(&shown)
	default:
		return shown, w.month(&shown)
	}
}

func (w *words) draw(shown *web.StatementEntry) error {
	var p draw.PlanStatement
	if err := json.Unmarshal([]byte(shown.Content), &p); err != nil {
		return err
	}
	place, purpose := w.place(p.County, naming.County), drawPurposes[p.Purpose]
	shown.Title = bilingual.Text{Zh: fmt.Sprintf("%s 公开抽查 %s", place, p.ID), En: fmt.Sprintf("%s: draw %s", place, p.ID)}
	state := drawStates[p.State]
	shown.Text = bilingual.Text{
		Zh: fmt.Sprintf("%s，%d 户。%s。", purpose.Zh, p.Size, state.Zh), En: fmt.Sprintf("%s, %d units. %s.", purpose.En, p.Size, state.En),
	}
	shown.Link, shown.LinkText = drawPath(p.ID), bilingual.Text{Zh: "查看抽查", En: "The draw"}
	return nil
}

func (w *words) month(shown *web.StatementEntry) error {
	var m oversight.MonthStatement
	if err := json.Unmarshal([]byte(shown.Content), &m); err != nil {
		return err
	}
	p, place := w.programme(m.Programme), w.place(m.County, naming.County)
	shown.Title = bilingual.Text{
		Zh: fmt.Sprintf("%s %s %s 月度结账（第 %d 版）", place, p.Zh, m.Period, m.Version),
		En: fmt.Sprintf("%s, %s: %s closed (version %d)", place, p.En, m.Period, m.Version),
	}
	shown.Text = bilingual.Text{
		Zh: fmt.Sprintf("已到账 %d 笔，共 %s 元；应发 %d，按时 %d，未发 %d。", m.Rows, m.Sum, m.Due, m.OnTime, m.Unpaid),
		En: fmt.Sprintf("%d payments credited, %s yuan together; %d due, %d on time, %d not paid.", m.Rows, m.Sum, m.Due, m.OnTime, m.Unpaid),
	}
	return nil
}

// listStates are the states of published lists in words.
var listStates = map[oversight.PublicationState]bilingual.Text{
	oversight.PublicationProposed: {Zh: "提议公开，待审定", En: "Proposed, to be decided"},
	oversight.PublicationShown:    {Zh: "已公开", En: "Published"},
	oversight.PublicationChanging: {Zh: "已公开，有更正或撤下的提议待审定", En: "Published; a correction or its taking down is proposed"},
	oversight.PublicationDown:     {Zh: "已撤下或未公开", En: "Taken down, or not published"},
}

func (w *words) publication(shown *web.StatementEntry) error {
	var l oversight.PublicationStatement
	if err := json.Unmarshal([]byte(shown.Content), &l); err != nil {
		return err
	}
	p, place := w.programme(l.Programme), w.place(l.County, naming.County)
	shown.Title = bilingual.Text{
		Zh: fmt.Sprintf("%s %s %s 公开名单", place, p.Zh, l.Period), En: fmt.Sprintf("%s, %s: list of %s", place, p.En, l.Period),
	}
	state := listStates[l.State]
	shown.Text = bilingual.Text{
		Zh: fmt.Sprintf("%s。最迟应于 %s 公开。", state.Zh, l.Due), En: fmt.Sprintf("%s. Due by %s.", state.En, l.Due),
	}
	if l.Shown != nil {
		n := listName{l.Programme, l.County, l.Period}
		shown.Link, shown.LinkText = n.path(), bilingual.Text{Zh: "查看名单", En: "The list"}
	}
	return nil
}
