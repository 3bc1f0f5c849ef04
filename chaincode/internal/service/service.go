// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// Maker makes the chaincode for the organisation whose peer it serves.
type Maker func(mspID string) (shim.Chaincode, error)

// Main serves until the process gets SIGINT or SIGTERM. A command needs nothing else in its main.
func Main(chaincode Maker) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := Run(ctx, os.Getenv, os.Stderr, chaincode); err != nil {
		fmt.Fprintln(os.Stderr, "chaincode:", err)
		os.Exit(1) //nolint:gocritic // the signal handler dies with the process
	}
}

// Run serves until ctx ends.
func Run(ctx context.Context, getenv func(string) string, stderr io.Writer, chaincode Maker) error {
	c, err := loadConfig(getenv)
	if err != nil {
		return err
	}
	cc, err := chaincode(c.mspID)
	if err != nil {
		return fmt.Errorf("the contracts cannot be set up: %w", err)
	}
	return errors.Join(profile(ctx, c.profile), serve(ctx, c, cc, stderr))
}
