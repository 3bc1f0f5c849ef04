package main

import (
	"errors"

	"github.com/spf13/cobra"

	"relieftrail/chaincode/relief"
)

// screeningFlags are where is screened, and as of which block.
type screeningFlags struct {
	crosscheckFlags
	region  string
	toBlock int64
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
			c, done, err := f.toTheBlock(cmd.Context(), o.Topology, cmd.ErrOrStderr(), f.toBlock, true)
			if err != nil {
				return err
			}
			defer done()
			found, err := c.Screening(region)
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
	flags.StringVar(&f.region, "region", "", "county, prefecture or province")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON")
	return cmd
}
