package table

import (
	"bufio"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"relieftrail/chaincode/relief"
)

// byteOrderMark tells a spreadsheet that a CSV file is in UTF-8.
const byteOrderMark = "\ufeff"

// csvRows writes CSV as RFC 4180 has it: a header, lines that end in CRLF, and never a line end inside a cell.
type csvRows struct {
	w           *csv.Writer
	heads       []Head
	zh          bool
	forPrograms bool
	line        []string
}

func newCSV(out io.Writer, heads []Head, o *Options) (*csvRows, error) {
	buffer := bufio.NewWriterSize(out, bufferSize)
	if !o.ForPrograms {
		_, _ = buffer.WriteString(byteOrderMark) // into memory
	}
	r := &csvRows{w: csv.NewWriter(buffer), heads: heads, zh: o.Zh, forPrograms: o.ForPrograms, line: make([]string, len(heads))}
	r.w.UseCRLF = true
	for i := range heads {
		r.line[i] = heads[i].title(o.Zh)
	}
	return r, r.w.Write(r.line)
}

func (r *csvRows) write(cells []cell) error {
	for i := range cells {
		r.line[i] = r.text(&r.heads[i], &cells[i])
	}
	return r.w.Write(r.line)
}

func (r *csvRows) close() error {
	r.w.Flush()
	return r.w.Error()
}

func (r *csvRows) discard() error { return nil }

// text is a cell as CSV has it.
func (r *csvRows) text(head *Head, c *cell) string {
	switch {
	case c.none:
		return ""
	case head.Kind == KindAmount:
		return amountText(c.number)
	case head.Kind == KindInteger:
		return strconv.FormatInt(c.number, 10)
	}
	text := clean(head.word(c.text, r.zh))
	if !r.forPrograms && roundedBySpreadsheets(text) {
		return "\t" + text
	}
	return Inert(text)
}

func amountText(fen int64) string {
	if fen < 0 {
		return "-" + relief.Fen(-fen).String()
	}
	return relief.Fen(fen).String()
}

func (h *Head) title(zh bool) string {
	if zh {
		return h.Zh
	}
	return h.Name
}

// word is a text in the language of the headers.
func (h *Head) word(text string, zh bool) string {
	if zh && h.words != nil {
		if word, known := h.words[text]; known {
			return word
		}
	}
	return text
}

// Inert keeps a spreadsheet from taking a text for a formula: one that begins, after spaces, with a character that begins
// formulas gets an apostrophe before it (OWASP, CSV injection). The wide forms are those of Chinese and Japanese keyboards.
func Inert(text string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(text, unicode.IsSpace))
	if strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + text
	}
	if text != "" && (text[0] == '\t' || text[0] == '\r' || text[0] == '\n') {
		return "'" + text
	}
	return text
}

// clean makes a text fit for a line: what is not UTF-8 becomes U+FFFD, a line end, a tab or another control character a space.
func clean(text string) string {
	ok := utf8.ValidString(text) && strings.IndexFunc(text, breaks) < 0
	if ok {
		return text
	}
	return strings.Map(func(c rune) rune {
		if breaks(c) {
			return ' '
		}
		return c
	}, strings.ToValidUTF8(text, "\ufffd"))
}

// breaks reports whether a character ends a line for some program, or cannot stand in a file that people open.
func breaks(c rune) bool {
	return unicode.IsControl(c) || c == '\u2028' || c == '\u2029' || c == '\ufeff' || c == '\ufffe' || c == '\uffff'
}

// exactDigits is how many digits of a number a spreadsheet keeps.
const exactDigits = 15

// roundedBySpreadsheets reports whether a spreadsheet would make another number of a text: it rounds one of more than 15 digits,
// and drops zeros at the beginning.
func roundedBySpreadsheets(text string) bool {
	if len(text) < 2 || len(text) <= exactDigits && text[0] != '0' {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
