// Package objectstore keeps files by the SHA-256 of their content, encrypted at rest (age, X25519). What is read back is what
// was put, or an error: the content's hash is checked again on reading.
package objectstore

import (
	"context"
	"errors"
	"io"
)

// Store keeps objects. Put of what is there already changes nothing; Get, Stat and Delete of what is not there are
// ErrNotFound.
type Store interface {
	// Put keeps what r gives until its end, whole or not at all. accept, unless nil, is told what came before it is kept; its
	// error is Put's, and then nothing is.
	Put(ctx context.Context, r io.Reader, accept func(Info) error) (Info, error)
	// Get reads an object; a read that meets a changed object fails before its end.
	Get(ctx context.Context, hash string) (io.ReadCloser, error)
	Stat(ctx context.Context, hash string) (Info, error)
	Delete(ctx context.Context, hash string) error
}

// Info is what is known of an object. Hash is the SHA-256 of its content, 64 hexadecimal digits.
type Info struct {
	Hash string
	Size int64 // of its content
}

// ErrNotFound is returned when there is no such object.
var ErrNotFound = errors.New("there is no such object")

// ErrChanged is returned when an object is not what was put.
var ErrChanged = errors.New("the object is not what was put")

// ErrAway is returned when the server of the objects does not answer.
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
