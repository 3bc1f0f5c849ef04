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

	"filippo.io/age"

	"relieftrail/gateway/internal/agekeys"
)

// spool encrypts the content of r into a new file in dir with mode 0600, calls accept, and returns the file open at its end.
// If it fails, it leaves no file.
func spool(
	ctx context.Context, dir string, r io.Reader, to age.Recipient, accept func(Info) error,
) (info Info, _ *os.File, err error) {
	f, err := os.CreateTemp(dir, spooled)
	if err != nil {
		return Info{}, nil, fmt.Errorf("the file of an object: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	sealed, err := age.Encrypt(f, to)
	if err != nil {
		return Info{}, nil, fmt.Errorf("encrypting an object: %w", err)
	}
	sum := sha256.New()
	if info.Size, err = io.Copy(io.MultiWriter(sealed, sum), contextReader{ctx, r}); err != nil {
		return Info{}, nil, err
	}
	if err = sealed.Close(); err != nil {
		return Info{}, nil, fmt.Errorf("the file of an object: %w", err)
	}
	info.Hash = hex.EncodeToString(sum.Sum(nil))
	if accept != nil {
		if err = accept(info); err != nil {
			return Info{}, nil, err
		}
	}
	return info, f, nil
}

// spooled is the pattern of the names of incomplete files.
const spooled = "put-*"

// unseal decrypts an object that spool has encrypted. The content must have the given hash. Closing the reader closes c.
func unseal(ctx context.Context, c io.ReadCloser, keys agekeys.Keys, hash string) (io.ReadCloser, error) {
	clear, err := age.Decrypt(c, keys.Identities()...)
	if err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("%w: %w", ErrChanged, err)
	}
	return &object{contextReader{ctx, clear}, c, sha256.New(), hash}, nil
}

// stat reads a whole object.
func stat(ctx context.Context, s Store, hash string) (Info, error) {
	r, err := s.Get(ctx, hash)
	if err != nil {
		return Info{}, err
	}
	size, err := io.Copy(io.Discard, r)
	return Info{hash, size}, errors.Join(err, r.Close())
}

// object is an object being read.
type object struct {
	r    contextReader
	c    io.Closer
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

func (o *object) Close() error { return o.c.Close() }

// contextReader fails when its context has ended.
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
