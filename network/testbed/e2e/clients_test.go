package e2e

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	generated "relieftrail/network/testbed/clients"
	"relieftrail/network/testbed/paybank"
)

// testClients: programs whose clients public generators make of the document that a gateway serves pay a month each, from a tranche of
// their own: which other parts ran before them, and so what these left in the month's tranche, differs.
func testClients(t *testing.T) {
	paidMonth(t)
	const tranche = "clients"
	money := money(monthProgramme)
	money["id"] = tranche
	_, err := as(t, "finance-approver").Post(t.Context(), "/v1/tranches", "clients-tranche", money, nil)
	require.NoError(t, err)
	code, document := page(t, "civil", "/openapi.yaml")
	require.Equal(t, http.StatusOK, code)
	for i, language := range []generated.Language{generated.Go, generated.TypeScript} {
		t.Run(string(language), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
			defer cancel()
			dir := t.TempDir()
			err := generated.Build(ctx, language, dir, document)
			if errors.Is(err, generated.ErrNoTool) {
				t.Skipf("%v: scripts/test-tools installs it", err)
			}
			require.NoError(t, err)
			const period, people = "2026-06", 5
			file, sum := peopleOfTheMonth(t, dir, period, 250+i*people, people)
			out, err := generated.Run(ctx, language, dir, "--civil", gatewayURL("civil"), "--finance", gatewayURL("finance"), "--audit", gatewayURL("audit"),
				"--tokens", filepath.Join(state, "dev", "tokens"), "--batch", "client-"+string(language), "--programme", monthProgramme,
				"--region", monthCounty, "--tranche", tranche, "--period", period, "--count", fmt.Sprint(people), "--sum", sum.String(),
				"--lines", file, "--day", paybank.Today())
			require.NoError(t, err, out)
			t.Log("\n" + out)
			require.Contains(t, out, "done: ")
		})
	}
}

// peopleOfTheMonth writes a list for some people of the demonstration's, for another period.
func peopleOfTheMonth(t *testing.T, dir, period string, first, count int) (file string, sum relief.Fen) {
	t.Helper()
	rows := strings.SplitAfter(strings.ReplaceAll(demoList(), "2026-11", period), "\n")
	list := rows[0] + strings.Join(rows[1+first:1+first+count], "")
	for _, row := range must(csv.NewReader(strings.NewReader(list)).ReadAll())[1:] {
		sum += must(relief.ParseFen(row[7]))
	}
	file = filepath.Join(dir, "lines.csv")
	require.NoError(t, os.WriteFile(file, []byte(list), 0o600))
	return file, sum
}
