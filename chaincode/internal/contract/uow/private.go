// SPDX-License-Identifier: Apache-2.0

package uow

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/stored"
)

type privateValue struct {
	key   string
	value []byte
}

// Transient is one value of the transient map: INVALID when the map has none by this name.
func (w *Work) Transient(name string) ([]byte, error) {
	if w.transient == nil {
		m, err := w.stub.GetTransient()
		if err != nil {
			return nil, fmt.Errorf("the transient data: %w", err)
		}
		w.transient = m
	}
	b, ok := w.transient[name]
	if !ok {
		return nil, relief.Errorf(relief.CodeInvalid, "the transient map has no %s", name)
	}
	return b, nil
}

// PutPrivate has a value of the collection of private details written, in place of one that this unit of work has put under the
// same key. Without a value nothing is written. INVALID for a value that could not be read again.
func (w *Work) PutPrivate(k relief.Key, value []byte) error {
	if value != nil && stored.CheckPrivate(k, value) != nil {
		return unreadable(k)
	}
	key, err := w.key(k)
	if err != nil {
		return err
	}
	w.count++
	if i, put := w.privateAt[key]; put {
		w.private[i].value = value
		return nil
	}
	w.privateAt[key] = len(w.private)
	w.private = append(w.private, privateValue{key, value})
	return nil
}

// Purge has a value of the collection removed from every peer, with its history (R52).
func (w *Work) Purge(k relief.Key) error {
	key, err := w.key(k)
	if err != nil {
		return err
	}
	w.count++
	w.purged = append(w.purged, key)
	return nil
}

// PrivateValues are values of the collection in the order of the keys, nil where there is none. FORBIDDEN at a peer whose
// agency is no member of the collection.
func (w *Work) PrivateValues(keys ...relief.Key) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		var err error
		if names[i], err = w.key(k); err != nil {
			return nil, err
		}
	}
	values, err := w.stub.GetMultiplePrivateData(relief.DetailsCollection, names...)
	if err != nil {
		return nil, relief.Errorf(relief.CodeForbidden, "this peer has no access to private details")
	}
	return values, nil
}

// PrivateHash is the SHA-256 of a value of the collection, which every peer has; it is empty when there is no value.
func (w *Work) PrivateHash(k relief.Key) ([]byte, error) {
	key, err := w.key(k)
	if err != nil {
		return nil, err
	}
	hash, err := w.stub.GetPrivateDataHash(relief.DetailsCollection, key)
	if err != nil {
		return nil, fmt.Errorf("reading a hash of private details: %w", err)
	}
	return hash, nil
}
