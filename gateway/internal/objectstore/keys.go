package objectstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
)

// Keys are the age identities of a store, at least one. The first encrypts from now on; all of them decrypt, so that a key is
// replaced by putting another one on top of the file.
type Keys []*age.X25519Identity

// ReadKeys reads the X25519 identities in a file. Its errors name the file and repeat nothing of its content.
func ReadKeys(file string) (keys Keys, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the key of the object store: %w", err)
	}
	defer func() { _ = f.Close() }()
	identities, _ := age.ParseIdentities(f) // its error may repeat a part of the key
	for _, i := range identities {
		if key, ok := i.(*age.X25519Identity); ok {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("the key of the object store: %s must hold an age identity (AGE-SECRET-KEY-1…)", file)
	}
	return keys, nil
}

func (k Keys) recipient() age.Recipient { return k[0].Recipient() }

func (k Keys) identities() []age.Identity {
	all := make([]age.Identity, len(k))
	for i := range k {
		all[i] = k[i]
	}
	return all
}

// Resealed counts what was done to the objects of a folder.
type Resealed struct {
	Done    int // encrypted again with the first key
	Already int // that the first key opens
	Failed  int // that no key opens, or whose content is not that of their name
}

// Reseal encrypts the objects of a folder again that an earlier key has encrypted. It can be interrupted and begun again. Nothing else may
// use the folder meanwhile: an object that is deleted could come back.
func (s *Folder) Reseal(ctx context.Context) (r Resealed, err error) {
	err = filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		hash, is := strings.CutSuffix(filepath.Base(path), ".age")
		if err != nil || entry.IsDir() || !is || !validHash(hash) {
			return err
		}
		return s.reseal(ctx, hash, &r)
	})
	return r, err
}

func (s *Folder) reseal(ctx context.Context, hash string, r *Resealed) error {
	first := &Folder{s.dir, s.keys[:1]}
	switch opened, err := first.Get(ctx, hash); {
	case err == nil:
		r.Already++
		return opened.Close()
	case !errors.Is(err, ErrChanged):
		return err
	}
	content, err := s.Get(ctx, hash)
	if err != nil {
		if errors.Is(err, ErrChanged) {
			r.Failed++
			return nil
		}
		return err
	}
	_, err = s.Put(ctx, content, func(info Info) error {
		if info.Hash != hash {
			return ErrChanged
		}
		return nil
	})
	if closed := content.Close(); err == nil {
		err = closed
	}
	switch {
	case errors.Is(err, ErrChanged):
		r.Failed++
		return nil
	case err == nil:
		r.Done++
	case errors.Is(err, io.ErrUnexpectedEOF):
		r.Failed++
		return nil
	}
	return err
}
