package rest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/httpapi/problem"
)

// testBody and nestedBody are like the bodies of acts.
type testBody struct {
	ID    string `json:"id"`
	Count int    `json:"count"`
	Sum   string `json:"sum"`
}

type nestedBody struct {
	Budget struct {
		Economic string `json:"economic"`
	} `json:"budget"`
}

func TestDecodeJSONRefuses(t *testing.T) {
	const secret = "530181196401209708"
	for name, c := range map[string]struct {
		body, slug, field string
	}{
		"empty":              {``, "malformed-json", ""},
		"cut":                {`{"id":"b"`, "malformed-json", ""},
		"not JSON":           {`id=b`, "malformed-json", ""},
		"two documents":      {`{"id":"b"} {}`, "malformed-json", ""},
		"trailing bytes":     {`{"id":"b"} x`, "malformed-json", ""},
		"name twice":         {`{"id":"b","id":"c"}`, "malformed-json", ""},
		"name twice, escape": {`{"id":"b","\u0069d":"c"}`, "malformed-json", ""},
		"name twice, case":   {`{"id":"b","ID":"c"}`, "malformed-json", ""},
		"name twice, nested": {`{"budget":{"economic":"1","economic":"2"}}`, "malformed-json", ""},
		"invalid UTF-8":      {"{\"id\":\"\xff\"}", "malformed-json", ""},
		"too deep":           {strings.Repeat(`[`, 40) + strings.Repeat(`]`, 40), "malformed-json", ""},
		"far too deep":       {strings.Repeat(`{"a":`, 100_000), "malformed-json", ""},
		"an array":           {`[]`, "invalid", ""},
		"a string":           {`"` + secret + `"`, "invalid", ""},
		"unknown field":      {`{"id":"b","force":true}`, "invalid", "force"},
		"data as a name":     {`{"` + secret + `":true}`, "invalid", ""},
		"amount as a number": {`{"id":"b","sum":480.00}`, "invalid", "sum"},
		"number as a string": {`{"id":"b","count":"` + secret + `"}`, "invalid", "count"},
		"number with places": {`{"id":"b","count":1.5}`, "invalid", "count"},
		"number too large":   {`{"id":"b","count":1e400}`, "invalid", "count"},
	} {
		t.Run(name, func(t *testing.T) {
			var b testBody
			err := decodeJSON([]byte(c.body), 32, &b)
			if name == "name twice, nested" {
				err = decodeJSON([]byte(c.body), 32, &nestedBody{})
			}
			require.Error(t, err)
			d := problem.Of(err)
			require.Equal(t, "/problems/"+c.slug, d.Type, d.Detail)
			require.Equal(t, c.field, d.Field)
			require.NotContains(t, d.Detail, secret)
			require.Regexp(t, `\p{Han}.* · .*[a-z]`, d.Detail, "both languages")
		})
	}
}

func TestDecodeJSONTakesNamesAgainInOtherObjects(t *testing.T) {
	var v any
	require.NoError(t, decodeJSON([]byte(` {"a":{"id":[{"id":1},{"id":2}]},"id":{"a":{}}} `), 32, &v))
	require.NoError(t, decodeJSON([]byte(strings.Repeat(`[`, 32)+strings.Repeat(`]`, 32)), 32, &v))
}

func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{
		`{"id":"b-2026-11","count":1,"sum":"1.00"}`,
		`{"id":"b","id":"c"}`, `[[[[]]]]`, `{"count":1e999}`, `{"a":{"b":[{"c":null}]}}`, "\xff", `{"id":"\ud800"}`, `{}`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var b testBody
		err := decodeJSON(body, 8, &b)
		if err != nil {
			var known *problem.Fault
			if !errors.As(err, &known) {
				t.Fatalf("an error that is no problem: %v", err)
			}
			if status := problem.Of(err).Status; status != 400 && status != 422 {
				t.Fatalf("status %d", status)
			}
			return
		}
		canonical, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		var again testBody
		if err := decodeJSON(canonical, 8, &again); err != nil || again != b {
			t.Fatalf("the canonical form reads otherwise: %v", err)
		}
	})
}

func TestQualityOfAcceptHeaders(t *testing.T) {
	for header, want := range map[string]float64{
		"text/csv":                       1,
		"TEXT/CSV":                       1,
		"*/*":                            1,
		"text/*;q=0.5, */*":              0.5,
		"text/csv;q=0, */*":              0,
		"application/json":               0,
		"text/csv;q=nonsense":            1,
		"text/html, text/csv;q=0.2":      0.2,
		"text/csv; charset=utf-8; q=0.7": 0.7,
		"":                               0,
		";;;,,,":                         0,
	} {
		require.InDelta(t, want, quality(header, "text/csv"), 0.001, header)
	}
}
