package yearexports

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/reach"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/table"
	"relieftrail/gateway/internal/yearexport"
)

// Index is what is read of programmes from the index of the ledger.
type Index interface {
	Records(ctx context.Context, kind, cursor string, limit int, keep func(json.RawMessage) (bool, error)) (index.Page[json.RawMessage], error)
}

// Exports makes and keeps the archives.
type Exports interface {
	Start(id, principal string, q yearexport.Request) (yearexport.Export, error)
	Get(id, principal string) (yearexport.Export, error)
	List(principal string) ([]yearexport.Export, error)
	Archive(id, principal string) (yearexport.Export, *os.File, error)
	Delete(id, principal string) error
}

// Deps is what the handlers need beside the core.
type Deps struct {
	Index   Index
	Exports Exports
	Names   bool // this gateway can open private details
}

// Handlers answer the paths of archives.
type Handlers struct {
	core *rest.Core
	Deps
}

// New makes the handlers.
func New(core *rest.Core, deps Deps) *Handlers { return &Handlers{core, deps} }

// maxProgrammes bounds the programmes of an archive.
const maxProgrammes = 32

// body asks for an archive.
type body struct {
	County     string   `json:"county"`
	Year       int      `json:"year"`
	Programmes []string `json:"programmes"` // none: all of the county
	Format     string   `json:"format"`     // csv when empty
	Headers    string   `json:"headers"`    // en when empty
	Names      bool     `json:"names"`
}

// Start takes the order for an archive.
func (h *Handlers) Start(c *gin.Context) error {
	var b body
	if err := h.core.ReadBody(c, &b); err != nil {
		return err
	}
	q, err := b.request(h.core.Today())
	if err != nil {
		return err
	}
	if err := h.mayAsk(c, &q); err != nil {
		return err
	}
	if q.Programmes, err = h.programmes(c, &q, b.Programmes); err != nil {
		return err
	}
	asked, err := json.Marshal(b)
	if err != nil {
		return err
	}
	key, id, sum := rest.KeyOf(c), uuid.NewString(), sha256.Sum256(asked)
	existing, err := h.core.Outbox.Claim(key, rest.RequestHash(c, sum[:]), id)
	if err != nil {
		return err
	}
	if existing != "" {
		id = existing
		c.Header("Idempotency-Replayed", "true")
	}
	e, err := h.Exports.Start(id, key.Principal, q)
	if err != nil {
		return problemOf(err)
	}
	c.Header("Location", "/v1/exports/"+e.ID)
	return rest.JSONStatus(c, http.StatusAccepted, e)
}

// request is what a body asks for, without its programmes.
func (b *body) request(today relief.Day) (q yearexport.Request, err error) {
	if q.County, err = relief.ParseRegion(b.County); err != nil || q.County.County() != q.County {
		return q, problem.OfField("county", "county 为六位县区代码。", "county is a county's code of six digits.")
	}
	if q.Year = b.Year; q.Year < 2000 || q.Year > today.Month()/12 {
		return q, problem.OfField("year", "year 为四位年份，不晚于今年。", "year is a year of four digits, this one at the latest.")
	}
	if q.Format = table.CSV; b.Format != "" {
		q.Format = table.Format(b.Format)
	}
	if q.Format == table.JSON || !slices.Contains(table.Formats, q.Format) {
		return q, problem.OfField("format", "format 为 csv、ndjson 或 xlsx。", "format is csv, ndjson or xlsx.")
	}
	if b.Headers != "" && b.Headers != "en" && b.Headers != "zh" {
		return q, problem.OfField("headers", "headers 为 en 或 zh。", "headers is en or zh.")
	}
	q.Chinese, q.Names = b.Headers == "zh", b.Names
	return q, nil
}

// mayAsk refuses an order whose lists the official would be refused.
func (h *Handlers) mayAsk(c *gin.Context, q *yearexport.Request) error {
	if err := h.core.CaughtUp(c); err != nil {
		return err
	}
	if err := h.core.HasDuty(c, relief.ActRead); err != nil {
		return err
	}
	if q.Names {
		if !h.Names {
			return problem.Forbidden.Because("本网关没有个人信息密钥，请到保存个人信息的网关导出姓名，或不含姓名导出。",
				"This gateway has no persons key: ask where private details are kept, or without names.")
		}
		if err := h.core.HasDuty(c, relief.ActReadPerson); err != nil {
			return err
		}
	}
	caller, err := reach.Of(c.Request.Context())
	if err != nil {
		return err
	}
	return caller.RequireCovers(q.County)
}

