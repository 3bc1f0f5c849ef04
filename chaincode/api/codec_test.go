// SPDX-License-Identifier: Apache-2.0

package api

import (
	"errors"
	"strings"
	"testing"

	"relieftrail/chaincode/relief"
)

func TestDecode(t *testing.T) {
	type sample struct {
		ID     relief.BatchID  `json:"id"`
		Sum    relief.Fen      `json:"sum"`
		Count  int             `json:"count"`
		Months map[string]int  `json:"months"`
		Inner  *sample         `json:"inner"`
		Period relief.Period   `json:"period"`
		Region []relief.Region `json:"region"`
	}
	const good = `{"id":"b1","sum":"620.00","count":3,"months":{"A":12,"B":6},"inner":{"id":"b2"},"region":["53"]}`
	v, err := Decode[sample](good)
	if err != nil || v.ID != "b1" || v.Sum != 62000 || v.Months["B"] != 6 || v.Inner.ID != "b2" {
		t.Fatalf("decode: %+v, %v", v, err)
	}
	const secret = "530181199001011234"
	for _, c := range []struct{ input, want string }{
		{``, "INVALID: the argument is not a JSON object"},
		{`[]`, "INVALID: the argument is not a JSON object"},
		{`"` + secret + `"`, "INVALID: the argument is not a JSON object"},
		{`{"id":"b1"`, "INVALID: the argument is not a JSON object"},
		{`{"id":"b1"} {}`, "INVALID: something follows the JSON object"},
		{`{"id":"b1"} x`, "INVALID: something follows the JSON object"},
		{`{"id":"b1","id":"b2"}`, "INVALID: a field is given twice"},
		{`{"id":"b1","ID":"b2"}`, "INVALID: a field is given twice"},
		{`{"inner":{"id":"b1","Id":"b2"}}`, "INVALID: a field is given twice"},
		{`{"months":{"A":1,"A":2}}`, "INVALID: a field is given twice"},
		{`{"name":"` + secret + `"}`, "INVALID[name]: the function has no such field"},
		{`{"` + secret + `":1}`, "INVALID: the function has no such field"},
		{`{"id":7}`, "INVALID[id]: a value of another type is wanted, not a JSON number"},
		{`{"sum":620}`, "INVALID[sum]: a value of another type is wanted, not a JSON number"},
		{`{"count":"` + secret + `"}`, "INVALID[count]: a value of another type is wanted, not a JSON string"},
		{`{"count":1.5}`, "INVALID[count]: a value of another type is wanted, not a JSON number"},
		{`{"count":1,"sum":"620"}`, "INVALID[sum]: 金额须为两位小数 · the amount must have exactly two decimal places"},
		{`{"period":"2026-13"}`, "INVALID[period]: a period is written 2026-11 or 2026-Q4"},
		{`{"id":"` + strings.Repeat("x", maxInputBytes) + `"}`, "INVALID: the argument has more than 1048576 bytes"},
		{strings.Repeat(`{"inner":`, 9) + `{}` + strings.Repeat(`}`, 9), "INVALID: the argument is nested more than 8 deep"},
		{strings.Repeat(`{"inner":`, 100000), "INVALID: the argument is nested more than 8 deep"},
	} {
		_, err := Decode[sample](c.input)
		var own *relief.Error
		if !errors.As(err, &own) || err.Error() != c.want {
			t.Errorf("%.60s: %v, want %s", c.input, err, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"id":"b1","a":[1,{"b":null}]}`)
	f.Add(`{"id":1,}`)
	f.Fuzz(func(t *testing.T, input string) {
		type sample struct {
			ID relief.BatchID `json:"id"`
			A  []any          `json:"a"`
		}
		_, err := Decode[sample](input)
		var own *relief.Error
		if err != nil && !errors.As(err, &own) {
			t.Errorf("an error without a code: %v", err)
		}
	})
}
