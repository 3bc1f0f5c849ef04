// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"strings"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// floor carries out calls that begin with "floor:" without contractapi, which would slow them down. It hands all other
// calls to the product's contracts.
type floor struct{ ours shim.Chaincode }

// payment is a line as a plain Fabric application would write it.
type payment struct {
	Key    string `json:"key"` // programme, person and period: a second payment has the same key
	Ref    string `json:"subject"`
	Region string `json:"region"`
	Amount string `json:"amount"`
	Batch  string `json:"batch"`
	Line   uint32 `json:"file_line"`
	State  string `json:"state"`
}

func (f *floor) Init(stub shim.ChaincodeStubInterface) *peer.Response { return f.ours.Init(stub) }

func (f *floor) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	function, _ := stub.GetFunctionAndParameters()
	name, mine := strings.CutPrefix(function, "floor:")
	if !mine {
		return f.ours.Invoke(stub)
	}
	var err error
	switch name {
	case "Empty": // nothing but Fabric
	case "Store":
		err = store(stub)
	case "Naive":
		err = naive(stub)
	default:
		return shim.Error("NOT_FOUND: no such function")
	}
	if err != nil {
		return shim.Error(err.Error())
	}
	return shim.Success(nil)
}

// store writes the transient map's "bytes" under the key in the argument, without reading them.
func store(stub shim.ChaincodeStubInterface) error {
	transient, err := stub.GetTransient()
	if err != nil {
		return err
	}
	_, args := stub.GetFunctionAndParameters()
	return put(stub, args[0], transient["bytes"])
}

// naive writes JSON under a key for each payment, unless the key is taken. With one payment a transaction it does what
// a plain Fabric application does.
func naive(stub shim.ChaincodeStubInterface) error {
	transient, err := stub.GetTransient()
	if err != nil {
		return err
	}
	var lines []payment
	if err := json.Unmarshal(transient["lines"], &lines); err != nil {
		return err
	}
	for i := range lines {
		key, err := stub.CreateCompositeKey("floor", []string{lines[i].Key})
		if err != nil {
			return err
		}
		taken, err := stub.GetState(key)
		if err != nil {
			return err
		}
		if taken != nil {
			return &alreadyPaid{}
		}
		value, err := json.Marshal(&lines[i])
		if err != nil {
			return err
		}
		if err := stub.PutState(key, value); err != nil {
			return err
		}
	}
	return nil
}

// put writes under a key in the form of all keys on the ledger, so that the gateways index it like any other.
func put(stub shim.ChaincodeStubInterface, name string, value []byte) error {
	key, err := stub.CreateCompositeKey("floor", []string{name})
	if err != nil {
		return err
	}
	return stub.PutState(key, value)
}

type alreadyPaid struct{}

func (*alreadyPaid) Error() string { return "CONFLICT: already paid" }
