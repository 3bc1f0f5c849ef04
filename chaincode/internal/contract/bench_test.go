// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"testing"

	"relieftrail/chaincode/fakeledger"
)

// BenchmarkAddLines endorses a chunk of 1,000 lines at one organisation.
func BenchmarkAddLines(b *testing.B) {
	w := newWorld(b, fakeledger.Endorsers(1))
	w.programme("dibao", 1000)
	w.tranche("t1", "dibao", "1000000.00")
	w.imports(rollInput("dibao", 0), rollChunk(0, 1000))
	w.do(civilPreparer, "payment:Open", batchInput("b1", "dibao", "t1", 1000, 1000*62000))
	chunk, input := linesChunk(first, 0, 1000, 62000), args(obj{"batch": "b1"})
	for b.Loop() {
		if _, err := w.Endorse(civilPreparer, "payment:AddLines", input, chunk); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkImportRoll endorses a chunk of 1,000 people at one organisation.
func BenchmarkImportRoll(b *testing.B) {
	w := newWorld(b, fakeledger.Endorsers(1))
	w.programme("dibao", 1000)
	chunk := rollChunk(0, 1000)
	input := args(w.confirmedImport(rollInput("dibao", 0), chunk))
	for b.Loop() {
		if _, err := w.Endorse(provinceApprover, "roll:Import", input, chunk); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkImportRollOfAGroup is BenchmarkImportRoll under a programme that excludes three others, by a group.
func BenchmarkImportRollOfAGroup(b *testing.B) {
	w := newWorld(b, fakeledger.Endorsers(1))
	for _, id := range []string{"dibao", "tekun", "linshi", "guer"} {
		in := programmeInput(id, 1, 1000)
		in["exclusion_groups"] = []string{"basic-living"}
		w.do(provincePreparer, "programme:Draft", in)
		w.do(provinceFinance, "programme:Enact", obj{"id": id, "version": 1})
	}
	chunk := rollChunk(0, 1000)
	input := args(w.confirmedImport(rollInput("dibao", 0), chunk))
	for b.Loop() {
		if _, err := w.Endorse(provinceApprover, "roll:Import", input, chunk); err != nil {
			b.Fatal(err)
		}
	}
}
