package e2e

import (
	"bytes"
	"encoding/csv"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// testPrivacy looks for every name, identity number, card and telephone of the roll in all that any node or gateway has
// written: block files, private data stores, databases, logs, uploads that are done with, and in the metrics.
func testPrivacy(t *testing.T) {
	roll := must(os.ReadFile(filepath.Join(root, "scripts", "demo-data", "roll.csv")))
	rows, err := csv.NewReader(bytes.NewReader(roll)).ReadAll()
	require.NoError(t, err)
	secrets := map[string]bool{plantedName: true, plantedID: true, plantedCard: true}
	for _, row := range rows[1:] {
		for _, column := range []int{3, 4, 8} { // identity number, card, telephone
			secrets[row[column]] = true
		}
		if len([]rune(row[2])) >= 3 { // two characters stand by chance in binary files
			secrets[row[2]] = true
		}
	}
	var lengths []int
	for secret := range secrets {
		if !slices.Contains(lengths, len(secret)) {
			lengths = append(lengths, len(secret))
		}
	}
	require.True(t, holdsAny(roll, secrets, lengths), "the scan finds what is there")
	scanned := 0
	require.NoError(t, filepath.WalkDir(state, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		scanned++
		require.False(t, holdsAny(content, secrets, lengths), path)
		return nil
	}))
	require.Greater(t, scanned, 100)
	for agency := range gatewayPorts {
		resp, err := http.Get(gatewayURL(agency) + "/metrics")
		require.NoError(t, err)
		var page bytes.Buffer
		_, err = page.ReadFrom(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.False(t, holdsAny(page.Bytes(), secrets, lengths), agency)
	}
}

// holdsAny looks at every place where a number or a name could begin.
func holdsAny(content []byte, secrets map[string]bool, lengths []int) bool {
	for i, c := range content {
		if (c < '0' || c > '9') && c < 0xe4 { // names are written in Chinese: three bytes each, from U+4E00 on
			continue
		}
		for _, n := range lengths {
			if i+n <= len(content) && secrets[string(content[i:i+n])] {
				return true
			}
		}
	}
	return false
}
