package bankfile

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"relieftrail/gateway/bankfile/gb18030"
)

// namespace is the beginning of the namespace of every ISO 20022 message.
const namespace = "urn:iso:std:iso:20022:tech:xsd:"

// guard reads bytes for an XML decoder, which holds a whole text or tag in memory before it returns it. The guard bounds both
// and refuses everything that begins with "<!" (document types, entities, comments, CDATA) before the decoder reads it.
type guard struct {
	r     io.Reader
	left  int64
	limit int   // of bytes between two of < and >
	run   int   // bytes since the last < or >
	open  bool  // the last byte was <
	err   error // the guard's refusal
	outer error // the error of r
}

func (g *guard) Read(b []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	if int64(len(b)) > g.left+1 {
		b = b[:g.left+1]
	}
	n, err := g.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		g.outer = err
	}
	for i, c := range b[:n] {
		switch {
		case g.open && c == '!':
			g.err = errorf(CodeForbidden, 0, "document types, entities, comments and CDATA are not allowed")
			return i, g.err
		case c == '<' || c == '>':
			g.run = 0
		default:
			if g.run++; g.run > g.limit {
				g.err = errorf(CodeTooLarge, 0, "a text or tag has more than %d bytes", g.limit)
				return i, g.err
			}
		}
		g.open = c == '<'
	}
	if g.left -= int64(n); g.left < 0 {
		g.err = errorf(CodeTooLarge, 0, "the file is larger than the limit")
		return 0, g.err
	}
	return n, err
}

// visitor receives the elements of a message. Paths begin below the root, for example "BkToCstmrStmt/GrpHdr/MsgId".
type visitor interface {
	start(path string) error
	leaf(path, text, currency string) error // an element without child elements
	end(path string) error
}

// walker reads one message.
type walker struct {
	limits   Limits
	guard    *guard
	decoder  *xml.Decoder
	paths    map[string]string // each path only once, so that an element costs no memory
	path     []byte
	ends     []int // the lengths of the paths of the open elements' parents
	elements int
	space    string

	text     []byte // since the last tag
	leaf     bool   // whether the open element has no child so far
	currency string
}

// newWalker reads up to the start of the root element. version is that of the message, such as camt.053.001.08.
func newWalker(r io.Reader, limits Limits) (w *walker, version string, err error) {
	limits = limits.withDefaults()
	g := &guard{r: r, left: limits.Bytes, limit: limits.Text}
	w = &walker{limits: limits, guard: g, decoder: xml.NewDecoder(g), paths: map[string]string{}}
	w.decoder.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) {
		switch strings.ToLower(charset) {
		case "gb18030", "gbk", "gb2312":
			return gb18030.NewReader(input), nil
		}
		return nil, errorf(CodeMessage, 0, "the encoding must be UTF-8 or GB18030")
	}
	for first := true; ; first = false {
		token, err := w.token()
		if err != nil {
			return nil, "", err
		}
		switch t := token.(type) {
		case xml.ProcInst:
			if !first || t.Target != "xml" {
				return nil, "", errorf(CodeForbidden, w.line(), "processing instructions are not allowed")
			}
		case xml.CharData:
			if strings.Trim(string(t), " \t\r\n\ufeff") != "" {
				return nil, "", errorf(CodeSyntax, w.line(), "the file is not XML")
			}
		case xml.StartElement:
			version, ok := strings.CutPrefix(t.Name.Space, namespace)
			if !ok || t.Name.Local != "Document" || len(version) > 20 {
				return nil, "", errorf(CodeMessage, w.line(), "the root element must be the Document of an ISO 20022 message")
			}
			w.space = t.Name.Space
			return w, version, nil
		}
	}
}

func (w *walker) line() int {
	line, _ := w.decoder.InputPos()
	return line
}

// token returns the next token. Its errors repeat nothing of the file.
func (w *walker) token() (xml.Token, error) {
	token, err := w.decoder.Token()
	if err == nil {
		return token, nil
	}
	var own *Error
	switch {
	case errors.As(w.guard.err, &own), errors.As(err, &own):
		return nil, errorf(own.Code, w.line(), "%s", own.Detail)
	case w.guard.outer != nil:
		return nil, w.guard.outer
	}
	return nil, errorf(CodeSyntax, w.line(), "the file is not well-formed XML, or it is cut off")
}

