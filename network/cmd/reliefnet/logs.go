package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
)

func logsCommand(load loader) *cobra.Command {
	var follow bool
	var lines int
	cmd := &cobra.Command{
		Use:     "logs NODE",
		Short:   "Show what a node wrote, such as finance/peer",
		Example: "  reliefnet logs finance/peer -n 50 -f",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			node, err := o.Topology.Node(args[0])
			if err != nil {
				return err
			}
			file, err := os.Open(node.LogFile())
			if errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("%s has not written anything yet: it was never started", args[0])
			}
			if err != nil {
				return err
			}
			defer file.Close()
			if err := tail(file, lines, cmd.OutOrStdout()); err != nil {
				return err
			}
			if follow {
				return more(cmd.Context(), file, cmd.OutOrStdout())
			}
			return nil
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "keep showing what it writes")
	cmd.Flags().IntVarP(&lines, "lines", "n", 200, "how many of the last lines")
	return cmd
}

// tail writes the last lines of a file and leaves it at its end.
func tail(file io.Reader, lines int, out io.Writer) error {
	var last [][]byte
	reader := bufio.NewReader(file)
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			last = append(last, line)
			if len(last) > max(lines, 0) {
				last = last[1:]
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	_, err := out.Write(bytes.Join(last, nil))
	return err
}

// more writes what is added to a file until it is told to stop.
func more(ctx context.Context, file io.Reader, out io.Writer) error {
	for {
		if _, err := io.Copy(out, file); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(300 * time.Millisecond):
		}
	}
}
