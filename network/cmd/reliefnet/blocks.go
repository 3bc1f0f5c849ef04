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
	"github.com/spf13/pflag"

	"relieftrail/network/audit/crosscheck"
	"relieftrail/network/fabric/admin"
	"relieftrail/network/topology"
)

// blocksFlags are whose blocks are read, and how what they show is printed.
type blocksFlags struct {
	as     string
	files  []string
	asJSON bool
}

func (f *blocksFlags) bind(flags *pflag.FlagSet) {
	flags.StringVar(&f.as, "as", "", "identity that asks, ORGANISATION/NAME (default: the first reader of the topology)")
	flags.StringArrayVar(&f.files, "file", nil, "read block files instead of asking peers: NAME=FOLDER, may be repeated")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON")
}

// open begins to check the channel's blocks; without files of blocks the peers that live knows are asked.
func (f *blocksFlags) open(t *topology.Topology, progress io.Writer, screens bool) (c *crosscheck.Checker, live *livePeers, err error) {
	first, err := firstHash(t)
	if err != nil {
		return nil, nil, err
	}
	live, sources, err := f.sources(t)
	if err != nil {
		return nil, nil, err
	}
	options := crosscheck.Options{Chaincode: t.Chaincode.Name, First: first, Screen: screens, Progress: teller(progress)}
	return crosscheck.New(sources, options), live, nil
}

// show prints what was worked out, as JSON if that was asked for. Findings of the check on the way are an error.
func (f *blocksFlags) show(cmd *cobra.Command, of interface{ Print(w io.Writer) }, findings int) error {
	if f.asJSON {
		encoder := json.NewEncoder(cmd.OutOrStdout())
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(of); err != nil {
			return err
		}
	} else {
		of.Print(cmd.OutOrStdout())
	}
	if findings > 0 {
		return fmt.Errorf("%d findings: docs/guides/auditor.md explains them", findings)
	}
	return nil
}

// asOfFlags are whose blocks are read, and which is the last of them that counts.
type asOfFlags struct {
	blocksFlags
	toBlock int64
}

func (f *asOfFlags) bind(flags *pflag.FlagSet) {
	f.blocksFlags.bind(flags)
	flags.Int64Var(&f.toBlock, "to-block", -1, "the last block that counts (default: as far as all peers have blocks)")
}

// check checks the ledger up to and including the last block that counts.
func (f *asOfFlags) check(ctx context.Context, t *topology.Topology, progress io.Writer, screens bool) (*crosscheck.Checker, error) {
	c, live, err := f.open(t, progress, screens)
	if err != nil {
		return nil, err
	}
	if live != nil {
		defer live.Close()
	}
	until := c.Heights(ctx)
	if f.toBlock >= 0 {
		if uint64(f.toBlock) >= until {
			return nil, fmt.Errorf("--to-block: the ledger's last block is %d", int64(until)-1) //nolint:gosec // a height
		}
		until = uint64(f.toBlock) + 1
	}
	return c, c.To(ctx, until)
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

func (f *blocksFlags) sources(t *topology.Topology) (*livePeers, []crosscheck.Source, error) {
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
func (f *blocksFlags) member(t *topology.Topology) (admin.Member, error) {
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
