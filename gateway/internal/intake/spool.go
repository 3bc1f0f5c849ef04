package intake

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Spooler puts uploads to disk.
type Spooler struct {
	Dir              string // made when it is not there
	MaxBytes         int64  // of a file as it is sent
	MaxExpandedBytes int64  // of the same file after gzip
}

// Spooled is an upload on disk, readable by the gateway's user only.
type Spooled struct {
	File        string
	ContentType string   // what the file turned out to be, for NewReader
	SHA256      [32]byte // of what was sent, after gzip
	Bytes       int64    // of what was sent, after gzip
}

// Remove deletes the file.
func (s Spooled) Remove() { _ = os.Remove(s.File) }

// Spool takes a file to disk and looks at it as a whole: its size, its header, whether a line follows. A refused file
// is a *FileError and leaves nothing behind. gzip is known by the Content-Encoding or by its first bytes.
func (s *Spooler) Spool(ctx context.Context, r io.Reader, contentType, encoding string, kind Kind) (out Spooled, err error) {
	if _, _, err := mediaType(contentType); err != nil {
		return Spooled{}, err
	}
	content, err := s.expand(&contextReader{ctx, r}, encoding)
	if err != nil {
		return Spooled{}, err
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return Spooled{}, fmt.Errorf("the folder of uploads: %w", err)
	}
	f, err := os.CreateTemp(s.Dir, uploadPattern) // mode 0600
	if err != nil {
		return Spooled{}, fmt.Errorf("an upload's file: %w", err)
	}
	out.File = f.Name()
	defer func() {
		if err != nil {
			out.Remove()
			out = Spooled{}
		}
	}()
	hash := sha256.New()
	if out.Bytes, err = io.Copy(io.MultiWriter(f, hash), content); err != nil {
		return out, errors.Join(err, f.Close())
	}
	hash.Sum(out.SHA256[:0])
	if err := errors.Join(f.Sync(), f.Close(), syncFolder(s.Dir)); err != nil {
		return out, fmt.Errorf("an upload's file: %w", err)
	}
	if err := s.asCSV(ctx, &out, kind); err != nil {
		return out, err
	}
	taken, err := os.Open(out.File)
	if err != nil {
		return out, fmt.Errorf("an upload's file: %w", err)
	}
	out.ContentType, err = inspect(taken, contentType, kind)
	return out, errors.Join(err, taken.Close())
}

// syncFolder makes a new file's name as durable as its content.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Sweep deletes uploads from before a time that no job wants any more: a process that was killed left them, and they
// hold personal data.
func (s *Spooler) Sweep(before time.Time, wanted func(file string) bool) error {
	files, err := filepath.Glob(filepath.Join(s.Dir, uploadPattern))
	if err != nil {
		return err
	}
	var faults []error
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil || !info.ModTime().Before(before) || wanted(file) {
			continue
		}
		faults = append(faults, os.RemoveAll(file)) // a workbook's parts are a folder
	}
	return errors.Join(faults...)
}

// uploadPattern names the files of uploads.
const uploadPattern = "upload-*"

// expand reads a file as sent, or uncompressed if it is gzip.
func (s *Spooler) expand(r io.Reader, encoding string) (io.Reader, error) {
	sent := bufio.NewReader(&limitReader{r: r, left: s.MaxBytes, err: tooLarge(s.MaxBytes)})
	magic, err := sent.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch encoding = strings.ToLower(strings.TrimSpace(encoding)); {
	case encoding != "" && encoding != "identity" && encoding != "gzip" && encoding != "x-gzip":
		return nil, fileErrorf(CodeMediaType, "", "Content-Encoding 须为 gzip。", "the Content-Encoding is not gzip")
	case string(magic) != "\x1f\x8b" && strings.HasSuffix(encoding, "gzip"):
		return nil, fileErrorf(CodeCut, "", "文件不是 gzip 格式，与 Content-Encoding 所述不符。",
			"the file is not gzip, though its Content-Encoding says so")
	case string(magic) != "\x1f\x8b":
		return &limitReader{r: sent, left: s.MaxExpandedBytes, err: tooLarge(s.MaxExpandedBytes)}, nil
	}
	z, err := gzip.NewReader(sent)
	if err != nil {
		return nil, gzipError(err)
	}
	return &limitReader{r: gzipReader{z}, left: s.MaxExpandedBytes, err: tooLarge(s.MaxExpandedBytes)}, nil
}

func tooLarge(limit int64) error {
	return fileErrorf(CodeTooLarge, "", "文件超过 %d 字节。", "the file has more than %d bytes", limit)
}

// inspect reads the header and looks for a line after it.
func inspect(f io.Reader, contentType string, kind Kind) (string, error) {
	if kind == KindCases {
		return inspectActs(f, contentType)
	}
	r, err := NewReader(f, Options{Kind: kind, ContentType: contentType})
	if err != nil {
		return "", err
	}
	_, _, err = r.Next()
	if errors.Is(err, io.EOF) {
		if r.json != nil {
			return "", emptyFile()
		}
		return "", fileErrorf(CodeNoLines, "", "文件只有表头，没有数据行。", "the file has a header and no line")
	}
	return r.ContentType(), err
}

// gzipReader distinguishes gzip's faults from those of what it reads.
type gzipReader struct{ r *gzip.Reader }

func (g gzipReader) Read(b []byte) (int, error) {
	n, err := g.r.Read(b)
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	return n, gzipError(err)
}

func gzipError(err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrHeader) ||
		errors.Is(err, gzip.ErrChecksum) || errors.As(err, &corrupt) {
		return fileErrorf(CodeCut, "", "gzip 数据不完整或已损坏。", "the gzip data are cut short or damaged")
	}
	return err
}

// limitReader fails with err when there is more than what is left.
type limitReader struct {
	r    io.Reader
	left int64
	err  error
}

func (l *limitReader) Read(b []byte) (int, error) {
	if int64(len(b)) > l.left+1 {
		b = b[:l.left+1]
	}
	n, err := l.r.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return 0, l.err
	}
	return n, err
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}
