// SPDX-License-Identifier: Apache-2.0

package fakeledger

import (
	"encoding/json"
	"fmt"
	"testing"

	"relieftrail/chaincode/founding"
	"relieftrail/chaincode/relief/registry"
)

// Registrar is the identity that proposes and agrees for an agency.
func Registrar(mspID string) *Identity { return Official(mspID, "registrar", "registrar", "53") }

// Found puts the registry of the dev network on the ledger.
func (l *Ledger) Found(t testing.TB) {
	t.Helper()
	if err := l.FoundWith(founding.Dev); err != nil {
		t.Fatal(err)
	}
}

// FoundWith puts a registry with the officials of tests on the ledger: one agency proposes the document, all agree.
func (l *Ledger) FoundWith(document []byte) error {
	var change registry.Change
	if err := json.Unmarshal(document, &change); err != nil {
		return fmt.Errorf("the registry document: %w", err)
	}
	change.Officials = Staff()
	id, err := registry.FoundingID(&change)
	if err != nil {
		return fmt.Errorf("the registry document: %w", err)
	}
	input, err := json.Marshal(map[string]any{"id": id, "change": change})
	if err != nil {
		return fmt.Errorf("the registry document: %w", err)
	}
	return l.ChangeRegistry(input)
}

// ChangeRegistry has one agency propose a change of the registry, the argument of registry:Propose, and all others agree.
func (l *Ledger) ChangeRegistry(proposal []byte) error {
	answer, _, err := l.Submit(Registrar(CivilAffairs), "registry:Propose", []string{string(proposal)}, nil)
	if err != nil {
		return fmt.Errorf("proposing a change of the registry: %w", err)
	}
	var proposed struct{ ID, Digest string }
	if err := json.Unmarshal(answer, &proposed); err != nil {
		return fmt.Errorf("the proposal: %w", err)
	}
	agree := fmt.Sprintf(`{"id":%q,"digest":%q}`, proposed.ID, proposed.Digest)
	for _, msp := range []string{Finance, Audit} {
		if _, _, err := l.Submit(Registrar(msp), "registry:Agree", []string{agree}, nil); err != nil {
			return fmt.Errorf("%s agrees: %w", msp, err)
		}
	}
	return nil
}
