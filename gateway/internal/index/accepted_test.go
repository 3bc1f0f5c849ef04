package index

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/randomacts"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

// What any act accepts, the index reads, and so does the log, which takes its leaves from it: random acts with values at and
// beyond every bound leave nothing that is passed over, and every record and payment can be asked for. RELIEF_ACTS sets how many acts,
// and RELIEF_ACTS_SEED which.
func TestWhatIsAcceptedIsIndexed(t *testing.T) {
	total, err := randomacts.Count(1_000)
	require.NoError(t, err)
	first, err := randomacts.Seed(100)
	require.NoError(t, err)
	const round = 5_000
	tried, done := 0, 0
	for seed := first; tried < total; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { // a ledger's memory is free again when its part ends
			network := ledgertest.New(t)
			acts, err := fakeledger.RandomActsOn(network.Ledger, seed)
			require.NoError(t, err)
			for acts.Done+acts.Refused < min(round, total-tried) {
				require.NoError(t, acts.Step())
			}
			tried += acts.Done + acts.Refused
			done += acts.Done
			ix := openFile(t, network.Gateway(fakeledger.Audit))
			catchUp(t, ix)
			require.Empty(t, ix.Unreadable())
			readsAll(t, ix)
			require.NoError(t, ix.Close())
			t.Logf("to seed %d: %d acts, %d done", seed, tried, done)
		})
		if t.Failed() {
			return
		}
	}
}

// readsAll asks for everything that the index has.
func readsAll(t *testing.T, ix *Index) {
	t.Helper()
	ctx := t.Context()
	kinds := 0
	for _, kind := range []string{
		relief.KindProgramme, relief.KindTranche, relief.KindBatch, relief.KindCase, relief.KindChange, relief.KindImport, relief.KindNeed,
		relief.KindAccount, relief.KindProposal, relief.KindMember, relief.KindMonth,
	} {
		page, err := ix.Records(ctx, kind, "", MaxPage, func(value json.RawMessage) (bool, error) { return json.Valid(value), nil })
		require.NoError(t, err, kind)
		if len(page.Items) > 0 {
			kinds++
		}
	}
	require.Greater(t, kinds, 8, "the acts write too few kinds of records")
	_, err := ix.Registry(ctx)
	require.NoError(t, err)
	months, err := ix.Months(ctx, MonthQuery{}, "", MaxPage)
	require.NoError(t, err)
	byKind, err := ix.Records(ctx, relief.KindMonth, "", MaxPage, nil)
	require.NoError(t, err)
	require.Len(t, months.Items, len(byKind.Items))
	payments, err := ix.Payments(ctx, PaymentQuery{}, "", MaxPage)
	require.NoError(t, err)
	for i := range payments.Items {
		p := &payments.Items[i]
		_, err := json.Marshal(p)
		require.NoError(t, err)
		_, err = ix.PaymentTrail(ctx, p.ID)
		require.NoError(t, err)
		_, err = ix.SubjectTrail(ctx, p.Subject, "")
		require.NoError(t, err)
		_, err = ix.BatchOverview(ctx, p.Batch, 10)
		require.NoError(t, err)
	}
	leaves, err := ix.LeafHashes(ctx, 0, MaxLeaves)
	require.NoError(t, err)
	require.Len(t, leaves, int(ix.LeafCount()))
}
