package jobs

import (
	"errors"
	"strings"
	"time"

	"relieftrail/gateway/internal/boltstore"
)

// document is a job on disk: without its refused lines, which have a file of their own.
type document struct {
	Spec JobSpec `json:"spec"`
	Job  Job     `json:"job"`
}

var (
	bucketJobs     = boltstore.JSON[document]("jobs") // by id
	bucketOpen     = boltstore.Bytes("open")          // ids of the jobs that are not done, for Resume
	bucketFinished = boltstore.Bytes("finished")      // time and id of the jobs that are done, for the sweep
	bucketTargets  = boltstore.Bytes("targets")       // kind, target and id of every job
)

// Store keeps the documents of jobs in a file of its own. What a start or a sweep reads does not grow with the number
// of jobs that are done.
type Store struct{ store *boltstore.Store }

// OpenStore opens or makes the file, mode 0600.
func OpenStore(path string) (*Store, error) {
	store, err := boltstore.Open(path, bucketJobs, bucketOpen, bucketFinished, bucketTargets)
	if err != nil {
		return nil, err
	}
	return &Store{store}, nil
}

// Close closes the file.
func (s *Store) Close() error { return s.store.Close() }

// save puts a job's document on disk.
func (s *Store) save(d *document) error {
	id := d.Spec.ID
	return s.store.Batch(func(tx *boltstore.Tx) error {
		if err := bucketJobs.Put(tx, id, *d); err != nil {
			return err
		}
		if err := bucketTargets.Put(tx, d.Spec.target()+id, nil); err != nil {
			return err
		}
		if !d.Job.Done() {
			return bucketOpen.Put(tx, id, nil)
		}
		if err := bucketOpen.Delete(tx, id); err != nil {
			return err
		}
		return bucketFinished.Put(tx, finishedKey(d), nil)
	})
}

// load reads a job's document.
func (s *Store) load(id string) (d document, found bool, err error) {
	err = s.store.View(func(tx *boltstore.Tx) error {
		d, found, err = bucketJobs.Get(tx, id)
		return err
	})
	return d, found, err
}

// of lists the jobs of a kind for a target.
func (s *Store) of(kind Kind, target string) (list []document, err error) {
	prefix := (&JobSpec{Kind: kind, Target: target}).target()
	err = s.store.View(func(tx *boltstore.Tx) error {
		for c := bucketTargets.Prefix(tx, prefix); c.Next(); {
			d, found, err := bucketJobs.Get(tx, strings.TrimPrefix(c.Key(), prefix))
			if err != nil {
				return err
			}
			if found {
				list = append(list, d)
			}
		}
		return nil
	})
	return list, err
}

// target begins the key by which the jobs of a target are found.
func (s *JobSpec) target() string { return string(s.Kind) + " " + s.Target + " " }

// open lists the jobs that are not done.
func (s *Store) open() (left []document, err error) {
	err = s.store.View(func(tx *boltstore.Tx) error {
		for c := bucketOpen.All(tx); c.Next(); {
			d, found, err := bucketJobs.Get(tx, c.Key())
			if err != nil {
				return err
			}
			if found {
				left = append(left, d)
			}
		}
		return nil
	})
	return left, err
}

// finishedBefore lists up to limit jobs that were done before a time, the oldest first, by their keys.
func (s *Store) finishedBefore(t time.Time, limit int) (keys []string, err error) {
	end := t.UTC().Format(finishedFormat)
	err = s.store.View(func(tx *boltstore.Tx) error {
		for c := bucketFinished.All(tx); len(keys) < limit && c.Next() && c.Key() < end; {
			keys = append(keys, c.Key())
		}
		return nil
	})
	return keys, err
}

// delete removes jobs by their keys in the order of their ends. The document of a job that was started again meanwhile
// stays.
func (s *Store) delete(keys []string) error {
	return s.store.Update(func(tx *boltstore.Tx) error {
		for _, key := range keys {
			id := jobOf(key)
			d, found, err := bucketJobs.Get(tx, id)
			if err != nil {
				return err
			}
			if found && d.endedAt(key) {
				err = errors.Join(bucketJobs.Delete(tx, id), bucketTargets.Delete(tx, d.Spec.target()+id))
			}
			if err != nil {
				return err
			}
			if err := bucketFinished.Delete(tx, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// finishedFormat writes times so that the order of the texts is that of the times.
const finishedFormat = "2006-01-02T15:04:05.000000000Z"

func finishedKey(d *document) string {
	return d.Job.FinishedAt.UTC().Format(finishedFormat) + " " + d.Spec.ID
}

// endedAt reports whether a key is of the job's last end: a job that failed may be started again under its id.
func (d *document) endedAt(key string) bool { return d.Job.Done() && finishedKey(d) == key }

func jobOf(finishedKey string) string {
	_, id, _ := strings.Cut(finishedKey, " ")
	return id
}
