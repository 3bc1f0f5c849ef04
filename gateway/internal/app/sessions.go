package app

import (
	"path/filepath"

	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/session"
)

// openSessions opens the sessions of officials in a browser, those of before a restart too.
func (a *App) openSessions() (l lifetime, err error) {
	a.sessions, err = session.Open(filepath.Join(a.cfg.DataDir, "sessions.db"), session.Options{
		Terms: session.Terms{Idle: a.cfg.Sessions.Idle, Absolute: a.cfg.Sessions.Absolute}, Holds: a.holds, Log: a.log,
	})
	if err != nil {
		return l, err
	}
	return lifetime{run: a.sessions.Run, close: a.sessions.Close}, nil
}

// holds is an error for a session of somebody who may not act any more.
func (a *App) holds(s *session.Session) error {
	if s.Token != nil {
		return a.auth.Still(s.Principal, s.Token)
	}
	if _, known := a.ledger.Identity(s.Principal); !known || a.provider == nil {
		return auth.ErrUnauthenticated
	}
	return a.standing.Check(s.Principal)
}
