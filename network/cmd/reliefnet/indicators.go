package main

import (
	"errors"

	"github.com/spf13/cobra"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
)

// indicatorsFlags are whose indicators are wanted, and as of which block.
type indicatorsFlags struct {
	asOfFlags
	programme, region, period string
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
			c, err := f.check(cmd.Context(), o.Topology, cmd.ErrOrStderr(), false)
			if err != nil {
				return err
			}
			found, err := c.Indicators(questions...)
			if err != nil {
				return err
			}
			return f.show(cmd, found, len(found.Findings))
		},
	}
	flags := cmd.Flags()
	f.bind(flags)
	flags.StringVar(&f.programme, "programme", "", "with --region and --period: one report in place of one a closed month")
	flags.StringVar(&f.region, "region", "", "county, prefecture or province")
	flags.StringVar(&f.period, "period", "", "2026-11, 2026-Q4 or 2026")
	return cmd
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
