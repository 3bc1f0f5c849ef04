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
	"relieftrail/network/fabric/admin"
)

// Suite runs faults one after the other on one network and counts the ledger after each.
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
	stall, recovery             time.Duration // the longest time without an acknowledgement; the time until all clients work again
	note                        string
}

// line is the text that the suite prints for a fault.
func (r *row) line() string {
	sums := "equal"
	if !r.sums {
		sums = "NOT EQUAL"
	}
	return fmt.Sprintf("%s (%d): acknowledged %d, on the ledger %d, twice %d, sums %s; longest stall %.1f s, all clients go on %.1f s after it was over%s",
		r.name, r.times, r.acknowledged, r.ledger, r.twice, sums, r.stall.Seconds(), r.recovery.Seconds(), r.note)
}

// tranches are the tranches from which the clients pay. Several clients share one, so that their transactions conflict.
var tranches = []string{programmeID + "-a", programmeID + "-b"}

// New makes the suite's own programme on a network that is up. name is a part of every id, so that a suite may run
// again on the same network.
func New(t *testing.T, n *Network, out io.Writer, name string, long bool) *Suite {
	t.Helper()
	f, err := newFixture(n.Topology)
	require.NoError(t, err)
	require.NoError(t, f.found(t.Context(), tranches))
	s := &Suite{net: n, fixture: f, load: newLoad(f, tranches, name), out: out, long: long}
	for _, o := range admin.All(n.Topology) {
		s.counts = append(s.counts, newLedgerCount(o))
	}
	return s
}

func (s *Suite) logf(format string, args ...any) {
	fmt.Fprintf(s.out, "%s  %s\n", time.Now().UTC().Format("15:04:05"), fmt.Sprintf(format, args...))
}

// under runs one fault while the clients pay. hit breaks something and mends it again. Afterwards under counts the
// ledger.
func (s *Suite) under(t *testing.T, name string, hit func(ctx context.Context) error) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		s.now = &row{name: name}
		s.logf("%s: clients pay", name)
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s.load.run(ctx)
		err := s.hitOnce(t.Context(), began, hit)
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

// hitOnce waits until every client pays, and then hits.
func (s *Suite) hitOnce(ctx context.Context, began time.Time, hit func(ctx context.Context) error) error {
	if err := s.load.everyoneSince(ctx, began, 2*time.Minute); err != nil {
		return err
	}
	return hit(ctx)
}

// heal waits until the network is whole and every client has had an acknowledgement since the fault was mended.
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

// count reads the blocks of every agency's own peer and compares them with the acknowledgements of the clients.
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
	for i, c := range s.counts {
		onLedger := 0
		for id, got := range c.of(ids) {
			onLedger += got.acts + got.listed + got.credited
			if want := s.load.acked[id]; *want != *got {
				wrong = append(wrong, fmt.Sprintf("%s, batch %s: acknowledged %+v, on the ledger %+v", c.org.Name, id, *want, *got))
			}
		}
		for id := range c.batches {
			if strings.HasPrefix(string(id), s.load.name+"-") && !ids[id] {
				wrong = append(wrong, fmt.Sprintf("%s: batch %s is on the ledger and was never acknowledged", c.org.Name, id))
			}
		}
		if i == 0 {
			s.now.ledger = onLedger
		} else {
			s.now.ledger = min(s.now.ledger, onLedger)
		}
		s.now.twice = max(s.now.twice, c.twice)
		wrong = append(wrong, c.faults...)
		if err := s.sums(t.Context(), c); err != nil {
			s.now.sums = false
			wrong = append(wrong, fmt.Sprintf("%s: %v", c.org.Name, err))
		}
		if err := same(s.counts[0], c); err != nil {
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
		for i, c := range s.counts {
			h, err := s.net.client.Height(ctx, c.org)
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
	for _, c := range s.counts {
		if err := c.read(ctx, s.net, height); err != nil {
			return err
		}
	}
	return nil
}

// sums compares each tranche's balances in a peer's blocks with the balances that the contract on that peer returns,
// with the payments in its slots, and with the acknowledgements of the clients.
func (s *Suite) sums(ctx context.Context, c *ledgerCount) error {
	paid := map[relief.TrancheID]relief.Fen{}
	for _, e := range c.slots {
		if e.credited {
			paid[c.batches[e.batch].Tranche] += e.amount
		}
	}
	for _, id := range tranches {
		inBlocks := c.tranches[relief.TrancheID(id)].Balances
		answer, err := s.net.client.Evaluate(ctx, c.org, c.org.Registrar, "fund:Get", `{"id":"`+id+`"}`)
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
			return fmt.Errorf("tranche %s: no payment is under way, but the balances are %+v", id, inBlocks)
		}
	}
	return nil
}

// Table prints a row for each fault.
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
