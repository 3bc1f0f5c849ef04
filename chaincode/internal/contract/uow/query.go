// SPDX-License-Identifier: Apache-2.0

package uow

import (
	"errors"
	"fmt"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// maxScanned bounds the records that are looked at for one page of a filtered list.
const maxScanned = 2000

// Scan calls f with each value whose key begins with the attributes of prefix, in the order of the keys; what this unit of
// work has put is not among them. The range is closed: the ledger refuses the transaction if another key comes into it
// before the commit.
func (w *Work) Scan(prefix relief.Key, f func(attrs []string, value []byte) error) error {
	it, err := w.stub.GetStateByPartialCompositeKey(prefix.Kind, prefix.Attrs)
	if err != nil {
		return fmt.Errorf("reading keys of kind %s: %w", prefix.Kind, err)
	}
	return w.each(it, f)
}

// Walk is Scan a page at a time, for a range that may be longer than a peer's answer to one query. It is for functions
// that only read: the ledger refuses pages in transactions that write.
func (w *Work) Walk(prefix relief.Key, f func(attrs []string, value []byte) error) error {
	for bookmark := ""; ; {
		it, meta, err := w.stub.GetStateByPartialCompositeKeyWithPagination(prefix.Kind, prefix.Attrs, api.MaxPage, bookmark)
		if err != nil {
			return fmt.Errorf("reading keys of kind %s: %w", prefix.Kind, err)
		}
		if err := w.each(it, f); err != nil {
			return err
		}
		if bookmark = meta.GetBookmark(); bookmark == "" {
			return nil
		}
	}
}

// each reads an iterator of composite keys to its end and closes it.
func (w *Work) each(it shim.StateQueryIteratorInterface, f func([]string, []byte) error) error {
	defer func() { _ = it.Close() }()
	for it.HasNext() {
		kv, err := it.Next()
		if err != nil {
			return fmt.Errorf("reading a range of keys: %w", err)
		}
		_, attrs, err := w.stub.SplitCompositeKey(kv.GetKey())
		if err != nil {
			return errKey
		}
		if err := f(attrs, kv.GetValue()); err != nil {
			return err
		}
	}
	return nil
}

var errKey = relief.Errorf(relief.CodeCorrupt, "a key of the ledger cannot be read")

// Range calls f with each value from one simple key to another, both included. The range is closed, as that of Scan.
func (w *Work) Range(first, last relief.Key, f func(attrs []string, value []byte) error) error {
	it, err := w.stub.GetStateByRange(first.String(), last.String()+"\x00")
	if err != nil {
		return fmt.Errorf("reading a range of kind %s: %w", first.Kind, err)
	}
	defer func() { _ = it.Close() }()
	for it.HasNext() {
		kv, err := it.Next()
		if err != nil {
			return fmt.Errorf("reading a range of kind %s: %w", first.Kind, err)
		}
		k, ok := relief.ParseKey(kv.GetKey())
		if !ok {
			return errKey
		}
		if err := f(k.Attrs, kv.GetValue()); err != nil {
			return err
		}
	}
	return nil
}

// List reads a page of the records of one kind; keep says which are in it. A record that cannot be read is passed over and
// named. It is for functions that only read: the ledger refuses pages in transactions that write.
func List[T, ID any](w *Work, kind string, in api.PageInput, parseID func(string) (ID, error), keep func(*T) bool) (api.Page[T], error) {
	page := api.Page[T]{Items: []T{}}
	limit, start, err := resolve(w, kind, in, parseID)
	if err != nil {
		return page, err
	}
	for scanned := 0; scanned < maxScanned && len(page.Items) < limit; {
		size := min(limit-len(page.Items), maxScanned-scanned)
		scanned += size
		it, meta, err := w.stub.GetStateByPartialCompositeKeyWithPagination(kind, nil, int32(size), start) //nolint:gosec // at most MaxPage
		if err != nil {
			return page, fmt.Errorf("listing %ss: %w", kind, err)
		}
		err = w.each(it, func(attrs []string, value []byte) error {
			v, err := Parse[T](kind, value)
			switch {
			case errors.Is(err, &relief.Error{Code: relief.CodeCorrupt}):
				page.Unreadable = append(page.Unreadable, relief.Key{Kind: kind, Attrs: attrs}.Name())
			case err != nil:
				return err
			case keep(v):
				page.Items = append(page.Items, *v)
			}
			return nil
		})
		if err != nil {
			return page, err
		}
		if start = meta.GetBookmark(); start == "" {
			return page, nil
		}
	}
	_, attrs, err := w.stub.SplitCompositeKey(start)
	if err != nil || len(attrs) != 1 {
		return page, errKey
	}
	page.Next = attrs[0]
	return page, nil
}

// resolve gives the page's size and the key that it begins with. A cursor is an id and never a key, which could reach
// beyond the records of this kind.
func resolve[ID any](w *Work, kind string, in api.PageInput, parseID func(string) (ID, error)) (limit int, start string, err error) {
	limit = in.Limit
	if limit == 0 {
		limit = api.DefaultPage
	}
	if limit < 1 || limit > api.MaxPage {
		return 0, "", relief.FieldErrorf("limit", "a page has 1 to %d records", api.MaxPage)
	}
	if in.Cursor == "" {
		return limit, "", nil
	}
	if _, err := parseID(in.Cursor); err != nil {
		return 0, "", relief.FieldErrorf("cursor", "the cursor is not one that a page gave")
	}
	start, err = w.key(relief.Key{Kind: kind, Attrs: []string{in.Cursor}})
	return limit, start, err
}
