package app

import (
	"context"
	"path/filepath"

	"relieftrail/gateway/internal/yearexport"
)

// openExports opens what keeps the archives of a county's year.
func (a *App) openExports() (l lifetime, err error) {
	a.exports, err = yearexport.Open(yearexport.Options{
		Dir: filepath.Join(a.cfg.DataDir, "exports"), Keep: a.cfg.Exports.Keep, Log: a.log,
	})
	if err != nil {
		return l, err
	}
	return lifetime{close: a.exports.Close}, nil
}

// openExporting makes the archives: it asks the interface for their lists.
func (a *App) openExporting() (lifetime, error) {
	return lifetime{run: func(ctx context.Context) error { return a.exports.Run(ctx, a.api.Fetch) }}, nil
}
