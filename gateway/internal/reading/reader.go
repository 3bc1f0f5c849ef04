package reading

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/seal"
)

// Options say what a Reader needs.
type Options struct {
	Path string // of the agency's record
	// Identity is what a principal's certificate says.
	Identity func(principal string) (ledger.Identity, bool)
	Persons  *seal.Key      // opens private details; nil at an agency that keeps none
	LookUps  int            // how many identity numbers an official may look up a day
	Location *time.Location // in which a day begins
	Log      *slog.Logger
	Now      func() time.Time // nil: the clock
}

// Reader gives personal data out and keeps the record of it. It is safe for concurrent use.
type Reader struct {
	options Options
	chain   chain
	metrics metrics
	broken  atomic.Pointer[error] // what is wrong with the record, nil when nothing is
	others  others
}

// Open opens the agency's record, or makes one.
func Open(o Options) (*Reader, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	store, err := boltstore.Open(o.Path, bucketReadings, bucketSpent, bucketHeads)
	if err != nil {
		return nil, fmt.Errorf("the record of readings: %w", err)
	}
	r := &Reader{options: o, chain: chain{store, bucketReadings}}
	r.metrics = newMetrics(r)
	return r, nil
}

// Close closes the record.
func (r *Reader) Close() error { return errors.Join(r.others.close(), r.chain.store.Close()) }

// Opened is a reading that is on record: it opens the documents of the people whom the reading is about, and is the proof
// for others, who keep data of their own, that the reading was recorded.
type Opened struct {
	persons *seal.Opener
	people  map[relief.SubjectRef]bool
	Reading Reading
}

// Read records that personal data are read, and then gives what opens them. The error says that nothing was recorded, and
// nothing may be given.
func (r *Reader) Read(a Access, people ...relief.SubjectRef) (*Opened, error) {
	entry := r.entry(a, people)
	err := r.chain.store.Batch(func(tx *boltstore.Tx) error { return appendTo(tx, &entry) })
	if err != nil {
		return nil, fmt.Errorf("the reading cannot be recorded, so nothing is read: %w", err)
	}
	return r.opened(&entry, people), nil
}

func (r *Reader) entry(a Access, people []relief.SubjectRef) Reading {
	entry := Reading{
		At: r.options.Now().In(r.options.Location).Truncate(time.Millisecond), By: r.official(a.Principal), Purpose: a.Purpose, Route: a.Route, Record: a.Record,
	}
	entry.setPeople(people, a.Count)
	return entry
}

// official is who a principal is on the ledger.
func (r *Reader) official(principal string) relief.Official {
	if id, ok := r.options.Identity(principal); ok {
		return id.Official()
	}
	return relief.Official{Name: principal}
}

func (r *Reader) opened(entry *Reading, people []relief.SubjectRef) *Opened {
	r.metrics.readings.WithLabelValues(string(entry.Purpose)).Inc()
	r.options.Log.Info("personal data was read", "reading", entry.Number, "principal", entry.By.Name, "purpose", string(entry.Purpose),
		"route", entry.Route, "record", entry.Record, "people", entry.Count)
	o := &Opened{people: make(map[relief.SubjectRef]bool, len(people)), Reading: *entry}
	for _, ref := range people {
		o.people[ref] = true
	}
	if r.options.Persons != nil {
		o.persons = r.options.Persons.Opener()
	}
	return o
}

var errOther = errors.New("the reading on record is not about this person")

// Person opens a person's private details.
func (o *Opened) Person(document []byte, ref relief.SubjectRef, programme relief.ProgrammeID) (seal.Person, error) {
	if err := o.covers(ref); err != nil {
		return seal.Person{}, err
	}
	return o.persons.Person(document, ref, programme)
}

// Facts opens what a household says about itself.
func (o *Opened) Facts(document []byte, head relief.SubjectRef, programme relief.ProgrammeID) ([]byte, error) {
	if err := o.covers(head); err != nil {
		return nil, err
	}
	return o.persons.Facts(document, head, programme)
}

// PersonAgain seals a person's private details again, with the key in use.
func (o *Opened) PersonAgain(document []byte, ref relief.SubjectRef, programme relief.ProgrammeID) ([]byte, error) {
	if err := o.covers(ref); err != nil {
		return nil, err
	}
	return o.persons.PersonAgain(document, ref, programme)
}

// FactsAgain seals what a household says about itself again, with the key in use.
func (o *Opened) FactsAgain(document []byte, head relief.SubjectRef, programme relief.ProgrammeID) ([]byte, error) {
	if err := o.covers(head); err != nil {
		return nil, err
	}
	return o.persons.FactsAgain(document, head, programme)
}

func (o *Opened) covers(ref relief.SubjectRef) error {
	switch {
	case !o.people[ref]:
		return errOther
	case o.persons == nil:
		return errors.New("this gateway has no persons key")
	}
	return nil
}

// Head is the head of the agency's record.
func (r *Reader) Head() (Head, error) { return r.chain.head() }

// Check follows the agency's record and holds it against heads that were anchored, by their counts. A broken record is an
// alert until the gateway is started with a whole one.
func (r *Reader) Check(anchored map[uint64]string) error {
	err := r.chain.check(anchored)
	if errors.Is(err, ErrBroken) {
		r.broken.Store(&err)
		r.options.Log.Error("the record of readings was changed", "error", err)
	}
	return err
}

// List is a page of the agency's own readings.
func (r *Reader) List(q Query, after uint64, limit int) (page []Reading, next uint64, err error) {
	return r.chain.list(&q, after, limit)
}
