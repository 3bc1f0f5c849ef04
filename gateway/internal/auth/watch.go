package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"relieftrail/gateway/internal/filestamp"
	"relieftrail/gateway/internal/keyfile"
)

// lookEvery is the pause between two looks at the files: a token that is deleted counts for less than a second more.
const lookEvery = 400 * time.Millisecond

// Run takes over what changes in the files until ctx ends. A token that is added counts, one that is deleted counts no more. A
// file that cannot be taken over leaves the token before it in force; Faults says so.
func (a *Authenticator) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			a.look()
		case <-ctx.Done():
			return nil
		}
	}
}

// look reads the files that have changed.
func (a *Authenticator) look() {
	for i, e := range a.o.Entries {
		a.mu.Lock()
		same := filestamp.Of(e.TokenFile) == a.stamps[i]
		a.mu.Unlock()
		if same {
			continue
		}
		switch err := a.take(i); {
		case errors.Is(err, errNoToken):
			a.o.Log.Warn("a principal has no token any more", "principal", e.Name)
		case err != nil:
			a.o.Log.Error("a token's file cannot be taken over; the token before it stays in force", "principal", e.Name, "error", err)
		default:
			a.o.Log.Info("a token's file was read again", "principal", e.Name)
		}
	}
}

// take reads the file of one entry and replaces its token.
func (a *Authenticator) take(i int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.o.Entries[i]
	a.stamps[i] = filestamp.Of(e.TokenFile) // before it is read: a change meanwhile is seen at the next look
	holders := slices.DeleteFunc(slices.Clone(*a.holders.Load()), func(h holder) bool { return h.entry == i })
	t, err := readToken(e.TokenFile)
	if err == nil {
		err = keyfile.CheckPrivate(e.TokenFile)
	}
	if _, taken := find(holders, t.hash); err == nil && taken {
		err = fmt.Errorf("%s is another principal's token", e.TokenFile)
	}
	switch {
	case errors.Is(err, errNoToken):
		a.faults[i] = fmt.Errorf("principal %s: %w: %s is not there or empty", e.Name, err, e.TokenFile)
		a.holders.Store(&holders)
		return a.faults[i]
	case err != nil:
		a.faults[i] = fmt.Errorf("token of principal %s: %w", e.Name, err)
		return a.faults[i]
	}
	holders = append(holders, holder{Principal: e.Principal, token: t, entry: i})
	a.faults[i] = nil
	a.holders.Store(&holders)
	return nil
}

// Faults are what is wrong with the files at present.
func (a *Authenticator) Faults() []error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(a.faults), func(err error) bool { return err == nil })
}
