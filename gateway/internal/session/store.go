package session

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"relieftrail/gateway/internal/boltstore"
)

// Options are what a Store is made of.
type Options struct {
	Terms
	// Holds is an error for a session whose official may not act any more, or whose token was taken away. It answers from memory:
	// every request and every second asks.
	Holds func(*Session) error
	Log   *slog.Logger
	Now   func() time.Time // nil: the machine's clock
}

// mostOfOne is how many sessions of one principal are open; one more ends the one that was not used for longest.
const mostOfOne = 16

const (
	sweepEvery = time.Second // the pause between two looks for sessions that have ended
	// saveEvery is the pause between two writings of when sessions were used: after a crash one may last so much less.
	saveEvery = time.Minute
)

var stored = boltstore.JSON[Session]("sessions")

// open is an open session in memory.
type open struct {
	Session
	ended context.Context // done when the session ends
	end   context.CancelFunc
	dirty bool // used since it was last written
}

type hash = [sha256.Size]byte

// Store holds the open sessions in memory, and in a file for the next start.
type Store struct {
	o    Options
	file *boltstore.Store

	mu       sync.Mutex
	sessions map[hash]*open
}

// Open reads the sessions that were open when the gateway stopped.
func Open(path string, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	file, err := boltstore.Open(path, stored)
	if err != nil {
		return nil, err
	}
	s := &Store{o: o, file: file, sessions: map[hash]*open{}}
	if err := s.read(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return s, nil
}

func (s *Store) read() error {
	return s.file.View(func(tx *boltstore.Tx) error {
		for c := stored.All(tx); c.Next(); {
			value, err := c.Value()
			if err != nil {
				return err
			}
			var k hash
			if n, err := hex.Decode(k[:], []byte(c.Key())); err != nil || n != len(k) {
				return fmt.Errorf("%q is no hash of a session", c.Key())
			}
			s.sessions[k] = opened(value)
		}
		return nil
	})
}

func opened(value Session) *open {
	o := &open{Session: value}
	o.ended, o.end = context.WithCancel(context.Background())
	return o
}

// Begin opens a session for who has just shown who they are. The secret is for the cookie alone.
func (s *Store) Begin(begun Session) (secret string, kept Session, err error) {
	now := s.o.Now()
	begun.Begun, begun.Used = now, now
	secret = newSecret()
	k, _ := key(secret)
	if err := s.put(map[hash]Session{k: begun}); err != nil {
		return "", kept, err
	}
	s.mu.Lock()
	s.sessions[k] = opened(begun)
	surplus := s.surplus(begun.Principal)
	s.mu.Unlock()
	s.forget(surplus, "another one of the same official began")
	return secret, begun, nil
}

// surplus is the least recently used session of a principal who has too many.
func (s *Store) surplus(principal string) (surplus []hash) {
	count, oldest := 0, hash{}
	for k, o := range s.sessions {
		if o.Principal != principal {
			continue
		}
		if count++; count == 1 || o.Used.Before(s.sessions[oldest].Used) {
			oldest = k
		}
	}
	if count > mostOfOne {
		return []hash{oldest}
	}
	return nil
}

// Find gives the open session of a secret, and a context that is done when it ends; ErrNone for none, or why its official may not
// act any more. A use keeps the session from ending idle.
func (s *Store) Find(secret string, use bool) (Session, context.Context, error) {
	k, ok := key(secret)
	if !ok {
		return Session{}, nil, ErrNone
	}
	s.mu.Lock()
	o := s.sessions[k]
	now := s.o.Now()
	if o == nil {
		s.mu.Unlock()
		return Session{}, nil, ErrNone
	}
	err := s.check(o, now)
	if err == nil && use && now.After(o.Used) {
		o.Used, o.dirty = now, true
	}
	found, ended := o.Session, o.ended
	s.mu.Unlock()
	if err != nil {
		s.forget([]hash{k}, err.Error())
		return Session{}, nil, err
	}
	return found, ended, nil
}

// check is an error for a session that has ended.
func (s *Store) check(o *open, now time.Time) error {
	if !now.Before(s.o.Ends(&o.Session)) {
		return errOver
	}
	return s.o.Holds(&o.Session)
}

// Ends is when a session ends that is not used any more.
func (s *Store) Ends(of *Session) time.Time { return s.o.Ends(of) }

// End closes the session of a secret. One that is not open is no error.
func (s *Store) End(secret string) {
	if k, ok := key(secret); ok {
		s.forget([]hash{k}, "the official signed out")
	}
}

// forget closes sessions, in memory first: what cannot be deleted from the file ends at the latest by its terms.
func (s *Store) forget(keys []hash, why string) {
	if len(keys) == 0 {
		return
	}
	s.mu.Lock()
	for _, k := range keys {
		if o := s.sessions[k]; o != nil {
			o.end()
			delete(s.sessions, k)
			s.o.Log.Info("a session has ended: "+why, "principal", o.Principal)
		}
	}
	s.mu.Unlock()
	err := s.file.Batch(func(tx *boltstore.Tx) error {
		for _, k := range keys {
			if err := stored.Delete(tx, hex.EncodeToString(k[:])); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.o.Log.Error("a session that has ended cannot be deleted from its file", "error", err)
	}
}

// Run ends the sessions whose time is over or whose officials may not act any more, until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	sweep, save := time.NewTicker(sweepEvery), time.NewTicker(saveEvery)
	defer sweep.Stop()
	defer save.Stop()
	for {
		select {
		case <-sweep.C:
			s.sweep()
		case <-save.C:
			if err := s.save(); err != nil {
				s.o.Log.Error("when sessions were used cannot be written", "error", err)
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *Store) sweep() {
	over := map[string][]hash{} // by the reason
	s.mu.Lock()
	now := s.o.Now()
	for k, o := range s.sessions {
		if err := s.check(o, now); err != nil {
			over[err.Error()] = append(over[err.Error()], k)
		}
	}
	s.mu.Unlock()
	for why, keys := range over {
		s.forget(keys, why)
	}
}

// save writes when sessions were used.
func (s *Store) save() error {
	used := map[hash]Session{}
	s.mu.Lock()
	for k, o := range s.sessions {
		if o.dirty {
			used[k], o.dirty = o.Session, false
		}
	}
	s.mu.Unlock()
	if len(used) == 0 {
		return nil
	}
	return s.file.Batch(func(tx *boltstore.Tx) error {
		for k, value := range used {
			name := hex.EncodeToString(k[:])
			if !stored.Has(tx, name) { // it has ended meanwhile
				continue
			}
			if err := stored.Put(tx, name, value); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) put(sessions map[hash]Session) error {
	return s.file.Batch(func(tx *boltstore.Tx) error {
		for k, value := range sessions {
			if err := stored.Put(tx, hex.EncodeToString(k[:]), value); err != nil {
				return err
			}
		}
		return nil
	})
}

// Close writes when sessions were used, and closes the file.
func (s *Store) Close() error { return errors.Join(s.save(), s.file.Close()) }
