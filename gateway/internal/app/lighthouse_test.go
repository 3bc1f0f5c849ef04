package app_test

import (
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/config"
	"relieftrail/network/host/programs"
)

// TestLighthouse measures the public pages, with a month that was paid and published on them. It is run by scripts/lighthouse alone: its scores
// depend on how busy the machine is.
func TestLighthouse(t *testing.T) {
	reports := os.Getenv("RELIEFTRAIL_LIGHTHOUSE")
	if reports == "" {
		t.Skip("scripts/lighthouse runs this measurement")
	}
	verifier := t.TempDir()
	require.NoError(t, programs.Verifier(t.Context(), "../../..", verifier, t.Logf))
	w := newWorld(t, func(cfg *config.Config) { cfg.VerifierDir = verifier })
	payments := w.settled("b-11")
	w.cosigned(len(payments) - 1)
	w.network.Ledger.SetTime(time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC))
	const month = "/v1/months/dibao/530181/2026-11"
	w.post(200, "civil-preparer", month+"/close", nil)
	var proposed struct{ Proposed struct{ SHA256 string } }
	w.post(200, "civil-preparer", month+"/list/propose", nil).into(t, &proposed)
	w.post(200, "civil-approver", month+"/list/decide", object{"sha256": proposed.Proposed.SHA256, "agree": true})
	w.statements(3)

	arguments := []string{"measure.mjs", reports}
	for _, path := range []string{"/", "/notices", "/lists", "/lists/dibao/530181/2026-11", "/statements", "/contacts", "/draws"} {
		require.Equal(t, http.StatusOK, w.public(http.MethodGet, path, nil).StatusCode, path)
		arguments = append(arguments, w.gateway["civil-preparer"]+path)
	}
	measure := exec.CommandContext(t.Context(), "node", arguments...)
	measure.Dir = "../../../network/testbed/lighthouse"
	said, err := measure.CombinedOutput()
	t.Logf("\n%s", said)
	require.NoError(t, err)
}
