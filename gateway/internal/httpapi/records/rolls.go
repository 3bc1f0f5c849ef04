package records

import (
	"bufio"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/reading"
)

// The query parameters of a roll's entries.
var (
	ByClass      = rest.NewParam("class", parseClass)
	ByEntryState = rest.Choice("state", roll.InForce, roll.Exited)
)

func parseClass(s string) (string, error) {
	if len(s) != 1 || s[0] < 'A' || s[0] > 'Z' {
		return "", relief.FieldErrorf("class", "the class is one letter A–Z")
	}
	return s, nil
}

// rollPerson is an entry of a roll with who the person is. The words are absent of those whose details were erased.
type rollPerson struct {
	index.RollEntry
	Name        string `json:"name,omitempty"`
	IDNumber    string `json:"id_number,omitempty"`
	Account     string `json:"account,omitempty"`
	Bank        string `json:"bank,omitempty"`
	Phone       string `json:"phone,omitempty"`
	HouseholdNo string `json:"household_no,omitempty"`
}

// RollEntries answers with a roll's entries: pages of JSON, or all of them as CSV.
func (h *Handlers) RollEntries(_ context.Context, c *gin.Context) error {
	return h.listRoll(c, rollEntryColumns, func(ctx context.Context, q index.RollQuery, cursor string, limit int) (index.Page[rollPerson], error) {
		page, err := h.Index.RollEntries(ctx, q, cursor, limit)
		return nameless(page), err
	})
}

// RollPeople answers with a roll's entries and who the people are. Each page is recorded as a reading before anything of it is
// opened. Who may read it is the contracts' matter: those with the duty whose region covers the county.
func (h *Handlers) RollPeople(c *gin.Context) error {
	if h.Persons == nil {
		return problem.Forbidden.Because("本网关没有个人信息密钥，请到保存个人信息的网关查看。",
			"This gateway has no persons key: names are read where private details are kept.")
	}
	if err := h.core.HasDuty(c, relief.ActReadPerson); err != nil {
		return err
	}
	if err := h.core.CaughtUp(c); err != nil {
		return err
	}
	return h.listRoll(c, rollPersonColumns, func(ctx context.Context, q index.RollQuery, cursor string, limit int) (index.Page[rollPerson], error) {
		page, err := h.Index.RollEntries(ctx, q, cursor, limit)
		if err != nil {
			return index.Page[rollPerson]{}, err
		}
		out := nameless(page)
		return out, h.nameRoll(ctx, c, &q, out.Items)
	})
}

func nameless(page index.Page[index.RollEntry]) index.Page[rollPerson] {
	out := index.Page[rollPerson]{Items: make([]rollPerson, len(page.Items)), Next: page.Next, Unreadable: page.Unreadable}
	for i := range page.Items {
		out.Items[i].RollEntry = page.Items[i]
	}
	return out
}

// rollPages reads a page of a roll.
type rollPages func(ctx context.Context, q index.RollQuery, cursor string, limit int) (index.Page[rollPerson], error)

func (h *Handlers) listRoll(c *gin.Context, columns []rollColumn, read rollPages) error {
	id, err := rest.PathID(c, "programme", relief.ParseProgrammeID)
	if err != nil {
		return err
	}
	county, err := rest.PathID(c, "county", parseCounty)
	if err != nil {
		return err
	}
	format, err := rest.Accept(c, rest.JSONType, rest.CSV)
	if err != nil {
		return err
	}
	q := index.RollQuery{Programme: id, County: county, Region: ByRegion.In(c), Class: ByClass.In(c), State: ByEntryState.In(c)}
	ctx := h.core.Reached(c)
	if format == rest.CSV {
		return h.exportRoll(ctx, c, q, columns, read)
	}
	page, err := read(ctx, q, rest.Cursor.In(c), h.core.PageSize(c))
	if err != nil {
		return err
	}
	return rest.JSON(c, page)
}

func parseCounty(s string) (relief.Region, error) {
	r, err := relief.ParseRegion(s)
	if err != nil || r.County() != r {
		return "", relief.FieldErrorf("county", "a county has six digits")
	}
	return r, nil
}

// nameRoll opens the details of a page's people, and records that they are read.
func (h *Handlers) nameRoll(ctx context.Context, c *gin.Context, q *index.RollQuery, people []rollPerson) error {
	var p programme.Programme
	if err := rest.RecordInto(ctx, h.Index, relief.KindProgramme, string(q.Programme), &p); err != nil {
		return err
	}
	size := uint32(p.Versions[0].SegmentSize) //nolint:gosec // 1 to 1000
	refs := make([]relief.SubjectRef, len(people))
	for i := range people {
		refs[i] = people[i].Subject
	}
	sealed := map[uint32]api.Details{}
	for rest := people; len(rest) > 0; {
		n := togetherFrom(rest, size)
		if err := h.sealedRoll(ctx, c, q, rest[0].Number/size, rest[0].Number, rest[n-1].Number, sealed); err != nil {
			return err
		}
		rest = rest[n:]
	}
	opened, err := h.core.Read(c, reading.RollPeople, relief.KindRoll, string(q.Programme)+"/"+string(q.County), refs...)
	if err != nil {
		return err
	}
	for i := range people {
		e := &people[i]
		d, there := sealed[e.Number]
		if !there || d.Subject != e.Subject {
			continue
		}
		person, err := opened.Person(d.Details, e.Subject, q.Programme)
		if err != nil {
			return err
		}
		e.Name, e.IDNumber, e.Account = person.Name.Reveal(), person.IDNumber.Reveal(), person.Account.Reveal()
		e.Bank, e.Phone, e.HouseholdNo = person.Bank.Reveal(), person.Phone.Reveal(), person.HouseholdNo.Reveal()
	}
	return nil
}

