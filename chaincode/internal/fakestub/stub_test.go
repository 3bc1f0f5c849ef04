// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

func TestOwnWritesAreInvisible(t *testing.T) {
	for _, batch := range []bool{false, true} {
		t.Run(fmt.Sprintf("batch %t", batch), func(t *testing.T) {
			l := newLedger(Collections(persons))
			l.commit(t, write("a", "old", "gone", "old"))
			l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) {
				if batch {
					s.StartWriteBatch()
					s.StartWriteBatch()
				}
				require.NoError(t, s.PutState("a", []byte("new")))
				require.NoError(t, s.PutState("b", []byte("new")))
				require.NoError(t, s.DelState("gone"))
				require.NoError(t, s.PutPrivateData("persons", "p", []byte("new")))
				values, err := s.GetMultipleStates("a", "b", "gone", "never")
				require.NoError(t, err)
				assert.Equal(t, [][]byte{[]byte("old"), nil, []byte("old"), nil}, values)
				v, err := s.GetState("b")
				require.NoError(t, err)
				assert.Nil(t, v)
				keys, err := readKeys(s.GetStateByRange("", ""))
				require.NoError(t, err)
				assert.Equal(t, []string{"a", "gone"}, keys)
				v, err = s.GetPrivateData("persons", "p")
				require.NoError(t, err)
				assert.Nil(t, v)
				require.NoError(t, s.FinishWriteBatch())
				require.NoError(t, s.FinishWriteBatch())
				v, err = s.GetState("a")
				require.NoError(t, err)
				assert.Equal(t, "old", string(v))
				return nil, nil
			})
			assert.Equal(t, "new", string(l.Get("a")))
			assert.Equal(t, "new", string(l.Get("b")))
			assert.Nil(t, l.Get("gone"))
			assert.Equal(t, "new", string(l.GetPrivate(civil, "persons", "p")))
		})
	}
}

func TestWriteBatch(t *testing.T) {
	l := newLedger(Collections(persons))
	l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) { // left open: it is sent at the end
		s.StartWriteBatch()
		for i := range 2500 { // more than a message holds
			require.NoError(t, s.PutState(fmt.Sprintf("k%04d", i), []byte("1")))
		}
		require.NoError(t, s.PutState("k0000", []byte("last")))
		return nil, s.SetStateValidationParameter("k0000", []byte("policy"))
	})
	assert.Equal(t, "last", string(l.Get("k0000")))
	block, _ := l.Block(1)
	assert.Len(t, block.Txs[0].Writes, 2500)
	assert.Equal(t, []PolicyWrite{{"k0000", []byte("policy")}}, block.Txs[0].Policies)

	_, err := l.try(NewIdentity(audit, "carol", nil), func(s shim.ChaincodeStubInterface) ([]byte, error) {
		s.StartWriteBatch()
		return nil, s.PutPrivateData("persons", "p", []byte("1")) // the peer's refusal comes when the batch is sent
	})
	require.ErrorContains(t, err, "failed send batch: WRITE_BATCH_STATE failed")
	require.ErrorContains(t, err, "tx creator does not have write access permission")
}

func TestValuesAreCopies(t *testing.T) {
	l := newLedger(Collections(persons))
	l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) {
		v := []byte("value")
		require.NoError(t, errors.Join(s.PutState("a", v), s.PutPrivateData("persons", "p", v), s.SetEvent("e", v)))
		v[0] = 'X'
		return nil, nil
	})
	l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) {
		a, err := s.GetState("a")
		require.NoError(t, err)
		p, err := s.GetPrivateDataHash("persons", "p")
		require.NoError(t, err)
		it, err := s.GetStateByRange("", "")
		require.NoError(t, err)
		kv, err := it.Next()
		require.NoError(t, err)
		a[0], p[0], kv.Value[0] = 'Y', 'Y', 'Y'
		return nil, nil
	})
	assert.Equal(t, "value", string(l.Get("a")))
	assert.Equal(t, "value", string(l.GetPrivate(finance, "persons", "p")))
	block, _ := l.Block(1)
	assert.Equal(t, "value", string(block.Txs[0].Event.Payload))

	l.Get("a")[0] = 'Z'
	assert.Equal(t, "value", string(l.Get("a")))
	f := l.name(func(s shim.ChaincodeStubInterface) ([]byte, error) {
		m, err := s.GetTransient()
		require.NoError(t, err)
		require.Equal(t, "secret", string(m["s"]))
		m["s"][0] = 'X'
		return nil, nil
	})
	_, _, err := l.Submit(alice, f, nil, map[string][]byte{"s": []byte("secret")})
	require.NoError(t, err)
}

