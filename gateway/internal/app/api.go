package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/httpapi"
	"relieftrail/gateway/internal/httpapi/casework"
	"relieftrail/gateway/internal/httpapi/public"
	"relieftrail/gateway/internal/httpapi/records"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/payeecheck"
	"relieftrail/gateway/web"
)

// openAPI makes the HTTP interface. It uses every other part and is served by the last.
func (a *App) openAPI() (l lifetime, err error) {
	limits := a.cfg.Limits
	scratch := filepath.Join(a.cfg.DataDir, "scratch") // what an earlier process left there may hold names
	if err := errors.Join(os.RemoveAll(scratch), os.Mkdir(scratch, 0o700)); err != nil {
		return l, fmt.Errorf("the folder for pieces of workbooks: %w", err)
	}
	deps := httpapi.Deps{
		Version: a.version, Auth: a.auth, Standing: a.standing, Verifier: a.cfg.VerifierDir, Workplace: a.cfg.WorkplaceDir,
		Apart:        web.Apart{Public: a.cfg.PublicAddress().Apart(), Health: a.cfg.MetricsAddress().Apart()},
		FailedTokens: float64(limits.FailedTokens),
		SignIn:       httpapi.SignIn{Sessions: a.sessions, URL: a.cfg.Sessions.URL, NoTokens: !a.cfg.Sessions.Tokens, Provider: a.provider, Enter: a.enter},
		Core: &rest.Core{
			Organisation: a.cfg.Organisation, Ledger: a.ledger, Outbox: a.outbox, Index: a.index, Readings: a.readings,
			Limits:  rest.Limits{BodyBytes: limits.BodyBytes, JSONDepth: limits.JSONDepth, PageSize: limits.PageSize},
			ActTime: a.actTime() + time.Second, // longer than the outbox waits, so that the outbox answers first
			Log:     a.log, Location: a.cfg.Location(), Scratch: scratch,
		},
		Ledger: a.ledger, Outbox: a.outbox, InFlight: limits.InFlight, Index: a.index,
		Reads: httpapi.ReadLimits{PerSecond: limits.ReadsPerSecond, Burst: limits.ReadsBurst, InFlight: limits.ReadsInFlight},
		Records: records.Deps{
			Jobs: a.jobs, Transactions: a.ledger, References: a.references(),
			Persons: a.keys.details,
		},
		Cases: casework.Deps{
			References: a.references(), Persons: a.keys.details,
			Evidence: a.evidence,
		},
		Bank:   a.bank,
		Public: public.Deps{Index: a.index, Receipts: a.receipts, Persons: a.keys.details, Settings: publicSettings(&a.cfg.Public)},
		Jobs:   a.jobs, Spool: a.spooler.Spool, Exports: a.exports,
	}
	// Only what is there: a nil pointer in an interface would not be nil.
	if a.keys.details != nil {
		payees := &payeecheck.Checker{Ledger: a.ledger, Readings: a.readings, Persons: a.keys.details}
		deps.Records.Payees, deps.Public.Payees = payees, payees
	}
	if a.translog != nil {
		deps.Public.Log, deps.Public.Statements, deps.Public.Agreement = a.translog, a.statements, a.agreement
	}
	if a.matching != nil {
		deps.Cases.Matching, deps.Cases.MatchingTime = a.matching, a.cfg.Matching.Patience
	}
	a.api, err = httpapi.New(deps)
	return l, err
}

func publicSettings(p *config.Public) public.Settings {
	return public.Settings{
		URL: p.URL, Rate: p.Rate, Burst: p.Burst, TrustedProxies: p.TrustedProxies, Origins: p.Origins, Fonts: p.Fonts, NoticesAs: p.NoticesAs,
	}
}
