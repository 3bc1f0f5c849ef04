package reading

import (
	"errors"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/boltstore"
)

// ErrSpent means that an official has no look-ups left for the day.
var ErrSpent = errors.New("the look-ups of the day are spent")

// nearly is the part of the budget from which on the operator is told.
const nearly = 0.8

// spend is what an official has spent of the day's budget.
type spend struct {
	used    int
	refused bool // the budget does not do
	first   bool // the first refusal of the day
}

// LookUp records that identity numbers are looked up, and takes them from the official's budget of the day. ErrSpent when
// that does not do; the first refusal of a day is on record.
func (r *Reader) LookUp(a Access, people ...relief.SubjectRef) error {
	return r.spend(a, people, false)
}

// Charge is LookUp for numbers about which something has been said already, by a refusal: it is recorded in any case, and
// the next LookUp or Left is refused when the budget is spent.
func (r *Reader) Charge(a Access, people ...relief.SubjectRef) error { return r.spend(a, people, true) }

func (r *Reader) spend(a Access, people []relief.SubjectRef, done bool) error {
	entry := r.entry(a, people)
	n := max(len(people), a.Count)
	by := r.official(a.Principal)
	day := r.day(by)
	var s spend
	err := r.chain.store.Batch(func(tx *boltstore.Tx) error {
		before, _, err := bucketSpent.Get(tx, day)
		if err != nil {
			return err
		}
		s = spend{used: before + n}
		s.refused = !done && s.used > r.options.LookUps
		s.first = s.refused && before <= r.options.LookUps
		if s.refused {
			s.used = r.options.LookUps + 1
		}
		if err := bucketSpent.Put(tx, day, s.used); err != nil {
			return err
		}
		written := entry
		switch {
		case s.first:
			written.Purpose, written.Subjects = OverBudget, nil
		case s.refused:
			return nil
		}
		err = appendTo(tx, &written)
		entry.Number = written.Number
		return err
	})
	if err != nil {
		return err
	}
	r.tell(by, &s, n)
	if s.refused {
		return ErrSpent
	}
	r.opened(&entry, nil)
	return nil
}

// Left refuses, with ErrSpent, an official who has no look-ups left for the day.
func (r *Reader) Left(principal string) error {
	used, day := 0, r.day(r.official(principal))
	err := r.chain.store.View(func(tx *boltstore.Tx) (err error) {
		used, _, err = bucketSpent.Get(tx, day)
		return err
	})
	if err == nil && used >= r.options.LookUps {
		return ErrSpent
	}
	return err
}

// day is the key of an official's budget of today.
func (r *Reader) day(by relief.Official) string {
	return r.options.Now().In(r.options.Location).Format(time.DateOnly) + "/" + by.Agency + "/" + by.Name
}

// tell counts look-ups, and warns the operator of an official who nears the budget or exceeds it.
func (r *Reader) tell(by relief.Official, s *spend, n int) {
	r.metrics.use(r.Today(), float64(s.used)/float64(max(r.options.LookUps, 1)))
	level := int(nearly * float64(r.options.LookUps))
	switch {
	case s.refused:
		r.metrics.refused.Inc()
		if s.first {
			r.options.Log.Warn("an official has spent the look-ups of the day", "principal", by.Name, "budget", r.options.LookUps)
		}
	case s.used >= level && s.used-n < level:
		r.options.Log.Warn("an official nears the budget of look-ups of the day", "principal", by.Name, "used", s.used, "budget", r.options.LookUps)
	}
}

// Today is the day where the agency is.
func (r *Reader) Today() string { return r.options.Now().In(r.options.Location).Format(time.DateOnly) }

// NextDay is how long it is until budgets begin again.
func (r *Reader) NextDay() time.Duration {
	now := r.options.Now().In(r.options.Location)
	y, m, d := now.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, r.options.Location).Sub(now)
}

// Forget deletes the budgets of days that are over.
func (r *Reader) Forget() error {
	today := r.Today()
	return r.chain.store.Update(func(tx *boltstore.Tx) error {
		var over []string
		for c := bucketSpent.All(tx); c.Next(); {
			if day, _, _ := strings.Cut(c.Key(), "/"); day < today {
				over = append(over, c.Key())
			}
		}
		for _, key := range over {
			if err := bucketSpent.Delete(tx, key); err != nil {
				return err
			}
		}
		return nil
	})
}
