package app

import (
	"context"
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
	a.jobs, err = jobs.New(jobs.Options{
		Ledger: a.ledger, Sender: a.outbox, Store: a.outbox, Dir: filepath.Join(a.cfg.DataDir, "jobs"),
		Key: a.keys.subject, Epoch: a.cfg.SubjectKey.Epoch, Persons: a.keys.details, ReceiptKey: a.keys.receipt,
		InFlight: a.cfg.Limits.ChunksInFlight, Log: a.log,
	})
	if err != nil {
		return l, err
	}
	return lifetime{run: a.recover, close: a.jobs.Close}, nil
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
