package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/api/strictjson"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/uploads"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/seal"
)

// A template of a file of acts is one in form: each member has a name in Chinese, and the act is read as the contracts or the gateway read it.
func TestTemplatesOfActs(t *testing.T) {
	b := newBench(t)
	for _, act := range api.FileableActs() {
		w := b.send(http.MethodGet, "/v1/templates/acts/"+string(act), "")
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		var template struct {
			Title   struct{ Zh, En string }
			Members []uploads.ActMember
			File    api.FileInput
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &template))
		require.NotEmpty(t, template.Title.Zh)
		require.Equal(t, act, template.File.Act)
		require.Len(t, template.File.Items, 1)
		for _, m := range template.Members {
			require.NotEqual(t, m.Name, m.Title.Zh, act)
			require.False(t, m.Required && m.Example == nil, "%s: %s needs an example", act, m.Name)
		}
		require.NoError(t, readAsAct(act, template.File.Items[0]), "%s: %s", act, template.File.Items[0])
		require.NoError(t, intake.CheckDays(act, template.File.Items[0], b.api.core.LocalTime()))

		w = b.send(http.MethodGet, "/v1/templates/acts/"+string(act)+"?format=ndjson", "")
		require.Equal(t, http.StatusOK, w.Code)
		require.JSONEq(t, string(template.File.Items[0]), w.Body.String())
	}
	require.Equal(t, http.StatusNotFound, b.send(http.MethodGet, "/v1/templates/acts/payment.seal", "").Code)
	require.Equal(t, http.StatusNotAcceptable, b.send(http.MethodGet, "/v1/templates/acts/case.attach?format=xlsx", "").Code)
}

// readAsAct reads an item of a file by the form that its act has.
func readAsAct(act relief.Act, item json.RawMessage) error {
	switch act {
	case relief.ActCaseApply:
		return strictjson.Unmarshal(item, &seal.Application{})
	case relief.ActRollChangePayee:
		return strictjson.Unmarshal(item, &seal.PayeeChange{})
	}
	for _, r := range api.Rows() {
		if r.Fileable && r.Act == act {
			return strictjson.Unmarshal(item, reflect.New(r.Argument).Interface())
		}
	}
	return errors.New("there are no files of it")
}
