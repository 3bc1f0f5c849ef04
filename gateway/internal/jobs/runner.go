package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/gather"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/receipts"
	"relieftrail/gateway/internal/reference"
	"relieftrail/gateway/internal/resealing"
	"relieftrail/gateway/internal/rollimport"
	"relieftrail/gateway/internal/seal"
)

// Sender carries out one transaction of a job and goes on through outages until ctx ends. When worthwhile says that
// nothing needs to be submitted, the answer has no transaction.
type Sender interface {
	Send(ctx context.Context, owner string, call ledger.Call, worthwhile func(result []byte) bool) (outbox.Answer, error)
}

// Options are what a runner works with; zero numbers give the defaults.
type Options struct {
	Ledger ledger.Evaluator
	Sender Sender
	Store  *Store
	Dir    string // of the files of refused lines and the folders of imports; made when it is not there
	// References makes the references of people.
	References *reference.Keys
	Persons    *seal.Key // seals private details; nil where none are kept, and then no roll is imported
	// Sealed says which cases, changes and links have sealed documents.
	Sealed resealing.Index
	// Readings opens the present details of people whose payee changes, and counts people whose applications are refused.
	Readings *reading.Reader
	// ReceiptKey salts the leaves of receipts; nil where none are made, and then no bank's answers are recorded.
	ReceiptKey []byte
	Receipts   *receipts.Maker // nil where no receipts are made
	Payments   receipts.Index  // whose receipts they are
	InFlight   int             // chunks of all jobs at a time; default 32
	Running    int             // jobs at a time, the others are queued; default 8
	Keep       time.Duration   // how long finished jobs are kept, at least MinKeep; default DefaultKeep
	Patience   time.Duration   // how long the ledger may be silent before a job is called waiting; default 10 s
	Log        *slog.Logger
	Now        func() time.Time
	Location   *time.Location // in which a day begins; default UTC
}

// Runner carries out jobs. It is safe for concurrent use.
type Runner struct {
	options Options
	rolls   *rollCache
	batches *batchCache
	imports rollimport.Folders
	shared  *gather.Gatherer[together, shared, sharedResult]
	looks   *gather.Gatherer[rollLook, *attempt, struct{}]
	tallies tallies
	chunks  chan struct{} // a place for each chunk in flight
	running chan struct{} // a place for each job
	ctx     context.Context
	cancel  context.CancelFunc
	tasks   sync.WaitGroup

	mu     sync.Mutex
	closed bool
	live   map[string]*runningJob
	small  int // of live: jobs of small files
}

