package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/table"
)

// List is a list that is answered in every format.
type List[T any] struct {
	Name  string // of its file, without the ending
	Table *table.Table[T]
	// Page reads the items that follow a cursor, limit at most.
	Page func(ctx context.Context, cursor string, limit int) (index.Page[T], error)
	// PerPage is how many items are read at a time for a file; 0: exportPage.
	PerPage int
}

// exportPage is how many items are read at a time for a file.
const exportPage = 1000

// Answer answers with the page of the list that follows the cursor, as JSON, or with the whole list as a file.
func (l *List[T]) Answer(ctx context.Context, s *Core, c *gin.Context, cursor string) error {
	o, err := s.TableOptions(c)
	if err != nil {
		return err
	}
	if o.Format == table.JSON {
		page, err := l.Page(ctx, cursor, s.PageSize(c))
		if err != nil {
			return err
		}
		if page.Items == nil {
			page.Items = []T{}
		}
		return JSON(c, page)
	}
	return l.export(ctx, s, c, o)
}

// export writes the whole list. What fails before anything was sent is answered as a problem; after that the connection is cut
// off, so that a caller does not take a part for the whole.
func (l *List[T]) export(ctx context.Context, s *Core, c *gin.Context, o table.Options) error {
	limit := l.PerPage
	if limit == 0 {
		limit = exportPage
	}
	page, err := l.Page(ctx, "", limit)
	if err != nil {
		return err
	}
	return writeFile(s, c, l.Name, l.Table, o, func(w *table.Writer[T], wait func()) error {
		for {
			if err := w.Write(page.Items); err != nil || page.Next == "" {
				return err
			}
			wait()
			if page, err = l.next(c, page.Next, limit); err != nil {
				return err
			}
		}
	})
}

func (l *List[T]) next(c *gin.Context, cursor string, limit int) (index.Page[T], error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), ReadTime)
	defer cancel()
	return l.Page(ctx, cursor, limit)
}

// AnswerRows answers with what is there as a whole: as a document of JSON, or as a file with a row for each item.
func AnswerRows[T any](s *Core, c *gin.Context, name string, t *table.Table[T], document any, rows []T) error {
	o, err := s.TableOptions(c)
	if err != nil {
		return err
	}
	if o.Format == table.JSON {
		return JSON(c, document)
	}
	return WriteRows(s, c, name, t, o, rows)
}

// WriteRows answers with a file of rows.
func WriteRows[T any](s *Core, c *gin.Context, name string, t *table.Table[T], o table.Options, rows []T) error {
	return writeFile(s, c, name, t, o, func(w *table.Writer[T], _ func()) error { return w.Write(rows) })
}

// WriteEach answers with a file whose items come one after another; next is false at their end.
func WriteEach[T any](s *Core, c *gin.Context, name string, t *table.Table[T], o table.Options, next func() (T, bool, error)) error {
	return writeFile(s, c, name, t, o, func(w *table.Writer[T], _ func()) error {
		for {
			item, there, err := next()
			if err != nil || !there {
				return err
			}
			if err := w.Write([]T{item}); err != nil {
				return err
			}
		}
	})
}

// writeFile writes a list into an answer. wait gives the caller time while the next items are read.
func writeFile[T any](
	s *Core, c *gin.Context, name string, t *table.Table[T], o table.Options, write func(w *table.Writer[T], wait func()) error,
) error {
	f := &file{c: c, rc: http.NewResponseController(c.Writer), name: name + "." + o.Format.Extension(), contentType: o.Format.ContentType()}
	if HeadOnly(c) {
		f.begin()
		return nil
	}
	KeepOpen(f.rc)
	w, err := t.NewWriter(f, o)
	if err != nil {
		return err
	}
	if err = write(w, f.wait); err != nil {
		err = errors.Join(err, w.Discard())
	} else {
		err = w.Close()
	}
	switch {
	case err == nil:
		c.Writer.Header().Set(RowsTrailer, strconv.Itoa(w.Count()))
		return nil
	case errors.Is(err, table.ErrFull):
		return problem.NotAcceptable.Because(
			fmt.Sprintf("清单超过 %d 行，一张工作表放不下：请缩小范围，或用 CSV。", table.MaxRows-1),
			fmt.Sprintf("The list has more than %d rows, and a sheet has no more: narrow it, or take CSV.", table.MaxRows-1))
	case !f.begun:
		return err
	}
	s.Log.ErrorContext(c.Request.Context(), "export was cut off", "request", RequestID(c), "error", err.Error())
	panic(http.ErrAbortHandler)
}

// RowsTrailer follows a file that is whole, and says how many rows it has.
const RowsTrailer = "X-Rows"

// pageTime is how long a caller may take to read a piece of a file.
const pageTime = 30 * time.Second

// file is an answer that begins with its first byte. Each piece has its own time.
type file struct {
	c                 *gin.Context
	rc                *http.ResponseController
	name, contentType string
	begun             bool
}

func (f *file) begin() {
	f.begun = true
	f.c.Header("Trailer", RowsTrailer)
	Attachment(f.c, f.contentType, f.name)
}

// Write sends a piece.
func (f *file) Write(b []byte) (int, error) {
	if !f.begun {
		f.begin()
	}
	_ = f.rc.SetWriteDeadline(time.Now().Add(pageTime)) // a writer without deadlines, as in tests, is no reason to refuse
	return f.c.Writer.Write(b)
}

func (f *file) wait() { _ = f.rc.SetWriteDeadline(time.Now().Add(ReadTime + pageTime)) }

// The query parameters of every list that is also given as a file.
var (
	Format    = NewParam("format", ParseFormat)
	Headers   = Choice("headers", headersEnglish, headersChinese)
	ByteOrder = Choice("bom", markYes, markNo)
)

type headers string

const (
	headersEnglish headers = "en"
	headersChinese headers = "zh"
)

type mark string

const (
	markYes mark = "true"
	markNo  mark = "false"
)

// TableQuery are these parameters.
func TableQuery() []Parameter { return []Parameter{Format, Headers, ByteOrder} }

// ParseFormat reads the name of a format of lists.
func ParseFormat(text string) (table.Format, error) {
	if f := table.Format(text); slices.Contains(table.Formats, f) {
		return f, nil
	}
	return "", notOffered(table.Formats)
}

// TableOptions says how the caller wants a list: by the query, or else by the header Accept. JSON is the first without either;
// offered lists the formats where it is not all of them.
func (s *Core) TableOptions(c *gin.Context, offered ...table.Format) (o table.Options, err error) {
	if len(offered) == 0 {
		offered = table.Formats
	}
	o = table.Options{Format: Format.In(c), Zh: Headers.In(c) == headersChinese, ForPrograms: ByteOrder.In(c) == markNo, Scratch: s.Scratch}
	if o.Format != "" {
		if !slices.Contains(offered, o.Format) {
			return o, notOffered(offered)
		}
		return o, nil
	}
	types := make([]string, len(offered))
	for i, f := range offered {
		types[i] = f.MediaType()
	}
	chosen, err := Accept(c, types...)
	o.Format = table.FormatOf(chosen)
	return o, err
}

func notOffered(offered []table.Format) error {
	names := make([]string, len(offered))
	for i, f := range offered {
		names[i] = string(f)
	}
	return problem.NotAcceptable.Because(
		"format 可为 "+strings.Join(names, "、")+"。", "format is one of "+strings.Join(names, ", ")+".")
}
