package boltstore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.etcd.io/bbolt"
)

// Bucket is one named bucket with values of type V. It is a description only: it holds no data and works with every
// store that has the bucket.
type Bucket[V any] struct {
	name   []byte
	encode func(V) ([]byte, error)
	decode func([]byte) (V, error)
}

// JSON is a bucket with values in JSON.
func JSON[V any](name string) Bucket[V] {
	return Bucket[V]{
		name:   []byte(name),
		encode: func(v V) ([]byte, error) { return json.Marshal(v) },
		decode: func(b []byte) (v V, err error) { return v, json.Unmarshal(b, &v) },
	}
}

// Bytes is a bucket whose values are stored as they are.
func Bytes(name string) Bucket[[]byte] {
	return Bucket[[]byte]{
		name:   []byte(name),
		encode: func(v []byte) ([]byte, error) { return v, nil },
		decode: func(b []byte) ([]byte, error) { return bytes.Clone(b), nil }, // the file's own memory ends with the transaction
	}
}

// Create makes the bucket unless the file has it, and reports whether it did.
func (b Bucket[V]) Create(tx *Tx) (created bool, err error) {
	if tx.tx.Bucket(b.name) != nil {
		return false, nil
	}
	_, err = tx.tx.CreateBucket(b.name)
	return err == nil, err
}

// Get reads the value of a key and reports whether there is one.
func (b Bucket[V]) Get(tx *Tx, key string) (value V, found bool, err error) {
	stored := tx.tx.Bucket(b.name).Get([]byte(key))
	if stored == nil {
		return value, false, nil
	}
	value, err = b.read(tx, key, stored)
	return value, err == nil, err
}

// Has reports whether a key has a value.
func (b Bucket[V]) Has(tx *Tx, key string) bool { return tx.tx.Bucket(b.name).Get([]byte(key)) != nil }

// Len counts the keys. It looks at every page of the bucket.
func (b Bucket[V]) Len(tx *Tx) int { return tx.tx.Bucket(b.name).Stats().KeyN }

// Put sets the value of a key.
func (b Bucket[V]) Put(tx *Tx, key string, value V) error {
	stored, err := b.encode(value)
	if err != nil {
		return fmt.Errorf("bucket %s: %w", b.name, err)
	}
	return tx.tx.Bucket(b.name).Put([]byte(key), stored)
}

// PutNew sets the value of a key that has none. Otherwise it keeps and returns the existing value: of several callers
// with one key, exactly one finds none.
func (b Bucket[V]) PutNew(tx *Tx, key string, value V) (existing V, found bool, err error) {
	if existing, found, err = b.Get(tx, key); found || err != nil {
		return existing, found, err
	}
	return existing, false, b.Put(tx, key, value)
}

// Delete removes a key. A key that is not there is no error.
func (b Bucket[V]) Delete(tx *Tx, key string) error { return tx.tx.Bucket(b.name).Delete([]byte(key)) }

func (b Bucket[V]) read(tx *Tx, key string, stored []byte) (V, error) {
	tx.store.reads.Add(1)
	value, err := b.decode(stored)
	if err != nil {
		return value, fmt.Errorf("bucket %s, key %q: %w", b.name, key, err)
	}
	return value, nil
}

// All visits all keys in their order.
func (b Bucket[V]) All(tx *Tx) *Cursor[V] { return b.Prefix(tx, "") }

// Prefix visits the keys that begin with a text, in their order.
func (b Bucket[V]) Prefix(tx *Tx, prefix string) *Cursor[V] {
	return &Cursor[V]{bucket: b, tx: tx, cursor: tx.tx.Bucket(b.name).Cursor(), first: prefix, prefix: prefix}
}

// After visits the keys behind a key, which need not exist, in their order. Behind "" are all keys.
func (b Bucket[V]) After(tx *Tx, key string) *Cursor[V] {
	next := key + "\x00" // no key lies between the two
	return &Cursor[V]{bucket: b, tx: tx, cursor: tx.tx.Bucket(b.name).Cursor(), first: next}
}

// Backwards visits all keys from the last to the first.
func (b Bucket[V]) Backwards(tx *Tx) *Cursor[V] {
	return &Cursor[V]{bucket: b, tx: tx, cursor: tx.tx.Bucket(b.name).Cursor(), backwards: true}
}

// Cursor goes through a bucket. While it does, the bucket must not be changed: collect the keys first.
//
//	for c := bucket.All(tx); c.Next(); {
//		value, err := c.Value()
//	}
type Cursor[V any] struct {
	bucket    Bucket[V]
	tx        *Tx
	cursor    *bbolt.Cursor
	first     string // the least key to visit
	prefix    string // of all keys to visit
	backwards bool
	begun     bool

	key   string
	value []byte
}

// Next goes to the next key and reports whether there is one. The first call goes to the first key.
func (c *Cursor[V]) Next() bool {
	var key []byte
	switch {
	case !c.begun && c.backwards:
		key, c.value = c.cursor.Last()
	case !c.begun:
		key, c.value = c.cursor.Seek([]byte(c.first))
	case c.backwards:
		key, c.value = c.cursor.Prev()
	default:
		key, c.value = c.cursor.Next()
	}
	c.begun = true
	c.key = string(key)
	return key != nil && strings.HasPrefix(c.key, c.prefix)
}

// Key is the key of the entry that Next went to.
func (c *Cursor[V]) Key() string { return c.key }

// Value reads the value of the entry that Next went to.
func (c *Cursor[V]) Value() (V, error) { return c.bucket.read(c.tx, c.key, c.value) }
