package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// asymmetric are the algorithms that a setting may name: with a symmetric one, whoever knows the public key could sign.
var asymmetric = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// Algorithms are the names of the algorithms that a setting may name.
func Algorithms() []string {
	names := make([]string, len(asymmetric))
	for i, a := range asymmetric {
		names[i] = string(a)
	}
	return names
}

// maxTokenBytes bounds a token before anything of it is read.
const maxTokenBytes = 16 << 10

// compact matches the one form that counts (RFC 7515, 7.1): the JSON form has headers that nobody has signed.
var compact = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$`)

// Person is who a token names.
type Person struct {
	Subject  string // the provider's own name, which it gives to nobody else
	Official string // the name on the ledger
	Number   string // staff number; "" unless the settings have a claim for it
	Called   string // what pages call the official; "" for none
}

// claims are what is read of a token beside what the library checks.
type claims struct {
	NotBefore       *float64 `json:"nbf"`
	IssuedAt        *float64 `json:"iat"`
	AuthorizedParty string   `json:"azp"`
	all             map[string]json.RawMessage
}

// verify gives a token that the provider has signed for an audience, that is valid now, and its claims. Of why a token does not
// count the error repeats nothing that is in it.
func (p *Provider) verify(ctx context.Context, token, audience string) (*oidc.IDToken, *claims, error) {
	if len(token) > maxTokenBytes {
		return nil, nil, fmt.Errorf("%w: it is longer than %d bytes", ErrToken, maxTokenBytes)
	}
	if p.found() == nil {
		return nil, nil, ErrUnavailable
	}
	if !compact.MatchString(token) {
		return nil, nil, fmt.Errorf("%w: its form is another one", ErrToken)
	}
	now := p.o.Now()
	verifier := oidc.NewVerifier(p.o.Issuer, p.keys, &oidc.Config{
		ClientID: audience, SupportedSigningAlgs: p.o.Algorithms, Now: func() time.Time { return now.Add(-p.o.Leeway) },
	})
	verified, err := verifier.Verify(ctx, token)
	var expired *oidc.TokenExpiredError
	switch {
	case errors.As(err, &expired):
		return nil, nil, fmt.Errorf("%w: it has expired", ErrToken)
	case err != nil && len(p.keys.current()) == 0:
		return nil, nil, ErrUnavailable
	case err != nil:
		return nil, nil, fmt.Errorf("%w: its form, algorithm, signature, issuer or audience is another one", ErrToken)
	}
	c := &claims{}
	if err := errors.Join(verified.Claims(c), verified.Claims(&c.all)); err != nil {
		return nil, nil, fmt.Errorf("%w: its claims cannot be read", ErrToken)
	}
	return verified, c, p.timely(verified, c, now)
}

// timely refuses a token of the future, which the library forgives for five minutes or does not look at, and one of nobody.
func (p *Provider) timely(verified *oidc.IDToken, c *claims, now time.Time) error {
	latest := float64(now.Add(p.o.Leeway).Unix())
	switch {
	case c.NotBefore != nil && *c.NotBefore > latest:
		return fmt.Errorf("%w: it is not valid yet", ErrToken)
	case c.IssuedAt == nil || *c.IssuedAt > latest:
		return fmt.Errorf("%w: when it was made is not said, or in the future", ErrToken)
	case verified.Subject == "" || len(verified.Subject) > maxClaimBytes:
		return fmt.Errorf("%w: it names nobody", ErrToken)
	}
	return nil
}

// System gives the subject of an access token that a system shows (RFC 9068).
func (p *Provider) System(ctx context.Context, token string) (subject string, err error) {
	if p.o.Audience == "" {
		return "", fmt.Errorf("%w: the settings have no audience for systems", ErrToken)
	}
	verified, _, err := p.verify(ctx, token, p.o.Audience)
	if err != nil {
		return "", err
	}
	return verified.Subject, nil
}

// official gives the person whom the token names that came back from signing in (OpenID Connect Core 1.0, 3.1.3.7).
func (p *Provider) official(ctx context.Context, token, nonce string) (person Person, err error) {
	verified, c, err := p.verify(ctx, token, p.o.ClientID)
	if err != nil {
		return person, err
	}
	if verified.Nonce != nonce {
		return person, fmt.Errorf("%w: it was made for another browser", ErrToken)
	}
	if c.AuthorizedParty != p.o.ClientID && (c.AuthorizedParty != "" || len(verified.Audience) > 1) {
		return person, fmt.Errorf("%w: it was made for another client", ErrToken)
	}
	person = Person{Subject: verified.Subject, Called: c.text(p.o.NameClaim)}
	if person.Official = c.text(p.o.OfficialClaim); person.Official == "" {
		return person, fmt.Errorf("%w: it has no claim that names the official", ErrToken)
	}
	if p.o.NumberClaim == "" {
		return person, nil
	}
	if person.Number = c.text(p.o.NumberClaim); person.Number == "" {
		return person, fmt.Errorf("%w: it has no claim with the staff number", ErrToken)
	}
	return person, nil
}

// maxClaimBytes bounds a claim that is kept.
const maxClaimBytes = 256

// text is a claim that is a text; "" for one that is missing, of another type, longer than any name or not printable.
func (c *claims) text(name string) string {
	var text string
	if json.Unmarshal(c.all[name], &text) != nil || len(text) > maxClaimBytes || slices.ContainsFunc([]rune(text), unprintable) {
		return ""
	}
	return text
}
