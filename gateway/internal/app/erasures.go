package app

import (
	"path/filepath"

	"relieftrail/gateway/internal/erasures"
)

// openErasures has the bank desk and the folders of other departments erase what the ledger has erased.
func (a *App) openErasures() (l lifetime, err error) {
	var places []erasures.Place
	if a.bank != nil {
		places = append(places, a.bank)
	}
	if a.matching != nil {
		places = append(places, a.matching)
	}
	if len(places) == 0 {
		return l, nil
	}
	follower, err := erasures.Open(erasures.Options{
		Index: a.index, Path: filepath.Join(a.cfg.DataDir, "erasures.db"), Places: places,
	})
	if err != nil {
		return l, err
	}
	return lifetime{run: follower.Run, close: follower.Close}, nil
}
