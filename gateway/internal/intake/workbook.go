package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"relieftrail/gateway/bankfile/csvfile"
	"relieftrail/gateway/internal/workbook"
)

// asCSV takes a workbook apart into a CSV file beside it and removes the workbook. Other files are left as they are.
func (s *Spooler) asCSV(ctx context.Context, out *Spooled, kind Kind) error {
	f, err := os.Open(out.File)
	if err != nil {
		return fmt.Errorf("an upload's file: %w", err)
	}
	defer f.Close()
	magic := make([]byte, workbook.MagicBytes)
	n, err := io.ReadFull(f, magic)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return fmt.Errorf("an upload's file: %w", err)
	}
	switch {
	case workbook.IsOld(magic[:n]):
		return fileErrorf(CodeWorkbook, "", "这是旧版 .xls 或加密的工作簿，请另存为未加密的 .xlsx 或 CSV。",
			"this is a workbook of Excel 97 to 2003 or an encrypted one: save it as .xlsx without a password, or as CSV")
	case !workbook.Is(magic[:n]):
		return nil
	case kind == KindCases:
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
func (s *Spooler) convert(ctx context.Context, book io.ReadSeeker, kind Kind) (file string, err error) {
	if _, err := book.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("an upload's file: %w", err)
	}
	scratch, err := os.MkdirTemp(s.Dir, uploadPattern)
	if err != nil {
		return "", fmt.Errorf("an upload's file: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	f, err := os.CreateTemp(s.Dir, uploadPattern) // mode 0600
	if err != nil {
		return "", fmt.Errorf("an upload's file: %w", err)
	}
	columns := columnsOf[kind]
	err = workbook.WriteCSV(ctx, f, book, workbook.Options{
		MaxBytes: s.MaxExpandedBytes, MaxExpanded: s.MaxExpandedBytes, Dir: scratch, Comma: ',',
		Place: func(title string) int { return place(columns, title) },
		Value: func(column int, cell string, system csvfile.DateSystem) string {
			return sheetValue(columns[column].key, cell, system)
		},
	})
	err = errors.Join(refusalOf(err), f.Sync(), f.Close(), syncFolder(s.Dir))
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// refusalOf is a workbook's refusal in words for the sender.
func refusalOf(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, workbook.ErrWorkbook), errors.Is(err, workbook.ErrTooLarge):
		return fileErrorf(CodeWorkbook, "", "工作簿已损坏、不是 .xlsx，或解压后超过限制。",
			"the workbook is damaged, is no .xlsx, or is larger than the limit once unpacked")
	case errors.Is(err, workbook.ErrColumns):
		return fileErrorf(CodeWorkbook, "", "工作表的列超过 %d 列。", "the sheet has more than %d columns", workbook.MaxColumns)
	case errors.Is(err, workbook.ErrSheets):
		return fileErrorf(CodeWorkbook, "", "有多张工作表含有名单：请合并到一张工作表，或隐藏、删除其他工作表。", "%s", workbook.ErrSheets)
	case errors.Is(err, workbook.ErrHidden):
		return fileErrorf(CodeWorkbook, "", "名单在隐藏的工作表中：如确为该表，请取消隐藏。", "%s", workbook.ErrHidden)
	case errors.Is(err, workbook.ErrSheet):
		return fileErrorf(CodeWorkbook, "", "工作表无法读取。", "the sheet cannot be read")
	}
	return fmt.Errorf("an upload's file: %w", err)
}

// sheetValue is a cell's value as a CSV file has it. A sheet keeps an amount as a number without its zeros, and a month or a
// day as the number of a day.
func sheetValue(key, cell string, system csvfile.DateSystem) string {
	switch key {
	case "amount", "paid_sum":
		return csvfile.SheetAmount(cell)
	case "period", "paid_through":
		return csvfile.SheetDay(cell, "2006-01", system)
	case "date":
		return csvfile.SheetDay(cell, time.DateOnly, system)
	}
	return cell
}
