// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"

	"relieftrail/chaincode/internal/contract"
	"relieftrail/chaincode/internal/service"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

func main() {
	service.Main(func(mspID string) (shim.Chaincode, error) {
		cc, err := contract.New(contract.PeerMSP(func(shim.ChaincodeStubInterface) string { return mspID }))
		return altered{cc}, err
	})
}

type altered struct{ shim.Chaincode }

func (a altered) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	return a.Chaincode.Invoke(alteredStub{stub, os.Getenv("CHAINCODE_ALTERED")})
}

type alteredStub struct {
	shim.ChaincodeStubInterface
	how string
}

func (s alteredStub) PutState(key string, value []byte) error {
	if k, ok := relief.ParseKey(key); ok && s.how == "amounts" {
		switch k.Kind {
		case relief.KindBatch:
			value = moreMoney(value)
		case relief.KindLines:
			value = append([]byte{}, value...)
			value[len(value)-5]++ // the last amount's last byte
		}
	}
	return s.ChaincodeStubInterface.PutState(key, value)
}

func moreMoney(value []byte) []byte {
	var b payment.Batch
	if json.Unmarshal(value, &b) != nil {
		return value
	}
	b.Control.Sum += 100
	out, err := json.Marshal(b)
	if err != nil {
		return value
	}
	return out
}

func (s alteredStub) GetState(key string) ([]byte, error) {
	value, err := s.ChaincodeStubInterface.GetState(key)
	if s.forgets(key) {
		return nil, err
	}
	return value, err
}

func (s alteredStub) GetMultipleStates(keys ...string) ([][]byte, error) {
	values, err := s.ChaincodeStubInterface.GetMultipleStates(keys...)
	for i := range values {
		if s.forgets(keys[i]) {
			values[i] = nil
		}
	}
	return values, err
}

// forgets reports whether the altered contracts do not see the value of a key: the lines that were paid already.
func (s alteredStub) forgets(key string) bool {
	k, ok := relief.ParseKey(key)
	return ok && s.how == "twice" && k.Kind == relief.KindLines
}
