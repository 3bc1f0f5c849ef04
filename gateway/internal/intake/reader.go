package intake

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile/gb18030"
)

// Options say how to read a file.
type Options struct {
	Kind        Kind
	ContentType string // as Spool decided it, or as a sender gives it
	Key         []byte // makes the subject references, with its epoch
	Epoch       uint8
	Today       relief.Day // in the agency's time zone. Without it every day that comes is refused as one in the future
}

// Reader reads a file line by line. Its memory grows with the people of the file, some 50 bytes each, which it needs to
// find the repeated ones; nothing else grows.
type Reader struct {
	options Options
	columns []column
	lines   *lineReader
	mac     hash.Hash
	sum     []byte

	json   bool
	gb     *gb18030.Decoder // nil for UTF-8
	places []int            // the columns of the CSV file in their order
	cells  [][]byte
	seen   map[relief.SubjectRef]int // the line that was admitted for a person
}

// NewReader reads the header. A file that is refused as a whole is a *FileError.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	columns, ok := columnsOf[o.Kind]
	if !ok {
		return nil, fmt.Errorf("files of kind %q are not known", o.Kind)
	}
	n := &Reader{
		options: o, columns: columns, lines: newLineReader(r), mac: hmac.New(sha256.New, o.Key),
		seen: map[relief.SubjectRef]int{},
	}
	first, err := n.lines.r.Peek(1)
	if errors.Is(err, io.EOF) {
		return nil, emptyFile()
	}
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	base, charset, err := mediaType(o.ContentType)
	if err != nil {
		return nil, err
	}
	if base == typeNDJSON || (base == "" && first[0] == '{') {
		n.json = true
		return n, nil
	}
	return n, n.readHeader(charset)
}

func (n *Reader) readHeader(charset string) error {
	line, long, err := n.lines.next()
	switch {
	case err != nil:
		return fmt.Errorf("reading the header: %w", err)
	case long:
		return fileErrorf(CodeUnknownColumns, "", "第一行不是表头；应有的列为：%s。",
			"the first line is no header; the columns are %s", names(n.columns))
	}
	decided, err := decide(charset, n.options.Kind, line)
	if err != nil {
		return err
	}
	if decided == typeGB18030 {
		n.gb = gb18030.NewDecoder()
	}
	cells, ok := splitCSV(nil, line)
	if !ok {
		return fileErrorf(CodeUnknownColumns, "", "表头的引号位置有误。",
			"the header has a quotation mark where none may be")
	}
	texts := make([]string, len(cells))
	empty := true
	for i, cell := range cells {
		b, ok := clean(cell, n.gb, false)
		if !ok {
			return fileErrorf(CodeEncoding, "", "表头的字符编码无效。", "the header's bytes are not valid in its encoding")
		}
		texts[i] = string(b)
		empty = empty && texts[i] == ""
	}
	if empty && !n.more() {
		return emptyFile()
	}
	n.places, err = header(n.columns, texts)
	return err
}

// more reports whether anything follows.
func (n *Reader) more() bool {
	_, err := n.lines.r.Peek(1)
	return err == nil
}

// ContentType is what the file turned out to be.
func (n *Reader) ContentType() string {
	switch {
	case n.json:
		return typeNDJSON
	case n.gb != nil:
		return typeGB18030
	default:
		return typeUTF8
	}
}

// Next reads a line: a value or a refusal. Blank lines are skipped. At the end the error is io.EOF. A value is still
// to be admitted.
func (n *Reader) Next() (Line, *Refusal, error) {
	b, long, err := n.nextFilled()
	if err != nil {
		return Line{}, nil, err
	}
	l := Line{FileLine: n.lines.number}
	var values record
	code, note := relief.LineCode(""), ""
	switch {
	case long:
		code = relief.LineTooLong
	case n.json:
		code, note = splitJSON(n.columns, b, &values)
	default:
		code = n.splitRow(b, &values)
	}
	if code != "" {
		return Line{}, &Refusal{FileLine: l.FileLine, Code: code, Note: note}, nil
	}
	if refusal := n.parse(&values, &l); refusal != nil {
		return Line{}, refusal, nil
	}
	return l, nil, nil
}

// Admit refuses a line for a person for whom an earlier line was admitted. A line that is refused for another reason
// is not to be admitted: it does not stand in the way of the person's next one. Several settlements may name one
// payment, so their lines are always admitted.
func (n *Reader) Admit(l *Line) *Refusal {
	if n.options.Kind == KindSettlements {
		return nil
	}
	if line, ok := n.seen[l.Ref]; ok {
		return l.Refuse("id_number", relief.LineDuplicateOf(line))
	}
	n.seen[l.Ref] = l.FileLine
	return nil
}

// nextFilled reads the next line that is not blank.
func (n *Reader) nextFilled() (b []byte, long bool, err error) {
	for {
		b, long, err = n.lines.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, false, fmt.Errorf("reading the file: %w", err)
		}
		if err != nil || long || len(trim(b)) > 0 {
			return b, long, err
		}
	}
}

// splitRow puts a CSV line's cells under their columns.
func (n *Reader) splitRow(line []byte, out *record) relief.LineCode {
	cells, ok := splitCSV(n.cells[:0], line)
	n.cells = cells
	if !ok || len(cells) != len(n.places) {
		return relief.LineColumns
	}
	for i, cell := range cells {
		out[n.places[i]] = cell
	}
	return ""
}

// ref is relief.NewSubjectRef with the key's hash kept.
func (n *Reader) ref(id relief.IDNumber) (ref relief.SubjectRef) {
	n.mac.Reset()
	_, _ = io.WriteString(n.mac, "relieftrail/subject/v1\x00"+string(id)) // a hash takes all
	n.sum = n.mac.Sum(n.sum[:0])
	ref[0] = n.options.Epoch
	copy(ref[1:], n.sum)
	return ref
}
