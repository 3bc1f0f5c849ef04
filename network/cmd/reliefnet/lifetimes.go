package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"relieftrail/network/operator"
)

func revokeCommand(load loader) *cobra.Command {
	var r operator.Revocation
	cmd := &cobra.Command{
		Use:   "revoke NAME --org ORGANISATION",
		Short: "End every certificate of an official, administrator, gateway, peer or orderer at once",
		Long: `End every certificate of a name at once, with the keys of its own organisation alone: the token is
deleted, the authority revokes all certificates that it has issued to the name, also those that a
thief obtained, the official's entry on the ledger names them, and the list of revoked certificates
goes into the channel's configuration, which every peer and orderer follows. The same command again
does what is missing. The official goes on with reliefnet renew, unless --retire ends the name, too.
NAME is a principal, admin, gateway, peer or orderer.`,
		Example: `  reliefnet revoke civil-preparer --org civil-affairs --reason 笔记本电脑被盗
  reliefnet revoke civil-preparer --org civil-affairs --reason 离职 --retire`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			r.Name = args[0]
			return o.Revoke(cmd.Context(), r)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&r.Organisation, "org", "", "organisation, by its name in the topology")
	flags.StringVar(&r.Reason, "reason", "密钥遗失或泄露", "why, for the ledger")
	flags.BoolVar(&r.Retire, "retire", false, "the official acts no more, and the name gets no new certificate")
	required(cmd, "org")
	return cmd
}

func renewCommand(load loader) *cobra.Command {
	var organisation string
	var all bool
	cmd := &cobra.Command{
		Use:   "renew [NAME ...] --org ORGANISATION",
		Short: "Issue new certificates for new keys before the old ones end",
		Long: `Issue new certificates for new keys to the names, or with --all to everybody and everything of the
organisation whose certificate ends within the term certificates.warn of the topology. --all leaves out
what has expired or was revoked; name it when its holder may have a new one. A name that was revoked also
gets a new token. Gateways take up officials' certificates within seconds; nodes need scripts/up. Officials who
enrolled at a gateway are invited again and get the new certificate at their next sign-in.
NAME is a principal, or admin, operator, ca, ra, orderer, peer, chaincode or gateway.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return errors.New("name whose certificates are renewed, or say --all")
			}
			o, err := load(cmd)
			if err != nil {
				return err
			}
			return o.Renew(cmd.Context(), operator.Renewal{Organisation: organisation, Names: args})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&organisation, "org", "", "organisation, by its name in the topology")
	flags.BoolVar(&all, "all", false, "all whose end is near")
	required(cmd, "org")
	return cmd
}

func expiringCommand(load loader) *cobra.Command {
	var within int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "expiring",
		Short: "List the certificates that end within some days; exit 1 when there are any",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("days") {
				within = int(o.Topology.Certificates.Warn / (24 * time.Hour))
			}
			found, err := o.Expiring(time.Duration(within) * 24 * time.Hour)
			if err != nil {
				return err
			}
			if err := printExpiring(cmd, found, asJSON); err != nil {
				return err
			}
			if len(found) > 0 {
				return fmt.Errorf("%d certificates end within %d days: reliefnet renew --all --org ORGANISATION", len(found), within)
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&within, "days", 30, "how many days (default: certificates.warn of the topology)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printExpiring(cmd *cobra.Command, found []operator.Ending, asJSON bool) error {
	out := cmd.OutOrStdout()
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(found)
	}
	if len(found) == 0 {
		fmt.Fprintln(out, "No certificate ends in that time.")
		return nil
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "DAYS\tENDS\tORGANISATION\tNAME\tUSE\tFILE")
	for _, e := range found {
		use := e.Use
		if e.Revoked {
			use += ", revoked"
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\n", e.Days, e.NotAfter.Local().Format(time.DateTime), e.Organisation, e.Name, use, e.File)
	}
	return table.Flush()
}

// required marks a flag of a command that must be given.
func required(cmd *cobra.Command, flag string) {
	if err := cmd.MarkFlagRequired(flag); err != nil {
		panic(err) // a flag of the caller itself
	}
}
