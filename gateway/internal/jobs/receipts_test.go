package jobs

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Pages of receipts are there for a day after their job's end, and what a stopped process left of some goes.
func TestPagesAreDeletedAfterADay(t *testing.T) {
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	store, err := OpenStore(t.TempDir() + "/jobs.db")
	require.NoError(t, err)
	r := &Runner{options: Options{Dir: t.TempDir(), Store: store, Now: func() time.Time { return now }}, live: map[string]*runningJob{}}
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	require.NoError(t, store.save(&document{
		JobSpec{ID: "kept", Kind: KindReceipts, Target: "b-1"},
		Job{ID: "kept", Kind: KindReceipts, State: StateDone, FinishedAt: now},
	}))
	require.NoError(t, r.keepPages("kept", []byte("%PDF-")))
	require.NoError(t, os.WriteFile(r.pagesPath("lost")+".part", []byte("%P"), 0o600))

	require.NoError(t, r.sweepPages())
	require.FileExists(t, r.pagesPath("kept"))
	require.NoFileExists(t, r.pagesPath("lost")+".part")
	now = now.Add(keepPages)
	require.NoError(t, r.sweepPages())
	require.NoFileExists(t, r.pagesPath("kept"))
}
