package translog

import (
	"encoding/binary"
	"fmt"
	"time"

	"relieftrail/gateway/internal/boltstore"
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
	bucketSigned    = boltstore.JSON[Signed]("signed") // by size, see sizeKey
	bucketAlerts    = boltstore.JSON[Alert]("alerts")
	bucketPublished = boltstore.Bytes("published")
)

const newestKey = "newest"

// memory is what a gateway must not forget: which states it has signed. Every change is on disk (fsync) before the call
// returns.
type memory struct{ store *boltstore.Store }

func openMemory(path string) (*memory, error) {
	store, err := boltstore.Open(path, bucketSigned, bucketAlerts, bucketPublished)
	if err != nil {
		return nil, err
	}
	return &memory{store}, nil
}

func (m *memory) close() error { return m.store.Close() }

// sizeKey orders states by their size: eight bytes, the highest first.
func sizeKey(size int64) string {
	return string(binary.BigEndian.AppendUint64(nil, uint64(size))) //nolint:gosec // not negative
}

// remember adds signed states and deletes all but the last keptSigned.
func (m *memory) remember(states []Signed) error {
	return m.store.Update(func(tx *boltstore.Tx) error {
		for i := range states {
			if err := bucketSigned.Put(tx, sizeKey(states[i].Size), states[i]); err != nil {
				return err
			}
		}
		var old []string
		n := 0
		for c := bucketSigned.Backwards(tx); c.Next(); {
			if n++; n > keptSigned {
				old = append(old, c.Key())
			}
		}
		for _, key := range old {
			if err := bucketSigned.Delete(tx, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// signed lists the remembered states, smallest first.
func (m *memory) signed() (states []Signed, err error) {
	err = m.store.View(func(tx *boltstore.Tx) error {
		for c := bucketSigned.All(tx); c.Next(); {
			s, err := c.Value()
			if err != nil {
				return fmt.Errorf("a signed state of the log: %w", err)
			}
			states = append(states, s)
		}
		return nil
	})
	return states, err
}

// publish keeps the newest checkpoint that all agencies have cosigned.
func (m *memory) publish(note []byte) error {
	return m.store.Update(func(tx *boltstore.Tx) error { return bucketPublished.Put(tx, newestKey, note) })
}

func (m *memory) published() (note []byte, err error) {
	err = m.store.View(func(tx *boltstore.Tx) error {
		note, _, err = bucketPublished.Get(tx, newestKey)
		return err
	})
	return note, err
}

// putAlert keeps an alert and deletes others.
func (m *memory) putAlert(a *Alert, forget ...string) error {
	return m.store.Update(func(tx *boltstore.Tx) error {
		for _, id := range forget {
			if err := bucketAlerts.Delete(tx, id); err != nil {
				return err
			}
		}
		return bucketAlerts.Put(tx, a.ID, *a)
	})
}

func (m *memory) alerts() (alerts []Alert, err error) {
	err = m.store.View(func(tx *boltstore.Tx) error {
		for c := bucketAlerts.All(tx); c.Next(); {
			a, err := c.Value()
			if err != nil {
				return fmt.Errorf("an alert of the log: %w", err)
			}
			alerts = append(alerts, a)
		}
		return nil
	})
	return alerts, err
}
