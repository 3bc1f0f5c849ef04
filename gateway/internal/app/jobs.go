package app

import (
	"path/filepath"

	"relieftrail/gateway/internal/bulk"
	"relieftrail/gateway/internal/intake"
)

// openJobs makes what takes files in and works through them.
func (a *App) openJobs(key []byte) (err error) {
	a.spooler = &intake.Spooler{
		Dir:      filepath.Join(a.cfg.DataDir, "uploads"),
		MaxBytes: a.cfg.Limits.UploadBytes, MaxExpandedBytes: a.cfg.Limits.UploadExpandedBytes,
	}
	a.jobs, err = bulk.New(bulk.Options{
		Ledger: a.ledger, Sender: a.outbox, Store: a.outbox, Dir: filepath.Join(a.cfg.DataDir, "jobs"),
		Key: key, Epoch: a.cfg.SubjectKey.Epoch, InFlight: a.cfg.Limits.InFlight, Log: a.log,
	})
	if err == nil {
		a.closers = append(a.closers, a.jobs.Close)
	}
	return err
}
