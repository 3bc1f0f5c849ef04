// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"errors"
	"fmt"
	"testing"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
	"github.com/stretchr/testify/require"
)

// BenchmarkSubmit reads two keys and writes two of a state that grows, a transaction a block.
func BenchmarkSubmit(b *testing.B) {
	for _, n := range []int{1, 3} {
		b.Run(fmt.Sprintf("endorsers=%d", n), func(b *testing.B) {
			l := newLedger(Endorsers(n))
			i := 0
			f := l.name(func(s shim.ChaincodeStubInterface) ([]byte, error) {
				k := fmt.Sprintf("account%09d", i)
				total, err1 := s.GetState("total")
				_, err2 := s.GetState(k)
				return nil, errors.Join(err1, err2, s.PutState(k, []byte("0123456789")), s.PutState("total", append(total[:0], k...)))
			})
			b.ReportAllocs()
			for b.Loop() {
				i++
				_, _, err := l.Submit(alice, f, nil, nil)
				require.NoError(b, err)
			}
		})
	}
}

// BenchmarkContractAPI is a small transaction through contractapi, which parses the caller's certificate each time.
func BenchmarkContractAPI(b *testing.B) {
	cc, err := contractapi.NewChaincode(&greeter{contractapi.Contract{Name: "greet"}})
	require.NoError(b, err)
	l := NewWith(cc, Endorsers(1))
	for b.Loop() {
		_, _, err := l.Submit(bob, "greet:Greet", []string{"hello"}, nil)
		require.NoError(b, err)
	}
}