func TestKeys(t *testing.T) {
	l := newLedger(Collections(persons))
	l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) {
		require.EqualError(t, s.PutState("", []byte("x")), "key must not be an empty string")
		require.EqualError(t, s.PutPrivateData("persons", "", []byte("x")), "key must not be an empty string")
		require.ErrorContains(t, s.PutState("\xff", []byte("x")), "not valid UTF-8")
		require.ErrorContains(t, s.DelState("\xff"), "not valid UTF-8")
		_, err := s.GetState("\xff")
		require.ErrorContains(t, err, "not valid UTF-8")
		_, err = s.GetMultipleStates("a", "\xff")
		require.ErrorContains(t, err, "not valid UTF-8")
		none, err := s.GetMultipleStates()
		require.NoError(t, err)
		assert.Nil(t, none)
		require.EqualError(t, s.SetEvent("", nil), "event name can not be empty string")
		return nil, s.PutState("empty", []byte{})
	})
	block, _ := l.Block(1)
	assert.Equal(t, []KVWrite{{"empty", true, []byte{}}}, block.Txs[0].Writes, "an empty value is a delete")
}

func TestCompositeKeys(t *testing.T) {
	l := newLedger()
	l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) {
		key, err := s.CreateCompositeKey("roll", []string{"530129", "0001"})
		require.NoError(t, err)
		assert.Equal(t, "\x00roll\x00530129\x000001\x00", key)
		kind, parts, err := s.SplitCompositeKey(key)
		require.NoError(t, err)
		assert.Equal(t, "roll", kind)
		assert.Equal(t, []string{"530129", "0001"}, parts)
		_, _, err = s.SplitCompositeKey("simple")
		require.ErrorContains(t, err, "not a composite key")
		for _, bad := range []string{"a\x00b", "a\U0010FFFF", "\xff"} {
			_, err = s.CreateCompositeKey("roll", []string{bad})
			require.Error(t, err, "%q", bad)
			_, err = s.CreateCompositeKey(bad, nil)
			require.Error(t, err, "%q", bad)
			_, err = s.GetStateByPartialCompositeKey("roll", []string{bad})
			require.Error(t, err, "%q", bad)
		}
		other, err := s.CreateCompositeKey("roll", []string{"5301290", "0001"}) // not a neighbour of 530129
		require.NoError(t, err)
		return nil, errors.Join(s.PutState(key, []byte("1")), s.PutState(other, []byte("1")), s.PutState("simple", []byte("1")))
	})
	l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) {
		keys, err := readKeys(s.GetStateByPartialCompositeKey("roll", []string{"530129"}))
		require.NoError(t, err)
		assert.Equal(t, []string{"\x00roll\x00530129\x000001\x00"}, keys)
		keys, err = readKeys(s.GetStateByPartialCompositeKey("roll", []string{"530129", "0001"}))
		require.NoError(t, err)
		assert.Equal(t, []string{"\x00roll\x00530129\x000001\x00"}, keys)
		keys, err = readKeys(s.GetStateByPartialCompositeKey("roll", nil))
		require.NoError(t, err)
		assert.Len(t, keys, 2)
		keys, err = readKeys(s.GetStateByRange("", ""))
		require.NoError(t, err)
		assert.Equal(t, []string{"simple"}, keys, "an open range does not reach composite keys")
		for _, ends := range [][2]string{{"\x00roll", ""}, {"", "\x00roll"}} {
			_, err = s.GetStateByRange(ends[0], ends[1])
			require.ErrorContains(t, err, "contains a null character which is not allowed")
			_, _, err = s.GetStateByRangeWithPagination(ends[0], ends[1], 1, "")
			require.ErrorContains(t, err, "contains a null character which is not allowed")
		}
		return nil, nil
	})
}

