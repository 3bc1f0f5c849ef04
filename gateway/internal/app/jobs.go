package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/jobs"
)

// openJobs opens what takes uploaded files in and carries them to the ledger.
func (a *App) openJobs() (l lifetime, err error) {
	a.spooler = &intake.Spooler{
		Dir:      filepath.Join(a.cfg.DataDir, "uploads"),
		MaxBytes: a.cfg.Limits.UploadBytes, MaxExpandedBytes: a.cfg.Limits.UploadExpandedBytes,
	}
	store, err := jobs.OpenStore(filepath.Join(a.cfg.DataDir, "jobs.db"))
	if err != nil {
		return l, fmt.Errorf("jobs: %w", err)
	}
	o := jobs.Options{
		Ledger: a.ledger, Sender: a.outbox, Store: store, Dir: filepath.Join(a.cfg.DataDir, "jobs"),
		References: a.references(), Persons: a.keys.details, Sealed: a.index, Readings: a.readings, ReceiptKey: a.keys.salting(),
		InFlight: a.cfg.Limits.ChunksInFlight, Keep: a.cfg.Jobs.Keep, Location: a.cfg.Location(), Log: a.log,
		Receipts: a.receipts, Payments: a.index,
	}
	if a.jobs, err = jobs.New(o); err != nil {
		return l, errors.Join(err, store.Close())
	}
	closeJobs := func() error { return errors.Join(a.jobs.Close(), store.Close()) }
	return lifetime{run: a.recover, close: closeJobs}, nil
}

// recover completes what an earlier process began: first single transactions, then jobs.
func (a *App) recover(ctx context.Context) error {
	if err := a.outbox.Recover(ctx); err != nil {
		return fmt.Errorf("recovering transactions: %w", err)
	}
	if err := a.jobs.Resume(ctx); err != nil {
		return fmt.Errorf("resuming jobs: %w", err)
	}
	if err := a.spooler.Sweep(a.openedAt, a.jobs.Wants); err != nil {
		return fmt.Errorf("deleting unfinished uploads: %w", err)
	}
	return nil
}
