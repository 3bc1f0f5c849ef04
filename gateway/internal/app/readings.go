package app

import (
	"path/filepath"

	"relieftrail/gateway/internal/reading"
)

// openReadings opens the way to personal data, with the record of who reads them.
func (a *App) openReadings() (l lifetime, err error) {
	a.readings, err = reading.Open(reading.Options{
		Path: filepath.Join(a.cfg.DataDir, "readings.db"), Identity: a.ledger.Identity, Persons: a.keys.details,
		LookUps: a.cfg.Limits.LookUps, Location: a.cfg.Location(), Log: a.log,
	})
	if err != nil {
		return l, err
	}
	return lifetime{close: a.readings.Close}, nil
}
