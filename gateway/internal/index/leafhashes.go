package index

import (
	"context"
	"database/sql"
	"fmt"
)

// LeafHash is what the transparency log takes of a leaf.
type LeafHash struct {
	Hash  [32]byte
	Block uint64
}

// LeafHashes lists up to limit leaves of the transparency log from a number on, in ledger order. Leaves that the ledger
// has no hash of, credited before the contracts computed one, come before all others and do not count.
func (x *Index) LeafHashes(ctx context.Context, from int64, limit int) (hashes []LeafHash, err error) {
	err = x.view(ctx, func(r *reader) error {
		var first int64
		ok, err := r.one("SELECT n FROM leaves WHERE hash IS NOT NULL ORDER BY n LIMIT 1", nil, &first)
		if err != nil || !ok {
			return err
		}
		return r.each("SELECT hash, place FROM leaves WHERE n >= $1 ORDER BY n LIMIT $2", func(rows *sql.Rows) error {
			var hash []byte
			var place int64
			if err := rows.Scan(&hash, &place); err != nil {
				return err
			}
			if len(hash) != 32 {
				return fmt.Errorf("leaf %d has no hash", first+from+int64(len(hashes)))
			}
			hashes = append(hashes, LeafHash{[32]byte(hash), blockOf(place)})
			return nil
		}, first+from, min(limit, MaxLeaves))
	})
	return hashes, err
}
