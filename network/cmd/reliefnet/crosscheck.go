package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/golang/protobuf/proto" //nolint:staticcheck // the SDK's generation of Fabric's messages needs it
	"github.com/hyperledger/fabric-protos-go/common"
	"github.com/spf13/cobra"

	"relieftrail/network/audit/crosscheck"
	"relieftrail/network/fabric/admin"
	"relieftrail/network/host/webget"
	"relieftrail/network/topology"
)

// crosscheckFlags are what to check and how to print it.
type crosscheckFlags struct {
	as       string
	from, to uint64
	keep     string
	files    []string
	asJSON   bool
}

func crosscheckCommand(load loader) *cobra.Command {
	var f crosscheckFlags
	cmd := &cobra.Command{
		Use:   "crosscheck",
		Short: "Verify the ledger from every organisation's own peer; exit 1 when anything differs",
		Long: `Verify the ledger from every organisation's own peer: at every block the chain of hashes,
every signature, who endorsed, which transactions were valid, and the money. No peer's
statement is believed; docs/guides/auditor.md explains each finding.

One identity of any member of the channel is enough. It reads blocks (the channel's policy
Readers) and asks chaincode for tranches and batches (policy Writers and the duty "read").`,
		Example: `  reliefnet crosscheck --as audit/audit-reader
  reliefnet crosscheck --keep audit.kept             # goes on where the last run ended
  reliefnet crosscheck --file finance=/copy/of/relief --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			report, err := f.run(cmd.Context(), o.Topology, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if f.asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				if err := encoder.Encode(report); err != nil {
					return err
				}
			} else {
				report.Print(cmd.OutOrStdout())
			}
			if !report.Sound() {
				return fmt.Errorf("%d findings: docs/guides/auditor.md explains them", len(report.Findings)+report.Dropped)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.as, "as", "", "identity that asks, ORGANISATION/NAME (default: the first reader of the topology)")
	flags.Uint64Var(&f.from, "from", 0, "first block; state and money are computed only from block 0 on")
	flags.Uint64Var(&f.to, "to", 0, "block before which to end (default: as far as all peers have blocks)")
	flags.StringVar(&f.keep, "keep", "", "file that keeps where a run ends; the next run goes on there")
	flags.StringArrayVar(&f.files, "file", nil, "read block files instead of asking peers: NAME=FOLDER, may be repeated")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON")
	cmd.AddCommand(indicatorsCommand(load), screeningCommand(load))
	return cmd
}

func (f *crosscheckFlags) run(ctx context.Context, t *topology.Topology, progress io.Writer) (*crosscheck.Report, error) {
	if f.keep != "" && f.from > 0 {
		return nil, errors.New("--keep and --from exclude each other: --keep goes on where the last run ended")
	}
	first, err := firstHash(t)
	if err != nil {
		return nil, err
	}
	live, sources, err := f.sources(t)
	if err != nil {
		return nil, err
	}
	if live != nil {
		defer live.Close()
	}
	c := crosscheck.New(sources, crosscheck.Options{Chaincode: t.Chaincode.Name, First: first, Progress: teller(progress)})
	if err := f.begin(ctx, c); err != nil {
		return nil, err
	}
	from, began := c.Next(), time.Now()
	until := c.Heights(ctx)
	c.Lag(heightsApart)
	if f.to > 0 {
		until = min(until, f.to)
	}
	checkpoints, notChecked := f.checkpoints(ctx, t, live)
	if err := f.advance(ctx, c, until); err != nil {
		return nil, errors.Join(err, f.save(c))
	}
	if live != nil && f.to == 0 {
		moving, err := c.Answers(ctx, live.ask)
		if err != nil {
			return nil, errors.Join(err, f.save(c))
		}
		notChecked = append(notChecked, moving...)
		for of, notes := range checkpoints {
			for organisation, note := range notes {
				c.Checkpoint(organisation, of, note)
			}
		}
	}
	report := c.Report(from, time.Since(began))
	report.NotChecked = append(report.NotChecked, notChecked...)
	return report, f.save(c)
}

// heightsApart is how many blocks a peer may be behind the others while blocks are added.
const heightsApart = 10

func (f *crosscheckFlags) begin(ctx context.Context, c *crosscheck.Checker) error {
	if f.keep == "" {
		return c.Begin(ctx, f.from)
	}
	file, err := os.Open(f.keep)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(c.Resume(file), file.Close())
}

// blocksKept is how many blocks of a long run are lost at most when the machine stops: so often the state is kept.
const blocksKept = 10_000

// advance checks blocks up to a height, and keeps the state now and then.
func (f *crosscheckFlags) advance(ctx context.Context, c *crosscheck.Checker, until uint64) error {
	for f.keep != "" && c.Next()+blocksKept < until {
		if err := errors.Join(c.To(ctx, c.Next()+blocksKept), f.save(c)); err != nil {
			return err
		}
	}
	return c.To(ctx, until)
}

// save keeps where a run ended. The file is written whole or not at all.
func (f *crosscheckFlags) save(c *crosscheck.Checker) error {
	if f.keep == "" || c.Next() == 0 {
		return nil
	}
	file, err := os.CreateTemp(filepath.Dir(f.keep), ".kept-*")
	if err != nil {
		return err
	}
	if err := errors.Join(c.Keep(file), file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), f.keep); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// firstHash is the hash of the auditor's own copy of the channel's first block, if there is one.
func firstHash(t *topology.Topology) ([]byte, error) {
	text, err := os.ReadFile(t.Genesis())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	block := &common.Block{}
	if err := proto.Unmarshal(text, block); err != nil {
		return nil, fmt.Errorf("%s: %w", t.Genesis(), err)
	}
	b := crosscheck.FromMessage(block)
	hash := b.Hash()
	return hash[:], nil
}

// teller prints progress, a line for each call.
func teller(out io.Writer) func(crosscheck.Progress) {
	began := time.Now()
	return func(p crosscheck.Progress) {
		fmt.Fprintf(out, "%5.1fs  block %d of %d: %d transactions, %d signatures, %d findings\n",
			time.Since(began).Seconds(), p.Block, p.Until, p.Count.Transactions, p.Count.Signatures, p.Findings)
	}
}

func (f *crosscheckFlags) sources(t *topology.Topology) (*livePeers, []crosscheck.Source, error) {
	var sources []crosscheck.Source
	for _, file := range f.files {
		name, path, named := strings.Cut(file, "=")
		if !named {
			name, path = file, file
		}
		s, err := crosscheck.OpenFiles(name, path)
		if err != nil {
			return nil, nil, err
		}
		sources = append(sources, s)
	}
	if len(sources) > 0 {
		return nil, sources, nil
	}
	who, err := f.member(t)
	if err != nil {
		return nil, nil, err
	}
	network, err := admin.Connect(t)
	if err != nil {
		return nil, nil, err
	}
	live := &livePeers{Network: network, who: who}
	for _, n := range t.NodesOf(topology.KindPeer) {
		sources = append(sources, &peerSource{live, n})
	}
	return live, sources, nil
}

// member is the identity that asks.
func (f *crosscheckFlags) member(t *topology.Topology) (admin.Member, error) {
	if f.as != "" {
		name, user, _ := strings.Cut(f.as, "/")
		o, err := t.Organisation(name)
		if err != nil {
			return admin.Member{}, err
		}
		if user == "" || user != filepath.Base(user) {
			return admin.Member{}, fmt.Errorf("--as: must be ORGANISATION/NAME, not %q", f.as)
		}
		return admin.Member{Organisation: o, User: user}, nil
	}
	for _, o := range t.Organisations {
		for _, p := range o.Principals {
			if p.Role == "reader" {
				return admin.Member{Organisation: o, User: p.Name}, nil
			}
		}
	}
	return admin.Member{}, errors.New("the topology has no principal with the role reader: name one with --as ORGANISATION/NAME")
}

// checkpoints asks every gateway for the checkpoints of its logs, and lists those that gave none.
func (f *crosscheckFlags) checkpoints(
	ctx context.Context, t *topology.Topology, live *livePeers,
) (notes map[crosscheck.LogOf]map[string][]byte, notChecked []string) {
	notes = map[crosscheck.LogOf]map[string][]byte{crosscheck.OfPayments: {}, crosscheck.OfStatements: {}}
	if live == nil || f.to > 0 {
		return notes, nil
	}
	for _, n := range t.NodesOf(topology.KindGateway) {
		for _, of := range []crosscheck.LogOf{crosscheck.OfPayments, crosscheck.OfStatements} {
			note, err := webget.Get(ctx, n.URL()+string(of))
			if err != nil {
				notChecked = append(notChecked, fmt.Sprintf("log of %s of %s's gateway: %v", of.Noun(), n.Organisation.Name, err))
				continue
			}
			notes[of][n.Organisation.Name] = note
		}
	}
	return notes, notChecked
}

// livePeers asks peers that run.
type livePeers struct {
	*admin.Network
	who admin.Member
}

func (l *livePeers) ask(ctx context.Context, organisation, function, argument string) ([]byte, error) {
	at, err := l.Topology.Organisation(organisation)
	if err != nil {
		return nil, err
	}
	return l.EvaluateAt(ctx, l.who, at.Node(topology.KindPeer), function, argument)
}

// peerSource is the ledger of one peer.
type peerSource struct {
	*livePeers
	at *topology.Node
}

func (s *peerSource) Organisation() string { return s.at.Organisation.Name }

func (s *peerSource) Height(ctx context.Context) (uint64, error) { return s.HeightAt(ctx, s.who, s.at) }

func (s *peerSource) Blocks(ctx context.Context, from, until uint64, yield func(crosscheck.Block, error) bool) {
	s.Network.Blocks(ctx, s.who, s.at, from, until, func(n uint64, b *common.Block, err error) bool {
		if err != nil {
			return yield(crosscheck.Block{Number: n}, err)
		}
		return yield(crosscheck.FromMessage(b), nil)
	})
}
