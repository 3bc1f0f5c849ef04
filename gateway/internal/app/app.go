package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"relieftrail/gateway/internal/agreement"
	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/clientcert"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/enrolment"
	"relieftrail/gateway/internal/evidence"
	"relieftrail/gateway/internal/httpapi"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/matching"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/provider"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/receipts"
	"relieftrail/gateway/internal/session"
	"relieftrail/gateway/internal/standing"
	"relieftrail/gateway/internal/translog"
	"relieftrail/gateway/internal/yearexport"
)

// App is one agency's gateway.
type App struct {
	cfg      *config.Config
	log      *slog.Logger
	version  string
	ledger   ledger.Ledger
	openedAt time.Time

	// What the parts open for one another; see parts.
	keys       keys
	readings   *reading.Reader
	outbox     *outbox.Outbox
	index      *index.Index
	translog   *translog.Log        // of payments; nil without a transparency log
	statements *translog.Log        // of public statements; nil as translog
	agreement  *agreement.Agreement // of indicators; nil as translog
	receipts   *receipts.Maker      // nil where no receipts are made
	spooler    *intake.Spooler
	jobs       *jobs.Runner
	objects    objectstore.Store // nil where no files are kept
	evidence   *evidence.Desk    // nil where no files are kept
	matching   *matching.Desk    // nil where no departments are asked
	bank       *bankdesk.Desk    // nil without a bank desk
	standing   *standing.Standing
	auth       *auth.Authenticator
	sessions   *session.Store
	enrolment  *enrolment.Keeper     // nil where officials do not enrol
	provider   *provider.Provider    // nil without one
	clients    *clientcert.Authority // nil where systems show no certificates
	exports    *yearexport.Runner
	api        *httpapi.API
	server     *server

	running []runningPart // in the order of parts
}

// New connects to the agency's own peer and opens all parts. Nothing is served before Run.
func New(cfg *config.Config, log *slog.Logger, version string) (*App, error) {
	if err := Check(cfg); err != nil {
		return nil, err
	}
	l, err := Connect(cfg)
	if err != nil {
		return nil, err
	}
	a, err := Open(cfg, l, log, version)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	connection := runningPart{"ledger", lifetime{close: l.Close}}
	a.running = append([]runningPart{connection}, a.running...)
	return a, nil
}

// Open is New with a given ledger, which Close leaves open. Of the principals' files it reads only the tokens.
func Open(cfg *config.Config, l ledger.Ledger, log *slog.Logger, version string) (*App, error) {
	a := &App{cfg: cfg, log: log, version: version, ledger: l, openedAt: time.Now()}
	if err := a.open(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// URL is where officials ask; so do the public and the monitoring unless the settings part them.
func (a *App) URL() string { return a.URLOf(httpapi.Internal) }

// URLOf is where a listener is.
func (a *App) URLOf(on httpapi.Listener) string { return a.server.url(on) }

// Run serves until ctx ends; then it finishes the requests under way, within the shutdown time. Jobs stop between two
// chunks and continue at the next start.
func (a *App) Run(ctx context.Context) error {
	background, stop := context.WithCancel(ctx)
	defer stop()
	var tasks sync.WaitGroup
	for _, p := range a.running {
		if p.run != nil {
			tasks.Go(func() { a.persist(background, p.name, p.run) })
		}
	}
	for _, s := range a.server.sockets {
		a.log.Info("serving", "organisation", a.cfg.Organisation, "address", s.listener.Addr().String(), "tls", s.tls)
	}
	served := make(chan error, 1)
	go func() { served <- a.server.serve() }()
	select {
	case err := <-served:
		stop()
		tasks.Wait()
		return fmt.Errorf("serving ended: %w", err)
	case <-ctx.Done():
	}
	a.log.Info("stopping: finishing the requests under way")
	err := a.server.shutdown(a.cfg.Timeouts.Shutdown)
	stop()
	tasks.Wait()
	return err
}

// persist runs a task until it succeeds or ctx ends: at the start the agency's peer may not be reachable yet.
func (a *App) persist(ctx context.Context, name string, task func(context.Context) error) {
	for wait := time.Second / 2; ; wait = min(2*wait, 15*time.Second) {
		err := task(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		a.log.Warn("a background task failed and will be retried", "kind", name, "error", err, "wait", wait)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}
