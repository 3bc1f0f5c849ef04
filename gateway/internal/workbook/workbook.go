package workbook

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"relieftrail/gateway/bankfile/csvfile"
)

// MagicBytes is how many bytes of a file tell what it is.
const MagicBytes = 4

// Is reports whether a file begins as a zip archive, which a workbook is.
func Is(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// IsOld reports whether a file begins as a workbook of Excel 97 to 2003 does, and an encrypted one.
func IsOld(head []byte) bool { return bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")) }

// MaxColumns bounds a sheet's columns.
const MaxColumns = 200

// inMemoryXML is how many bytes of one part are kept in memory. What is larger goes to files in Options.Dir.
const inMemoryXML = 16 << 20

// The refusals of a workbook.
var (
	ErrWorkbook = errors.New("the workbook is damaged, is no .xlsx, or is larger than the limit once unpacked")
	ErrTooLarge = errors.New("the workbook is larger than the limit")
	ErrSheet    = errors.New("the sheet cannot be read")
	ErrColumns  = errors.New("the sheet has more columns than the limit")
	ErrSheets   = errors.New("several sheets have such a list: put all lines on one sheet, or hide or delete the other sheets")
	ErrHidden   = errors.New("the list is on a hidden sheet: show the sheet, if it is the one that is meant")
)

// Options say what a list holds.
type Options struct {
	MaxBytes    int64  // of the workbook
	MaxExpanded int64  // of what it unpacks to
	Dir         string // for the pieces of large workbooks; whoever made it removes it
	Comma       rune   // between the cells of the CSV
	// Place gives the column that a title, as csvfile.Title gives it, names; negative for none. The header is the first row that names two.
	Place func(title string) int
	// Headless lists have no header: each cell's place is its column.
	Headless bool
	// Value is a cell of a column as a CSV file has it.
	Value func(column int, cell string, system csvfile.DateSystem) string
}

// WriteCSV writes the sheet that has the list: the one that names two columns in its first rows, or else the first one. What is hidden is no list:
// old ones are kept there. A workbook that cannot be read, or has several lists, is one of the errors above; others are those of w and of the
// context.
func WriteCSV(ctx context.Context, w io.Writer, file io.Reader, o Options) error {
	bounded := &io.LimitedReader{R: file, N: o.MaxBytes + 1}
	book, err := excelize.OpenReader(bounded, excelize.Options{
		UnzipSizeLimit: o.MaxExpanded, UnzipXMLSizeLimit: min(inMemoryXML, o.MaxExpanded), TmpDir: o.Dir, RawCellValue: true,
	})
	if bounded.N <= 0 {
		return ErrTooLarge
	}
	if err != nil {
		return ErrWorkbook
	}
	defer book.Close()
	s := sheet{Options: o, book: book}
	if props, err := book.GetWorkbookProps(); err == nil && props.Date1904 != nil && *props.Date1904 {
		s.system = csvfile.From1904
	}
	if s.name, err = s.choose(); err != nil {
		return err
	}
	return s.write(ctx, w)
}

// choose finds the sheet that has the list. One that has a header and nothing below it, such as a template, is one only without another.
func (s *sheet) choose() (string, error) {
	first, empty, found, hidden := "", "", "", false
	for _, name := range s.book.GetSheetList() {
		visible, err := s.book.GetSheetVisible(name)
		if err != nil {
			return "", ErrSheet
		}
		if visible {
			first = cmp.Or(first, name)
		}
		if s.Headless {
			continue
		}
		switch header, lines := s.list(name); {
		case !visible:
			hidden = hidden || lines
		case lines && found != "":
			return "", ErrSheets
		case lines:
			found = name
		case header:
			empty = cmp.Or(empty, name)
		}
	}
	switch name := cmp.Or(found, empty, first); {
	case found == "" && hidden:
		return "", ErrHidden
	case name == "":
		return "", ErrSheet
	default:
		return name, nil
	}
}

type sheet struct {
	Options
	book   *excelize.File
	name   string
	system csvfile.DateSystem
}

// list reports whether a sheet names two columns in its first rows, and whether there is a line below.
func (s *sheet) list(name string) (header, lines bool) {
	rows, err := s.book.Rows(name)
	if err != nil {
		return false, false // a sheet of charts
	}
	defer rows.Close()
	for i := 0; (header || i <= csvfile.MaxTitles) && rows.Next(); i++ {
		cells, err := rows.Columns()
		switch {
		case err != nil:
			return header, false
		case header && slices.ContainsFunc(cells, func(c string) bool { return csvfile.Title(c) != "" }):
			return true, true
		case !header:
			header = s.header(cells) != nil
		}
	}
	return header, false
}

// header gives the place of each cell if the row names two columns; nil if it does not.
func (s *sheet) header(cells []string) []int {
	places, known := make([]int, len(cells)), 0
	for i, cell := range cells {
		if places[i] = s.Place(csvfile.Title(cell)); places[i] >= 0 {
			known++
		}
	}
	if known < 2 {
		return nil
	}
	return places
}

func (s *sheet) write(ctx context.Context, w io.Writer) error {
	rows, err := s.book.Rows(s.name)
	if err != nil {
		return ErrSheet
	}
	defer rows.Close()
	text := bufio.NewWriterSize(w, 64<<10)
	out := csv.NewWriter(text)
	out.Comma = s.Comma
	var header []int
	for rows.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		cells, err := rows.Columns()
		if err != nil {
			return ErrSheet
		}
		if len(cells) > MaxColumns {
			return ErrColumns
		}
		for i := range cells {
			cells[i] = lineEnds.Replace(cells[i])
		}
		if header == nil && !s.Headless {
			header = s.header(cells)
		} else {
			s.values(cells, header)
		}
		if len(cells) == 0 {
			cells = []string{""}
		}
		for len(cells) < len(header) { // a sheet's row ends with its last value
			cells = append(cells, "")
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	if rows.Error() != nil {
		return ErrSheet
	}
	out.Flush()
	return errors.Join(out.Error(), text.Flush())
}

// lineEnds are spaces in a list, so that a row is a line.
var lineEnds = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ")

func (s *sheet) values(cells []string, header []int) {
	for i := range cells {
		switch {
		case s.Headless:
			cells[i] = s.Value(i, cells[i], s.system)
		case i < len(header) && header[i] >= 0:
			cells[i] = s.Value(header[i], cells[i], s.system)
		}
	}
}
