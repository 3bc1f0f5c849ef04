package index

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/randomacts"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

// What any act accepts, the index reads, and so does the log, which takes its leaves from it: random acts with values at and
// beyond every bound leave nothing that is passed over, and every record and payment can be asked for. RELIEF_ACTS sets how many.
func TestWhatIsAcceptedIsIndexed(t *testing.T) {
	total, err := randomacts.Count(1_000)
	require.NoError(t, err)
	const round = 5_000
	for n := 0; n*round < total; n++ {
		network := ledgertest.New(t)
		acts, err := fakeledger.RandomActsOn(network.Ledger, uint64(n)+100)
		require.NoError(t, err)
		for i := 0; i < round && n*round+i < total; i++ {
			require.NoError(t, acts.Step())
		}
		ix := openFile(t, network.Gateway(fakeledger.Audit))
		catchUp(t, ix)
		require.Empty(t, ix.Unreadable())
		readsAll(t, ix)
		require.NoError(t, ix.Close())
	}
}

// readsAll asks for everything that the index has.
func readsAll(t *testing.T, ix *Index) {
	t.Helper()
	ctx := t.Context()
	kinds := 0
	for _, kind := range []string{
		relief.KindProgramme, relief.KindTranche, relief.KindBatch, relief.KindCase, relief.KindChange, relief.KindImport, relief.KindNeed,
		relief.KindAccount, relief.KindProposal, relief.KindMember,
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
