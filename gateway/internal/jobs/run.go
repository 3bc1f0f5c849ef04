package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/crashpoint"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

// readEvery is after how many lines a job tells how far it has read.
const readEvery = 1000

// run is one run of a job.
type run struct {
	*Runner
	ctx    context.Context // ends with the runner, or when a chunk fails
	cancel context.CancelFunc
	job    *live
	flow   *flow
}

// plan is what a kind of file needs: what a line must be beside right in itself, and where it goes.
type plan interface {
	check(l *intake.Line) (field string, code relief.LineCode)
	add(l *intake.Line) error
	// end sends what is left and waits for the answers.
	end() error
}

// carryOut brings a job to its end, or leaves it to the next Resume when the runner is closed.
func (r *Runner) carryOut(l *live) {
	select {
	case r.running <- struct{}{}:
		defer func() { <-r.running }()
	case <-r.ctx.Done():
		return
	}
	for {
		err := r.attempt(l)
		switch {
		case err != nil && r.ctx.Err() != nil:
			return
		case !outbox.DiskFull(err):
			r.finish(l, err)
			return
		}
		r.options.Log.Warn("a job waits for space on the disk and begins again", "job", l.id, "kind", string(l.spec.Kind), "error", err)
		l.waiting()
		if r.pause(r.ctx) != nil {
			return
		}
	}
}

// attempt works through a job's file from its beginning.
func (r *Runner) attempt(l *live) error {
	log, err := newRefusalLog(r.refusalsPath(l.id))
	if err != nil {
		return err
	}
	l.begin(log)
	err = r.process(l)
	if err != nil && (r.ctx.Err() != nil || outbox.DiskFull(err)) {
		log.close()
		return err
	}
	return errors.Join(err, l.fault, log.finish())
}

// process reads the file and sends its chunks.
func (r *Runner) process(l *live) error {
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	run := &run{Runner: r, ctx: ctx, cancel: cancel, job: l}
	run.flow = newFlow(run)
	defer func() {
		cancel()
		run.flow.tasks.Wait()
	}()
	f, err := os.Open(l.spec.SpoolFile)
	if err != nil {
		return errFileGone
	}
	defer func() { _ = f.Close() }()
	if l.spec.Kind == KindCases {
		return run.cases(f)
	}
	plan, err := run.plan()
	if err != nil {
		return err
	}
	reader, err := intake.NewReader(f, intake.Options{
		Kind: l.spec.Kind, ContentType: l.spec.ContentType, Key: r.options.Key, Epoch: r.options.Epoch, Check: plan.check,
	})
	if err != nil {
		return err
	}
	if err := run.read(reader, plan); err != nil {
		if failed := run.flow.failure(); failed != nil {
			return failed // what stopped the reading
		}
		return err
	}
	return plan.end()
}

func (r *run) plan() (plan, error) {
	switch r.job.spec.Kind {
	case KindLines:
		return newLinesPlan(r)
	case KindRoll:
		return newRollPlan(r)
	case KindSettlements:
		return newSettlementsPlan(r)
	default:
		return nil, fmt.Errorf("jobs of kind %q are not known", r.job.spec.Kind)
	}
}

func (r *run) read(reader *intake.Reader, plan plan) error {
	for n := 1; ; n++ {
		line, refusal, err := reader.Next()
		if errors.Is(err, io.EOF) {
			r.job.read(n - 1)
			return nil
		}
		if err != nil {
			return err
		}
		if refusal != nil {
			r.job.refuse(refusal)
		} else if err := plan.add(&line); err != nil {
			return err
		}
		if n%readEvery == 0 {
			r.job.read(n)
			if err := r.ctx.Err(); err != nil {
				return err
			}
		}
	}
}

var errFileGone = errors.New("the uploaded file is gone: send it again")

// finish puts a job's end on disk and deletes its file. A job whose end could not be kept begins again.
func (r *Runner) finish(l *live, err error) {
	if err != nil {
		r.options.Log.Warn("a job failed", "job", l.id, "kind", string(l.spec.Kind), "error", logText(err))
	}
	fault := l.update(func(j *Job) {
		j.State, j.FinishedAt = StateDone, r.options.Now().UTC()
		if err != nil {
			j.State, j.Error = StateFailed, failureText(err)
		}
	})
	for err := fault; err != nil; err = l.save() {
		r.options.Log.Error("the end of a job could not be kept yet", "job", l.id, "error", err)
		if r.pause(r.ctx) != nil {
			return
		}
	}
	crashpoint.Point("job-done")
	if err := os.Remove(l.spec.SpoolFile); err != nil && !errors.Is(err, os.ErrNotExist) {
		r.options.Log.Error("an uploaded file could not be deleted", "job", l.id, "error", err)
	}
}

// failureText is what a caller is told: the contract's word, or what is wrong with the file. Other errors may speak of
// the gateway's inside and go to the log only.
func failureText(err error) string {
	var refused *relief.Error
	var file *intake.FileError
	var invalid *ledger.CommittedInvalid
	switch {
	case errors.As(err, &refused):
		return refused.Error()
	case errors.As(err, &file):
		return file.Error()
	case errors.As(err, &invalid):
		return "the ledger did not take a transaction (" + invalid.Commit.Code + "): send the file again, what was written stands"
	case errors.Is(err, errFileGone):
		return errFileGone.Error()
	default:
		return "the gateway could not carry this out; its log tells more under this job's id"
	}
}

// logText is an error for the log. A contract's refusal is as safe as it is for callers.
func logText(err error) string {
	var refused *relief.Error
	if errors.As(err, &refused) {
		return refused.Error()
	}
	return err.Error()
}
