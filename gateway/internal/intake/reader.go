package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile/csvfile"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/reference"
)

// Options say how to read a file.
type Options struct {
	Kind        Kind
	ContentType string           // as Spool decided it, or as a sender gives it
	References  *reference.Maker // nil for a file that is only looked at: then references are zero
	Today       relief.Day       // in the agency's time zone. Without it every day that comes is refused as one in the future
}

// Reader reads a file line by line. Its memory grows with the people of the file, some 60 bytes each, which it needs to
// find the repeated ones; nothing else grows.
type Reader struct {
	options Options
	columns []column
	fault   error          // why a reference cannot be made, nil when it can
	seen    map[listed]int // the line that was admitted for a person

	json   *lineReader     // of a file of JSON; nil for CSV
	csv    *csvfile.Reader // of a CSV file
	places []int           // the columns of the CSV file in their order; noColumn for one without a name
}

// listed is a person, in a list of payments for a period.
type listed struct {
	ref    relief.SubjectRef
	period relief.Period
}

// NewReader reads the header. A file that is refused as a whole is a *FileError.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	columns, ok := columnsOf[o.Kind]
	if !ok {
		return nil, fmt.Errorf("files of kind %q are not known", o.Kind)
	}
	n := &Reader{
		options: o, columns: columns, seen: map[listed]int{},
	}
	file := bufio.NewReader(r)
	first, err := file.Peek(headBytes)
	if len(first) == 0 && errors.Is(err, io.EOF) {
		return nil, emptyFile()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if zh, en := csvfile.Foreign(first); en != "" {
		return nil, &FileError{CodeWorkbook, "", bilingual.Text{Zh: "文件" + zh + "。", En: "the file is " + en}}
	}
	base, charset, err := mediaType(o.ContentType)
	if err != nil {
		return nil, err
	}
	if base == typeNDJSON || (base == "" && bytes.HasPrefix(bytes.TrimPrefix(first, []byte(byteOrderMark)), []byte("{"))) {
		n.json = newLineReader(file)
		return n, nil
	}
	n.csv, err = csvfile.NewReader(file, csvfile.Options{
		MaxLine: maxLineBytes, Length: lengthOf(r), Charset: charsetOf[charset], Delimiters: ",\t;",
		Known: func(cell string) bool { return place(columns, cell) >= 0 },
	})
	if err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	return n, n.readHeader()
}

// headBytes is how much of a file tells what it is.
const headBytes = 512

// lengthOf is how long a file is that is in memory; 0 for one on disk.
func lengthOf(r io.Reader) int {
	if whole, ok := r.(interface{ Len() int }); ok {
		return whole.Len()
	}
	return 0
}

func (n *Reader) readHeader() error {
	cells, err := n.csv.Header()
	if errors.Is(err, io.EOF) {
		return emptyFile()
	}
	if err != nil {
		return fmt.Errorf("reading the header: %w", err)
	}
	for _, cell := range cells {
		if !utf8.ValidString(cell) || strings.ContainsRune(cell, utf8.RuneError) {
			return fileErrorf(CodeEncoding, "", "表头的字符编码无效：请按文件的实际编码填写 charset，或不填。",
				"the header's bytes are not valid in its encoding: state the file's real charset, or none")
		}
	}
	n.places, err = header(n.columns, cells)
	return err
}

// ContentType is what the file turned out to be.
func (n *Reader) ContentType() string {
	switch {
	case n.json != nil:
		return typeNDJSON
	case n.csv.Charset() == csvfile.GB18030:
		return typeGB18030
	case n.csv.Charset() == csvfile.UTF8:
		return typeUTF8
	default:
		return typeCSV // the file says it itself, or does so later
	}
}

