package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

// caseBodies is a good body for each path of an act on a case.
var caseBodies = map[string]string{
	"/v1/cases":                             applicationJSON,
	"/v1/cases/files":                       `{"act":"case.withdraw","items":[{"case":"c1"}]}`,
	"/v1/cases/c1/matches/answers":          `{"match":0,"outcome":"cleared","sha256":"00"}`,
	"/v1/cases/c1/notices":                  `{"class":"B","persons":2,"amount":"960.00"}`,
	"/v1/cases/c1/objections":               `{"channel":"letter","sha256":"00"}`,
	"/v1/cases/c1/objections/answers":       `{"objection":0,"founded":true,"sha256":"00"}`,
	"/v1/cases/c1/decision":                 `{"outcome":"granted","segment":0}`,
	"/v1/cases/c1/decision/township":        `{"outcome":"granted","segment":0,"amount":"1800.00"}`,
	"/v1/cases/c1/decision/confirm":         `{"agree":false,"reason":"不符"}`,
	"/v1/cases/c1/withdraw":                 `{}`,
	"/v1/cases/c1/reviews":                  `{"finding":"change","terms":{"class":"C","persons":1,"amount":"330.00"}}`,
	"/v1/cases/c1/reviews/confirm":          `{"agree":true}`,
	"/v1/cases/c1/appeals":                  `{"sha256":"00"}`,
	"/v1/cases/c1/appeals/decision":         `{"upheld":true,"sha256":"00"}`,
	"/v1/changes":                           `{"kind":"exit","programme":"dibao","subject":"1-aaaaaaaaaaaaaaaaaaaaaaaaaa","reason":"moved","last_period":"2026-12"}`,
	"/v1/changes/" + changeID + "/confirm":  `{"sha256":"00","agree":true}`,
	"/v1/changes/" + changeID + "/withdraw": `{}`,
	"/v1/needs":                             `{"id":"n1","subject":"1-aaaaaaaaaaaaaaaaaaaaaaaaaa","region":"530181001","programme":"dibao","source":"mzj","sha256":"00"}`,
	"/v1/needs/n1/dismiss":                  `{"reason":"核实后不符"}`,
}

// Each act refuses a body that has not its form, before anything is sent on, and repeats nothing of it.
func TestBadBodiesOfCases(t *testing.T) {
	b := caseBench(t)
	for path, good := range caseBodies {
		sent := 0
		b.do = func(outbox.Key, [32]byte, ledger.Call) (outbox.Answer, error) {
			sent++
			return outbox.Answer{Result: []byte(`{}`)}, nil
		}
		require.Less(t, b.send(http.MethodPost, path, good).Code, 300, path)
		require.Equal(t, 1, sent, path)
		rest := strings.TrimPrefix(good, "{")
		if rest != "}" {
			rest = "," + rest
		}
		for name, c := range map[string]struct {
			body   string
			status int
		}{
			"an unknown field":    {`{"planted":"张三"` + rest, http.StatusUnprocessableEntity},
			"a field twice":       {`{"x":1,"x":2` + rest, http.StatusBadRequest},
			"no object":           {`["张三"]`, http.StatusUnprocessableEntity},
			"a text":              {`"张三"`, http.StatusUnprocessableEntity},
			"cut off":             {good[:len(good)-1], http.StatusBadRequest},
			"something behind":    {good + `{}`, http.StatusBadRequest},
			"not UTF-8":           {`{"x":"` + "\xff" + `"` + rest, http.StatusBadRequest},
			"too deep":            {`{"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + rest, http.StatusBadRequest},
			"too large":           {`{"x":"` + strings.Repeat("y", 5000) + `"` + rest, http.StatusRequestEntityTooLarge},
			"a hostile case's id": {"", http.StatusUnprocessableEntity},
		} {
			at := path
			if c.body == "" {
				if at = strings.NewReplacer("/c1/", "/C%201/", "/n1/", "/N%201/", changeID, "C%201").Replace(path); at == path {
					continue
				}
				c.body = good
			}
			w := b.send(http.MethodPost, at, c.body)
			require.Equal(t, c.status, w.Code, "%s: %s: %s", path, name, w.Body.String())
			problemIn(t, w)
			require.NotContains(t, w.Body.String(), "张三", "%s: %s", path, name)
		}
		require.Equal(t, 1, sent, "%s: a bad body was sent on", path)
		require.Equal(t, http.StatusBadRequest, b.send(http.MethodPost, path, good, func(r *http.Request) { r.Header.Del("Idempotency-Key") }).Code, path)
		require.Equal(t, http.StatusUnsupportedMediaType, b.send(http.MethodPost, path, good, func(r *http.Request) { r.Header.Set("Content-Type", "text/csv") }).Code, path)
		require.Equal(t, http.StatusUnauthorized, b.send(http.MethodPost, path, good, func(r *http.Request) { r.Header.Del("Authorization") }).Code, path)
		require.Equal(t, http.StatusUnprocessableEntity, b.send(http.MethodPost, path+"?x=1", good).Code, path)
	}
	for _, act := range []string{"case.none", "roll.import", "payment.seal", "%20"} {
		w := b.send(http.MethodPost, "/v1/cases/files/"+act, "{}\n", func(r *http.Request) { r.Header.Set("Content-Type", "application/x-ndjson") })
		require.Equal(t, "act", problemIn(t, w).Field, act)
	}
}

// FuzzCaseBodies sends anything to any act on a case: the answer is a success or a problem of the caller's, and valid JSON.
func FuzzCaseBodies(f *testing.F) {
	paths := make([]string, 0, len(caseBodies))
	for path, body := range caseBodies {
		paths = append(paths, path)
		f.Add(path, body)
	}
	b := caseBench(f)
	f.Fuzz(func(t *testing.T, path, body string) {
		if _, known := caseBodies[path]; !known {
			path = paths[len(path)%len(paths)]
		}
		w := b.send(http.MethodPost, path, body)
		if w.Code >= http.StatusInternalServerError || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body.String())
		}
	})
}
