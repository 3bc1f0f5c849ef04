// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"errors"
	"fmt"
	"testing"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPagination(t *testing.T) {
	l := newLedger()
	var pairs []string
	for i := range 7 {
		pairs = append(pairs, fmt.Sprintf("k%d", i), "1", fmt.Sprintf("\x00c\x00%d\x00", i), "1")
	}
	l.commit(t, write(pairs...))
	type page func(s shim.ChaincodeStubInterface, bookmark string) (shim.StateQueryIteratorInterface, *peer.QueryResponseMetadata, error)
	for name, open := range map[string]page{
		"range": func(s shim.ChaincodeStubInterface, b string) (shim.StateQueryIteratorInterface, *peer.QueryResponseMetadata, error) {
			return s.GetStateByRangeWithPagination("", "", 3, b)
		},
		"prefix": func(s shim.ChaincodeStubInterface, b string) (shim.StateQueryIteratorInterface, *peer.QueryResponseMetadata, error) {
			return s.GetStateByPartialCompositeKeyWithPagination("c", nil, 3, b)
		},
		"all composite": func(s shim.ChaincodeStubInterface, b string) (shim.StateQueryIteratorInterface, *peer.QueryResponseMetadata, error) {
			return s.GetAllStatesCompositeKeyWithPagination(3, b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := l.Evaluate(audit, alice, l.name(func(s shim.ChaincodeStubInterface) ([]byte, error) {
				var sizes []int32
				var all []string
				for bookmark := ""; ; {
					it, md, err := open(s, bookmark)
					require.NoError(t, err)
					keys, err := readKeys(it, nil)
					require.NoError(t, err)
					sizes, all, bookmark = append(sizes, md.FetchedRecordsCount), append(all, keys...), md.Bookmark
					if bookmark == "" {
						break
					}
				}
				assert.Equal(t, []int32{3, 3, 1}, sizes)
				assert.Len(t, all, 7)
				require.ErrorContains(t, s.PutState("x", []byte("1")), "Transaction has already performed a paginated query. Writes are not allowed")
				return nil, nil
			}), nil, nil)
			require.NoError(t, err)
			_, err = l.try(alice, func(s shim.ChaincodeStubInterface) ([]byte, error) {
				require.NoError(t, s.PutState("x", []byte("1")))
				_, _, err := open(s, "")
				return nil, err
			})
			require.ErrorContains(t, err, "Paginated queries are supported only in a read-only transaction")
		})
	}
	_, err := l.try(alice, func(s shim.ChaincodeStubInterface) ([]byte, error) { // no page size, no bookmark: an ordinary query
		it, md, err := s.GetStateByRangeWithPagination("", "", 0, "")
		require.NoError(t, err)
		assert.Empty(t, md.Bookmark)
		keys, err := readKeys(it, nil)
		assert.Len(t, keys, 7)
		return nil, errors.Join(err, s.PutState("x", []byte("1")))
	})
	require.NoError(t, err)
}

func TestQueryReadsAhead(t *testing.T) {
	l := newLedger()
	l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) {
		for i := range 2500 {
			require.NoError(t, s.PutState(fmt.Sprintf("k%04d", i), []byte("1")))
		}
		return nil, nil
	})
	take := func(n int) *Proposal {
		return l.endorse(t, func(s shim.ChaincodeStubInterface) ([]byte, error) {
			it, err := s.GetStateByRange("k", "l")
			require.NoError(t, err)
			for i := range n {
				require.True(t, it.HasNext())
				kv, err := it.Next()
				require.NoError(t, err)
				assert.Equal(t, fmt.Sprintf("k%04d", i), kv.Key)
			}
			assert.Equal(t, n < 2500, it.HasNext())
			return nil, errors.Join(it.Close(), s.PutState("z", []byte("1")))
		})
	}
	type span struct {
		n, read   int
		end       string
		exhausted bool
	}
	var proposals []*Proposal
	for _, c := range []span{{1, 1001, "k1000", false}, {999, 1001, "k1000", false}, {1000, 2001, "k2000", false}, {2500, 2500, "l", true}} {
		p := take(c.n)
		r := p.Tx().Ranges[0]
		assert.Equal(t, span{c.n, len(r.Reads), r.End, r.Exhausted}, c)
		proposals = append(proposals, p)
	}
	l.commit(t, write("k2000x", "1"))
	assert.Equal(t, []peer.TxValidationCode{valid, valid, valid, phantom}, codes(l.Commit(proposals...)))

	_, err := l.try(alice, func(s shim.ChaincodeStubInterface) ([]byte, error) {
		it, err := s.GetStateByRange("k", "l")
		require.NoError(t, err)
		require.NoError(t, it.Close())
		_, err = readKeys(it, nil)
		return nil, err
	})
	require.ErrorContains(t, err, "query iterator not found")
}

func TestHistory(t *testing.T) {
	l := newLedger()
	first := l.endorse(t, write("a", "1"))
	lost := l.endorse(t, readThenWrite("a", "a"))
	l.Commit(first, lost)
	l.commit(t, write("b", "1", "a", "2", "c", "3"))
	l.commit(t, remove("a"))
	_, err := l.Evaluate(civil, alice, l.name(func(s shim.ChaincodeStubInterface) ([]byte, error) {
		it, err := s.GetHistoryForKey("a")
		require.NoError(t, err)
		var got []string
		var last string
		for it.HasNext() {
			m, err := it.Next()
			require.NoError(t, err)
			got, last = append(got, fmt.Sprintf("%s %t", m.Value, m.IsDelete)), m.TxId
		}
		assert.Equal(t, []string{" true", "2 false", "1 false"}, got, "newest first, without the invalid one")
		assert.Equal(t, first.TxID(), last)
		_, err = it.Next()
		require.Error(t, err)
		return nil, it.Close()
	}), nil, nil)
	require.NoError(t, err)
}
