package yearexport

import (
	"slices"

	"relieftrail/gateway/internal/boltstore"
)

// bucketExports has the exports by their ids.
var bucketExports = boltstore.JSON[Export]("exports")

// get is an export; ErrNone when there is none with the id.
func (r *Runner) get(id string) (e Export, err error) {
	err = r.store.View(func(tx *boltstore.Tx) error {
		var found bool
		if e, found, err = bucketExports.Get(tx, id); err == nil && !found {
			err = ErrNone
		}
		return err
	})
	return e, err
}

// save keeps how far an export is; ErrNone when it was deleted meanwhile.
func (r *Runner) save(e *Export) error {
	return r.store.Update(func(tx *boltstore.Tx) error {
		if !bucketExports.Has(tx, e.ID) {
			return ErrNone
		}
		return bucketExports.Put(tx, e.ID, *e)
	})
}

// all are the exports, the first asked for first.
func (r *Runner) all() (list []Export, err error) {
	err = r.store.View(func(tx *boltstore.Tx) error {
		for c := bucketExports.All(tx); c.Next(); {
			e, err := c.Value()
			if err != nil {
				return err
			}
			list = append(list, e)
		}
		return nil
	})
	slices.SortFunc(list, func(a, b Export) int { return a.AskedAt.Compare(b.AskedAt) })
	return list, err
}
