package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/httpclient"
	"relieftrail/gateway/internal/provider"
	"relieftrail/gateway/internal/session"
)

// openProvider prepares the agency's provider and has its keys followed. The gateway starts without it.
func (a *App) openProvider() (l lifetime, err error) {
	if !a.cfg.OIDC.Enabled() {
		return l, nil
	}
	options, err := providerOptions(a.cfg)
	if err != nil {
		return l, err
	}
	options.Log = a.log
	a.provider = provider.New(options)
	return lifetime{run: a.provider.Run}, nil
}

func providerOptions(cfg *config.Config) (o provider.Options, err error) {
	c := &cfg.OIDC
	o = provider.Options{
		Issuer: c.Issuer, ClientID: c.ClientID, RedirectURL: cfg.Callback(), Scopes: c.Scopes, Audience: c.Audience, Algorithms: c.Algorithms,
		Leeway: c.Leeway, OfficialClaim: c.OfficialClaim, NumberClaim: c.NumberClaim, NameClaim: c.NameClaim,
	}
	if o.Client, err = httpclient.New(httpclient.Options{CAFile: c.CAFile}); err != nil {
		return o, fmt.Errorf("oidc: %w", err)
	}
	if c.ClientSecretFile == "" {
		return o, nil
	}
	secret, err := os.ReadFile(c.ClientSecretFile)
	if o.ClientSecret = strings.TrimSpace(string(secret)); err == nil && o.ClientSecret == "" {
		err = errors.New("the file is empty")
	}
	if err != nil {
		return o, fmt.Errorf("oidc.client_secret_file: %w", err)
	}
	return o, nil
}

// enter is the session of an official whom the provider has signed in: of the principal whose certificate names them.
// Somebody who is in no settings may have enrolled at this gateway, or enrol now.
func (a *App) enter(ctx context.Context, person provider.Person) (s session.Session, err error) {
	name, err := relief.FoldOfficialName(person.Official)
	if err != nil {
		return s, errNoOfficial
	}
	principal, configured := a.principalOf(name)
	switch {
	case configured:
	case a.enrolment == nil || slices.ContainsFunc(a.cfg.Principals, func(p config.Principal) bool { return p.Name == name }):
		return s, errNoOfficial
	default:
		if err := a.enrolled(ctx, name, &person); err != nil {
			return s, err
		}
		principal = name
	}
	return session.Session{Principal: principal, Called: person.Called, Number: person.Number}, a.standing.Check(principal)
}

// principalOf is the principal of the settings whose certificate has an official's name.
func (a *App) principalOf(official string) (principal string, ok bool) {
	for _, p := range a.cfg.Principals {
		if id, ok := a.ledger.Identity(p.Name); ok && id.Name == official {
			return p.Name, true
		}
	}
	return "", false
}

var errNoOfficial = relief.Errorf(relief.CodeForbidden, "the provider's claim names no official of this agency")

// systems are the principals in whose name systems act that show tokens of the provider.
func (a *App) systems() *auth.Systems {
	if a.provider == nil || a.cfg.OIDC.Audience == "" {
		return nil
	}
	systems := &auth.Systems{Provider: a.provider, Principals: map[string]auth.Principal{}}
	for _, s := range a.cfg.OIDC.Systems {
		systems.Principals[s.Subject] = auth.Principal{Name: s.Principal, MSPID: a.cfg.Organisation}
	}
	return systems
}
