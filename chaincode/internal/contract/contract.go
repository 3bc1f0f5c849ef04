// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"time"

	"relieftrail/chaincode/relief"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// Option changes what New makes.
type Option func(*options)

type options struct {
	peerMSP func(shim.ChaincodeStubInterface) string
	now     func() time.Time
}

// Clock has calls refused whose time is more than relief.MaxBackdating away from this endorser's clock. A transaction's time
// is its client's word, and with a made-up one a public notice could be over before it began. A refusal writes nothing, so
// the clocks need not agree. Without this option every time is believed, which is for ledgers in memory.
func Clock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// PeerMSP says which organisation's peer runs the contracts: a process serves one peer, a test's process several. Without
// it nobody's private details can be read.
func PeerMSP(f func(shim.ChaincodeStubInterface) string) Option {
	return func(o *options) { o.peerMSP = f }
}

// New makes the chaincode of all contracts.
func New(opts ...Option) (shim.Chaincode, error) {
	o := options{peerMSP: func(shim.ChaincodeStubInterface) string { return "" }}
	for _, opt := range opts {
		opt(&o)
	}
	cc, err := contractapi.NewChaincode(
		&registryContract{base("registry", &o)},
		&officialContract{base("official", &o)},
		&programmeContract{base("programme", &o)},
		&fundContract{base("fund", &o)},
		&rollContract{base("roll", &o)},
		&caseContract{base("case", &o)},
		&needContract{base("need", &o)},
		&paymentContract{base("payment", &o)},
		&overpaymentContract{base("overpayment", &o)},
		&statementContract{base("statement", &o)},
		&reversalContract{base("reversal", &o)},
		&oversightContract{base("oversight", &o)},
		&readingContract{base("reading", &o)},
		&personContract{base("person", &o)},
	)
	if err != nil {
		return nil, fmt.Errorf("the contracts: %w", err)
	}
	cc.TransactionSerializer = textSerializer{}
	description, err := describe()
	if err != nil {
		return nil, err
	}
	return &described{cc, description}, nil
}

// base is what the contracts have in common.
func base(name string, o *options) contractapi.Contract {
	return contractapi.Contract{
		Name:                      name,
		TransactionContextHandler: &Context{},
		BeforeTransaction:         func(ctx *Context) error { return ctx.resolve(o) },
		UnknownTransaction:        unknown,
	}
}

func unknown(*Context) (string, error) { return "", errNoFunction }

var errNoFunction = relief.Errorf(relief.CodeNotFound, "no such function")

// described answers the question of Fabric's tools what the chaincode has, from the table of its surface: contractapi knows
// each function as one of a text only.
type described struct {
	*contractapi.ContractChaincode
	description []byte
}

const describeFunction = contractapi.SystemContractName + ":GetMetadata"

// Invoke carries a call out.
func (d *described) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	if function, _ := stub.GetFunctionAndParameters(); function == describeFunction {
		return shim.Success(d.description)
	}
	return d.ContractChaincode.Invoke(stub)
}
