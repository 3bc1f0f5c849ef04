package app

import (
	"context"

	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/standing"
)

// openStanding follows the certificates and the officials' entries.
func (a *App) openStanding() (l lifetime, err error) {
	options := standing.Options{Files: certificateFiles(a.cfg), Log: a.log}
	if client, ok := a.ledger.(interface{ Renew(identity string) error }); ok {
		options.Renewed = func(principal string) error {
			if principal == "" {
				principal = serviceIdentity
			}
			return client.Renew(principal)
		}
	}
	a.standing, err = standing.New(options)
	if err == nil {
		err = a.holdEnrolled()
	}
	if err != nil {
		return l, err
	}
	return lifetime{run: a.standing.Run}, nil
}

// openOfficials has the ledger's entries of the agency's officials followed.
func (a *App) openOfficials() (lifetime, error) {
	return lifetime{run: func(ctx context.Context) error {
		return a.index.FollowOfficials(ctx, a.cfg.Organisation, a.takeOfficials)
	}}, nil
}

// certificateFiles are the certificates that the gateway uses; none of an identity without a file, as in tests.
func certificateFiles(cfg *config.Config) []standing.File {
	files := []standing.File{
		{Use: standing.UseService, Name: "service", Path: cfg.Service.CertFile},
		{Use: standing.UseTLS, Name: "tls", Path: cfg.TLS.CertFile},
		{Use: standing.UseTLS, Name: "ledger.tls_cert_file", Path: cfg.Ledger.TLSCertFile},
	}
	for _, p := range cfg.Principals {
		files = append(files, standing.File{Use: standing.UsePrincipal, Name: p.Name, Path: p.CertFile})
	}
	var there []standing.File
	for _, f := range files {
		if f.Path != "" {
			there = append(there, f)
		}
	}
	return there
}

// openTokens reads the principals' tokens and follows their files.
func (a *App) openTokens() (l lifetime, err error) {
	options := auth.Options{Entries: tokenEntries(a.cfg), Standing: a.standing, Systems: a.systems(), Organisation: a.cfg.Organisation, Log: a.log}
	if a.clients != nil {
		options.Certificates = a.clients
	}
	a.auth, err = auth.New(options)
	if err != nil {
		return l, err
	}
	return lifetime{run: a.auth.Run}, nil
}

func tokenEntries(cfg *config.Config) []auth.Entry {
	entries := make([]auth.Entry, len(cfg.Principals))
	for i, p := range cfg.Principals {
		entries[i] = auth.Entry{Principal: auth.Principal{Name: p.Name, MSPID: p.MSPID}, TokenFile: p.TokenFile}
	}
	return entries
}
