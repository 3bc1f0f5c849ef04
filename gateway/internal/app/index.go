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

// ErrIndexDiffers says that the index and the ledger differ; where was written out.
var ErrIndexDiffers = errors.New("the index differs from the ledger: gateway index rebuild makes it anew")

// sayEvery is how often a long work tells how far it is.
const sayEvery = 2 * time.Second

// RebuildIndex drops the index and makes it anew from the blocks of the agency's own peer. The gateway is stopped before.
func RebuildIndex(ctx context.Context, cfg *config.Config, out io.Writer) error {
	l, err := Connect(cfg)
	if err != nil {
		return err
	}
	return errors.Join(rebuildIndex(ctx, cfg, l, out), l.Close())
}

func rebuildIndex(ctx context.Context, cfg *config.Config, l ledger.Ledger, out io.Writer) error {
	x, err := index.Open(ctx, cfg.Index.Database, l, NewLogger(out, cfg.Log))
	if err != nil {
		return err
	}
	began := time.Now()
	err = x.Rebuild(ctx, progress(out, "indexed"))
	if err == nil {
		fmt.Fprintf(out, "the index is made anew: %d blocks, %d credited payments, %.1f s\n", x.Height(), x.LeafCount(), time.Since(began).Seconds())
	}
	return errors.Join(err, x.Close())
}

// CheckIndex compares the index with the ledger and writes the first difference. The gateway may go on meanwhile.
func CheckIndex(ctx context.Context, cfg *config.Config, out io.Writer) error {
	l, err := Connect(cfg)
	if err != nil {
		return err
	}
	return errors.Join(checkIndex(ctx, cfg, l, out), l.Close())
}

func checkIndex(ctx context.Context, cfg *config.Config, l ledger.Ledger, out io.Writer) error {
	x, err := index.OpenToCheck(ctx, cfg.Index.Database, l, NewLogger(out, cfg.Log))
	if err != nil {
		return err
	}
	difference, height, err := x.Check(ctx, cfg.DataDir, progress(out, "read"))
	switch {
	case err != nil:
	case difference != nil:
		fmt.Fprintln(out, difference)
		err = ErrIndexDiffers
	default:
		fmt.Fprintf(out, "the index says what the ledger does: %d blocks compared\n", height)
	}
	return errors.Join(err, x.Close())
}

// progress writes a line from time to time.
func progress(out io.Writer, done string) func(blocks, of uint64) {
	began := time.Now()
	next := began.Add(sayEvery)
	return func(blocks, of uint64) {
		if now := time.Now(); now.After(next) {
			next = now.Add(sayEvery)
			fmt.Fprintf(out, "%s %d of %d blocks (%d %%), %.0f s\n", done, blocks, of, blocks*100/max(of, 1), now.Sub(began).Seconds())
		}
	}
}
