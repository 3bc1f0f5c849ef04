// SPDX-License-Identifier: Apache-2.0

// Command bench is the chaincode of the measuring network (scripts/bench): the product's contracts, unchanged, and beside
// them what they are measured against. It is no part of the product and must never serve a network with real money:
// the functions of floor ask nobody's leave.
package main

import (
	"time"

	"relieftrail/chaincode/internal/contract"
	"relieftrail/chaincode/internal/service"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

func main() {
	service.Main(func(mspID string) (shim.Chaincode, error) {
		ours, err := contract.New(contract.PeerMSP(func(shim.ChaincodeStubInterface) string { return mspID }), contract.Clock(time.Now))
		return &floor{ours: ours}, err
	})
}
