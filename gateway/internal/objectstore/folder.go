package objectstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"relieftrail/gateway/internal/agekeys"
)

// Folder is a store in a folder. An object is the file ab/abcd….age with mode 0600.
type Folder struct {
	dir  string
	keys agekeys.Keys
}

// OpenFolder opens a folder, or creates it with mode 0700. keyFile must hold an age identity, as age-keygen writes it; see package agekeys.
func OpenFolder(dir, keyFile string) (*Folder, error) {
	keys, err := agekeys.Read("the object store", keyFile)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of objects: %w", err)
	}
	sweep(dir)
	return &Folder{dir, keys}, nil
}

// Put encrypts into a temporary file, and gives it its name when all of it is on disk.
func (s *Folder) Put(ctx context.Context, r io.Reader, accept func(Info) error) (Info, error) {
	info, f, err := spool(ctx, s.dir, r, s.keys.Recipient(), accept)
	if err != nil {
		return Info{}, err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return Info{}, fmt.Errorf("the file of an object: %w", err)
	}
	if err := s.commit(f.Name(), s.path(info.Hash)); err != nil {
		_ = os.Remove(f.Name())
		return Info{}, err
	}
	return info, nil
}

// commit gives a complete file its name and syncs the folders to disk.
func (s *Folder) commit(from, to string) error {
	dir := filepath.Dir(to)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the folder of objects: %w", err)
	}
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("the file of an object: %w", err)
	}
	return errors.Join(syncDir(dir), syncDir(s.dir))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (s *Folder) path(hash string) string { return filepath.Join(s.dir, hash[:2], hash+".age") }

// Get reads an object.
func (s *Folder) Get(ctx context.Context, hash string) (io.ReadCloser, error) {
	if !validHash(hash) {
		return nil, ErrNotFound
	}
	f, err := os.Open(s.path(hash))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("the file of an object: %w", err)
	}
	return unseal(ctx, f, s.keys, hash)
}

// Stat reads the whole object.
func (s *Folder) Stat(ctx context.Context, hash string) (Info, error) { return stat(ctx, s, hash) }

// Delete removes an object.
func (s *Folder) Delete(_ context.Context, hash string) error {
	if !validHash(hash) {
		return ErrNotFound
	}
	err := os.Remove(s.path(hash))
	if errors.Is(err, os.ErrNotExist) {
		return ErrNotFound
	}
	return err
}
