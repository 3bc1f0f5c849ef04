package reading

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/boltstore"
)

// Head is how many readings a record has, and the hash of the last one.
type Head struct {
	Count uint64 `json:"count"`
	Hash  string `json:"hash"`
}

// chain is a record of readings in a store: this agency's, or a copy of another's.
type chain struct {
	store  *boltstore.Store
	bucket boltstore.Bucket[[]byte]
}

var (
	bucketReadings = boltstore.Bytes("readings")   // by number: as hashed
	bucketSpent    = boltstore.JSON[int]("spent")  // by day and official: look-ups of the day
	bucketHeads    = boltstore.JSON[Head]("heads") // by "last": of the chain in bucketReadings
)

const keyLast = "last"

// numberKey sorts as its number does.
func numberKey(n uint64) string { return fmt.Sprintf("%016x", n) }

// headIn is the head of a chain.
func headIn(tx *boltstore.Tx) (Head, error) {
	h, found, err := bucketHeads.Get(tx, keyLast)
	if err == nil && !found {
		h.Hash = noHash
	}
	return h, err
}

// appendTo adds a reading at the end of the chain and fills in its number and what it is linked to.
func appendTo(tx *boltstore.Tx, r *Reading) error {
	head, err := headIn(tx)
	if err != nil {
		return err
	}
	r.Number, r.Previous = head.Count+1, head.Hash
	stored, err := r.encode()
	if err != nil {
		return err
	}
	return put(tx, stored, Head{r.Number, hashOf(stored)})
}

func put(tx *boltstore.Tx, stored []byte, head Head) error {
	if err := bucketReadings.Put(tx, numberKey(head.Count), stored); err != nil {
		return err
	}
	return bucketHeads.Put(tx, keyLast, head)
}

func (c *chain) head() (h Head, err error) {
	err = c.store.View(func(tx *boltstore.Tx) error {
		h, err = headIn(tx)
		return err
	})
	return h, err
}

// ErrBroken means that a record of readings was changed: a reading is missing, altered or linked to another one.
var ErrBroken = errors.New("the record of readings is not what was written")

// read visits the readings from a number on as they are stored, until visit reports false.
func (c *chain) read(from uint64, visit func(stored []byte) (more bool, err error)) error {
	return c.store.View(func(tx *boltstore.Tx) error {
		for cursor := bucketReadings.After(tx, numberKey(max(from, 1)-1)); cursor.Next(); {
			stored, err := cursor.Value()
			if err != nil {
				return err
			}
			if more, err := visit(stored); err != nil || !more {
				return err
			}
		}
		return nil
	})
}

// check follows the chain from its first reading to its head. heads are what was anchored: each must be the chain's at its
// count. ErrBroken names the reading.
func (c *chain) check(heads map[uint64]string) error {
	at := Head{Hash: noHash}
	err := c.read(1, func(stored []byte) (bool, error) {
		next, err := link(at, stored)
		if err != nil {
			return false, err
		}
		at = next
		if anchored, ok := heads[at.Count]; ok && anchored != at.Hash {
			return false, fmt.Errorf("%w: the hash of reading %d is not the one on the ledger", ErrBroken, at.Count)
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	last, err := c.head()
	if err != nil {
		return err
	}
	if last != at {
		return fmt.Errorf("%w: it has %d readings and its head says %d", ErrBroken, at.Count, last.Count)
	}
	for count := range heads {
		if count > at.Count {
			return fmt.Errorf("%w: it has %d readings and the ledger says %d", ErrBroken, at.Count, count)
		}
	}
	return nil
}

// link is the head after the next reading, which is refused unless it continues the chain.
func link(at Head, stored []byte) (Head, error) {
	var r Reading
	if err := json.Unmarshal(stored, &r); err != nil {
		return at, fmt.Errorf("%w: reading %d cannot be read", ErrBroken, at.Count+1)
	}
	if r.Number != at.Count+1 || r.Previous != at.Hash {
		return at, fmt.Errorf("%w: reading %d does not follow reading %d", ErrBroken, r.Number, at.Count)
	}
	return Head{r.Number, hashOf(stored)}, nil
}

// Query says which readings are wanted. Empty fields match every reading.
type Query struct {
	By       string // an official's name
	Subject  string // a reference: readings that name the person
	Purpose  Purpose
	From, To string        // days, To included
	Within   relief.Region // readings of officials of this region or one inside it; "": of all
}

func (q *Query) matches(r *Reading) bool {
	day := r.At.Format("2006-01-02")
	if q.Within != "" && !q.Within.Covers(r.By.Region) {
		return false
	}
	if q.By != "" && r.By.Name != q.By || q.Purpose != "" && r.Purpose != q.Purpose || q.From != "" && day < q.From || q.To != "" && day > q.To {
		return false
	}
	if q.Subject == "" {
		return true
	}
	for _, ref := range r.Subjects {
		if ref.String() == q.Subject {
			return true
		}
	}
	return false
}

// maxScanned bounds how many readings one page looks at.
const maxScanned = 20_000

// list is a page of the matching readings, oldest first, after a number. next is the number that the next page follows, 0 at
// the end.
func (c *chain) list(q *Query, after uint64, limit int) (page []Reading, next uint64, err error) {
	page = []Reading{}
	scanned, last := 0, after
	err = c.read(after+1, func(stored []byte) (bool, error) {
		if len(page) == limit || scanned == maxScanned {
			next = last
			return false, nil
		}
		var r Reading
		if err := json.Unmarshal(stored, &r); err != nil {
			return false, fmt.Errorf("%w: reading %s", ErrBroken, strconv.FormatUint(last+1, 10))
		}
		scanned, last = scanned+1, r.Number
		if q.matches(&r) {
			page = append(page, r)
		}
		return true, nil
	})
	return page, next, err
}
