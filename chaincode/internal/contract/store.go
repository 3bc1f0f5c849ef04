// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding"
	"encoding/json"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// key writes a key as the ledger wants it.
func (ctx *Context) key(k relief.Key) (string, error) {
	if k.Simple() {
		return k.String(), nil
	}
	return ctx.GetStub().CreateCompositeKey(k.Kind, k.Attrs)
}

// get reads a value, nil when there is none.
func (ctx *Context) get(k relief.Key) ([]byte, error) {
	key, err := ctx.key(k)
	if err != nil {
		return nil, fmt.Errorf("key of kind %s: %w", k.Kind, err)
	}
	b, err := ctx.GetStub().GetState(key)
	if err != nil {
		return nil, fmt.Errorf("reading a %s: %w", k.Kind, err)
	}
	return b, nil
}

// getAll reads several values in one message to the peer, in the order of the keys, nil where there is none.
func (ctx *Context) getAll(keys []relief.Key) ([][]byte, error) {
	names := make([]string, len(keys))
	for i, k := range keys {
		var err error
		if names[i], err = ctx.key(k); err != nil {
			return nil, fmt.Errorf("key of kind %s: %w", k.Kind, err)
		}
	}
	values, err := ctx.GetStub().GetMultipleStates(names...)
	if err != nil {
		return nil, fmt.Errorf("reading %d keys: %w", len(keys), err)
	}
	return values, nil
}

// put writes a value that can be read again.
func (ctx *Context) put(k relief.Key, value []byte) error {
	if err := readBack(k.Kind, value); err != nil {
		return err
	}
	key, err := ctx.key(k)
	if err != nil {
		return fmt.Errorf("key of kind %s: %w", k.Kind, err)
	}
	if err := ctx.GetStub().PutState(key, value); err != nil {
		return fmt.Errorf("writing a %s: %w", k.Kind, err)
	}
	return nil
}

// readBack refuses to store a packed value that could not be read again: it would stop every later reader.
func readBack(kind string, value []byte) (err error) {
	switch kind {
	case relief.KindRoll:
		_, err = roll.ParseSegment(value)
	case relief.KindLines:
		_, err = payment.ParseLineSegment(value)
	case relief.KindRollIndex:
		err = new(roll.IndexEntry).UnmarshalBinary(value)
	}
	if err != nil {
		return relief.Errorf(relief.CodeInvalid, "the act would leave a value of kind %s that cannot be read again", kind)
	}
	return nil
}

// putPrivate writes a value of the collection.
func (ctx *Context) putPrivate(k relief.Key, value []byte) error {
	key, err := ctx.key(k)
	if err != nil {
		return fmt.Errorf("key of kind %s: %w", k.Kind, err)
	}
	if err := ctx.GetStub().PutPrivateData(relief.DetailsCollection, key, value); err != nil {
		return fmt.Errorf("writing private details: %w", err)
	}
	return nil
}

// load reads a record, nil when there is none.
func load[T any](ctx *Context, k relief.Key) (*T, error) {
	b, err := ctx.get(k)
	if err != nil || b == nil {
		return nil, err
	}
	return parseRecord[T](k.Kind, b)
}

// mustLoad is load of a record that has to be there: NOT_FOUND otherwise.
func mustLoad[T any](ctx *Context, k relief.Key) (*T, error) {
	v, err := load[T](ctx, k)
	if err == nil && v == nil {
		err = relief.Errorf(relief.CodeNotFound, "no %s has this id", k.Kind)
	}
	return v, err
}

// save writes a record.
func save(ctx *Context, k relief.Key, record any) error {
	b, err := encodeRecord(k.Kind, record)
	if err != nil {
		return err
	}
	return ctx.put(k, b)
}

// encodeRecord writes a record as it is stored: packed where its type says how, else as JSON.
func encodeRecord(kind string, record any) (b []byte, err error) {
	if packed, ok := record.(encoding.BinaryMarshaler); ok {
		b, err = packed.MarshalBinary()
	} else {
		b, err = json.Marshal(record)
	}
	if err != nil {
		return nil, relief.Errorf(relief.CodeCorrupt, "the %s cannot be written", kind)
	}
	return b, nil
}

// parseRecord reads what encodeRecord wrote.
func parseRecord[T any](kind string, b []byte) (v *T, err error) {
	v = new(T)
	if packed, ok := any(v).(encoding.BinaryUnmarshaler); ok {
		err = packed.UnmarshalBinary(b)
	} else {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return nil, relief.Errorf(relief.CodeCorrupt, "a stored %s cannot be read", kind)
	}
	return v, nil
}

// scan calls f with every value whose key begins with the attributes of prefix, in the order of their keys. The range
// is closed: the ledger refuses the transaction if any other key comes into it before the commit.
func (ctx *Context) scan(prefix relief.Key, f func(attrs []string, value []byte) error) error {
	stub := ctx.GetStub()
	it, err := stub.GetStateByPartialCompositeKey(prefix.Kind, prefix.Attrs)
	if err != nil {
		return fmt.Errorf("reading keys of kind %s: %w", prefix.Kind, err)
	}
	return each(stub, it, f)
}

// each reads an iterator to its end and closes it.
func each(stub shim.ChaincodeStubInterface, it shim.StateQueryIteratorInterface, f func([]string, []byte) error) error {
	defer func() { _ = it.Close() }()
	for it.HasNext() {
		kv, err := it.Next()
		if err != nil {
			return fmt.Errorf("reading a range of keys: %w", err)
		}
		_, attrs, err := stub.SplitCompositeKey(kv.GetKey())
		if err != nil {
			return relief.Errorf(relief.CodeCorrupt, "a key of the ledger cannot be read")
		}
		if err := f(attrs, kv.GetValue()); err != nil {
			return err
		}
	}
	return nil
}

// finish ends an act on one record: it is stored if it changed, and answered.
func finish(ctx *Context, k relief.Key, record any, changed bool, err error) (string, error) {
	if err == nil && changed {
		err = save(ctx, k, record)
	}
	return encode(record, err)
}
