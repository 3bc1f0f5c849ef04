package enrolment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"golang.org/x/sync/singleflight"

	"relieftrail/gateway/internal/agekeys"
	"relieftrail/gateway/internal/boltstore"
)

// Identity is an official's certificate and key, both in PEM.
type Identity struct {
	Name      string // on the ledger
	Cert, Key []byte
}

// kept is what the file has of an official.
type kept struct {
	Certificate string `json:"certificate,omitempty"`
	Key         []byte `json:"key,omitempty"` // of the certificate, sealed
	// Next is the key that is to be certified, sealed. It is kept before it is certified: an answer that is lost costs no invitation.
	Next []byte `json:"next,omitempty"`
}

var stored = boltstore.JSON[kept]("officials")

// nameForm is that of names which an operator can invite.
var nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// enrolTime bounds one enrolment: the official waits for it in a browser.
const enrolTime = 40 * time.Second

// Keeper keeps the keys and certificates of officials who have enrolled at this gateway.
type Keeper struct {
	file *boltstore.Store
	keys agekeys.Keys
	door *Door
	ways singleflight.Group // of each name one enrolment at a time
}

// Open opens the file of kept keys. What the first of the keys does not open it encrypts again with it. A key that none of them opens
// is an error: a gateway with the wrong key-encryption key signs for nobody.
func Open(path string, keys agekeys.Keys, door *Door) (*Keeper, error) {
	file, err := boltstore.Open(path, stored)
	if err != nil {
		return nil, err
	}
	k := &Keeper{file: file, keys: keys, door: door}
	if err := k.reseal(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return k, nil
}

// Close closes the file.
func (k *Keeper) Close() error { return k.file.Close() }

func (k *Keeper) reseal() error {
	return k.file.Update(func(tx *boltstore.Tx) error {
		again := map[string]kept{}
		for c := stored.All(tx); c.Next(); {
			e, err := c.Value()
			if err != nil {
				return err
			}
			changed := false
			for _, sealed := range []*[]byte{&e.Key, &e.Next} {
				if _, err := k.keys[:1].Open(*sealed); len(*sealed) == 0 || err == nil {
					continue
				}
				clear, err := k.keys.Open(*sealed)
				if err != nil {
					return fmt.Errorf("the key of an official opens with none of the keys in enrolment.key_file: %w", err)
				}
				if *sealed, err = k.keys.Seal(clear); err != nil {
					return err
				}
				changed = true
			}
			if changed {
				again[c.Key()] = e
			}
		}
		for name, e := range again {
			if err := stored.Put(tx, name, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// Identities are those of all officials who have enrolled, by their names.
func (k *Keeper) Identities() (all []Identity, err error) {
	err = k.file.View(func(tx *boltstore.Tx) error {
		for c := stored.All(tx); c.Next(); {
			e, err := c.Value()
			if err != nil {
				return err
			}
			if e.Certificate == "" {
				continue
			}
			id, err := k.identity(c.Key(), e.Key, []byte(e.Certificate))
			if err != nil {
				return fmt.Errorf("the kept key of an official: %w", err)
			}
			all = append(all, id)
		}
		return nil
	})
	return all, err
}

// identity opens a sealed key and holds it against its certificate and name: what was exchanged on the disc is noticed.
func (k *Keeper) identity(name string, sealed, cert []byte) (id Identity, err error) {
	text, err := k.keys.Open(sealed)
	if err != nil {
		return id, err
	}
	key, err := readKey(text)
	if err != nil {
		return id, err
	}
	return Identity{name, cert, text}, check(name, cert, key)
}

// Forget deletes what is kept of an official, such as one who was retired.
func (k *Keeper) Forget(name string) (had bool, err error) {
	err = k.file.Update(func(tx *boltstore.Tx) error {
		if had = stored.Has(tx, name); !had {
			return nil
		}
		return stored.Delete(tx, name)
	})
	return had, err
}

// Enrol has an official certified who is invited: who has no certificate yet, or needs another one. Its errors are ErrNotInvited,
// ErrRefused, ErrUnavailable or the disc's.
func (k *Keeper) Enrol(ctx context.Context, name string) (Identity, error) {
	if !nameForm.MatchString(name) {
		return Identity{}, ErrNotInvited
	}
	// A browser that goes away does not end it: the secret may be used by then.
	id, err, _ := k.ways.Do(name, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), enrolTime)
		defer cancel()
		return k.enrol(ctx, name)
	})
	if err != nil {
		return Identity{}, err
	}
	return id.(Identity), nil
}

func (k *Keeper) enrol(ctx context.Context, name string) (id Identity, err error) {
	e, err := k.read(name)
	if err != nil {
		return id, err
	}
	if len(e.Next) > 0 { // begun before: its answer may have been lost
		cert, err := k.certify(ctx, name, "", e.Next)
		if err == nil {
			return k.keep(name, e.Next, cert)
		}
		if errors.Is(err, ErrUnavailable) {
			return id, err
		}
	}
	sealed, err := k.door.invitation(ctx, name)
	if err != nil {
		return id, err
	}
	secret, err := k.open(name, sealed)
	if err != nil {
		return id, err
	}
	if len(e.Next) == 0 {
		if e.Next, err = k.next(name, e); err != nil {
			return id, err
		}
	}
	cert, err := k.certify(ctx, name, secret, e.Next)
	if err != nil {
		return id, err
	}
	return k.keep(name, e.Next, cert)
}

func (k *Keeper) read(name string) (e kept, err error) {
	err = k.file.View(func(tx *boltstore.Tx) (err error) {
		e, _, err = stored.Get(tx, name)
		return err
	})
	return e, err
}

// open gives the secret of an invitation, which is for this gateway's key and for this name.
func (k *Keeper) open(name string, sealed []byte) (string, error) {
	text, err := k.keys.Open(sealed)
	if err != nil {
		return "", fmt.Errorf("%w: it is sealed for another key than those in enrolment.key_file", ErrRefused)
	}
	var invited struct{ Name, Secret string }
	if err := json.Unmarshal(text, &invited); err != nil || invited.Name != name || invited.Secret == "" {
		return "", fmt.Errorf("%w: it is for another name", ErrRefused)
	}
	return invited.Secret, nil
}

// next makes the key that is to be certified, and keeps it.
func (k *Keeper) next(name string, e kept) (sealed []byte, err error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	if e.Next, err = k.keys.Seal(key); err != nil {
		return nil, err
	}
	return e.Next, k.put(name, e)
}

func (k *Keeper) certify(ctx context.Context, name, secret string, sealed []byte) (cert []byte, err error) {
	text, err := k.keys.Open(sealed)
	if err != nil {
		return nil, err
	}
	key, err := readKey(text)
	if err != nil {
		return nil, err
	}
	asked, err := request(name, key)
	if err != nil {
		return nil, err
	}
	return k.door.certificate(ctx, name, secret, asked)
}

// keep puts a new certificate and its key in the place of those before.
func (k *Keeper) keep(name string, sealed, cert []byte) (id Identity, err error) {
	if id, err = k.identity(name, sealed, cert); err != nil {
		return id, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return id, k.put(name, kept{Certificate: string(cert), Key: sealed})
}

func (k *Keeper) put(name string, e kept) error {
	return k.file.Update(func(tx *boltstore.Tx) error { return stored.Put(tx, name, e) })
}
