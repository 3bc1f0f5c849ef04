package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
)

// ErrIndexDiffers means that the index and the ledger differ. The first difference has been written out.
var ErrIndexDiffers = errors.New("the index differs from the ledger; rebuild it with: gateway index rebuild")

// progressEvery is the pause between two lines of progress.
const progressEvery = 2 * time.Second

// RebuildIndex drops the index and builds it again from the blocks of the agency's own peer. The gateway must not run
// meanwhile.
func RebuildIndex(ctx context.Context, cfg *config.Config, out io.Writer) error {
	l, err := Connect(cfg)
	if err != nil {
		return err
	}
	return errors.Join(rebuildIndex(ctx, cfg, l, out), l.Close())
}

func rebuildIndex(ctx context.Context, cfg *config.Config, l ledger.Ledger, out io.Writer) error {
	ix, err := index.Open(ctx, cfg.Index.Database, l, NewLogger(out, cfg.Log))
	if err != nil {
		return err
	}
	began := time.Now()
	if err := ix.Rebuild(ctx, progress(out, "indexed")); err != nil {
		return errors.Join(err, ix.Close())
	}
	fmt.Fprintf(out, "the index has been rebuilt: %d blocks, %d credited payments, %.1f s\n",
		ix.Height(), ix.LeafCount(), time.Since(began).Seconds())
	return ix.Close()
}

// CheckIndex compares the index with the ledger and writes the first difference. The gateway may run meanwhile.
func CheckIndex(ctx context.Context, cfg *config.Config, out io.Writer) error {
	l, err := Connect(cfg)
	if err != nil {
		return err
	}
	return errors.Join(checkIndex(ctx, cfg, l, out), l.Close())
}

func checkIndex(ctx context.Context, cfg *config.Config, l ledger.Ledger, out io.Writer) error {
	ix, err := index.OpenToCheck(ctx, cfg.Index.Database, l, NewLogger(out, cfg.Log))
	if err != nil {
		return err
	}
	difference, height, err := ix.Check(ctx, cfg.DataDir, progress(out, "read"))
	if err != nil {
		return errors.Join(err, ix.Close())
	}
	if difference != nil {
		fmt.Fprintln(out, difference)
		return errors.Join(ErrIndexDiffers, ix.Close())
	}
	fmt.Fprintf(out, "the index agrees with the ledger: %d blocks compared\n", height)
	return ix.Close()
}

// progress returns a function that writes at most one line each progressEvery.
func progress(out io.Writer, done string) func(blocks, of uint64) {
	began := time.Now()
	next := began.Add(progressEvery)
	return func(blocks, of uint64) {
		if now := time.Now(); now.After(next) {
			next = now.Add(progressEvery)
			fmt.Fprintf(out, "%s %d of %d blocks (%d %%), %.0f s\n", done, blocks, of, blocks*100/max(of, 1), now.Sub(began).Seconds())
		}
	}
}
