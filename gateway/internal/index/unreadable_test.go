package index

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

// poisoned are values that no act can write, by their keys: of every kind one that is none, and more.
func poisoned(n *ledgertest.Network) map[string][]byte {
	get := func(k relief.Key) []byte { return bytes.Clone(n.Ledger.Get(k.String())) }
	roll := get(relief.RollKey("dibao", "530181", 0))
	binary.BigEndian.PutUint16(roll[4+33:], 0xe021) // a last period of 1900
	lines := append(get(relief.LinesKey("dibao", "530181", relief.MonthPeriod(2026*12+10), 0)), 0)
	return map[string][]byte{
		relief.RollKey("dibao", "530181", 0).String():                                        roll,
		relief.PayeesKey("dibao", "530181", 0).String():                                      []byte("y"),
		relief.LinesKey("dibao", "530181", relief.MonthPeriod(2026*12+10), 0).String():       lines,
		relief.LinesKey("dibao", "530181", relief.MonthPeriod(2026*12+10), 9999999).String(): lines[:len(lines)-1],                      // beyond the last number
		relief.RollKey("none", "530181", 0).String():                                         get(relief.RollKey("dibao", "530181", 0)), // no such programme
		relief.RollIndexKey(person, "dibao").String():                                        []byte("a"),
		relief.BatchKey("b2").String():                                                       []byte(`{"id":"b2","period":"1900-01"}`),
		relief.BatchKey("b3").String():                                                       get(relief.BatchKey("b1")), // another batch's
		relief.TrancheKey("t1").String():                                                     []byte("{"),
		relief.CaseKey("c1").String():                                                        []byte(`{"id":"c1"}`),
		relief.MemberKey(person).String():                                                    []byte("[]"),
		relief.Key{Kind: "new", Attrs: []string{"x"}}.String():                               []byte("{}"),
		"no key": []byte("{}"), "\xff\x00\xfe\x00": nil,
	}
}

// The index passes over every value that it cannot read, says which, and goes on with all others: nothing stale is given, no total
// is wrong in silence. Built again it finds the same. A value that all agencies put in the place of a corrupt one ends that.
func TestValuesThatCannotBeReadArePassedOver(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		n := ledgertest.New(t)
		l := n.Gateway(fakeledger.Audit)
		tell(t, l)
		ix := open(t, l)
		catchUp(t, ix)
		require.Empty(t, ix.Unreadable())
		bad, good := poisoned(n), map[string][]byte{}
		var writes []fakeledger.Write
		for key, value := range bad {
			good[key] = bytes.Clone(n.Ledger.Get(key))
			writes = append(writes, fakeledger.Write{Key: key, Value: value})
		}
		n.Ledger.Plant(writes...)
		block := n.Ledger.Height() - 1
		n.Ledger.Plant(fakeledger.Write{Key: relief.BatchKey("b4").String(), Value: bytes.ReplaceAll(n.Ledger.Get(relief.BatchKey("b1").String()), []byte(`"b1"`), []byte(`"b4"`))})
		catchUp(t, ix)
		require.Equal(t, n.Ledger.Height(), ix.Height())
		require.Len(t, ix.Unreadable(), len(bad))
		for _, u := range ix.Unreadable() {
			require.Equal(t, block, u.Block)
			require.Len(t, u.Transaction, 64)
			require.NotEmpty(t, u.Reason)
		}
		refusesStale(t, ix)
		checked(t, ix)
		before := slices.Clone(ix.Unreadable())
		require.NoError(t, ix.Rebuild(t.Context(), quietly))
		require.Equal(t, before, ix.Unreadable())
		refusesStale(t, ix)

		drafts, err := ix.RepairDrafts(t.Context())
		require.NoError(t, err)
		require.Len(t, drafts, len(bad))
		last := map[string][]byte{}
		for _, d := range drafts {
			last[relief.Key{Kind: d.Kind, Attrs: d.Attrs}.String()] = d.Last
		}
		for _, k := range []relief.Key{relief.RollKey("dibao", "530181", 0), relief.PayeesKey("dibao", "530181", 0), relief.BatchKey("b2"), relief.TrancheKey("t1")} {
			require.Equal(t, good[k.String()], last[k.String()], k.Name())
		}

		writes = nil
		for key, value := range good {
			if value != nil {
				writes = append(writes, fakeledger.Write{Key: key, Value: value})
			}
		}
		n.Ledger.Plant(writes...)
		catchUp(t, ix)
		require.Len(t, ix.Unreadable(), len(bad)-len(writes))
		_, err = ix.Subject(t.Context(), person)
		require.NoError(t, err)
		_, err = ix.Record(t.Context(), relief.KindBatch, "b2")
		require.NoError(t, err)
		checked(t, ix)
	})
}

