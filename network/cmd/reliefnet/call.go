package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relieftrail/chaincode/relief/roll"
	"relieftrail/network/fabric/admin"
	"relieftrail/network/topology"
)

func callCommand(load loader) *cobra.Command {
	var as string
	var read bool
	var transient []string
	cmd := &cobra.Command{
		Use:   "call --as PRINCIPAL FUNCTION [JSON]",
		Short: "Call a function of the contracts on the peers, past every gateway",
		Long: `Call a function of the contracts as one of the topology's principals. The peers of all
agencies endorse it and it is committed; with --read only the principal's own peer answers
and nothing is committed. The same rules hold as for a call by way of a gateway. The answer
is printed.`,
		Example: `  reliefnet call --as civil-approver case:Decide '{"case":"c-1","outcome":"granted","segment":0}'
  reliefnet call --read --as audit-reader case:Get '{"case":"c-1"}'`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			org, err := employer(o.Topology, as)
			if err != nil {
				return err
			}
			private, err := packed(transient)
			if err != nil {
				return err
			}
			n, err := admin.Connect(o.Topology)
			if err != nil {
				return err
			}
			defer n.Close()
			var answer []byte
			if read {
				answer, err = n.Evaluate(cmd.Context(), org, as, args[0], args[1:]...)
			} else {
				answer, err = n.SubmitPrivate(cmd.Context(), org, as, private, args[0], args[1:]...)
			}
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), string(answer))
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&as, "as", "", "the principal of the topology who signs")
	flags.BoolVar(&read, "read", false, "ask the principal's own peer and commit nothing")
	flags.StringArrayVar(&transient, "transient", nil, `list of the transient map, NAME=["BASE64", …], such as facts`)
	if err := cmd.MarkFlagRequired("as"); err != nil {
		panic(err) // a flag of this very function
	}
	return cmd
}

// employer is the organisation of a principal.
func employer(t *topology.Topology, name string) (*topology.Organisation, error) {
	for _, o := range t.Organisations {
		for _, p := range o.Principals {
			if p.Name == name {
				return o, nil
			}
		}
	}
	return nil, fmt.Errorf("--as: must be a principal of the topology file, not %q", name)
}

// packed reads lists of sealed documents as the contracts take them.
func packed(lists []string) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, l := range lists {
		name, text, ok := strings.Cut(l, "=")
		var encoded []string
		if !ok || json.Unmarshal([]byte(text), &encoded) != nil {
			return nil, errors.New(`a list of the transient map is written NAME=["BASE64", …]`)
		}
		documents := make([][]byte, len(encoded))
		for i, e := range encoded {
			var err error
			if documents[i], err = base64.StdEncoding.DecodeString(e); err != nil {
				return nil, fmt.Errorf("document %d of %s is not base64", i+1, name)
			}
		}
		out[name] = roll.AppendDetails(nil, documents)
	}
	return out, nil
}
