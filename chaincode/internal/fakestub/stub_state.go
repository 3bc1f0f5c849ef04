// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

var errSimulationOver = errors.New("this instance should not be used after calling Done()")

// check refuses calls that the shim never sends to a peer.
func (s *stub) check(keys ...string) error {
	if s.done {
		return errSimulationOver
	}
	for _, k := range keys {
		if !utf8.ValidString(k) {
			return fmt.Errorf("key %q is not valid UTF-8", k)
		}
	}
	return nil
}

// GetState gives the committed value of a key and records its version.
func (s *stub) GetState(key string) ([]byte, error) {
	if err := s.check(key); err != nil {
		return nil, s.fail(peer.ChaincodeMessage_GET_STATE, err)
	}
	return valueOf(s.read(key)), nil
}

// GetMultipleStates is GetState for several keys.
func (s *stub) GetMultipleStates(keys ...string) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	if err := s.check(keys...); err != nil {
		return nil, s.fail(peer.ChaincodeMessage_GET_STATE_MULTIPLE, err)
	}
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = valueOf(s.read(key))
	}
	return values, nil
}

func (s *stub) read(key string) *entry {
	e := s.ledger.state.public.get(key)
	if e == nil {
		put(&s.rw.reads, key, nil)
		return nil
	}
	put(&s.rw.reads, key, e.version)
	return e
}

// GetStateValidationParameter gives the key-level endorsement policy of a key and records its version.
func (s *stub) GetStateValidationParameter(key string) ([]byte, error) {
	return s.policy("", key)
}

func (s *stub) policy(collection, key string) ([]byte, error) {
	const request = peer.ChaincodeMessage_GET_STATE_METADATA
	if err := s.check(key); err != nil {
		return nil, s.fail(request, err)
	}
	var e *entry
	if collection == "" {
		e = s.read(key)
	} else {
		if err := s.mayRead(collection); err != nil {
			return nil, s.fail(request, err)
		}
		e = s.readHash(collection, key)
	}
	if e == nil {
		return nil, nil
	}
	return bytes.Clone(e.policy), nil
}

// PutState writes a value. An empty value deletes the key.
func (s *stub) PutState(key string, value []byte) error {
	return s.putValue("", key, value)
}

func (s *stub) putValue(collection, key string, value []byte) error {
	if key == "" {
		return errors.New("key must not be an empty string")
	}
	return s.write(record{kind: peer.ChaincodeMessage_PUT_STATE, collection: collection, key: key, value: value})
}

// DelState deletes a key.
func (s *stub) DelState(key string) error {
	return s.write(record{kind: peer.ChaincodeMessage_DEL_STATE, key: key})
}

// SetStateValidationParameter sets the key-level endorsement policy of a key.
func (s *stub) SetStateValidationParameter(key string, policy []byte) error {
	return s.write(record{kind: peer.ChaincodeMessage_PUT_STATE_METADATA, key: key, value: policy})
}

// record is one write on its way to the peer.
type record struct {
	kind            peer.ChaincodeMessage_Type
	collection, key string
	value           []byte
}

// writeBatch delays writes. As in the shim, values are not copied before they are sent.
type writeBatch struct {
	records []record
	index   map[batchKey]int
}

type batchKey struct {
	collection, key string
	policy          bool
}

// StartWriteBatch delays writes until FinishWriteBatch or the end of the transaction.
func (s *stub) StartWriteBatch() {
	if s.batch == nil {
		s.batch = &writeBatch{index: map[batchKey]int{}}
	}
}

// FinishWriteBatch sends the delayed writes.
func (s *stub) FinishWriteBatch() error {
	batch := s.batch
	s.batch = nil
	if batch == nil {
		return nil
	}
	for _, r := range batch.records {
		if err := s.perform(r); err != nil {
			return fmt.Errorf("failed send batch: %w", s.fail(peer.ChaincodeMessage_WRITE_BATCH_STATE, err))
		}
	}
	return nil
}

func (s *stub) write(r record) error {
	if s.batch == nil {
		if err := s.perform(r); err != nil {
			return s.fail(r.kind, err)
		}
		return nil
	}
	key := batchKey{r.collection, r.key, r.kind == peer.ChaincodeMessage_PUT_STATE_METADATA}
	if i, ok := s.batch.index[key]; ok {
		s.batch.records[i] = r
		return nil
	}
	s.batch.index[key] = len(s.batch.records)
	s.batch.records = append(s.batch.records, r)
	return nil
}

// perform is the peer's part of a write.
func (s *stub) perform(r record) error {
	if err := s.check(r.key); err != nil {
		return err
	}
	if r.collection != "" {
		if err := s.mayWrite(r.collection); err != nil {
			return err
		}
	}
	switch {
	case s.rw.queriedPrivate:
		return s.unsupported("Transaction has already performed queries on pvt data. Writes are not allowed")
	case s.rw.paginated:
		return s.unsupported("Transaction has already performed a paginated query. Writes are not allowed")
	}
	s.rw.wrote = true
	value := bytes.Clone(r.value)
	switch {
	case r.collection == "" && r.kind == peer.ChaincodeMessage_PUT_STATE_METADATA:
		put(&s.rw.policies, r.key, value)
	case r.collection == "":
		put(&s.rw.writes, r.key, value)
	case r.kind == peer.ChaincodeMessage_PUT_STATE_METADATA:
		put(&s.rw.private(r.collection).policies, r.key, value)
	default:
		purge := r.kind == peer.ChaincodeMessage_PURGE_PRIVATE_DATA
		put(&s.rw.private(r.collection).writes, r.key, privateValue{value, purge})
	}
	return nil
}

func (s *stub) unsupported(what string) error {
	return fmt.Errorf("txid [%s]: unsuppored transaction. %s", s.call.TxID, what) // as the peer spells it
}
