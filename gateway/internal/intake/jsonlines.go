package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLineBytes bounds one physical line.
const maxLineBytes = 64 << 10

// lineReader reads the lines of files of JSON.
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
