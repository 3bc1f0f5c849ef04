package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/crashpoint"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/reading"
)

// readEvery is after how many lines a job says how far it has read.
const readEvery = 1000

// carryOut brings a job to its end, or leaves it to the next Resume when the runner is closed.
func (r *Runner) carryOut(j *runningJob) {
	if !j.spec.Small {
		select {
		case r.running <- struct{}{}:
			defer func() { <-r.running }()
		case <-r.ctx.Done():
			return
		}
	}
	for {
		err := r.try(j)
		switch {
		case err != nil && r.ctx.Err() != nil:
			return
		case !outbox.DiskFull(err):
			r.finish(j, err)
			return
		}
		r.options.Log.Warn("a job waits for space on the disk and begins again",
			"job", j.id, "kind", string(j.spec.Kind), "error", err)
		j.waiting()
		if r.pause(r.ctx) != nil {
			return
		}
	}
}

// try works through a job's file from its beginning.
func (r *Runner) try(j *runningJob) error {
	log, err := newRefusalLog(r.refusalsPath(j.id))
	if err != nil {
		return err
	}
	j.begin(log)
	err = r.newAttempt(j).run()
	if err != nil && (r.ctx.Err() != nil || outbox.DiskFull(err)) {
		log.close()
		return err
	}
	return errors.Join(err, j.fault, log.finish())
}

// attempt is one try to carry a job's file to the ledger.
type attempt struct {
	runner    *Runner
	job       *runningJob
	scheduler *scheduler
	ctx       context.Context // ends with the runner, or when a chunk fails
	cancel    context.CancelFunc

	mu       sync.Mutex
	answered map[string]bool // the chunks of an import whose results are the job's
}

func (r *Runner) newAttempt(j *runningJob) *attempt {
	a := &attempt{runner: r, job: j, answered: map[string]bool{}}
	a.ctx, a.cancel = context.WithCancel(r.ctx)
	a.scheduler = newScheduler(a)
	return a
}

// run reads the file and sends its chunks. It returns when nothing of the attempt is under way any more.
func (a *attempt) run() error {
	defer func() {
		a.cancel()
		a.scheduler.tasks.Wait()
	}()
	if err := a.carry(); err != nil {
		if failed := a.scheduler.failure(); failed != nil {
			return failed // what stopped the reading
		}
		return err
	}
	return nil
}

// carry does what the job is for.
func (a *attempt) carry() error {
	switch a.job.spec.Kind {
	case KindImport:
		return a.carryImport()
	case KindDue:
		return a.carryDue()
	case KindReceipts:
		return a.carryReceipts()
	case KindTaking:
		return a.proposeImport(nil)
	case KindRerateProposal:
		return a.proposeRerate()
	case KindRerate:
		return a.carryRerate()
	case KindResealProposal:
		return a.proposeReseal()
	case KindReseal:
		return a.carryReseal()
	}
	if content := a.job.spec.Content; content != nil {
		return a.carryFile(bytes.NewReader(content))
	}
	f, err := os.Open(a.job.spec.SpoolFile)
	if err != nil {
		return errFileGone
	}
	defer func() { _ = f.Close() }()
	return a.carryFile(f)
}

func (a *attempt) carryFile(f io.Reader) error {
	switch spec := &a.job.spec; spec.Kind {
	case KindCases:
		return a.carryActs(f)
	case KindLines:
		plan, err := newLinesPlan(a)
		if err != nil {
			return err
		}
		return a.carryLines(f, plan)
	case KindRoll:
		return a.proposeImport(f)
	case KindSettlements:
		plan, err := newAnswersPlan(a)
		if err != nil {
			return err
		}
		if spec.ContentType == AnswersType {
			return a.carryAnswers(f, plan)
		}
		return a.carryLines(f, plan)
	default:
		return fmt.Errorf("jobs of kind %q are not known", spec.Kind)
	}
}

// plan says what a kind of file needs of its lines, and where they go.
type plan interface {
	// check refuses a line that is right in itself. An error is the job's.
	check(l *intake.Line) (*intake.Refusal, error)
	add(l *intake.Line) error
	// end sends what is left and waits for the results.
	end() error
}

// carryLines works through a file that intake reads line by line.
func (a *attempt) carryLines(f io.Reader, plan plan) error {
	o := &a.runner.options
	spec := &a.job.spec
	reader, err := intake.NewReader(f, intake.Options{
		Kind: spec.Kind, ContentType: spec.ContentType, References: o.References.Maker(a.ctx), Today: a.runner.today(),
	})
	if err != nil {
		return err
	}
	var line intake.Line // of which no plan keeps the address
	for n := 1; ; n++ {
		var refusal *intake.Refusal
		line, refusal, err = reader.Next()
		if errors.Is(err, io.EOF) {
			a.job.read(n - 1)
			return plan.end()
		}
		if err == nil && refusal == nil {
			refusal, err = addLine(plan, reader, &line)
		}
		if err != nil {
			return err
		}
		if refusal != nil {
			a.job.refuse(refusal)
		}
		if err := a.progress(n); err != nil {
			return err
		}
	}
}

// addLine adds a line unless the plan refuses it, or an earlier line was for the same person. The plan's refusals
// come first: a line that it refuses does not stand in the way of the person's next one.
func addLine(plan plan, reader *intake.Reader, l *intake.Line) (*intake.Refusal, error) {
	refusal, err := plan.check(l)
	if err != nil || refusal != nil {
		return refusal, err
	}
	if refusal := reader.Admit(l); refusal != nil {
		return refusal, nil
	}
	return nil, plan.add(l)
}

// progress says now and then how many lines were read. Its error is that the attempt is over.
func (a *attempt) progress(lines int) error {
	if lines%readEvery != 0 {
		return nil
	}
	a.job.read(lines)
	return a.ctx.Err()
}

// finish puts a job's end on disk and deletes its file. A job whose end could not be kept begins again.
func (r *Runner) finish(j *runningJob, err error) {
	if err != nil {
		r.options.Log.Warn("a job failed", "job", j.id, "kind", string(j.spec.Kind), "error", logText(err))
	}
	fault := j.update(func(job *Job) {
		job.State, job.FinishedAt = StateDone, r.options.Now().UTC()
		if err != nil {
			job.State, job.Error = StateFailed, failureText(err)
		}
	})
	for err := fault; err != nil; err = j.save() {
		r.options.Log.Error("the end of a job could not be kept yet", "job", j.id, "error", err)
		if r.pause(r.ctx) != nil {
			return
		}
	}
	crashpoint.Point("job-done")
	r.chargeNamed(j)
	file := j.spoolFile()
	if file == "" {
		return
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		r.options.Log.Error("an uploaded file could not be deleted", "job", j.id, "error", err)
	}
}

// chargeNamed takes from the look-ups of the day of the official who sent a file of applications those that were refused, because a
// refusal may say that a person receives relief elsewhere, and the members whom the accepted ones say another county knows.
func (r *Runner) chargeNamed(j *runningJob) {
	if j.spec.Kind != KindCases || j.spec.Target != string(relief.ActCaseApply) {
		return
	}
	named := j.named()
	if named == 0 {
		return
	}
	err := r.options.Readings.Charge(reading.Access{
		Principal: j.spec.Principal, Purpose: reading.Application, Route: "job", Record: "job/" + j.id, Count: named,
	})
	if err != nil {
		r.options.Log.Error("look-ups by applications could not be counted", "job", j.id, "error", err)
	}
}
