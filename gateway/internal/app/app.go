// Package app puts a gateway together and runs it.
package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/evidence"
	"relieftrail/gateway/internal/httpapi"
	"relieftrail/gateway/internal/httpapi/casework"
	"relieftrail/gateway/internal/httpapi/public"
	"relieftrail/gateway/internal/httpapi/records"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/matching"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/seal"
	"relieftrail/gateway/internal/translog"
)

// App is one agency's gateway.
type App struct {
	cfg      *config.Config
	log      *slog.Logger
	ledger   ledger.Ledger
	outbox   *outbox.Outbox
	index    *index.Index
	translog *translog.Log // nil without a log
	spooler  *intake.Spooler
	persons  *seal.Key
	objects  objectstore.Store // nil where no files are kept
	evidence *evidence.Desk    // nil where no files are kept
	jobs     *jobs.Runner
	bank     *bankdesk.Desk // nil where none is kept
	matching *matching.Desk // nil where no departments are asked
	api      *httpapi.API
	server   *http.Server
	unasked  unasked
	listener net.Listener
	opened   time.Time
	closers  []func() error // closed last to first
}

// New connects to the agency's own peer and opens what the gateway keeps. Nothing is served before Run.
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
	a.closers = append([]func() error{l.Close}, a.closers...)
	return a, nil
}

