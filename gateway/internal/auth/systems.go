package auth

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"

	"relieftrail/gateway/internal/provider"
)

// Systems are those that show access tokens of the agency's provider.
type Systems struct {
	// Provider gives the subject of a token that is valid now.
	Provider interface {
		System(ctx context.Context, token string) (subject string, err error)
	}
	Principals map[string]Principal // by subject
}

// certificate gives the principal of a system that has shown a certificate.
func (a *Authenticator) certificate(state *tls.ConnectionState) (p Principal, err error) {
	principal, err := a.o.Certificates.Principal(state)
	if err != nil {
		a.o.Log.Info("a certificate of a client was refused", "error", err)
		return p, ErrUnauthenticated
	}
	if err := a.stands(principal); err != nil {
		return p, err
	}
	return Principal{Name: principal, MSPID: a.o.Organisation}, nil
}

// ListEnding reports whether the revocation list of systems' certificates has ended or ends soon.
func (a *Authenticator) ListEnding() bool {
	return a.o.Certificates != nil && a.o.Certificates.Ending()
}

// system gives the principal of a token that has the form of a JSON web token, and provider.ErrUnavailable while none can be read.
func (a *Authenticator) system(ctx context.Context, token string) (p Principal, err error) {
	if a.o.Systems == nil || strings.Count(token, ".") != 2 {
		return p, ErrUnauthenticated
	}
	subject, err := a.o.Systems.Provider.System(ctx, token)
	switch {
	case errors.Is(err, provider.ErrUnavailable):
		return p, err
	case err != nil:
		a.o.Log.Info("a token of the provider was refused", "error", err)
		return p, ErrUnauthenticated
	}
	p, known := a.o.Systems.Principals[subject]
	if !known {
		a.o.Log.Info("a token of the provider names no system of the settings")
		return p, ErrUnauthenticated
	}
	return p, a.stands(p.Name)
}
