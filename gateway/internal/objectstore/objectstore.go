package objectstore

import (
	"context"
	"errors"
	"io"
)

// Store keeps objects. Putting an object again changes nothing. Get, Stat and Delete return ErrNotFound if there is no such
// object.
type Store interface {
	// Put keeps the content of r, all of it or nothing. accept, unless nil, is called before the object is kept; if it returns
	// an error, nothing is kept and Put returns that error.
	Put(ctx context.Context, r io.Reader, accept func(Info) error) (Info, error)
	// Get reads an object. Reading fails before the end if the object has been changed.
	Get(ctx context.Context, hash string) (io.ReadCloser, error)
	// Stat reads the whole object, so that what it returns is true.
	Stat(ctx context.Context, hash string) (Info, error)
	Delete(ctx context.Context, hash string) error
}

// Info describes an object. Hash is the SHA-256 of its content in 64 hexadecimal digits.
type Info struct {
	Hash string
	Size int64 // of the content, in bytes
}

// ErrNotFound means that there is no such object.
var ErrNotFound = errors.New("there is no such object")

// ErrChanged means that an object is no longer what was put.
var ErrChanged = errors.New("the object has been changed since it was put")

// ErrAway means that the server of the objects does not answer.
var ErrAway = errors.New("the object store does not answer")

func validHash(hash string) bool {
	if len(hash) != 64 {
		return false
	}
	for i := range len(hash) {
		if c := hash[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
