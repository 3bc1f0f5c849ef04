package provider

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Attempt is one attempt to sign in, which belongs to one browser. State, nonce and the verifier of PKCE (RFC 7636) all follow
// from its secret, which the browser keeps: the gateway keeps nothing for people who may never come back.
type Attempt struct{ secret string }

const secretBytes = 32

// NewAttempt makes an attempt that nobody can guess.
func NewAttempt() Attempt {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails
	return Attempt{base64.RawURLEncoding.EncodeToString(secret)}
}

// ReadAttempt reads what Secret gave. ok is false for what is no attempt.
func ReadAttempt(secret string) (a Attempt, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(secret)
	return Attempt{secret}, err == nil && len(b) == secretBytes
}

// Secret is for the browser's cookie alone.
func (a Attempt) Secret() string { return a.secret }

func (a Attempt) derive(use string) string {
	mac := hmac.New(sha256.New, []byte(a.secret))
	mac.Write([]byte("relieftrail sign-in v1 " + use))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Start is where the browser is sent.
func (p *Provider) Start(a Attempt) (string, error) {
	client := p.client()
	if client == nil {
		return "", ErrUnavailable
	}
	return client.AuthCodeURL(a.derive("state"), oidc.Nonce(a.derive("nonce")), oauth2.S256ChallengeOption(a.derive("verifier"))), nil
}

// Finish reads what the provider has sent the browser back with, and gives the person whom it has signed in.
func (p *Provider) Finish(ctx context.Context, a Attempt, query url.Values) (person Person, err error) {
	client := p.client()
	if client == nil {
		return person, ErrUnavailable
	}
	if !hmac.Equal([]byte(query.Get("state")), []byte(a.derive("state"))) {
		return person, fmt.Errorf("%w: the answer belongs to another browser", ErrRefused)
	}
	if issuer := query.Get("iss"); issuer != "" && issuer != p.o.Issuer { // RFC 9207
		return person, fmt.Errorf("%w: the answer is another provider's", ErrRefused)
	}
	code := query.Get("code")
	if query.Has("error") || code == "" {
		return person, fmt.Errorf("%w: it said so", ErrRefused)
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.o.Client), askTime)
	defer cancel()
	tokens, err := client.Exchange(ctx, code, oauth2.VerifierOption(a.derive("verifier")))
	if err != nil {
		return person, notExchanged(err)
	}
	token, _ := tokens.Extra("id_token").(string)
	if token == "" {
		return person, fmt.Errorf("%w: it gave no ID token", ErrRefused)
	}
	return p.official(ctx, token, a.derive("nonce"))
}

// notExchanged says why a code gave no token, without what the provider has answered.
func notExchanged(err error) error {
	var answered *oauth2.RetrieveError
	if !errors.As(err, &answered) || answered.Response == nil {
		return ErrUnavailable
	}
	if status := answered.Response.StatusCode; status < http.StatusOK || status >= http.StatusInternalServerError {
		return fmt.Errorf("%w: it gives no token for a code, status %d", ErrUnavailable, status)
	}
	return fmt.Errorf("%w: it gives no token for the code", ErrRefused)
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }
