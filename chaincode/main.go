// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"relieftrail/chaincode/internal/contract"
	"relieftrail/chaincode/internal/service"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

func main() {
	service.Main(func(mspID string) (shim.Chaincode, error) {
		return contract.New(contract.PeerMSP(func(shim.ChaincodeStubInterface) string { return mspID }), contract.Clock(time.Now))
	})
}
