package translog

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Signed is a state that this agency has signed, with the lines that it put under it.
type Signed struct {
	Head
	Block    uint64    `json:"block"` // of the last leaf
	At       time.Time `json:"at"`
	Log      string    `json:"log"`
	Cosigned string    `json:"cosigned"`
}

// keptSigned is how many signed states are remembered, for the other agencies to fetch.
const keptSigned = 256

var (
	bucketSigned    = []byte("signed")
	bucketAlerts    = []byte("alerts")
	bucketPublished = []byte("published")
	newestKey       = []byte("newest")
)

// memory is what a gateway must not forget: which states it has signed. Every change is on disk (fsync) before the call
// returns.
type memory struct{ db *bbolt.DB }

func openMemory(path string) (*memory, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m := &memory{db}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketSigned, bucketAlerts, bucketPublished} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return m, nil
}

func (m *memory) close() error { return m.db.Close() }

func sizeKey(size int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(size)) //nolint:gosec // not negative
}

// remember adds signed states and forgets old ones.
func (m *memory) remember(states []Signed) error {
	return m.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketSigned)
		for i := range states {
			text, err := json.Marshal(&states[i])
			if err != nil {
				return err
			}
			if err := b.Put(sizeKey(states[i].Size), text); err != nil {
				return err
			}
		}
		c, n := b.Cursor(), 0
		var old [][]byte
		for k, _ := c.Last(); k != nil; k, _ = c.Prev() {
			if n++; n > keptSigned {
				old = append(old, k)
			}
		}
		for _, k := range old {
			if err := b.Delete(k); err != nil {
				return err
			}
		}
		return nil
	})
}

// signed lists the remembered states, smallest first.
func (m *memory) signed() (states []Signed, err error) {
	err = m.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketSigned).ForEach(func(_, text []byte) error {
			var s Signed
			if err := json.Unmarshal(text, &s); err != nil {
				return fmt.Errorf("a signed state of the log: %w", err)
			}
			states = append(states, s)
			return nil
		})
	})
	return states, err
}

// publish keeps the newest checkpoint that all agencies have cosigned.
func (m *memory) publish(note []byte) error {
	return m.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketPublished).Put(newestKey, note) })
}

func (m *memory) published() (note []byte, err error) {
	err = m.db.View(func(tx *bbolt.Tx) error {
		note = append(note, tx.Bucket(bucketPublished).Get(newestKey)...)
		return nil
	})
	return note, err
}

// putAlert keeps an alert and forgets others.
func (m *memory) putAlert(a *Alert, forget ...string) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return m.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketAlerts)
		for _, id := range forget {
			if err := b.Delete([]byte(id)); err != nil {
				return err
			}
		}
		return b.Put([]byte(a.ID), text)
	})
}

func (m *memory) alerts() (alerts []Alert, err error) {
	err = m.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketAlerts).ForEach(func(_, text []byte) error {
			var a Alert
			if err := json.Unmarshal(text, &a); err != nil {
				return fmt.Errorf("an alert of the log: %w", err)
			}
			alerts = append(alerts, a)
			return nil
		})
	})
	return alerts, err
}
