package auth

import (
	"context"
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
