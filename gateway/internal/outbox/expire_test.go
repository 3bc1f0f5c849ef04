package outbox

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/boltstore"
)

func (o *Outbox) keys(t *testing.T) (n int) {
	t.Helper()
	require.NoError(t, o.store.View(func(tx *boltstore.Tx) error {
		n = bucketKeys.Len(tx)
		return nil
	}))
	return n
}

func TestExpiredKeysAreDeletedWhileTheOutboxIsOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "outbox.db")
	synctest.Test(t, func(t *testing.T) {
		o, err := Open(path, nil, Options{})
		require.NoError(t, err)
		defer func() { require.NoError(t, o.Close()) }()
		_, err = o.Claim(Key{"p", "old"}, request, "job-1")
		require.NoError(t, err)
		time.Sleep(DefaultKeep - 3*time.Hour)
		_, err = o.Claim(Key{"p", "new"}, request, "job-2")
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, 2, o.keys(t))

		time.Sleep(5 * time.Hour)
		synctest.Wait()
		require.Equal(t, 1, o.keys(t))
		existing, err := o.Claim(Key{"p", "new"}, request, "job-3")
		require.NoError(t, err)
		require.Equal(t, "job-2", existing)
	})
}

// A key ends at its time, not only when its row is deleted: a job of the key may be gone by then.
func TestAnExpiredKeyHasNoEffectBeforeItIsDeleted(t *testing.T) {
	n, o, _ := setUp(t)
	first, err := o.Do(t.Context(), Key{"civil-preparer", "act"}, request, draftCall)
	require.NoError(t, err)
	_, err = o.Claim(Key{"p", "file"}, request, "job-1")
	require.NoError(t, err)
	o.opts.Now = func() time.Time { return time.Now().Add(DefaultKeep + time.Second) }
	again, err := o.Do(t.Context(), Key{"civil-preparer", "act"}, [32]byte{9}, draftCall)
	require.NoError(t, err)
	require.NotEqual(t, first.TxID, again.TxID)
	require.False(t, again.Replayed)
	require.Len(t, n.Submitted, 2)
	existing, err := o.Claim(Key{"p", "file"}, [32]byte{9}, "job-2")
	require.NoError(t, err)
	require.Empty(t, existing)
}

func TestExpireLooksAtAllKeys(t *testing.T) {
	_, o, _ := setUp(t)
	long := o.opts.Now().Add(-DefaultKeep - time.Hour)
	require.NoError(t, o.store.Update(func(tx *boltstore.Tx) error {
		for i := range 2*expireAtOnce + 10 {
			e := keyEntry{At: long, Done: true}
			switch i % 1000 {
			case 1:
				e.Done = false // its transaction is not settled
			case 2:
				e.At = o.opts.Now()
			}
			if err := bucketKeys.Put(tx, fmt.Sprintf("p\x00%06d", i), e); err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(t, o.expire())
	require.Equal(t, 22, o.keys(t))
}

// A key that was used again between the search and the deletion stays.
func TestExpireChecksAgain(t *testing.T) {
	_, o, _ := setUp(t)
	_, err := o.Claim(Key{"p", "k"}, request, "job-1")
	require.NoError(t, err)
	require.NoError(t, o.deleteExpired([]string{Key{"p", "k"}.text(), "gone"}))
	require.Equal(t, 1, o.keys(t))
}
