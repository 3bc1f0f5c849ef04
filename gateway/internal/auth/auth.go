package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// minTokenBytes is the shortest token that is accepted from a file: shorter ones can be guessed.
const minTokenBytes = 20

// maxTokenBytes bounds what is hashed for a caller that is not known yet.
const maxTokenBytes = 4096

// ErrUnauthenticated is the answer to a missing, malformed or unknown token: a caller learns no more.
var ErrUnauthenticated = errors.New("no valid bearer token")

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

// Authenticator holds the hashes of the tokens, never the tokens.
type Authenticator struct {
	hashes     [][sha256.Size]byte
	principals []Principal
}

// New reads the tokens.
func New(entries []Entry) (*Authenticator, error) {
	a := &Authenticator{}
	for _, e := range entries {
		b, err := os.ReadFile(e.TokenFile)
		if err != nil {
			return nil, fmt.Errorf("token of principal %s: %w", e.Name, err)
		}
		token := strings.TrimSpace(string(b))
		if len(token) < minTokenBytes || len(token) > maxTokenBytes || !visible(token) {
			return nil, fmt.Errorf("token of principal %s: %s must hold %d to %d visible ASCII characters",
				e.Name, e.TokenFile, minTokenBytes, maxTokenBytes)
		}
		if _, err := a.find(token); err == nil {
			return nil, fmt.Errorf("token of principal %s: %s is another principal's token", e.Name, e.TokenFile)
		}
		a.hashes = append(a.hashes, sha256.Sum256([]byte(token)))
		a.principals = append(a.principals, e.Principal)
	}
	return a, nil
}

// Request gives the principal of a request, or ErrUnauthenticated.
func (a *Authenticator) Request(r *http.Request) (Principal, error) {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return Principal{}, ErrUnauthenticated
	}
	scheme, token, ok := strings.Cut(values[0], " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return Principal{}, ErrUnauthenticated
	}
	return a.find(strings.TrimSpace(token))
}

// find compares with every token in constant time, so that the time taken says nothing.
func (a *Authenticator) find(token string) (Principal, error) {
	if token == "" || len(token) > maxTokenBytes {
		return Principal{}, ErrUnauthenticated
	}
	sum := sha256.Sum256([]byte(token))
	found := -1
	for i := range a.hashes {
		if subtle.ConstantTimeCompare(a.hashes[i][:], sum[:]) == 1 {
			found = i
		}
	}
	if found < 0 {
		return Principal{}, ErrUnauthenticated
	}
	return a.principals[found], nil
}

func visible(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
