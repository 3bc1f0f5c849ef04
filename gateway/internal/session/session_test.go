package session

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// desk is a store with its clock, its log and who may act.
type desk struct {
	*Store
	path  string
	now   time.Time
	log   bytes.Buffer
	holds error
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{path: filepath.Join(t.TempDir(), "sessions.db"), now: time.Date(2026, 11, 30, 1, 0, 0, 0, time.UTC)}
	d.open(t)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

func (d *desk) open(t *testing.T) {
	t.Helper()
	var err error
	d.Store, err = Open(d.path, Options{
		Terms: Terms{Idle: 30 * time.Minute, Absolute: 12 * time.Hour}, Holds: func(*Session) error { return d.holds },
		Log: slog.New(slog.NewTextHandler(&d.log, nil)), Now: func() time.Time { return d.now },
	})
	require.NoError(t, err)
}

func (d *desk) begin(t *testing.T, principal string) string {
	t.Helper()
	secret, _, err := d.Begin(Session{Principal: principal, Token: []byte{1}})
	require.NoError(t, err)
	return secret
}

func (d *desk) requireOpen(t *testing.T, secret string, use bool) {
	t.Helper()
	_, ended, err := d.Find(secret, use)
	require.NoError(t, err)
	require.NoError(t, ended.Err())
}

func TestASessionEndsIdleAndAbsolutely(t *testing.T) {
	d := newDesk(t)
	secret := d.begin(t, "civil-preparer")
	s, ended, err := d.Find(secret, true)
	require.NoError(t, err)
	require.Equal(t, "civil-preparer", s.Principal)
	require.Equal(t, d.now.Add(30*time.Minute), d.Ends(&s))

	for range 23 { // used again and again, until 11:30 hours after it began
		d.now = d.now.Add(30*time.Minute - time.Second)
		d.requireOpen(t, secret, true)
	}
	d.now = d.now.Add(time.Minute)
	s, _, err = d.Find(secret, true)
	require.NoError(t, err)
	require.Equal(t, s.Begun.Add(12*time.Hour), d.Ends(&s), "the absolute end comes first")
	d.now = d.Ends(&s)
	_, _, err = d.Find(secret, true)
	require.ErrorIs(t, err, ErrNone)
	require.Error(t, ended.Err(), "what goes on in the session ends with it")

	secret = d.begin(t, "civil-preparer")
	d.now = d.now.Add(29 * time.Minute)
	d.requireOpen(t, secret, false) // looked at, not used
	d.now = d.now.Add(time.Minute)
	_, _, err = d.Find(secret, false)
	require.ErrorIs(t, err, ErrNone)
}

func TestSigningOutEndsOneSession(t *testing.T) {
	d := newDesk(t)
	first, second := d.begin(t, "civil-preparer"), d.begin(t, "civil-preparer")
	require.NotEqual(t, first, second)
	d.End(first)
	d.End(first)
	_, _, err := d.Find(first, true)
	require.ErrorIs(t, err, ErrNone)
	d.requireOpen(t, second, true)
	for _, bad := range []string{"", "x", first[1:], second + "A", second[:42] + "!"} {
		_, _, err := d.Find(bad, true)
		require.ErrorIs(t, err, ErrNone, bad)
	}
	require.NotContains(t, d.log.String(), first[:8])
}

func TestASessionEndsAtOnceWhenItsOfficialMayNotActAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		secret := d.begin(t, "civil-preparer")
		_, ended, err := d.Find(secret, true)
		require.NoError(t, err)
		retired := errors.New("retired")
		d.holds = retired
		_, _, err = d.Find(secret, true)
		require.ErrorIs(t, err, retired, "the first request says why")
		require.Error(t, ended.Err())
		d.holds = nil
		_, _, err = d.Find(secret, true)
		require.ErrorIs(t, err, ErrNone, "it does not come back")

		// Nobody asks: a stream that is open ends within a second all the same.
		secret = d.begin(t, "civil-preparer")
		_, ended, err = d.Find(secret, true)
		require.NoError(t, err)
		d.holds = retired
		ctx, stop := context.WithCancel(t.Context())
		running := make(chan error)
		go func() { running <- d.Run(ctx) }()
		<-ended.Done()
		stop()
		require.NoError(t, <-running)
		require.Contains(t, d.log.String(), "a session has ended: retired")
	})
}

func TestAnOfficialHasSoManySessions(t *testing.T) {
	d := newDesk(t)
	var secrets []string
	for range mostOfOne + 1 {
		secrets = append(secrets, d.begin(t, "civil-preparer"))
		d.now = d.now.Add(time.Second)
	}
	other := d.begin(t, "civil-approver")
	_, _, err := d.Find(secrets[0], true)
	require.ErrorIs(t, err, ErrNone, "the one that was not used for longest")
	for _, secret := range append(secrets[1:], other) {
		d.requireOpen(t, secret, true)
	}
}

// A gateway that is restarted throws nobody out; what has ended stays so.
func TestSessionsOutliveARestart(t *testing.T) {
	d := newDesk(t)
	kept, ended, idle := d.begin(t, "civil-preparer"), d.begin(t, "civil-preparer"), d.begin(t, "civil-approver")
	d.now = d.now.Add(29 * time.Minute)
	d.requireOpen(t, kept, true)
	d.End(ended)
	require.NoError(t, d.Close())
	content, err := os.ReadFile(d.path)
	require.NoError(t, err)
	require.NotContains(t, string(content), kept, "only hashes are kept")

	d.open(t)
	d.now = d.now.Add(10 * time.Minute)
	d.requireOpen(t, kept, true)
	for _, secret := range []string{ended, idle} {
		_, _, err := d.Find(secret, true)
		require.ErrorIs(t, err, ErrNone)
	}
	require.NoError(t, d.Close())
	require.NoError(t, os.WriteFile(d.path, []byte("no store"), 0o600))
	_, err = Open(d.path, Options{})
	require.Error(t, err)
	require.NoError(t, os.Remove(d.path))
	d.open(t)
}

func TestTheTokenOfPagesBelongsToTheSession(t *testing.T) {
	d := newDesk(t)
	first, second := d.begin(t, "civil-preparer"), d.begin(t, "civil-preparer")
	require.True(t, IsCSRF(first, CSRF(first)))
	for _, other := range []string{"", CSRF(second), first, CSRF(first) + "A", CSRF("")} {
		require.False(t, IsCSRF(first, other))
	}
}

func FuzzFind(f *testing.F) {
	f.Add("")
	f.Add("x")
	f.Add(newSecret())
	s, err := Open(filepath.Join(f.TempDir(), "sessions.db"), Options{
		Terms: Terms{time.Hour, time.Hour}, Holds: func(*Session) error { return nil }, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(f, err)
	secret, _, err := s.Begin(Session{Principal: "civil-preparer"})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, text string) {
		_, _, err := s.Find(text, true)
		require.Equal(t, text == secret, err == nil)
		require.False(t, IsCSRF(secret, text))
	})
}
