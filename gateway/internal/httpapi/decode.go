package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"
)

// readJSON reads a request's body into v: one JSON document, of known fields only. An empty body leaves v as it is
// when optional is set.
func readJSON(r *http.Request, limit int64, depth int, optional bool, v any) error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return tooLarge
		}
		return kindUnreadable.detail("The body was cut off.")
	}
	if len(body) == 0 && optional {
		return nil
	}
	if err := jsonType(r.Header.Get("Content-Type")); err != nil {
		return err
	}
	if r.Header.Get("Content-Encoding") != "" {
		return kindMediaType.detail("A JSON body is sent without Content-Encoding.")
	}
	return decodeJSON(body, depth, v)
}

func jsonType(header string) error {
	mediaType, params, err := mime.ParseMediaType(header)
	if err != nil || mediaType != "application/json" {
		return kindMediaType.detail("The body must be application/json.")
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return kindMediaType.detail("JSON must be in UTF-8.")
	}
	return nil
}

// decodeJSON reads one document into v, a pointer to a struct. Nothing of the input is repeated in an error but
// names that look like names.
func decodeJSON(body []byte, depth int, v any) error {
	if !utf8.Valid(body) {
		return kindMalformed.detail("The body is not valid UTF-8.")
	}
	if err := checkShape(body, depth); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType):
		return &fault{kind: kindInvalid, field: plainName(wrongType.Field), detail: typeDetail(wrongType)}
	default:
		if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			name = plainName(strings.Trim(name, `"`))
			return &fault{kind: kindInvalid, field: name, detail: "The field is not known."}
		}
		return kindMalformed.detail("The body does not have the form that the path takes.")
	}
}

func typeDetail(e *json.UnmarshalTypeError) string {
	if e.Field == "" {
		return "The body must be a JSON object."
	}
	return fmt.Sprintf("The field must be %s.", jsonWord(e.Type.Kind().String()))
}

func jsonWord(goKind string) string {
	switch {
	case goKind == "string":
		return "a string; amounts are strings too, such as \"620.00\""
	case strings.HasPrefix(goKind, "int"), strings.HasPrefix(goKind, "uint"):
		return "a whole number"
	case goKind == "slice":
		return "an array"
	case goKind == "bool":
		return "true or false"
	default:
		return "an object"
	}
}

var namePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z_.]{0,63}$`)

// plainName gives a field's name back when it looks like one: a caller's mistake must not carry data into a log.
func plainName(name string) string {
	if namePattern.MatchString(name) {
		return name
	}
	return ""
}

// checkShape refuses documents that are nested too deeply, repeat a name, or have something behind them.
func checkShape(body []byte, depth int) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var open []*object
	for {
		token, err := d.Token()
		if err != nil {
			return kindMalformed.detail("The body is not JSON, or is cut short.")
		}
		if delim, ok := token.(json.Delim); ok && (delim == '}' || delim == ']') {
			open = open[:len(open)-1]
		} else {
			if len(open) > 0 && !open[len(open)-1].take(token) {
				return kindMalformed.detail("A name is there twice in one object.")
			}
			switch delim {
			case '{':
				open = append(open, &object{names: map[string]bool{}, nameNext: true})
			case '[':
				open = append(open, &object{})
			}
		}
		if len(open) > depth {
			return kindMalformed.detail(fmt.Sprintf("The body is nested more than %d deep.", depth))
		}
		if len(open) == 0 {
			break
		}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return kindMalformed.detail("There is something behind the JSON document.")
	}
	return nil
}

// object is an open object or, without names, an open array.
type object struct {
	names    map[string]bool
	nameNext bool
}

// take notes the next token of an object and reports whether it may stand there.
func (o *object) take(token json.Token) bool {
	if o.names == nil {
		return true
	}
	if !o.nameNext {
		o.nameNext = true
		return true
	}
	o.nameNext = false
	name, _ := token.(string)
	name = strings.ToLower(strings.ToUpper(name)) // fields are matched without regard to case
	fresh := !o.names[name]
	o.names[name] = true
	return fresh
}
