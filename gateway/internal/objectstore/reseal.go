package objectstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/minio/minio-go/v7"
)

// Resealed counts what was done to the objects of a store.
type Resealed struct {
	Done    int // encrypted again with the first key
	Already int // that the first key opens
	Failed  int // that no key opens, or whose content is not that of their name
}

// resealable is a store whose objects can be encrypted again.
type resealable interface {
	Store
	// withFirst is the store with its first key alone.
	withFirst() Store
	// each calls f with the hash of each object.
	each(ctx context.Context, f func(hash string) error) error
}

// Reseal encrypts the objects again that an earlier key has encrypted. It can be interrupted and begun again. Nothing else may use the
// folder or bucket meanwhile: an object that is deleted could come back.
func Reseal(ctx context.Context, s Store) (r Resealed, err error) {
	of, ok := s.(resealable)
	if !ok {
		return r, errors.New("the objects of this store cannot be encrypted again")
	}
	first := of.withFirst()
	err = of.each(ctx, func(hash string) error { return reseal(ctx, s, first, hash, &r) })
	return r, err
}

func reseal(ctx context.Context, s, first Store, hash string, r *Resealed) error {
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
	case errors.Is(err, ErrChanged), errors.Is(err, io.ErrUnexpectedEOF):
		r.Failed++
		return nil
	case err == nil:
		r.Done++
	}
	return err
}

func (s *Folder) withFirst() Store { return &Folder{s.dir, s.keys[:1]} }

func (s *Folder) each(_ context.Context, f func(hash string) error) error {
	return filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		hash, is := hashOf(filepath.Base(path))
		if err != nil || entry.IsDir() || !is {
			return err
		}
		return f(hash)
	})
}

func (s *S3) withFirst() Store {
	first := *s
	first.keys = s.keys[:1]
	return &first
}

// each goes through the bucket by name, a folder after the other: the names of objects begin with the first two digits of their
// hashes. An object that is put again keeps its name, so it neither comes twice nor hides another.
func (s *S3) each(ctx context.Context, f func(hash string) error) error {
	for first := range 256 {
		if err := s.eachIn(ctx, path.Join(s.prefix, fmt.Sprintf("%02x", first))+"/", f); err != nil {
			return err
		}
	}
	return nil
}

func (s *S3) eachIn(ctx context.Context, folder string, f func(hash string) error) error {
	ctx, cancel := context.WithCancel(ctx) // ends the listing when f fails
	defer cancel()
	for object := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: folder}) {
		if object.Err != nil {
			return s3Error(object.Err)
		}
		hash, is := hashOf(path.Base(object.Key))
		if !is || s.name(hash) != object.Key {
			continue
		}
		if err := f(hash); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// hashOf is the hash of the object that has a name without folders.
func hashOf(name string) (hash string, is bool) {
	hash, is = strings.CutSuffix(name, ".age")
	return hash, is && validHash(hash)
}
