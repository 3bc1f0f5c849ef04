// SPDX-License-Identifier: Apache-2.0

// Package service serves a chaincode to one organisation's peer (chaincode as a service), with settings from
// environment variables:
//
//	CHAINCODE_ID                   package id that the peer gave at installation (name:hash)
//	CHAINCODE_SERVER_ADDRESS       host:port to listen on
//	CHAINCODE_MSPID                MSP id of the organisation whose peer this process serves
//	CHAINCODE_TLS_KEY_FILE         private key (PEM)
//	CHAINCODE_TLS_CERT_FILE        certificate (PEM)
//	CHAINCODE_TLS_CLIENT_CERT_FILE the peer's TLS certificate (PEM): nobody else is served
//	CHAINCODE_TLS_DISABLED         "true" for tests on loopback addresses only; nothing else turns TLS off
//	CHAINCODE_PROFILE_ADDRESS      host:port of Go's profiles (net/http/pprof), loopback addresses only; empty for none
//
// GOMEMLIMIT and GOGC work as in any Go program. The package knows nothing of the contracts: a command passes their
// Maker.
package service
