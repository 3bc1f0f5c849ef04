package objectstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// Folder is a store in a folder: an object is the file ab/abcd….age, mode 0600.
type Folder struct {
	dir string
	key *age.X25519Identity
}

// OpenFolder opens or makes a folder, mode 0700. keyFile holds an age identity, as age-keygen writes it.
func OpenFolder(dir, keyFile string) (*Folder, error) {
	key, err := ReadKey(keyFile)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of objects: %w", err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "put-*")) // of a process that was killed; the pattern is right
	for _, f := range left {
		_ = os.Remove(f)
	}
	return &Folder{dir, key}, nil
}

// ReadKey reads the first X25519 identity of a file; its errors say where and never what.
func ReadKey(file string) (*age.X25519Identity, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("the key of the object store: %w", err)
	}
	defer func() { _ = f.Close() }()
	identities, err := age.ParseIdentities(f)
	if err == nil {
		for _, i := range identities {
			if key, ok := i.(*age.X25519Identity); ok {
				return key, nil
			}
		}
	}
	return nil, fmt.Errorf("the key of the object store: %s holds no age identity (AGE-SECRET-KEY-1…)", file)
}

// Put encrypts into a file beside the others and gives it its name when it is on disk.
func (s *Folder) Put(ctx context.Context, r io.Reader) (info Info, err error) {
	f, err := os.CreateTemp(s.dir, "put-*") // mode 0600
	if err != nil {
		return Info{}, fmt.Errorf("an object's file: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	sum := sha256.New()
	sealed, err := age.Encrypt(f, s.key.Recipient())
	if err != nil {
		return Info{}, fmt.Errorf("encrypting an object: %w", err)
	}
	if info.Size, err = io.Copy(io.MultiWriter(sealed, sum), contextReader{ctx, r}); err != nil {
		return Info{}, err
	}
	info.Hash = hex.EncodeToString(sum.Sum(nil))
	if err := errors.Join(sealed.Close(), f.Sync(), f.Close()); err != nil {
		return Info{}, fmt.Errorf("an object's file: %w", err)
	}
	return info, s.place(f.Name(), s.path(info.Hash))
}

// place renames a file that is whole, and brings the folders to disk.
func (s *Folder) place(from, to string) error {
	dir := filepath.Dir(to)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the folder of objects: %w", err)
	}
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("an object's file: %w", err)
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

func (s *Folder) open(hash string) (*os.File, io.Reader, error) {
	if !validHash(hash) {
		return nil, nil, ErrNotFound
	}
	f, err := os.Open(s.path(hash))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, ErrNotFound
	}
	if err != nil {
		return nil, nil, fmt.Errorf("an object's file: %w", err)
	}
	clear, err := age.Decrypt(f, s.key)
	if err != nil {
		_ = f.Close()
		return nil, nil, fmt.Errorf("%w: %w", ErrChanged, err)
	}
	return f, clear, nil
}

// Get reads an object.
func (s *Folder) Get(ctx context.Context, hash string) (io.ReadCloser, error) {
	f, clear, err := s.open(hash)
	if err != nil {
		return nil, err
	}
	return &object{contextReader{ctx, clear}, f, sha256.New(), hash}, nil
}

// Stat reads an object through, so that what it tells is true of the content.
func (s *Folder) Stat(ctx context.Context, hash string) (Info, error) {
	r, err := s.Get(ctx, hash)
	if err != nil {
		return Info{}, err
	}
	size, err := io.Copy(io.Discard, r)
	return Info{hash, size}, errors.Join(err, r.Close())
}

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

// object is an object being read.
type object struct {
	r    contextReader
	f    *os.File
	sum  hash.Hash
	want string
}

func (o *object) Read(b []byte) (int, error) {
	n, err := o.r.Read(b)
	o.sum.Write(b[:n])
	switch {
	case errors.Is(err, io.EOF):
		if hex.EncodeToString(o.sum.Sum(nil)) != o.want {
			return n, ErrChanged
		}
	case err != nil && o.r.ctx.Err() == nil:
		return n, fmt.Errorf("%w: %w", ErrChanged, err)
	}
	return n, err
}

func (o *object) Close() error { return o.f.Close() }

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}
