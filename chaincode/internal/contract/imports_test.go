// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"fmt"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// importOf is an import by two officials of the province, of the object that rollInput gives.
func importOf(id string, in obj) fakeledger.Import {
	im := fakeledger.Import{ID: relief.ImportID(id), Preparer: provincePreparer, Approver: provinceApprover}
	b, err := json.Marshal(in)
	if err == nil {
		err = json.Unmarshal(b, &im)
	}
	if err != nil {
		panic(err)
	}
	return im
}

func (w *world) importOf(in obj) fakeledger.Import {
	return importOf(fmt.Sprintf("i-%d", w.Height()), in)
}

// importTerms is the argument that proposes an import of one chunk.
func importTerms(id string, in obj, chunk transient) roll.ImportTerms {
	im := importOf(id, in)
	terms, err := im.Terms(chunk)
	if err != nil {
		panic(err)
	}
	return terms
}

// seen are the lines of a chunk with what their proposer saw: for a change, of the terms and the first details.
func seen(what roll.Seen, chunk transient) transient {
	entries, err := roll.DecodeRoll(chunk[wire.TransientRoll])
	if err != nil {
		panic(err)
	}
	for i := range entries {
		e := &entries[i]
		if e.Seen = what; what == roll.SeenChanged {
			e.Was = roll.Was{Version: 1, Persons: 1, Class: 'A', Amount: 62000}
		}
	}
	return transient{wire.TransientRoll: roll.AppendRoll(nil, entries), wire.TransientPersons: chunk[wire.TransientPersons]}
}

// confirmedImport proposes and confirms an import of one chunk, and gives the argument that carries it out.
func (w *world) confirmedImport(in obj, chunk transient) string {
	w.t.Helper()
	argument, err := w.ConfirmedImport(w.importOf(in), chunk)
	if err != nil {
		w.t.Fatal(err)
	}
	return argument
}

// imports carries out an import of one chunk by two officials.
func (w *world) imports(in obj, chunk transient) obj {
	w.t.Helper()
	return w.do(provinceApprover, "roll:Import", w.confirmedImport(in, chunk), chunk)
}

// importRefused proposes, confirms and carries out an import, one of which has to be refused with a code.
func (w *world) importRefused(code relief.Code, in obj, chunk transient) *relief.Error {
	w.t.Helper()
	_, err := w.Import(w.importOf(in), chunk)
	if err == nil {
		w.t.Fatalf("imported %v, want %s", in, code)
	}
	e := relief.ParseError(err.Error())
	if e == nil || e.Code != code {
		w.t.Fatalf("importing %v: %v, want %s", in, err, code)
	}
	return e
}
