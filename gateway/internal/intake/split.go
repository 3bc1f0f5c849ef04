package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLineBytes bounds one physical line.
const maxLineBytes = 64 << 10

// lineReader reads physical lines: what a stray quote swallows ends at the line's end.
type lineReader struct {
	r      *bufio.Reader
	number int // of the line that was read last
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, maxLineBytes+8)} // a line, its end and a byte order mark
}

// next reads a line without its end; long reports that it is longer than maxLineBytes and was dropped. The bytes are
// valid until the next call.
func (l *lineReader) next() (line []byte, long bool, err error) {
	b, err := l.r.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		long = true
		_, err = l.r.ReadSlice('\n')
	}
	if err != nil && (!errors.Is(err, io.EOF) || (len(b) == 0 && !long)) {
		return nil, false, err
	}
	if l.number++; long {
		return nil, true, nil
	}
	if l.number == 1 {
		b = bytes.TrimPrefix(b, []byte(byteOrderMark))
	}
	b = bytes.TrimSuffix(b, []byte("\n"))
	b = bytes.TrimSuffix(b, []byte("\r"))
	return b, len(b) > maxLineBytes, nil
}

// splitCSV appends a line's cells (RFC 4180, within one line). ok is false when a quote is where none may be. Neither
// a comma nor a quote is ever a part of a character of GB18030 or UTF-8.
func splitCSV(cells [][]byte, line []byte) (_ [][]byte, ok bool) {
	for {
		if start := trim(line); len(start) > 0 && start[0] == '"' {
			cell, rest, more, ok := quotedCell(start[1:])
			if !ok {
				return cells, false
			}
			if cells = append(cells, cell); !more {
				return cells, true
			}
			line = rest
			continue
		}
		end := bytes.IndexByte(line, ',')
		cell := line
		if end >= 0 {
			cell = line[:end]
		}
		if bytes.IndexByte(cell, '"') >= 0 {
			return cells, false
		}
		if cells = append(cells, cell); end < 0 {
			return cells, true
		}
		line = line[end+1:]
	}
}

// quotedCell reads a cell from behind its opening quote up to the comma behind its closing one.
func quotedCell(b []byte) (cell, rest []byte, more, ok bool) {
	for i := 0; i < len(b); i++ {
		if b[i] != '"' {
			continue
		}
		if i+1 < len(b) && b[i+1] == '"' {
			i++
			continue
		}
		cell = bytes.ReplaceAll(b[:i], []byte(`""`), []byte(`"`))
		comma := bytes.IndexByte(b[i+1:], ',')
		if comma < 0 {
			return cell, nil, false, len(trim(b[i+1:])) == 0
		}
		return cell, b[i+1+comma+1:], true, len(trim(b[i+1:i+1+comma])) == 0
	}
	return nil, nil, false, false
}
