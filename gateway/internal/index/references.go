package index

import (
	"context"
	"database/sql"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
)

// ReferenceKey is the registry's section of the key of references; the zero value when it has none.
func (ix *Index) ReferenceKey(ctx context.Context) (key registry.ReferenceKey, err error) {
	err = ix.view(ctx, func(r *reader) error {
		return section(r, relief.KindReference, &key, registry.ReferenceKey{})
	})
	return key, err
}

// KnownReferences are those of some references under which somebody is or was on a roll or in a case, or that are linked to another.
func (ix *Index) KnownReferences(ctx context.Context, refs ...relief.SubjectRef) (known []relief.SubjectRef, err error) {
	err = ix.view(ctx, func(r *reader) error {
		for _, ref := range refs {
			is, err := r.knows(ref)
			if err != nil {
				return err
			}
			if is {
				known = append(known, ref)
			}
		}
		return nil
	})
	return known, err
}

func (r *reader) knows(ref relief.SubjectRef) (bool, error) {
	var n int64
	found, err := r.one("SELECT n FROM entries WHERE subject = $1 LIMIT 1", []any{ref[:]}, &n)
	if err != nil || found {
		return found, err
	}
	for _, kind := range []string{relief.KindMember, relief.KindLinked} {
		value, err := r.record(kind, ref.String())
		if err != nil || value != nil {
			return err == nil, err
		}
	}
	return false, nil
}

// EpochCount is how much of the rolls, and of what is sealed, is under the keys of one epoch.
type EpochCount struct {
	Epoch      uint8 `json:"epoch"`
	References int   `json:"references"` // entries of rolls whose person has a reference of the epoch
	Tags       int   `json:"tags"`       // of names and accounts
	// Documents is how many sealed documents there are; nil where they were not counted. The index does not have them.
	Documents *int `json:"documents,omitempty"`
}

// Epochs counts what the rolls have under the keys of each epoch, the earliest first. Epochs without anything are left out.
func (ix *Index) Epochs(ctx context.Context) (counts []EpochCount, err error) {
	var all [256]EpochCount
	err = ix.view(ctx, func(r *reader) error {
		if err := r.each("SELECT subject FROM entries", func(rows *sql.Rows) error {
			var subject []byte
			if err := rows.Scan(&subject); err != nil {
				return err
			}
			all[subject[0]].References++
			return nil
		}); err != nil {
			return err
		}
		return r.each("SELECT value FROM payees", func(rows *sql.Rows) error {
			var value []byte
			if err := rows.Scan(&value); err != nil {
				return err
			}
			payees, err := roll.ParsePayees(value)
			for i := range payees.Len() {
				p := payees.Payee(i)
				all[p.Name.Epoch()].Tags++
				all[p.Account.Epoch()].Tags++
			}
			return err
		})
	})
	for epoch := uint8(1); epoch > 0; epoch++ { // until it overflows
		if c := all[epoch]; c.References+c.Tags > 0 {
			c.Epoch = epoch
			counts = append(counts, c)
		}
	}
	return counts, err
}
