package evidence

import (
	"bytes"
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

// Head reads the first bytes, n at most; WriteTo writes them with the rest.
func (r *Reader) Head(n int) ([]byte, error) {
	head := make([]byte, min(int64(n), r.Bytes-1))
	if _, err := io.ReadFull(r.r, head); err != nil {
		return nil, objectstore.ErrChanged
	}
	r.r = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), r.r), r.r}
	return head, nil
}

// WriteTo writes the content. The last byte is written only once all of them fit the hash: whoever changes an object between
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
