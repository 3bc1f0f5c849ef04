package httpapi

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

func TestOfficials(t *testing.T) {
	b := newBench(t)
	var call ledger.Call
	b.do = func(_ outbox.Key, _ [32]byte, c ledger.Call) (outbox.Answer, error) {
		call = c
		return outbox.Answer{Result: []byte(`{}`)}, nil
	}
	w := b.send(http.MethodPost, "/v1/officials", `{"agency":"CivilAffairsMSP","name":"Civil-Clerk","id":"1024"}`)
	require.Equal(t, 201, w.Code, w.Body)
	require.Equal(t, "/v1/officials/CivilAffairsMSP/civil-clerk", w.Header().Get("Location"))
	require.Equal(t, "official:Register", call.Function)
	require.JSONEq(t, `{"agency":"CivilAffairsMSP","name":"Civil-Clerk","id":"1024"}`, string(call.Argument))

	const clerk = "/v1/officials/CivilAffairsMSP/Civil-Clerk"
	require.Equal(t, 200, b.send(http.MethodPost, clerk+"/retire", `{"reason":"调离","all_names":true}`).Code)
	require.Equal(t, "official:Retire", call.Function)
	require.JSONEq(t, `{"agency":"CivilAffairsMSP","name":"civil-clerk","reason":"调离","all_names":true}`, string(call.Argument))
	require.Equal(t, 200, b.send(http.MethodPost, clerk+"/revoke", `{"reason":"遗失","serials":["5f0c"]}`).Code)
	require.Equal(t, "official:Revoke", call.Function)
	require.JSONEq(t, `{"agency":"CivilAffairsMSP","name":"civil-clerk","reason":"遗失","serials":["5f0c"]}`, string(call.Argument))

	require.JSONEq(t, `{"record":"official/CivilAffairsMSP/civil-clerk","region":"530181"}`, b.send(http.MethodGet, clerk, "").Body.String())
	w = b.send(http.MethodGet, "/v1/officials?agency=FinanceMSP&state=retired&limit=2&cursor=FinanceMSP/finance-approver", "")
	require.JSONEq(t, `{"items":["official FinanceMSP/finance-approver 2 true"]}`, w.Body.String())
	for _, bad := range []string{
		"/v1/officials?agency=%22", "/v1/officials?state=gone", "/v1/officials?cursor=x", "/v1/officials/CivilAffairsMSP/a%20b",
		"/v1/officials/%22/x",
	} {
		require.Equal(t, 422, b.send(http.MethodGet, bad, "").Code, bad)
	}
	require.Equal(t, 422, b.send(http.MethodPost, "/v1/officials", `{"agency":"CivilAffairsMSP","name":"王","id":"1"}`).Code)
}