// togetherFrom is how many of the first people one page of a segment's details has.
func togetherFrom(people []rollPerson, size uint32) int {
	first := people[0].Number
	n := slices.IndexFunc(people, func(e rollPerson) bool { return e.Number/size != first/size || e.Number-first >= api.MaxDetailsPage })
	if n < 0 {
		return len(people)
	}
	return n
}

func (h *Handlers) sealedRoll(ctx context.Context, c *gin.Context, q *index.RollQuery, segment, first, last uint32, sealed map[uint32]api.Details) error {
	page, err := rest.AskIn(ctx, h.core, c, api.RollSegmentDetails, api.SegmentDetailsInput{
		Programme: q.Programme, County: q.County, Segment: segment, From: first, Limit: int(last - first + 1),
	})
	if err != nil {
		return err
	}
	for i := range page.Items {
		sealed[page.Items[i].Number] = page.Items[i]
	}
	return nil
}

// exportRoll streams all entries. A read that fails after the first page cuts the connection off.
func (h *Handlers) exportRoll(ctx context.Context, c *gin.Context, q index.RollQuery, columns []rollColumn, read rollPages) error {
	page, err := read(ctx, q, "", exportPage)
	if err != nil {
		return err
	}
	rest.Attachment(c, rest.CSV+"; charset=utf-8", "roll-"+string(q.Programme)+"-"+string(q.County)+".csv")
	if rest.HeadOnly(c) {
		return nil
	}
	if err := h.exportRollPages(ctx, c, q, columns, read, page); err != nil {
		h.core.Log.ErrorContext(ctx, "export was cut off", "request", rest.RequestID(c), "error", err.Error())
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (h *Handlers) exportRollPages(
	ctx context.Context, c *gin.Context, q index.RollQuery, columns []rollColumn, read rollPages, page index.Page[rollPerson],
) error {
	rc := http.NewResponseController(c.Writer)
	rest.KeepOpen(rc)
	out := bufio.NewWriterSize(c.Writer, 64<<10)
	w := rollWriter(out, columns)
	for {
		for i := range page.Items {
			row := make([]string, len(columns))
			for n := range columns {
				row[n] = columns[n].text(&page.Items[i])
			}
			_ = w.Write(row) // Error has what went wrong
		}
		if w.Flush(); w.Error() != nil || page.Next == "" {
			_ = out.Flush() // the caller is gone when this fails
			return w.Error()
		}
		_ = rc.SetWriteDeadline(time.Now().Add(pageTime))
		var err error
		if page, err = read(ctx, q, page.Next, exportPage); err != nil {
			return err
		}
	}
}

// rollColumn is a column of a roll for a spreadsheet.
type rollColumn struct {
	title string
	text  func(*rollPerson) string
}

func rollWriter(out io.Writer, columns []rollColumn) *csv.Writer {
	titles := make([]string, len(columns))
	for i := range columns {
		titles[i] = columns[i].title
	}
	return rest.NewCSV(struct{ io.Writer }{out}, titles...) // hides that out is buffered: Flush must not reach the caller
}

// digits keeps a spreadsheet from taking a long number for one and rounding it.
func digits(s string) string {
	if s == "" {
		return ""
	}
	return "\t" + s
}

var stateWords = map[roll.State]string{roll.InForce: "在册", roll.Exited: "已退出"}

var exitWords = map[roll.ExitReason]string{
	roll.ExitDeath: "死亡", "income": "收入变化", "moved": "迁出", "voluntary": "自愿退出", "ineligible": "不再符合条件", "other": "其他",
}

var rollEntryColumns = []rollColumn{
	{"名册序号", func(e *rollPerson) string { return strconv.FormatUint(uint64(e.Number), 10) }},
	{"对象编号", func(e *rollPerson) string { return e.Subject.String() }},
	{"行政区划代码", func(e *rollPerson) string { return digits(string(e.Region)) }},
	{"类别", func(e *rollPerson) string { return e.Class }},
	{"保障人口", func(e *rollPerson) string { return strconv.Itoa(int(e.Persons)) }},
	{"月保障金额", func(e *rollPerson) string { return e.Amount.String() }},
	{"起始所属期", func(e *rollPerson) string { return e.From.String() }},
	{"终止所属期", func(e *rollPerson) string { return e.Until.String() }},
	{"状态", func(e *rollPerson) string { return stateWords[e.State] }},
	{"退出原因", func(e *rollPerson) string { return exitWords[e.ExitReason] }},
	{"个案编号", func(e *rollPerson) string { return string(e.Case) }},
}

var rollPersonColumns = append(slices.Clip(rollEntryColumns),
	rollColumn{"户主姓名", func(e *rollPerson) string { return rest.SpreadsheetSafe(e.Name) }},
	rollColumn{"身份证号", func(e *rollPerson) string { return digits(e.IDNumber) }},
	rollColumn{"银行卡号", func(e *rollPerson) string { return digits(e.Account) }},
	rollColumn{"开户行", func(e *rollPerson) string { return rest.SpreadsheetSafe(e.Bank) }},
	rollColumn{"联系电话", func(e *rollPerson) string { return digits(e.Phone) }},
	rollColumn{"户编号", func(e *rollPerson) string { return rest.SpreadsheetSafe(e.HouseholdNo) }},
)
