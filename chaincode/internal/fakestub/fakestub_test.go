// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	civil   = "CivilAffairsMSP"
	finance = "FinanceMSP"
	audit   = "AuditMSP"
)

var (
	alice = NewIdentity(civil, "alice", map[string]string{"role": "preparer"})
	bob   = NewIdentity(finance, "bob", map[string]string{"role": "approver"})
)

type act func(stub shim.ChaincodeStubInterface) ([]byte, error)

// chaincode runs the act that the test has put under the function's name.
type chaincode struct {
	mu   sync.Mutex
	n    int
	acts map[string]act
}

func (c *chaincode) Init(shim.ChaincodeStubInterface) *peer.Response { return shim.Success(nil) }

func (c *chaincode) Invoke(stub shim.ChaincodeStubInterface) *peer.Response {
	function, _ := stub.GetFunctionAndParameters()
	c.mu.Lock()
	f := c.acts[function]
	c.mu.Unlock()
	payload, err := f(stub)
	if err != nil {
		return shim.Error(err.Error())
	}
	return shim.Success(payload)
}

// ledger is a Ledger whose transactions are functions of the test.
type ledger struct {
	*Ledger
	cc *chaincode
}

func newLedger(options ...Option) *ledger {
	cc := &chaincode{acts: map[string]act{}}
	return &ledger{NewWith(cc, options...), cc}
}

func (l *ledger) name(f act) string {
	l.cc.mu.Lock()
	defer l.cc.mu.Unlock()
	l.cc.n++
	name := "act" + strconv.Itoa(l.cc.n)
	l.cc.acts[name] = f
	return name
}

func (l *ledger) try(id *Identity, f act) (*Proposal, error) {
	return l.Endorse(id, l.name(f), nil, nil)
}

func (l *ledger) endorse(t *testing.T, f act) *Proposal {
	t.Helper()
	p, err := l.try(alice, f)
	require.NoError(t, err)
	return p
}

func (l *ledger) commit(t *testing.T, f act) {
	t.Helper()
	require.NoError(t, l.Commit(l.endorse(t, f))[0].Err())
}

