package main

import (
	"errors"

	"github.com/spf13/cobra"

	"relieftrail/chaincode/relief"
)

// screeningFlags are where is screened, and as of which block.
type screeningFlags struct {
	asOfFlags
	region string
}

func screeningCommand(load loader) *cobra.Command {
	var f screeningFlags
	cmd := &cobra.Command{
		Use:   "screening",
		Short: "Screen a region from the blocks alone; exit 1 when the ledger is not sound",
		Long: `Carry out the rules of screening in a county, prefecture or province on the blocks of every
organisation's own peer, up to and including a block, and print the alerts and a digest. gateway
screen check with the same region and block prints the same digest, or one of them is wrong.
Everything else that crosscheck verifies is verified on the way.`,
		Example: `  reliefnet crosscheck screening --region 530181 --to-block 4711`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			region, err := relief.ParseRegion(f.region)
			if err != nil || len(region) > 6 {
				return errors.New("--region: give a county, prefecture or province, such as 530181")
			}
			o, err := load(cmd)
			if err != nil {
				return err
			}
			c, err := f.check(cmd.Context(), o.Topology, cmd.ErrOrStderr(), true)
			if err != nil {
				return err
			}
			found, err := c.Screening(region)
			if err != nil {
				return err
			}
			return f.show(cmd, found, len(found.Findings))
		},
	}
	flags := cmd.Flags()
	f.bind(flags)
	flags.StringVar(&f.region, "region", "", "county, prefecture or province")
	return cmd
}