// refusesStale asks for records that cannot be read, and for others.
func refusesStale(t *testing.T, ix *Index) {
	t.Helper()
	ctx := t.Context()
	id, err := relief.ParsePaymentID("dibao-530181-0000001-202611-2")
	require.NoError(t, err)
	for what, ask := range map[string]func() error{
		"subject":       func() error { _, err := ix.Subject(ctx, person); return err },
		"subject trail": func() error { _, err := ix.SubjectTrail(ctx, person, ""); return err },
		"payment":       func() error { _, err := ix.Payment(ctx, id); return err },
		"payment trail": func() error { _, err := ix.PaymentTrail(ctx, id); return err },
		"of a person":   func() error { _, err := ix.Payments(ctx, PaymentQuery{Subject: person}, "", 10); return err },
		"overview":      func() error { _, err := ix.BatchOverview(ctx, "b1", 10); return err },
		"batch":         func() error { _, err := ix.Record(ctx, relief.KindBatch, "b2"); return err },
		"tranche":       func() error { _, err := ix.Record(ctx, relief.KindTranche, "t1"); return err },
		"claims":        func() error { _, err := ix.Claims(ctx, person); return err },
	} {
		var unreadable *Unreadable
		require.ErrorAs(t, ask(), &unreadable, what)
	}
	payments, err := ix.Payments(ctx, PaymentQuery{Programme: "dibao"}, "", 10)
	require.NoError(t, err)
	require.Empty(t, payments.Items)
	require.Contains(t, payments.Unreadable, "lines/dibao/530181/2026-11/0000000")
	batches, err := ix.Batches(ctx, BatchQuery{}, "", 1)
	require.NoError(t, err)
	require.Len(t, batches.Items, 1)
	require.ElementsMatch(t, []string{"batch/b2", "batch/b3"}, batches.Unreadable)
	next, err := ix.Batches(ctx, BatchQuery{}, batches.Next, 10)
	require.NoError(t, err)
	require.Len(t, next.Items, 1) // b2 is left out, b4 is there
	tranches, err := ix.Records(ctx, relief.KindTranche, "", 10, nil)
	require.NoError(t, err)
	require.Empty(t, tranches.Items)
	require.Equal(t, []string{"tranche/t1"}, tranches.Unreadable)
	trail, err := ix.BatchTrail(ctx, "b2")
	require.NoError(t, err)
	require.Equal(t, "true", trail[len(trail)-1].Detail["unreadable"])
	_, err = ix.Record(ctx, relief.KindBatch, "b1")
	require.NoError(t, err)
	_, err = ix.Registry(ctx)
	require.NoError(t, err)
}

// An invalid transaction may hold anything: it is in the block that the orderer made of what a client sent.
func TestAnythingInAnInvalidTransaction(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		s := newSynth(t, 10, 1)
		long := string(bytes.Repeat([]byte("x"), 300))
		tx := s.tx("preparer", "payment:\x00\xff", ledger.Write{Key: "\x00batch\x00b\x00", Value: []byte{0xff}},
			ledger.Write{Key: "\x00batch\x00b\x00"}, ledger.Write{Key: "\x00" + long + "\x00a\x00"}, ledger.Write{Key: "\x00" + long + "\x00b\x00"},
			ledger.Write{Key: "\x00k\x00" + long + "1\x00"}, ledger.Write{Key: "\x00k\x00" + long + "2\x00"}, ledger.Write{Key: "\x00\xff\x00\xfe\x00"}, ledger.Write{Key: "\x00\xfe\x00\xff\x00"},
			ledger.Write{}, ledger.Write{Key: "\x00\x00"})
		tx.Valid, tx.Code, tx.ID, tx.Creator = false, "BAD_PAYLOAD", "not hexadecimal", ledger.Identity{Name: "\xff\x00"}
		late, early := tx, tx
		late.Time, early.Time = time.Unix(1<<40, 0), time.Unix(-1<<40, 0)
		s.block(tx, late, early, tx)
		s.add("preparer", "programme:Draft")
		ix := open(t, s)
		catchUp(t, ix)
		require.Empty(t, ix.Unreadable())
		page, err := ix.Transactions(t.Context(), TransactionQuery{}, "", 10)
		require.NoError(t, err)
		for _, tx := range page.Items {
			_, err := tx.At.MarshalJSON()
			require.NoError(t, err)
		}
		checked(t, ix)
	})
}
