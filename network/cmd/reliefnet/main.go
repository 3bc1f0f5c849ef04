package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"relieftrail/network/fabric/admin"
	"relieftrail/network/operator"
	"relieftrail/network/topology"
)

func main() {
	// What the network writes is for its owner alone, whatever program writes it.
	syscall.Umask(0o077)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "reliefnet:", strings.Join(strings.Fields(err.Error()), " "))
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	admin.Quiet()
	root := newCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return root.ExecuteContext(ctx)
}

func newCommand() *cobra.Command {
	var opts topology.Options
	var offset int
	root := &cobra.Command{
		Use:   "reliefnet",
		Short: "Run a relieftrail network",
		Long: `Run a relieftrail network: three agencies, each with its own certificate authority,
orderer, peer, chaincode and gateway.

Every setting of the topology file can also be set in the environment, as RELIEFNET_ and
the setting's name: RELIEFNET_STATE, RELIEFNET_NODES_DIR ...
A second network beside the first one needs a folder and ports of its own:
  reliefnet up --state .relieftrail/second --port-offset 10000`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&opts.File, "topology", "", "topology file (default: the built-in development network)")
	flags.StringVar(&opts.State, "state", "", "folder for everything the network writes (default: .relieftrail in the checkout)")
	flags.IntVar(&offset, "port-offset", 0, "number that is added to every port of the topology")
	load := func(cmd *cobra.Command) (*operator.Operator, error) {
		if cmd.Flags().Changed("port-offset") {
			opts.PortOffset = &offset
		}
		t, err := topology.Load(opts)
		if err != nil {
			return nil, err
		}
		return operator.New(t, cmd.OutOrStdout()), nil
	}
	root.AddCommand(upCommand(load), downCommand(load), statusCommand(load), logsCommand(load),
		deployCommand(load), enrolCommand(load), inviteCommand(load), callCommand(load), resetCommand(load), crosscheckCommand(load), compactCommand(load),
		revokeCommand(load), renewCommand(load), expiringCommand(load), keysCommand(load))
	return root
}

// loader makes the operator that a command's flags and environment ask for.
type loader func(cmd *cobra.Command) (*operator.Operator, error)
