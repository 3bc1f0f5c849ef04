package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"relieftrail/gateway/internal/acts"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/outbox"
)

// part is one part of the gateway. A part may use those before it in the list of parts.
type part struct {
	name string // in the log
	open func() (lifetime, error)
}

// lifetime is how an opened part runs and ends.
type lifetime struct {
	run   func(context.Context) error // in the background while the gateway serves; nil: nothing to run
	close func() error                // nil: nothing to close
}

// parts are opened in this order and closed in the reverse order. A part that the settings leave out has no lifetime.
func (a *App) parts() []part {
	return []part{
		{"keys", a.openKeys},
		{"enrolment", a.openEnrolment},
		{"readings", a.openReadings},
		{"outbox", a.openOutbox},
		{"index", a.openIndex},
		{"log", a.openTransparency},
		{"jobs", a.openJobs},
		{"evidence", a.openObjects},
		{"matching", a.openMatching},
		{"bank", a.openBank},
		{"erasures", a.openErasures},
		{"retention", a.openRetention},
		{"standing", a.openStanding},
		{"officials", a.openOfficials},
		{"provider", a.openProvider},
		{"client certificates", a.openClientCertificates},
		{"tokens", a.openTokens},
		{"sessions", a.openSessions},
		{"exports", a.openExports},
		{"api", a.openAPI},
		{"exporting", a.openExporting},
		{"anchoring", a.openAnchoring},
		{"profiles", a.openProfiles},
		{"server", a.openServer},
	}
}

// runningPart is a part that has been opened.
type runningPart struct {
	name string
	lifetime
}

// open opens every part. After an error those that were opened are in a.running, for Close.
func (a *App) open() error {
	if err := os.MkdirAll(a.cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("data_dir: %w", err)
	}
	for _, p := range a.parts() {
		l, err := p.open()
		if err != nil {
			return err
		}
		a.running = append(a.running, runningPart{p.name, l})
	}
	return nil
}

// Close ends the jobs and closes what New opened.
func (a *App) Close() error {
	var errs []error
	for i := len(a.running) - 1; i >= 0; i-- {
		if end := a.running[i].close; end != nil {
			errs = append(errs, end())
		}
	}
	a.running = nil
	return errors.Join(errs...)
}

func (a *App) openOutbox() (l lifetime, err error) {
	a.outbox, err = outbox.Open(filepath.Join(a.cfg.DataDir, "outbox.db"), a.ledger, outbox.Options{
		Deadline: a.actTime(), StatusWait: a.cfg.Timeouts.Status, Joiner: acts.NewJoiner(), Log: a.log,
	})
	if err != nil {
		return l, err
	}
	return lifetime{close: a.outbox.Close}, nil
}

// actTime is how long an act may take before its caller is told that its result is not known yet.
func (a *App) actTime() time.Duration {
	return a.cfg.Timeouts.Endorse + a.cfg.Timeouts.Submit + a.cfg.Timeouts.Status
}

func (a *App) openIndex() (l lifetime, err error) {
	a.index, err = index.Open(context.Background(), a.cfg.Index.Database, a.ledger, a.log)
	if err != nil {
		return l, err
	}
	return lifetime{run: a.index.Run, close: a.index.Close}, nil
}
