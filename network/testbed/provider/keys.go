package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// turning is the example's storage with keys that turn.
type turning struct {
	*storage.Storage
	settings

	mu   sync.Mutex
	keys []*key // the one that signs last
	made int
}

// turn signs with a new key from now on. The earlier ones stay in the set unless they are withdrawn.
func (t *turning) turn(withdraw bool) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if withdraw {
		t.keys = nil
	}
	t.made++
	t.keys = append(t.keys, &key{fmt.Sprintf("key-%d", t.made), private})
}

type key struct {
	id      string
	private *rsa.PrivateKey
}

func (k *key) ID() string                                  { return k.id }
func (k *key) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k *key) Key() any                                    { return k.private }

type public struct{ *key }

func (p public) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (p public) Use() string                        { return "sig" }
func (p public) Key() any                           { return &p.private.PublicKey }

// SigningKey implements op.Storage.
func (t *turning) SigningKey(context.Context) (op.SigningKey, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.keys[len(t.keys)-1], nil
}

// SignatureAlgorithms implements op.Storage.
func (t *turning) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

// KeySet implements op.Storage.
func (t *turning) KeySet(context.Context) ([]op.Key, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var set []op.Key
	for _, k := range t.keys {
		set = append(set, public{k})
	}
	return set, nil
}
