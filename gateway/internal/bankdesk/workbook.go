package bankdesk

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/workbook"
)

// maxWorkbook bounds the bytes of a workbook, which is read whole before its first row is known: a list of half a million lines.
const maxWorkbook = 32 << 20

// workbookPieces names the folders with pieces of large workbooks, which hold personal data.
const workbookPieces = "workbook-*"

// sweepWorkbooks deletes what a process left that was killed.
func sweepWorkbooks(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, workbookPieces))
	for _, folder := range left {
		err = errors.Join(err, os.RemoveAll(folder))
	}
	return err
}

// readAnswer reads a list of the bank: CSV, or a workbook whose sheet has the same columns.
func (d *Desk) readAnswer(
	body io.Reader, profile *bankfile.Profile, options bankfile.Options, visit func(*bankfile.Entry) error,
) (m bankfile.Message, err error) {
	file := bufio.NewReader(body)
	head, err := file.Peek(workbook.MagicBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return m, err
	}
	if !workbook.Is(head) {
		return profile.ReadAnswer(file, "", options, visit)
	}
	scratch, err := os.MkdirTemp(d.options.Dir, workbookPieces)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	list, rows := io.Pipe()
	written := make(chan struct{})
	go func() {
		defer close(written)
		_ = rows.CloseWithError(writeRows(rows, file, scratch, profile, options.Limits)) // is never one
	}()
	m, err = profile.ReadAnswer(list, "", options, visit)
	_ = list.Close() // is never an error
	<-written
	return m, err
}

// writeRows writes a workbook's list as CSV. A workbook that cannot be read is a *bankfile.Error.
func writeRows(w io.Writer, file io.Reader, scratch string, profile *bankfile.Profile, limits bankfile.Limits) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil { // UTF-8, whatever the profile's lists are in
		return err
	}
	expanded := limits.Bytes
	if expanded == 0 {
		expanded = maxExpanded
	}
	err := workbook.WriteCSV(context.Background(), w, file, workbook.Options{
		MaxBytes: min(maxWorkbook, expanded), MaxExpanded: expanded, Dir: scratch, Comma: rune(profile.Delimiter[0]),
		Place: profile.Place, Headless: !profile.Header, Value: profile.SheetValue,
	})
	for refusal, said := range map[error][2]string{
		workbook.ErrWorkbook: {bankfile.CodeSyntax, "工作簿已损坏、不是 .xlsx，或解压后超过限制"},
		workbook.ErrSheet:    {bankfile.CodeSyntax, "工作表无法读取"},
		workbook.ErrSheets:   {bankfile.CodeContent, "有多张工作表含有清单：请合并到一张工作表，或隐藏、删除其他工作表"},
		workbook.ErrHidden:   {bankfile.CodeContent, "清单在隐藏的工作表中：如确为该表，请取消隐藏"},
		workbook.ErrColumns:  {bankfile.CodeTooLarge, "工作表的列过多"},
		workbook.ErrTooLarge: {bankfile.CodeTooLarge, "工作簿超过大小限制"},
	} {
		if errors.Is(err, refusal) {
			return &bankfile.Error{Code: said[0], Detail: refusal.Error(), Zh: said[1]}
		}
	}
	return err
}

// maxExpanded is what a workbook unpacks to at most where the settings have no limit.
const maxExpanded = 256 << 20
