package evidence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/objectstore"
)

// Erase deletes the files of the cases whose facts were erased: those that were recorded before the erasure, and uploads for them.
func (d *Desk) Erase(ctx context.Context, e *index.Erasure) error {
	deleted := 0
	for i := range e.Cases {
		c := &e.Cases[i]
		hashes, err := d.uploadsOf(c.ID)
		if err != nil {
			return err
		}
		for _, piece := range c.Evidence {
			hashes = append(hashes, piece.SHA256)
		}
		for _, hash := range hashes {
			done, err := d.delete(ctx, c.ID, hash)
			if err != nil {
				return fmt.Errorf("erasing a file of case %s: %w", c.ID, err)
			}
			if done {
				deleted++
			}
		}
	}
	if deleted > 0 {
		d.options.Log.InfoContext(ctx, "files of erased people were deleted", "count", deleted)
	}
	return nil
}

// delete deletes a file of a case; what is not there, or was uploaded for another case, stays as it is.
func (d *Desk) delete(ctx context.Context, id relief.CaseID, hash string) (bool, error) {
	r, err := d.unsalted(ctx, id, hash)
	switch {
	case err == nil:
		_ = r.Close()
	case errors.Is(err, objectstore.ErrChanged): // what is left of it may still be read by its first bytes
	case errors.Is(err, objectstore.ErrNotFound), errors.Is(err, ErrOfAnotherCase):
		return false, d.forget(hash)
	default:
		return false, err
	}
	if err := d.options.Objects.Delete(ctx, hash); err != nil && !errors.Is(err, objectstore.ErrNotFound) {
		return false, err
	}
	return true, d.forget(hash)
}

// Sweep deletes uploads that nobody has recorded in time, and forgets those that the ledger has. It waits until the index has
// what the peer has and the upload's caller had, so that nothing recorded is taken for forgotten.
func (d *Desk) Sweep(ctx context.Context) error {
	height, err := d.options.Height(ctx)
	if err != nil {
		return fmt.Errorf("the peer's height: %w", err)
	}
	indexed := d.options.Index.Height()
	if indexed < height {
		return nil
	}
	late := d.options.Now().Add(-d.options.Keep)
	rows, err := d.uploads(func(u *uploaded) bool { return u.At.Before(late) && u.Height <= indexed })
	if err != nil {
		return err
	}
	for hash, u := range rows {
		recorded, err := d.recorded(ctx, u.Case, hash)
		switch {
		case isNotFound(err): // a case never goes: the index is being made
			continue
		case err != nil:
			return err
		case recorded:
			err = d.forget(hash)
		default:
			_, err = d.delete(ctx, u.Case, hash)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func isNotFound(err error) bool {
	var refusal *relief.Error
	return errors.As(err, &refusal) && refusal.Code == relief.CodeNotFound
}

func (d *Desk) recorded(ctx context.Context, id relief.CaseID, hash string) (bool, error) {
	document, err := d.options.Index.Record(ctx, relief.KindCase, string(id))
	if err != nil {
		return false, err
	}
	var c casework.Case
	if err := json.Unmarshal(document, &c); err != nil {
		return false, err
	}
	return slices.ContainsFunc(c.Evidence, func(e casework.Evidence) bool { return e.SHA256 == hash }), nil
}

func (d *Desk) uploadsOf(id relief.CaseID) (hashes []string, err error) {
	rows, err := d.uploads(func(u *uploaded) bool { return u.Case == id })
	for hash := range rows {
		hashes = append(hashes, hash)
	}
	return hashes, err
}

func (d *Desk) uploads(want func(*uploaded) bool) (rows map[string]uploaded, err error) {
	rows = map[string]uploaded{}
	err = d.store.View(func(tx *boltstore.Tx) error {
		for c := bucketUploads.All(tx); c.Next(); {
			u, err := c.Value()
			if err != nil {
				return fmt.Errorf("evidence: an upload's row: %w", err)
			}
			if want(&u) {
				rows[c.Key()] = u
			}
		}
		return nil
	})
	return rows, err
}

func (d *Desk) forget(hash string) error {
	found := false
	err := d.store.View(func(tx *boltstore.Tx) error {
		found = bucketUploads.Has(tx, hash)
		return nil
	})
	if err != nil || !found {
		return err
	}
	return d.store.Update(func(tx *boltstore.Tx) error { return bucketUploads.Delete(tx, hash) })
}
