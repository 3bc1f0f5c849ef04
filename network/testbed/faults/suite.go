package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/network/topology"
)

// Suite runs faults one after the other on one network and counts after each.
type Suite struct {
	net     *Network
	fixture *fixture
	load    *load
	out     io.Writer
	long    bool

	counts []*ledgerCount
	rows   []row
	now    *row // of the fault that is running
}

// row is the result of one fault.
type row struct {
	name                        string
	times                       int
	acknowledged, ledger, twice int
	sums                        bool
	stall, recovery             time.Duration // longest without an acknowledgement; after the network was whole again
	note                        string
}

// line is what the suite prints for a fault.
func (r *row) line() string {
	sums := "equal"
	if !r.sums {
		sums = "NOT EQUAL"
	}
	return fmt.Sprintf("%s (%d): acknowledged %d, on the ledger %d, twice %d, sums %s; longest stall %.1f s, all clients go on %.1f s after it was over%s",
		r.name, r.times, r.acknowledged, r.ledger, r.twice, sums, r.stall.Seconds(), r.recovery.Seconds(), r.note)
}

// tranches that the clients pay from, of this year as they are and of other years with the year behind them; several clients
// share one, so that they meet.
var tranches = []string{programmeID + "-a", programmeID + "-b"}

// New founds the suite's own programme on a network that is up. name is a part of every id, so that a suite may run
// again on the same network.
func New(t *testing.T, n *Network, out io.Writer, name string, long bool) *Suite {
	t.Helper()
	d, err := newFixture(n.Topology)
	require.NoError(t, err)
	require.NoError(t, d.found(t.Context(), tranches))
	s := &Suite{net: n, fixture: d, load: newLoad(d, tranches, name), out: out, long: long}
	for _, peer := range n.NodesOf(topology.KindPeer) {
		s.counts = append(s.counts, newLedgerCount(peer))
	}
	return s
}

func (s *Suite) logf(format string, args ...any) {
	fmt.Fprintf(s.out, "%s  %s\n", time.Now().UTC().Format("15:04:05"), fmt.Sprintf(format, args...))
}

// under calls hit while the clients pay. hit breaks something and heals it again. Afterwards the ledger is counted.
func (s *Suite) under(t *testing.T, name string, hit func(ctx context.Context) error) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		s.now = &row{name: name}
		s.logf("%s: clients pay", name)
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s.load.run(ctx)
		err := s.load.everyoneSince(t.Context(), began, 2*time.Minute)
		if err == nil {
			err = hit(t.Context())
		}
		if err != nil {
			s.logf("%s: %v", name, err)
		}
		giveUp := time.AfterFunc(3*time.Minute, cancel)
		s.load.pause()
		giveUp.Stop()
		s.now.stall = s.load.gap
		s.count(t)
		require.NoError(t, err)
	})
}

// heal waits until the network is whole and every client has had an acknowledgement since the fault was repaired.
func (s *Suite) heal(ctx context.Context) error {
	over := time.Now()
	var whole, goOn time.Duration
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		if err := s.net.whole(ctx); err != nil {
			return fmt.Errorf("the network is not whole: %w", err)
		}
		whole = time.Since(over)
		return nil
	})
	group.Go(func() error {
		err := s.load.everyoneSince(ctx, over, 3*time.Minute)
		goOn = time.Since(over)
		return err
	})
	err := group.Wait()
	s.now.recovery = max(s.now.recovery, goOn)
	s.logf("  whole after %.1f s, all clients go on after %.1f s", whole.Seconds(), goOn.Seconds())
	return err
}

