// SPDX-License-Identifier: Apache-2.0

// Command chaincode serves the contracts of relieftrail to one organisation's peer (chaincode as a service).
//
// Its settings are environment variables:
//
//	CHAINCODE_ID                   package id that the peer gave at installation (name:hash)
//	CHAINCODE_SERVER_ADDRESS       host:port to listen on
//	CHAINCODE_MSPID                MSP id of the organisation whose peer this process serves
//	CHAINCODE_TLS_KEY_FILE         private key (PEM)
//	CHAINCODE_TLS_CERT_FILE        certificate (PEM)
//	CHAINCODE_TLS_CLIENT_CA_FILE   certificate authorities of the peer's client certificate (PEM): TLS is mutual
//	CHAINCODE_TLS_DISABLED         "true" for tests on loopback addresses only; nothing else turns TLS off
//
// GOMEMLIMIT and GOGC work as in any Go program; 64MiB is enough for a county's files.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"relieftrail/chaincode/internal/contract"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Getenv, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "chaincode:", err)
		os.Exit(1) //nolint:gocritic // the signal handler dies with the process
	}
}

func run(ctx context.Context, getenv func(string) string, stderr io.Writer) error {
	c, err := loadConfig(getenv)
	if err != nil {
		return err
	}
	cc, err := contract.New(contract.PeerMSP(func(shim.ChaincodeStubInterface) string { return c.mspID }))
	if err != nil {
		return fmt.Errorf("the contracts cannot be set up: %w", err)
	}
	return serve(ctx, c, cc, stderr)
}
