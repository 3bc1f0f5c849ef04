package session

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"
)

// ErrNone is the answer to a secret that is no open session's: a caller learns no more.
var ErrNone = errors.New("no open session")

var errOver = fmt.Errorf("its time is over: %w", ErrNone)

// Session is what is known of an open session.
type Session struct {
	Principal string `json:"principal"`
	// Token is the hash of the token with which the official signed in; nil: a provider signed them in.
	Token []byte `json:"token,omitempty"`
	// Number is the staff number that the provider has given; "" for none.
	Number string `json:"number,omitempty"`
	// Called is what the provider calls the official; "" for none.
	Called string    `json:"called,omitempty"`
	Begun  time.Time `json:"begun"`
	Used   time.Time `json:"used"` // for the last time
}

// Terms say how long sessions last.
type Terms struct {
	Idle     time.Duration // without use
	Absolute time.Duration // whether used or not
}

// Ends is when a session ends that is not used any more.
func (t Terms) Ends(s *Session) time.Time {
	idle, absolute := s.Used.Add(t.Idle), s.Begun.Add(t.Absolute)
	if idle.Before(absolute) {
		return idle
	}
	return absolute
}

// secretBytes is how long a secret is. At 256 bits nobody tries one out.
const secretBytes = 32

func newSecret() string {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails
	return base64.RawURLEncoding.EncodeToString(secret)
}

// key is the hash of a secret. ok is false for a text that is no secret: then nothing is looked for.
func key(secret string) (k [sha256.Size]byte, ok bool) {
	if len(secret) != base64.RawURLEncoding.EncodedLen(secretBytes) {
		return k, false
	}
	return sha256.Sum256([]byte(secret)), true
}

// CSRF is the token that pages of a session send with whatever writes. It follows from the secret, and the secret does not follow
// from it.
func CSRF(secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("relieftrail csrf v1"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// IsCSRF reports whether a text is the token of a session.
func IsCSRF(secret, token string) bool { return hmac.Equal([]byte(CSRF(secret)), []byte(token)) }
