// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"

	"relieftrail/chaincode/relief"
)

// How many records a page has, and how many are looked at for one page of a filtered list.
const (
	defaultPage = 50
	maxPage     = 500
	maxScanned  = 2000
)

// pageInput asks for a page of records. The cursor is the id of the record that the page begins with.
type pageInput struct {
	Limit  int    `json:"limit"`
	Cursor string `json:"cursor"`
}

// page is a page of records in the order of their ids; next is the cursor of the next page, "" at the end. A filtered
// page may be short, even empty, and still have a next one.
type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

// list reads a page of the records of one kind that keep wants. It is for reading only: the ledger refuses pages in
// transactions that write.
func list[T, A any](ctx *Context, kind string, in pageInput, parseID func(string) error, view func(*T) (A, bool)) (*page[A], error) {
	limit, start, err := in.resolve(ctx, kind, parseID)
	if err != nil {
		return nil, err
	}
	out := &page[A]{Items: []A{}}
	for scanned := 0; scanned < maxScanned && len(out.Items) < limit; {
		size := min(limit-len(out.Items), maxScanned-scanned)
		scanned += size
		it, meta, err := ctx.GetStub().GetStateByPartialCompositeKeyWithPagination(kind, nil, int32(size), start) //nolint:gosec // at most maxPage
		if err != nil {
			return nil, fmt.Errorf("listing %ss: %w", kind, err)
		}
		err = each(ctx.GetStub(), it, func(_ []string, value []byte) error {
			v, err := parseRecord[T](kind, value)
			if err != nil {
				return err
			}
			if a, ok := view(v); ok {
				out.Items = append(out.Items, a)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if start = meta.GetBookmark(); start == "" {
			return out, nil
		}
	}
	_, attrs, err := ctx.GetStub().SplitCompositeKey(start)
	if err != nil || len(attrs) != 1 {
		return nil, relief.Errorf(relief.CodeCorrupt, "a key of the ledger cannot be read")
	}
	out.Next = attrs[0]
	return out, nil
}

// resolve gives the page's size and the key it begins with. A cursor is an id and never a key, which could reach beyond
// the records of this kind.
func (in pageInput) resolve(ctx *Context, kind string, parseID func(string) error) (limit int, start string, err error) {
	limit = in.Limit
	switch {
	case limit == 0:
		limit = defaultPage
	case limit < 0 || limit > maxPage:
		return 0, "", relief.FieldErrorf("limit", "a page has 1 to %d records", maxPage)
	}
	if in.Cursor == "" {
		return limit, "", nil
	}
	if parseID(in.Cursor) != nil {
		return 0, "", relief.FieldErrorf("cursor", "the cursor is not one that a page gave")
	}
	start, err = ctx.key(relief.Key{Kind: kind, Attrs: []string{in.Cursor}})
	return limit, start, err
}

// all keeps every record as it is.
func all[T any](v *T) (*T, bool) { return v, true }

// checkID is a parser of ids as a check.
func checkID[T any](parse func(string) (T, error)) func(string) error {
	return func(s string) error {
		_, err := parse(s)
		return err
	}
}

// walk calls f with every value whose key begins with the attributes of prefix, a page at a time, for a range may be
// longer than what a peer answers to one query. It is for reading only.
func (ctx *Context) walk(prefix relief.Key, f func(attrs []string, value []byte) error) error {
	for bookmark := ""; ; {
		it, meta, err := ctx.GetStub().GetStateByPartialCompositeKeyWithPagination(prefix.Kind, prefix.Attrs, maxPage, bookmark)
		if err != nil {
			return fmt.Errorf("reading keys of kind %s: %w", prefix.Kind, err)
		}
		if err := each(ctx.GetStub(), it, f); err != nil {
			return err
		}
		if bookmark = meta.GetBookmark(); bookmark == "" {
			return nil
		}
	}
}
