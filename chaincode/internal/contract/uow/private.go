// SPDX-License-Identifier: Apache-2.0

package uow

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/reseal"
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
// same key. Without a value nothing is written. INVALID for a value that could not be read again. The key is one that has no
// value yet, or a value that was never sealed again.
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
	s, err := w.Sealing(k)
	if err != nil {
		return err
	}
	if s.Times > 0 {
		if err := w.Delete(relief.SealingKey(k)); err != nil {
			return err
		}
	}
	return w.purge(k.Resealed(s.Times))
}

func (w *Work) purge(k relief.Key) error {
	key, err := w.key(k)
	if err != nil {
		return err
	}
	w.count++
	w.purged = append(w.purged, key)
	return nil
}

// Reseal puts a value of the collection in the place of another that was sealed with an earlier key, which is purged.
func (w *Work) Reseal(k relief.Key, value []byte) error {
	s, err := w.Sealing(k)
	if err != nil {
		return err
	}
	if err := w.purge(k.Resealed(s.Times)); err != nil {
		return err
	}
	s = sealingOf(s.Times+1, value)
	if err := w.PutPrivate(k.Resealed(s.Times), value); err != nil {
		return err
	}
	return w.Put(relief.SealingKey(k), s)
}

// ReplacePrivate is PutPrivate for a key that may have a value that was sealed again: the new one takes its place.
func (w *Work) ReplacePrivate(k relief.Key, value []byte) error {
	s, err := w.Sealing(k)
	if err != nil {
		return err
	}
	if s.Times == 0 {
		return w.PutPrivate(k, value)
	}
	if err := w.PutPrivate(k.Resealed(s.Times), value); err != nil {
		return err
	}
	return w.Put(relief.SealingKey(k), sealingOf(s.Times, value))
}

func sealingOf(times uint32, value []byte) reseal.Sealing {
	sum := sha256.Sum256(value)
	return reseal.Sealing{Times: times, SHA256: hex.EncodeToString(sum[:])}
}

// Sealing says how often the value of a key of the collection was sealed again. The generations of a detail page are keys of their
// own.
func (w *Work) Sealing(k relief.Key) (reseal.Sealing, error) {
	if k.Kind == relief.KindDetailPage {
		return reseal.Sealing{}, nil
	}
	s, err := Find[reseal.Sealing](w, relief.SealingKey(k))
	if err != nil || s == nil {
		return reseal.Sealing{}, err
	}
	return *s, nil
}

// resealed are the keys under which values of the collection are now.
func (w *Work) resealed(keys []relief.Key) ([]relief.Key, error) {
	sealings := make([]relief.Key, 0, len(keys))
	for _, k := range keys {
		if k.Kind != relief.KindDetailPage {
			sealings = append(sealings, relief.SealingKey(k))
		}
	}
	if err := w.Fetch(sealings...); err != nil {
		return nil, err
	}
	now := make([]relief.Key, len(keys))
	for i, k := range keys {
		s, err := w.Sealing(k)
		if err != nil {
			return nil, err
		}
		now[i] = k.Resealed(s.Times)
	}
	return now, nil
}

// PrivateValues are values of the collection in the order of the keys, nil where there is none. FORBIDDEN at a peer whose
// agency is no member of the collection.
func (w *Work) PrivateValues(keys ...relief.Key) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	keys, err := w.resealed(keys)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(keys))
	for i, k := range keys {
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
	s, err := w.Sealing(k)
	if err != nil {
		return nil, err
	}
	key, err := w.key(k.Resealed(s.Times))
	if err != nil {
		return nil, err
	}
	hash, err := w.stub.GetPrivateDataHash(relief.DetailsCollection, key)
	if err != nil {
		return nil, fmt.Errorf("reading a hash of private details: %w", err)
	}
	return hash, nil
}
