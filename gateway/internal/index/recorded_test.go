package index

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/recorded"
)

var record = flag.Bool("record", false, "keep what the index answers from recordings that have no answers yet")

// recordedAnswers are what an index answers of a recorded ledger. What was answered once is answered by every later version.
type recordedAnswers struct {
	Transactions int                                `json:"transactions"`
	Leaves       uint64                             `json:"leaves"`
	Records      map[string]int                     `json:"records"` // by kind, how many there are
	Payments     map[relief.PaymentID]recordedState `json:"payments"`
}

type recordedState struct {
	Batch  relief.BatchID `json:"batch"`
	Amount relief.Fen     `json:"amount"`
	State  payment.State  `json:"state"`
	Region relief.Region  `json:"region"`
	Steps  int            `json:"steps"` // of its trail
}

// The ledger and the index of every earlier state of the program are read: an index of this version is opened as it is, one of an
// earlier version is built again from the ledger, and both answer what was answered then.
func TestRecordedLedgersAreRead(t *testing.T) {
	recorded.Each(t, func(t *testing.T, r *recorded.Recording) {
		l := r.Gateway()
		height, err := l.Height(t.Context())
		require.NoError(t, err)
		fresh := answersOf(t, filepath.Join(t.TempDir(), "index.db"), l, height)
		require.Equal(t, fresh, answersOf(t, r.Unpack(t, recorded.Index), l, height), "of the recorded index")

		file := r.Path("answers.json")
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) && *record {
			text, err = json.MarshalIndent(fresh, "", " ")
			require.NoError(t, err)
			err = os.WriteFile(file, append(text, '\n'), 0o600)
		}
		require.NoError(t, err)
		var then recordedAnswers
		require.NoError(t, json.Unmarshal(text, &then))
		require.Equal(t, then, fresh)
	})
}

func answersOf(t *testing.T, path string, l ledger.Ledger, height uint64) recordedAnswers {
	t.Helper()
	ix, err := Open(t.Context(), path, l, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- ix.Run(ctx) }()
	require.NoError(t, ix.WaitFor(t.Context(), height-1))
	require.Empty(t, ix.Unreadable())
	a := recordedAnswers{Leaves: ix.LeafCount(), Records: map[string]int{}, Payments: map[relief.PaymentID]recordedState{}}
	require.NoError(t, ix.db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM transactions").Scan(&a.Transactions))
	rows, err := ix.db.QueryContext(t.Context(), "SELECT kind, COUNT(*) FROM keys GROUP BY kind")
	require.NoError(t, err)
	for rows.Next() {
		var kind string
		var n int
		require.NoError(t, rows.Scan(&kind, &n))
		a.Records[kind] = n
	}
	require.NoError(t, errors.Join(rows.Err(), rows.Close()))
	for cursor := ""; ; {
		page, err := ix.Payments(t.Context(), PaymentQuery{}, cursor, 1000)
		require.NoError(t, err)
		for i := range page.Items {
			p := &page.Items[i]
			steps, err := ix.PaymentTrail(t.Context(), p.ID)
			require.NoError(t, err)
			a.Payments[p.ID] = recordedState{p.Batch, p.Amount, p.State, p.Region, len(steps)}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.NoError(t, ix.Close())
	return a
}
