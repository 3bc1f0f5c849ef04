package app

import (
	"path/filepath"

	"relieftrail/gateway/internal/erasures"
	"relieftrail/gateway/internal/retention"
)

// openErasures has the files of evidence, the bank desk and the folders of other departments erase what the ledger has erased.
func (a *App) openErasures() (l lifetime, err error) {
	var places []erasures.Place
	if a.evidence != nil {
		places = append(places, a.evidence)
	}
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

// openRetention proposes the erasures that are due, where the settings say in whose name.
func (a *App) openRetention() (l lifetime, err error) {
	r := &a.cfg.Retention
	if r.Every == 0 {
		return l, nil
	}
	proposer := retention.New(retention.Options{
		Ledger: a.ledger, Sender: a.outbox, Index: a.index, As: r.As, Every: r.Every, Log: a.log,
		Where: a.cfg.Location(),
	})
	return lifetime{run: proposer.Run}, nil
}
