package evidence

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/objectstore"
)

// Index is what the desk asks of the index of the ledger.
type Index interface {
	Record(ctx context.Context, kind, name string) (json.RawMessage, error)
	Height() uint64
}

// Options say what a desk needs.
type Options struct {
	Objects objectstore.Store
	Index   Index
	Height  func(context.Context) (uint64, error) // blocks that the agency's own peer has
	Key     []byte                                // the agencies' subject key: makes salts
	Path    string                                // of the desk's own file
	Keep    time.Duration                         // how long an upload waits to be recorded; 7 days when 0
	Quota   Quota                                 // of a principal; DefaultQuota when 0
	Log     *slog.Logger
	Now     func() time.Time // time.Now when nil
}

// Desk keeps the files. It is safe for concurrent use.
type Desk struct {
	options Options
	store   *boltstore.Store
}

// ErrOfAnotherCase is returned for an object that was not uploaded for the case.
var ErrOfAnotherCase = errors.New("the object is not a file of this case")

var (
	bucketUploads = boltstore.JSON[uploaded]("uploads") // by hash: what was uploaded and not yet seen on the ledger
)

// uploaded is a row of bucketUploads.
type uploaded struct {
	Case   relief.CaseID `json:"case"`
	At     time.Time     `json:"at"`
	Height uint64        `json:"height"`          // of the index
	By     string        `json:"by,omitempty"`    // the principal
	Bytes  int64         `json:"bytes,omitempty"` // of the content
}

// Open opens a desk, or makes one.
func Open(o Options) (*Desk, error) {
	if o.Keep == 0 {
		o.Keep = 7 * 24 * time.Hour
	}
	if o.Quota == (Quota{}) {
		o.Quota = DefaultQuota
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	store, err := boltstore.Open(o.Path, bucketUploads)
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	return &Desk{o, store}, nil
}

// Close closes the desk's file.
func (d *Desk) Close() error { return d.store.Close() }

// A salt is 16 bytes that follow from the request and 16 that follow from those and the case.
const (
	saltBytes = 32
	half      = saltBytes / 2
)

func (d *Desk) mac(label string, parts ...string) []byte {
	m := hmac.New(sha256.New, d.options.Key)
	m.Write([]byte("relieftrail/evidence/" + label + "/v1"))
	for _, p := range parts {
		m.Write([]byte("\x00" + p))
	}
	return m.Sum(nil)[:half]
}

// salt is the same for the same request, so that a repeated one gives the same hash again.
func (d *Desk) salt(id relief.CaseID, request []string) []byte {
	nonce := d.mac("request", append([]string{string(id)}, request...)...)
	return append(nonce, d.mac("case", string(id), string(nonce))...)
}

func (d *Desk) fits(id relief.CaseID, salt []byte) bool {
	return hmac.Equal(salt[half:], d.mac("case", string(id), string(salt[:half])))
}

// File says what is kept of a file.
type File struct {
	SHA256 string // of salt and content, 64 hexadecimal digits
	Bytes  int64  // of the content
}

// Request names an upload: the same request gives the same hash again. It may not hold anything private that could be guessed
// from a hash.
type Request struct{ Principal, Key string }

// Put keeps a file of a case, whole or not at all. accept has the last word before anything is kept. An upload beyond the
// principal's quota is ErrQuota.
func (d *Desk) Put(ctx context.Context, id relief.CaseID, request Request, content io.Reader, accept func(File) error) (File, error) {
	if err := d.makeRoom(ctx, request.Principal); err != nil {
		return File{}, err
	}
	salt := d.salt(id, []string{request.Principal, request.Key})
	var f File
	_, err := d.options.Objects.Put(ctx, io.MultiReader(bytes.NewReader(salt), content), func(info objectstore.Info) error {
		f = File{info.Hash, info.Size - saltBytes}
		if err := accept(f); err != nil {
			return err
		}
		// On disk before the object is: what a crash leaves behind is found by the row.
		return d.remember(f.SHA256, uploaded{id, d.options.Now().UTC(), d.options.Index.Height(), request.Principal, f.Bytes})
	})
	if err != nil {
		return File{}, err
	}
	return f, nil
}

// Open gives a file of a case, after it was read through once: errors are objectstore.ErrNotFound, objectstore.ErrChanged
// and ErrOfAnotherCase.
func (d *Desk) Open(ctx context.Context, id relief.CaseID, hash string) (*Reader, error) {
	r, err := d.unsalted(ctx, id, hash)
	if err != nil {
		return nil, err
	}
	size, err := io.Copy(io.Discard, r)
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	if size < 1 {
		return nil, objectstore.ErrChanged // nobody uploads nothing
	}
	if r, err = d.unsalted(ctx, id, hash); err != nil {
		return nil, err
	}
	return &Reader{r, size}, nil
}

// unsalted opens an object behind its salt.
func (d *Desk) unsalted(ctx context.Context, id relief.CaseID, hash string) (io.ReadCloser, error) {
	r, err := d.options.Objects.Get(ctx, hash)
	if err != nil {
		return nil, err
	}
	var salt [saltBytes]byte
	_, err = io.ReadFull(r, salt[:])
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), err == nil && !d.fits(id, salt[:]):
		err = ErrOfAnotherCase
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}
