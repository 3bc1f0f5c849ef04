package index

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

func quietly(uint64, uint64) {}

// checked asserts that the index says what the ledger does.
func checked(t *testing.T, ix *Index) {
	t.Helper()
	d, height, err := ix.Check(t.Context(), t.TempDir(), quietly)
	require.NoError(t, err)
	require.Nil(t, d, "%v", d)
	require.Equal(t, ix.Height(), height)
}

// one block at a time, some at a time, all at once: the tables come out the same.
func TestIncrementalEqualsRebuild(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		n := ledgertest.New(t)
		l := n.Gateway(fakeledger.Audit)
		ix := open(t, l)
		tell(t, l)
		height := n.Ledger.Height()
		for h := uint64(1); h <= height; h++ {
			require.NoError(t, ix.upTo(t.Context(), h, quietly))
			require.Equal(t, h, ix.Height())
		}
		checked(t, ix)
		var got []uint64
		require.NoError(t, ix.Rebuild(t.Context(), func(done, of uint64) { got = append(got, done); require.Equal(t, height, of) }))
		require.Equal(t, height, got[len(got)-1])
		checked(t, ix)
	})
}

func TestIndexOfYears(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 250, 4)
		ix := open(t, s)
		catchUp(t, ix)
		checked(t, ix)
		require.Equal(t, 4*250, int(ix.LeafCount())+ix.count(t, "returns"))
		require.Equal(t, 4*250, ix.count(t, "payments"))
	})
}

func (ix *Index) count(t *testing.T, table string) (n int) {
	t.Helper()
	require.NoError(t, ix.db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n))
	return n
}

// stopping gives blocks until one is in the middle of being written, and then fails.
type stopping struct {
	*synth
	after uint64
}

var errStopped = errors.New("stopped by the test")

func (s *stopping) Blocks(ctx context.Context, from uint64, handle func(ledger.Block) error) error {
	for _, b := range s.blocks[from:] {
		if b.Number == s.after { // the middle of a block: its last transaction has the position of another
			broken := b
			broken.Transactions = append([]ledger.Transaction{}, b.Transactions...)
			last := &broken.Transactions[len(broken.Transactions)-1]
			last.Index = 0
			if err := handle(broken); err != nil {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		}
		if err := handle(b); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return ctx.Err()
}

// What was not committed is not there, and the next Run goes on behind what was.
func TestFailureInTheMiddleOfABlock(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 25, 2)
		for after := range uint64(len(s.blocks)) {
			if len(s.blocks[after].Transactions) < 2 {
				continue
			}
			ix := open(t, &stopping{s, after})
			require.Error(t, ix.follow(t.Context(), uint64(len(s.blocks)), nil))
			require.LessOrEqual(t, ix.Height(), after)
			require.Equal(t, int(ix.Height()), ix.count(t, "blocks"))
			ix.ledger = s
			catchUp(t, ix)
			checked(t, ix)
		}
	})
}

type gapped struct{ *synth }

func (s gapped) Blocks(_ context.Context, _ uint64, handle func(ledger.Block) error) error {
	if err := handle(s.blocks[0]); err != nil {
		return err
	}
	return errors.Join(handle(s.blocks[2]), errStopped)
}

func TestGapsAreNoticed(t *testing.T) {
	s := newSynth(t, 10, 1)
	ix := openFile(t, gapped{s})
	require.ErrorContains(t, ix.follow(t.Context(), 0, nil), "block 2 came, but block 1 is missing")
	ix.ledger = s
	catchUp(t, ix)
	checked(t, ix)
}

// An index of another ledger, or of one that was rolled back, goes no further, and check says what differs.
func TestForeignAndRolledBackLedgers(t *testing.T) {
	s := newSynth(t, 10, 2)
	ix := openFile(t, s)
	catchUp(t, ix)

	shorter := newSynth(t, 10, 1)
	ix.ledger = shorter
	require.ErrorIs(t, ix.follow(t.Context(), 0, nil), ErrForeign)
	require.ErrorIs(t, ix.Fault(), ErrForeign)
	d, _, err := ix.Check(t.Context(), t.TempDir(), quietly)
	require.NoError(t, err)
	require.Contains(t, d.String(), "meta/height")

	other := newSynth(t, 10, 2)
	for i := range other.blocks {
		other.blocks[i].Hash = append([]byte("other"), other.blocks[i].Hash...)
	}
	ix.ledger = other
	require.ErrorIs(t, ix.follow(t.Context(), 0, nil), ErrForeign)
	d, _, err = ix.Check(t.Context(), t.TempDir(), quietly)
	require.NoError(t, err)
	require.Equal(t, "block/0", d.Record)
	require.Equal(t, "hash", d.Field)

	require.NoError(t, ix.Rebuild(t.Context(), quietly))
	require.NoError(t, ix.Fault())
	checked(t, ix)
}

