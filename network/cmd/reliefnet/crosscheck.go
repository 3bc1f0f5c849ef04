package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"relieftrail/network/audit/crosscheck"
	"relieftrail/network/host/webget"
	"relieftrail/network/topology"
)

// crosscheckFlags are what to check.
type crosscheckFlags struct {
	blocksFlags
	from, to uint64
	keep     string
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
			return f.show(cmd, report, len(report.Findings)+report.Dropped)
		},
	}
	flags := cmd.Flags()
	f.bind(flags)
	flags.Uint64Var(&f.from, "from", 0, "first block; state and money are computed only from block 0 on")
	flags.Uint64Var(&f.to, "to", 0, "block before which to end (default: as far as all peers have blocks)")
	flags.StringVar(&f.keep, "keep", "", "file that keeps where a run ends; the next run goes on there")
	cmd.AddCommand(indicatorsCommand(load), screeningCommand(load))
	return cmd
}

func (f *crosscheckFlags) run(ctx context.Context, t *topology.Topology, progress io.Writer) (*crosscheck.Report, error) {
	if f.keep != "" && f.from > 0 {
		return nil, errors.New("--keep and --from exclude each other: --keep goes on where the last run ended")
	}
	c, live, err := f.open(t, progress, false)
	if err != nil {
		return nil, err
	}
	if live != nil {
		defer live.Close()
	}
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
