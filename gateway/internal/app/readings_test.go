package app_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/app"
	"relieftrail/gateway/internal/contracts"
)

const unknownNumber = "11010519491231002X"

// The head of the record goes on the ledger when the gateway stops, and a record that was changed is an alert at the next
// start.
func TestTheRecordOfReadingsIsAnchored(t *testing.T) {
	w, cfg := one(t)
	cfg.Readings.As = "civil-registrar"
	stop := w.start(cfg)
	for range 3 {
		w.must(http.StatusNotFound, "civil-preparer", call{method: http.MethodPost, path: "/v1/subjects/lookup", body: object{"id_number": unknownNumber}})
	}
	require.NoError(t, stop())
	anchor := func() (a registry.ReadingAnchor) {
		a, err := contracts.Evaluate(t.Context(), w.network.Gateway("CivilAffairsMSP"), "civil-preparer", api.ReadingGet, api.AgencyInput{Agency: "CivilAffairsMSP"})
		require.NoError(t, err)
		return a
	}
	require.EqualValues(t, 3, anchor().Count)
	require.Equal(t, "civil-registrar", anchor().Acts[0].By.Name)
	check := func() (string, error) {
		var out buffer
		err := app.CheckReadingsOn(t.Context(), cfg, w.network.Gateway("CivilAffairsMSP"), &out)
		return out.String(), err
	}
	told, err := check()
	require.NoError(t, err)
	require.Contains(t, told, "whole: 3 readings")
	height := w.height()
	stop = w.start(cfg)
	require.NoError(t, stop())
	require.Equal(t, height, w.height(), "nothing was read: nothing to anchor")

	db, err := bbolt.Open(filepath.Join(cfg.DataDir, "readings.db"), 0o600, nil)
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("readings")).Delete([]byte("0000000000000002")) }))
	require.NoError(t, db.Close())
	_, err = check()
	require.Error(t, err, "a reading was taken out")
	stop = w.start(cfg)
	require.Eventually(t, func() bool {
		a := w.do("civil-preparer", call{method: http.MethodGet, path: "/readyz"})
		var ready struct{ Alerts []string }
		return json.Unmarshal(a.body, &ready) == nil && len(ready.Alerts) == 1
	}, waitLong, waitTick)
	require.NoError(t, stop())
}

// Audit's gateway copies the records of the others, and nobody else gets them.
func TestAuditListsTheReadingsOfOthers(t *testing.T) {
	w := newWorld(t)
	w.must(http.StatusNotFound, "civil-preparer", call{method: http.MethodPost, path: "/v1/subjects/lookup", body: object{"id_number": unknownNumber}})
	require.Eventually(t, func() bool {
		var page struct {
			Items []struct {
				By      struct{ Name string }
				Purpose string
			}
		}
		a := w.do("audit-reader", call{method: http.MethodGet, path: "/v1/readings?agency=CivilAffairsMSP&by=civil-preparer&from=" + time.Now().AddDate(0, 0, -1).Format(time.DateOnly)})
		return a.StatusCode == http.StatusOK && json.Unmarshal(a.body, &page) == nil && len(page.Items) == 1 && page.Items[0].Purpose == "look-up"
	}, waitLong, waitTick)
	w.must(http.StatusForbidden, "civil-preparer", call{method: http.MethodGet, path: "/v1/readings"})
	w.must(http.StatusNotFound, "civil-approver", call{method: http.MethodGet, path: "/v1/readings?agency=AuditMSP"})
	w.must(http.StatusUnauthorized, "audit-reader", call{method: http.MethodGet, path: "/log/readings?from=1"})
	require.NotContains(t, w.log.String(), unknownNumber)
}
