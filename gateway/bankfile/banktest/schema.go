package banktest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// schemas is the folder of the official schemas: RELIEFTRAIL_ISO20022, or a folder beside the checkout.
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
		t.Skip("not validated: there are no official schemas in RELIEFTRAIL_ISO20022 or in ../shared/data/iso20022 beside the checkout")
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("not validated: xmllint is not installed (Debian: libxml2-utils; scripts/test-tools installs it)")
	}
	return dir
}

const maxWayUp = len("../../../../../..")

func exists(path string) bool {
	_, err := os.Stat(path) //nolint:gosec // a setting of the tests
	return path != "" && err == nil
}

// Validate validates a file against the schema that its namespace names. It skips the test if the schemas or xmllint are
// missing. The folder lacks the older of two versions: such a file is validated against the newer one, under its namespace.
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
	out, err := exec.CommandContext(t.Context(), "xmllint", "--noout", "--nonet", "--schema", filepath.Join(dir, version+".xsd"), file).CombinedOutput() //nolint:gosec // files of a test
	require.NoError(t, err, string(out))
}
