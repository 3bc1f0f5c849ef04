// SPDX-License-Identifier: Apache-2.0

package uow

import (
	"fmt"
	"maps"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/stored"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// Work is the unit of work of one transaction.
type Work struct {
	// Actor is who calls, when, and in which transaction.
	Actor relief.Actor

	stub      shim.ChaincodeStubInterface
	known     map[string]known // by the key as the ledger writes it
	written   []write          // in the order in which the keys were first written
	count     int              // of all calls that write
	private   []privateValue
	privateAt map[string]int // the place in private of a key
	purged    []string       // keys of the collection
	transient map[string][]byte
}

// known is a value that was read or will be written, nil for none.
type known struct {
	value   []byte
	written bool
	unread  bool // Store reads the value back
}

type write struct {
	key  relief.Key
	name string // as the ledger writes it
}

// New begins the unit of work of the stub's transaction.
func New(stub shim.ChaincodeStubInterface, actor relief.Actor) *Work {
	return &Work{Actor: actor, stub: stub, known: map[string]known{}, privateAt: map[string]int{}}
}

// Grow makes room in memory for that many more keys, before an act reads or writes many.
func (w *Work) Grow(keys int) {
	room := make(map[string]known, len(w.known)+keys)
	maps.Copy(room, w.known)
	w.known, w.written = room, slices.Grow(w.written, keys)
}

// key writes a key as the ledger wants it.
func (w *Work) key(k relief.Key) (string, error) {
	if k.Simple() {
		return k.String(), nil
	}
	key, err := w.stub.CreateCompositeKey(k.Kind, k.Attrs)
	if err != nil {
		return "", relief.Errorf(relief.CodeInvalid, "no record of kind %s has such a name: %v", k.Kind, err)
	}
	return key, nil
}

// Fetch reads the keys that were not read yet, in one message to the peer.
func (w *Work) Fetch(keys ...relief.Key) error {
	_, err := w.Values(keys...)
	return err
}

// Values are the values of keys in their order, nil where there is none. Those that were not read yet come in one message
// from the peer.
func (w *Work) Values(keys ...relief.Key) ([][]byte, error) {
	names, missing := make([]string, len(keys)), make([]string, 0, len(keys))
	for i, k := range keys {
		name, err := w.key(k)
		if err != nil {
			return nil, err
		}
		names[i] = name
		if _, ok := w.known[name]; !ok {
			w.known[name] = known{}
			missing = append(missing, name)
		}
	}
	if err := w.read(missing); err != nil {
		return nil, err
	}
	values := make([][]byte, len(keys))
	for i, name := range names {
		values[i] = w.known[name].value
	}
	return values, nil
}

func (w *Work) read(names []string) error {
	if len(names) == 0 {
		return nil
	}
	values, err := w.stub.GetMultipleStates(names...)
	if err != nil {
		return fmt.Errorf("reading %d keys: %w", len(names), err)
	}
	for i, name := range names {
		if len(values[i]) > 0 {
			w.known[name] = known{value: values[i]}
		}
	}
	return nil
}

// Value is the value of one key, nil when there is none.
func (w *Work) Value(k relief.Key) ([]byte, error) {
	name, err := w.key(k)
	if err != nil {
		return nil, err
	}
	if _, ok := w.known[name]; !ok {
		w.known[name] = known{}
		if err := w.read([]string{name}); err != nil {
			return nil, err
		}
	}
	return w.known[name].value, nil
}

// Find reads a record; it is nil when there is none.
func Find[T any](w *Work, k relief.Key) (*T, error) {
	b, err := w.Value(k)
	if err != nil || b == nil {
		return nil, err
	}
	return Parse[T](k.Kind, b)
}

// Get reads a record that has to be there: NOT_FOUND otherwise.
func Get[T any](w *Work, k relief.Key) (T, error) {
	v, err := Find[T](w, k)
	if err != nil || v == nil {
		var none T
		if err == nil {
			err = relief.Errorf(relief.CodeNotFound, "no %s has this id", k.Kind)
		}
		return none, err
	}
	return *v, nil
}

// Parse reads a record as it is stored.
func Parse[T any](kind string, b []byte) (*T, error) {
	v, err := stored.Read[T](b)
	if err != nil {
		return nil, relief.Errorf(relief.CodeCorrupt, "a stored %s cannot be read", kind)
	}
	return v, nil
}

// Put has a record written as Parse reads it.
func (w *Work) Put(k relief.Key, record any) error {
	b, err := stored.Format(record)
	if err != nil {
		return relief.Errorf(relief.CodeInvalid, "the act would leave a %s that cannot be written", k.Kind)
	}
	return w.PutValue(k, b)
}

// PutValue has a value written. INVALID for a value that could not be read again.
func (w *Work) PutValue(k relief.Key, value []byte) error {
	if err := readBack(k, value); err != nil {
		return err
	}
	return w.set(k, known{value: value})
}

// PutOften is PutValue for a value that each act of a file may write anew, such as a segment of a roll: it is read back once, by
// Store.
func (w *Work) PutOften(k relief.Key, value []byte) error {
	return w.set(k, known{value: value, unread: true})
}

// Delete has a key deleted.
func (w *Work) Delete(k relief.Key) error { return w.set(k, known{}) }

func (w *Work) set(k relief.Key, v known) error {
	name, err := w.key(k)
	if err != nil {
		return err
	}
	w.count++
	if !w.known[name].written {
		w.written = append(w.written, write{k, name})
	}
	v.written = true
	w.known[name] = v
	return nil
}

// Writes counts the calls that have something written: an act that leaves it as it was has changed nothing.
func (w *Work) Writes() int { return w.count }

// Store writes what was put, in one message to the peer; then it purges. It is the end of the unit of work.
func (w *Work) Store() error {
	if w.count == 0 {
		return nil
	}
	for _, c := range w.written {
		if last := w.known[c.name]; last.unread {
			if err := readBack(c.key, last.value); err != nil {
				return err
			}
		}
	}
	w.stub.StartWriteBatch()
	for _, c := range w.written {
		if err := w.store(c); err != nil {
			return fmt.Errorf("writing a %s: %w", c.key.Kind, err)
		}
	}
	for _, p := range w.private {
		if p.value == nil {
			continue
		}
		if err := w.stub.PutPrivateData(relief.DetailsCollection, p.key, p.value); err != nil {
			return fmt.Errorf("writing private details: %w", err)
		}
	}
	if err := w.stub.FinishWriteBatch(); err != nil {
		return fmt.Errorf("writing %d keys: %w", len(w.written)+len(w.private), err)
	}
	for _, key := range w.purged {
		if err := w.stub.PurgePrivateData(relief.DetailsCollection, key); err != nil {
			return fmt.Errorf("erasing private details: %w", err)
		}
	}
	return nil
}

func (w *Work) store(c write) error {
	if value := w.known[c.name].value; value != nil {
		return w.stub.PutState(c.name, value) //nolint:wrapcheck // Store says what it was
	}
	return w.stub.DelState(c.name) //nolint:wrapcheck // Store says what it was
}
