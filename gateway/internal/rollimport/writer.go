package rollimport

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Span is where sealed details lie in the folder's file.
type Span struct {
	Offset int64 `json:"offset"`
	Length int   `json:"length"`
}

// Writer writes the folder of one import. Close it in any case.
type Writer struct {
	dir string

	personsFile *os.File
	persons     *bufio.Writer
	personBytes int64

	chunksFile *os.File
	chunks     *bufio.Writer
	chunkBytes int64
	plan       []Chunk
}

// maxDetails is more than the sealed details of one person have.
const maxDetails = 16 << 10

// Create begins a folder under a name that is no import's id yet: the id may depend on the file. An unfinished folder of
// the same name is deleted.
func (f Folders) Create(name string) (w *Writer, err error) {
	w = &Writer{dir: f.path(name)}
	if err := errors.Join(os.RemoveAll(w.dir), os.MkdirAll(w.dir, 0o700)); err != nil {
		return nil, fmt.Errorf("the folder of an import: %w", err)
	}
	if w.personsFile, err = createFile(w.dir, personsFile); err != nil {
		return nil, err
	}
	if w.chunksFile, err = createFile(w.dir, chunksFile); err != nil {
		_ = w.personsFile.Close()
		return nil, err
	}
	w.persons, w.chunks = bufio.NewWriterSize(w.personsFile, 1<<16), bufio.NewWriterSize(w.chunksFile, 1<<16)
	return w, nil
}

func createFile(dir, name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
}

// Close closes the files. A folder that was not finished stays until Create or Remove.
func (w *Writer) Close() {
	_ = w.personsFile.Close()
	_ = w.chunksFile.Close()
}

// AddDetails keeps the sealed details of a line.
func (w *Writer) AddDetails(sealed []byte) (Span, error) {
	s := Span{w.personBytes, len(sealed)}
	if len(sealed) > maxDetails {
		return s, fmt.Errorf("sealed details of %d bytes", len(sealed))
	}
	w.personBytes += int64(len(sealed))
	_, err := w.persons.Write(sealed)
	return s, err
}

func (w *Writer) readDetails(s Span) ([]byte, error) {
	b := make([]byte, s.Length)
	if _, err := w.personsFile.ReadAt(b, s.Offset); err != nil {
		return nil, fmt.Errorf("the sealed details of an import, %s: %w", s, err)
	}
	return b, nil
}

// Finish plans the chunks of a comparison and has everything on disk (fsync) under the import's id. alone is as in
// planChunks.
func (w *Writer) Finish(doc Import, c *Comparison, alone bool) (Import, error) {
	if err := w.persons.Flush(); err != nil {
		return doc, err
	}
	if err := w.planChunks(c, alone); err != nil {
		return doc, err
	}
	doc.Chunks, doc.Summary = w.plan, c.Summary
	if err := errors.Join(w.chunks.Flush(), w.chunksFile.Sync(), w.personsFile.Sync()); err != nil {
		return doc, err
	}
	for _, kind := range Kinds {
		if err := w.writeRows(kind, c.rows(kind)); err != nil {
			return doc, err
		}
	}
	if err := writeFile(w.dir, documentFile, func(out io.Writer) error { return json.NewEncoder(out).Encode(doc) }); err != nil {
		return doc, err
	}
	final := filepath.Join(filepath.Dir(w.dir), filepath.Base(string(doc.ID)))
	if err := errors.Join(syncFolder(w.dir), os.Rename(w.dir, final)); err != nil {
		return doc, err
	}
	return doc, syncFolder(filepath.Dir(w.dir))
}

func (w *Writer) writeRows(kind Kind, rows []Row) error {
	return writeFile(w.dir, rowsFile(kind), func(out io.Writer) error {
		e := json.NewEncoder(out)
		for i := range rows {
			if err := e.Encode(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// writeFile writes a file and has its content on disk.
func writeFile(dir, name string, write func(io.Writer) error) error {
	f, err := createFile(dir, name)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<16)
	return errors.Join(write(out), out.Flush(), f.Sync(), f.Close())
}

// syncFolder makes the names of new files as durable as their content.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
