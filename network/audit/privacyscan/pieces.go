package privacyscan

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/mattn/go-sqlite3" // the index's database
	"github.com/syndtr/goleveldb/leveldb/journal"
	"github.com/syndtr/goleveldb/leveldb/storage"
	"github.com/syndtr/goleveldb/leveldb/table"
)

// maxUnpacked limits the bytes that are read from a compressed file.
const maxUnpacked = 1 << 30

// Visit receives a file's content as it is on disk, and then each piece that is packed in it.
type Visit func(path, where string, content []byte) error

// Folder visits everything below a folder: files as they are, compressed files unpacked, every entry of LevelDB tables
// and journals (also overwritten and deleted ones that are still on disk), every value of SQLite tables. A file that is
// deleted meanwhile is skipped.
func Folder(dir string, visit Visit) (files int, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path) //nolint:gosec // the caller names the folder
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		files++
		if err := visit(path, "file", content); err != nil {
			return err
		}
		return unpack(path, content, visit)
	})
	return files, err
}

func unpack(path string, content []byte, visit Visit) error {
	name := filepath.Base(path)
	switch {
	case bytes.HasPrefix(content, []byte{0x1f, 0x8b}):
		return unzip(path, content, visit)
	case strings.HasSuffix(name, ".ldb"):
		return tableEntries(path, content, visit)
	case strings.HasSuffix(name, ".log") && len(strings.Trim(name, "0123456789")) == len(".log"):
		return journalEntries(path, content, visit)
	case bytes.HasPrefix(content, []byte("SQLite format 3\x00")):
		return sqliteValues(path, visit)
	}
	return nil
}

func unzip(path string, content []byte, visit Visit) error {
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil //nolint:nilerr // not a gzip file
	}
	unpacked, err := io.ReadAll(io.LimitReader(r, maxUnpacked))
	if err != nil {
		return nil //nolint:nilerr // not a gzip file; its bytes were visited as they are
	}
	return visit(path, "unpacked", unpacked)
}

// tableEntries visits the entries of a LevelDB table, whose blocks are compressed.
func tableEntries(path string, content []byte, visit Visit) error {
	r, err := table.NewReader(bytes.NewReader(content), int64(len(content)), storage.FileDesc{Type: storage.TypeTable}, nil, nil, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	defer r.Release()
	it := r.NewIterator(nil, nil)
	defer it.Release()
	for n := 0; it.Next(); n++ {
		if err := visit(path, fmt.Sprintf("entry %d", n), append(bytes.Clone(it.Key()), it.Value()...)); err != nil {
			return err
		}
	}
	return it.Error()
}

// journalEntries visits the batches of a LevelDB journal, which are split into chunks in the file. The last one may be
// incomplete.
func journalEntries(path string, content []byte, visit Visit) error {
	r := journal.NewReader(bytes.NewReader(content), nil, false, true)
	for n := 0; ; n++ {
		chunk, err := r.Next()
		if err != nil {
			return nil //nolint:nilerr // the end, or not a journal
		}
		batch, err := io.ReadAll(chunk)
		if err != nil {
			return nil //nolint:nilerr // as above
		}
		if err := visit(path, fmt.Sprintf("batch %d", n), batch); err != nil {
			return err
		}
	}
}

// sqliteValues visits every value of every table: in the file itself a long value is split over pages.
func sqliteValues(path string, visit Visit) error {
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro&_busy_timeout=10000")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	tables, err := names(db)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, t := range tables {
		if err := rows(db, path, t, visit); err != nil {
			return fmt.Errorf("%s, table %s: %w", path, t, err)
		}
	}
	return nil
}

func names(db *sql.DB) (tables []string, err error) {
	list, err := db.Query("SELECT name FROM sqlite_master WHERE type = 'table'")
	if err != nil {
		return nil, err
	}
	defer func() { _ = list.Close() }()
	for list.Next() {
		var name string
		if err := list.Scan(&name); err != nil {
			return nil, err
		}
		tables = append(tables, name)
	}
	return tables, list.Err()
}

func rows(db *sql.DB, path, name string, visit Visit) error {
	list, err := db.Query(`SELECT * FROM "` + strings.ReplaceAll(name, `"`, `""`) + `"`) //nolint:gosec // a table's own name
	if err != nil {
		return err
	}
	defer func() { _ = list.Close() }()
	columns, err := list.Columns()
	if err != nil {
		return err
	}
	values, targets := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for n := 0; list.Next(); n++ {
		if err := list.Scan(targets...); err != nil {
			return err
		}
		for i, v := range values {
			if len(v) < shortest {
				continue
			}
			if err := visit(path, fmt.Sprintf("%s.%s row %d", name, columns[i], n), v); err != nil {
				return err
			}
		}
	}
	return list.Err()
}

// Scan searches everything below a folder and counts its files.
func (t *Terms) Scan(dir string) (hits []Hit, files int, err error) {
	files, err = Folder(dir, func(path, where string, content []byte) error {
		hits = append(hits, t.In(path, where, content)...)
		return nil
	})
	return hits, files, err
}
