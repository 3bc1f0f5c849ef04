package index

import (
	"context"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

// storeOfficial stores a version of an official's entry, and notes that there is news for FollowOfficials.
func storeOfficial(ctx context.Context, w *writer, wr *write) error {
	w.officials = true
	return storeVersion(ctx, w, wr)
}

// Officials lists the entries of an agency's officials.
func (ix *Index) Officials(ctx context.Context, agency string) (entries []registry.OfficialEntry, err error) {
	err = ix.view(ctx, func(r *reader) error {
		return r.sections(relief.KindOfficial, func(value []byte) error {
			var e registry.OfficialEntry
			if err := json.Unmarshal(value, &e); err != nil {
				return err
			}
			if e.Agency == agency {
				entries = append(entries, e)
			}
			return nil
		})
	})
	return entries, err
}

// FollowOfficials calls take with the entries of an agency's officials, at once and whenever one of them has changed, until ctx
// ends or the index cannot be read.
func (ix *Index) FollowOfficials(ctx context.Context, agency string, take func([]registry.OfficialEntry)) error {
	for seen := int64(-1); ; {
		ix.mu.RLock()
		moved := ix.moved
		ix.mu.RUnlock()
		if news := ix.officials.Load(); news != seen {
			entries, err := ix.Officials(ctx, agency)
			if err != nil {
				return err
			}
			take(entries)
			seen = news
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
