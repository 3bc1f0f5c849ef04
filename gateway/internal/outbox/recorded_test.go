package outbox

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/recorded"
)

// The outbox of every earlier state of the program is read: what was sent and not answered is settled from the ledger, and each key
// answers its request with what became of it.
func TestRecordedOutboxesAreRead(t *testing.T) {
	recorded.Each(t, func(t *testing.T, r *recorded.Recording) {
		gateway, path := r.Gateway(), r.Unpack(t, recorded.Outbox)
		entries := map[string]keyEntry{}
		var last time.Time
		store, err := boltstore.Open(path, bucketKeys, bucketTxs)
		require.NoError(t, err)
		require.NoError(t, store.View(func(tx *boltstore.Tx) error {
			for c := bucketKeys.All(tx); c.Next(); {
				e, err := c.Value()
				if err != nil {
					return err
				}
				entries[c.Key()] = e
				if e.At.After(last) {
					last = e.At
				}
			}
			return nil
		}))
		require.NoError(t, store.Close())
		require.NotEmpty(t, entries)

		o, err := Open(path, gateway, Options{Deadline: 10 * time.Second, Now: func() time.Time { return last }})
		require.NoError(t, err)
		defer func() { require.NoError(t, o.Close()) }()
		require.Positive(t, o.Unsettled(), "a gateway was killed before it knew what became of a transaction")
		require.NoError(t, o.Recover(t.Context()))
		require.Zero(t, o.Unsettled())
		for text, e := range entries {
			principal, idempotencyKey, _ := strings.Cut(text, "\x00")
			key := Key{principal, idempotencyKey}
			if e.JobID != "" {
				job, err := o.Claimed(key)
				require.NoError(t, err)
				require.Equal(t, e.JobID, job)
				continue
			}
			a, err := o.Do(t.Context(), key, [32]byte(e.Request), ledger.Call{})
			require.NoError(t, err, key.IdempotencyKey)
			require.True(t, a.Replayed)
			if a.TxID == "" {
				continue // it changed nothing
			}
			c, ok, err := gateway.Find(t.Context(), a.TxID)
			require.NoError(t, err)
			require.True(t, ok && c.Valid, a.TxID)
			require.Equal(t, c.Block, a.Block)
		}
	})
}
