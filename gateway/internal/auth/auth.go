package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"relieftrail/gateway/internal/filestamp"
)

// ErrUnauthenticated is the answer to a missing, malformed or unknown token: a caller learns no more.
var ErrUnauthenticated = errors.New("no valid bearer token")

// ErrTokenExpired is the answer to a token whose time is over.
var ErrTokenExpired = errors.New("the token has expired")

// Principal is a caller.
type Principal struct {
	Name  string // names the enrolled identity to the ledger
	MSPID string // its organisation
}

// Entry is a principal of the configuration with the file that holds its token.
type Entry struct {
	Principal
	TokenFile string
}

// Standing says whether a principal may act at all. It answers from memory, since every request asks.
type Standing interface {
	Check(principal string) error
}

// Options are what an Authenticator is made of.
type Options struct {
	Entries  []Entry
	Standing Standing // nil: everybody may
	Systems  *Systems // nil: no provider's tokens count
	// Certificates gives the principal of a system that shows a TLS certificate; nil: none does.
	Certificates interface {
		Principal(state *tls.ConnectionState) (principal string, err error)
		Ending() bool // what it rests on has ended or ends soon
	}
	Organisation string           // of the principals of certificates
	Log          *slog.Logger     // nil: nothing is logged
	Now          func() time.Time // nil: the machine's clock
}

// Authenticator holds the hashes of the tokens, never the tokens.
type Authenticator struct {
	o       Options
	holders atomic.Pointer[[]holder]

	mu     sync.Mutex
	stamps []filestamp.Stamp // of the entries' files
	faults []error           // why an entry's file was not taken; nil: it was
}

// holder is a principal who has a token.
type holder struct {
	Principal
	token
	entry int
}

// New reads the tokens. A principal whose file is not there or empty has none, and nobody calls in their name; every other
// fault of a file is an error.
func New(o Options) (*Authenticator, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &Authenticator{o: o, stamps: make([]filestamp.Stamp, len(o.Entries)), faults: make([]error, len(o.Entries))}
	a.holders.Store(&[]holder{})
	var faults []error
	for i := range o.Entries {
		if err := a.take(i); err != nil && !errors.Is(err, errNoToken) {
			faults = append(faults, err)
		}
	}
	return a, errors.Join(faults...)
}

// Request gives the principal of a request with a bearer token, or of a connection with a certificate, or ErrUnauthenticated, ErrTokenExpired or what Standing says.
func (a *Authenticator) Request(r *http.Request) (Principal, error) {
	values := r.Header.Values("Authorization")
	if len(values) == 0 && a.o.Certificates != nil && r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		return a.certificate(r.TLS)
	}
	if len(values) != 1 {
		return Principal{}, ErrUnauthenticated
	}
	scheme, token, ok := strings.Cut(values[0], " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return Principal{}, ErrUnauthenticated
	}
	token = strings.TrimSpace(token)
	p, _, err := a.Token(token)
	if errors.Is(err, ErrUnauthenticated) {
		return a.system(r.Context(), token)
	}
	return p, err
}

// Token gives the principal of a token, and the token's hash for Still. Its errors are those of Request.
func (a *Authenticator) Token(token string) (p Principal, hash []byte, err error) {
	if token == "" || len(token) > maxTokenBytes {
		return p, nil, ErrUnauthenticated
	}
	h, ok := find(*a.holders.Load(), sha256.Sum256([]byte(token)))
	if !ok {
		return p, nil, ErrUnauthenticated
	}
	if err := a.check(&h); err != nil {
		return p, nil, err
	}
	return h.Principal, h.hash[:], nil
}

// Still is nil as long as a principal holds the token with a hash, the token has not expired and Standing lets them act.
func (a *Authenticator) Still(principal string, hash []byte) error {
	if len(hash) != sha256.Size {
		return ErrUnauthenticated
	}
	h, ok := find(*a.holders.Load(), [sha256.Size]byte(hash))
	if !ok || h.Name != principal {
		return ErrUnauthenticated
	}
	return a.check(&h)
}

func (a *Authenticator) check(h *holder) error {
	if !h.expires.IsZero() && !a.o.Now().Before(h.expires) {
		return ErrTokenExpired
	}
	return a.stands(h.Name)
}

func (a *Authenticator) stands(principal string) error {
	if a.o.Standing == nil {
		return nil
	}
	return a.o.Standing.Check(principal)
}

// find compares with every token in constant time, so that the time taken says nothing.
func find(holders []holder, hash [sha256.Size]byte) (holder, bool) {
	found := -1
	for i := range holders {
		if subtle.ConstantTimeCompare(holders[i].hash[:], hash[:]) == 1 {
			found = i
		}
	}
	if found < 0 {
		return holder{}, false
	}
	return holders[found], true
}
