package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// refreshEvery is the pause between two readings of the keys: one that the provider has withdrawn counts no longer than this.
	refreshEvery = 5 * time.Minute
	// unknownPause is the least time between two readings for keys that are not known: who makes up key ids has the provider asked no
	// more often than this.
	unknownPause = 2 * time.Second
	// keepKeys is how long keys count while the provider does not answer.
	keepKeys = 24 * time.Hour
	maxKeys  = 64
)

// errKey is the answer to a signature of a key that is not the provider's.
var errKey = errors.New("no key of the provider fits the signature")

// keySet holds the provider's public keys (RFC 7517). The set of go-oidc reads them again only when it meets an unknown key, and
// then each time: a key that was withdrawn would count for ever, and made-up ids would have the provider asked without end.
type keySet struct {
	client *http.Client
	now    func() time.Time
	log    *slog.Logger

	mu      sync.Mutex
	url     string
	keys    []jose.JSONWebKey
	fetched time.Time // when the keys were read
	tried   time.Time // when they were last asked for

	asking sync.Mutex // one question at a time
}

func newKeySet(client *http.Client, now func() time.Time, log *slog.Logger) *keySet {
	return &keySet{client: client, now: now, log: log}
}

// at says where the keys are.
func (k *keySet) at(url string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.url = url
}

// current are the keys that count now.
func (k *keySet) current() []jose.JSONWebKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now().Sub(k.fetched) > keepKeys {
		return nil
	}
	return k.keys
}

// VerifySignature implements oidc.KeySet: it gives the payload of a token that a key of the provider has signed.
func (k *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(token, asymmetric) // the verifier has held it against the settings' algorithms
	if err != nil || len(jws.Signatures) != 1 {
		return nil, errKey
	}
	id := jws.Signatures[0].Header.KeyID
	payload, known := fitting(jws, k.current(), id)
	if payload == nil && !known && k.mayAskFor() {
		k.refresh(ctx)
		payload, _ = fitting(jws, k.current(), id)
	}
	if payload == nil {
		if len(k.current()) == 0 {
			return nil, ErrUnavailable
		}
		return nil, errKey
	}
	return payload, nil
}

// fitting is the payload if a key with the id has signed it. A key that is for encryption or for another algorithm does not count.
func fitting(jws *jose.JSONWebSignature, keys []jose.JSONWebKey, id string) (payload []byte, known bool) {
	algorithm := jws.Signatures[0].Header.Algorithm
	for i := range keys {
		key := &keys[i]
		if id != "" && key.KeyID != id || key.Use != "" && key.Use != "sig" || key.Algorithm != "" && key.Algorithm != algorithm {
			continue
		}
		known = true
		if payload, err := jws.Verify(key); err == nil {
			return payload, true
		}
	}
	return nil, known && id != ""
}

// mayAskFor reports whether the keys may be read again for one that is not known.
func (k *keySet) mayAskFor() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.url != "" && k.now().Sub(k.tried) >= unknownPause
}

// refresh reads the keys again; those before stay when they cannot be read.
func (k *keySet) refresh(ctx context.Context) {
	k.asking.Lock()
	defer k.asking.Unlock()
	k.mu.Lock()
	url := k.url
	k.tried = k.now()
	k.mu.Unlock()
	keys, err := k.fetch(ctx, url)
	if err != nil {
		k.log.Warn("the provider's keys cannot be read; those before count for a day", "error", err)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys, k.fetched = keys, k.now()
}

func (k *keySet) fetch(ctx context.Context, url string) ([]jose.JSONWebKey, error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := k.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", answer.StatusCode)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	return readKeys(body)
}

var errNoKeys = errors.New("the answer is no set of keys with one that signs")

// readKeys reads a set of keys. Keys that this gateway cannot use are passed over (RFC 7517, 5); secret ones never count.
func readKeys(body []byte) (keys []jose.JSONWebKey, err error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(body, &set) != nil || len(set.Keys) > maxKeys {
		return nil, errNoKeys
	}
	for _, text := range set.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(text, &key) == nil && key.Valid() && key.IsPublic() {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errNoKeys
	}
	return keys, nil
}
