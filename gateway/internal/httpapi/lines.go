package httpapi

import (
	"bufio"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
)

// maxSegmentsPage bounds how many segments are read for one page: a programme of one-off relief has a segment for
// each payment, and a page then ends early with a cursor.
const maxSegmentsPage = 100

// linesPage is one page of a batch's payments.
type linesPage struct {
	Items []json.RawMessage `json:"items"`
	Next  string            `json:"next,omitempty"`
}

// position is where a page begins: the place of a segment in the batch's list, and of a payment in the segment.
type position struct{ segment, line int }

// batchLines answers with a batch's payments: pages of JSON, or everything as CSV or NDJSON.
func (a *API) batchLines(c *gin.Context) {
	id, err := batchID(c)
	if err != nil {
		a.fail(c, err)
		return
	}
	format, err := accept(c, "application/json", "text/csv", "application/x-ndjson")
	if err != nil {
		a.fail(c, err)
		return
	}
	limit, err := a.pageSize(c, []string{"limit", "cursor"})
	if err != nil {
		a.fail(c, err)
		return
	}
	start, err := parseCursor(c.Query("cursor"))
	if err != nil {
		a.fail(c, err)
		return
	}
	segments, err := a.segmentsOf(c, id)
	if err != nil {
		a.fail(c, err)
		return
	}
	if format == "application/json" {
		a.linesPage(c, id, segments, start, limit)
		return
	}
	a.exportLines(c, id, segments, format)
}

func (a *API) linesPage(c *gin.Context, id relief.BatchID, segments []uint32, at position, limit int) {
	page := linesPage{Items: []json.RawMessage{}}
	for read := 0; at.segment < len(segments); read++ {
		if len(page.Items) == limit || read == maxSegmentsPage {
			page.Next = at.cursor()
			break
		}
		lines, err := a.segmentLines(c, id, segments[at.segment])
		if err != nil {
			a.fail(c, err)
			return
		}
		from := min(at.line, len(lines))
		to := min(from+limit-len(page.Items), len(lines))
		page.Items = append(page.Items, lines[from:to]...)
		if to < len(lines) {
			at.line = to
		} else {
			at = position{at.segment + 1, 0}
		}
	}
	writeJSON(c, http.StatusOK, jsonContent, page)
}

// exportLines streams all payments. A read that fails after the first line cuts the connection off, so that a
// caller does not take a part for the whole.
func (a *API) exportLines(c *gin.Context, id relief.BatchID, segments []uint32, format string) {
	rc := http.NewResponseController(c.Writer)
	keepOpen(rc)
	c.Header("Content-Type", format+"; charset=utf-8")
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.%s"`, id, extension(format)))
	out := bufio.NewWriterSize(c.Writer, 64<<10)
	write := lineWriter(out, format)
	for i, segment := range segments {
		lines, err := a.segmentLines(c, id, segment)
		if err != nil && i == 0 {
			c.Writer.Header().Del("Content-Disposition")
			a.fail(c, err)
			return
		}
		for _, line := range lines {
			if err == nil {
				err = write(line)
			}
		}
		if err != nil {
			a.log.ErrorContext(c.Request.Context(), "export was cut off", "request", requestID(c), "error", err.Error())
			panic(http.ErrAbortHandler)
		}
		_ = rc.SetWriteDeadline(time.Now().Add(bodyTime)) // as long as the caller keeps reading
	}
	if len(segments) == 0 {
		c.Status(http.StatusOK)
	}
	_ = out.Flush() // the caller is gone when this fails
}

var lineColumns = []string{
	"id", "subject", "programme", "county", "number", "period", "attempt", "amount", "batch", "file_line", "state",
	"credited_on", "returned_on", "return_reason", "bank_ref_sha256",
}

// lineWriter writes payments, as the contract gives them, in one of the formats.
func lineWriter(out *bufio.Writer, format string) func(json.RawMessage) error {
	if format == "application/x-ndjson" {
		return func(line json.RawMessage) error {
			_, _ = out.Write(line)
			return out.WriteByte('\n') // a bufio.Writer keeps its error
		}
	}
	w := csv.NewWriter(struct{ io.Writer }{out}) // hides that out is buffered: Flush must not reach the caller
	w.UseCRLF = true
	_ = w.Write(lineColumns) // into memory
	return func(line json.RawMessage) error {
		var payment map[string]any
		d := json.NewDecoder(strings.NewReader(string(line)))
		d.UseNumber()
		if err := d.Decode(&payment); err != nil {
			return err
		}
		record := make([]string, len(lineColumns))
		for i, name := range lineColumns {
			if v, ok := payment[name]; ok {
				record[i] = fmt.Sprint(v)
			}
		}
		if err := w.Write(record); err != nil {
			return err
		}
		w.Flush()
		return w.Error()
	}
}

func (a *API) segmentLines(c *gin.Context, id relief.BatchID, segment uint32) ([]json.RawMessage, error) {
	b, err := a.evaluate(c, "payment:Lines", struct {
		Batch   relief.BatchID `json:"batch"`
		Segment uint32         `json:"segment"`
	}{id, segment})
	if err != nil {
		return nil, err
	}
	var answer struct {
		Lines []json.RawMessage `json:"lines"`
	}
	err = json.Unmarshal(b, &answer)
	return answer.Lines, err
}

// segmentsOf lists the segments that may hold a batch's lines: those that were sealed, or else those of the roll.
func (a *API) segmentsOf(c *gin.Context, id relief.BatchID) ([]uint32, error) {
	b, err := a.evaluate(c, "payment:Get", idArgument{string(id)})
	if err != nil {
		return nil, err
	}
	var batch struct {
		Programme string        `json:"programme"`
		Region    relief.Region `json:"region"`
		Segments  []uint32      `json:"segments"`
	}
	if err := json.Unmarshal(b, &batch); err != nil || len(batch.Segments) > 0 {
		return batch.Segments, err
	}
	b, err = a.evaluate(c, "case:RollStatus", struct {
		Programme string        `json:"programme"`
		County    relief.Region `json:"county"`
	}{batch.Programme, batch.Region.County()})
	if err != nil {
		return nil, err
	}
	var roll struct {
		Segments []struct {
			Segment uint32 `json:"segment"`
		} `json:"segments"`
	}
	err = json.Unmarshal(b, &roll)
	for _, s := range roll.Segments {
		batch.Segments = append(batch.Segments, s.Segment)
	}
	return batch.Segments, err
}

func (p position) cursor() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d", p.segment, p.line))
}

func parseCursor(text string) (position, error) {
	if text == "" {
		return position{}, nil
	}
	bad := &fault{kind: kindInvalid, field: "cursor", detail: "The cursor is none that a page gave."}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return position{}, bad
	}
	segment, line, _ := strings.Cut(string(b), ".")
	s, err1 := strconv.ParseUint(segment, 10, 31)
	l, err2 := strconv.ParseUint(line, 10, 31)
	if err1 != nil || err2 != nil {
		return position{}, bad
	}
	return position{int(s), int(l)}, nil
}
