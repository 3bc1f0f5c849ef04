// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/cid"
	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// differently gives each peer its own answer.
func differently(f func(stub shim.ChaincodeStubInterface, org string) ([]byte, error)) act {
	return func(stub shim.ChaincodeStubInterface) ([]byte, error) {
		org, err := PeerMSP(stub)
		if err != nil {
			return nil, err
		}
		return f(stub, org)
	}
}

func TestNonDeterminismIsFound(t *testing.T) {
	cases := map[string]struct {
		f    func(stub shim.ChaincodeStubInterface, org string) ([]byte, error)
		what string
		has  string
	}{
		"payload": {func(_ shim.ChaincodeStubInterface, org string) ([]byte, error) { return []byte(org), nil }, "payload", `"FinanceMSP"`},
		"value": {func(s shim.ChaincodeStubInterface, org string) ([]byte, error) {
			return nil, s.PutState("k", []byte(org))
		}, "write set", `key "k": value "CivilAffairsMSP" against value "FinanceMSP"`},
		"one key more": {func(s shim.ChaincodeStubInterface, org string) ([]byte, error) {
			return nil, errors.Join(s.PutState("a", []byte("1")), s.PutState("z", []byte("1")), s.PutState("m"+org[:1], []byte("1")))
		}, "write set", `key "mC": value "1" against nothing`},
		"delete": {func(s shim.ChaincodeStubInterface, org string) ([]byte, error) {
			if org == audit {
				return nil, s.DelState("k")
			}
			return nil, s.PutState("k", []byte("1"))
		}, "write set", `value "1" against delete`},
		"read": {func(s shim.ChaincodeStubInterface, org string) ([]byte, error) {
			_, err := s.GetState("r" + org)
			return nil, err
		}, "read set", `key "rCivilAffairsMSP": version <nil> against nothing`},
		"range": {func(s shim.ChaincodeStubInterface, org string) ([]byte, error) {
			_, err := s.GetStateByRange("a", "b"+org)
			return nil, err
		}, "range queries", `to "bCivilAffairsMSP"`},
		"event": {func(s shim.ChaincodeStubInterface, org string) ([]byte, error) {
			if org == finance {
				return nil, nil
			}
			return nil, s.SetEvent("e", []byte(org))
		}, "event", `"e" with "CivilAffairsMSP" against none`},
		"policy": {func(s shim.ChaincodeStubInterface, org string) ([]byte, error) {
			return nil, s.SetStateValidationParameter("k", []byte(org))
		}, "key policies", `key "k"`},
		"private value": {func(s shim.ChaincodeStubInterface, org string) ([]byte, error) {
			return nil, s.PutPrivateData("persons", "k", []byte(org))
		}, "private writes in collection persons", "value hash"},
		"private purge": {func(s shim.ChaincodeStubInterface, org string) ([]byte, error) {
			if org == audit {
				return nil, s.PurgePrivateData("persons", "k")
			}
			return nil, s.DelPrivateData("persons", "k")
		}, "private writes in collection persons", "delete against purge"},
		"private read": {func(s shim.ChaincodeStubInterface, org string) ([]byte, error) {
			_, err := s.GetPrivateDataHash("persons", org)
			return nil, err
		}, "private reads in collection persons", "against nothing"},
		"message": {func(_ shim.ChaincodeStubInterface, org string) ([]byte, error) { return nil, errors.New("no " + org) }, "message", `"no CivilAffairsMSP"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := newLedger(Collections(persons))
			_, err := l.try(alice, differently(c.f))
			var me *MismatchError
			require.ErrorAs(t, err, &me)
			assert.Equal(t, c.what, me.What)
			assert.Contains(t, err.Error(), c.has)
			assert.Equal(t, uint64(1), l.Height())

			one := newLedger(Collections(persons), Endorsers(1))
			_, err = one.try(alice, differently(c.f))
			require.NotErrorAs(t, err, &me)
		})
	}
}

func TestOneEndorserRefuses(t *testing.T) {
	l := newLedger()
	_, err := l.try(alice, differently(func(_ shim.ChaincodeStubInterface, org string) ([]byte, error) {
		if org == audit {
			return nil, errors.New("STALE: no")
		}
		return nil, nil
	}))
	var ee *EndorseError
	require.ErrorAs(t, err, &ee)
	assert.Equal(t, audit, ee.Org)
	assert.Contains(t, err.Error(), `status of CivilAffairsMSP and AuditMSP: 200 ("") against 500 ("STALE: no")`)
}

// forger pretends that a key holds something else.
type forger struct {
	shim.ChaincodeStubInterface
}

func (f forger) GetState(key string) ([]byte, error) {
	_, err := f.ChaincodeStubInterface.GetState(key)
	return []byte("forged"), err
}

func TestAlter(t *testing.T) {
	l := newLedger()
	copyKey := func(stub shim.ChaincodeStubInterface) ([]byte, error) {
		if _, err := PeerMSP(stub); err != nil { // through the wrapped stub too
			return nil, err
		}
		v, err := stub.GetState("a")
		return nil, errors.Join(err, stub.PutState("b", append(v, '!')))
	}
	faults := map[string]Fault{
		"wrapped stub": func(stub shim.ChaincodeStubInterface, next func(shim.ChaincodeStubInterface) *peer.Response) *peer.Response {
			return next(forger{stub})
		},
		"other response": func(stub shim.ChaincodeStubInterface, next func(shim.ChaincodeStubInterface) *peer.Response) *peer.Response {
			next(stub)
			return shim.Success([]byte("other"))
		},
		"a write more": func(stub shim.ChaincodeStubInterface, next func(shim.ChaincodeStubInterface) *peer.Response) *peer.Response {
			_ = stub.PutState("mine", []byte("1"))
			return next(stub)
		},
		"no answer": func(shim.ChaincodeStubInterface, func(shim.ChaincodeStubInterface) *peer.Response) *peer.Response {
			return nil
		},
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			for _, org := range l.Orgs() {
				l.Alter(org, f)
				_, err := l.try(alice, copyKey)
				var me *MismatchError
				require.ErrorAs(t, err, &me)
				assert.Contains(t, me.Orgs, org)
				l.Alter(org, nil)
			}
			l.commit(t, copyKey)
		})
	}
}

func TestDeterministicIDsAndClock(t *testing.T) {
	run := func() []string {
		l := newLedger(TimeStep(time.Minute))
		var ids []string
		for i := range 3 {
			_, id, err := l.Submit(alice, l.name(write("a", fmt.Sprint(i+1))), nil, nil)
			require.NoError(t, err)
			tx, _, _ := l.Tx(id)
			ids = append(ids, id+tx.Time.String())
			_, err = l.Evaluate(audit, bob, l.name(write("q", "1")), nil, nil)
			require.NoError(t, err)
		}
		l.Advance(time.Hour)
		return append(ids, l.Now().String())
	}
	ids := run()
	assert.Equal(t, ids, run())
	assert.Equal(t, "2026-01-01 01:03:00 +0000 UTC", ids[3])

	l := newLedger()
	at := time.Date(2027, 1, 2, 3, 4, 5, 6, time.UTC)
	p, err := l.EndorseRequest(Request{Identity: alice, Function: l.name(write("a", "1")), Nonce: []byte("nonce"), Time: at})
	require.NoError(t, err)
	want := sha256.Sum256(append([]byte("nonce"), alice.Serialized()...))
	assert.Equal(t, hex.EncodeToString(want[:]), p.TxID())
	assert.Equal(t, at, p.Tx().Time)
	p, err = l.EndorseRequest(Request{Identity: alice, Function: l.name(write("a", "1")), TxID: "chosen"})
	require.NoError(t, err)
	assert.Equal(t, "chosen", p.TxID())
}

func TestWaitHeight(t *testing.T) {
	l := newLedger()
	require.NoError(t, l.WaitHeight(t.Context(), 1))
	done := make(chan error, 3)
	for range 3 {
		go func() { done <- l.WaitHeight(t.Context(), 3) }()
	}
	l.commit(t, write("a", "1"))
	l.commit(t, write("a", "2"))
	for range 3 {
		require.NoError(t, <-done)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, l.WaitHeight(ctx, 4), context.Canceled)
}

// Many clients add to one counter and retry on conflict: no addition is lost.
func TestConcurrentUse(t *testing.T) {
	l := newLedger()
	f := l.name(func(stub shim.ChaincodeStubInterface) ([]byte, error) {
		v, err := stub.GetState("n")
		return nil, errors.Join(err, stub.PutState("n", append(v, '+')))
	})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for done := 0; done < 10; {
				_, _, err := l.Submit(alice, f, nil, nil)
				if err == nil {
					done++
				} else if !assert.True(t, IsConflict(err), err) {
					return
				}
				l.Get("n")
				l.Scan("", func(string, []byte) bool { return true })
			}
		})
	}
	wg.Wait()
	assert.Len(t, l.Get("n"), 80)
}

func TestScan(t *testing.T) {
	l := newLedger()
	l.commit(t, write("a1", "1", "a2", "2", "b1", "3"))
	var got []string
	l.Scan("a", func(k string, v []byte) bool { got = append(got, k+string(v)); return true })
	assert.Equal(t, []string{"a11", "a22"}, got)
	got = nil
	l.Scan("", func(k string, _ []byte) bool { got = append(got, k); return len(got) < 2 })
	assert.Equal(t, []string{"a1", "a2"}, got)
}

// greeter is a contract of contractapi.
type greeter struct{ contractapi.Contract }

func (g *greeter) Greet(ctx contractapi.TransactionContextInterface, name string) (string, error) {
	mspID, err := ctx.GetClientIdentity().GetMSPID()
	if err != nil {
		return "", err
	}
	role, _, err := ctx.GetClientIdentity().GetAttributeValue("role")
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, from %s (%s)", name, mspID, role), ctx.GetStub().PutState("greeted", []byte(name))
}

func TestContractAPI(t *testing.T) {
	cc, err := contractapi.NewChaincode(&greeter{contractapi.Contract{Name: "greet"}})
	require.NoError(t, err)
	l := New(cc, persons)
	payload, _, err := l.Submit(bob, "greet:Greet", []string{"hello"}, nil)
	require.NoError(t, err)
	assert.Equal(t, "hello, from FinanceMSP (approver)", string(payload))
	_, _, err = l.Submit(bob, "greet:Nothing", nil, nil)
	require.ErrorContains(t, err, "Function Nothing not found")
}

func TestIdentity(t *testing.T) {
	l := newLedger()
	id := NewIdentity(audit, "审计员", map[string]string{"role": "auditor", "region": "530129"})
	assert.Same(t, id, NewIdentity(audit, "审计员", map[string]string{"region": "530129", "role": "auditor"}))
	assert.NotEqual(t, id.PEM(), NewIdentity(audit, "审计员", nil).PEM())
	first, again := makeIdentity(audit, "审计员", "seed", []byte("{}")), makeIdentity(audit, "审计员", "seed", []byte("{}"))
	assert.Equal(t, first.PEM(), again.PEM(), "made again, it is the same certificate")
	require.NoError(t, id.Certificate().CheckSignature(id.Certificate().SignatureAlgorithm, id.Certificate().RawTBSCertificate, id.Certificate().Signature))

	p, err := l.try(id, func(stub shim.ChaincodeStubInterface) ([]byte, error) {
		c, err := cid.New(stub)
		require.NoError(t, err)
		mspID, err := c.GetMSPID()
		require.NoError(t, err)
		assert.Equal(t, audit, mspID)
		require.NoError(t, c.AssertAttributeValue("role", "auditor"))
		require.NoError(t, c.AssertAttributeValue("region", "530129"))
		require.NoError(t, c.AssertAttributeValue("hf.EnrollmentID", "审计员"))
		require.Error(t, c.AssertAttributeValue("role", "approver"))
		_, found, err := c.GetAttributeValue("absent")
		require.NoError(t, err)
		assert.False(t, found)
		cert, err := c.GetX509Certificate()
		require.NoError(t, err)
		assert.Equal(t, "审计员", cert.Subject.CommonName)
		ok, err := c.HasOUValue("client")
		require.NoError(t, err)
		assert.True(t, ok)
		return nil, nil
	})
	require.NoError(t, err)
	assert.Equal(t, Creator{audit, id.PEM()}, p.Tx().Creator)

	_, err = l.try(RawIdentity(audit, []byte("no certificate")), func(stub shim.ChaincodeStubInterface) ([]byte, error) {
		_, err := cid.New(stub)
		return nil, err
	})
	require.ErrorContains(t, err, "neither X509 PEM format nor an idemix credential")
}
