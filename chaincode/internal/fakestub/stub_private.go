// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

var errNoCollection = errors.New("collection must not be an empty string")

// access reports whether the client may read and write a collection. Clients of members may do both, other clients what
// is not reserved for members.
func (s *stub) access(collection string) (read, write bool, err error) {
	c := s.ledger.collections[collection]
	if c == nil {
		return false, false, fmt.Errorf("collection %s/%s/%s could not be found", channelID, chaincodeName, collection)
	}
	member := slices.Contains(c.Members, s.call.Identity.mspID)
	return member || !c.MemberOnlyRead, member || !c.MemberOnlyWrite, nil
}

func (s *stub) mayRead(collection string) error {
	read, _, err := s.access(collection)
	if err != nil || read {
		return err
	}
	return fmt.Errorf("tx creator does not have read access permission on privatedata in chaincodeName:%s collectionName: %s",
		chaincodeName, collection)
}

func (s *stub) mayWrite(collection string) error {
	_, write, err := s.access(collection)
	if err != nil || write {
		return err
	}
	return fmt.Errorf("tx creator does not have write access permission on privatedata in chaincodeName:%s collectionName: %s",
		chaincodeName, collection)
}

// readHash records the version of a private key's hash.
func (s *stub) readHash(collection, key string) *entry {
	e := s.ledger.state.hashes[collection].get(hashKey(key))
	var v *Version
	if e != nil {
		v = e.version
	}
	put(&s.rw.private(collection).reads, key, v)
	return e
}

// readPrivate gives the private value that this peer holds.
func (s *stub) readPrivate(collection, key string) *entry {
	return s.ledger.state.peers[s.org].tables[collection].get(key)
}

// GetPrivateData gives the committed value of a private key. On the peer of an organisation outside the collection it
// fails if the key exists.
func (s *stub) GetPrivateData(collection, key string) ([]byte, error) {
	const request = peer.ChaincodeMessage_GET_STATE
	if collection == "" {
		return nil, errNoCollection
	}
	if err := errors.Join(s.check(key), s.mayRead(collection)); err != nil {
		return nil, s.fail(request, err)
	}
	e := s.readPrivate(collection, key)
	var held *Version
	if e != nil {
		held = e.version
	}
	if public := s.ledger.state.hashes[collection].version(hashKey(key)); !sameVersion(public, held) {
		return nil, s.fail(request, fmt.Errorf(
			"private data matching public hash version is not available. Public hash version = %s, Private data version = %s", public, held))
	}
	put(&s.rw.private(collection).reads, key, held)
	return valueOf(e), nil
}

// GetMultiplePrivateData is GetPrivateData for several keys. As in Fabric, a peer outside the collection returns nil
// and records the keys as absent, so that it disagrees with the members' peers.
func (s *stub) GetMultiplePrivateData(collection string, keys ...string) ([][]byte, error) {
	if collection == "" {
		return nil, errNoCollection
	}
	if len(keys) == 0 {
		return nil, nil
	}
	if err := errors.Join(s.check(keys...), s.mayRead(collection)); err != nil {
		return nil, s.fail(peer.ChaincodeMessage_GET_STATE_MULTIPLE, err)
	}
	values := make([][]byte, len(keys))
	for i, key := range keys {
		e := s.readPrivate(collection, key)
		var held *Version
		if e != nil {
			held = e.version
		}
		put(&s.rw.private(collection).reads, key, held)
		values[i] = valueOf(e)
	}
	return values, nil
}

// GetPrivateDataHash gives the SHA-256 of a private value, on every peer and to every client.
func (s *stub) GetPrivateDataHash(collection, key string) ([]byte, error) {
	const request = peer.ChaincodeMessage_GET_PRIVATE_DATA_HASH
	if collection == "" {
		return nil, errNoCollection
	}
	if err := s.check(key); err != nil {
		return nil, s.fail(request, err)
	}
	if s.ledger.collections[collection] == nil {
		return nil, s.fail(request, fmt.Errorf("collection [%s] not defined in the collection config for chaincode [%s]", collection, chaincodeName))
	}
	return valueOf(s.readHash(collection, key)), nil
}

// PutPrivateData writes a private value. An empty value deletes the key.
func (s *stub) PutPrivateData(collection, key string, value []byte) error {
	if collection == "" {
		return errNoCollection
	}
	return s.putValue(collection, key, value)
}

// DelPrivateData deletes a private key; members keep its history.
func (s *stub) DelPrivateData(collection, key string) error {
	if collection == "" {
		return errNoCollection
	}
	return s.write(record{kind: peer.ChaincodeMessage_DEL_STATE, collection: collection, key: key})
}

// PurgePrivateData deletes a private key and its history on every member.
func (s *stub) PurgePrivateData(collection, key string) error {
	if collection == "" {
		return errNoCollection
	}
	return s.write(record{kind: peer.ChaincodeMessage_PURGE_PRIVATE_DATA, collection: collection, key: key})
}

// SetPrivateDataValidationParameter sets the key-level endorsement policy of a private key.
func (s *stub) SetPrivateDataValidationParameter(collection, key string, policy []byte) error {
	return s.write(record{kind: peer.ChaincodeMessage_PUT_STATE_METADATA, collection: collection, key: key, value: policy})
}

// GetPrivateDataValidationParameter gives the key-level endorsement policy of a private key.
func (s *stub) GetPrivateDataValidationParameter(collection, key string) ([]byte, error) {
	return s.policy(collection, key)
}

// GetPrivateDataByRange reads the private keys that this peer holds. A transaction that writes cannot use it.
func (s *stub) GetPrivateDataByRange(collection, startKey, endKey string) (shim.StateQueryIteratorInterface, error) {
	if collection == "" {
		return nil, errNoCollection
	}
	startKey, err := simpleRange(startKey, endKey)
	if err != nil {
		return nil, err
	}
	return s.queryPrivate(collection, startKey, endKey)
}

// GetPrivateDataByPartialCompositeKey reads the private keys that this peer holds with a prefix.
func (s *stub) GetPrivateDataByPartialCompositeKey(collection, objectType string, keys []string) (shim.StateQueryIteratorInterface, error) {
	if collection == "" {
		return nil, errNoCollection
	}
	start, end, err := compositeRange(objectType, keys)
	if err != nil {
		return nil, err
	}
	return s.queryPrivate(collection, start, end)
}

// GetPrivateDataQueryResult fails as LevelDB does.
func (s *stub) GetPrivateDataQueryResult(collection, _ string) (shim.StateQueryIteratorInterface, error) {
	if collection == "" {
		return nil, errNoCollection
	}
	const request = peer.ChaincodeMessage_GET_QUERY_RESULT
	if err := s.mayRead(collection); err != nil {
		return nil, s.fail(request, err)
	}
	return nil, s.fail(request, errors.New("ExecuteQuery not supported for leveldb"))
}

func (s *stub) queryPrivate(collection, start, end string) (shim.StateQueryIteratorInterface, error) {
	const request = peer.ChaincodeMessage_GET_STATE_BY_RANGE
	if err := errors.Join(s.check(start, end), s.mayRead(collection)); err != nil {
		return nil, s.fail(request, err)
	}
	if s.rw.wrote {
		return nil, s.fail(request, s.unsupported("Queries on pvt data is supported only in a read-only transaction"))
	}
	s.rw.queriedPrivate = true
	scan := s.ledger.state.peers[s.org].tables[collection].scan(start, end)
	return newStateIterator(s, scan, nil, totalQueryLimit, false), nil
}
