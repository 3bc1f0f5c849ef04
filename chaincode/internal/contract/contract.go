// SPDX-License-Identifier: Apache-2.0

// Package contract puts the domain (chaincode/relief) on a ledger. A method decodes its input, asks who calls and
// what they may do, loads records, lets the domain decide, and stores what it decided; nothing is decided here.
//
// It is the only package that imports contractapi.
package contract

import (
	"time"

	"relieftrail/chaincode/relief"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// Option changes what New makes.
type Option func(*options)

type options struct {
	peerMSP func(shim.ChaincodeStubInterface) string
	now     func() time.Time
}

// Clock has calls refused whose time is not about that of this endorser's clock. A transaction's time is its client's word,
// and with a made-up one a public notice could be over before it began. A refusal writes nothing, so the clocks need not
// agree. Without this option every time is believed, which is for ledgers in memory.
func Clock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// PeerMSP tells which organisation's peer runs the contracts: a process serves one, a test's process several. Without
// it nobody's personal data can be read.
func PeerMSP(f func(shim.ChaincodeStubInterface) string) Option {
	return func(o *options) { o.peerMSP = f }
}

// New makes the chaincode of all contracts.
func New(opts ...Option) (*contractapi.ContractChaincode, error) {
	o := options{peerMSP: func(shim.ChaincodeStubInterface) string { return "" }}
	for _, opt := range opts {
		opt(&o)
	}
	cc, err := contractapi.NewChaincode(
		&registryContract{Contract: base("registry", &o)},
		&programmeContract{Contract: base("programme", &o)},
		&fundContract{Contract: base("fund", &o)},
		&caseContract{Contract: base("case", &o), peerMSP: o.peerMSP},
		&paymentContract{Contract: base("payment", &o)},
	)
	if err != nil {
		return nil, err
	}
	cc.Info.Title, cc.Info.Version = "relieftrail", "1"
	cc.TransactionSerializer = textSerializer{}
	return cc, nil
}

// base is what the contracts have in common.
func base(name string, o *options) contractapi.Contract {
	return contractapi.Contract{
		Name:                      name,
		TransactionContextHandler: &Context{},
		BeforeTransaction:         func(ctx *Context) error { return resolve(ctx, o.now) },
		UnknownTransaction:        unknown,
	}
}

func unknown(*Context) (string, error) {
	return "", relief.Errorf(relief.CodeNotFound, "no such function")
}
