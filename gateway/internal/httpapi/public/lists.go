package public

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/naming"
	"relieftrail/gateway/web"
)

// ListsPath is the path of the published lists.
const ListsPath = "/lists"

// shownLists is the number of lists on a page.
const shownLists = 50

// ListCursor is the cursor of the next page of lists.
var ListCursor = rest.NewParam("cursor", func(text string) (string, error) {
	parts := strings.Split(text, "/")
	if len(parts) == 3 {
		if _, err := listOf(parts[0], parts[1], parts[2]); err == nil {
			return text, nil
		}
	}
	return "", problem.OfField("cursor", "cursor 不是上一页给出的值。", "The cursor is not one that a page gave.")
})

// listName names a list.
type listName struct {
	programme relief.ProgrammeID
	county    relief.Region
	period    relief.Period
}

func listOf(programme, county, period string) (n listName, err error) {
	if n.programme, err = relief.ParseProgrammeID(programme); err != nil {
		return n, err
	}
	if n.county, err = relief.ParseRegion(county); err != nil {
		return n, err
	}
	n.period, err = relief.ParsePeriod(period)
	return n, err
}

// path is the address of the list's page.
func (n *listName) path() string {
	return ListsPath + "/" + string(n.programme) + "/" + string(n.county) + "/" + n.period.String()
}

// ListsPage shows which lists are on line.
func (h *Handlers) ListsPage(pages *web.Pages) rest.Handler {
	return func(c *gin.Context) error {
		if err := h.core.IndexFault(); err != nil {
			return err
		}
		programme, region, cursor := ByProgramme.In(c), ByRegion.In(c), ListCursor.In(c)
		question := string(programme) + " " + string(region) + " " + cursor
		page, err := h.lists.get(c.Request.Context(), question, func(ctx context.Context) (web.ListsPage, error) {
			return h.listsPage(ctx, programme, region, cursor)
		})
		if err != nil {
			return err
		}
		return pages.Lists(c.Writer, c.Request, page)
	}
}

func (h *Handlers) listsPage(ctx context.Context, programme relief.ProgrammeID, region relief.Region, cursor string) (page web.ListsPage, err error) {
	today := relief.DefaultCalendar.Day(time.Now())
	var shown []oversight.Publication // in the order of found.Items
	found, err := h.Index.Records(ctx, relief.KindPublication, cursor, shownLists, func(document json.RawMessage) (bool, error) {
		var p oversight.Publication
		err := json.Unmarshal(document, &p)
		return p.OnLine(today) && (programme == "" || p.Programme == programme) && (region == "" || region.Covers(p.County)), err
	})
	if err != nil {
		return page, err
	}
	w, err := h.words(ctx)
	if err != nil {
		return page, err
	}
	for _, document := range found.Items {
		var p oversight.Publication
		if err := json.Unmarshal(document, &p); err != nil {
			return page, err
		}
		shown = append(shown, p)
	}
	for i := range shown {
		p := &shown[i]
		n := listName{p.Programme, p.County, p.Period}
		page.Lists = append(page.Lists, web.ListLink{
			Programme: w.programme(p.Programme), Place: w.place(p.County, naming.Province), Period: p.Period.String(), Path: n.path(),
			PublishedOn: string(p.Shown.PublishedOn), OnlineUntil: string(p.Shown.OnlineUntil),
		})
	}
	page.Next, page.Region, page.Programme = found.Next, string(region), string(programme)
	return page, nil
}

// publishedList is a version of a list that is on line: the version of the month that it shows, its statement and the lines of its
// villages.
type publishedList struct {
	listName
	shown     oversight.ShownList
	since     relief.Day // the day of this version
	latest    int        // version
	month     *oversight.Month
	statement []byte
	lines     []oversight.VillageLine
}

// ListVersion names a version of a list; 0 is the last one.
var ListVersion = rest.NewParam("version", func(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || strconv.Itoa(n) != text {
		return 0, problem.OfField("version", "版本号应为正整数。", "A version is a whole number from 1.")
	}
	return n, nil
})

