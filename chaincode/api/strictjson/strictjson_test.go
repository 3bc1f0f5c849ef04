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
		{`{"a":1,"A":2}`, strictjson.ErrTwice},
		{`{"ſ":1,"s":2}`, strictjson.ErrTwice}, // U+017F folds to s
		{`{"b":{"a":1,"a":2}}`, strictjson.ErrTwice},
		{`[{"a":[],"a":2}]`, strictjson.ErrTwice},
		{`{"a":{"b":{"c":{}}}}`, strictjson.ErrDepth},
		{`[[[[]]]]`, strictjson.ErrDepth},
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

// FuzzCheck holds Check against encoding/json: what Check lets pass is one valid document.
func FuzzCheck(f *testing.F) {
	f.Add(`{"id":"b1","a":[1,{"b":null}]}`)
	f.Add(`{"id":1,}`)
	f.Fuzz(func(t *testing.T, text string) {
		if err := strictjson.Check([]byte(text), 8); err == nil && !json.Valid([]byte(text)) {
			t.Errorf("not JSON: %s", strings.ToValidUTF8(text, "?"))
		}
	})
}
