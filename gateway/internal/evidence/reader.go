package evidence

import (
	"io"

	"relieftrail/gateway/internal/objectstore"
)

// Reader gives the content of a file that was read through once and fitted its hash.
type Reader struct {
	r     io.ReadCloser
	Bytes int64
}

// Close closes the object.
func (r *Reader) Close() error { return r.r.Close() }

// WriteTo writes the content. The last byte is written only once all of them fit the hash: a change of the object between
// the two readings is found out, and its reader knows by the length that the file is not whole.
func (r *Reader) WriteTo(w io.Writer) (int64, error) {
	n, err := io.CopyN(w, r.r, r.Bytes-1)
	if err != nil {
		return n, err
	}
	last, err := io.ReadAll(io.LimitReader(r.r, 2)) // reads on to the end, where the hash is known
	if err == nil && len(last) != 1 {
		err = objectstore.ErrChanged
	}
	if err != nil {
		return n, err
	}
	m, err := w.Write(last)
	return n + int64(m), err
}
