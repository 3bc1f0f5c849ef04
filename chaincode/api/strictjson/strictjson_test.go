// SPDX-License-Identifier: Apache-2.0

package strictjson_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"relieftrail/chaincode/api/strictjson"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		text string
		want error
	}{
		{`{"a":1,"b":[{"a":1},{"a":"a"}],"c":{"a":"a","b":"a"}}`, nil},
		{`[]`, nil},
		{`"text"`, nil},
		{``, strictjson.ErrSyntax},
		{`{"a":1`, strictjson.ErrSyntax},
		{`{"a":1,}`, strictjson.ErrSyntax},
		{`{"a":1,"a":2}`, strictjson.ErrTwice},
		{`{"a":{"a":1},"a":2}`, strictjson.ErrTwice},
		{`[{"a":1},{"a":1},{"a":1,"b":2,"a":3}]`, strictjson.ErrTwice},
		{`{"\u0061":1,"a":2}`, strictjson.ErrTwice},
		{`{"a\"":1,"a":2,"a\\":3,",":4,"{":5}`, nil},
		{`{"a":"\"a","b":"a\\"}`, nil},
		{`{"a":",","b":",","c":["a","a"]}`, nil},
		{`{"a":1,"A":2}`, strictjson.ErrTwice},
		{`{"ſ":1,"s":2}`, strictjson.ErrTwice}, // U+017F folds to s
		{`{"b":{"a":1,"a":2}}`, strictjson.ErrTwice},
		{`[{"a":[],"a":2}]`, strictjson.ErrTwice},
		{`{"a":{"b":{"c":{}}}}`, strictjson.ErrDepth},
		{`[[[[]]]]`, strictjson.ErrDepth},
		{strings.Repeat("[", 20_000), strictjson.ErrDepth},
		{`{} {}`, strictjson.ErrTrailing},
		{`{} x`, strictjson.ErrTrailing},
		{`"a" ]`, strictjson.ErrTrailing},
	} {
		if err := strictjson.Check([]byte(c.text), 3); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.text, err, c.want)
		}
	}
}

func TestUnmarshalRefusesUnknownFields(t *testing.T) {
	var v struct {
		A int `json:"a"`
	}
	if err := strictjson.Unmarshal([]byte(`{"a":1}`), &v); err != nil || v.A != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	if err := strictjson.Unmarshal([]byte(`{"a":1,"b":2}`), &v); err == nil {
		t.Error("an unknown field was taken")
	}
}

// FuzzCheck holds Check against the tokens of encoding/json: it lets pass what is one valid document in which no object has a name twice.
func FuzzCheck(f *testing.F) {
	f.Add(`{"id":"b1","a":[1,{"b":null}]}`)
	f.Add(`{"id":1,}`)
	f.Add(`{"a":{"A":"\\","b":["\""]},"\u0061":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		got := strictjson.Check([]byte(text), 8)
		if !json.Valid([]byte(text)) {
			if got == nil {
				t.Errorf("not JSON: %s", strings.ToValidUTF8(text, "?"))
			}
			return
		}
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if deep, err := twice(d); err != nil || deep > 8 {
			if got == nil {
				t.Errorf("let pass: %v, %d deep: %s", err, deep, text)
			}
		} else if got != nil {
			t.Errorf("%v: %s", got, text)
		}
	})
}

// twice reads a value, and reports how deep it is nested and whether an object has a name twice.
func twice(d *json.Decoder) (deep int, err error) {
	token, err := d.Token()
	open, ok := token.(json.Delim)
	if err != nil || !ok {
		return 0, err
	}
	names := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return 0, err
			}
			folded := strings.ToLower(strings.ToUpper(name.(string)))
			if names[folded] {
				return 0, strictjson.ErrTwice
			}
			names[folded] = true
		}
		inner, err := twice(d)
		if err != nil {
			return 0, err
		}
		deep = max(deep, inner)
	}
	_, err = d.Token()
	return deep + 1, err
}

// BenchmarkCheck checks a file of a thousand acts.
func BenchmarkCheck(b *testing.B) {
	text := []byte(`{"act":"case.apply","items":[` + strings.TrimSuffix(strings.Repeat(`{"id":"dibao-00001","region":"530181001001","income":"900.00","members":[{"name":"a","health":"b"}]},`, 1000), ",") + `]}`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := strictjson.Check(text, 8); err != nil {
			b.Fatal(err)
		}
	}
}
