package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func keysCommand(load loader) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Turn the keys that the gateways of a development network share",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(addKeysCommand(load), useKeysCommand(load), retireKeysCommand(load))
	return cmd
}

func addKeysCommand(load loader) *cobra.Command {
	return &cobra.Command{
		Use:   "add",
		Short: "Make the keys of another epoch, which open and do not seal yet",
		Long: `Make another key of references, of private details, of tags and of receipts. With the next
reliefnet up every gateway opens what these keys seal. Nothing is sealed with them before
reliefnet keys use, so that no gateway meets what it cannot open.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			epoch, err := o.AddKeys()
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "The keys of epoch %d are there. Next: reliefnet up, then reliefnet keys use.\n", epoch)
			return nil
		},
	}
}

func useKeysCommand(load loader) *cobra.Command {
	return &cobra.Command{
		Use:   "use",
		Short: "Have the latest keys seal and make tags",
		Long: `Have the latest keys seal private details, make tags and salt receipts from the next reliefnet up
on, and encrypt each agency's kept files with a new key. What earlier keys have sealed is
opened as before. The change of the registry that is printed has references of new people
made with the latest key, once the registrars of all agencies agree to it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			change, err := o.UseKeys()
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s\n", change)
			fmt.Fprintln(cmd.ErrOrStderr(), "Next: reliefnet up, then propose this change of the registry and agree to it.")
			return nil
		},
	}
}

func retireKeysCommand(load loader) *cobra.Command {
	return &cobra.Command{
		Use:   "retire",
		Short: "Take the earlier keys of private details away from the gateways",
		Long: `Have no gateway open what an earlier key of private details has sealed, from the next reliefnet
up on. First have everything sealed again (POST /v1/reseals in each county), until
GET /v1/key-epochs counts no document of an earlier epoch. The files of the keys stay: delete
them by hand. Keys of references, tags and receipts stay in the settings.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := load(cmd)
			if err != nil {
				return err
			}
			epoch, err := o.RetireKeys()
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Only keys of private details from epoch %d on are left to the gateways. Next: reliefnet up.\n", epoch)
			return nil
		},
	}
}
