package e2e

import (
	"bytes"
	"encoding/csv"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/audit/privacyscan"
)

// testPrivacy looks for every name, identity number, card and telephone number of the roll, and of people who were
// refused or erased, in everything that a node or gateway has written: block files, state databases, private and
// transient data stores, the orderers' write-ahead logs and snapshots, indexes, tiles of the transparency logs,
// outboxes, jobs, finished uploads and program logs; in every encoding and inside databases and compressed files. The
// gateways' public pages are searched, too.
func testPrivacy(t *testing.T) {
	plant(t)
	roll := must(os.ReadFile(filepath.Join(root, "scripts", "demo-data", "roll.csv")))
	rows, err := csv.NewReader(bytes.NewReader(roll)).ReadAll()
	require.NoError(t, err)
	secrets := map[string]bool{plantedName: true, plantedID: true, plantedCard: true, erasedName: true, erasedID: true, erasedCard: true, erasedPhone: true, besideID: true}
	for _, row := range rows[1:] {
		for _, column := range []int{3, 4, 8} { // identity number, card, telephone
			secrets[row[column]] = true
		}
		if len([]rune(row[2])) >= 3 { // two characters occur by chance in binary files
			secrets[row[2]] = true
		}
	}
	terms, err := privacyscan.New(slices.Sorted(maps.Keys(secrets)))
	require.NoError(t, err)
	require.Greater(t, len(terms.In("", "", roll)), 900, "the scan finds the roll in its own file")
	hits, files, err := terms.Scan(state)
	require.NoError(t, err)
	require.Empty(t, hits)
	require.Greater(t, files, 100)
	for agency := range gatewayPorts {
		for _, path := range []string{"/metrics", "/readyz", "/log/checkpoint", "/log/tile/0/000", "/log/tile/0/000.p/1"} {
			resp, err := http.Get(gatewayURL(agency) + path)
			require.NoError(t, err)
			var page bytes.Buffer
			_, err = page.ReadFrom(resp.Body)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Empty(t, terms.In(agency, path, page.Bytes()))
		}
	}
}
