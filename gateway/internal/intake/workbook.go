package intake

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"relieftrail/gateway/bankfile/csvfile"
)

// typeWorkbook is an Excel workbook (ECMA-376). A workbook is known by its first bytes too.
const typeWorkbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Beginnings of files: a zip archive, which a workbook is, and the container of Excel 97 to 2003 and of encrypted workbooks.
const (
	zipMagic = "PK\x03\x04"
	oleMagic = "\xd0\xcf\x11\xe0"
)

// Bounds of a workbook. What is larger goes to temporary files, whole files to nobody.
const (
	maxSheetColumns = 200
	inMemoryXML     = 16 << 20 // bytes of one part
)

// asCSV takes a workbook apart into a CSV file beside it and removes the workbook. Other files are left as they are.
func (s *Spooler) asCSV(ctx context.Context, out *Spooled, kind Kind) error {
	f, err := os.Open(out.File)
	if err != nil {
		return fmt.Errorf("an upload's file: %w", err)
	}
	defer f.Close()
	magic := make([]byte, len(zipMagic))
	if n, err := io.ReadFull(f, magic); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return fmt.Errorf("an upload's file: %w", err)
	} else if string(magic[:n]) == oleMagic {
		return fileErrorf(CodeWorkbook, "", "这是旧版 .xls 或加密的工作簿，请另存为未加密的 .xlsx 或 CSV。",
			"this is a workbook of Excel 97 to 2003 or an encrypted one: save it as .xlsx without a password, or as CSV")
	}
	if string(magic) != zipMagic {
		return nil
	}
	if kind == KindCases {
		return fileErrorf(CodeMediaType, "", "操作清单须为 application/x-ndjson：每行一个 JSON 对象。",
			"a file of acts is application/x-ndjson: a JSON object a line")
	}
	csv, err := s.convert(ctx, f, kind)
	if err != nil {
		return err
	}
	out.Remove()
	out.File = csv
	return nil
}

// convert writes the sheet that has the list as CSV. Each row is on the line of its number.
func (s *Spooler) convert(ctx context.Context, workbook io.ReadSeeker, kind Kind) (file string, err error) {
	if _, err := workbook.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("an upload's file: %w", err)
	}
	scratch, err := os.MkdirTemp(s.Dir, uploadPattern)
	if err != nil {
		return "", fmt.Errorf("an upload's file: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	book, err := excelize.OpenReader(workbook, excelize.Options{
		UnzipSizeLimit: s.MaxExpandedBytes, UnzipXMLSizeLimit: min(inMemoryXML, s.MaxExpandedBytes), TmpDir: scratch, RawCellValue: true,
	})
	if err != nil {
		return "", fileErrorf(CodeWorkbook, "", "工作簿已损坏、不是 .xlsx，或解压后超过限制。",
			"the workbook is damaged, is no .xlsx, or is larger than the limit once unpacked")
	}
	defer book.Close()
	sheet, err := sheetOf(book, columnsOf[kind])
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(s.Dir, uploadPattern) // mode 0600
	if err != nil {
		return "", fmt.Errorf("an upload's file: %w", err)
	}
	err = errors.Join(writeSheet(ctx, f, book, sheet, columnsOf[kind]), f.Sync(), f.Close(), syncFolder(s.Dir))
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// sheetOf is the first sheet that names two columns in its first rows, or else the first sheet.
func sheetOf(book *excelize.File, columns []column) (string, error) {
	sheets := book.GetSheetList()
	for _, sheet := range sheets {
		rows, err := book.Rows(sheet)
		if err != nil {
			continue // a sheet of charts
		}
		known := 0
		for i := 0; i < maxTitleRows && rows.Next() && known < 2; i++ {
			cells, err := rows.Columns()
			if err != nil {
				break
			}
			known = 0
			for _, cell := range cells {
				if place(columns, string(csvfile.Trim([]byte(cell)))) >= 0 {
					known++
				}
			}
		}
		if err := rows.Close(); err == nil && known >= 2 {
			return sheet, nil
		}
	}
	if len(sheets) == 0 {
		return "", emptyFile()
	}
	return sheets[0], nil
}

// maxTitleRows is in how many rows of a sheet the header is looked for.
const maxTitleRows = 10

func writeSheet(ctx context.Context, w io.Writer, book *excelize.File, sheet string, columns []column) error {
	rows, err := book.Rows(sheet)
	if err != nil {
		return damagedSheet()
	}
	defer rows.Close()
	text := bufio.NewWriterSize(w, 64<<10)
	out := csv.NewWriter(text)
	var header []int // the column of each cell; nil before the header
	for rows.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		cells, err := rows.Columns()
		if err != nil {
			return damagedSheet()
		}
		if len(cells) > maxSheetColumns {
			return fileErrorf(CodeWorkbook, "", "工作表的列超过 %d 列。", "the sheet has more than %d columns", maxSheetColumns)
		}
		if header == nil {
			header = headerOf(cells, columns)
		} else {
			for i := range cells {
				if i < len(header) && header[i] >= 0 {
					cells[i] = sheetValue(columns[header[i]].key, cells[i])
				}
			}
		}
		if len(cells) == 0 {
			cells = []string{""}
		}
		for header != nil && len(cells) < len(header) { // a sheet's row ends with its last value
			cells = append(cells, "")
		}
		if err := out.Write(cells); err != nil {
			return fmt.Errorf("an upload's file: %w", err)
		}
	}
	if rows.Error() != nil {
		return damagedSheet()
	}
	out.Flush()
	return errors.Join(out.Error(), text.Flush())
}

func damagedSheet() error {
	return fileErrorf(CodeWorkbook, "", "工作表无法读取。", "the sheet cannot be read")
}

// headerOf gives the column of each cell if the row names two; nil if it does not.
func headerOf(cells []string, columns []column) []int {
	places, known := make([]int, len(cells)), 0
	for i, cell := range cells {
		if places[i] = place(columns, string(csvfile.Trim([]byte(cell)))); places[i] >= 0 {
			known++
		}
	}
	if known < 2 {
		return nil
	}
	return places
}

// number is a cell that holds a number.
var number = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?(E[+-]?[0-9]+)?$`)

// firstSerial and lastSerial are 2000-01-01 and 2199-12-31 as a sheet counts days.
const (
	firstSerial = 36526
	lastSerial  = 109574
)

// sheetValue is a cell's value as a CSV file has it. A sheet keeps an amount as a number without its zeros, and a month or a
// day as the number of a day.
func sheetValue(key, cell string) string {
	if !number.MatchString(cell) {
		return cell
	}
	n, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		return cell
	}
	switch key {
	case "amount", "paid_sum":
		if fen := math.Round(n * 100); fen < 1<<53 && math.Abs(n*100-fen) < 1e-4 {
			return strconv.FormatFloat(fen/100, 'f', 2, 64)
		}
	case "period", "paid_through":
		if n >= firstSerial && n <= lastSerial {
			return serialDay(n).Format("2006-01")
		}
	case "date":
		if n >= firstSerial && n <= lastSerial {
			return serialDay(n).Format(time.DateOnly)
		}
	}
	return cell
}

// serialDay is a day as a sheet counts it: from 1899-12-30 on, for days after February 1900.
func serialDay(n float64) time.Time {
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n))
}
