// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"relieftrail/chaincode/relief"
)

// What an argument may be at most.
const (
	maxInputBytes = 1 << 20
	maxInputDepth = 8
	maxFieldName  = 40
)

// decode reads an argument: one JSON object with known fields only, each once. The refusal is INVALID and never
// repeats a value.
func decode[T any](input string) (T, error) {
	var v, zero T
	if len(input) > maxInputBytes {
		return zero, relief.Errorf(relief.CodeInvalid, "the argument has more than %d bytes", maxInputBytes)
	}
	if err := checkShape(input); err != nil {
		return zero, err
	}
	if err := decodeStrictly(input, &v); err != nil {
		return zero, refusedInput[T](input, err)
	}
	return v, nil
}

func decodeStrictly(input string, v any) error {
	d := json.NewDecoder(strings.NewReader(input))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// checkShape refuses what encoding/json takes in silence: text that follows the object, a field that is given twice
// (also in another case, since fields are matched without regard to it), and nesting without end.
func checkShape(input string) error {
	d := json.NewDecoder(strings.NewReader(input))
	d.UseNumber()
	var open []map[string]bool // the names seen in each open object; nil for an array
	name := false              // a field's name comes next
	for first := true; first || len(open) > 0; first = false {
		token, err := d.Token()
		if err != nil || (first && token != json.Delim('{')) {
			return relief.Errorf(relief.CodeInvalid, "the argument is not a JSON object")
		}
		if name && token != json.Delim('}') {
			folded := strings.ToLower(strings.ToUpper(token.(string))) // a name is always a string: the decoder saw to it
			if open[len(open)-1][folded] {
				return relief.Errorf(relief.CodeInvalid, "a field is given twice")
			}
			open[len(open)-1][folded] = true
			name = false
			continue
		}
		switch token {
		case json.Delim('{'):
			open = append(open, map[string]bool{})
		case json.Delim('['):
			open = append(open, nil)
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
		if len(open) > maxInputDepth {
			return relief.Errorf(relief.CodeInvalid, "the argument is nested more than %d deep", maxInputDepth)
		}
		name = len(open) > 0 && open[len(open)-1] != nil
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return relief.Errorf(relief.CodeInvalid, "something follows the JSON object")
	}
	return nil
}

// refusedInput turns an error of encoding/json into a refusal that names the field at fault.
func refusedInput[T any](input string, err error) error {
	field := faultyField[T](input)
	var own *relief.Error
	var amount *relief.AmountError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &own):
		if own.Field != "" && field != "" {
			return &relief.Error{Code: own.Code, Field: field, Detail: own.Detail}
		}
		return own
	case errors.As(err, &amount):
		return relief.FieldErrorf(field, "%s", amount.Error())
	case errors.As(err, &kind):
		return relief.FieldErrorf(field, "a value of another type is wanted, not a JSON %s", strings.Fields(kind.Value)[0])
	case strings.HasPrefix(err.Error(), "json: unknown field"):
		return relief.FieldErrorf(field, "the function has no such field")
	default:
		return relief.FieldErrorf(field, "the value cannot be read")
	}
}

// faultyField finds the first field of the object that cannot be read by itself; "" when its name is not like a name,
// for then it is not repeated either.
func faultyField[T any](input string) string {
	d := json.NewDecoder(strings.NewReader(input))
	_, _ = d.Token()
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		var value json.RawMessage
		if err != nil || !ok || d.Decode(&value) != nil {
			return ""
		}
		var v T
		quoted, _ := json.Marshal(name)
		if decodeStrictly("{"+string(quoted)+":"+string(value)+"}", &v) != nil {
			if plainName(name) {
				return name
			}
			return ""
		}
	}
	return ""
}

func plainName(name string) bool {
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return name != "" && len(name) <= maxFieldName
}

// encode writes an answer.
func encode(v any, err error) (string, error) {
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", relief.Errorf(relief.CodeCorrupt, "the answer cannot be written")
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}
