package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// testReadmeWalk runs the README's walk with curl, with the test network's ports and tokens.
func testReadmeWalk(t *testing.T) {
	paidMonth(t)
	readme := string(must(os.ReadFile(filepath.Join(root, "README.md"))))
	_, walk, ok := strings.Cut(readme, "## A walk with curl")
	require.True(t, ok)
	_, walk, ok = strings.Cut(walk, "```sh\n")
	require.True(t, ok)
	walk, _, ok = strings.Cut(walk, "```")
	require.True(t, ok)
	walk = strings.ReplaceAll(walk, "tokens=.relieftrail/dev/tokens", "tokens="+filepath.Join(state, "dev", "tokens"))
	walk = strings.ReplaceAll(walk, ".relieftrail/december.csv", filepath.Join(t.TempDir(), "december.csv"))
	walk = strings.ReplaceAll(walk, "curl -s ", "curl -sS --fail-with-body --retry 5 --retry-all-errors ")
	walk = strings.ReplaceAll(walk, "2026-12", "2026-06") // another part pays December
	for _, port := range gatewayPorts {
		walk = strings.ReplaceAll(walk, fmt.Sprintf("127.0.0.1:%d", port), fmt.Sprintf("127.0.0.1:%d", port+portOffset))
	}
	out, err := program("sh", "-euc", walk)
	require.NoError(t, err, out)
	require.Contains(t, out, "202 Accepted")
	require.Contains(t, out, "payment.approve")
}
