package app_test

import (
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
)

// signIn opens a session of a principal by token.
func (w *world) signIn(principal string) (cookie, csrf string) {
	w.t.Helper()
	a := w.must(http.StatusCreated, principal, call{
		method: http.MethodPost, path: "/session", body: object{"token": token(principal)}, header: map[string]string{"Authorization": ""},
	})
	var shown struct{ CSRF string }
	a.into(w.t, &shown)
	set := a.Cookies()[0]
	return set.Name + "=" + set.Value, shown.CSRF
}

// withCookie asks in a session.
func (w *world) withCookie(principal, cookie, csrf string, c call) answer {
	w.t.Helper()
	c.header = map[string]string{"Authorization": "", "Cookie": cookie, "X-CSRF-Token": csrf}
	return w.do(principal, c)
}

// An official goes on working after a restart of the gateway, and no longer than the token and the ledger let them.
func TestSessionsLastAsLongAsTheirOfficials(t *testing.T) {
	w, cfg := one(t)
	stop := w.start(cfg)
	me := call{method: http.MethodGet, path: "/v1/me"}
	cookie, csrf := w.signIn("civil-other-county")
	require.Equal(t, http.StatusOK, w.withCookie("civil-other-county", cookie, csrf, me).StatusCode)
	require.NoError(t, stop())

	stop = w.start(cfg)
	defer func() { require.NoError(t, stop()) }()
	w.awaitIndex(w.gateway["civil-other-county"])
	require.Equal(t, http.StatusOK, w.withCookie("civil-other-county", cookie, csrf, me).StatusCode, "a restart throws nobody out")

	ended := func(principal, cookie, csrf string) {
		t.Helper()
		require.Eventually(t, func() bool {
			return w.withCookie(principal, cookie, csrf, me).StatusCode == http.StatusUnauthorized
		}, waitLong, waitTick)
	}
	_, _, err := w.network.Ledger.Submit(fakeledger.Registrar(fakeledger.CivilAffairs), "official:Retire",
		[]string{`{"agency":"CivilAffairsMSP","name":"civil-other-county","reason":"moved"}`}, nil)
	require.NoError(t, err)
	ended("civil-other-county", cookie, csrf)

	cookie, csrf = w.signIn("civil-approver")
	for _, p := range cfg.Principals {
		if p.Name == "civil-approver" {
			require.NoError(t, os.Remove(p.TokenFile))
		}
	}
	ended("civil-approver", cookie, csrf)
	require.NotContains(t, w.log.String(), csrf)
}
