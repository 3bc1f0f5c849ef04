package faults

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/randomacts"
	"relieftrail/network/topology/templates"
)

// TestRandomActs has random officials act on a network of its own, as network/audit/rules has them act on a ledger in memory, and
// then the auditor checks every block. RELIEF_ACTS sets how many acts: scripts/test --faults does 10,000.
func TestRandomActs(t *testing.T) {
	if os.Getenv("RELIEF_ACTS") == "" {
		t.Skip("needs RELIEF_ACTS, how many acts are tried: scripts/test --faults does 10,000, which takes half an hour")
	}
	total, err := randomacts.Count(0)
	require.NoError(t, err)
	first, err := randomacts.Seed(1)
	require.NoError(t, err)
	for seed := first; total > 0; seed++ {
		acts := min(total, actsOfAYear)
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { randomYear(t, seed, acts) })
		total -= acts
	}
}

// actsOfAYear is how many acts one network has: with the days that notices wait they take most of the year for which certificates hold
// at most.
const actsOfAYear = 1_250

func randomYear(t *testing.T, seed uint64, total int) {
	t.Helper()
	network := started(t, 21000, "random", randomTopology(t))
	ledger, err := followed(t.Context(), network)
	require.NoError(t, err)
	began := time.Now()
	acts, err := randomacts.On(ledger, seed, time.Now().UTC().Add(time.Minute).Truncate(time.Second), pace)
	require.NoError(t, err)
	for acts.Done+acts.Refused < total {
		require.NoError(t, acts.Step(), "act %d", acts.Done+acts.Refused)
	}
	for _, function := range slices.Sorted(maps.Keys(acts.Tally)) {
		n := acts.Tally[function]
		t.Logf("%-32s %7d done %7d refused", function, n.Done, n.Refused)
	}
	t.Logf("%d of %d acts were done in %s, %d blocks", acts.Done, acts.Done+acts.Refused, time.Since(began).Round(time.Second), ledger.next)
	out, err := network.Reliefnet("crosscheck")
	t.Log(out)
	require.NoError(t, err)
}

const pace = 45 * time.Minute

// randomTopology writes the development network with all officials who act at random, a block for each transaction, and peers
// that allow the times that the acts have.
func randomTopology(t *testing.T) string {
	t.Helper()
	text, err := templates.DevTopology()
	require.NoError(t, err)
	file := string(text)
	for _, of := range []struct{ before, after string }{
		{"max_messages: 500", "max_messages: 1"}, {"officials: 4320h", "officials: 8784h"}, {"nodes: 8760h", "nodes: 9000h"},
		{"package: relieftrail/chaincode\n", "package: relieftrail/chaincode/testnet/altered\n"},
		{"nodes:\n", "nodes:\n  time_window: 8784h\n"},
	} {
		require.Contains(t, file, of.before)
		file = strings.Replace(file, of.before, of.after, 1)
	}
	agencies := map[string]string{"CivilAffairsMSP": "civil-affairs", "FinanceMSP": "finance", "AuditMSP": "audit"}
	for i, o := range randomacts.Officials {
		if strings.Contains(file, "{name: "+o.Name+",") {
			continue
		}
		section := strings.Index(file, "- name: "+agencies[o.Agency]+"\n")
		at := section + strings.Index(file[section:], "    principals:\n") + len("    principals:\n")
		file = file[:at] + fmt.Sprintf("      - {name: %s, id: r%d, role: %s, region: %q}\n", o.Name, 9000+i, o.Role, o.Region) + file[at:]
	}
	path := filepath.Join(t.TempDir(), "random.yaml")
	require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
	return path
}
