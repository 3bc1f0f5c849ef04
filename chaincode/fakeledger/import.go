// SPDX-License-Identifier: Apache-2.0

package fakeledger

import (
	"encoding/json"
	"fmt"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// Import is an import of one chunk by two officials of civil affairs.
type Import struct {
	ID                 relief.ImportID
	Programme          relief.ProgrammeID
	County             relief.Region
	From               relief.Period
	Segments           []uint32
	Range              bool
	Preparer, Approver *Identity
}

// Import proposes an import, confirms it and carries it out. The transient map has the lines and the private details.
func (l *Ledger) Import(in Import, transient map[string][]byte) (wire.ChunkResult, error) {
	var result wire.ChunkResult
	argument, err := l.ConfirmedImport(in, transient)
	if err != nil {
		return result, err
	}
	payload, _, err := l.Submit(in.Approver, api.RollImport.Name(), []string{argument}, transient)
	if err != nil {
		return result, fmt.Errorf("carrying out import %s: %w", in.ID, err)
	}
	return api.DecodeAnswer[wire.ChunkResult](payload)
}

// ConfirmedImport proposes an import and confirms it. It gives the argument with which roll:Import carries it out.
func (l *Ledger) ConfirmedImport(in Import, transient map[string][]byte) (argument string, err error) {
	terms, err := in.Terms(transient)
	if err != nil {
		return "", err
	}
	if err := l.submit(in.Preparer, api.RollProposeImport.Name(), terms); err != nil {
		return "", err
	}
	agreed := api.ConfirmImportInput{ID: in.ID, ImportDecision: roll.ImportDecision{Digest: terms.Digest(), Agree: true}}
	if err := l.submit(in.Approver, api.RollConfirmImport.Name(), agreed); err != nil {
		return "", err
	}
	return api.Encode(api.ImportInput{Import: in.ID, Segments: in.Segments, Range: in.Range})
}

// Terms is what is proposed: one chunk, of which the transient map has the lines and the private details.
func (in *Import) Terms(transient map[string][]byte) (roll.ImportTerms, error) {
	entries, err := roll.DecodeRoll(transient[wire.TransientRoll])
	if err != nil {
		return roll.ImportTerms{}, fmt.Errorf("the lines of import %s: %w", in.ID, err)
	}
	chunk := roll.ChunkOf(entries, transient[wire.TransientRoll], transient[wire.TransientPersons])
	return roll.ImportTerms{
		ID: in.ID, Programme: in.Programme, County: in.County, From: in.From, Chunks: []roll.ImportChunk{chunk},
		ImportDiffers: roll.ImportDiffers{New: chunk.New, Changed: chunk.Changed, Same: chunk.Count - chunk.New - chunk.Changed},
	}, nil
}

func (l *Ledger) submit(by *Identity, function string, input any) error {
	b, err := json.Marshal(input)
	if err != nil {
		return fmt.Errorf("the argument of %s: %w", function, err)
	}
	if _, _, err := l.Submit(by, function, []string{string(b)}, nil); err != nil {
		return fmt.Errorf("%s: %w", function, err)
	}
	return nil
}
