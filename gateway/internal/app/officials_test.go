package app_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief/registry"
)

// TestOfficialsAreListed: every agency sees every agency's officials, and who is retired reads nothing any more.
func TestOfficialsAreListed(t *testing.T) {
	w := newWorld(t)
	var me struct{ ID, Name string }
	w.get("civil-other-county", "/v1/me", &me)
	require.Equal(t, fakeledger.StaffNumber("civil-other-county"), me.ID)

	var names []string
	for next := ""; ; {
		var page struct {
			Items []registry.OfficialEntry
			Next  string
		}
		w.get("audit-reader", "/v1/officials?agency=CivilAffairsMSP&state=active&limit=5&cursor="+url.QueryEscape(next), &page)
		for _, e := range page.Items {
			require.Equal(t, "CivilAffairsMSP", e.Agency)
			names = append(names, e.Name)
		}
		if next = page.Next; next == "" {
			break
		}
	}
	require.Contains(t, names, "civil-preparer")
	require.Contains(t, names, "civil-other-county")
	require.NotContains(t, names, "finance-approver")

	_, _, err := w.network.Ledger.Submit(fakeledger.Registrar(fakeledger.CivilAffairs), "official:Retire",
		[]string{`{"agency":"CivilAffairsMSP","name":"civil-other-county","reason":"moved"}`}, nil)
	require.NoError(t, err)
	for _, path := range []string{"/v1/me", "/v1/programmes", "/v1/officials"} {
		a := w.do("civil-other-county", call{method: http.MethodGet, path: path})
		// The contracts' rule refuses at once; the gateway ends all access as soon as it has heard of it.
		require.Contains(t, []int{http.StatusForbidden, http.StatusUnauthorized}, a.StatusCode, "%s: %s", path, a.body)
	}
	var entry registry.OfficialEntry
	w.get("finance-approver", "/v1/officials/CivilAffairsMSP/Civil-Other-County", &entry)
	require.Equal(t, registry.OfficialRetired, entry.State)
}
