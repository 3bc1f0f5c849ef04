// SPDX-License-Identifier: Apache-2.0

// Package service serves a chaincode to one organisation's peer (chaincode as a service), as environment variables say:
//
//	CHAINCODE_ID                   package id that the peer gave at installation (name:hash)
//	CHAINCODE_SERVER_ADDRESS       host:port to listen on
//	CHAINCODE_MSPID                MSP id of the organisation whose peer this process serves
//	CHAINCODE_TLS_KEY_FILE         private key (PEM)
//	CHAINCODE_TLS_CERT_FILE        certificate (PEM)
//	CHAINCODE_TLS_CLIENT_CA_FILE   certificate authorities of the peer's client certificate (PEM): TLS is mutual
//	CHAINCODE_TLS_DISABLED         "true" for tests on loopback addresses only; nothing else turns TLS off
//	CHAINCODE_PROFILE_ADDRESS      host:port of Go's profiles (net/http/pprof), loopback addresses only; empty for none
//
// GOMEMLIMIT and GOGC work as in any Go program.
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

// Main serves until the process is told to end; it is the whole of a command.
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
