// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"relieftrail/chaincode/api/strictjson"
	"relieftrail/chaincode/relief"
)

// The bounds of an argument.
const (
	maxInputBytes = 1 << 20
	maxInputDepth = 8
	maxFieldName  = 40
)

// Decode reads an argument: one JSON object with known fields only, each once. The refusal is INVALID and never repeats
// a value.
func Decode[T any](text string) (T, error) {
	var zero T
	if len(text) > maxInputBytes {
		return zero, relief.Errorf(relief.CodeInvalid, "the argument has more than %d bytes", maxInputBytes)
	}
	if err := checkShape([]byte(text)); err != nil {
		return zero, err
	}
	return decode[T](text)
}

// DecodeItem reads an item of an argument that Decode has read: it has looked for fields that are given twice in the items, too.
func DecodeItem[T any](item json.RawMessage) (T, error) {
	if !isObject(item) {
		var zero T
		return zero, errNoObject
	}
	return decode[T](string(item))
}

func decode[T any](text string) (T, error) {
	var v, zero T
	if err := strictjson.Unmarshal([]byte(text), &v); err != nil {
		return zero, refusedInput[T](text, err)
	}
	return v, nil
}

// Encode writes an argument or an answer.
func Encode(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", relief.Errorf(relief.CodeCorrupt, "the %T cannot be written as JSON", v)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// DecodeAnswer reads an answer of the chaincode. Fields that the reader does not know are left out: the chaincode may be
// newer.
func DecodeAnswer[T any](text []byte) (T, error) {
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		return v, relief.Errorf(relief.CodeCorrupt, "the chaincode's answer is not a %T", v)
	}
	return v, nil
}

func checkShape(text []byte) error {
	if !isObject(text) {
		return errNoObject
	}
	switch err := strictjson.Check(text, maxInputDepth); {
	case err == nil:
		return nil
	case errors.Is(err, strictjson.ErrTwice):
		return relief.Errorf(relief.CodeInvalid, "a field is given twice")
	case errors.Is(err, strictjson.ErrDepth):
		return relief.Errorf(relief.CodeInvalid, "the argument is nested more than %d deep", maxInputDepth)
	case errors.Is(err, strictjson.ErrTrailing):
		return relief.Errorf(relief.CodeInvalid, "something follows the JSON object")
	default:
		return errNoObject
	}
}

var errNoObject = relief.Errorf(relief.CodeInvalid, "the argument is not a JSON object")

func isObject(text []byte) bool { return bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{")) }

// refusedInput turns an error of encoding/json into a refusal that names the field at fault.
func refusedInput[T any](text string, err error) error {
	field := faultyField[T](text)
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

// faultyField finds the first field of the object that cannot be read by itself. It is "" when the name does not look like
// a name: then it is not repeated either.
func faultyField[T any](text string) string {
	d := json.NewDecoder(strings.NewReader(text))
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
		if strictjson.Unmarshal([]byte("{"+string(quoted)+":"+string(value)+"}"), &v) != nil {
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
