package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"relieftrail/network/operator"
)

func statusCommand(load loader) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how every node is; exit 1 when one does not run or does not answer",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			status, err := o.Status(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				err = encoder.Encode(status)
			} else {
				err = printStatus(cmd.OutOrStdout(), status)
			}
			if err != nil {
				return err
			}
			return advice(status)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printStatus(out io.Writer, status operator.Status) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NODE\tSTATE\tPID\tPORT\tMEMORY\tBLOCKS\tDAYS LEFT\tLOG")
	for _, n := range status.Nodes {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", n.Node, n.State,
			blankZero(int64(n.PID), ""), n.Port, blankZero(n.MemoryMB, " MB"), blankZero(int64(n.Height), ""), daysLeft(n), n.Log) //nolint:gosec // a height fits
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nNetwork %s: %d MB in all, state in %s\n", status.Network, status.MemoryMB, status.State)
	for _, e := range status.Ending {
		fmt.Fprintf(out, "%s: the certificate (%s) of %s ends in %d days: reliefnet expiring says more\n", e.Organisation, e.Use, e.Name, e.Days)
	}
	for _, n := range status.Nodes {
		if n.Problem != "" {
			fmt.Fprintf(out, "%s %s: %s\n", n.Node, n.State, n.Problem)
		}
		for _, alert := range n.Alerts {
			fmt.Fprintf(out, "%s: %s\n", n.Node, alert)
		}
	}
	return nil
}

// advice is what to do about nodes that do not run or do not answer, as an error; nil when all do.
func advice(status operator.Status) error {
	count, alerts := map[string]int{}, 0
	for _, n := range status.Nodes {
		count[n.State]++
		alerts += len(n.Alerts)
	}
	bad := len(status.Nodes) - count[operator.Running]
	switch {
	case bad == 0 && alerts > 0:
		return errors.New("the transparency log is in dispute: docs/translog.md says what each alert means and what to do")
	case bad == 0:
		return nil
	case count[operator.Stopped] == len(status.Nodes):
		return errors.New("the network is down: scripts/up starts it")
	case count[operator.Silent] == bad:
		return fmt.Errorf("%d of %d nodes run but do not answer: look at their logs (reliefnet logs NODE); "+
			"if that does not help, scripts/down and scripts/up restart them", bad, len(status.Nodes))
	}
	return fmt.Errorf("%d of %d nodes are not running: scripts/up starts what is missing",
		bad-count[operator.Silent], len(status.Nodes))
}

func daysLeft(n operator.NodeStatus) string {
	if n.DaysLeft == nil {
		return ""
	}
	return strconv.Itoa(*n.DaysLeft)
}

func blankZero(n int64, unit string) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10) + unit
}