// count reads the blocks of every agency's own peer and compares them with what the clients were acknowledged.
func (s *Suite) count(t *testing.T) {
	t.Helper()
	require.NoError(t, s.read(t.Context()))
	s.load.mu.Lock()
	ids := map[relief.BatchID]bool{}
	for id, acked := range s.load.acked {
		ids[id] = true
		s.now.acknowledged += acked.acts + acked.listed + acked.credited
	}
	s.load.mu.Unlock()
	s.now.sums = true
	var wrong []string
	for i, b := range s.counts {
		onLedger := 0
		for id, got := range b.of(ids) {
			onLedger += got.acts + got.listed + got.credited
			if want := s.load.acked[id]; *want != *got {
				wrong = append(wrong, fmt.Sprintf("%s, batch %s: acknowledged %+v, on the ledger %+v", b.peer.Name, id, *want, *got))
			}
		}
		for id := range b.batches {
			if strings.HasPrefix(string(id), s.load.name+"-") && !ids[id] {
				wrong = append(wrong, fmt.Sprintf("%s: batch %s was acknowledged to nobody", b.peer.Name, id))
			}
		}
		if i == 0 {
			s.now.ledger = onLedger
		} else {
			s.now.ledger = min(s.now.ledger, onLedger)
		}
		s.now.twice = max(s.now.twice, b.twice)
		wrong = append(wrong, b.faults...)
		if err := s.sums(t.Context(), b); err != nil {
			s.now.sums = false
			wrong = append(wrong, fmt.Sprintf("%s: %v", b.peer.Name, err))
		}
		if err := same(s.counts[0], b); err != nil {
			wrong = append(wrong, err.Error())
		}
	}
	s.rows = append(s.rows, *s.now)
	s.logf("%s", s.now.line())
	require.Empty(t, wrong)
	require.Empty(t, s.load.faults)
	require.Equal(t, s.now.acknowledged, s.now.ledger)
	require.Zero(t, s.now.twice)
}

// read waits until all peers have the same height and reads their blocks.
func (s *Suite) read(ctx context.Context) error {
	var height uint64
	err := until(ctx, time.Minute, func(ctx context.Context) error {
		for i, b := range s.counts {
			h, err := s.net.client.Height(ctx, b.peer)
			if err != nil {
				return err
			}
			if i > 0 && h != height {
				return errors.New("the peers are not at the same height")
			}
			height = h
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, b := range s.counts {
		if err := b.read(ctx, s.net, height); err != nil {
			return err
		}
	}
	return nil
}

// sums compares each tranche's balances in a peer's blocks with the contract's answer on that peer, with the payments
// that its slots hold, and with what the clients were acknowledged.
func (s *Suite) sums(ctx context.Context, b *ledgerCount) error {
	paid := map[relief.TrancheID]relief.Fen{}
	for _, e := range b.slots {
		if e.credited {
			paid[b.batches[e.batch].Tranche] += e.amount
		}
	}
	for _, id := range append(s.load.drawnOn(), tranches...) {
		inBlocks := b.tranches[relief.TrancheID(id)].Balances
		answer, err := s.net.client.Evaluate(ctx, b.peer.Organisation, b.peer.Organisation.Registrar, "fund:Get", `{"id":"`+id+`"}`)
		if err != nil {
			return err
		}
		var read struct {
			Balances fund.Balances `json:"balances"`
		}
		if err := json.Unmarshal(answer, &read); err != nil {
			return err
		}
		switch {
		case read.Balances != inBlocks:
			return fmt.Errorf("tranche %s: the contract says %+v, the blocks %+v", id, read.Balances, inBlocks)
		case inBlocks.Paid != paid[relief.TrancheID(id)]:
			return fmt.Errorf("tranche %s: %s paid, its payments are %s", id, inBlocks.Paid, paid[relief.TrancheID(id)])
		case inBlocks.Paid != s.load.sumOf[id]:
			return fmt.Errorf("tranche %s: %s paid, acknowledged %s", id, inBlocks.Paid, s.load.sumOf[id])
		case inBlocks.InReturn != 0 || inBlocks.Reserved != 0:
			return fmt.Errorf("tranche %s: nothing is on its way, and yet %+v", id, inBlocks)
		}
	}
	return nil
}

// Table is the results of all faults that were run.
func (s *Suite) Table() {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "fault\ttimes\tacknowledged\ton the ledger\ttwice\tsums\tlongest stall\trecovery\t")
	for _, r := range s.rows {
		sums := "equal"
		if !r.sums {
			sums = "NOT EQUAL"
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%s\t%.1f s\t%.1f s\t%s\n", r.name, r.times, r.acknowledged, r.ledger, r.twice, sums,
			r.stall.Seconds(), r.recovery.Seconds(), strings.TrimPrefix(r.note, "; "))
	}
	_ = w.Flush()
}
