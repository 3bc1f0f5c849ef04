package app

import (
	"time"

	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/httpapi"
)

// openAPI makes the HTTP interface. It uses every other part and is served by the last.
func (a *App) openAPI() (l lifetime, err error) {
	authenticator, err := authenticator(a.cfg)
	if err != nil {
		return l, err
	}
	deps := httpapi.Deps{
		Organisation: a.cfg.Organisation, Version: a.version, Auth: authenticator,
		Ledger: a.ledger, Outbox: a.outbox, Jobs: a.jobs, Spool: a.spooler.Spool, Index: a.index, Bank: a.bank,
		SubjectKey: a.keys.subject, SubjectEpoch: a.cfg.SubjectKey.Epoch, Persons: a.keys.details, Evidence: a.evidence,
		Limits: httpapi.Limits{
			BodyBytes: a.cfg.Limits.BodyBytes, JSONDepth: a.cfg.Limits.JSONDepth,
			PageSize: a.cfg.Limits.PageSize, InFlight: a.cfg.Limits.InFlight,
		},
		ActTime:    a.actTime() + time.Second, // longer than the outbox waits, so that the outbox answers first
		Log:        a.log,
		ReceiptKey: a.keys.receipt, Public: httpapi.Public(a.cfg.Public),
		Verifier: a.cfg.VerifierDir,
	}
	// Only what is there: a nil pointer in an interface would not be nil.
	if a.translog != nil {
		deps.Transparency = a.translog
	}
	if a.matching != nil {
		deps.Matching, deps.MatchingTime = a.matching, a.cfg.Matching.Patience
	}
	a.api, err = httpapi.New(deps)
	return l, err
}

func authenticator(cfg *config.Config) (*auth.Authenticator, error) {
	entries := make([]auth.Entry, len(cfg.Principals))
	for i, p := range cfg.Principals {
		entries[i] = auth.Entry{Principal: auth.Principal{Name: p.Name, MSPID: p.MSPID}, TokenFile: p.TokenFile}
	}
	return auth.New(entries)
}
