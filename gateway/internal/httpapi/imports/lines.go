package imports

import (
	"context"
	"errors"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/rollimport"
)

// ByKind chooses the lines of one kind.
var ByKind = rest.Choice("kind", rollimport.Kinds...)

// Place is where a page of lines begins, as the page before said.
var Place = rest.NewParam("cursor", func(text string) (string, error) {
	_, err := parsePlace(text)
	return text, err
})

func parsePlace(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	at, err := strconv.ParseInt(text, 10, 64)
	if err != nil || at < 0 {
		return 0, problem.OfField("cursor", "cursor 不是上一页给出的值。", "The cursor is not one that a page gave.")
	}
	return at, nil
}

// exportPage is how many lines are read at a time for a file.
const exportPage = 500

// Lines lists the lines of an import that are of one kind. They hold names and accounts.
func (h *Handlers) Lines(ctx context.Context, c *gin.Context) error {
	record, err := h.record(ctx, c)
	if err != nil {
		return err
	}
	kind := ByKind.In(c)
	if kind == "" {
		return problem.OfField("kind", "请注明 kind：new、changed、missing、refused 或 doubtful。",
			"kind is one of new, changed, missing, refused and doubtful.")
	}
	if err := h.mayRead(c, &record); err != nil {
		return err
	}
	r := &lineReader{handlers: h, c: c, id: record.ID, kind: kind}
	if r.doc, err = h.Jobs.Imports().Load(string(record.ID)); err != nil {
		return keptProblem(err)
	}
	l := rest.List[line]{Name: string(record.ID) + "-" + string(kind), Table: Table, PerPage: exportPage}
	l.Page = func(ctx context.Context, cursor string, limit int) (page index.Page[line], err error) {
		from, err := parsePlace(cursor)
		if err != nil {
			return page, err
		}
		next := int64(0)
		if page.Items, next, err = r.page(ctx, from, limit); err != nil {
			return page, keptProblem(err)
		}
		if next > 0 {
			page.Next = strconv.FormatInt(next, 10)
		}
		return page, nil
	}
	return l.Answer(c.Request.Context(), h.core, c, Place.In(c))
}

// mayRead asks the contracts: who may read the details of the county's people may read the lines of its imports.
func (h *Handlers) mayRead(c *gin.Context, p *roll.ImportProposal) error {
	if h.Persons == nil {
		return problem.Forbidden.Because("本网关没有个人信息密钥，请到保存个人信息的网关查看。",
			"This gateway has no persons key: the lines are read where private details are kept.")
	}
	_, err := rest.Ask(h.core, c, api.RollSegmentDetails, api.SegmentDetailsInput{Programme: p.Programme, County: p.County, Limit: 1})
	return err
}

// keptProblem is what it means to the caller that the lines are not there.
func keptProblem(err error) error {
	switch {
	case errors.Is(err, rollimport.ErrNone):
		return problem.NotFound.Because("本网关没有保存此次导入的明细：已决定并办结，或在其他网关提出。",
			"This gateway keeps no lines of the import: it is decided and carried out, or was proposed at another gateway.")
	case errors.Is(err, rollimport.ErrDamaged):
		return problem.OfField("cursor", "cursor 不是上一页给出的值。", "The cursor is not one that a page gave.")
	}
	return err
}

// lineReader reads the lines of one kind of an import, with names and accounts.
type lineReader struct {
	handlers *Handlers
	c        *gin.Context
	id       relief.ImportID
	kind     rollimport.Kind
	doc      rollimport.Import
}

// page reads some lines; next is where the following ones begin, 0 after the last.
func (r *lineReader) page(ctx context.Context, from int64, limit int) (lines []line, next int64, err error) {
	folders := r.handlers.Jobs.Imports()
	rows, next, err := folders.Rows(string(r.id), r.kind, from, limit)
	if err != nil {
		return nil, 0, err
	}
	spans := make([]*rollimport.Span, len(rows))
	for i := range rows {
		spans[i] = rows[i].Details
	}
	details, err := folders.Details(string(r.id), spans)
	if err != nil {
		return nil, 0, err
	}
	onRoll, err := r.onRoll(ctx, rows)
	if err != nil {
		return nil, 0, err
	}
	opened, err := r.read(rows, onRoll)
	if err != nil {
		return nil, 0, err
	}
	lines = make([]line, len(rows))
	for i := range rows {
		lines[i] = newLine(&rows[i])
		if details[i] != nil {
			person, err := opened.Person(details[i], rows[i].Subject, r.doc.Programme)
			if err != nil {
				return nil, 0, err
			}
			lines[i].show(&person)
		}
		if rows[i].Number != nil {
			if d, there := onRoll[*rows[i].Number]; there {
				person, err := opened.Person(d.Details, d.Subject, r.doc.Programme)
				if err != nil {
					return nil, 0, err
				}
				lines[i].showOnRoll(&person)
			}
		}
	}
	return lines, next, nil
}

// read records that a page is read: by the people of its lines, of whom the file or the roll has a name and an account.
func (r *lineReader) read(rows []rollimport.Row, onRoll map[uint32]api.Details) (*reading.Opened, error) {
	var people []relief.SubjectRef
	for i := range rows {
		if !rows[i].Subject.IsZero() {
			people = append(people, rows[i].Subject)
		}
	}
	for i := range rows {
		if rows[i].Number != nil {
			if d, there := onRoll[*rows[i].Number]; there {
				people = append(people, d.Subject)
			}
		}
	}
	return r.handlers.core.Read(r.c, reading.ImportLines, relief.KindImport, string(r.id), people...)
}
