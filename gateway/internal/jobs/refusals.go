package jobs

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// maxEmbedded bounds the refusals that a job's own JSON lists.
const maxEmbedded = 10_000

// refusalLog is the file of a job's refused lines, NDJSON, mode 0600; there is none before the first. They are in the order in
// which they were found, and in the file's order after finish.
type refusalLog struct {
	path string
	f    *os.File
	w    *bufio.Writer
	at   int64
	refs []refusalAt
}

// refusalAt is where a line's refusal lies.
type refusalAt struct {
	line   int
	offset int64
	length int
}

// newRefusalLog begins the file anew: what an earlier attempt refused is gone.
func newRefusalLog(path string) (*refusalLog, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the file of refused lines: %w", err)
	}
	return &refusalLog{path: path}, nil
}

func (l *refusalLog) open() error {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("the file of refused lines: %w", err)
	}
	l.f, l.w = f, bufio.NewWriter(f)
	return nil
}

func (l *refusalLog) add(r *Refusal) error {
	if l.f == nil {
		if err := l.open(); err != nil {
			return err
		}
	}
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	b = append(b, '\n')
	l.refs = append(l.refs, refusalAt{r.Line, l.at, len(b)})
	l.at += int64(len(b))
	_, err = l.w.Write(b)
	return err
}

// finish puts the lines in order and closes the file.
func (l *refusalLog) finish() error {
	if l.f == nil {
		return nil
	}
	defer func() { _ = l.f.Close() }()
	if err := l.w.Flush(); err != nil {
		return err
	}
	if slices.IsSortedFunc(l.refs, byLine) {
		return l.f.Sync()
	}
	slices.SortStableFunc(l.refs, byLine)
	sorted, err := os.OpenFile(l.path+".sorted", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(sorted)
	var b []byte
	for _, r := range l.refs {
		b = slices.Grow(b[:0], r.length)[:r.length]
		if _, e := l.f.ReadAt(b, r.offset); e != nil {
			err = errors.Join(err, e)
			break
		}
		_, _ = w.Write(b) // Flush has the error
	}
	if err = errors.Join(err, w.Flush(), sorted.Sync(), sorted.Close()); err != nil {
		return err
	}
	return os.Rename(sorted.Name(), l.path)
}

func byLine(a, b refusalAt) int { return a.line - b.line }

// close leaves the file as it is, for a job that will begin again.
func (l *refusalLog) close() {
	if l.f != nil {
		_ = l.f.Close()
	}
}

// readRefusals reads at most limit refusals of a file; none when there is no file.
func readRefusals(path string, limit int) ([]Refusal, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var refusals []Refusal
	for d := json.NewDecoder(f); len(refusals) < limit; {
		var r Refusal
		if err := d.Decode(&r); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break // a line that is being written comes with the next reading
		} else if err != nil {
			return nil, err
		}
		refusals = append(refusals, r)
	}
	slices.SortStableFunc(refusals, func(a, b Refusal) int { return a.Line - b.Line })
	return refusals, nil
}
