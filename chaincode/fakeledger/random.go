// SPDX-License-Identifier: Apache-2.0

package fakeledger

import (
	"fmt"

	"relieftrail/chaincode/founding"
	"relieftrail/chaincode/randomacts"
)

// RandomActs makes a ledger with one endorser and the registry of the dev network, on which random officials act.
func RandomActs(seed uint64) (*Ledger, *randomacts.Acts, error) {
	l, err := New(Endorsers(1))
	if err != nil {
		return nil, nil, err
	}
	l.SetTime(randomacts.Begin)
	if err := l.FoundWith(founding.Dev); err != nil {
		return nil, nil, err
	}
	acts, err := RandomActsOn(l, seed)
	return l, acts, err
}

// RandomActsOn has random officials act on a ledger that has the registry of the dev network.
func RandomActsOn(l *Ledger, seed uint64) (*randomacts.Acts, error) {
	acts, err := randomacts.On(&randomLedger{l, map[randomacts.Official]*Identity{}}, seed, randomacts.Begin, randomacts.Pace)
	if err != nil {
		return nil, fmt.Errorf("random acts: %w", err)
	}
	return acts, nil
}

// randomLedger is the ledger as random acts see it.
type randomLedger struct {
	*Ledger
	known map[randomacts.Official]*Identity
}

func (l *randomLedger) identity(o randomacts.Official) *Identity {
	id := l.known[o]
	if id == nil {
		id = Official(o.Agency, o.Name, o.Role, string(o.Region))
		l.known[o] = id
	}
	return id
}

func (l *randomLedger) Submit(by randomacts.Official, function, argument string, transient map[string][]byte) ([]byte, error) {
	payload, _, err := l.Ledger.Submit(l.identity(by), function, []string{argument}, transient)
	return payload, err //nolint:wrapcheck // the caller reads the refusal
}

func (l *randomLedger) Ask(by randomacts.Official, function, argument string) ([]byte, error) {
	var args []string
	if argument != "null" {
		args = []string{argument}
	}
	return l.Evaluate(by.Agency, l.identity(by), function, args, nil) //nolint:wrapcheck // likewise
}