// After any change in the tables, Check finds the first difference.
func TestCheckNamesWhatWasChanged(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		n := ledgertest.New(t)
		l := n.Gateway(fakeledger.Audit)
		tell(t, l)
		for change, want := range map[string]struct{ record, field, function string }{
			"UPDATE payments SET amount = amount + 1 WHERE state = 2":                                              {"payment/dibao-530181-0000001-202611-2", "amount", "payment:Settle"},
			"UPDATE returns SET reason = 'AC01' WHERE state = 3":                                                   {"payment/dibao-530181-0000001-202611-1", "reason", "payment:Settle"},
			"DELETE FROM payments WHERE state = 3":                                                                 {"payment/dibao-530181-0000001-202611-1", "", "payment:Settle"},
			"UPDATE leaves SET hashes = NULL":                                                                      {"payment/dibao-530181-0000001-202611-2", "hashes", "payment:Settle"},
			"UPDATE leaves SET place = place + 1":                                                                  {"payment/dibao-530181-0000001-202611-2", "place", "payment:Settle"},
			"UPDATE leaves SET payment = payment + 256":                                                            {"payment/dibao-530181-0000001-202611-2", "payment", "payment:Settle"},
			"UPDATE leaves SET length = length + 1":                                                                {"payment/dibao-530181-0000001-202611-2", "length", "payment:Settle"},
			"UPDATE payments SET bank_ref = NULL WHERE state = 2":                                                  {"payment/dibao-530181-0000001-202611-2", "bank_ref", "payment:Settle"},
			"UPDATE batches SET approver = preparer WHERE id = 'b2'":                                               {"batch/b2", "approver", "payment:Open"},
			"UPDATE transactions SET creator = 1 WHERE function = (SELECT n FROM words WHERE word = 'fund:Issue')": {"transaction", "creator", "fund:Issue"},
			"UPDATE identities SET name = 'nobody' WHERE name = 'finance-approver'":                                {"identity/", "name", "programme:Enact"},
			"DELETE FROM chunks WHERE lines = 1":                                                                   {"batch/b1", "", "payment:AddLines"},
			"UPDATE entries SET region = region + 1":                                                               {"roll/dibao/530181/0000000", "region", "roll:Import"},
			"UPDATE entries SET subject = value":                                                                   {"roll/dibao/530181/0000000", "subject", "roll:Import"},
			"INSERT INTO returns (n, state, reason) SELECT n, 3, 'AC04' FROM payments WHERE state = 2":             {"payment/dibao-530181-0000001-202611-2", "", "payment:Settle"},
			"DELETE FROM writes":                                                                                   {"proposal/founding", "", "registry:Propose"},
			"UPDATE blocks SET hash = ''":                                                                          {"block/0", "hash", ""},
			"UPDATE segments SET value = ''":                                                                       {"", "value", ""},
		} {
			ix := open(t, l)
			catchUp(t, ix)
			result, err := ix.db.ExecContext(t.Context(), change)
			require.NoError(t, err, change)
			changed, err := result.RowsAffected()
			require.NoError(t, err)
			require.Positive(t, changed, change)
			d, _, err := ix.Check(t.Context(), t.TempDir(), quietly)
			require.NoError(t, err, change)
			require.NotNil(t, d, change)
			require.Contains(t, d.Record, want.record, change)
			require.Equal(t, want.field, d.Field, "%s: %s", change, d)
			if want.function != "" {
				tx, ok, err := ix.Transaction(t.Context(), d.Transaction)
				require.NoError(t, err)
				require.True(t, ok, "%s: %s", change, d)
				require.Equal(t, d.Block, tx.Block)
				require.Equal(t, actOf(want.function), tx.Act, "%s: %s", change, d)
			}
		}
	})
}

// An index of another version is built again.
func TestAnotherFormIsMadeAnew(t *testing.T) {
	s := newSynth(t, 10, 1)
	path := filepath.Join(t.TempDir(), "index.db")
	ix, err := Open(t.Context(), path, s, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	catchUp(t, ix)
	_, err = ix.db.ExecContext(t.Context(), "UPDATE meta SET value = '0' WHERE name = 'schema'")
	require.NoError(t, err)
	require.NoError(t, ix.Close())
	ix, err = Open(t.Context(), path, s, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer func() { require.NoError(t, ix.Close()) }()
	require.Zero(t, ix.Height())
	catchUp(t, ix)
	checked(t, ix)
}

// Only one process writes; another one reads meanwhile and replaces it when it ends.
func TestOneWriter(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 10, 1)
		ix := open(t, s)
		second, err := Open(t.Context(), ix.db.DSN(), s, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		defer func() { require.NoError(t, second.Close()) }()
		run := func(ix *Index) func() {
			ctx, stop := context.WithCancel(context.Background())
			ended := make(chan error)
			go func() { ended <- ix.Run(ctx) }()
			return func() { stop(); require.ErrorIs(t, <-ended, context.Canceled) }
		}
		stop := run(ix)
		require.NoError(t, ix.WaitFor(t.Context(), uint64(len(s.blocks)-1)))
		require.ErrorIs(t, second.Rebuild(t.Context(), quietly), ErrBusy)
		stopSecond := run(second)
		require.NoError(t, second.WaitFor(t.Context(), uint64(len(s.blocks)-1)))
		stop()
		s.month(t, must(relief.ParsePeriod("2030-01")), nil, 0)
		require.NoError(t, second.WaitFor(t.Context(), uint64(len(s.blocks)-1)))
		stopSecond()
		checked(t, second)
	})
}

// What is no client's and no chaincode's work does not stop the index.
func TestRubbishInTransactionsThatWereNotTaken(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 10, 1)
		tx := s.tx("preparer", "\xff\x00rubbish", ledger.Write{Key: "no parts"}, ledger.Write{Key: "\x00lines\x00\xff\x00"}, ledger.Write{Key: "\x00batch\x00" + string(make([]byte, 5000)) + "\x00"})
		tx.ID, tx.Valid, tx.Code = "not a hash", false, "BAD_PAYLOAD"
		tx.Creator = ledger.Identity{Name: "\xfe\x00"}
		s.block(tx)
		ix := open(t, s)
		catchUp(t, ix)
		checked(t, ix)
		no := false
		page, err := ix.Transactions(t.Context(), TransactionQuery{Valid: &no}, "", 10)
		require.NoError(t, err)
		require.Len(t, page.Items, 1)
		require.Equal(t, "BAD_PAYLOAD", page.Items[0].Code)
		require.Len(t, page.Items[0].Records, 2)
	})
}
