package auth

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"
	"time"
)

// maxTokenBytes bounds what is hashed for a caller that is not known yet, and a token's file.
const maxTokenBytes = 4096

// minTokenBits is the least that a token must be worth. Generated ones of 256 bits are well above it.
const minTokenBits = 128

// token is what a token's file says.
type token struct {
	hash    [sha256.Size]byte
	expires time.Time // zero: never
}

// errNoToken: the file is not there or empty, and nobody can call as its principal.
var errNoToken = errors.New("there is no token")

// readToken reads a file with a token in its first line and, optionally, "expires: " and a time (RFC 3339) in its second.
// Its errors repeat nothing of the file.
func readToken(file string) (t token, err error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(bytes.TrimSpace(b)) == 0 {
		return t, errNoToken
	}
	if err != nil {
		return t, err
	}
	text, rest, _ := strings.Cut(strings.TrimSpace(string(b)), "\n")
	text, rest = strings.TrimSpace(text), strings.TrimSpace(rest)
	if len(text) > maxTokenBytes || !visible(text) {
		return t, fmt.Errorf("%s must hold a token of at most %d visible ASCII characters in its first line", file, maxTokenBytes)
	}
	if bits(text) < minTokenBits {
		return t, fmt.Errorf("the token in %s can be guessed: generate one, as with openssl rand -hex 32", file)
	}
	if rest != "" {
		when, ok := strings.CutPrefix(rest, "expires:")
		if t.expires, err = time.Parse(time.RFC3339, strings.TrimSpace(when)); !ok || err != nil {
			return t, fmt.Errorf("the second line of %s must be a time such as expires: 2027-05-31T00:00:00+08:00", file)
		}
	}
	t.hash = sha256.Sum256([]byte(text))
	return t, nil
}

// bits estimates from above how many random bits a token can have. A character that repeats the one before it or is its
// neighbour, and one that ends a group of three that was there before, counts for nothing: words, runs and repetitions are
// worth little.
func bits(s string) float64 {
	kinds, groups, surprising := map[byte]bool{}, map[string]bool{}, 0
	for i := range len(s) {
		kinds[s[i]] = true
		surprise := i == 0 || s[i] != s[i-1] && s[i] != s[i-1]+1 && s[i] != s[i-1]-1
		if i >= 2 {
			group := s[i-2 : i+1]
			surprise = surprise && !groups[group]
			groups[group] = true
		}
		if surprise {
			surprising++
		}
	}
	if len(kinds) < 2 {
		return 0
	}
	return float64(surprising) * math.Log2(float64(len(kinds)))
}

func visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
