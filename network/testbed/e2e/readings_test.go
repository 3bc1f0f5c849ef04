package e2e

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/restclient"
)

// reading is an entry of an agency's record of who read personal data.
type reading struct {
	Number   uint64
	By       struct{ Agency, Name string }
	Purpose  string
	Record   string
	Subjects []string
	Count    int
	Previous string
}

// testReadings: an official of a village learns nothing of people elsewhere, look-ups are for those who need them, and audit
// lists who read what at the other agencies.
func testReadings(t *testing.T) {
	paidMonth(t)
	status := func(err error) int {
		var refused *restclient.Problem
		if errors.As(err, &refused) {
			return refused.Status
		}
		require.NoError(t, err)
		return http.StatusOK
	}
	var payments struct {
		Items []struct{ ID, Subject string }
	}
	require.NoError(t, as(t, "finance-preparer").Get(t.Context(), "/v1/payments?state=credited&limit=1", &payments))
	require.Len(t, payments.Items, 1)
	paid := payments.Items[0]

	for _, path := range []string{"/v1/payments/" + paid.ID, "/v1/payments/" + paid.ID + "/trail", "/v1/payments?region=53", "/v1/cases?region=530181"} {
		require.Equal(t, http.StatusForbidden, status(as(t, "civil-other-county").Get(t.Context(), path, nil)), path)
	}
	var entries struct{ Entries []struct{ Region string } }
	require.NoError(t, as(t, "civil-other-county").Get(t.Context(), "/v1/subjects/"+paid.Subject, &entries))
	require.Empty(t, entries.Entries)
	require.NoError(t, as(t, "audit-reader").Get(t.Context(), "/v1/subjects/"+paid.Subject, &entries))
	require.NotEmpty(t, entries.Entries)

	number := strings.Split(strings.Split(demoList(), "\n")[1], ",")[3]
	for who, want := range map[string]int{"civil-preparer": 200, "civil-other-county": 404, "civil-village": 403, "audit-reader": 403, "finance-preparer": 403} {
		_, err := as(t, who).Do(t.Context(), jsonPost("/v1/subjects/lookup", `{"id_number":"`+number+`"}`))
		require.Equal(t, want, status(err), who)
	}

	_, err := as(t, "finance-preparer").Do(t.Context(), restclient.Request{Method: http.MethodGet, Path: "/v1/payments/" + paid.ID + "/receipt"})
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, status(as(t, "finance-registrar").Get(t.Context(), "/v1/payments/"+paid.ID+"/receipt?format=json", nil)))
	require.Eventually(t, func() bool { // audit's gateway copies the record each minute
		var page struct{ Items []reading }
		if as(t, "audit-reader").Get(t.Context(), "/v1/readings?agency=FinanceMSP&purpose=receipt&subject="+paid.Subject, &page) != nil || len(page.Items) == 0 {
			return false
		}
		r := page.Items[len(page.Items)-1]
		return r.By.Name == "finance-preparer" && r.Record == "payment/"+paid.ID && r.Count == 1 && len(r.Previous) == 64
	}, 3*time.Minute, time.Second)
}
