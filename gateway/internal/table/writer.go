package table

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Writer writes a list.
type Writer[T any] struct {
	table *Table[T]
	cells []cell
	rows  rows          // nil for NDJSON
	lines *bufio.Writer // of NDJSON
	count int
}

// rows writes cells.
type rows interface {
	write(cells []cell) error
	close() error   // writes what is left
	discard() error // gives up; after close it does nothing
}

const bufferSize = 64 << 10

// NewWriter begins a list. What has been written is whole only after Close.
func (t *Table[T]) NewWriter(out io.Writer, o Options) (w *Writer[T], err error) {
	w = &Writer[T]{table: t, cells: make([]cell, len(t.heads))}
	switch o.Format {
	case CSV:
		w.rows, err = newCSV(out, t.heads, &o)
	case Workbook:
		w.rows, err = newWorkbook(out, t.heads, &o)
	case NDJSON:
		w.lines = bufio.NewWriterSize(out, bufferSize)
	default:
		err = fmt.Errorf("a list is not written as %q", o.Format)
	}
	return w, err
}

// Write writes items. A workbook that is full is ErrFull.
func (w *Writer[T]) Write(items []T) error {
	for i := range items {
		if err := w.write(&items[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer[T]) write(item *T) error {
	w.count++
	if w.rows == nil {
		line, err := json.Marshal(item)
		if err != nil {
			return err
		}
		_, _ = w.lines.Write(line) // a bufio.Writer keeps its error
		return w.lines.WriteByte('\n')
	}
	if err := w.table.fill(item, w.cells); err != nil {
		return err
	}
	return w.rows.write(w.cells)
}

// Count is how many items were written.
func (w *Writer[T]) Count() int { return w.count }

// Close ends the list.
func (w *Writer[T]) Close() error {
	if w.rows == nil {
		return w.lines.Flush()
	}
	return errors.Join(w.rows.close(), w.rows.discard())
}

// Discard gives the list up: nothing more is written.
func (w *Writer[T]) Discard() error {
	if w.rows == nil {
		return nil
	}
	return w.rows.discard()
}

// WriteAll writes a whole list.
func WriteAll[T any](out io.Writer, t *Table[T], o Options, items []T) error {
	w, err := t.NewWriter(out, o)
	if err != nil {
		return err
	}
	if err := w.Write(items); err != nil {
		return errors.Join(err, w.Discard())
	}
	return w.Close()
}