func TestPolicies(t *testing.T) {
	l := newLedger(Collections(persons))
	set := func(s shim.ChaincodeStubInterface) ([]byte, error) {
		return nil, errors.Join(s.SetStateValidationParameter("a", []byte("p")), s.SetStateValidationParameter("none", []byte("p")),
			s.SetPrivateDataValidationParameter("persons", "a", []byte("q")))
	}
	l.commit(t, write("a", "1"))
	l.commit(t, putPrivate("persons", "a", "1"))
	reader := l.endorse(t, readThenWrite("a", "b"))
	l.commit(t, set)
	assert.Equal(t, []peer.TxValidationCode{mvcc}, codes(l.Commit(reader)), "a policy raises the version")
	l.commit(t, write("a", "2")) // keeps the policy
	check := func(want string) {
		l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) {
			p, err := s.GetStateValidationParameter("a")
			require.NoError(t, err)
			assert.Equal(t, want, string(p))
			none, err := s.GetStateValidationParameter("none")
			require.NoError(t, err)
			assert.Nil(t, none)
			q, err := s.GetPrivateDataValidationParameter("persons", "a")
			require.NoError(t, err)
			assert.Equal(t, "q", string(q))
			return nil, nil
		})
	}
	check("p")
	assert.Nil(t, l.Get("none"))
	_, err := l.Evaluate(civil, alice, l.name(getPrivate("persons", "a")), nil, nil)
	require.NoError(t, err, "the private value's version follows the hash's")
	l.commit(t, remove("a"))
	l.commit(t, write("a", "3"))
	check("")
}

func TestUnsupported(t *testing.T) {
	l := newLedger(Collections(persons))
	l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) {
		_, err := s.GetQueryResult("{}")
		require.ErrorContains(t, err, "ExecuteQuery not supported for leveldb")
		_, _, err = s.GetQueryResultWithPagination("{}", 1, "")
		require.ErrorContains(t, err, "not supported for leveldb")
		_, err = s.GetPrivateDataQueryResult("persons", "{}")
		require.ErrorContains(t, err, "not supported for leveldb")
		assert.Equal(t, int32(shim.ERROR), s.InvokeChaincode("other", nil, "").Status)
		return nil, nil
	})
}

func TestProposalFields(t *testing.T) {
	l := newLedger()
	f := l.name(func(s shim.ChaincodeStubInterface) ([]byte, error) {
		assert.Equal(t, "relief", s.GetChannelID())
		function, args := s.GetFunctionAndParameters()
		assert.Equal(t, append([]string{function}, args...), s.GetStringArgs())
		assert.Equal(t, []string{"x", "\xff"}, args)
		assert.Len(t, s.GetArgs(), 3)
		slice, err := s.GetArgsSlice()
		require.NoError(t, err)
		assert.Equal(t, function+"x\xff", string(slice))
		creator, err := s.GetCreator()
		require.NoError(t, err)
		assert.Equal(t, alice.Serialized(), creator)
		at, err := s.GetTxTimestamp()
		require.NoError(t, err)
		assert.Equal(t, int64(1767225600), at.Seconds)
		binding, err := s.GetBinding()
		require.NoError(t, err)
		want := sha256.Sum256(bytes.Join([][]byte{[]byte("n"), creator, make([]byte, 8)}, nil))
		assert.Equal(t, want[:], binding)

		signed, err := s.GetSignedProposal()
		require.NoError(t, err)
		digest := sha256.Sum256(signed.ProposalBytes)
		assert.True(t, ecdsa.VerifyASN1(alice.Certificate().PublicKey.(*ecdsa.PublicKey), digest[:], signed.Signature))
		proposal, payload := &peer.Proposal{}, &peer.ChaincodeProposalPayload{}
		require.NoError(t, proto.Unmarshal(signed.ProposalBytes, proposal))
		require.NoError(t, proto.Unmarshal(proposal.Payload, payload))
		assert.Equal(t, map[string][]byte{"t": []byte("1")}, payload.TransientMap)
		assert.Contains(t, string(proposal.Header), s.GetTxID())
		return nil, nil
	})
	_, _, err := l.SubmitRequest(Request{
		Identity: alice, Function: f, Args: []string{"x", "\xff"}, Transient: map[string][]byte{"t": []byte("1")}, Nonce: []byte("n"),
	})
	require.NoError(t, err)

	var kept shim.ChaincodeStubInterface
	l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) { kept = s; return nil, nil })
	require.Error(t, kept.PutState("late", []byte("1")))
}
