package bankfile

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// namespace is the beginning of the namespace of every ISO 20022 message.
const namespace = "urn:iso:std:iso:20022:tech:xsd:"

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
	envelope int  // open elements around the message
	begun    bool // something came that no XML declaration may follow

	text     []byte // since the last tag
	leaf     bool   // whether the open element has no child so far
	currency string
}

// newWalker reads up to the start of the message, which may be inside an envelope. version is that of the message, such
// as camt.053.001.08.
func newWalker(r io.Reader, limits Limits) (w *walker, version string, err error) {
	limits = limits.withDefaults()
	file := &boundedFile{r: r, left: limits.Bytes}
	text, err := inUTF8(file)
	if err != nil {
		return nil, "", err
	}
	g := &guard{r: text, limit: limits.Text, file: file}
	w = &walker{limits: limits, guard: g, decoder: xml.NewDecoder(g), paths: map[string]string{}}
	w.decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil } // it is UTF-8 by now
	version, err = w.document()
	return w, version, err
}

// document reads up to the start of the message and gives its version.
func (w *walker) document() (version string, err error) {
	for {
		token, err := w.token()
		switch {
		case errors.Is(err, io.EOF) && w.elements == 0:
			return "", errorf(CodeSyntax, w.line(), "the file is empty")
		case errors.Is(err, io.EOF):
			return "", errorf(CodeMessage, w.line(), "the file has no element Document of an ISO 20022 message")
		case err != nil:
			return "", err
		}
		switch t := token.(type) {
		case xml.CharData:
			if w.envelope == 0 && strings.TrimSpace(string(t)) != "" {
				return "", errorf(CodeSyntax, w.line(), "the file is not XML")
			}
		case xml.EndElement:
			w.envelope--
		case xml.StartElement:
			version, ok := strings.CutPrefix(t.Name.Space, namespace)
			switch {
			case t.Name.Local != "Document":
				err = w.enclose()
			case !ok || len(version) > 20:
				err = errorf(CodeMessage, w.line(), "the element Document must be in the namespace of an ISO 20022 message")
			default:
				w.space = t.Name.Space
				return version, nil
			}
			if err != nil {
				return "", err
			}
		}
	}
}

// enclose enters an element around the message or beside it, such as the envelope and the header of a network.
func (w *walker) enclose() error {
	w.envelope++
	w.elements++
	switch {
	case w.envelope > w.limits.Depth:
		return errorf(CodeTooLarge, w.line(), "elements are nested more than %d deep", w.limits.Depth)
	case w.elements > w.limits.Elements:
		return errorf(CodeTooLarge, w.line(), "the message has more than %d elements", w.limits.Elements)
	}
	return nil
}

func (w *walker) line() int {
	line, _ := w.decoder.InputPos()
	return line
}

// token returns the next token that is neither a comment nor a processing instruction, which say nothing of the message. At
// the end of the file the error is io.EOF. Its other errors repeat nothing of the file.
func (w *walker) token() (xml.Token, error) {
	for {
		token, err := w.decoder.Token()
		if err != nil {
			return nil, w.refusal(err)
		}
		switch t := token.(type) {
		case xml.ProcInst:
			if t.Target == "xml" && w.begun {
				return nil, errorf(CodeSyntax, w.line(), "the file has two XML declarations: it holds more than one message, or was put together wrongly")
			}
			w.begun = true
		case xml.Comment:
			w.begun = true
		case xml.CharData:
			return token, nil
		default:
			w.begun = true
			return token, nil
		}
	}
}

// refusal is an error of the decoder in this package's words.
func (w *walker) refusal(err error) error {
	var own *Error
	var syntax *xml.SyntaxError
	switch {
	case errors.As(w.guard.err, &own), errors.As(err, &own):
		return own.onLine(w.line())
	case w.guard.file.outer != nil:
		return w.guard.file.outer
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.As(err, &syntax) && syntax.Msg == "invalid UTF-8":
		return errorf(CodeEncoding, w.line(), "the file is not in the encoding that its XML declaration states, or in UTF-8 if it states none")
	}
	if strings.Contains(err.Error(), "unsupported version") { // an error of the decoder without a type
		return errorf(CodeSyntax, w.line(), "the XML declaration states another version than 1.0: have the bank write version 1.0")
	}
	return errorf(CodeSyntax, w.line(), "the file is not well-formed XML, or it is cut off")
}

// walk reads the message to its end.
func (w *walker) walk(v visitor) error {
	for {
		token, err := w.token()
		if err != nil {
			return w.cut(err)
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
		return own.onLine(w.line())
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
			return w.cut(err)
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

// rest reads what is behind the message: the end of its envelope. Another message is refused, because a file's
// messages have ids of their own.
func (w *walker) rest() error {
	for {
		token, err := w.token()
		if errors.Is(err, io.EOF) && w.envelope <= 0 {
			return nil
		}
		if err != nil {
			return w.cut(err)
		}
		switch t := token.(type) {
		case xml.CharData:
			if w.envelope <= 0 && strings.TrimSpace(string(t)) != "" {
				return errorf(CodeSyntax, w.line(), "there is content after the message")
			}
		case xml.EndElement:
			w.envelope--
		case xml.StartElement:
			if w.envelope <= 0 || t.Name.Local == "Document" {
				return errorf(CodeMessage, w.line(), "the file holds more than one message: send each in a file of its own")
			}
			if err := w.enclose(); err != nil {
				return err
			}
		}
	}
}

// cut is the error of a file that ends inside the message.
func (w *walker) cut(err error) error {
	if errors.Is(err, io.EOF) {
		return errorf(CodeSyntax, w.line(), "the file is cut off")
	}
	return err
}

func attribute(t *xml.StartElement) string {
	for i := range t.Attr {
		if t.Attr[i].Name.Local == "Ccy" && t.Attr[i].Name.Space == "" {
			return currencyCode(t.Attr[i].Value)
		}
	}
	return ""
}
