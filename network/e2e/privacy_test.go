package e2e

import (
	"bytes"
	"encoding/csv"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// testPrivacy scans while the databases have not been compressed yet: the control finds the people where they belong.
func testPrivacy(t *testing.T) {
	require.Positive(t, scan(t), "the private data store does hold them: the scan finds what is there")
}

// scan looks for every name, identity number, card and telephone of the roll in all that is public or operational:
// block files, logs, metrics, and what the gateways keep. It counts the other files that hold a person.
func scan(t *testing.T) (private int) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(must(os.ReadFile(filepath.Join(root, "scripts", "demo-data", "roll.csv"))))).ReadAll()
	require.NoError(t, err)
	secrets := [][]byte{[]byte(plantedName), []byte(plantedID), []byte(plantedCard)}
	for _, row := range rows[1:] {
		for _, column := range []int{3, 4, 8} { // identity number, card, telephone
			secrets = append(secrets, []byte(row[column]))
		}
		if len([]rune(row[2])) >= 3 { // two characters stand by chance in binary files
			secrets = append(secrets, []byte(row[2]))
		}
	}
	scanned := 0
	require.NoError(t, filepath.WalkDir(state, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		if !public(path) {
			if bytes.Contains(content, secrets[3]) {
				private++
			}
			return nil
		}
		scanned++
		requireClean(t, path, content, secrets)
		return nil
	}))
	require.Greater(t, scanned, 10)
	for agency := range gatewayPorts {
		resp, err := http.Get(gatewayURL(agency) + "/metrics")
		require.NoError(t, err)
		var page bytes.Buffer
		_, err = page.ReadFrom(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		requireClean(t, agency+" metrics", page.Bytes(), secrets)
	}
	return private
}

// public tells what may never hold personal data: all but the private data store of civil affairs and finance.
func public(path string) bool {
	return strings.Contains(path, "/logs/") || strings.Contains(path, "/chains/") || strings.Contains(path, "/gateway/") ||
		strings.Contains(path, "stateLeveldb") && strings.Contains(path, "/audit/")
}

func requireClean(t *testing.T, where string, content []byte, secrets [][]byte) {
	t.Helper()
	for _, s := range secrets {
		if bytes.Contains(content, s) {
			t.Errorf("%s holds personal data", where)
			return
		}
	}
}
