package reading

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"

	"relieftrail/gateway/internal/boltstore"
)

// others keeps copies of other agencies' records. Each is checked as it comes in and held against what its agency has put
// on the ledger.
type others struct {
	mu     sync.Mutex
	copies map[string]*chain // by agency
	faults map[string]error  // what is wrong with a copy
}

var agencyName = regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`)

// copyOf opens the copy of an agency's record, or makes one.
func (r *Reader) copyOf(agency string) (*chain, error) {
	r.others.mu.Lock()
	defer r.others.mu.Unlock()
	if c := r.others.copies[agency]; c != nil {
		return c, nil
	}
	if !agencyName.MatchString(agency) {
		return nil, fmt.Errorf("%q is no name of an agency", agency)
	}
	dir := filepath.Join(filepath.Dir(r.options.Path), "readings")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the copies of readings: %w", err)
	}
	store, err := boltstore.Open(filepath.Join(dir, agency+".db"), bucketReadings, bucketHeads)
	if err != nil {
		return nil, fmt.Errorf("the copies of readings: %w", err)
	}
	if r.others.copies == nil {
		r.others.copies, r.others.faults = map[string]*chain{}, map[string]error{}
	}
	c := &chain{store, bucketReadings}
	r.others.copies[agency] = c
	return c, nil
}

// CopyHead is the head of the copy of an agency's record.
func (r *Reader) CopyHead(agency string) (Head, error) {
	c, err := r.copyOf(agency)
	if err != nil {
		return Head{}, err
	}
	return c.head()
}

// Copy adds readings, as they are stored at their agency, to the copy of its record. Those that do not continue it are not
// taken, and are an alert until the agency's record continues the copy again.
func (r *Reader) Copy(agency string, stored [][]byte) error {
	c, err := r.copyOf(agency)
	if err != nil {
		return err
	}
	err = c.store.Update(func(tx *boltstore.Tx) error {
		at, err := headIn(tx)
		if err != nil {
			return err
		}
		for _, reading := range stored {
			if at, err = link(at, reading); err != nil {
				return err
			}
			if err := put(tx, reading, at); err != nil {
				return err
			}
		}
		return nil
	})
	r.setFault(agency, err)
	return err
}

// CheckCopy holds the copy of an agency's record against the heads that the agency has put on the ledger, by their counts.
func (r *Reader) CheckCopy(agency string, anchored map[uint64]string) error {
	c, err := r.copyOf(agency)
	if err != nil {
		return err
	}
	err = c.hold(anchored)
	r.setFault(agency, err)
	return err
}

// hold compares the hashes of single readings with what was anchored.
func (c *chain) hold(anchored map[uint64]string) error {
	return c.store.View(func(tx *boltstore.Tx) error {
		for count, want := range anchored {
			stored, found, err := bucketReadings.Get(tx, numberKey(count))
			switch {
			case err != nil:
				return err
			case !found:
				return fmt.Errorf("%w: the ledger says that it has %d readings", ErrBroken, count)
			case hashOf(stored) != want:
				return fmt.Errorf("%w: the hash of reading %d is not the one on the ledger", ErrBroken, count)
			}
		}
		return nil
	})
}

func (r *Reader) setFault(agency string, err error) {
	r.others.mu.Lock()
	defer r.others.mu.Unlock()
	before := r.others.faults[agency]
	switch {
	case errors.Is(err, ErrBroken):
		r.others.faults[agency] = err
		if before == nil {
			r.options.Log.Error("another agency's record of readings is not what it was", "agency", agency, "error", err)
		}
	case err == nil:
		delete(r.others.faults, agency)
	}
}

// ListOf is a page of the readings of another agency, from its copy.
func (r *Reader) ListOf(agency string, q Query, after uint64, limit int) (page []Reading, next uint64, err error) {
	r.others.mu.Lock()
	c := r.others.copies[agency]
	r.others.mu.Unlock()
	if c == nil {
		return nil, 0, ErrNoCopy
	}
	return c.list(&q, after, limit)
}

// ErrNoCopy means that the record of an agency is not copied here.
var ErrNoCopy = errors.New("the record of this agency is not copied here")

// Stored are readings of the agency's own record as they are stored, from a number on.
func (r *Reader) Stored(from uint64, limit int) (stored [][]byte, err error) {
	err = r.chain.read(from, func(b []byte) (bool, error) {
		stored = append(stored, b)
		return len(stored) < limit, nil
	})
	return stored, err
}

func (o *others) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	var errs []error
	for _, c := range o.copies {
		errs = append(errs, c.store.Close())
	}
	return errors.Join(errs...)
}

func (o *others) alerts() (list []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, agency := range slices.Sorted(maps.Keys(o.faults)) {
		list = append(list, agency+": "+o.faults[agency].Error())
	}
	return list
}
