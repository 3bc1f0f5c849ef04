// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"slices"
	"testing"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// rollOf is a chunk of some people.
func rollOf(people ...int) transient {
	var entries []roll.Input
	var persons [][]byte
	for i, n := range people {
		entries = append(entries, roll.Input{
			Seq: uint32(i + 1), Ref: ref(n), Region: county + "001", Persons: 1, Class: 'A', Amount: 62000,
			Payee: payeeOf(n),
		})
		persons = append(persons, person(n))
	}
	return transient{wire.TransientRoll: roll.AppendRoll(nil, entries), wire.TransientPersons: roll.AppendDetails(nil, persons)}
}

func byRange(in obj) obj {
	in["range"] = true
	return in
}

// ordered are people in the order of their references.
func ordered(from, to int) []int {
	var people []int
	for n := from; n < to; n++ {
		people = append(people, n)
	}
	slices.SortFunc(people, func(a, b int) int { return ref(a).Compare(ref(b)) })
	return people
}

// TestImportByRange: a chunk that reads a range finds the same people on the roll as one that asks for each.
func TestImportByRange(t *testing.T) {
	people := ordered(0, 12) // 0 to 4 are on the roll
	var rolls [2]string
	for i, in := range []obj{rollInput("dibao", 0, 1, 2), byRange(rollInput("dibao", 0, 1, 2))} {
		w := county5(t)
		if r := w.chunk(w.imports(in, rollOf(people...)), 7, 0); len(r) != 5 {
			t.Errorf("refused: %v", r)
		}
		w.chunk(w.imports(in, seen(roll.SeenSame, rollOf(people...))), 0, 12)
		for segment := range 3 {
			rolls[i] += string(w.Get(relief.RollKey("dibao", county, uint32(segment)).String()))
		}
	}
	if rolls[0] != rolls[1] {
		t.Error("the rolls differ")
	}
}

// TestPhantoms: who comes onto the roll between the people of a chunk after its range was read makes it invalid; nobody else does.
func TestPhantoms(t *testing.T) {
	people := ordered(20, 25)
	for between, want := range map[int]bool{people[2]: true, people[0]: false, people[4]: false} {
		w := county5(t)
		two := rollOf(people[1], people[3])
		first, err1 := w.Endorse(provinceApprover, "roll:Import", args(w.confirmedImport(rollInput("dibao", 2), rollOf(between))), rollOf(between))
		second, err2 := w.Endorse(provinceApprover, "roll:Import", args(w.confirmedImport(byRange(rollInput("dibao", 3)), two)), two)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if results := w.Commit(first, second); results[0].Err() != nil || conflict(results[1].Err()) != want {
			t.Errorf("%v, %v: want a conflict: %t", results[0].Err(), results[1].Err(), want)
		}
	}
}

// TestARangeIsBounded: where many stand between the people of a chunk, they are asked for one by one.
func TestARangeIsBounded(t *testing.T) {
	w := county5(t)
	large := programmeInput("tekun", 1, 1000)
	large["region"] = county
	w.do(civilPreparer, "programme:Draft", large)
	w.do(financeApprover, "programme:Enact", obj{"id": "tekun", "version": 1})
	people := ordered(0, 1100)
	w.imports(byRange(rollInput("tekun", 0, 1)), rollOf(people...))
	ends := rollOf(people[0], people[1099])
	if e := w.importRefused(relief.CodeInvalid, byRange(rollInput("tekun", 0, 1)), ends); e.Field != "range" {
		t.Errorf("refused for %q", e.Field)
	}
	w.chunk(w.imports(rollInput("tekun", 0, 1), seen(roll.SeenSame, ends)), 0, 2)
}
