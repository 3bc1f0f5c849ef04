package jobs

import (
	"sync"
	"time"

	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/intake"
)

// saveEvery bounds how often progress alone is put on disk.
const saveEvery = time.Second

// runningJob is a job under way: queued, running or waiting.
type runningJob struct {
	id    string
	spec  JobSpec
	store *Store
	now   func() time.Time

	onDisk  bool          // the next process would find it; else it is in memory alone until its end
	resumed bool          // an earlier process began it
	kept    chan struct{} // closed when its beginning is on disk, or lost with its fault
	ended   chan struct{} // closed when nothing more happens to it in this process
	lost    error         // why its beginning could not be kept

	mu       sync.Mutex
	job      Job
	saved    time.Time
	known    int // members of accepted applications whom another county knows
	refused  *refusalLog
	fault    error // of the file of refused lines
	watchers map[chan struct{}]bool
}

func newRunningJob(d document, o Options) *runningJob {
	return &runningJob{
		id: d.Spec.ID, spec: d.Spec, job: d.Job, store: o.Store, now: o.Now, watchers: map[chan struct{}]bool{},
		kept: make(chan struct{}), ended: make(chan struct{}),
	}
}

func (r *runningJob) snapshot() Job {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.job
}

// update changes the job and wakes its watchers. The disk takes time, so progress is put there now and then only. A
// job's end is put on disk before a watcher sees it; fault is why it could not be.
func (r *runningJob) update(change func(*Job)) (fault error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.job)
	result, progress := &r.job.Result, &r.job.Progress
	result.Accepted, result.Unchanged, result.Refused = progress.Accepted, progress.Unchanged, progress.Refused
	if r.job.Done() || r.onDisk && r.now().Sub(r.saved) >= saveEvery {
		fault = r.saveLocked()
	}
	for w := range r.watchers {
		select {
		case w <- struct{}{}:
		default: // it has not looked since the last time
		}
	}
	return fault
}

func (r *runningJob) save() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.saveLocked()
}

func (r *runningJob) saveLocked() error {
	r.saved, r.onDisk = r.now(), true
	return r.store.save(&document{r.spec, r.job})
}

// keep puts a job that is in memory alone on disk, with its file. It reports whether the file is the job's now: not when the job
// has ended, or is on disk already.
func (r *runningJob) keep(file string) (taken bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.onDisk {
		return false, nil
	}
	r.spec.SpoolFile = file
	return true, r.saveLocked()
}

// isKept reports whether the next process would find the job.
func (r *runningJob) isKept() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.onDisk
}

func (r *runningJob) spoolFile() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.spec.SpoolFile
}

func (r *runningJob) subscribe() (<-chan struct{}, func()) {
	w := make(chan struct{}, 1)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.watchers[w] = true
	return w, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.watchers, w)
	}
}

// begin sets the counts back to the beginning of the file.
func (r *runningJob) begin(refused *refusalLog) {
	_ = r.update(func(j *Job) {
		r.refused, r.fault, r.known = refused, nil, 0
		j.State, j.Progress, j.Result, j.Import, j.Reseal, j.Due = StateRunning, Progress{}, Result{}, nil, nil, nil
	})
}

// read counts lines that were read.
func (r *runningJob) read(lines int) {
	_ = r.update(func(j *Job) { j.Progress.LinesRead = lines })
}

// refuse keeps a refused line.
func (r *runningJob) refuse(line *intake.Refusal) {
	_ = r.update(func(j *Job) {
		j.Progress.Refused++
		err := r.refused.add(&Refusal{line.FileLine, line.Serial, line.Field, line.Code, line.Code.Reason(), line.Note})
		if err != nil && r.fault == nil {
			r.fault = err
		}
	})
}

// answered counts the contract's result for a chunk.
func (r *runningJob) answered(result *wire.ChunkResult, transaction bool) {
	_ = r.update(func(j *Job) {
		j.Progress.Chunks++
		j.Progress.Accepted += result.Accepted
		j.Progress.Unchanged += result.Unchanged
		if transaction {
			j.Transactions++
		}
		if j.State == StateWaiting {
			j.State = StateRunning
		}
	})
}

// knownElsewhere counts members of accepted applications whom another county knows.
func (r *runningJob) knownElsewhere(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known += n
}

// named counts what the end of a file of applications says of people: its refusals, and the members whom another county knows.
func (r *runningJob) named() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.job.Result.Refused + r.known
}

// heard says that the ledger has answered a question.
func (r *runningJob) heard() {
	if r.snapshot().State == StateWaiting {
		_ = r.update(func(j *Job) { j.State = StateRunning })
	}
}

// waiting says that the ledger has been silent for long.
func (r *runningJob) waiting() {
	_ = r.update(func(j *Job) {
		if j.State == StateRunning {
			j.State = StateWaiting
		}
	})
}
