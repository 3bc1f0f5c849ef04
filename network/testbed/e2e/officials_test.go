package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
)

// testOfficials: a certificate alone lets nobody act or read. The agency's registrar registers an official, who is never the
// second of two under another name of the same staff number, and can do nothing from the moment of the retirement on.
func testOfficials(t *testing.T) {
	p := straight(t)
	unique := time.Now().Format("150405")
	alias, newcomer := "civil-alias-"+unique, "civil-newcomer-"+unique
	for _, name := range []string{alias, newcomer} {
		out, err := reliefnet("enrol", "--org", "civil-affairs", "--name", name, "--role", "approver", "--region", "530181")
		require.NoError(t, err, out)
		_, err = p.Evaluate(t.Context(), p.agency(name), name, "programme:List", "{}")
		require.ErrorContains(t, err, "is not registered")
	}

	registrar := as(t, "civil-registrar")
	var me struct{ ID string }
	require.NoError(t, as(t, "civil-preparer").Get(t.Context(), "/v1/me", &me))
	register := func(name, id string) error {
		_, err := registrar.Post(t.Context(), "/v1/officials", "register-"+name+id, obj{"agency": "CivilAffairsMSP", "name": name, "id": id}, nil)
		return err
	}
	require.NoError(t, register(alias, strings.ToUpper(me.ID)), "civil-preparer has two names")
	require.NoError(t, register(newcomer, "new-"+unique))
	var own struct{ ID string }
	require.NoError(t, registrar.Get(t.Context(), "/v1/me", &own))
	problem(t, register("civil-registrar-2", own.ID), http.StatusForbidden)

	answer, err := p.send("civil-preparer", "roll:DeclareAccount", obj{
		"id": "alias-" + unique, "kind": "guardian", "county": "530181", "account_tag": relief.Tag{1, 77}, "evidence_sha256": strings.Repeat("0", 64),
	}, nil)
	require.NoError(t, err)
	var declared roll.SharedAccount
	require.NoError(t, json.Unmarshal(answer, &declared))
	confirm := obj{"id": declared.ID, "sha256": declared.SHA256, "agree": false, "reason": "for a test"}
	p.refused("SAME_PERSON", alias, "roll:ConfirmAccount", confirm)
	p.do(newcomer, "roll:ConfirmAccount", confirm)

	path := "/v1/officials/CivilAffairsMSP/"
	_, err = as(t, "finance-registrar").Post(t.Context(), path+newcomer+"/retire", "foreign-"+unique, obj{"reason": "for a test"}, nil)
	problem(t, err, http.StatusForbidden)
	for _, name := range []string{alias, newcomer} {
		_, err = registrar.Post(t.Context(), path+name+"/retire", "retire-"+name, obj{"reason": "for a test"}, nil)
		require.NoError(t, err)
		p.refused("FORBIDDEN", name, "roll:ConfirmAccount", confirm)
		var entry registry.OfficialEntry
		require.NoError(t, as(t, "audit-reader").Get(t.Context(), path+name, &entry))
		require.Equal(t, registry.OfficialRetired, entry.State)
	}
	require.NoError(t, as(t, "civil-preparer").Get(t.Context(), "/v1/me", &me), "the other name goes on")
}
