package jobs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/boltstore"
)

// shelf is a runner's folder with jobs that were done at given times.
type shelf struct {
	t     *testing.T
	dir   string
	store *Store
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	dir := t.TempDir()
	store, err := OpenStore(filepath.Join(dir, "jobs.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	require.NoError(t, os.Mkdir(filepath.Join(dir, "jobs"), 0o700))
	return &shelf{t, dir, store}
}

func (s *shelf) runner(now time.Time) *Runner {
	s.t.Helper()
	r, err := New(Options{Store: s.store, Dir: filepath.Join(s.dir, "jobs"), Now: func() time.Time { return now }})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, r.Close()) })
	return r
}

// put has a job on disk with its file and its refused lines; an open one when finished is zero.
func (s *shelf) put(id string, finished time.Time) {
	s.t.Helper()
	d := s.document(id, finished)
	require.NoError(s.t, os.WriteFile(d.Spec.SpoolFile, []byte("file"), 0o600))
	require.NoError(s.t, os.WriteFile(s.refusals(id), []byte("{}\n"), 0o600))
	require.NoError(s.t, s.store.save(d))
}

func (s *shelf) document(id string, finished time.Time) *document {
	d := &document{
		Spec: JobSpec{ID: id, Kind: "none", SpoolFile: filepath.Join(s.dir, "upload-"+id)},
		Job:  Job{ID: id, State: StateRunning},
	}
	if !finished.IsZero() {
		d.Job.State, d.Job.FinishedAt = StateDone, finished
	}
	return d
}

func (s *shelf) refusals(id string) string { return filepath.Join(s.dir, "jobs", id+".refused.ndjson") }

// left says what there is of jobs: d of a document, f of a file, r of refused lines.
func (s *shelf) left(ids ...string) string {
	s.t.Helper()
	var left []string
	for _, id := range ids {
		text := id + ":"
		_, found, err := s.store.load(id)
		require.NoError(s.t, err)
		if found {
			text += "d"
		}
		for mark, path := range map[string]string{"f": filepath.Join(s.dir, "upload-"+id), "r": s.refusals(id)} {
			if _, err := os.Stat(path); err == nil {
				text += mark
			}
		}
		left = append(left, text[:len(id)+1]+sorted(text[len(id)+1:]))
	}
	return strings.Join(left, " ")
}

func sorted(marks string) (out string) {
	for _, m := range []string{"d", "f", "r"} {
		if strings.Contains(marks, m) {
			out += m
		}
	}
	return out
}

var start = time.Date(2026, 11, 10, 8, 0, 0, 0, time.UTC)

func TestFinishedJobsAreDeletedAfterTheirTime(t *testing.T) {
	s := newShelf(t)
	s.put("old", start.Add(-DefaultKeep-time.Second))
	s.put("new", start.Add(-DefaultKeep+time.Second))
	s.put("open", time.Time{})
	r := s.runner(start)
	require.NoError(t, r.sweep())
	require.Equal(t, "old: new:dfr open:dfr", s.left("old", "new", "open"))
	_, err := r.Get("old")
	require.ErrorIs(t, err, ErrNoJob)
	keys, err := s.store.finishedBefore(start.AddDate(1, 0, 0), 10)
	require.NoError(t, err)
	require.Len(t, keys, 1, "only the job that is kept")
}

func TestTheSweepRunsByItself(t *testing.T) {
	s := newShelf(t)
	synctest.Test(t, func(t *testing.T) {
		s.put("a", time.Now())
		r, err := New(Options{Store: s.store, Dir: filepath.Join(s.dir, "jobs"), Keep: MinKeep})
		require.NoError(t, err)
		defer func() { require.NoError(t, r.Close()) }()
		time.Sleep(MinKeep - time.Minute)
		require.Equal(t, "a:dfr", s.left("a"))
		time.Sleep(2 * sweepEvery)
		synctest.Wait()
		require.Equal(t, "a:", s.left("a"))
	})
}

// A process that ends within a sweep leaves documents without files, never files without a document.
func TestASweepThatIsCutOffGoesOn(t *testing.T) {
	s := newShelf(t)
	s.put("a", start.Add(-2*DefaultKeep))
	require.NoError(t, (&Runner{options: Options{Store: s.store, Dir: filepath.Join(s.dir, "jobs")}}).deleteFiles(finishedKey(s.document("a", start.Add(-2*DefaultKeep)))))
	require.Equal(t, "a:d", s.left("a"))
	require.NoError(t, s.runner(start).sweep())
	require.Equal(t, "a:", s.left("a"))

	s.put("b", start.Add(-2*DefaultKeep))
	require.NoError(t, os.Remove(s.refusals("b")))
	require.NoError(t, os.MkdirAll(filepath.Join(s.refusals("b"), "full"), 0o700)) // cannot be deleted
	require.Error(t, s.runner(start).sweep())
	require.Equal(t, "b:dfr", s.left("b"))
}

// A job that failed may be started again under its id: its old end deletes nothing of it.
func TestAJobThatWasStartedAgainStays(t *testing.T) {
	s := newShelf(t)
	s.put("a", start.Add(-2*DefaultKeep))
	s.put("a", time.Time{})
	require.NoError(t, s.runner(start).sweep())
	require.Equal(t, "a:dfr", s.left("a"))
	s.put("b", start.Add(-2*DefaultKeep))
	s.put("b", start) // its second end
	require.NoError(t, s.runner(start).sweep())
	require.Equal(t, "b:dfr", s.left("b"))
}

func TestFinishedJobsCostAStartNothing(t *testing.T) {
	s := newShelf(t)
	require.NoError(t, s.store.store.Update(func(tx *boltstore.Tx) error {
		for i := range 3000 {
			d := s.document(fmt.Sprintf("j-%04d", i), start)
			if err := bucketJobs.Put(tx, d.Spec.ID, *d); err != nil {
				return err
			}
			if err := bucketFinished.Put(tx, finishedKey(d), nil); err != nil {
				return err
			}
		}
		return nil
	}))
	s.put("open", time.Time{})
	r := s.runner(start)
	require.NoError(t, r.sweep())
	before := s.store.store.Reads()
	require.NoError(t, r.Resume(t.Context()))
	require.LessOrEqual(t, s.store.store.Reads()-before, int64(2), "the open job's document, and no other")
	require.NoError(t, r.Close())
}

func TestJobsAreKeptAsLongAsTheirKeysAnswer(t *testing.T) {
	_, err := New(Options{Dir: t.TempDir(), Keep: MinKeep - time.Second})
	require.ErrorContains(t, err, "at least")
}