// programmes are those that an order names, or else all that pay in the county.
func (h *Handlers) programmes(c *gin.Context, q *yearexport.Request, named []string) (ids []relief.ProgrammeID, err error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), rest.ReadTime)
	defer cancel()
	page, err := h.Index.Records(ctx, relief.KindProgramme, "", index.MaxPage, nil)
	if err != nil {
		return nil, err
	}
	for _, value := range page.Items {
		var p programme.Programme
		if err := json.Unmarshal(value, &p); err != nil {
			return nil, err
		}
		there := slices.ContainsFunc(p.Versions, func(v programme.VersionRecord) bool {
			return v.Region.Covers(q.County) || q.County.Covers(v.Region)
		})
		if there && (len(named) == 0 || slices.Contains(named, string(p.ID))) {
			ids = append(ids, p.ID)
		}
	}
	switch {
	case len(ids) > maxProgrammes:
		return nil, problem.OfField("programmes", "一次最多导出 32 个项目，请列出项目。", "At most 32 programmes go into an archive: name them.")
	case len(ids) == 0 || len(named) > 0 && len(ids) != len(named):
		return nil, problem.OfField("programmes", "该县区没有所列的项目，或项目重复。", "The county has no such programme, or one is named twice.")
	}
	return ids, nil
}

// List lists the official's archives.
func (h *Handlers) List(c *gin.Context) error {
	list, err := h.Exports.List(rest.Caller(c).Name)
	if err != nil {
		return err
	}
	document := struct {
		Items []yearexport.Export `json:"items"`
	}{list}
	return rest.AnswerRows(h.core, c, "exports", lists.YearExports, document, list)
}

// Get says how far an archive is.
func (h *Handlers) Get(c *gin.Context) error {
	e, err := h.Exports.Get(c.Param("id"), rest.Caller(c).Name)
	if err != nil {
		return problemOf(err)
	}
	return rest.JSON(c, e)
}

// Delete deletes an archive, or stops its making.
func (h *Handlers) Delete(c *gin.Context) error {
	if err := h.Exports.Delete(c.Param("id"), rest.Caller(c).Name); err != nil {
		return problemOf(err)
	}
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
	return nil
}

// Archive gives an archive, or a range of it. That it is given is recorded first where it names people, and who may not read them any
// more does not get it.
func (h *Handlers) Archive(c *gin.Context) error {
	e, file, err := h.Exports.Archive(c.Param("id"), rest.Caller(c).Name)
	if err != nil {
		return problemOf(err)
	}
	defer func() { _ = file.Close() }()
	if err := h.mayAsk(c, &e.Request); err != nil {
		return err
	}
	if e.Names && !rest.HeadOnly(c) {
		access := rest.Access(c, reading.YearExport, "export", e.ID)
		access.Count = e.NamedRows()
		if _, err := h.core.Readings.Read(access); err != nil {
			return err
		}
	}
	c.Header("Content-Type", "application/zip")
	c.Header("Content-Disposition", `attachment; filename="`+e.ArchiveName()+`"`)
	c.Header("ETag", `"`+e.SHA256+`"`)
	w := &ranged{ResponseWriter: c.Writer}
	http.ServeContent(w, c.Request, "", e.EndedAt, file)
	if w.outside {
		return problem.OutsideRange.Fault()
	}
	return nil
}

// ranged keeps the plain text of a range that is not there from being the answer.
type ranged struct {
	gin.ResponseWriter
	outside bool
}

// WriteHeader notices such a range.
func (w *ranged) WriteHeader(status int) {
	if w.outside = status == http.StatusRequestedRangeNotSatisfiable; !w.outside {
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write writes the archive.
func (w *ranged) Write(b []byte) (int, error) {
	if w.outside {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

func problemOf(err error) error {
	switch {
	case errors.Is(err, yearexport.ErrNone):
		return problem.NotFound.Because("没有这个导出，或已过期删除；导出只有申请人本人可以查看。",
			"There is no such export, or its time is over; only who asked for it sees it.")
	case errors.Is(err, yearexport.ErrNotDone):
		return problem.WrongState.Because("压缩包尚未完成，进度见 /v1/exports。", "The archive is not ready; /v1/exports says how far it is.")
	case errors.Is(err, yearexport.ErrMany):
		return problem.TooMany.Because("每人最多保留三个导出，请先删除一个（DELETE）。", "An official may have three exports: delete one first.")
	case errors.Is(err, yearexport.ErrFull):
		return problem.Overloaded.Fault()
	}
	return err
}
