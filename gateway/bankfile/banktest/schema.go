// Package banktest holds bank files of tests against the official schemas.
package banktest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// schemas is the folder of the official schemas: beside the checkout, or where RELIEFTRAIL_ISO20022 says.
func schemas(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("RELIEFTRAIL_ISO20022")
	if dir == "" {
		for up := ".."; dir == "" && len(up) < maxWayUp; up = filepath.Join("..", up) {
			if d := filepath.Join(up, "shared", "data", "iso20022"); exists(d) {
				dir = d
			}
		}
	}
	if !exists(dir) {
		t.Skip("the official schemas are not here (../shared/data/iso20022 beside the checkout, or RELIEFTRAIL_ISO20022): not validated")
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils; scripts/test-tools installs it): not validated")
	}
	return dir
}

const maxWayUp = len("../../../../../..")

func exists(path string) bool {
	_, err := os.Stat(path) //nolint:gosec // the tests' own setting
	return path != "" && err == nil
}

// Validate holds a file against its official schema (ISO 20022), which it names in its namespace; where schemas or xmllint are
// missing it skips the test and says so. Where the folder lacks the older of two versions, the newer shows the structure:
// the file is validated with its namespace raised.
func Validate(t testing.TB, document []byte) {
	t.Helper()
	dir := schemas(t)
	text := string(document)
	for old, newer := range map[string]string{"pain.001.001.09": "pain.001.001.10", "pain.002.001.10": "pain.002.001.11"} {
		text = strings.ReplaceAll(text, old, newer)
	}
	_, rest, ok := strings.Cut(text, "urn:iso:std:iso:20022:tech:xsd:")
	require.True(t, ok)
	version, _, _ := strings.Cut(rest, `"`)
	file := filepath.Join(t.TempDir(), "message.xml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	out, err := exec.CommandContext(t.Context(), "xmllint", "--noout", "--nonet", "--schema", filepath.Join(dir, version+".xsd"), file).CombinedOutput() //nolint:gosec // a test's own files
	require.NoError(t, err, string(out))
}
