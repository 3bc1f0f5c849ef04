package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"relieftrail/network/testbed/restclient"
)

// testMonths: a month is closed while the bank's answers come in. Whatever comes in between, the ledger never has a close that says
// something else than the payments of its moment: the cross-check works each version out again. The last version has everybody, and is
// the same statement in all three logs.
func testMonths(t *testing.T) {
	paidMonth(t)
	const period, batches, people, tranche = "2026-05", 4, 40, "months-2026"
	_, err := as(t, "finance-approver").Post(t.Context(), "/v1/tranches", tranche, map[string]any{
		"id": tranche, "programme": monthProgramme, "region": monthCounty, "amount": "400000.00", "source": "云财社〔2026〕98号", "account": "5301810100000098",
		"fiscal_year": 2026, "targets": map[string]string{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"},
	}, nil)
	require.NoError(t, err)
	path := "/v1/months/" + monthProgramme + "/" + monthCounty + "/" + period
	var documents [batches][]byte
	for i := range documents {
		documents[i] = toldBank(t, tranche, fmt.Sprintf("months-%d", i), period, 20+i*people, people)
	}
	finance, civil := as(t, "finance-preparer"), as(t, "civil-second-preparer")
	group, ctx := errgroup.WithContext(t.Context())
	settled := make(chan struct{})
	for i, document := range documents {
		group.Go(func() error {
			id := fmt.Sprintf("months-%d", i)
			_, err := finance.SendBankFile(ctx, "/v1/batches/"+id+"/settlements", id+"-statement", document)
			return err
		})
	}
	closes := make(chan int, 1)
	go func() { closes <- closeUntil(t.Context(), civil, path, settled) }()
	require.NoError(t, group.Wait())
	close(settled)
	t.Logf("%d versions while %d answers came in", <-closes, batches*people)

	var of struct {
		Month struct {
			Version, Rows int
			OnTime        int `json:"on_time"`
		}
	}
	began := time.Now()
	require.NoError(t, closeMonth(t.Context(), as(t, "civil-preparer"), path, "months-last"))
	t.Logf("a close took %v", time.Since(began))
	for _, reader := range []string{"civil-preparer", "finance-preparer", "audit-reader"} {
		who := as(t, reader)
		require.Eventually(t, func() bool {
			err := who.Get(t.Context(), path, &of)
			return err == nil && of.Month.Rows == batches*people
		}, 30*time.Second, 100*time.Millisecond, "%+v", &of)
	}
	sameStatements(t, of.Month.Version)
	sameIndicators(t, period, batches*people)
	r, err := crosscheck(t)
	require.NoError(t, err, "%+v", r.Findings)
	require.Empty(t, r.NotChecked)
}

// sameIndicators: all gateways and the blocks alone give the same indicators of a month as of a block, byte by byte, and the gateways have
// compared them by themselves.
func sameIndicators(t *testing.T, period string, paid int64) {
	t.Helper()
	block := height(t, "audit") - 1
	question := fmt.Sprintf("?programme=%s&region=%s&period=%s&block=%d", monthProgramme, monthCounty, period, block)
	var of struct {
		SHA256     string
		Indicators []struct {
			Code      string
			Numerator int64
		}
	}
	first := ""
	for agency := range gatewayPorts {
		var text string
		require.Eventually(t, func() bool {
			code, body := page(t, agency, "/public/v1/indicators"+question)
			text = string(body)
			return code == http.StatusOK
		}, 30*time.Second, 100*time.Millisecond, agency)
		if first == "" {
			first = text
		}
		require.Equal(t, first, text, agency)
		code, _ := page(t, agency, "/indicators"+question)
		require.Equal(t, http.StatusOK, code)
		require.Eventually(t, func() bool {
			_, body := page(t, agency, "/readyz")
			return strings.Contains(string(body), "of 2 other agencies 2 were compared; 0 differ")
		}, 30*time.Second, 100*time.Millisecond, agency)
	}
	require.NoError(t, json.Unmarshal([]byte(first), &of))
	credited := int64(0)
	for _, v := range of.Indicators {
		if v.Code == "social_payment" {
			credited = v.Numerator
		}
	}
	require.Equal(t, paid, credited)
	began := time.Now()
	out, err := reliefnet("crosscheck", "indicators", "--to-block", strconv.FormatUint(block, 10), "--programme", monthProgramme, "--region", monthCounty,
		"--period", period)
	require.NoError(t, err, out)
	require.Contains(t, out, "digest "+of.SHA256)
	t.Logf("the indicators of %d blocks took %v", block+1, time.Since(began))
	sameAlerts(t, block)
}

// sameAlerts screens the county as of a block at each agency and from the blocks alone.
func sameAlerts(t *testing.T, block uint64) {
	t.Helper()
	asOf := strconv.FormatUint(block, 10)
	out, err := reliefnet("crosscheck", "screening", "--to-block", asOf, "--region", monthCounty)
	require.NoError(t, err, out)
	_, digest, found := strings.Cut(out, "\ndigest ")
	require.True(t, found, out)
	digest, _, _ = strings.Cut(digest, "\n")
	for agency, folder := range map[string]string{"civil": "civil-affairs", "finance": "finance", "audit": "audit"} {
		config := filepath.Join(state, "orgs", folder, "gateway", "gateway.yaml")
		out, err = program(filepath.Join(root, ".relieftrail", "bin", "gateway"), "screen", "check", "--config", config, "--region", monthCounty, "--block", asOf)
		require.NoError(t, err, out)
		require.Contains(t, out, "as of block "+asOf)
		require.Contains(t, out, "digest "+digest, agency)
		require.Eventually(t, func() bool {
			_, body := page(t, agency, "/readyz")
			return strings.Contains(string(body), "counties were screened as of the months that were closed last; 0 differ") &&
				!strings.Contains(string(body), "Screening: 0 counties")
		}, 60*time.Second, 100*time.Millisecond, agency)
	}
	t.Logf("screening at three agencies and from the blocks: %s", out)
}

// closeUntil closes a month again and again, and gives the number of versions that it made.
func closeUntil(ctx context.Context, who *restclient.Client, path string, settled <-chan struct{}) (versions int) {
	for n := 0; ; n++ {
		select {
		case <-settled:
			return versions
		default:
		}
		if closeMonth(ctx, who, path, fmt.Sprintf("months-%d", n)) == nil {
			versions++
		}
	}
}

// closeMonth closes a month. That nothing has changed, or that eight races were lost in a row, is a 409.
func closeMonth(ctx context.Context, who *restclient.Client, path, key string) error {
	_, err := who.Post(ctx, path+"/close", key, struct{}{}, nil)
	var refused *restclient.Problem
	if errors.As(err, &refused) && refused.Status == http.StatusConflict && key == "months-last" && strings.Contains(refused.Detail, "没有变化") {
		return nil
	}
	return err
}

// sameStatements waits until all gateways publish the same log of statements, of so many at least.
func sameStatements(t *testing.T, least int) {
	t.Helper()
	require.Eventually(t, func() bool {
		var trees []string
		for agency := range gatewayPorts {
			code, body := page(t, agency, "/statements/checkpoint")
			tree, _, _ := strings.Cut(string(body), "\n\n")
			if code != http.StatusOK || len(trees) > 0 && trees[0] != tree {
				return false
			}
			trees = append(trees, tree)
		}
		var size int
		_, err := fmt.Sscanf(strings.Split(trees[0], "\n")[1], "%d", &size)
		return err == nil && size >= least
	}, 30*time.Second, 100*time.Millisecond)
}
