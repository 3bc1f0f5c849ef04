package provider

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Options are what a Provider is made of.
type Options struct {
	Issuer       string // as its tokens name it
	ClientID     string
	ClientSecret string // "": a public client, whom PKCE alone protects
	RedirectURL  string // where the provider sends officials back to
	Scopes       []string
	// Audience is who the access tokens of systems are for; "": systems show none. It is another one than ClientID, so that nobody
	// shows a token that says who has signed in for one that opens the interface.
	Audience string
	// Algorithms are the only ones whose signatures count, by their names in RFC 7518.
	Algorithms []string
	Leeway     time.Duration // by which the clocks of provider and gateway may differ
	// OfficialClaim names the official on the ledger; NumberClaim, unless empty, their staff number, and NameClaim what pages call them.
	OfficialClaim, NumberClaim, NameClaim string
	Client                                *http.Client // which follows no redirects
	Log                                   *slog.Logger
	Now                                   func() time.Time // nil: the machine's clock
}

// Why nobody is let in.
var (
	// ErrToken is the answer to a token that does not count: its sender learns no more, and the log says why.
	ErrToken = errors.New("the provider's token does not count")
	// ErrUnavailable is the answer while the provider cannot be asked.
	ErrUnavailable = errors.New("the provider cannot be asked")
	// ErrRefused is the answer when the provider has not signed somebody in.
	ErrRefused = errors.New("the provider has not signed anybody in")
)

// Provider is one agency's provider.
type Provider struct {
	o    Options
	keys *keySet

	mu         sync.RWMutex
	discovered *oidc.Provider // nil: not yet
}

// New asks nothing yet: the gateway starts without its provider.
func New(o Options) *Provider {
	if o.Now == nil {
		o.Now = time.Now
	}
	limited := *o.Client
	limited.Transport = boundedAnswers{o.Client.Transport}
	o.Client = &limited
	return &Provider{o: o, keys: newKeySet(o.Client, o.Now, o.Log)}
}

// maxAnswer bounds what is read of an answer of the provider: discovery, keys, tokens.
const maxAnswer = 256 << 10

// boundedAnswers cuts answers off that are longer than any that is wanted. The libraries read them to their end.
type boundedAnswers struct{ next http.RoundTripper }

func (b boundedAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	return answer, nil
}

const (
	discoverEvery = time.Hour        // endpoints seldom move
	retryEvery    = 5 * time.Second  // while the provider has never answered
	askTime       = 10 * time.Second // bounds one question to the provider
)

// Run learns where the provider's endpoints and keys are, and goes on following both until ctx ends.
func (p *Provider) Run(ctx context.Context) error {
	next := time.NewTimer(0)
	defer next.Stop()
	var discovered time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-next.C:
		}
		if now := p.o.Now(); discovered.IsZero() || now.Sub(discovered) >= discoverEvery {
			if err := p.discover(ctx); err == nil {
				discovered = now
			}
		} else {
			p.keys.refresh(ctx)
		}
		next.Reset(p.pause())
	}
}

func (p *Provider) pause() time.Duration {
	if p.found() == nil {
		return retryEvery
	}
	return refreshEvery
}

// discover reads the provider's description (OpenID Connect Discovery 1.0) and its keys.
func (p *Provider) discover(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, p.o.Client), askTime)
	defer cancel()
	found, err := oidc.NewProvider(ctx, p.o.Issuer)
	if err != nil {
		p.o.Log.Warn("the provider's description cannot be read", "error", plain(err))
		return err
	}
	var description struct {
		Keys string `json:"jwks_uri"`
	}
	if err := found.Claims(&description); err != nil {
		return err
	}
	if e := found.Endpoint(); !onTheWayOf(p.o.Issuer, e.AuthURL, e.TokenURL, description.Keys) {
		p.o.Log.Warn("the provider's description has endpoints that are not over https")
		return errPlain
	}
	first := p.found() == nil
	p.mu.Lock()
	p.discovered = found
	p.mu.Unlock()
	p.keys.at(description.Keys)
	p.keys.refresh(ctx)
	if first {
		p.o.Log.Info("the provider answers")
	}
	return nil
}

var errPlain = errors.New("an endpoint of the provider is not over https")

// onTheWayOf reports whether endpoints are over https, or at least over what the issuer is over.
func onTheWayOf(issuer string, endpoints ...string) bool {
	scheme, _, _ := strings.Cut(issuer, "://")
	return !slices.ContainsFunc(endpoints, func(endpoint string) bool {
		return !strings.HasPrefix(endpoint, "https://") && !strings.HasPrefix(endpoint, scheme+"://")
	})
}

// plain is an error without what a server has answered: that may be anything.
func plain(err error) string {
	var mismatch *oidc.IssuerMismatchError
	switch {
	case errors.As(err, &mismatch):
		return "the provider names itself otherwise than the setting oidc.issuer"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	}
	return fmt.Sprintf("no usable answer (%T)", errors.Unwrap(err))
}

func (p *Provider) found() *oidc.Provider {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.discovered
}

// client is the gateway as the provider's client; nil while the provider is not known.
func (p *Provider) client() *oauth2.Config {
	found := p.found()
	if found == nil {
		return nil
	}
	return &oauth2.Config{
		ClientID: p.o.ClientID, ClientSecret: p.o.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: p.o.RedirectURL, Scopes: p.o.Scopes,
	}
}
