package gb18030

import (
	"bytes"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// moved are the two-byte codes whose characters golang.org/x/text has under four bytes.
var moved = map[[2]byte]rune{
	{0xa6, 0xd9}: 0xfe10, {0xa6, 0xda}: 0xfe12, {0xa6, 0xdb}: 0xfe11, {0xa6, 0xdc}: 0xfe13, {0xa6, 0xdd}: 0xfe14,
	{0xa6, 0xde}: 0xfe15, {0xa6, 0xdf}: 0xfe16, {0xa6, 0xec}: 0xfe17, {0xa6, 0xed}: 0xfe18, {0xa6, 0xf3}: 0xfe19,
	{0xa8, 0xbc}: 0x1e3f, // since the edition of 2005
	{0xfe, 0x59}: 0x9fb4, {0xfe, 0x61}: 0x9fb5, {0xfe, 0x66}: 0x9fb6, {0xfe, 0x67}: 0x9fb7, {0xfe, 0x6d}: 0x9fb8,
	{0xfe, 0x7e}: 0x9fb9, {0xfe, 0x90}: 0x9fba, {0xfe, 0xa0}: 0x9fbb,
}

// onlyRead are two-byte codes of private-use characters. They are read as the standard characters that they show, which
// are written with four bytes.
var onlyRead = map[[2]byte]rune{
	{0xfe, 0x51}: 0x20087, {0xfe, 0x52}: 0x20089, {0xfe, 0x53}: 0x200cc, {0xfe, 0x6c}: 0x215d7, {0xfe, 0x76}: 0x2298f,
	{0xfe, 0x91}: 0x241fe,
}

// toFour and toTwo exchange the codes.
var toFour, toTwo = exchanges()

func exchanges() (toFour, toTwo exchange) {
	toFour, toTwo = exchange{codes: map[string]string{}}, exchange{codes: map[string]string{}}
	encoder := simplifiedchinese.GB18030.NewEncoder()
	for two, r := range moved {
		four, _ := encoder.String(string(r)) // GB18030 has all characters
		toFour.codes[string(two[:])], toTwo.codes[four] = four, string(two[:])
	}
	for two, r := range onlyRead {
		toFour.codes[string(two[:])], _ = encoder.String(string(r))
	}
	return toFour, toTwo
}

// Decoder decodes pieces of a text one after another. It is not safe for concurrent use.
type Decoder struct{ text *encoding.Decoder }

// NewDecoder makes a decoder.
func NewDecoder() *Decoder { return &Decoder{simplifiedchinese.GB18030.NewDecoder()} }

// Bytes decodes a piece. What is not GB18030 becomes U+FFFD.
func (d *Decoder) Bytes(b []byte) []byte {
	if bytes.ContainsAny(b, "\xfe\xa6\xa8") {
		if exchanged, _, err := transform.Bytes(toFour, b); err == nil {
			b = exchanged
		}
	}
	out, err := d.text.Bytes(b)
	if err != nil {
		return []byte("\ufffd")
	}
	return out
}

// NewReader decodes what it reads. What is not GB18030 becomes U+FFFD.
func NewReader(r io.Reader) io.Reader {
	return transform.NewReader(transform.NewReader(r, toFour), simplifiedchinese.GB18030.NewDecoder())
}

// NewWriter encodes what is written. Close writes what is left and does not close w.
func NewWriter(w io.Writer) io.WriteCloser {
	last := transform.NewWriter(w, toTwo)
	return &writer{transform.NewWriter(last, simplifiedchinese.GB18030.NewEncoder()), last}
}

type writer struct{ text, last *transform.Writer }

func (w *writer) Write(b []byte) (int, error) { return w.text.Write(b) }

func (w *writer) Close() error {
	if err := w.text.Close(); err != nil {
		return err
	}
	return w.last.Close()
}

// exchange puts other codes in the place of some.
type exchange struct {
	transform.NopResetter
	codes map[string]string
}

// Transform copies src code by code.
func (e exchange) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		n := length(src[nSrc:])
		if n > len(src)-nSrc {
			if !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			n = len(src) - nSrc
		}
		code := src[nSrc : nSrc+n]
		if n > 1 {
			if other, ok := e.codes[string(code)]; ok {
				code = []byte(other)
			}
		}
		if len(code) > len(dst)-nDst {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], code)
		nSrc += n
	}
	return nDst, nSrc, nil
}

// length is the number of bytes of the code at the beginning of b; more than b has when its end decides.
func length(b []byte) int {
	switch {
	case b[0] < 0x81 || b[0] == 0xff:
		return 1
	case len(b) == 1 || b[1] >= 0x40:
		return 2
	case b[1] >= '0' && b[1] <= '9':
		return 4
	}
	return 1 // no code
}
