package jobs

import (
	"sync"
	"time"

	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/intake"
)

// saveEvery bounds how often progress alone is put on disk.
const saveEvery = time.Second

// live is a job under way.
type live struct {
	id    string
	spec  JobSpec
	store *Store
	now   func() time.Time

	mu       sync.Mutex
	job      Job
	saved    time.Time
	refused  *refusalLog
	fault    error // of the file of refused lines
	watchers map[chan struct{}]bool
}

func newLive(d document, o Options) *live {
	return &live{
		id: d.Spec.ID, spec: d.Spec, job: d.Job, store: o.Store, now: o.Now, watchers: map[chan struct{}]bool{},
	}
}

func (l *live) snapshot() Job {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.job
}

// update changes the job and tells its watchers. It puts the job on disk now and then, for that waits for the disk; its end
// is put there before it is told, and fault says when it could not be.
func (l *live) update(change func(*Job)) (fault error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.job)
	l.job.Result.Accepted, l.job.Result.Unchanged, l.job.Result.Refused = l.job.Progress.Accepted, l.job.Progress.Unchanged, l.job.Progress.Refused
	if l.job.Done() || l.now().Sub(l.saved) >= saveEvery {
		fault = l.saveLocked()
	}
	for w := range l.watchers {
		select {
		case w <- struct{}{}:
		default: // it has not looked since the last time
		}
	}
	return fault
}

func (l *live) save() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.saveLocked()
}

func (l *live) saveLocked() error {
	l.saved = l.now()
	return l.store.save(&document{l.spec, l.job})
}

func (l *live) subscribe() (<-chan struct{}, func()) {
	w := make(chan struct{}, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watchers[w] = true
	return w, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.watchers, w)
	}
}

// begin sets the counts back to the beginning of the file.
func (l *live) begin(refused *refusalLog) {
	_ = l.update(func(j *Job) {
		l.refused, l.fault = refused, nil
		j.State, j.Progress, j.Result = StateRunning, Progress{}, Result{}
	})
}

// read counts lines that were read.
func (l *live) read(lines int) {
	_ = l.update(func(j *Job) { j.Progress.LinesRead = lines })
}

// refuse keeps a refused line.
func (l *live) refuse(r *intake.Refusal) {
	_ = l.update(func(j *Job) {
		j.Progress.Refused++
		err := l.refused.add(&Refusal{r.FileLine, r.Serial, r.Field, r.Code, r.Code.Reason(), r.Note})
		if err != nil && l.fault == nil {
			l.fault = err
		}
	})
}

// answered takes what the contract said to a chunk.
func (l *live) answered(result *wire.ChunkResult, transaction bool) {
	_ = l.update(func(j *Job) {
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

// heard: the ledger has answered.
func (l *live) heard() {
	if l.snapshot().State == StateWaiting {
		_ = l.update(func(j *Job) { j.State = StateRunning })
	}
}

// waiting: the ledger has been silent for long.
func (l *live) waiting() {
	_ = l.update(func(j *Job) {
		if j.State == StateRunning {
			j.State = StateWaiting
		}
	})
}