// walk reads the message to its end.
func (w *walker) walk(v visitor) error {
	for {
		token, err := w.token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local == "SplmtryData" && t.Name.Space == w.space { // may hold any elements of any namespace
				err = w.skip()
			} else {
				err = w.open(v, &t)
			}
		case xml.CharData:
			if w.text = append(w.text, t...); len(w.text) > w.limits.Text {
				err = errorf(CodeTooLarge, 0, "a text has more than %d bytes", w.limits.Text)
			}
		case xml.EndElement:
			if len(w.ends) == 0 {
				return w.rest()
			}
			err = w.close(v)
		default:
			err = errorf(CodeForbidden, 0, "processing instructions are not allowed")
		}
		if err != nil {
			return w.at(err)
		}
	}
}

func (w *walker) open(v visitor, t *xml.StartElement) error {
	if err := w.blank(); err != nil {
		return err
	}
	if err := w.enter(t); err != nil {
		return err
	}
	w.text, w.leaf, w.currency = w.text[:0], true, attribute(t)
	return v.start(w.interned())
}

func (w *walker) close(v visitor) error {
	path := w.interned()
	if w.leaf {
		if err := v.leaf(path, strings.TrimSpace(string(w.text)), w.currency); err != nil {
			return err
		}
	} else if err := w.blank(); err != nil {
		return err
	}
	last := len(w.ends) - 1
	w.path, w.ends = w.path[:w.ends[last]], w.ends[:last]
	w.text, w.leaf = w.text[:0], false
	return v.end(path)
}

// blank refuses text between elements.
func (w *walker) blank() error {
	if strings.TrimSpace(string(w.text)) != "" {
		return errorf(CodeSyntax, 0, "there is text between elements")
	}
	return nil
}

// at adds the line to an error of the visitor.
func (w *walker) at(err error) error {
	var own *Error
	if errors.As(err, &own) && own.Line == 0 {
		return &Error{own.Code, w.line(), own.Detail}
	}
	return err
}

func (w *walker) enter(t *xml.StartElement) error {
	w.elements++
	switch {
	case t.Name.Space != w.space:
		return errorf(CodeMessage, w.line(), "an element has another namespace than the message")
	case len(w.ends) >= w.limits.Depth:
		return errorf(CodeTooLarge, w.line(), "elements are nested more than %d deep", w.limits.Depth)
	case w.elements > w.limits.Elements:
		return errorf(CodeTooLarge, w.line(), "the message has more than %d elements", w.limits.Elements)
	}
	w.ends = append(w.ends, len(w.path))
	if len(w.path) > 0 {
		w.path = append(w.path, '/')
	}
	w.path = append(w.path, t.Name.Local...)
	return nil
}

// maxPaths bounds the remembered paths. A message has a few hundred.
const maxPaths = 4096

func (w *walker) interned() string {
	if s, ok := w.paths[string(w.path)]; ok {
		return s
	}
	s := string(w.path)
	if len(w.paths) < maxPaths {
		w.paths[s] = s
	}
	return s
}

// skip reads to the end of the element that has just begun.
func (w *walker) skip() error {
	for depth := 1; depth > 0; {
		token, err := w.token()
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
			if w.elements++; depth > w.limits.Depth || w.elements > w.limits.Elements {
				return errorf(CodeTooLarge, w.line(), "the supplementary data (SplmtryData) are too large")
			}
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// rest refuses everything but white space after the root element.
func (w *walker) rest() error {
	for {
		token, err := w.decoder.Token()
		if errors.Is(err, io.EOF) && w.guard.err == nil {
			return nil
		}
		if text, ok := token.(xml.CharData); err != nil || !ok || strings.TrimSpace(string(text)) != "" {
			return errorf(CodeSyntax, w.line(), "there is content after the message")
		}
	}
}

func attribute(t *xml.StartElement) string {
	for i := range t.Attr {
		if t.Attr[i].Name.Local == "Ccy" && t.Attr[i].Name.Space == "" {
			return t.Attr[i].Value
		}
	}
	return ""
}
