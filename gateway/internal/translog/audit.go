package translog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// reread reads leaves from the index for a tile that was lost.
func (l *Log) reread(from int64, count int) ([]tlog.Hash, error) {
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	leaves, err := l.Source.Leaves(ctx, from, count)
	if err != nil {
		return nil, err
	}
	return hashesOf(leaves), nil
}

func hashesOf(leaves []Leaf) []tlog.Hash {
	hashes := make([]tlog.Hash, len(leaves))
	for i := range leaves {
		hashes[i] = leaves[i].Hash
	}
	return hashes
}

// auditEvery compares the whole log with the index at the start and then periodically, more often while they differ.
func (l *Log) auditEvery(ctx context.Context) error {
	for {
		same, err := l.Compare(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait := l.Audit
		if err != nil {
			l.log.WarnContext(ctx, "the log cannot be compared with the index", "error", err)
		}
		if err != nil || !same {
			wait = min(wait, time.Minute)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// Compare compares every leaf of the log with the index, and every tile with the tree. It raises an alert about the first leaf
// that differs.
func (l *Log) Compare(ctx context.Context) (same bool, err error) {
	last, _ := l.last()
	size := l.tree.length()
	for from := int64(0); from < size; {
		leaves, err := l.Source.Leaves(ctx, from, int(min(chunk, size-from)))
		if err != nil {
			return false, err
		}
		if len(leaves) == 0 {
			return true, nil // the index has fewer leaves, which checkOverlap notices
		}
		index, same, err := l.tree.compare(from, hashesOf(leaves))
		var changed *ChangedError
		if errors.As(err, &changed) {
			same, err = false, nil
		}
		if err != nil {
			return false, err
		}
		if !same {
			l.raise(ctx, Alert{Kind: ChangedLeaf, Ours: last.Head, Theirs: l.indexHead(ctx, last.Size),
				Detail: fmt.Sprintf("leaf %d of the index is not the leaf in the log", index)})
			return false, nil
		}
		from += int64(len(leaves))
	}
	l.settle(ctx, "", ChangedLeaf)
	return true, nil
}

// indexHead is the state of the log that the leaves of the index would give, for an alert.
func (l *Log) indexHead(ctx context.Context, size int64) Head {
	var peaks []tlog.Hash // the roots of the complete subtrees from the left, one for each bit of n
	n := int64(0)
	for n < size {
		leaves, err := l.Source.Leaves(ctx, n, int(min(chunk, size-n)))
		if err != nil || len(leaves) == 0 {
			break
		}
		for i := range leaves {
			hash := leaves[i].Hash
			for m := n; m&1 == 1; m >>= 1 {
				hash = tlog.NodeHash(peaks[len(peaks)-1], hash)
				peaks = peaks[:len(peaks)-1]
			}
			peaks = append(peaks, hash)
			n++
		}
	}
	if n == 0 {
		return Head{}
	}
	root := peaks[len(peaks)-1]
	for i := len(peaks) - 2; i >= 0; i-- {
		root = tlog.NodeHash(peaks[i], root)
	}
	return Head{n, root}
}
