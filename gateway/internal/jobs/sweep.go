package jobs

import (
	"errors"
	"os"
	"time"

	"relieftrail/gateway/internal/outbox"
)

// MinKeep is the least time for which finished jobs are kept. While an idempotency key answers its request, its job
// must be there: without it, a file that is sent again would start its job again.
const MinKeep = outbox.DefaultKeep

// DefaultKeep is how long finished jobs are kept unless the settings say otherwise.
const DefaultKeep = 30 * 24 * time.Hour

const (
	sweepEvery  = time.Hour
	sweepAtOnce = 100 // jobs deleted in one transaction of the store, while no other can start
)

// sweepRegularly deletes old finished jobs until the runner is closed.
func (r *Runner) sweepRegularly() {
	for {
		if err := r.sweep(); err != nil {
			r.options.Log.Warn("old jobs could not be deleted", "error", err)
		}
		if err := r.sweepPages(); err != nil {
			r.options.Log.Warn("old pages of receipts could not be deleted", "error", err)
		}
		if err := r.sweepImports(); err != nil && r.ctx.Err() == nil {
			r.options.Log.Warn("what is kept of ended imports could not be deleted", "error", err)
		}
		timer := time.NewTimer(sweepEvery)
		select {
		case <-timer.C:
		case <-r.ctx.Done():
			timer.Stop()
			return
		}
	}
}

// sweep deletes the jobs that were done longer ago than they are to be kept.
func (r *Runner) sweep() error {
	limit := r.options.Now().Add(-r.options.Keep)
	for r.ctx.Err() == nil {
		keys, err := r.options.Store.finishedBefore(limit, sweepAtOnce)
		if err != nil || len(keys) == 0 {
			return err
		}
		if err := r.deleteJobs(keys); err != nil {
			return err
		}
	}
	return nil
}

// deleteJobs deletes jobs with their files, the document last: a sweep that is cut off finds the job again.
func (r *Runner) deleteJobs(keys []string) error {
	r.mu.Lock() // no job starts again while its files go
	defer r.mu.Unlock()
	for _, key := range keys {
		if err := r.deleteFiles(key); err != nil {
			return err
		}
	}
	return r.options.Store.delete(keys)
}

// deleteFiles deletes what lies beside a finished job's document: its refused lines, and its file if the process was
// stopped between the job's end and the deletion of the file. The files of a job that was started again under its id stay.
func (r *Runner) deleteFiles(key string) error {
	id := jobOf(key)
	d, found, err := r.options.Store.load(id)
	if err != nil || !found || !d.endedAt(key) {
		return err
	}
	for _, path := range []string{r.refusalsPath(id), d.Spec.SpoolFile} {
		if path == "" {
			continue // a job without a file
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
