package translog

import (
	"errors"
	"io"
	"os"

	"golang.org/x/mod/sumdb/tlog"
)

// leafFile is row 0 of the tree: the leaf hashes one after another, 32 bytes each. It is not synced to disk: leaves that a
// crash loses are read from the index again.
type leafFile struct{ f *os.File }

func openLeafFile(path string) (*leafFile, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return &leafFile{f}, nil
}

// read returns up to count hashes, fewer at the end of the file. An incomplete hash at the end is left out.
func (l *leafFile) read(from int64, count int) ([]tlog.Hash, error) {
	buf := make([]byte, count*tlog.HashSize)
	n, err := l.f.ReadAt(buf, from*tlog.HashSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	hashes := make([]tlog.Hash, n/tlog.HashSize, count)
	for i := range hashes {
		copy(hashes[i][:], buf[i*tlog.HashSize:])
	}
	return hashes, nil
}

func (l *leafFile) write(at int64, hashes []tlog.Hash) error {
	_, err := l.f.WriteAt(flat(hashes), at*tlog.HashSize)
	return err
}

func (l *leafFile) truncate() error { return l.f.Truncate(0) }

func (l *leafFile) close() error { return l.f.Close() }

// flat concatenates hashes.
func flat(hashes []tlog.Hash) []byte {
	buf := make([]byte, 0, len(hashes)*tlog.HashSize)
	for i := range hashes {
		buf = append(buf, hashes[i][:]...)
	}
	return buf
}
