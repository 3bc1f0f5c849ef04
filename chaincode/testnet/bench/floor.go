// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"strings"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// floor answers calls that begin with "floor:" itself, without contractapi, which would only slow it down, and hands
// all others to the product's contracts.
type floor struct{ ours shim.Chaincode }

// payment is a line as a plain Fabric application would write it.
type payment struct {
	Key    string `json:"key"` // programme, person and period: who is paid twice meets it
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

// store puts the bytes of the transient map's "bytes" under the key that is the argument, unread.
func store(stub shim.ChaincodeStubInterface) error {
	transient, err := stub.GetTransient()
	if err != nil {
		return err
	}
	_, args := stub.GetFunctionAndParameters()
	return put(stub, args[0], transient["bytes"])
}

// naive has a key for each payment: it looks whether the key is taken and writes JSON. With one payment it is what a
// plain Fabric application does.
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

// put writes under a key of the form that all keys on the ledger have: the gateways index it like any other.
func put(stub shim.ChaincodeStubInterface, name string, value []byte) error {
	key, err := stub.CreateCompositeKey("floor", []string{name})
	if err != nil {
		return err
	}
	return stub.PutState(key, value)
}

type alreadyPaid struct{}

func (*alreadyPaid) Error() string { return "CONFLICT: already paid" }
