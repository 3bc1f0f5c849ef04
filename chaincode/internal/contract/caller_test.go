// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/internal/contract"
	"relieftrail/chaincode/internal/fakestub"
	"relieftrail/chaincode/relief"
)

// A client chooses its transaction's time, within a quarter of an hour of each endorser's clock.
func TestATransactionsTimeIsNearTheEndorsersClock(t *testing.T) {
	clock := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	cc, err := contract.New(contract.PeerMSP(func(shim.ChaincodeStubInterface) string { return fakeledger.Audit }),
		contract.Clock(func() time.Time { return clock }))
	if err != nil {
		t.Fatal(err)
	}
	by := fakeledger.Official(fakeledger.CivilAffairs, "civil-preparer", "preparer", "530181")
	for away, near := range map[time.Duration]bool{
		0: true, relief.MaxBackdating: true, -relief.MaxBackdating: true,
		relief.MaxBackdating + time.Second: false, -relief.MaxBackdating - time.Second: false, 24 * 365 * time.Hour: false,
	} {
		l := fakestub.New(cc)
		l.SetTime(clock.Add(away))
		_, err := l.Evaluate(fakeledger.Audit, by, "programme:Get", []string{`{"id":"dibao"}`}, nil)
		refused := err != nil && strings.Contains(err.Error(), "the transaction's time is not within")
		if refused == near {
			t.Errorf("%s away from the clock: %v", away, err)
		}
	}
}