// Next reads a line: a value or a refusal. Blank lines are skipped. At the end the error is io.EOF. A value is still
// to be admitted.
func (n *Reader) Next() (Line, *Refusal, error) {
	var values record
	l := Line{}
	code, note := relief.LineCode(""), ""
	var err error
	if n.json != nil {
		l.FileLine, code, note, err = n.nextJSON(&values)
	} else {
		l.FileLine, code, note, err = n.nextRow(&values)
	}
	if err != nil {
		return Line{}, nil, err
	}
	if code != "" {
		return Line{}, &Refusal{FileLine: l.FileLine, Code: code, Note: note}, nil
	}
	if refusal := n.parse(&values, &l); refusal != nil {
		return Line{}, refusal, n.fault
	}
	return l, nil, n.fault
}

// Admit refuses a line for a person, and in a list of payments for a period, for which an earlier line was admitted. A line that is refused for another reason
// is not to be admitted: it does not stand in the way of the person's next one. Several settlements may name one
// payment, so their lines are always admitted.
func (n *Reader) Admit(l *Line) *Refusal {
	if n.options.Kind == KindSettlements {
		return nil
	}
	of := listed{l.Ref, l.Period}
	if line, ok := n.seen[of]; ok {
		return l.Refuse("id_number", relief.LineDuplicateOf(line))
	}
	n.seen[of] = l.FileLine
	return nil
}

// nextJSON reads the next line of JSON that is not blank.
func (n *Reader) nextJSON(out *record) (line int, code relief.LineCode, note string, err error) {
	for {
		b, long, err := n.json.next()
		switch {
		case errors.Is(err, io.EOF):
			return 0, "", "", io.EOF
		case err != nil:
			return 0, "", "", fmt.Errorf("reading the file: %w", err)
		case long:
			return n.json.number, relief.LineTooLong, "", nil
		case len(csvfile.Trim(b)) == 0:
			continue
		}
		code, note = splitJSON(n.columns, b, out)
		return n.json.number, code, note, nil
	}
}

// What is wrong with a line of CSV, in fixed words.
var (
	strayQuote = bilingual.Text{Zh: "引号位置有误", En: "a quotation mark is where none may be"}
	noName     = bilingual.Text{Zh: "没有列名的列中有内容", En: "there is a value in a column without a name"}
)

// nextRow puts the next CSV line's cells under their columns.
func (n *Reader) nextRow(out *record) (line int, code relief.LineCode, note string, err error) {
	r, err := n.csv.Next()
	switch {
	case errors.Is(err, io.EOF):
		return 0, "", "", io.EOF
	case err != nil:
		return 0, "", "", fmt.Errorf("reading the file: %w", err)
	case r.Fault == csvfile.TooLong:
		return r.Line, relief.LineTooLong, "", nil
	case r.Fault == csvfile.Quote:
		return r.Line, relief.LineColumns, strayQuote.String(), nil
	case r.Fault == csvfile.Columns:
		return r.Line, relief.LineColumns, bilingual.Textf("该行有 %d 列，表头有 %d 列", "the line has %d columns, the header %d",
			len(r.Cells), len(n.places)).String(), nil
	}
	for i, cell := range r.Cells {
		switch at := n.places[i]; {
		case at != noColumn:
			out[at] = withoutTextMark(cell)
		case len(csvfile.Trim(cell)) > 0:
			return r.Line, relief.LineColumns, noName.String(), nil
		}
	}
	return r.Line, "", "", nil
}

// withoutTextMark takes away the mark with which spreadsheets keep a number as text, where a program has written it out.
func withoutTextMark(cell []byte) []byte {
	if len(cell) > 1 && (cell[0] == '\'' || cell[0] == '`') && cell[1] >= '0' && cell[1] <= '9' {
		return cell[1:]
	}
	if text, ok := bytes.CutPrefix(cell, []byte(`="`)); ok {
		if text, ok = bytes.CutSuffix(text, []byte(`"`)); ok && bytes.IndexByte(text, '"') < 0 {
			return text
		}
	}
	return cell
}

// ref is the reference of a person. When it cannot be made, the file cannot be read.
func (n *Reader) ref(id relief.IDNumber) relief.SubjectRef {
	if n.options.References == nil {
		return relief.SubjectRef{}
	}
	ref, err := n.options.References.Of(id)
	if err != nil {
		n.fault = err
	}
	return ref
}
