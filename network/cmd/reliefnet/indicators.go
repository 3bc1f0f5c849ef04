package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/network/audit/crosscheck"
	"relieftrail/network/topology"
)

// indicatorsFlags are whose indicators are wanted, and as of which block.
type indicatorsFlags struct {
	crosscheckFlags
	programme, region, period string
	toBlock                   int64
}

func indicatorsCommand(load loader) *cobra.Command {
	var f indicatorsFlags
	cmd := &cobra.Command{
		Use:   "indicators",
		Short: "Work indicators out from the blocks alone; exit 1 when the ledger is not sound",
		Long: `Work the indicators of relief out from the blocks of every organisation's own peer, up to and
including a block: numerator, denominator, target, score and grade, and a digest. A gateway's
GET /v1/indicators with the same block answers with the same digest, or one of them is wrong.
Everything else that crosscheck verifies is verified on the way.`,
		Example: `  reliefnet crosscheck indicators --to-block 4711
  reliefnet crosscheck indicators --programme dibao --region 530181 --period 2026 --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			questions, err := f.questions()
			if err != nil {
				return err
			}
			o, err := load(cmd)
			if err != nil {
				return err
			}
			found, err := f.run(cmd.Context(), o.Topology, cmd.ErrOrStderr(), questions)
			if err != nil {
				return err
			}
			return printed(cmd, f.asJSON, found, len(found.Findings))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.as, "as", "", "identity that asks, ORGANISATION/NAME (default: the first reader of the topology)")
	flags.StringArrayVar(&f.files, "file", nil, "read block files instead of asking peers: NAME=FOLDER, may be repeated")
	flags.Int64Var(&f.toBlock, "to-block", -1, "the last block that counts (default: as far as all peers have blocks)")
	flags.StringVar(&f.programme, "programme", "", "with --region and --period: one report in place of one a closed month")
	flags.StringVar(&f.region, "region", "", "county, prefecture or province")
	flags.StringVar(&f.period, "period", "", "2026-11, 2026-Q4 or 2026")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON")
	return cmd
}

// printed prints what was worked out from blocks. An error says that the blocks are not sound.
func printed(cmd *cobra.Command, asJSON bool, found interface{ Print(io.Writer) }, findings int) error {
	if asJSON {
		encoder := json.NewEncoder(cmd.OutOrStdout())
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(found); err != nil {
			return err
		}
	} else {
		found.Print(cmd.OutOrStdout())
	}
	if findings > 0 {
		return fmt.Errorf("%d findings: docs/guides/auditor.md explains them", findings)
	}
	return nil
}

// questions are what the flags ask for; none for all closed months.
func (f *indicatorsFlags) questions() ([]indicator.Question, error) {
	if f.programme == "" && f.region == "" && f.period == "" {
		return nil, nil
	}
	if f.programme == "" || f.region == "" || f.period == "" {
		return nil, errors.New("--programme, --region and --period belong together")
	}
	var q indicator.Question
	var errs [3]error
	q.Programme, errs[0] = relief.ParseProgrammeID(f.programme)
	q.Region, errs[1] = relief.ParseRegion(f.region)
	q.Period, errs[2] = indicator.ParseSpan(f.period)
	return []indicator.Question{q}, errors.Join(errs[:]...)
}

func (f *indicatorsFlags) run(ctx context.Context, t *topology.Topology, progress io.Writer, questions []indicator.Question) (*crosscheck.Indicators, error) {
	c, done, err := f.toTheBlock(ctx, t, progress, f.toBlock, false)
	if err != nil {
		return nil, err
	}
	defer done()
	return c.Indicators(questions...)
}

// toTheBlock checks the ledger up to and including a block; -1 for as far as all peers have blocks. The caller ends with done.
func (f *crosscheckFlags) toTheBlock(
	ctx context.Context, t *topology.Topology, progress io.Writer, block int64, screens bool,
) (c *crosscheck.Checker, done func(), err error) {
	first, err := firstHash(t)
	if err != nil {
		return nil, nil, err
	}
	live, sources, err := f.sources(t)
	if err != nil {
		return nil, nil, err
	}
	done = func() {}
	if live != nil {
		done = func() { live.Close() }
	}
	c = crosscheck.New(sources, crosscheck.Options{Chaincode: t.Chaincode.Name, First: first, Screen: screens, Progress: teller(progress)})
	until := c.Heights(ctx)
	if block >= 0 {
		if uint64(block) >= until {
			done()
			return nil, nil, fmt.Errorf("--to-block: the ledger's last block is %d", int64(until)-1) //nolint:gosec // a height
		}
		until = uint64(block) + 1
	}
	if err := c.To(ctx, until); err != nil {
		done()
		return nil, nil, err
	}
	return c, done, nil
}