func write(pairs ...string) act {
	return func(stub shim.ChaincodeStubInterface) ([]byte, error) {
		for i := 0; i < len(pairs); i += 2 {
			if err := stub.PutState(pairs[i], []byte(pairs[i+1])); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
}

func remove(key string) act {
	return func(stub shim.ChaincodeStubInterface) ([]byte, error) { return nil, stub.DelState(key) }
}

// readThenWrite reads a key and writes another.
func readThenWrite(read, written string) act {
	return func(stub shim.ChaincodeStubInterface) ([]byte, error) {
		if _, err := stub.GetState(read); err != nil {
			return nil, err
		}
		return nil, stub.PutState(written, []byte("x"))
	}
}

// rangeThenWrite reads up to n results of a range and writes a key; n < 0 reads all.
func rangeThenWrite(start, end string, n int, written string) act {
	return func(stub shim.ChaincodeStubInterface) ([]byte, error) {
		keys, err := readKeys(stub.GetStateByRange(start, end))
		if err != nil {
			return nil, err
		}
		if n >= 0 && n < len(keys) {
			keys = keys[:n]
		}
		return []byte(fmt.Sprint(keys)), stub.PutState(written, []byte("x"))
	}
}

func readKeys(it shim.StateQueryIteratorInterface, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer it.Close()
	var keys []string
	for it.HasNext() {
		kv, err := it.Next()
		if err != nil {
			return nil, err
		}
		keys = append(keys, kv.Key)
	}
	return keys, nil
}

type verdicts = []peer.TxValidationCode

func codes(results []TxResult) []peer.TxValidationCode {
	var out []peer.TxValidationCode
	for _, r := range results {
		out = append(out, r.Code)
	}
	return out
}

const (
	valid     = peer.TxValidationCode_VALID
	mvcc      = peer.TxValidationCode_MVCC_READ_CONFLICT
	phantom   = peer.TxValidationCode_PHANTOM_READ_CONFLICT
	duplicate = peer.TxValidationCode_DUPLICATE_TXID
)

// Each case commits before, endorses acts on that state, commits between, then commits the acts in one block.
func TestValidation(t *testing.T) {
	cases := map[string]struct {
		before, between []act
		acts            []act
		want            verdicts
	}{
		"blind writes do not meet": {acts: []act{write("a", "1"), write("a", "2")}, want: verdicts{valid, valid}},
		"two read and write one key": {
			before: []act{write("a", "0")},
			acts:   []act{readThenWrite("a", "a"), readThenWrite("a", "a")},
			want:   verdicts{valid, mvcc},
		},
		"two read one key, none writes it": {
			before: []act{write("a", "0")},
			acts:   []act{readThenWrite("a", "b"), readThenWrite("a", "c")},
			want:   verdicts{valid, valid},
		},
		"two make the same key": {
			acts: []act{readThenWrite("a", "a"), readThenWrite("a", "a")},
			want: verdicts{valid, mvcc},
		},
		"an earlier block wrote it": {
			before:  []act{write("a", "0")},
			between: []act{write("a", "1")},
			acts:    []act{readThenWrite("a", "b")},
			want:    verdicts{mvcc},
		},
		"the same value again": {
			before:  []act{write("a", "0")},
			between: []act{write("a", "0")},
			acts:    []act{readThenWrite("a", "b")},
			want:    verdicts{mvcc},
		},
		"an earlier block deleted it": {
			before:  []act{write("a", "0")},
			between: []act{remove("a")},
			acts:    []act{readThenWrite("a", "b")},
			want:    verdicts{mvcc},
		},
		"made and deleted in other blocks": {
			between: []act{write("a", "0"), remove("a")},
			acts:    []act{readThenWrite("a", "b")},
			want:    verdicts{valid},
		},
		"made and deleted in the block": {
			acts: []act{write("a", "0"), remove("a"), readThenWrite("a", "b")},
			want: verdicts{valid, valid, mvcc},
		},
		"a conflict writes nothing": {
			acts: []act{readThenWrite("a", "a"), readThenWrite("a", "b"), readThenWrite("b", "c")},
			want: verdicts{valid, mvcc, valid},
		},
		"a key in the range appears": {
			before:  []act{write("k1", "0", "k3", "0")},
			between: []act{write("k2", "0")},
			acts:    []act{rangeThenWrite("k", "l", -1, "z")},
			want:    verdicts{phantom},
		},
		"a key in the range changes": {
			before:  []act{write("k1", "0", "k3", "0")},
			between: []act{write("k3", "1")},
			acts:    []act{rangeThenWrite("k", "l", -1, "z")},
			want:    verdicts{phantom},
		},
		"a key in the range goes": {
			before:  []act{write("k1", "0", "k3", "0")},
			between: []act{remove("k3")},
			acts:    []act{rangeThenWrite("k", "l", -1, "z")},
			want:    verdicts{phantom},
		},
		"a key after the last one read": {
			before:  []act{write("k1", "0", "k3", "0")},
			between: []act{write("k4", "0")},
			acts:    []act{rangeThenWrite("k", "l", -1, "z")},
			want:    verdicts{phantom},
		},
		"the peer reads ahead": {
			before:  []act{write("k1", "0", "k3", "0")},
			between: []act{write("k4", "0")},
			acts:    []act{rangeThenWrite("k", "l", 1, "z")},
			want:    verdicts{phantom},
		},
		"a key at the end of the range": {
			before:  []act{write("k1", "0")},
			between: []act{write("l", "0")},
			acts:    []act{rangeThenWrite("k", "l", -1, "z")},
			want:    verdicts{valid},
		},
		"an empty range fills in the block": {
			acts: []act{write("k1", "0"), rangeThenWrite("k", "l", -1, "z")},
			want: verdicts{valid, phantom},
		},
		"an open range and a composite key": {
			between: []act{write("\x00o\x001\x00", "0")},
			acts:    []act{rangeThenWrite("", "", -1, "z")},
			want:    verdicts{valid},
		},
		"an open range and the last key": {
			between: []act{write("\U0010FFFF", "0")},
			acts:    []act{rangeThenWrite("", "", -1, "z")},
			want:    verdicts{phantom},
		},
		"a range that its own writes change": {
			acts: []act{rangeThenWrite("k", "l", -1, "k1"), rangeThenWrite("k", "l", -1, "k2")},
			want: verdicts{valid, phantom},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := newLedger()
			for _, f := range c.before {
				l.commit(t, f)
			}
			var proposals []*Proposal
			for _, f := range c.acts {
				proposals = append(proposals, l.endorse(t, f))
			}
			for _, f := range c.between {
				l.commit(t, f)
			}
			results := l.Commit(proposals...)
			assert.Equal(t, c.want, codes(results))
			block, ok := l.Block(l.Height() - 1)
			require.True(t, ok)
			require.Len(t, block.Txs, len(c.acts), "invalid transactions stay in the block")
			for i, r := range results {
				assert.Equal(t, TxResult{proposals[i].TxID(), c.want[i], block.Number, i}, r)
				assert.Equal(t, c.want[i], block.Txs[i].Code)
			}
		})
	}
}

func TestConflictLeavesTheState(t *testing.T) {
	l := newLedger()
	first, second := l.endorse(t, readThenWrite("a", "a")), l.endorse(t, readThenWrite("a", "b"))
	results := l.Commit(first, second)
	require.NoError(t, results[0].Err())
	require.True(t, IsConflict(results[1].Err()))
	assert.Nil(t, l.Get("b"))
	var ce *CommitError
	require.ErrorAs(t, results[1].Err(), &ce)
	assert.Equal(t, CommitError{TxID: second.TxID(), Code: mvcc, Block: 1}, *ce)
	assert.False(t, IsConflict(errors.New("other")))

	tx, block, ok := l.Tx(second.TxID())
	require.True(t, ok)
	assert.Equal(t, uint64(1), block)
	assert.Equal(t, mvcc, tx.Code)
}

func TestDuplicates(t *testing.T) {
	l := newLedger()
	p := l.endorse(t, write("a", "1"))
	require.NoError(t, l.Commit(p)[0].Err())
	l.commit(t, write("a", "2"))

	again := l.Commit(p)
	assert.Equal(t, []TxResult{{p.TxID(), duplicate, 3, 0}}, again)
	assert.False(t, IsConflict(again[0].Err()))
	assert.Equal(t, "2", string(l.Get("a")), "a duplicate changes nothing")
	_, block, ok := l.Tx(p.TxID())
	require.True(t, ok)
	assert.Equal(t, uint64(1), block, "the first one counts")

	q := l.endorse(t, write("b", "1"))
	assert.Equal(t, []peer.TxValidationCode{valid, duplicate}, codes(l.Commit(q, q)), "twice in a block")

	lost := l.endorse(t, readThenWrite("a", "c"))
	l.commit(t, write("a", "3"))
	assert.Equal(t, []peer.TxValidationCode{mvcc}, codes(l.Commit(lost)))
	assert.Equal(t, []peer.TxValidationCode{duplicate}, codes(l.Commit(lost)), "an invalid transaction uses up its id too")

	_, err := l.EndorseRequest(Request{Identity: alice, Function: l.name(write("a", "4")), TxID: p.TxID()})
	require.ErrorContains(t, err, "duplicate transaction found")

	other := newLedger()
	assert.Equal(t, []peer.TxValidationCode{peer.TxValidationCode_TARGET_CHAIN_NOT_FOUND}, codes(other.Commit(p)))
}

func TestSubmitAndEvaluate(t *testing.T) {
	l := newLedger()
	f := l.name(func(stub shim.ChaincodeStubInterface) ([]byte, error) {
		_, args := stub.GetFunctionAndParameters()
		if err := stub.PutState(args[0], []byte(args[1])); err != nil {
			return nil, err
		}
		return []byte(stub.GetTxID()), stub.SetEvent("wrote", []byte(args[0]))
	})
	at := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	l.SetTime(at)
	payload, txID, err := l.Submit(alice, f, []string{"a", "1"}, map[string][]byte{"secret": []byte("s")})
	require.NoError(t, err)
	assert.Equal(t, txID, string(payload))
	assert.Equal(t, "1", string(l.Get("a")))
	assert.Equal(t, at.Add(time.Second), l.Now())

	block, ok := l.Block(1)
	require.True(t, ok)
	assert.Equal(t, []Tx{{
		ID: txID, Time: at, Creator: Creator{civil, alice.PEM()}, Endorsers: []string{civil, finance, audit}, Function: f,
		Args: []string{"a", "1"}, Status: 200, Payload: payload, Writes: []KVWrite{{"a", false, []byte("1")}},
		Event: &Event{"wrote", []byte("a")}, Code: valid,
	}}, block.Txs)
	_, ok = l.Block(2)
	assert.False(t, ok)

	payload, err = l.Evaluate(audit, bob, f, []string{"a", "2"}, nil)
	require.NoError(t, err)
	assert.NotEmpty(t, payload)
	assert.Equal(t, "1", string(l.Get("a")), "evaluating commits nothing")
	assert.Equal(t, uint64(2), l.Height())
	assert.Equal(t, at.Add(time.Second), l.Now(), "evaluating leaves the clock alone")
	_, err = l.Evaluate("NobodyMSP", bob, f, nil, nil)
	require.ErrorContains(t, err, "NobodyMSP")
	assert.Nil(t, l.Commit())
}

func TestRefusal(t *testing.T) {
	l := newLedger()
	f := l.name(func(stub shim.ChaincodeStubInterface) ([]byte, error) {
		return nil, errors.Join(stub.PutState("a", []byte("1")), stub.SetEvent("e", nil), errors.New("FORBIDDEN: not yours"))
	})
	_, _, err := l.Submit(alice, f, nil, nil)
	var ee *EndorseError
	require.ErrorAs(t, err, &ee)
	assert.Equal(t, "FORBIDDEN: not yours", ee.Message)
	assert.Equal(t, "chaincode response 500, FORBIDDEN: not yours", err.Error())
	assert.Equal(t, uint64(1), l.Height())

	_, err = l.Evaluate(audit, alice, f, nil, nil)
	require.ErrorAs(t, err, &ee)
	assert.Equal(t, audit, ee.Org)
}
