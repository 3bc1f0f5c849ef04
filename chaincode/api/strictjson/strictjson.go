// SPDX-License-Identifier: Apache-2.0

package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// What Check refuses.
var (
	ErrSyntax   = errors.New("the text is not JSON, or is cut short")
	ErrTwice    = errors.New("a field is given twice")
	ErrDepth    = errors.New("the document is nested too deep")
	ErrTrailing = errors.New("something follows the document")
)

// Check refuses a text that is not one JSON document, gives a field twice in one object, is nested deeper than depth, or
// has something behind the document. Fields are compared without regard to case, because encoding/json matches them so.
func Check(text []byte, depth int) error {
	if !json.Valid(text) {
		return fault(text)
	}
	w := walk{text: string(text)}
	for w.at < len(w.text) {
		if err := w.step(depth); err != nil {
			return err
		}
	}
	return nil
}

// fault says what is wrong with a text that is not one JSON document.
func fault(text []byte) error {
	var first json.RawMessage
	switch err := json.NewDecoder(bytes.NewReader(text)).Decode(&first); {
	case err == nil:
		return ErrTrailing
	case strings.HasSuffix(err.Error(), "exceeded max depth"): // 10,000
		return ErrDepth
	default:
		return ErrSyntax
	}
}

// walk goes through a document that is valid.
type walk struct {
	text    string
	at      int
	objects int     // so far
	levels  []level // of which the first open ones are open
	open    int
}

// level is what is open at one depth: an object, or an array. The names stay for the objects that come after it at this depth, each with
// the number of the object that had it last.
type level struct {
	names    map[string]int
	object   int // its number; 0 for an array
	nameNext bool
}

// step takes the next character, or a whole string.
func (w *walk) step(depth int) error {
	c := w.text[w.at]
	w.at++
	switch c {
	case '{', '[':
		if w.open == depth {
			return ErrDepth
		}
		w.enter(c == '{')
	case '}', ']':
		w.open--
	case ',':
		if w.open > 0 {
			w.levels[w.open-1].nameNext = true
		}
	case '"':
		begin := w.at
		w.skipString()
		if w.open > 0 && !w.levels[w.open-1].take(w.text[begin:w.at-1]) {
			return ErrTwice
		}
	}
	return nil
}

func (w *walk) enter(object bool) {
	if w.open == len(w.levels) {
		w.levels = append(w.levels, level{names: map[string]int{}})
	}
	l := &w.levels[w.open]
	w.open++
	l.object, l.nameNext = 0, true
	if object {
		w.objects++
		l.object = w.objects
	}
}

// skipString goes behind the closing quote of a string.
func (w *walk) skipString() {
	for ; w.text[w.at] != '"'; w.at++ {
		if w.text[w.at] == '\\' {
			w.at++
		}
	}
	w.at++
}

// take notes a string and reports whether it is no name that the object has already.
func (l *level) take(quoted string) bool {
	if l.object == 0 || !l.nameNext {
		return true // an item or a value
	}
	l.nameNext = false
	name := folded(quoted)
	if l.names[name] == l.object {
		return false
	}
	l.names[name] = l.object
	return true
}

// folded is a name without its escapes and without regard to case.
func folded(quoted string) string {
	plain := true
	for i := range len(quoted) {
		c := quoted[i]
		plain = plain && c < utf8.RuneSelf && c != '\\' && (c < 'A' || c > 'Z')
	}
	if plain {
		return quoted
	}
	name := quoted
	_ = json.Unmarshal([]byte(`"`+quoted+`"`), &name) // it is valid
	return strings.ToLower(strings.ToUpper(name))
}

// Unmarshal reads a document into v; a field that v has not is an error.
func Unmarshal(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(v)
}