var (
	errUnpublished = problem.NotFound.Because("这份名单未公开，或公开期已满。", "This list is not published, or its time on line is over.")
	errNoVillage   = problem.NotFound.Because("名单中没有这个村（社区）。", "The list has no such village.")
)

// published finds a version of a list that is on line, 0 for the last one. What is not shown, or not any more, is not found.
func (h *Handlers) published(ctx context.Context, c *gin.Context, version int) (l publishedList, err error) {
	if err := h.core.IndexFault(); err != nil {
		return l, err
	}
	if l.listName, err = listOf(c.Param("programme"), c.Param("county"), c.Param("period")); err != nil {
		return l, err
	}
	if err := h.shownVersion(ctx, &l, version); err != nil {
		return l, err
	}
	versions, err := h.Index.MonthVersions(ctx, l.programme, l.county, l.period)
	if err != nil {
		return l, err
	}
	i := slices.IndexFunc(versions, func(m oversight.Month) bool { return m.Version == l.shown.Month })
	if i < 0 {
		return l, problem.NotFound.Because("没有这一版结账。", "There is no such version of the month.")
	}
	l.month = &versions[i]
	l.lines = l.month.VillageLines()
	l.statement, err = l.month.Statement()
	return l, err
}

// shownVersion finds what a version of a list shows. Versions from before a list was taken down are as little there as the list was.
func (h *Handlers) shownVersion(ctx context.Context, l *publishedList, version int) error {
	key := relief.PublicationKey(l.programme, l.county, l.period)
	history, err := h.Index.History(ctx, relief.KindPublication, strings.Join(key.Attrs, "/"))
	if err != nil {
		return err
	}
	for i, document := range slices.Backward(history) {
		var p oversight.Publication
		if err := json.Unmarshal(document, &p); err != nil {
			return err
		}
		if i == len(history)-1 {
			if !p.OnLine(relief.DefaultCalendar.Day(time.Now())) {
				return errUnpublished
			}
			l.latest = p.Shown.Version
		}
		if p.Shown == nil {
			break
		}
		if p.Shown.Version == version || version == 0 && p.Shown.Version == l.latest {
			l.shown, l.since = *p.Shown, relief.DefaultCalendar.Day(p.Acts[len(p.Acts)-1].At) // at last of the record that began it
		}
	}
	if l.shown.Version == 0 {
		return errUnpublished
	}
	return nil
}

// record names the village's list in the readings.
func (l *publishedList) record(village relief.Region) string {
	key := relief.PublicationKey(l.programme, l.county, l.period)
	return relief.KindPublication + "/" + strings.Join(key.Attrs, "/") + "/" + string(village)
}

// head is what the pages of a list have in common.
func (l *publishedList) head(w *words) web.ListHead {
	m, corrected := l.month, ""
	if l.shown.Version > 1 {
		corrected = string(l.since)
	}
	var earlier []int
	for n := 1; n < l.latest; n++ {
		earlier = append(earlier, n)
	}
	return web.ListHead{
		Programme: w.programme(l.programme), Place: w.place(l.county, naming.Province), Period: l.period.String(), Path: l.path(), Version: l.shown.Version,
		PublishedOn: string(l.shown.PublishedOn), CorrectedOn: corrected, Latest: l.latest, Earlier: earlier, OnlineUntil: string(l.shown.OnlineUntil),
		Households: m.Households, Persons: m.Persons, Rows: m.Rows, Sum: m.Sum.String(), Statement: string(l.statement), Villages: len(l.lines),
	}
}

