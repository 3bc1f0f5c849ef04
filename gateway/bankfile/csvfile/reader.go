package csvfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"relieftrail/gateway/bankfile/gb18030"
)

// Options say how to read a file.
type Options struct {
	MaxLine int     // bytes of a line; at least 1,024
	Length  int     // bytes of the whole file when they are known: a short one takes less memory; 0 when not
	Charset Charset // as the sender says; Undecided: the file decides
	// Delimiters are the characters that may separate cells. The header decides between several; the first is taken when it
	// does not.
	Delimiters string
	// Known reports whether a title, as Title gives it, names a column. It finds the header, its encoding and its delimiter.
	Known func(title string) bool
	// Literal takes a quote where none may be as a character like others, as long as the line has all columns. Without it the
	// line has a fault.
	Literal bool
}

// Fault is why a line cannot be used.
type Fault string

// The faults.
const (
	NoFault Fault = ""
	TooLong Fault = "too-long"
	Quote   Fault = "quote"   // a quote where none may be
	Columns Fault = "columns" // another number of cells than the file has columns
)

// Record is one line. The cells are UTF-8, or hold U+FFFD or bytes that are not UTF-8 where the file's are not in its
// encoding. They are valid until the next call.
type Record struct {
	Line  int // the file's first line is 1
	Cells [][]byte
	Fault Fault
}

// Reader reads a file record by record. Its memory is a few lines.
type Reader struct {
	options   Options
	r         *bufio.Reader
	end       byte
	charset   Charset
	gb        *gb18030.Decoder
	delimiter byte
	width     int
	titles    []string // of the header
	number    int      // of the line that was read last
	held      []heldLine
	cells     [][]byte
	joined    []byte
}

type heldLine struct {
	text []byte
	long bool
}

// buffer is how many bytes of the file are in memory: a line, and what decides between encodings. No encoding of a text has twice as
// many bytes in UTF-8.
func (o *Options) buffer() int {
	n := max(o.MaxLine+8, sampleBytes)
	if o.Length > 0 {
		n = min(n, 2*o.Length+16)
	}
	return n
}

// NewReader looks at a file's beginning and reads nothing yet.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	b, marked, end, err := open(r, o.buffer())
	if err != nil {
		return nil, err
	}
	n := &Reader{options: o, r: b, end: end, charset: o.Charset, delimiter: o.Delimiters[0]}
	if marked != "" {
		n.charset = marked
	}
	n.gb = newDecoder(n.charset)
	return n, nil
}

// Charset is the encoding as far as it is decided.
func (r *Reader) Charset() Charset { return r.charset }

// SetWidth sets the number of columns of a file that has no header.
func (r *Reader) SetWidth(n int) { r.width = n }

// MaxTitles is how many lines may be above the header, such as the title of a sheet and how it is to be filled in.
const MaxTitles = 30

// Header reads the header: the first line that names two columns, or one where a file has no more, or else the file's first
// line that is not blank. Blank cells at its end are no columns. It is io.EOF for an empty file; the cells are trimmed.
func (r *Reader) Header() ([]string, error) {
	first, at := -1, -1
	var best int
	for i := 0; i <= MaxTitles; i++ {
		line, err := r.hold(i)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if line.long || len(Trim(line.text)) == 0 {
			if line.long && first < 0 {
				first = i
			}
			continue
		}
		if first < 0 {
			first = i
		}
		if n := r.recognise(line.text, best); n > best {
			best, at = n, i
		}
		if best > 1 {
			break
		}
	}
	if at < 0 {
		at = first
	}
	if at < 0 {
		return nil, io.EOF
	}
	line := r.held[at]
	r.held, r.number = r.held[at+1:], at+1
	if line.long {
		return []string{}, nil
	}
	return r.headerCells(line.text), nil
}

func (r *Reader) headerCells(line []byte) []string {
	text := r.decoded(line)
	cells, ok := split(nil, text, r.delimiter)
	if !ok {
		cells = literal(nil, text, r.delimiter)
	}
	cells = fit(cells, 0)
	r.width = len(cells)
	names := make([]string, len(cells))
	for i, cell := range cells {
		names[i] = Title(string(cell))
	}
	r.titles = names
	return names
}

// recognise counts the columns that a line names, in each encoding and with each delimiter, and keeps those with which it
// names more than so far.
func (r *Reader) recognise(line []byte, before int) (most int) {
	if r.options.Known == nil {
		return 0
	}
	charsets := []Charset{r.charset}
	if r.charset == Undecided && !ascii(line) {
		charsets = []Charset{UTF8, GB18030}
	}
	for _, c := range charsets {
		text := line
		if gb := newDecoder(c); gb != nil {
			text = gb.Bytes(line)
		}
		for i := range len(r.options.Delimiters) {
			n := 0
			for _, cell := range literal(nil, text, r.options.Delimiters[i]) {
				if r.options.Known(Title(string(bytes.Trim(Trim(cell), `"`)))) {
					n++
				}
			}
			if n > most && n > before {
				most, r.delimiter = n, r.options.Delimiters[i]
				r.charset, r.gb = c, newDecoder(c)
			}
		}
	}
	return most
}

