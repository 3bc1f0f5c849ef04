package bulk

import (
	"encoding/json"
	"sync"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/intake"
)

// saveEvery bounds how often progress alone is put on disk.
const saveEvery = time.Second

// live is a job under way.
type live struct {
	id    string
	spec  JobSpec
	store Store
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

// update changes the job, tells its watchers and puts it on disk now and then.
func (l *live) update(change func(*Job)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.job.State
	change(&l.job)
	l.job.Result.Accepted, l.job.Result.Unchanged, l.job.Result.Refused = l.job.Progress.Accepted, l.job.Progress.Unchanged, l.job.Progress.Refused
	if now := l.now(); l.job.State != before || now.Sub(l.saved) >= saveEvery {
		_ = l.saveLocked() // the end is saved by finish, which tells
	}
	for w := range l.watchers {
		select {
		case w <- struct{}{}:
		default: // it has not looked since the last time
		}
	}
}

func (l *live) save() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.saveLocked()
}

func (l *live) saveLocked() error {
	b, err := json.Marshal(document{l.spec, l.job})
	if err != nil {
		return err
	}
	l.saved = l.now()
	return l.store.SaveJob(l.id, b)
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
	l.update(func(j *Job) {
		l.refused, l.fault = refused, nil
		j.State, j.Progress, j.Result = StateRunning, Progress{}, Result{}
	})
}

// read counts lines that were read.
func (l *live) read(lines int) {
	l.update(func(j *Job) { j.Progress.LinesRead = lines })
}

// refuse keeps a refused line.
func (l *live) refuse(r *intake.Refusal) {
	l.update(func(j *Job) {
		j.Progress.Refused++
		err := l.refused.add(&Refusal{r.FileLine, r.Serial, r.Field, r.Code, r.Code.Reason(), r.Note})
		if err != nil && l.fault == nil {
			l.fault = err
		}
	})
}

// answered takes what the contract said to a chunk.
func (l *live) answered(result *relief.ChunkResult, transaction bool) {
	l.update(func(j *Job) {
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
		l.update(func(j *Job) { j.State = StateRunning })
	}
}

// waiting: the ledger has been silent for long.
func (l *live) waiting() {
	l.update(func(j *Job) {
		if j.State == StateRunning {
			j.State = StateWaiting
		}
	})
}
