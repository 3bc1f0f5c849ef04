// SPDX-License-Identifier: Apache-2.0

package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
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
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var open []object
	for first := true; first || len(open) > 0; first = false {
		token, err := d.Token()
		if err != nil {
			return ErrSyntax
		}
		if token == json.Delim('}') || token == json.Delim(']') {
			open = open[:len(open)-1]
			continue
		}
		if n := len(open); n > 0 && !open[n-1].take(token) {
			return ErrTwice
		}
		switch token {
		case json.Delim('{'):
			open = append(open, object{names: map[string]bool{}, nameNext: true})
		case json.Delim('['):
			open = append(open, object{})
		}
		if len(open) > depth {
			return ErrDepth
		}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return ErrTrailing
	}
	return nil
}

// Unmarshal reads a document into v; a field that v has not is an error.
func Unmarshal(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// object is an open object or, without names, an open array.
type object struct {
	names    map[string]bool
	nameNext bool
}

// take notes the next token of an object and reports whether it is no name that the object has already.
func (o *object) take(token json.Token) bool {
	if o.names == nil {
		return true
	}
	if o.nameNext = !o.nameNext; o.nameNext {
		return true // it was a value
	}
	name, _ := token.(string) // the decoder lets nothing else be a name
	name = strings.ToLower(strings.ToUpper(name))
	fresh := !o.names[name]
	o.names[name] = true
	return fresh
}
