package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// points are the crash points of a gateway, in the order in which a write passes them: a file was claimed; a transaction was
// endorsed, kept on disk, submitted, seen in a block, deleted from disk; a job's end was kept.
var points = []string{"claimed", "endorsed", "kept", "submitted", "committed", "settled", "job-done", "gathered"}

// of is the first value in a short run and the second one in a long run.
func of[T any](s *Suite, short, long T) T {
	if s.long {
		return long
	}
	return short
}

// names lists the nodes of some kinds, of all organisations.
func (s *Suite) names(kinds ...string) []string {
	return topology.Names(s.net.NodesOf(kinds...))
}

// killLeader kills the leading orderer, and then each new leader.
func (s *Suite) killLeader(t *testing.T) {
	s.under(t, "kill -9 of the Raft leader", func(ctx context.Context) error {
		for range of(s, 1, 20) {
			leader, err := s.net.leader(ctx)
			if err != nil {
				return err
			}
			if err := s.killed(ctx, leader.Name, of(s, time.Second, time.Duration(rand.IntN(4000))*time.Millisecond)); err != nil { //nolint:gosec // no secret
				return err
			}
		}
		return nil
	})
}

// killed kills a process, leaves it dead for a while, starts it again and waits until the network and all clients work.
func (s *Suite) killed(ctx context.Context, name string, dead time.Duration) error {
	if err := s.net.kill(name); err != nil {
		return err
	}
	s.now.times++
	if err := wait(ctx, dead); err != nil {
		return err
	}
	if err := s.net.start(name, nil); err != nil {
		return err
	}
	return s.heal(ctx)
}

// killEach kills every node of a kind, one after the other.
func (s *Suite) killEach(t *testing.T, kind string) {
	s.under(t, "kill -9 of each "+kind, func(ctx context.Context) error {
		for range of(s, 1, 3) {
			for i, name := range s.names(kind) {
				if !s.long && i > 0 {
					break
				}
				if err := s.killed(ctx, name, time.Second); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// killGatewaysAtRandom kills gateways at random moments.
func (s *Suite) killGatewaysAtRandom(t *testing.T) {
	s.under(t, "kill -9 of a gateway at a random time", func(ctx context.Context) error {
		gateways := s.names(topology.KindGateway)
		for i := range of(s, 2, 24) {
			if err := wait(ctx, time.Duration(rand.IntN(1500))*time.Millisecond); err != nil { //nolint:gosec // no secret
				return err
			}
			if err := s.killed(ctx, gateways[i%len(gateways)], 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// crashGateways ends the gateways that write, at each of the points.
func (s *Suite) crashGateways(t *testing.T) {
	binary := filepath.Join(s.net.NodeSettings.Cache, "gateway-crashpoints")
	require.NoError(t, s.build(t.Context(), binary, "crashpoints", s.net.Gateway.Package))
	s.under(t, "a gateway ends between endorse, submit and status", func(ctx context.Context) error {
		gateways := s.names(topology.KindGateway)[:2] // civil affairs and finance: audit writes nothing
		for round := range of(s, 1, 2) {
			for i, point := range points {
				for j, name := range gateways {
					if !s.long && i%2 != j {
						continue
					}
					if err := s.crash(ctx, name, binary, fmt.Sprintf("%s:%d", point, 1+(i+j+round)%4)); err != nil {
						return fmt.Errorf("%s at %s: %w", name, point, err)
					}
				}
			}
		}
		return nil
	})
}

func (s *Suite) crash(ctx context.Context, name, binary, point string) error {
	node, err := s.net.Node(name)
	if err != nil {
		return err
	}
	begin, err := os.Stat(node.LogFile())
	if err != nil {
		return err
	}
	err = s.net.restart(name, func(p *process.Process) {
		p.Exe = binary
		p.Env = append(p.Env, "CRASHPOINT="+point)
	})
	if err != nil {
		return err
	}
	if err := s.net.gone(ctx, name, time.Minute); err != nil {
		return err
	}
	if said := process.LastWords(node.LogFile(), begin.Size()); strings.HasPrefix(said, "gateway: ") { // a kill says nothing
		return fmt.Errorf("it ended before it came to %s: %s", point, said)
	}
	s.now.times++
	if err := s.net.start(name, nil); err != nil {
		return err
	}
	return s.heal(ctx)
}

// stop halts every node for a while, one after the other. The short form halts one node of each kind.
func (s *Suite) stop(t *testing.T) {
	kinds := []string{topology.KindOrderer, topology.KindPeer, topology.KindChaincode, topology.KindGateway}
	if !s.long {
		var names []string
		for _, kind := range kinds {
			names = append(names, s.names(kind)[0])
		}
		s.standStill(t, "one of each kind stands still for 2 s", names, 2*time.Second)
		return
	}
	for _, kind := range kinds {
		s.standStill(t, "each "+kind+" stands still for 30 s", s.names(kind), 30*time.Second)
	}
}

func (s *Suite) standStill(t *testing.T, what string, names []string, d time.Duration) {
	s.under(t, what, func(ctx context.Context) error {
		for _, name := range names {
			if err := s.net.signal(name, syscall.SIGSTOP); err != nil {
				return err
			}
			s.now.times++
			err := wait(ctx, d)
			if e := s.net.signal(name, syscall.SIGCONT); e != nil {
				return e
			}
			if err != nil {
				return err
			}
			if err := s.heal(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// loseQuorum leaves one orderer of three for a while, so that nothing can be ordered.
func (s *Suite) loseQuorum(t *testing.T) {
	d := of(s, 5*time.Second, time.Minute)
	s.under(t, fmt.Sprintf("two of three orderers dead for %.0f s", d.Seconds()), func(ctx context.Context) error {
		names := s.names(topology.KindOrderer)[:2]
		for _, name := range names {
			if err := s.net.kill(name); err != nil {
				return err
			}
		}
		s.now.times++
		if err := wait(ctx, d); err != nil {
			return err
		}
		for _, name := range names {
			if err := s.net.start(name, nil); err != nil {
				return err
			}
		}
		return s.heal(ctx)
	})
}

// restartAll takes the network down and up again while clients pay: once in order, once by kill -9 of all processes.
func (s *Suite) restartAll(t *testing.T) {
	s.under(t, "the whole network restarted", func(ctx context.Context) error {
		for i := range of(s, 1, 4) {
			if i%2 == 1 {
				if out, err := s.net.Reliefnet("down"); err != nil {
					return fmt.Errorf("down: %w: %s", err, out)
				}
			} else {
				for name := range s.net.specs {
					_ = s.net.signal(name, syscall.SIGKILL) // some may be gone already
				}
				for name := range s.net.specs {
					if err := s.net.gone(ctx, name, 20*time.Second); err != nil {
						return err
					}
				}
			}
			s.now.times++
			if out, err := s.net.Reliefnet("up"); err != nil {
				return fmt.Errorf("up: %w: %s", err, out)
			}
			if err := s.net.learn(); err != nil {
				return err
			}
			if err := s.heal(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}
