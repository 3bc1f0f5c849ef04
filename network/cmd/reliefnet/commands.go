package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"relieftrail/network/topology"
)

func upCommand(load loader) *cobra.Command {
	return &cobra.Command{
		Use:   "up",
		Short: "Bring the network up and wait until it works",
		Long: `Bring the network up, and wait until every agency can have a transaction endorsed by all
agencies and every gateway serves. Only what is missing is done: on a network that was
stopped or killed, nodes that do not run are started, with the same ledger; on a network
that runs, nothing changes. Chaincode that has changed since is deployed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			began := time.Now()
			if err := o.Up(cmd.Context()); err != nil {
				return err
			}
			summary(cmd, o.Topology, time.Since(began))
			return nil
		},
	}
}

func summary(cmd *cobra.Command, t *topology.Topology, took time.Duration) {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "\nNetwork %s is ready after %.1f s.\n", t.Name, took.Seconds())
	if gateways := t.NodesOf(topology.KindGateway); len(gateways) > 0 {
		for _, n := range gateways {
			fmt.Fprintf(out, "  %-14s %s\n", n.Organisation.Name, n.URL())
		}
		fmt.Fprintf(out, "Tokens:  %s/NAME.token, sent as \"Authorization: Bearer TOKEN\"\n", t.Tokens())
	}
	fmt.Fprintf(out, "State:   %s\n", t.State)
	fmt.Fprintln(out, "Next:    scripts/demo shows a month; reliefnet status, logs NODE; scripts/down stops it, the ledger stays")
}

func downCommand(load loader) *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Stop every process of the network; the ledger stays",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			stopped, err := o.Down()
			if err != nil {
				return err
			}
			if stopped == 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "Nothing of network %s was running.\n", o.Topology.Name)
				return nil
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Stopped %d processes of network %s. What they wrote is in %s.\n",
				stopped, o.Topology.Name, o.Topology.State)
			return nil
		},
	}
}

func resetCommand(load loader) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "reset --yes",
		Short: "Stop the network and delete its ledgers, certificates and keys",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			return o.Reset(yes)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "delete it; without this flag reset only names what it would delete")
	return cmd
}

func deployCommand(load loader) *cobra.Command {
	return &cobra.Command{
		Use:   "deploy",
		Short: "Build the chaincode and put it on the channel of a running network",
		Long: `Build the chaincode, install it on each peer, approve it for each agency and commit it.
When the channel has this program, these collections and this endorsement policy already,
nothing happens. Otherwise they become the next sequence and the chaincode processes restart.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			return o.Deploy(cmd.Context())
		},
	}
}

func enrolCommand(load loader) *cobra.Command {
	var organisation string
	var p topology.Principal
	cmd := &cobra.Command{
		Use:     "enrol",
		Short:   "Have a certificate authority issue a certificate to one more official or system",
		Example: "  reliefnet enrol --org civil-affairs --name li-wei --role preparer --region 530181",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			pair, err := o.Enrol(cmd.Context(), organisation, p)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s has a certificate of %s as %s in %s.\ncertificate  %s\nkey          %s\n"+
				"They can act once the agency's registrar has registered them (official:Register).\n",
				p.Name, organisation, p.Role, p.Region, pair.Cert, pair.Key)
			return nil
		},
	}
	principalFlags(cmd, &organisation, &p)
	return cmd
}

// principalFlags are those that say who is registered with which authority.
func principalFlags(cmd *cobra.Command, organisation *string, p *topology.Principal) {
	flags := cmd.Flags()
	flags.StringVar(organisation, "org", "", "organisation, by its name in the topology")
	flags.StringVar(&p.Name, "name", "", "name in the certificate")
	flags.StringVar(&p.Role, "role", "", "its role: preparer, approver, reader, registrar, township or village")
	flags.StringVar(&p.Region, "region", "", "the region that it is responsible for, as a GB/T 2260 code")
	for _, name := range []string{"org", "name", "role", "region"} {
		required(cmd, name)
	}
}

func inviteCommand(load loader) *cobra.Command {
	var organisation string
	var p topology.Principal
	var days int
	cmd := &cobra.Command{
		Use:   "invite",
		Short: "Register an official who enrols at the first sign-in with the agency's provider",
		Long: `Register an official with the organisation's certificate authority. The gateway gets a certificate for
them, once, when they sign in with the agency's provider for the first time: it makes the key and keeps it
encrypted. No file is edited and nothing is restarted. Until then the invitation can be given again,
which ends the one before, or withdrawn with reliefnet revoke. reliefnet renew gives a new one before the
certificate ends.`,
		Example: "  reliefnet invite --org civil-affairs --name li-wei --role preparer --region 530181",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if days < 1 || days > 90 {
				return fmt.Errorf("--days must be from 1 to 90, not %d", days)
			}
			o, err := load(cmd)
			if err != nil {
				return err
			}
			if err := o.Invite(cmd.Context(), organisation, p, time.Now().AddDate(0, 0, days)); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s can enrol as %s in %s. They come in once the agency's registrar has registered them (official:Register).\n",
				p.Name, p.Role, p.Region)
			return nil
		},
	}
	principalFlags(cmd, &organisation, &p)
	cmd.Flags().IntVar(&days, "days", 14, "how long the invitation counts")
	return cmd
}

func compactCommand(load loader) *cobra.Command {
	var organisation string
	cmd := &cobra.Command{
		Use:   "compact --org NAME",
		Short: "Rewrite the databases of a stopped peer without what was deleted",
		Long: `Rewrite the databases of an organisation's peer without what was deleted. The peer must be stopped.
Erased private details are gone for every reader at once. On disk their sealed bytes may stay
until the database rewrites the part that holds them; this command rewrites all parts now.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			org, err := o.Topology.Organisation(organisation)
			if err != nil {
				return err
			}
			n, err := o.Compact(org.Node(topology.KindPeer))
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d databases of %s's peer rewritten.\n", n, organisation)
			return nil
		},
	}
	cmd.Flags().StringVar(&organisation, "org", "", "organisation, by its name in the topology")
	if err := cmd.MarkFlagRequired("org"); err != nil {
		panic(err) // a flag of this very function
	}
	return cmd
}