// New makes a runner. Jobs that an earlier process left behind begin again with Resume.
func New(o Options) (*Runner, error) {
	if o.InFlight == 0 {
		o.InFlight = 32
	}
	if o.Running == 0 {
		o.Running = 8
	}
	if o.Keep == 0 {
		o.Keep = DefaultKeep
	}
	if o.Keep < MinKeep {
		return nil, fmt.Errorf("finished jobs must be kept for at least %s, not %s", MinKeep, o.Keep)
	}
	if o.Patience == 0 {
		o.Patience = 10 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of jobs: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &Runner{
		options: o, rolls: newRollCache(), batches: newBatchCache(), chunks: make(chan struct{}, o.InFlight),
		imports: rollimport.Folders{Dir: filepath.Join(o.Dir, "imports")},
		running: make(chan struct{}, o.Running), ctx: ctx, cancel: cancel, live: map[string]*runningJob{},
	}
	r.tallies = tallies{now: o.Now, of: map[together]*owed{}}
	r.shared, r.looks = r.newShared(), r.newLooks()
	r.tasks.Go(r.sweepRegularly)
	return r, nil
}

// localTime is the time where the agency is.
func (r *Runner) localTime() time.Time { return r.options.Now().In(r.options.Location) }

func (r *Runner) today() relief.Day { return r.dayOf(r.options.Now()) }

// dayOf is the day of a time where the agency is.
func (r *Runner) dayOf(t time.Time) relief.Day {
	return relief.Day(t.In(r.options.Location).Format(time.DateOnly))
}

// Start begins a job. From then on its file is the runner's, which deletes it at the end. A job whose file is in memory is not
// on disk before its end, or before Keep: its caller must not be told until then that it was taken.
func (r *Runner) Start(_ context.Context, spec JobSpec) (Job, error) {
	if spec.ID == "" {
		spec.ID = rand.Text()
	}
	if filepath.Base(spec.ID) != spec.ID || spec.ID == "." || spec.ID == ".." || len(spec.ID) > 64 {
		return Job{}, errors.New("a job's id has at most 64 characters that a file's name may have")
	}
	return r.begin(document{Spec: spec, Job: Job{
		ID: spec.ID, Kind: spec.Kind, Target: spec.Target, Principal: spec.Principal, State: StateQueued,
		StartedAt: r.options.Now().UTC(),
	}}, false)
}

// begin puts a job on disk and sets it going; one that is going already is answered as it is.
func (r *Runner) begin(d document, resumed bool) (Job, error) {
	l, first, err := r.enter(&d, resumed)
	if err != nil {
		return Job{}, err
	}
	if first {
		if l.spec.Content == nil {
			l.lost = l.save()
		}
		if l.lost != nil {
			r.leave(l)
		}
		close(l.kept)
	} else {
		d.Spec.Gone()
	}
	<-l.kept
	if l.lost != nil {
		return Job{}, fmt.Errorf("keeping the job: %w", l.lost)
	}
	job := l.snapshot()
	if first {
		r.setGoing(l)
	}
	return job, nil
}

// enter finds a job that is going, or makes room for it.
func (r *Runner) enter(d *document, resumed bool) (l *runningJob, first bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, false, errors.New("the gateway is stopping")
	}
	if l = r.live[d.Spec.ID]; l != nil {
		return l, false, nil
	}
	l = newRunningJob(*d, r.options)
	l.resumed = resumed
	r.live[l.id] = l
	if l.spec.Small {
		r.small++
	}
	return l, true, nil
}

// leave forgets a job that is not going any more.
func (r *Runner) leave(l *runningJob) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.live, l.id)
	if l.spec.Small {
		r.small--
	}
}

// setGoing works on a job that is on disk. When the runner was closed meanwhile, the next Resume does.
func (r *Runner) setGoing(l *runningJob) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.tasks.Go(func() {
		r.carryOut(l)
		l.spec.Gone()
		r.leave(l)
		close(l.ended)
	})
}

// Wait gives a job when it is done, or as it is when ctx ends. The error is that the runner is closed before a job is done that is
// in memory alone.
func (r *Runner) Wait(ctx context.Context, id string) (Job, error) {
	l := r.find(id)
	if l == nil {
		return r.Get(id)
	}
	select {
	case <-l.ended:
	case <-ctx.Done():
	case <-r.ctx.Done():
	}
	if r.ctx.Err() != nil && !l.isKept() {
		return Job{}, fmt.Errorf("waiting for job %s: %w", id, r.ctx.Err())
	}
	return r.Get(id)
}

// Keep puts a job that is in memory alone on disk, with its file on disk. From then on the file is the runner's.
func (r *Runner) Keep(id, file string) error {
	l := r.find(id)
	if l == nil {
		return os.Remove(file) // it has ended
	}
	taken, err := l.keep(file)
	if err == nil && !taken {
		return os.Remove(file)
	}
	return err
}

// Resume begins again what an earlier process left behind.
func (r *Runner) Resume(ctx context.Context) error {
	left, err := r.options.Store.open()
	if err != nil {
		return fmt.Errorf("reading the jobs that are not done: %w", err)
	}
	for _, d := range left {
		if err := ctx.Err(); err != nil {
			return err
		}
		d.Job.State, d.Job.Progress, d.Job.Result = StateQueued, Progress{}, Result{}
		if _, err := r.begin(d, true); err != nil {
			return err
		}
		r.options.Log.Info("a job begins again", "job", d.Spec.ID, "kind", string(d.Spec.Kind))
	}
	return nil
}

// These bound the jobs that are worked on or wait: each has a file on the disk. Small files do not wait for large ones.
const (
	maxJobs  = 256
	maxSmall = 4096 // of small files
)