// Next reads the next record that is neither blank nor the header again, which files have that were put together or printed in pages. At
// the end the error is io.EOF.
func (r *Reader) Next() (Record, error) {
	for {
		line, err := r.take()
		if err != nil {
			return Record{}, err
		}
		record := Record{Line: r.number}
		if line.long {
			record.Fault = TooLong
			return record, nil
		}
		if len(Trim(line.text)) == 0 {
			continue
		}
		if record.Cells, record.Fault, err = r.cellsOf(line.text); err != nil {
			return Record{}, err
		}
		if record.Fault == NoFault && (blank(record.Cells) || r.headerAgain(record.Cells)) {
			continue
		}
		return record, nil
	}
}

func (r *Reader) headerAgain(cells [][]byte) bool {
	if len(r.titles) < 2 || len(cells) != len(r.titles) {
		return false
	}
	for i, cell := range cells {
		if len(cell) > maxTitleBytes || Title(string(cell)) != r.titles[i] {
			return false
		}
	}
	return true
}

// maxTitleBytes bounds a cell that is compared with a title.
const maxTitleBytes = 200

func (r *Reader) cellsOf(line []byte) ([][]byte, Fault, error) {
	text := r.decoded(line)
	cells, ok := split(r.cells[:0], text, r.delimiter)
	if cells = fit(cells, r.width); ok && (len(cells) == r.width || blank(cells)) {
		r.cells = cells
		return cells, NoFault, nil
	}
	if ok {
		return cells, Columns, nil
	}
	text = bytes.Clone(text) // reading on takes the line away
	joined, found, err := r.join(text)
	if err != nil || found {
		return joined, NoFault, err
	}
	cells = fit(literal(r.cells[:0], text, r.delimiter), r.width)
	r.cells = cells
	if r.options.Literal && len(cells) == r.width {
		return cells, NoFault, nil
	}
	return cells, Quote, nil
}

// maxJoined is over how many lines one cell may go.
const maxJoined = 10

// join reads a record with a cell that goes over several lines. It is one only if together they have all columns and none of the
// other lines is a record by itself: a stray quote never takes records that are there.
func (r *Reader) join(first []byte) (cells [][]byte, found bool, err error) {
	r.joined = append(r.joined[:0], first...)
	for i := range maxJoined {
		line, err := r.hold(i)
		if errors.Is(err, io.EOF) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		text := r.decoded(line.text)
		if line.long || len(fit(literal(nil, text, r.delimiter), r.width)) >= r.width && r.width > 1 ||
			len(r.joined)+len(text) > r.options.MaxLine {
			return nil, false, nil
		}
		r.joined = append(append(r.joined, ' '), text...) // nobody needs a line end inside a cell
		cells, ok := split(nil, r.joined, r.delimiter)
		if cells = fit(cells, r.width); ok && len(cells) == r.width {
			r.held = r.held[:copy(r.held, r.held[i+1:])]
			r.number += i + 1
			return cells, true, nil
		}
	}
	return nil, false, nil
}

// decoded is a line in UTF-8. The first line that is not ASCII decides an encoding that is undecided.
func (r *Reader) decoded(line []byte) []byte {
	if ascii(line) {
		return line
	}
	if r.charset == Undecided {
		line = bytes.Clone(line)           // looking ahead takes it away
		sample, _ := r.r.Peek(sampleBytes) // what there is
		r.charset = decide(bytes.Join([][]byte{line, sample}, []byte("\n")))
		r.gb = newDecoder(r.charset)
	}
	if r.gb == nil {
		return line
	}
	return r.gb.Bytes(line)
}

// take reads the next line. Its text is valid until the next line is read.
func (r *Reader) take() (line heldLine, err error) {
	if len(r.held) == 0 {
		line, err = r.read()
	} else {
		line = r.held[0]
		r.held = r.held[:copy(r.held, r.held[1:])]
	}
	if err == nil {
		r.number++
	}
	return line, err
}

// hold gives the line that is i lines ahead. Its text is valid until the lines before it are used.
func (r *Reader) hold(i int) (heldLine, error) {
	for len(r.held) <= i {
		line, err := r.read()
		if err != nil {
			return heldLine{}, err
		}
		r.held = append(r.held, heldLine{bytes.Clone(line.text), line.long})
	}
	return r.held[i], nil
}

// endOfFile is the byte that programs of old systems end a file with (SUB); its line is blank.
const endOfFile = 0x1a

// read reads a line without its end. A line that is too long is dropped.
func (r *Reader) read() (line heldLine, err error) {
	b, err := r.r.ReadSlice(r.end)
	for errors.Is(err, bufio.ErrBufferFull) {
		line.long = true
		_, err = r.r.ReadSlice(r.end)
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(b) == 0 && !line.long) {
		return heldLine{}, err
	}
	if line.long {
		return line, nil
	}
	b = bytes.TrimSuffix(b, []byte{r.end})
	b = bytes.TrimSuffix(b, []byte("\r"))
	if len(b) == 1 && b[0] == endOfFile {
		return heldLine{}, nil
	}
	if len(b) > r.options.MaxLine {
		return heldLine{long: true}, nil
	}
	return heldLine{text: b}, nil
}
