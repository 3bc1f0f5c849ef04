package reading

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// StoredPath is where a gateway gives its record to audit's: lines of JSON as they are stored, from ?from= on.
const StoredPath = "/log/readings"

// StoredPage is how many readings one answer has at most.
const StoredPage = 1000

// The headers of a request for a record: who asks, when, and the agency's signature.
const (
	headerAgency    = "X-Agency"
	headerTime      = "X-Agency-Time"
	headerSignature = "X-Agency-Signature"
)

// maxAge is how old a request may be: the agencies' clocks differ.
const maxAge = 5 * time.Minute

// message is what is signed: no cosigned checkpoint begins like this.
func message(of, asker string, from uint64, at string) []byte {
	return []byte("relieftrail/readings/v1\n" + of + "\n" + asker + "\n" + strconv.FormatUint(from, 10) + "\n" + at + "\n")
}

// Sign signs a request for the record of an agency, from a reading on.
func Sign(r *http.Request, of, asker string, from uint64, at time.Time, key ed25519.PrivateKey) {
	when := at.UTC().Format(time.RFC3339)
	r.Header.Set(headerAgency, asker)
	r.Header.Set(headerTime, when)
	r.Header.Set(headerSignature, base64.StdEncoding.EncodeToString(ed25519.Sign(key, message(of, asker, from, when))))
}

// Asker is the agency that a request says it is from.
func Asker(r *http.Request) string { return r.Header.Get(headerAgency) }

// ErrUnsigned means that a request for a record is not signed by an agency that may have it.
var ErrUnsigned = errors.New("the request is not signed by an agency that may read the record")

// Verify checks a request for the record of this agency against the asking agency's registered keys.
func Verify(r *http.Request, of string, from uint64, now time.Time, keys []ed25519.PublicKey) error {
	when := r.Header.Get(headerTime)
	at, err := time.Parse(time.RFC3339, when)
	if err != nil || now.Sub(at).Abs() > maxAge {
		return ErrUnsigned
	}
	signature, err := base64.StdEncoding.DecodeString(r.Header.Get(headerSignature))
	if err != nil {
		return ErrUnsigned
	}
	for _, key := range keys {
		if len(key) == ed25519.PublicKeySize && ed25519.Verify(key, message(of, Asker(r), from, when), signature) {
			return nil
		}
	}
	return ErrUnsigned
}
