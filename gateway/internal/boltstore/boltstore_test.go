package boltstore_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/boltstore"
)

type parcel struct {
	Weight int `json:"weight"`
}

var (
	parcels = boltstore.JSON[parcel]("parcels")
	notes   = boltstore.Bytes("notes")
)

func open(t *testing.T, path string) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(path, parcels, notes)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func put(t *testing.T, s *boltstore.Store, keys ...string) {
	t.Helper()
	require.NoError(t, s.Update(func(tx *boltstore.Tx) error {
		for i, key := range keys {
			if err := parcels.Put(tx, key, parcel{i + 1}); err != nil {
				return err
			}
		}
		return nil
	}))
}

func keys[V any](c *boltstore.Cursor[V]) (keys []string) {
	for c.Next() {
		keys = append(keys, c.Key())
	}
	return keys
}

func TestValuesOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	put(t, s, "a")
	require.NoError(t, s.Batch(func(tx *boltstore.Tx) error { return notes.Put(tx, "n", []byte("text")) }))
	require.NoError(t, s.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	s = open(t, path)
	require.NoError(t, s.View(func(tx *boltstore.Tx) error {
		p, found, err := parcels.Get(tx, "a")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, parcel{1}, p)
		text, found, err := notes.Get(tx, "n")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, "text", string(text))
		_, found, err = parcels.Get(tx, "b")
		require.NoError(t, err)
		require.False(t, found)
		require.True(t, parcels.Has(tx, "a"))
		require.False(t, parcels.Has(tx, "b"))
		require.Equal(t, 1, parcels.Len(tx))
		return nil
	}))
}

func TestAFileHasOneUser(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	open(t, path)
	_, err := boltstore.Open(path)
	require.ErrorContains(t, err, "another process")
	_, err = boltstore.Open(filepath.Join(t.TempDir(), "no", "folder.db"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestCreateReportsWhetherTheBucketIsNew(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	later := boltstore.JSON[int]("later")
	for _, want := range []bool{true, false} {
		require.NoError(t, s.Update(func(tx *boltstore.Tx) error {
			created, err := later.Create(tx)
			require.Equal(t, want, created)
			return err
		}))
	}
}

func TestCursorsGoInTheOrderOfKeys(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	put(t, s, "b-2", "a", "c", "b-1")
	before := s.Reads()
	require.NoError(t, s.View(func(tx *boltstore.Tx) error {
		require.Equal(t, []string{"a", "b-1", "b-2", "c"}, keys(parcels.All(tx)))
		require.Equal(t, []string{"c", "b-2", "b-1", "a"}, keys(parcels.Backwards(tx)))
		require.Equal(t, []string{"b-1", "b-2"}, keys(parcels.Prefix(tx, "b-")))
		require.Empty(t, keys(parcels.Prefix(tx, "d")))
		require.Equal(t, []string{"b-2", "c"}, keys(parcels.After(tx, "b-1")))
		require.Equal(t, []string{"b-1", "b-2", "c"}, keys(parcels.After(tx, "b")))
		require.Equal(t, []string{"a", "b-1", "b-2", "c"}, keys(parcels.After(tx, "")))
		require.Equal(t, before, s.Reads(), "keys are visited without their values")
		c := parcels.After(tx, "b-2")
		require.True(t, c.Next())
		p, err := c.Value()
		require.NoError(t, err)
		require.Equal(t, parcel{3}, p)
		require.Equal(t, before+1, s.Reads())
		return nil
	}))
}

func TestOneOfManyPutsANewKey(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	var first atomic.Int64
	var callers sync.WaitGroup
	for n := range 50 {
		callers.Go(func() {
			found := false
			err := s.Batch(func(tx *boltstore.Tx) (err error) {
				_, found, err = parcels.PutNew(tx, "k", parcel{n})
				return err
			})
			if err == nil && !found {
				first.Add(1)
			}
		})
	}
	callers.Wait()
	require.EqualValues(t, 1, first.Load())
}

func TestAFailedUpdateChangesNothing(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	put(t, s, "kept", "deleted")
	fault := errors.New("no")
	require.ErrorIs(t, s.Update(func(tx *boltstore.Tx) error {
		require.NoError(t, parcels.Put(tx, "new", parcel{1}))
		require.NoError(t, parcels.Delete(tx, "kept"))
		return fault
	}), fault)
	require.NoError(t, s.Update(func(tx *boltstore.Tx) error { return parcels.Delete(tx, "deleted") }))
	require.NoError(t, s.View(func(tx *boltstore.Tx) error {
		require.Equal(t, []string{"kept"}, keys(parcels.All(tx)))
		return nil
	}))
}

func TestAValueThatCannotBeReadIsNamed(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	raw := boltstore.Bytes("parcels") // the same bucket, without the form of its values
	require.NoError(t, s.Update(func(tx *boltstore.Tx) error { return raw.Put(tx, "odd", []byte("{")) }))
	require.ErrorContains(t, s.View(func(tx *boltstore.Tx) error {
		_, _, err := parcels.Get(tx, "odd")
		return err
	}), `bucket parcels, key "odd"`)
	require.Error(t, s.Update(func(tx *boltstore.Tx) error {
		return boltstore.JSON[func()]("parcels").Put(tx, "f", func() {})
	}))
}

func Example() {
	dir, err := os.MkdirTemp("", "boltstore")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()

	type order struct{ Item string }
	orders := boltstore.JSON[order]("orders")
	store, err := boltstore.Open(filepath.Join(dir, "orders.db"), orders)
	if err != nil {
		panic(err)
	}
	defer func() { _ = store.Close() }()

	err = store.Update(func(tx *boltstore.Tx) error {
		return errors.Join(orders.Put(tx, "2026-11-02", order{"rice"}), orders.Put(tx, "2026-11-01", order{"coal"}))
	})
	if err != nil {
		panic(err)
	}
	err = store.View(func(tx *boltstore.Tx) error {
		for c := orders.All(tx); c.Next(); {
			o, err := c.Value()
			if err != nil {
				return err
			}
			fmt.Println(c.Key(), o.Item)
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	// Output:
	// 2026-11-01 coal
	// 2026-11-02 rice
}