// Open is New over a ledger that is there already; it reads of the identities only the tokens.
func Open(cfg *config.Config, l ledger.Ledger, log *slog.Logger, version string) (*App, error) {
	a := &App{cfg: cfg, log: log, ledger: l, opened: time.Now()}
	if err := a.open(version); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(version string) error {
	authenticator, err := authenticator(a.cfg)
	if err != nil {
		return err
	}
	key, err := a.cfg.SubjectKey.Read()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(a.cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("data_dir: %w", err)
	}
	if err := a.openParts(key); err != nil {
		return err
	}
	receiptKey, err := a.cfg.ReceiptKey()
	if err != nil {
		return err
	}
	deps := a.interfaceDeps(key, receiptKey)
	deps.Version, deps.Auth = version, authenticator
	if a.api, err = httpapi.New(deps); err != nil {
		return err
	}
	if err := a.profile(); err != nil {
		return err
	}
	return a.listen()
}

// interfaceDeps is what the REST interface needs of the gateway's parts.
func (a *App) interfaceDeps(subjectKey, receiptKey []byte) httpapi.Deps {
	limits := a.cfg.Limits
	deps := httpapi.Deps{
		Verifier: a.cfg.VerifierDir,
		Core: &rest.Core{
			Organisation: a.cfg.Organisation, Ledger: a.ledger, Outbox: a.outbox, Index: a.index,
			Limits:  rest.Limits{BodyBytes: limits.BodyBytes, JSONDepth: limits.JSONDepth, PageSize: limits.PageSize},
			ActTime: a.actTime() + time.Second, // the outbox is the first to tell
			Log:     a.log,
		},
		Ledger: a.ledger, Outbox: a.outbox, InFlight: limits.InFlight,
		Records: records.Deps{
			Index: a.index, Transactions: a.ledger, SubjectKey: subjectKey, SubjectEpoch: a.cfg.SubjectKey.Epoch,
		},
		Cases: casework.Deps{
			Index: a.index, SubjectKey: subjectKey, SubjectEpoch: a.cfg.SubjectKey.Epoch, Persons: a.persons, Evidence: a.evidence,
		},
		Bank: a.bank,
		Public: public.Deps{
			Index: a.index, ReceiptKey: receiptKey, Persons: a.persons, Settings: public.Settings(a.cfg.Public),
		},
		Jobs: a.jobs, Spool: a.spooler.Spool,
	}
	if a.translog != nil {
		deps.Public.Log = a.translog
	}
	if a.matching != nil {
		deps.Cases.Matching, deps.Cases.MatchingTime = a.matching, a.cfg.Matching.Patience
	}
	return deps
}

// listen takes the port, so that a taken one is told at the start.
func (a *App) listen() error {
	listener, err := net.Listen("tcp", a.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	a.listener = listener
	a.unasked.conns = map[net.Conn]struct{}{}
	a.server = &http.Server{
		Handler:           a.api,
		ConnState:         a.unasked.watch,
		ReadHeaderTimeout: a.cfg.Timeouts.ReadHeader,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	a.server.RegisterOnShutdown(a.api.Stop)
	if a.cfg.TLS.Enabled() {
		pair, err := tls.LoadX509KeyPair(a.cfg.TLS.CertFile, a.cfg.TLS.KeyFile)
		if err != nil {
			return fmt.Errorf("tls: %w", err)
		}
		a.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	return nil
}

// URL is where the gateway listens.
func (a *App) URL() string {
	scheme := "http"
	if a.cfg.TLS.Enabled() {
		scheme = "https"
	}
	return scheme + "://" + a.listener.Addr().String()
}

// Run serves until ctx ends; then it finishes what is being answered, within the shutdown time. Jobs stop between
// two chunks and go on at the next start.
func (a *App) Run(ctx context.Context) error {
	background, stop := context.WithCancel(ctx)
	defer stop()
	var tasks sync.WaitGroup
	work := map[string]func(context.Context) error{"index": a.index.Run, "outbox": a.recover}
	if a.translog != nil {
		work["log"] = a.translog.Run
	}
	if a.evidence != nil {
		work["evidence"] = a.evidence.Run
	}
	if a.matching != nil {
		work["matching"] = a.matching.Run
	}
	for name, task := range work {
		tasks.Go(func() { a.persist(background, name, task) })
	}
	a.log.Info("serving", "organisation", a.cfg.Organisation, "address", a.listener.Addr().String(), "tls", a.cfg.TLS.Enabled())
	served := make(chan error, 1)
	go func() { served <- a.serve() }()
	select {
	case err := <-served:
		stop()
		tasks.Wait()
		return fmt.Errorf("serving ended: %w", err)
	case <-ctx.Done():
	}
	err := a.shutdown()
	stop()
	tasks.Wait()
	return err
}

// persist runs a task until it succeeds or ctx ends: at the start the agency's peer may not be there yet.
func (a *App) persist(ctx context.Context, name string, task func(context.Context) error) {
	for wait := time.Second / 2; ; wait = min(2*wait, 15*time.Second) {
		err := task(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		a.log.Warn("a background task failed and is tried again", "kind", name, "error", err, "wait", wait)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

func (a *App) serve() error {
	if a.server.TLSConfig != nil {
		return a.server.ServeTLS(a.listener, "", "")
	}
	return a.server.Serve(a.listener)
}

func (a *App) shutdown() error {
	a.log.Info("stopping: finishing what is being answered")
	ctx, cancel := context.WithTimeout(context.Background(), a.cfg.Timeouts.Shutdown)
	defer cancel()
	a.unasked.close()
	if err := a.server.Shutdown(ctx); err != nil {
		// What was signed is on disk, and is brought to its end at the next start.
		return errors.Join(fmt.Errorf("not all requests were finished in time: %w", err), a.server.Close())
	}
	return nil
}

// recover brings to its end what an earlier process had begun: first single transactions, then jobs.
func (a *App) recover(ctx context.Context) error {
	if err := a.outbox.Recover(ctx); err != nil {
		return fmt.Errorf("recovering transactions: %w", err)
	}
	if err := a.jobs.Resume(ctx); err != nil {
		return fmt.Errorf("resuming jobs: %w", err)
	}
	if err := a.spooler.Sweep(a.opened, a.jobs.Wants); err != nil {
		return fmt.Errorf("deleting uploads that nobody finished: %w", err)
	}
	return nil
}

// Close ends the jobs and closes what New opened.
func (a *App) Close() error {
	var faults []error
	if a.listener != nil {
		if err := a.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			faults = append(faults, err)
		}
	}
	for i := len(a.closers) - 1; i >= 0; i-- {
		faults = append(faults, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(faults...)
}

// openParts opens the outbox, the index and the jobs.
func (a *App) openParts(key []byte) (err error) {
	a.outbox, err = outbox.Open(filepath.Join(a.cfg.DataDir, "outbox.db"), a.ledger, outbox.Options{
		Deadline: a.actTime(), StatusWait: a.cfg.Timeouts.Status, Log: a.log,
	})
	if err != nil {
		return err
	}
	a.closers = append(a.closers, a.outbox.Close)
	if a.index, err = index.Open(context.Background(), a.cfg.Index.Database, a.ledger, a.log); err != nil {
		return err
	}
	a.closers = append(a.closers, a.index.Close)
	if err := a.openTransparency(); err != nil {
		return err
	}
	if err := a.openJobs(key); err != nil {
		return err
	}
	if err := a.openObjects(key); err != nil {
		return err
	}
	if err := a.openMatching(key); err != nil {
		return err
	}
	return a.openBank()
}

// actTime is how long an act may take before its caller is told that the end is not known yet.
func (a *App) actTime() time.Duration {
	return a.cfg.Timeouts.Endorse + a.cfg.Timeouts.Submit + a.cfg.Timeouts.Status
}
