package rest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/intake"
)

// Create makes a handler of an act that makes a record: the body is the contract's argument. The record is found under the
// location and its id.
func Create[In, Out any](s *Core, f api.Function[In, Out], location string) Handler {
	return func(c *gin.Context) error {
		argument, err := Argument(s, c, f, "", "")
		if err != nil {
			return err
		}
		return create(s, c, f.Name(), argument, location)
	}
}

// CreateUnder is Create with the id of the path as a field of the argument.
func CreateUnder[In, Out any, ID ~string](s *Core, f api.Function[In, Out], location, field string, parse func(string) (ID, error)) Handler {
	return func(c *gin.Context) error {
		argument, err := argumentUnder(s, c, f, field, parse)
		if err != nil {
			return err
		}
		return create(s, c, f.Name(), argument, location)
	}
}

func create(s *Core, c *gin.Context, function string, argument []byte, location string) error {
	var made struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(argument, &made); err != nil {
		return err
	}
	return s.Do(c, &Act{Function: function, Argument: argument, Status: http.StatusCreated, Location: location + made.ID})
}

// Change makes a handler of an act that changes the record of the path: the body is the contract's argument but for the field
// that has the record's id.
func Change[In, Out any, ID ~string](s *Core, f api.Function[In, Out], field string, parse func(string) (ID, error)) Handler {
	return func(c *gin.Context) error {
		argument, err := argumentUnder(s, c, f, field, parse)
		if err != nil {
			return err
		}
		return s.Do(c, &Act{Function: f.Name(), Argument: argument})
	}
}

func argumentUnder[In, Out any, ID ~string](s *Core, c *gin.Context, f api.Function[In, Out], field string, parse func(string) (ID, error)) ([]byte, error) {
	id, err := PathID(c, "id", parse)
	if err != nil {
		return nil, err
	}
	return Argument(s, c, f, field, string(id))
}

// Argument reads the argument of a function from the body, with the id of the path in its field, and refuses what the contract
// would refuse of its form, and days that cannot be meant. The same content gets the same spelling, by which a repeated request is recognised.
func Argument[In, Out any](s *Core, c *gin.Context, f api.Function[In, Out], field, id string) ([]byte, error) {
	var body json.RawMessage
	optional := mayBeEmpty(f.Row().Argument, field)
	if err := readJSON(c.Request, s.Limits.BodyBytes, s.Limits.JSONDepth, optional, &body); err != nil {
		return nil, err
	}
	argument, err := join(body, field, id)
	if err != nil {
		return nil, err
	}
	return checked(s, f, argument)
}

// Fill makes the act of a function of an argument that is read already. It refuses what Argument refuses.
func Fill[In, Out any](s *Core, act *Act, f api.Function[In, Out], argument []byte) (err error) {
	act.Function = f.Name()
	act.Argument, err = checked(s, f, argument)
	return err
}

func checked[In, Out any](s *Core, f api.Function[In, Out], argument []byte) ([]byte, error) {
	if _, err := api.Decode[In](string(argument)); err != nil {
		return nil, err
	}
	if err := intake.CheckDays(f.Row().Act, argument, s.LocalTime()); err != nil {
		return nil, err
	}
	return canonical(argument)
}

// join puts the id of the path in front of the body's fields. A body with the same field is refused as one that gives it
// twice.
func join(body json.RawMessage, field, id string) ([]byte, error) {
	text := bytes.TrimSpace(body)
	if len(text) == 0 {
		text = []byte("{}")
	}
	if text[0] != '{' {
		return nil, problem.OfField("", "请求内容须为 JSON 对象。", "The body must be a JSON object.")
	}
	if field == "" {
		return text, nil
	}
	head := `{"` + field + `":"` + id + `"` // an id has no character that JSON would escape
	rest := bytes.TrimSpace(text[1:])
	if rest[0] == '}' {
		return append([]byte(head), rest...), nil
	}
	return append([]byte(head+","), rest...), nil
}

// canonical writes a document in one spelling: without spaces, the fields in the order of their names.
func canonical(document []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// mayBeEmpty reports whether an argument has no field beside that of the path which the caller has to give.
func mayBeEmpty(argument reflect.Type, field string) bool {
	if argument == nil || argument.Kind() != reflect.Struct {
		return argument == nil
	}
	for _, f := range reflect.VisibleFields(argument) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" || name == field || strings.Contains(options, "omit") {
			continue
		}
		return false
	}
	return true
}
