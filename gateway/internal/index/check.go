package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Difference is the first record in which the index and the ledger differ.
type Difference struct {
	Block       uint64
	Transaction string // "" when the difference is in the block's own row
	Record      string // such as payment/dibao-530181-0000298-202611-1
	Field       string // such as amount; "" when only the index or only the ledger has the record
	Index       string // the index's value; "(nothing)" when it has none
	Ledger      string // the ledger's value; "(nothing)" when it has none
}

func (d *Difference) String() string {
	s := fmt.Sprintf("block %d", d.Block)
	if d.Transaction != "" {
		s += ", transaction " + d.Transaction
	}
	s += ", " + d.Record
	if d.Field != "" {
		s += ", field " + d.Field
	}
	return s + ": the index says " + d.Index + ", the ledger " + d.Ledger
}

const nothing = "(nothing)"

// Check reads the whole ledger again into a second index in a temporary folder below tempDir, and compares the two row by
// row; where they are the same, it counts the totals anew from the payments. It returns the earliest difference, nil when there is
// none, and how many blocks it compared. progress is called from time to time. The gateway may run meanwhile.
func (ix *Index) Check(
	ctx context.Context, tempDir string, progress func(done, of uint64),
) (d *Difference, height uint64, err error) {
	peerHeight, err := ix.ledger.Height(ctx)
	if err != nil {
		return nil, 0, err
	}
	dir, err := os.MkdirTemp(tempDir, "index-check-")
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	fromLedger, err := Open(ctx, filepath.Join(dir, "index.db"), ix.ledger, ix.log)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, fromLedger.Close()) }()
	err = ix.view(ctx, func(r *reader) error {
		if height, err = r.height(); err != nil {
			return err
		}
		if height > peerHeight {
			d = &Difference{
				Block: peerHeight, Record: "meta/height",
				Index: blocksText(height), Ledger: blocksText(peerHeight),
			}
			return nil
		}
		if err := fromLedger.upTo(ctx, height, progress); err != nil {
			return err
		}
		return fromLedger.view(ctx, func(l *reader) error {
			if d, err = compare(r, l); err != nil || d != nil {
				return err
			}
			d, err = l.countedAnew()
			return err
		})
	})
	return d, height, err
}

func blocksText(n uint64) string { return strconv.FormatUint(n, 10) + " blocks" }
