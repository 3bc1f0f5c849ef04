package app

import (
	"fmt"
	"path/filepath"

	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/seal"
)

// openJobs makes what takes files in and works through them.
func (a *App) openJobs(key []byte) (err error) {
	a.spooler = &intake.Spooler{
		Dir:      filepath.Join(a.cfg.DataDir, "uploads"),
		MaxBytes: a.cfg.Limits.UploadBytes, MaxExpandedBytes: a.cfg.Limits.UploadExpandedBytes,
	}
	persons, err := personsKey(a.cfg)
	if err != nil {
		return err
	}
	a.persons = persons
	receiptKey, err := a.cfg.ReceiptKey()
	if err != nil {
		return err
	}
	store, err := jobs.OpenStore(filepath.Join(a.cfg.DataDir, "jobs.db"))
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	a.closers = append(a.closers, store.Close)
	a.jobs, err = jobs.New(jobs.Options{
		Ledger: a.ledger, Sender: a.outbox, Store: store, Dir: filepath.Join(a.cfg.DataDir, "jobs"),
		Key: key, Epoch: a.cfg.SubjectKey.Epoch, Persons: persons, ReceiptKey: receiptKey,
		InFlight: a.cfg.Limits.ChunksInFlight, Keep: a.cfg.Jobs.Keep, Log: a.log,
	})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, a.jobs.Close)
	return nil
}

// personsKey is nil at an agency that keeps no private details.
func personsKey(cfg *config.Config) (*seal.Key, error) {
	if cfg.PersonsKey.File == "" {
		return nil, nil
	}
	secret, err := cfg.PersonsKey.Read()
	if err != nil {
		return nil, err
	}
	return seal.NewKey(cfg.PersonsKey.Epoch, secret)
}
