package table

import (
	"archive/zip"
	"bufio"
	"errors"
	"io"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// MaxRows is how many rows a sheet of Excel has; the first one holds the headers.
const MaxRows = 1_048_576

// ErrFull says that a list has more items than a sheet has rows.
var ErrFull = errors.New("a sheet has 1,048,576 rows and no more")

// maxCell is how many UTF-16 units a cell of Excel holds.
const maxCell = 32767

const sheetName = "Sheet1"

// The number formats of Excel that every version has.
const (
	formatTwoDecimals = 2  // 0.00
	formatText        = 49 // @: what is typed over a cell stays a text, too
)

// sheetRows writes a workbook with one sheet. Nothing reaches the caller before the sheet is whole.
type sheetRows struct {
	out    io.Writer
	book   *excelize.File
	sheet  *excelize.StreamWriter
	heads  []Head
	zh     bool
	styles map[Kind]int
	row    int
	values []any
}

func newWorkbook(out io.Writer, heads []Head, o *Options) (*sheetRows, error) {
	book := excelize.NewFile(excelize.Options{TmpDir: o.Scratch})
	r := &sheetRows{out: out, book: book, heads: heads, zh: o.Zh, values: make([]any, len(heads))}
	if err := r.begin(); err != nil {
		return nil, errors.Join(err, book.Close())
	}
	return r, nil
}

func (r *sheetRows) begin() (err error) {
	bold, err := r.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	if err := r.addStyles(); err != nil {
		return err
	}
	if r.sheet, err = r.book.NewStreamWriter(sheetName); err != nil {
		return err
	}
	for i := range r.heads {
		if err := r.sheet.SetColWidth(i+1, i+1, r.heads[i].width(r.zh)); err != nil {
			return err
		}
	}
	if err := r.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i := range r.heads {
		r.values[i] = excelize.Cell{StyleID: bold, Value: r.heads[i].title(r.zh)}
	}
	r.row = 1
	return r.sheet.SetRow("A1", r.values)
}

func (r *sheetRows) addStyles() error {
	amount, err := r.book.NewStyle(&excelize.Style{NumFmt: formatTwoDecimals})
	if err != nil {
		return err
	}
	text, err := r.book.NewStyle(&excelize.Style{NumFmt: formatText})
	if err != nil {
		return err
	}
	iso := "yyyy-mm-dd"
	day, err := r.book.NewStyle(&excelize.Style{CustomNumFmt: &iso})
	if err != nil {
		return err
	}
	r.styles = map[Kind]int{
		KindAmount: amount, KindDay: day, KindText: text, KindWord: text, KindPeriod: text, KindTime: text,
	}
	return nil
}

func (r *sheetRows) write(cells []cell) error {
	if r.row == MaxRows {
		return ErrFull
	}
	r.row++
	for i := range cells {
		r.values[i] = r.value(&r.heads[i], &cells[i])
	}
	return r.sheet.SetRow("A"+strconv.Itoa(r.row), r.values)
}

// value is a cell as a sheet has it: amounts and days are numbers with a format, texts are texts and never formulas.
func (r *sheetRows) value(head *Head, c *cell) any {
	if c.none {
		return nil
	}
	switch head.Kind {
	case KindAmount:
		return excelize.Cell{StyleID: r.styles[KindAmount], Value: float64(c.number) / 100}
	case KindInteger:
		return c.number
	}
	if c.text == "" {
		return nil
	}
	if head.Kind == KindDay {
		if serial, ok := serialDay(c.text); ok {
			return excelize.Cell{StyleID: r.styles[KindDay], Value: serial}
		}
	}
	return excelize.Cell{StyleID: r.styles[KindText], Value: shorten(clean(head.word(c.text, r.zh)))}
}

// serialDay is a day as Excel counts days. Excel's years before 1901 are not those of the calendar.
func serialDay(text string) (int, bool) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < 1901 {
		return 0, false
	}
	const dayOf1970 = 25569
	return int(day.Unix()/86400) + dayOf1970, true
}

// shorten cuts a text that no cell of Excel holds; "…" at its end says so.
func shorten(text string) string {
	if len(text) <= maxCell {
		return text
	}
	units := 0
	for i, c := range text {
		units += max(utf16.RuneLen(c), 1)
		if units >= maxCell {
			return text[:i] + "…"
		}
		if utf8.RuneLen(c) < 0 {
			return text[:i] + "…"
		}
	}
	return text
}

func (r *sheetRows) close() error {
	if err := r.sheet.Flush(); err != nil {
		return err
	}
	out := bufio.NewWriterSize(r.out, bufferSize)
	// Without a writer of its own the library has the whole file in memory.
	r.book.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(out) })
	return errors.Join(r.book.Write(io.Discard), out.Flush())
}

func (r *sheetRows) discard() error { return r.book.Close() }

// The widths of columns, in characters.
var widths = map[Kind]float64{KindText: 18, KindWord: 14, KindAmount: 14, KindInteger: 10, KindDay: 12, KindPeriod: 10, KindTime: 24}

// wide are the columns of long texts.
var wide = map[string]float64{"id": 32, "subject": 32, "detail": 60, "transaction": 68, "records": 40, "reason": 30, "note": 30, "payments": 40}

func (h *Head) width(zh bool) float64 {
	width := widths[h.Kind]
	if w, long := wide[h.Name]; long {
		width = w
	}
	title := float64(utf8.RuneCountInString(h.title(zh))) + 2
	if zh {
		title = 2*float64(utf8.RuneCountInString(h.Zh)) + 2
	}
	return max(width, title)
}
