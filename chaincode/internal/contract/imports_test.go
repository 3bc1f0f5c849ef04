// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"fmt"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
)

// importOf is an import by two officials of the province, of the object that rollInput gives.
func (w *world) importOf(in obj) fakeledger.Import {
	w.t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	im := fakeledger.Import{ID: relief.ImportID(fmt.Sprintf("i-%d", w.Height())), Preparer: provincePreparer, Approver: provinceApprover}
	if err := json.Unmarshal(b, &im); err != nil {
		w.t.Fatal(err)
	}
	return im
}

// confirmed proposes and confirms an import of one chunk, and gives the argument that carries it out.
func (w *world) confirmed(in obj, chunk transient) string {
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
	return w.do(provinceApprover, "roll:Import", w.confirmed(in, chunk), chunk)
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