// Full reports whether there are so many jobs that another one should come back later.
func (r *Runner) Full() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.live)-r.small >= maxJobs
}

// FullOfSmall is Full for jobs of small files.
func (r *Runner) FullOfSmall() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.small >= maxSmall
}

// Wants reports whether a job that is not done yet has this file.
func (r *Runner) Wants(file string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.live {
		if l.spoolFile() == file {
			return true
		}
	}
	return false
}

// Get is a job as it is now, with the first of its refused lines.
func (r *Runner) Get(id string) (Job, error) {
	job, err := r.peek(id)
	if err != nil {
		return Job{}, err
	}
	job.Refusals, err = readRefusals(r.refusalsPath(id), maxEmbedded)
	if err != nil {
		return Job{}, fmt.Errorf("the refused lines of job %s: %w", id, err)
	}
	return job, nil
}

// peek is a job without its refused lines.
func (r *Runner) peek(id string) (Job, error) {
	if l := r.find(id); l != nil {
		return l.snapshot(), nil
	}
	d, found, err := r.options.Store.load(id)
	if err != nil {
		return Job{}, fmt.Errorf("reading job %s: %w", id, err)
	}
	if !found {
		return Job{}, ErrNoJob
	}
	return d.Job, nil
}

// Of lists the jobs of a kind for a target, such as the uploads of a batch's lines, the oldest first and without their
// refused lines.
func (r *Runner) Of(kind Kind, target string) ([]Job, error) {
	documents, err := r.options.Store.of(kind, target)
	if err != nil {
		return nil, fmt.Errorf("reading the jobs for %s: %w", target, err)
	}
	list := make([]Job, len(documents))
	for i := range documents {
		list[i] = documents[i].Job
		if l := r.find(list[i].ID); l != nil {
			list[i] = l.snapshot()
		}
	}
	slices.SortFunc(list, func(a, b Job) int { return a.StartedAt.Compare(b.StartedAt) })
	return list, nil
}

func (r *Runner) find(id string) *runningJob {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.live[id]
}

// Refusals reads all refused lines of a job, NDJSON; in the file's order once the job is done.
func (r *Runner) Refusals(id string) (io.ReadCloser, error) {
	if _, err := r.peek(id); err != nil {
		return nil, err
	}
	f, err := os.Open(r.refusalsPath(id))
	if errors.Is(err, os.ErrNotExist) {
		return io.NopCloser(io.MultiReader()), nil
	}
	return f, err
}

// RefusedLines reads all refused lines of a job, in the file's order. It is for jobs of this process's own files:
// those of an upload may be many.
func (r *Runner) RefusedLines(id string) ([]Refusal, error) {
	if _, err := r.peek(id); err != nil {
		return nil, err
	}
	return readRefusals(r.refusalsPath(id), math.MaxInt)
}

// Watch sends a job as it is now and after each change, without its refused lines until it is done. A slow reader
// misses states in between. The channel is closed when the job is done, ctx ends or the runner is closed.
func (r *Runner) Watch(ctx context.Context, id string) (<-chan Job, error) {
	l := r.find(id)
	if l == nil {
		job, err := r.Get(id)
		if err != nil {
			return nil, err
		}
		updates := make(chan Job, 1)
		updates <- job
		close(updates)
		return updates, nil
	}
	updates := make(chan Job)
	changed, unsubscribe := l.subscribe()
	go func() {
		defer close(updates)
		defer unsubscribe()
		for {
			job := l.snapshot()
			if job.Done() {
				job.Refusals, _ = readRefusals(r.refusalsPath(id), maxEmbedded)
			}
			select {
			case updates <- job:
			case <-ctx.Done():
				return
			case <-r.ctx.Done():
				return
			}
			if job.Done() {
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			case <-r.ctx.Done():
				return
			}
		}
	}()
	return updates, nil
}

// Close stops the jobs between two chunks; they begin again with the next Resume.
func (r *Runner) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
	r.tasks.Wait()
	return nil
}

func (r *Runner) refusalsPath(id string) string {
	return filepath.Join(r.options.Dir, filepath.Base(id)+".refused.ndjson")
}