// ListPage shows the villages of a list, or of a version that a later one has replaced.
func (h *Handlers) ListPage(pages *web.Pages) rest.Handler {
	return func(c *gin.Context) error {
		ctx := c.Request.Context()
		l, err := h.published(ctx, c, ListVersion.In(c))
		if err != nil {
			return err
		}
		w, err := h.words(ctx)
		if err != nil {
			return err
		}
		page := web.ListPage{ListHead: l.head(&w)}
		for i := range l.lines {
			page.Shown = append(page.Shown, w.village(&l.lines[i]))
		}
		return pages.List(c.Writer, c.Request, page)
	}
}

// village shows the line of a village: of one with few households the counts alone.
func (w *words) village(line *oversight.VillageLine) web.ListVillage {
	v := web.ListVillage{
		Code: string(line.Code), Place: w.place(line.Code, naming.Township), Households: line.Households, Rows: line.Rows, Root: line.Root, Line: string(line.AppendJSON(nil)),
	}
	if !line.Counts {
		v.Persons, v.Sum, v.Deducted = line.Persons, line.Sum.String(), line.Deducted.String()
	}
	return v
}

// VillagePage shows the rows of a village. Of one with few households nothing more is shown than its line says.
func (h *Handlers) VillagePage(pages *web.Pages) rest.Handler {
	return func(c *gin.Context) error {
		ctx := c.Request.Context()
		l, err := h.published(ctx, c, 0)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(l.lines, func(line oversight.VillageLine) bool { return string(line.Code) == c.Param("village") })
		if i < 0 {
			return errNoVillage
		}
		w, err := h.words(ctx)
		if err != nil {
			return err
		}
		page := web.VillagePage{ListHead: l.head(&w), ListVillage: w.village(&l.lines[i]), Index: i, LinePath: l.linePath(i)}
		if !l.lines[i].Counts {
			rows, err := h.villageRows(ctx, &l, &l.month.Villages[i])
			if err != nil {
				return err
			}
			names := h.maskedNames(ctx, &l, l.lines[i].Code, rows.Numbers)
			page.Shown, page.Named = shownRows(rows.Rows, names), names != nil
		}
		return pages.Village(c.Writer, c.Request, page)
	}
}

// linePath leads from a village's line to the root in the statement.
func (l *publishedList) linePath(i int) string {
	hashes := make([][32]byte, len(l.lines))
	for k := range l.lines {
		hashes[k] = l.lines[k].Hash()
	}
	var path []string
	for _, node := range oversight.Path(hashes, i) {
		path = append(path, hex.EncodeToString(node[:]))
	}
	return strings.Join(path, " ")
}

// villageRows are the rows of a village of the version that a list shows.
func (h *Handlers) villageRows(ctx context.Context, l *publishedList, village *oversight.Village) (index.ListedRows, error) {
	rows, err := h.Index.ListRows(ctx, l.programme, l.county, l.period, village.Code)
	if err == nil && village.Is(rows.Rows) != nil { // between two blocks
		err = problem.NotYet.Because("名单正在更新，请稍后再试。", "The list is being updated: try again later.")
	}
	return rows, err
}

// shownRows shows rows, with masked names where there are any.
func shownRows(rows []oversight.Row, names []string) []web.ListRow {
	shown := make([]web.ListRow, len(rows))
	for i := range rows {
		r := &rows[i]
		shown[i] = web.ListRow{
			Class: r.Class, Persons: r.Persons, Amount: r.Amount.String(), Period: r.Period.String(), PaidOn: string(r.PaidOn),
			Kind: rowKinds[r.Kind], Word: r.Kind.String(), Deducted: r.Deducted.String(), Leaf: r.Leaf,
		}
		if names != nil {
			shown[i].Name = names[i]
		}
	}
	return shown
}

// rowKinds are the kinds of payments in words.
var rowKinds = map[relief.PaymentKind]bilingual.Text{
	relief.PaymentRegular: {Zh: "按期", En: "regular"},
	relief.PaymentArrears: {Zh: "补发", En: "arrears"},
	relief.PaymentTopUp:   {Zh: "补差", En: "top-up"},
	relief.PaymentGrant:   {Zh: "一次性", En: "grant"},
}
