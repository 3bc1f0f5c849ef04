package resealing_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/randomacts"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger/ledgertest"
	"relieftrail/gateway/internal/resealing"
)

// Whatever acts have left in the collection of private details is visited, once: else a document would stay under a key that is taken
// away. RELIEF_ACTS sets how many acts, and RELIEF_ACTS_SEED which.
func TestEverythingSealedIsVisited(t *testing.T) {
	total, err := randomacts.Count(2_000)
	require.NoError(t, err)
	seed, err := randomacts.Seed(400)
	require.NoError(t, err)
	network := ledgertest.New(t)
	acts, err := fakeledger.RandomActsOn(network.Ledger, seed)
	require.NoError(t, err)
	for acts.Done+acts.Refused < total {
		require.NoError(t, acts.Step(), "seed %d", seed)
	}
	require.Positive(t, acts.Tally["person:ConfirmReseal"].Done, "some are sealed again")

	port := network.Gateway(fakeledger.CivilAffairs)
	ix, err := index.Open(t.Context(), filepath.Join(t.TempDir(), "index.db"), port, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ix.Close()) })
	go func() { _ = ix.Run(t.Context()) }()
	require.NoError(t, ix.WaitFor(t.Context(), network.Ledger.Height()-1))

	visited := map[string]bool{}
	for _, county := range []struct {
		code relief.Region
		by   string
	}{{"530181", "civil-preparer"}, {"530129", "civil-other-county"}} {
		ask := resealing.Contracts{
			Status: func(in api.RollInput) (api.RollFill, error) {
				return contracts.Ask(t.Context(), port, county.by, api.RollStatus, in)
			},
			Names: func(in api.SegmentDetailsInput) (api.SealedNames, error) {
				return contracts.Ask(t.Context(), port, county.by, api.PersonSealedNames, in)
			},
			Documents: func(in api.SealedInput) (api.SealedDocuments, error) {
				return contracts.Ask(t.Context(), port, county.by, api.PersonSealed, in)
			},
		}
		require.NoError(t, resealing.Walk(t.Context(), ix, ask, county.code, func(documents []api.SealedDocument) error {
			for _, d := range documents {
				require.False(t, visited[d.Name], "%s is visited twice", d.Name)
				visited[d.Name] = true
				visited[string(d.Document)] = true
			}
			return nil
		}))
	}
	kept := 0
	var missed []string
	network.Ledger.ScanPrivate(fakeledger.CivilAffairs, relief.DetailsCollection, func(key string, value []byte) {
		kept++
		if !visited[string(value)] {
			missed = append(missed, key)
		}
	})
	require.Empty(t, missed)
	t.Logf("%d acts, %d documents and pages", acts.Done, kept)
	require.Greater(t, kept, 20)
}
