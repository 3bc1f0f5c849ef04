package index

import (
	"context"
	"database/sql"
	"fmt"
)

// LeafHash is the part of a leaf that the transparency log needs.
type LeafHash struct {
	Hash  [32]byte
	Block uint64
}

// MaxLeaves bounds how many leaves one call of LeafHashes returns.
const MaxLeaves = 10_000

// LeafHashes lists up to limit leaves of the transparency log from a number on, in ledger order. Leaves without a hash were
// credited before the contracts computed hashes; they come before all others and are not counted.
func (ix *Index) LeafHashes(ctx context.Context, from int64, limit int) (hashes []LeafHash, err error) {
	err = ix.view(ctx, func(r *reader) error {
		var first int64
		ok, err := r.one("SELECT n FROM leaves WHERE hashes IS NOT NULL ORDER BY n LIMIT 1", nil, &first)
		if err != nil || !ok {
			return err
		}
		from, until := first+from, first+from+int64(min(limit, MaxLeaves))
		return r.each("SELECT n, hashes, place FROM leaves WHERE n > $1 AND n < $2 ORDER BY n", func(rows *sql.Rows) error {
			var n, txPos int64
			var run sql.RawBytes
			if err := rows.Scan(&n, &run, &txPos); err != nil {
				return err
			}
			if len(run) == 0 {
				return fmt.Errorf("leaf %d has no hash", n)
			}
			for ; len(run) >= hashSize && n < until; n, run = n+1, run[hashSize:] {
				if n >= from {
					hashes = append(hashes, LeafHash{[hashSize]byte(run), blockOf(txPos)})
				}
			}
			return nil
		}, max(from-runLength, first-1), until)
	})
	return hashes, err
}
