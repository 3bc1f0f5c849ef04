package csvfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"relieftrail/gateway/bankfile/gb18030"
)

// Charset is the encoding of a file.
type Charset string

// The encodings. UTF-16 is known by its byte order mark, or by the zero bytes of its ASCII characters.
const (
	Undecided Charset = "" // until the first line that is not ASCII
	UTF8      Charset = "utf-8"
	GB18030   Charset = "gb18030"
	UTF16     Charset = "utf-16"
)

// sampleBytes is how much of a file decides between encodings and line ends.
const sampleBytes = 64 << 10

// open finds a file's byte order mark and line ends. What it gives is UTF-8 when the mark says so, or UTF-16.
func open(r io.Reader, buffer int) (b *bufio.Reader, marked Charset, end byte, err error) {
	b = bufio.NewReaderSize(r, buffer)
	head, err := b.Peek(min(sampleBytes, buffer))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, "", 0, err
	}
	for bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) { // some writers put one before another
		marked = UTF8
		_, _ = b.Discard(3) // they were peeked at
		head = head[3:]
	}
	if order, ok := utf16Order(head); ok && marked == "" {
		marked = UTF16
		b = bufio.NewReaderSize(transform.NewReader(b, unicode.UTF16(order, unicode.UseBOM).NewDecoder()), buffer)
	}
	sample, err := b.Peek(min(sampleBytes, buffer))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, "", 0, err
	}
	end = '\n'
	if bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0 {
		end = '\r' // as spreadsheets of old Macintoshes wrote
	}
	return b, marked, end, nil
}

// utf16Order finds out whether a file is UTF-16, and in which order of bytes. Without a mark the zeros of ASCII characters, such as
// delimiters and line ends, show it: no other encoding of a text has any.
func utf16Order(head []byte) (order unicode.Endianness, ok bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return unicode.LittleEndian, true
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return unicode.BigEndian, true
	}
	var zeros [2]int // at even and at odd places
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	enough := len(head)/20 + 1 // a stray zero is none of them
	switch {
	case zeros[0] > enough && zeros[1] == 0:
		return unicode.BigEndian, true
	case zeros[1] > enough && zeros[0] == 0:
		return unicode.LittleEndian, true
	}
	return unicode.LittleEndian, false
}

// decide decides between UTF-8 and GB18030 for a text that is not ASCII: nearly no text of GB18030 is UTF-8.
func decide(sample []byte) Charset {
	for n := range utf8.UTFMax { // the sample may end inside a character
		if n < len(sample) && utf8.Valid(sample[:len(sample)-n]) {
			return UTF8
		}
	}
	return GB18030
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func newDecoder(c Charset) *gb18030.Decoder {
	if c != GB18030 {
		return nil
	}
	return gb18030.NewDecoder()
}
